//! The list of recurring jobs: what fires when, in words and in time.

use std::sync::Arc;

use axum::extract::State as Shares;
use jiff::Timestamp;
use jobs_runtime::storage::{Owner, RecurringRecord};
use jobs_schedule::{Cron, parse_zone};
use maud::{Markup, html};

use super::{
    Page, Place,
    part::{self, Column, Icon, Table, Tone, ago, badge, shown},
};
use crate::{
    live::{Pulse, length},
    shared::Shared,
    web::{Fault, Html, Visit},
};

/// What declares one.
const DECLARE: &str = r#"#[recurring("0 8 * * MON", tz = "Europe/Istanbul")]
#[job]
async fn weekly_digest() {}"#;

/// So many runs to come are shown.
const NEXT: usize = 3;

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let mut jobs = shared.client.recurring_jobs().await?;
    jobs.retain(|job| visit.gate.sees(&job.spec.template.queue));
    Ok(Html(page(&visit, &pulse, &jobs)))
}

/// The page of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, jobs: &[RecurringRecord]) -> Markup {
    let page = Page::new(visit, visit.text().recurring.title).at(Place::Recurring).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
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
