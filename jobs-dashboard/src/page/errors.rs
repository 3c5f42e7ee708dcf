//! The list of errors: groups of failures that are alike.

use std::sync::Arc;

use axum::extract::State as Shares;
use jiff::Timestamp;
use jobs_runtime::{
    ErrorId, State,
    storage::{ErrorFilter, ErrorRecord},
};
use maud::{Markup, html};

use super::{
    Page, Place, job,
    jobs::Query,
    part::{self, Column, Pager, Table, Topic, ago, clipped, region, shown, updates},
};
use crate::{
    live::Pulse,
    policy::Role,
    shared::Shared,
    web::{Fault, Html, Link, Params, Visit},
};

/// So many groups are on a page.
const GROUPS: u32 = 50;
/// So many characters of a first line are shown, and of a whole error.
const LINE: usize = 300;
const WHOLE: usize = 3_000;

/// What a page of the list shows.
pub(crate) struct View {
    /// Only errors of this kind.
    pub(crate) kind: Option<String>,
    pub(crate) errors: Vec<ErrorRecord>,
    /// Where the next page begins, and whether this is not the first.
    pub(crate) next: Option<(Timestamp, ErrorId)>,
    pub(crate) is_later: bool,
}

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let view = View::read(&visit, &params, GROUPS).await?;
    Ok(Html(page(&visit, &pulse, &view)))
}

impl View {
    /// The page of at most `limit` groups that an address asks for, with nothing of queues that the visitor does not see.
    ///
    /// # Errors
    /// [`Fault::Bad`] for a place that is none; else what the client says.
    pub(crate) async fn read(visit: &Visit, params: &Params, limit: u32) -> Result<Self, Fault> {
        let kind = params.text("kind").map(str::to_owned);
        let place = params.text("before").map(place).transpose()?;
        let mut filter = ErrorFilter::new().limit(limit);
        if let Some(kind) = &kind {
            filter = filter.kind(kind);
        }
        if let Some((last_at, id)) = place {
            filter = filter.before_place(last_at, id);
        }
        let asked = format!("errors {filter:?}");
        let errors = visit.shared.live.reading(asked, visit.shared.client.errors(filter)).await?.to_vec();
        let is_full = errors.len() >= limit as usize;
        let errors = seen(visit, errors).await?;
        // The last that is seen: where a page ends tells nothing of the others.
        let next = errors.last().filter(|_| is_full).map(|last| (last.last_at, last.id));
        Ok(Self { kind, errors, next, is_later: place.is_some() })
    }

    /// The word for where the next page begins.
    pub(crate) fn next_word(&self) -> Option<String> {
        self.next.map(|(at, id)| format!("{}.{id}", at.as_microsecond()))
    }
}

/// The groups whose text the visitor may read. It is that of the last job, so that job's queue decides; of a job that is gone nobody
/// knows the queue any more.
async fn seen(visit: &Visit, errors: Vec<ErrorRecord>) -> Result<Vec<ErrorRecord>, Fault> {
    if visit.gate.on_all(Role::Read, &[]) {
        return Ok(errors);
    }
    let mut seen = Vec::new();
    for error in errors {
        match visit.shared.client.job(error.last_job).record().await {
            Ok(job) if visit.gate.sees(&job.queue) => seen.push(error),
            Ok(_) | Err(jobs_runtime::Error::NoJob(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(seen)
}

/// The place of a page in the list: the microsecond and the group of the error before it.
///
/// # Errors
/// [`Fault::Bad`] for what is none.
fn place(word: &str) -> Result<(Timestamp, ErrorId), Fault> {
    let parts = word
        .split_once('.')
        .and_then(|(at, id)| Some((Timestamp::from_microsecond(at.parse().ok()?).ok()?, id.parse::<ErrorId>().ok()?)));
    parts.ok_or_else(|| {
        Fault::Bad(format!(
            "`before`: `{}` is no place in the list of errors; begin at its first page",
            part::line(word)
        ))
    })
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, view: &View) -> Markup {
    let page = Page::new(visit, visit.text().errors.title).at(Place::Errors).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        (filters(visit, pulse, view))
        (updates(visit, Topic::Totals, &["errors"]))
        section.panel { (region("errors", list(visit, pulse, view))) }
    };
    page.html(content)
}

fn filters(visit: &Visit, pulse: &Pulse, view: &View) -> Markup {
    let text = &visit.text().jobs;
    let seen = pulse.totals.iter().filter(|total| visit.gate.sees(&total.queue));
    let mut kinds: Vec<_> = seen.map(|total| &*total.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let chosen = view.kind.as_deref().map(part::line);
    html! {
        form.panel.filters role="search" aria-label=(text.filters) method="get" action=(visit.base.to("/errors")) {
            div.field {
                label for="f-kind" { (visit.text().part.kind) }
                input #f-kind data-filter name="kind" list="kinds" value=[chosen] placeholder=(text.any) autocomplete="off";
                datalist #kinds { @for kind in kinds { option value=(part::line(kind)); } }
            }
            div.actions {
                button.main { (text.filter) }
                @if view.kind.is_some() { a.button href=(visit.base.to("/errors")) { (text.clear) } }
            }
        }
    }
}

fn list(visit: &Visit, pulse: &Pulse, view: &View) -> Markup {
    let text = &visit.text().errors;
    let first = || match &view.kind {
        Some(kind) => visit.base.to("/errors").query("kind", kind),
        None => visit.base.to("/errors"),
    };
    let pager =
        Pager { newer: view.is_later.then(first), older: view.next_word().map(|place| first().query("before", place)) };
    html! {
        @if !view.errors.is_empty() {
            (table(visit, &view.errors))
        } @else if view.kind.is_some() || view.is_later || view.next.is_some() {
            (part::empty(text.none_fits, text.none_fits_how, None))
        } @else {
            (part::empty(text.empty, &(text.empty_how)(pulse.count_of(State::Succeeded, &visit.gate)), None))
        }
        (pager.html(visit))
    }
}

fn table(visit: &Visit, errors: &[ErrorRecord]) -> Markup {
    let text = &visit.text().errors;
    let columns = [
        Column::words(text.error),
        Column::words(visit.text().part.kind),
        Column::numbers(text.count),
        Column::words(text.first),
        Column::words(text.last),
        Column::words(text.failed_jobs),
    ];
    let mut table = Table::new(&columns).caption(html! { (text.caption) });
    for error in errors {
        table.row([
            words(visit, error),
            html! { a href=(of_kind(visit, &error.kind)) { (shown(&error.kind)) } },
            html! { (visit.lang.count(error.count)) },
            ago(visit, error.first_at),
            html! {
                (ago(visit, error.last_at))
                div.small { a href=(job::link(&visit.base, error.last_job)) { (text.last_job) } }
            },
            jobs(visit, error),
        ]);
        table.keyed(error.id);
    }
    table.html()
}

/// Where a group is shown, among the others of its kind.
pub(crate) fn link(visit: &Visit, kind: &str, id: ErrorId) -> String {
    format!("{}#row-{id}", of_kind(visit, kind))
}

fn of_kind(visit: &Visit, kind: &str) -> Link {
    visit.base.to("/errors").query("kind", kind)
}

/// The first line of the last error, and all of it behind.
fn words(visit: &Visit, error: &ErrorRecord) -> Markup {
    let (first, rest) = error.sample.split_once('\n').unwrap_or((&error.sample, ""));
    let first = if first.trim().is_empty() { &error.title } else { first };
    html! {
        span.reason { (clipped(visit, first, LINE)) }
        @if !rest.trim().is_empty() {
            details id={ "error-" (error.id) } {
                summary { (visit.text().errors.whole) }
                pre tabindex="0" { (clipped(visit, &error.sample, WHOLE)) }
            }
        }
    }
}

/// The jobs that failed so for good, and what can be done to all of them.
fn jobs(visit: &Visit, error: &ErrorRecord) -> Markup {
    let text = &visit.text().errors;
    let query = Query { error: Some(error.id), kinds: vec![error.kind.clone()], ..Query::of(State::Failed) };
    html! {
        a href=(query.link(&visit.base)) { (text.failed_jobs) }
        @if visit.gate.on_all(Role::Admin, &[]) {
            div.small { a href=(query.extend(visit.base.to("/operations/new"))) { (text.act_on_all) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_none_is_named() {
        let id = ErrorId::of("mail", "no mailbox");
        let at = Timestamp::from_second(1_700_000_000).expect("an instant");
        assert_eq!(place(&format!("{}.{id}", at.as_microsecond())), Ok((at, id)));
        for word in ["", "7", "7.", "x.y", &format!("{}.{id}", i64::MAX), "7.<b>"] {
            assert!(matches!(place(word), Err(Fault::Bad(text)) if text.contains(word)), "{word}");
        }
    }
}
