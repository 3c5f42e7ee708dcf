//! The lists of jobs: one state at a time, filtered, by pages of an index.

mod query;
mod rows;

use std::sync::Arc;

use axum::{
    extract::State as Shares,
    response::{IntoResponse, Redirect, Response},
};
use jobs_runtime::{
    JobId, State,
    storage::{JobFilter, JobPage},
};
use maud::{Markup, html};

pub(crate) use self::{
    query::{Query, field, read},
    rows::args,
};
use super::{
    Page, Place,
    part::{self, Confirm, Icon, Pager, Tone, Topic, region, shown, updates},
};
use crate::{
    act::{Act, Told},
    live::{Pulse, length},
    policy::Role,
    shared::Shared,
    web::{Fault, Form, Html, Params, Visit},
};

/// So many ticked jobs are acted on at once; more are a matter of an operation.
const TICKED: usize = 200;
/// What can be done to ticked jobs, by words of [`Act`].
const BULK: [&str; 4] = ["requeue", "run_now", "cancel", "delete"];
/// What of that is asked about once more.
const ASKED: [&str; 2] = ["cancel", "delete"];

/// Shows a page of a list.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let (query, jobs) = listed(&visit, &pulse, &params).await?;
    Ok(Html(page(&visit, &pulse, &query, &jobs, Told::of(&params))))
}

/// The page of a list that an address asks for, with nothing of queues that the visitor does not see.
///
/// # Errors
/// [`Fault::Bad`] for what cannot be meant; [`Fault::Forbidden`] for a queue that the visitor does not see; else what the client says.
pub(crate) async fn listed(visit: &Visit, pulse: &Pulse, params: &Params) -> Result<(Query, JobPage), Fault> {
    let query = Query::parse(params)?;
    let jobs = read_page(visit, pulse, &query, params).await?;
    Ok((query, jobs))
}

/// The page of a list that is asked for, with nothing of queues that the visitor does not see.
///
/// # Errors
/// Those of [`listed`].
pub(super) async fn read_page(visit: &Visit, pulse: &Pulse, query: &Query, params: &Params) -> Result<JobPage, Fault> {
    for queue in &query.queues {
        visit.gate.on(queue)?;
    }
    match narrowed(visit, pulse, query, query.page(params)?) {
        Some(filter) => {
            let is_narrow = !visit.gate.sees_every_queue();
            // Who may not be told where it stopped cannot go on from there.
            let filter = if is_narrow { filter.look(JobFilter::LOOK_MOST) } else { filter };
            let asked = format!("jobs {filter:?}");
            let page = visit.shared.live.reading(asked, visit.shared.client.jobs(filter)).await?;
            Ok(if is_narrow { discreet(&page) } else { JobPage::clone(&page) })
        }
        None => Ok(JobPage::default()),
    }
}

/// The same filter for who does not see every queue: what is in the others must not show, not even in where a page ends. `None` where
/// they see no queue that holds jobs.
fn narrowed(visit: &Visit, pulse: &Pulse, query: &Query, filter: JobFilter) -> Option<JobFilter> {
    if !query.queues.is_empty() || visit.gate.on_all(Role::Read, &[]) {
        return Some(filter);
    }
    let seen: Vec<_> = pulse.queues(&visit.gate).into_keys().take(JobFilter::NAMES).collect();
    (!seen.is_empty()).then(|| seen.into_iter().fold(filter, JobFilter::queue))
}

/// The same page without what was looked at in other queues: how much it was, and where the search stopped.
fn discreet(page: &JobPage) -> JobPage {
    let mut page = page.clone();
    page.looked = u32::try_from(page.jobs.len()).unwrap_or(u32::MAX);
    if page.stopped || page.jobs.is_empty() {
        (page.previous, page.next) = (None, None);
    }
    page
}

/// Acts on ticked jobs.
pub(crate) async fn act(Shares(shared): Shares<Shared>, visit: Visit, Form(form): Form) -> Result<Response, Fault> {
    let query = Query::parse(&form)?;
    let word = form.text("act").unwrap_or_default();
    if !BULK.contains(&word) {
        return Err(Fault::Bad(format!("ticked jobs take one of {}", BULK.join(", "))));
    }
    let act = Act::parse(&form)?;
    let ids = form.all("job").take(TICKED).map(id).collect::<Result<Vec<_>, _>>()?;
    if ASKED.contains(&word) && !ids.is_empty() && form.text("confirmed") != Some("yes") {
        let pulse = shared.live.pulse().await?;
        return Ok(Html(question(&visit, &pulse, &query, word, &ids)).into_response());
    }
    let (mut done, of) = (0, length(ids.len()));
    for id in ids {
        // One by one: each is a transaction with a note of its own, and one that is gone by now stops no other.
        match shared.client.job(id).record().await {
            // One that the visitor may not act on was not done; the others are.
            Ok(job) if !visit.gate.may_on(Role::Operate, &job.queue) => {}
            Ok(job) => done += i64::from(act.carry_out(&visit, &job).await?),
            Err(jobs_runtime::Error::NoJob(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let link = Told::Many { done, of }.extend(query.link(&visit.base));
    Ok(Redirect::to(&link.to_string()).into_response())
}

fn question(visit: &Visit, pulse: &Arc<Pulse>, query: &Query, word: &str, ids: &[JobId]) -> Markup {
    let label = Act::label(visit.text(), word);
    let place = if query.is_retries() { Place::Retries } else { Place::Jobs };
    let page = Page::new(visit, label).at(place).pulse(pulse);
    let mut fields = query.fields();
    fields.push(("act", word.to_owned()));
    fields.extend(ids.iter().map(|id| ("job", id.to_string())));
    let confirm = Confirm {
        action: visit.base.to("/jobs"),
        back: query.link(&visit.base),
        what: html! { ((visit.text().jobs.ask_ticked)(length(ids.len()), label)) },
        word: label,
        tone: Tone::Bad,
        fields,
    };
    let content = html! { (page.heading(html! {})) (confirm.html(visit)) };
    page.html(content)
}

/// The id of a job.
///
/// # Errors
/// [`Fault::Bad`] for what is none.
pub(crate) fn id(text: &str) -> Result<JobId, Fault> {
    text.parse::<JobId>().map_err(|error| Fault::Bad(error.to_string()))
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, query: &Query, jobs: &JobPage, told: Option<Told>) -> Markup {
    let page = Page::new(visit, visit.text().jobs.title).at(Place::Jobs).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        @if let Some(told) = told { (told.html(visit)) }
        // A search is not repeated by itself: it may have looked at thousands of jobs.
        (updates(visit, Topic::Totals, if query.is_search() { &["states"] } else { &["states", "jobs"] }))
        (region("states", states(visit, pulse, query)))
        (filters(visit, pulse, query, Place::Jobs))
        section.panel { (region("jobs", list(visit, query, jobs))) }
    };
    page.html(content)
}

fn states(visit: &Visit, pulse: &Pulse, query: &Query) -> Markup {
    let words = visit.text().part.state;
    let of =
        |state| Query { state, parked: query.parked && state == State::Enqueued, ..query.clone() }.link(&visit.base);
    html! {
        nav.tabs.states aria-label=(visit.text().jobs.states) {
            @for state in State::ALL {
                a href=(of(state)) aria-current=[(state == query.state).then_some("page")] {
                    (Icon::of(state)) ((words)(state)) " "
                    span.count { (visit.lang.count(pulse.count_of(state, &visit.gate))) }
                }
            }
        }
    }
}

/// The filters, as a form that leads to the list of jobs or to that of retries.
pub(super) fn filters(visit: &Visit, pulse: &Pulse, query: &Query, place: Place) -> Markup {
    let (text, part) = (&visit.text().jobs, &visit.text().part);
    let mut kinds: Vec<_> =
        pulse.totals.iter().filter(|total| visit.gate.sees(&total.queue)).map(|total| &*total.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let queues: Vec<_> = pulse.queues(&visit.gate).into_keys().collect();
    let first = |names: &[String]| names.first().cloned().unwrap_or_default();
    let hidden = query.kinds.iter().skip(1).map(|kind| ("kind", kind));
    let hidden = hidden.chain(query.queues.iter().skip(1).map(|queue| ("queue", queue)));
    let of_retries = place == Place::Retries;
    let clear = if of_retries { query.plain() } else { Query::of(query.state) };
    let action = if of_retries { "/retries" } else { "/jobs" };
    html! {
        form.panel.filters role="search" aria-label=(text.filters) method="get" action=(visit.base.to(action)) {
            @if !of_retries { input type="hidden" name="state" value=(query.state.as_str()); }
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            @if let Some(error) = query.error { input type="hidden" name="error" value=(error.to_string()); }
            div.field {
                label for="f-kind" { (part.kind) }
                input #f-kind data-filter name="kind" list="kinds" value=(first(&query.kinds)) placeholder=(text.any) autocomplete="off";
                datalist #kinds { @for kind in kinds { option value=(part::line(kind)); } }
            }
            div.field {
                label for="f-queue" { (part.queue) }
                input #f-queue name="queue" list="queues" value=(first(&query.queues)) placeholder=(text.any) autocomplete="off";
                datalist #queues { @for queue in queues { option value=(part::line(queue)); } }
            }
            div.field {
                label for="f-text" { (text.search) }
                input #f-text type="search" name="q" value=[query.text.as_deref()] title=(text.search_hint) autocomplete="off";
            }
            div.field {
                label for="f-from" { (text.created_from) }
                input #f-from type="datetime-local" name="from" value=[query.created.from.map(field)];
            }
            div.field {
                label for="f-until" { (text.created_until) }
                input #f-until type="datetime-local" name="until" value=[query.created.until.map(field)];
            }
            @if !of_retries {
                div.checks {
                    label { input type="checkbox" name="retried" value="yes" checked[query.retried]; " " (text.retried) }
                    @if query.state == State::Enqueued {
                        label { input type="checkbox" name="parked" value="yes" checked[query.parked]; " " (text.parked) }
                    }
                }
            }
            div.actions {
                button.main { (text.filter) }
                @if *query != (Query { limit: query.limit, ..clear.clone() }) { a.button href=(clear.link(&visit.base)) { (text.clear) } }
            }
            @if let Some(error) = query.error {
                p.wide-row { (part::badge(part::Tone::Bad, Icon::Failed, text.of_error)) " " code { (error.to_string()) } }
            }
        }
    }
}

/// The page of a list, with what can be done to its jobs.
pub(super) fn list(visit: &Visit, query: &Query, jobs: &JobPage) -> Markup {
    let text = &visit.text().jobs;
    let at = |place: &Option<_>| {
        place.map(|place: jobs_runtime::storage::ListPlace| query.link(&visit.base).query("at", place))
    };
    let pager = Pager { newer: at(&jobs.previous), older: at(&jobs.next) };
    let acts = BULK.iter().any(|word| Act::of_word(word, query.state)) && visit.gate.best() >= Role::Operate;
    html! {
        @if jobs.stopped {
            p.notice {
                ((text.stopped)(jobs.looked.into())) " "
                @if let Some(link) = &pager.older {
                    a href=(link) { (text.go_on) } " \u{b7} "
                    a href=(link.clone().query("look", query::LOOK_FAR)) { ((text.go_far)(query::LOOK_FAR.into())) }
                }
            }
        }
        @if jobs.unread > 0 { p.notice { ((text.unread)(jobs.unread.into())) } }
        @if jobs.jobs.is_empty() {
            @if query.is_narrow() {
                (part::empty(text.none_fits, text.none_fits_how, None))
            } @else if query.is_retries() {
                (part::empty(visit.text().retries.none, visit.text().retries.none_how, None))
            } @else {
                (part::empty(&(text.none)((visit.text().part.state)(query.state)), text.none_how, None))
            }
        } @else if acts {
            form method="post" action=(visit.base.to("/jobs")) {
                @for (name, value) in query.fields() { input type="hidden" name=(name) value=(value); }
                (bulk(visit, query))
                (rows::table(visit, query, &jobs.jobs, true))
            }
        } @else {
            (rows::table(visit, query, &jobs.jobs, false))
        }
        (pager.html(visit))
    }
}

fn bulk(visit: &Visit, query: &Query) -> Markup {
    let text = &visit.text().jobs;
    html! {
        div.actions.bulk {
            label.only-js.tick-all { input type="checkbox" data-tick-all; " " (text.tick_all) }
            span.muted { (text.ticked) }
            @for word in BULK.iter().filter(|word| Act::of_word(word, query.state)) {
                button name="act" value=(word) { (Act::label(visit.text(), word)) }
            }
            // Servers cannot read the arguments, so that no operation looks for a text.
            @if query.text.is_none() && visit.gate.on_all(Role::Admin, &query.queues) {
                a.button href=(query.extend(visit.base.to("/operations/new"))) { (text.all_matching) }
            }
        }
    }
}

/// The link to a job, by its kind.
pub(crate) fn link(visit: &Visit, id: JobId, kind: &str) -> Markup {
    html! { a href=(visit.base.to("/jobs").segment(&id.to_string())) { (shown(kind)) } }
}
