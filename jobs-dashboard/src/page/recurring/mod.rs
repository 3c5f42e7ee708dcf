//! The list of recurring jobs, what can be done to one, and its page.

mod edit;
mod one;
mod times;

use std::sync::Arc;

use axum::{
    extract::State as Shares,
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use jobs_runtime::{
    Error,
    storage::{Owner, PauseTarget, RecurringRecord},
};
use maud::{Markup, html};

use self::times::{When, schedule};
pub(crate) use self::{
    edit::{Typed, page as edit_page},
    one::{View, page as one_page},
};
use super::{
    Page, Place,
    glance::{self, Hold},
    job,
    part::{self, Column, Confirm, Icon, Table, Tone, ago, badge, line, shown},
};
use crate::{
    act::{Told, operator},
    live::{Pulse, length},
    policy::Role,
    shared::Shared,
    web::{Base, Fault, Form, Html, LONGEST, Link, Params, Segment, Visit},
};

/// What declares one.
const DECLARE: &str = r#"#[recurring("0 8 * * MON", tz = "Europe/Istanbul")]
#[job]
async fn weekly_digest() {}"#;

/// So many runs to come are shown.
const NEXT: usize = 3;

/// Shows the list, or the one that the address names behind the question mark.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    if let Some(id) = params.all("id").next() {
        return one(&shared, &visit, id, &params).await;
    }
    let pulse = shared.live.pulse().await?;
    let mut jobs = shared.client.recurring_jobs().await?;
    jobs.retain(|job| visit.gate.sees(&job.spec.template.queue));
    Ok(Html(page(&visit, &pulse, &jobs, Told::of(&params))))
}

/// Shows one.
pub(crate) async fn show_one(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    Segment(id): Segment,
    params: Params,
) -> Result<Html, Fault> {
    one(&shared, &visit, &id, &params).await
}

async fn one(shared: &Shared, visit: &Visit, id: &str, params: &Params) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let job = seen(shared, visit, id).await?;
    let told = Told::of(params);
    if params.text("edit").is_some() {
        visit.gate.must(Role::Operate, &job.spec.template.queue)?;
        return Ok(Html(edit_page(visit, &pulse, &job, Typed::of(params).as_ref(), told)));
    }
    let mut runs = shared.client.recurring(id).runs(one::RUNS).await?;
    let is_last_gone =
        runs.len() < one::RUNS as usize && job.last_job.is_some_and(|last| runs.iter().all(|(run, _)| run.job != last));
    // A run may have been moved to another queue, and of one that is gone nobody knows the queue any more.
    runs.retain(|(_, job)| match job {
        Some(job) => visit.gate.sees(&job.queue),
        None => visit.gate.sees_every_queue(),
    });
    Ok(Html(one_page(visit, &pulse, &View { job, runs, is_last_gone }, told)))
}

/// One whose queue the visitor does not see is not there.
async fn seen(shared: &Shared, visit: &Visit, id: &str) -> Result<RecurringRecord, Fault> {
    let job = shared.client.recurring(id).get().await?;
    match visit.gate.sees(&job.spec.template.queue) {
        true => Ok(job),
        false => Err(Error::NoRecurring(id.to_owned()).into()),
    }
}

/// Where a recurring job is shown.
pub(crate) fn link(base: &Base, id: &str) -> Link {
    let list = base.to("/recurring");
    match id {
        // One that is too long for an address is none that this library stores.
        id if id.len() > LONGEST => list,
        id if is_query(id) => list.query("id", id),
        id => list.segment(id),
    }
}

/// Whether an id stands behind the question mark: as a segment of a path it would be none, or lead elsewhere.
fn is_query(id: &str) -> bool {
    matches!(id, "" | "." | "..")
}

/// What can be done to a recurring job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Run,
    Hold(Hold),
    Skip,
    Alter,
    Reset,
    Remove,
}

impl Act {
    fn parse(form: &Params) -> Result<Self, Fault> {
        match form.text("act") {
            Some("run") => Ok(Self::Run),
            Some("skip") => Ok(Self::Skip),
            Some("alter") => Ok(Self::Alter),
            Some("reset") => Ok(Self::Reset),
            Some("remove") => Ok(Self::Remove),
            word => {
                let hold = word.and_then(Hold::parse).map(Self::Hold);
                hold.ok_or_else(|| glance::unknown(form, "run, pause, resume, skip, alter, reset, remove"))
            }
        }
    }

    /// Those that have a button on the page of a recurring job. What the code declares would come back.
    fn fitting(job: &RecurringRecord) -> Vec<Self> {
        let fits = |act: &Self| match act {
            Self::Skip => job.next_at.is_some(),
            Self::Reset => job.of_code.is_some(),
            Self::Remove => job.spec.owner == Owner::Runtime || job.orphaned,
            _ => true,
        };
        let all = [Self::Run, Self::Hold(Hold::next(job.pause.as_ref())), Self::Skip, Self::Reset, Self::Remove];
        all.into_iter().filter(fits).collect()
    }

    fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Hold(hold) => hold.word(),
            Self::Skip => "skip",
            Self::Alter => "alter",
            Self::Reset => "reset",
            Self::Remove => "remove",
        }
    }

    fn label(self, visit: &Visit) -> &'static str {
        match self {
            Self::Run => visit.text().recurring.run_now,
            Self::Hold(hold) => hold.label(visit),
            Self::Skip => visit.text().recurring.skip_next,
            Self::Alter => visit.text().schedule.edit,
            Self::Reset => visit.text().schedule.reset,
            Self::Remove => visit.text().schedule.remove,
        }
    }
}

/// Acts on a recurring job of the list, once the visitor has been asked.
pub(crate) async fn act(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    params: Params,
    Form(form): Form,
) -> Result<Response, Fault> {
    let id = match params.all("id").next() {
        Some(id) => id,
        None => glance::named(&params, "id")?,
    };
    acted(&shared, &visit, id, &form, visit.base.to("/recurring")).await
}

/// The same on its page.
pub(crate) async fn act_on_one(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    Segment(id): Segment,
    Form(form): Form,
) -> Result<Response, Fault> {
    acted(&shared, &visit, &id, &form, link(&visit.base, &id)).await
}

/// Does it, and leads to where the visitor came from.
async fn acted(shared: &Shared, visit: &Visit, id: &str, form: &Params, back: Link) -> Result<Response, Fault> {
    let act = Act::parse(form)?;
    let job = seen(shared, visit, id).await?;
    visit.gate.must(Role::Operate, &job.spec.template.queue)?;
    let typed = |link: Link| {
        let said = |name| form.text(name).unwrap_or_default();
        link.query("edit", "yes").query("cron", said("cron")).query("zone", said("zone"))
    };
    if form.text("confirmed") != Some("yes") {
        if act == Act::Alter {
            // It is asked about beside its preview.
            return Ok(Redirect::to(&typed(link(&visit.base, id)).to_string()).into_response());
        }
        let pulse = shared.live.pulse().await?;
        return Ok(Html(question(visit, &pulse, act, &job, back)).into_response());
    }
    let by = operator(visit, form.text("reason").unwrap_or_default());
    let one = |done| Told::One { done };
    let link = match act {
        // What it has stored is what the visitor wants to see.
        Act::Run => job::link(&visit.base, by.trigger(id).await?.id()),
        Act::Hold(hold) => hold.carry_out(visit, PauseTarget::Recurring(id.into()), form).await?.extend(back),
        // It may have fired since the question, and then the visitor meant that time.
        Act::Skip if form.text("next") != next_word(&job).as_deref() => one(false).extend(back),
        Act::Skip => one(by.skip_next(id).await?).extend(back),
        Act::Alter => {
            let raw = |name| form.all(name).next().unwrap_or_default();
            let (cron, zone) = (form.text("cron").unwrap_or_default(), form.text("zone").unwrap_or_default());
            let done = by.alter_recurring_if(id, (raw("was_cron"), raw("was_zone")), cron, zone).await?;
            let page = link(&visit.base, id);
            one(done).extend(if done { page } else { typed(page) })
        }
        Act::Reset => one(by.reset_recurring(id).await?).extend(back),
        Act::Remove => one(by.remove_recurring(id).await?).extend(visit.base.to("/recurring")),
    };
    Ok(Redirect::to(&link.to_string()).into_response())
}

/// Where the forms of the list go.
fn action(visit: &Visit, job: &RecurringRecord) -> Link {
    let list = visit.base.to("/recurring");
    if job.spec.id.len() > LONGEST { list } else { list.query("id", &job.spec.id) }
}

/// The next time as forms carry it.
fn next_word(job: &RecurringRecord) -> Option<String> {
    job.next_at.map(|at| at.as_microsecond().to_string())
}

fn question(visit: &Visit, pulse: &Arc<Pulse>, act: Act, job: &RecurringRecord, back: Link) -> Markup {
    let (text, schedule) = (&visit.text().recurring, &visit.text().schedule);
    let page = Page::new(visit, act.label(visit)).at(Place::Recurring).pulse(pulse);
    let id = line(&job.spec.id);
    let of_code = job.spec.owner == Owner::Code;
    let (what, tone) = match act {
        Act::Run => (html! { ((text.ask_run)(&id)) }, Tone::Good),
        Act::Hold(hold @ Hold::Pause) => (hold.ask(visit, &(text.ask_pause)(&id)), Tone::Warn),
        Act::Hold(hold @ Hold::Resume) => (hold.ask(visit, &(text.ask_resume)(&id)), Tone::Good),
        Act::Skip => (html! { ((text.ask_skip)(&id)) }, Tone::Warn),
        Act::Alter | Act::Reset => (html! { ((schedule.ask_reset)(&id)) }, Tone::Warn),
        Act::Remove if of_code => (html! { ((schedule.ask_remove_code)(&id)) }, Tone::Bad),
        Act::Remove => (html! { ((schedule.ask_remove)(&id)) }, Tone::Bad),
    };
    // The list names the one that is meant behind the question mark.
    let list = visit.base.to("/recurring");
    let confirm = Confirm {
        action: if back == list { action(visit, job) } else { back.clone() },
        back,
        what,
        word: act.label(visit),
        tone,
        fields: [("act", act.word().to_owned())].into_iter().chain(next_word(job).map(|next| ("next", next))).collect(),
    };
    let content = html! { (page.heading(html! {})) (confirm.html(visit)) };
    page.html(content)
}

fn buttons(visit: &Visit, job: &RecurringRecord) -> Markup {
    let acts = [Act::Run, Act::Hold(Hold::next(job.pause.as_ref())), Act::Skip];
    let fits = |act: &Act| *act != Act::Skip || job.next_at.is_some();
    html! {
        @if visit.gate.may_on(Role::Operate, &job.spec.template.queue) {
            form.actions method="post" action=(action(visit, job)) {
                @for act in acts.into_iter().filter(fits) { button name="act" value=(act.word()) { (act.label(visit)) } }
            }
        }
    }
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, jobs: &[RecurringRecord], told: Option<Told>) -> Markup {
    let page = Page::new(visit, visit.text().recurring.title).at(Place::Recurring).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        @if let Some(told) = told { (told.notice(visit, visit.text().recurring.too_late)) }
        section.panel { (list(visit, jobs)) }
    };
    page.html(content)
}

fn list(visit: &Visit, jobs: &[RecurringRecord]) -> Markup {
    let text = &visit.text().recurring;
    if jobs.is_empty() {
        return part::empty(text.empty, text.empty_how, Some(DECLARE));
    }
    let columns = [
        Column::words(text.id),
        Column::words(text.state),
        Column::words(text.schedule),
        Column::words(text.next),
        Column::words(text.last),
        Column::words(visit.text().part.kind),
    ];
    let count = length(jobs.len());
    let mut table = Table::new(&columns).caption(html! { ((text.caption)(count)) });
    for job in jobs {
        table.row([
            html! {
                a href=(link(&visit.base, &job.spec.id)) { (shown(&job.spec.id)) }
                div.small.muted { (match job.spec.owner { Owner::Code => text.of_code, Owner::Runtime => text.of_runtime }) }
                (buttons(visit, job))
            },
            state(visit, job),
            html! {
                (schedule(visit, &job.spec.cron, &job.spec.zone))
                @if job.of_code.is_some() { (badge(Tone::Info, Icon::Audit, visit.text().schedule.edited)) }
            },
            next(visit, job),
            html! { @match job.last_at { Some(at) => (ago(visit, at)), None => span.muted { (visit.text().part.never) } } },
            html! { (shown(&job.spec.template.kind)) div.small.muted { (shown(&job.spec.template.queue)) } },
        ]);
    }
    table.html()
}

fn state(visit: &Visit, job: &RecurringRecord) -> Markup {
    let text = &visit.text().recurring;
    html! {
        @if let Some(pause) = &job.pause {
            (badge(Tone::Warn, Icon::Pause, text.paused))
            @if !pause.reason.is_empty() { div.small { (shown(&pause.reason)) } }
            @if let Some(until) = pause.until { div.small { (ago(visit, until)) } }
        } @else if job.orphaned {
            (badge(Tone::Bad, Icon::Warn, text.orphaned))
            div.small.muted { (text.orphaned_why) }
        } @else if job.next_at.is_none() {
            (badge(Tone::Dim, Icon::Deleted, text.never_again))
        } @else {
            (badge(Tone::Good, Icon::Good, text.fires))
        }
    }
}

/// The next time is the stored one; those after it follow from the schedule.
fn next(visit: &Visit, job: &RecurringRecord) -> Markup {
    let Some(first) = job.next_at.filter(|_| !job.orphaned) else {
        return html! { span.muted { "\u{2013}" } };
    };
    html! { ul { @for at in std::iter::once(first).chain(after(job, first)) { li { (ago(visit, at)) } } } }
}

fn after(job: &RecurringRecord, first: Timestamp) -> Vec<Timestamp> {
    When::of(&job.spec.cron, &job.spec.zone).map(|when| when.after(first, NEXT - 1)).unwrap_or_default()
}
