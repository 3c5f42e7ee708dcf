//! The list of recurring jobs: what fires when, in words and in time.

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
use jobs_schedule::{Cron, parse_zone};
use maud::{Markup, html};

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
    web::{Fault, Form, Html, LONGEST, Link, Params, Visit},
};

/// What declares one.
const DECLARE: &str = r#"#[recurring("0 8 * * MON", tz = "Europe/Istanbul")]
#[job]
async fn weekly_digest() {}"#;

/// So many runs to come are shown.
const NEXT: usize = 3;

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let mut jobs = shared.client.recurring_jobs().await?;
    jobs.retain(|job| visit.gate.sees(&job.spec.template.queue));
    Ok(Html(page(&visit, &pulse, &jobs, Told::of(&params))))
}

/// What can be done to a recurring job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Run,
    Hold(Hold),
    Skip,
}

impl Act {
    fn parse(form: &Params) -> Result<Self, Fault> {
        match form.text("act") {
            Some("run") => Ok(Self::Run),
            Some("skip") => Ok(Self::Skip),
            word => {
                let hold = word.and_then(Hold::parse).map(Self::Hold);
                hold.ok_or_else(|| glance::unknown(form, "run, pause, resume, skip"))
            }
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Hold(hold) => hold.word(),
            Self::Skip => "skip",
        }
    }

    fn label(self, visit: &Visit) -> &'static str {
        match self {
            Self::Run => visit.text().recurring.run_now,
            Self::Hold(hold) => hold.label(visit),
            Self::Skip => visit.text().recurring.skip_next,
        }
    }
}

/// Acts on a recurring job, once the visitor has been asked.
pub(crate) async fn act(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    params: Params,
    Form(form): Form,
) -> Result<Response, Fault> {
    let act = Act::parse(&form)?;
    let id = glance::named(&params, "id")?;
    let job = shared.client.recurring(id).get().await?;
    let queue = &job.spec.template.queue;
    if !visit.gate.sees(queue) {
        return Err(Error::NoRecurring(id.to_owned()).into());
    }
    visit.gate.must(Role::Operate, queue)?;
    if form.text("confirmed") != Some("yes") {
        let pulse = shared.live.pulse().await?;
        return Ok(Html(question(&visit, &pulse, act, &job)).into_response());
    }
    let by = operator(&visit, form.text("reason").unwrap_or_default());
    let list = visit.base.to("/recurring");
    let link = match act {
        // What it has stored is what the visitor wants to see.
        Act::Run => job::link(&visit.base, by.trigger(id).await?.id()),
        Act::Hold(hold) => hold.carry_out(&visit, PauseTarget::Recurring(id.into()), &form).await?.extend(list),
        // It may have fired since the question, and then the visitor meant that time.
        Act::Skip if form.text("next") != next_word(&job).as_deref() => Told::One { done: false }.extend(list),
        Act::Skip => Told::One { done: by.skip_next(id).await? }.extend(list),
    };
    Ok(Redirect::to(&link.to_string()).into_response())
}

/// Where the forms of a recurring job go.
fn action(visit: &Visit, job: &RecurringRecord) -> Link {
    let list = visit.base.to("/recurring");
    // One that is too long for an address is none that this library stores.
    if job.spec.id.len() > LONGEST { list } else { list.query("id", &job.spec.id) }
}

/// The next time as forms carry it.
fn next_word(job: &RecurringRecord) -> Option<String> {
    job.next_at.map(|at| at.as_microsecond().to_string())
}

fn question(visit: &Visit, pulse: &Arc<Pulse>, act: Act, job: &RecurringRecord) -> Markup {
    let text = &visit.text().recurring;
    let page = Page::new(visit, act.label(visit)).at(Place::Recurring).pulse(pulse);
    let id = line(&job.spec.id);
    let (what, tone) = match act {
        Act::Run => (html! { ((text.ask_run)(&id)) }, Tone::Good),
        Act::Hold(hold @ Hold::Pause) => (hold.ask(visit, &(text.ask_pause)(&id)), Tone::Warn),
        Act::Hold(hold @ Hold::Resume) => (hold.ask(visit, &(text.ask_resume)(&id)), Tone::Good),
        Act::Skip => (html! { ((text.ask_skip)(&id)) }, Tone::Warn),
    };
    let confirm = Confirm {
        action: action(visit, job),
        back: visit.base.to("/recurring"),
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
                (shown(&job.spec.id))
                div.small.muted { (match job.spec.owner { Owner::Code => text.of_code, Owner::Runtime => text.of_runtime }) }
                (buttons(visit, job))
            },
            state(visit, job),
            schedule(visit, job),
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

/// In words, then as written. What an older or newer program has stored may not be readable for this one.
fn schedule(visit: &Visit, job: &RecurringRecord) -> Markup {
    let words = Cron::parse(&job.spec.cron).ok().map(|cron| cron.describe(visit.lang.of_schedules()));
    html! {
        @if let Some(words) = words { div { (words) } }
        div.small.muted { code { (shown(&job.spec.cron)) } " · " (shown(&job.spec.zone)) }
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
    match (Cron::parse(&job.spec.cron), parse_zone(&job.spec.zone)) {
        (Ok(cron), Ok(zone)) => cron.upcoming(first, &zone).take(NEXT - 1).collect(),
        _ => Vec::new(),
    }
}
