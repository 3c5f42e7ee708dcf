//! The rows of a list of jobs.

use jobs_runtime::{ErrorId, State, storage::JobRecord};
use maud::{Markup, html};

use super::{Query, link};
use crate::{
    page::{
        errors,
        part::{self, Column, Table, ago, clipped, shown},
    },
    policy::Role,
    web::Visit,
};

/// So many characters of args or of an error are shown.
const PREVIEW: usize = 140;

/// The table of jobs in one state; where they wait for their next attempt, with the error of the last.
pub(super) fn table(visit: &Visit, query: &Query, jobs: &[JobRecord], with_ticks: bool) -> Markup {
    let (state, of_retries) = (query.state, query.is_retries());
    let (text, part) = (&visit.text().jobs, &visit.text().part);
    let columns = [
        Column::words(text.job),
        Column::words(part.queue),
        Column::words(if of_retries { visit.text().retries.error } else { text.what }),
        Column::numbers(text.attempts),
        Column::words(when(visit, state)),
    ];
    let mut table = Table::new(&columns);
    for job in jobs {
        table.row([
            name(visit, job, with_ticks && visit.gate.may_on(Role::Operate, &job.queue)),
            html! {
                (shown(&job.queue))
                @if job.priority != 0 { div.small.muted { ((text.priority)(job.priority.into())) } }
            },
            if of_retries { error(visit, job) } else { what(visit, job) },
            html! { (visit.lang.count(job.attempt.into())) " / " (visit.lang.count(job.max_attempts.into())) },
            time(visit, state, job),
        ]);
        table.keyed(job.id);
    }
    table.html()
}

fn name(visit: &Visit, job: &JobRecord, with_tick: bool) -> Markup {
    let id = job.id.to_string();
    html! {
        div.ticked {
            @if with_tick {
                input type="checkbox" name="job" value=(id) aria-label=((visit.text().jobs.tick)(&id));
            }
            div {
                (link(visit, job.id, &job.kind))
                div.small.muted.id { (id) }
                @if job.parked { div.small { (part::badge(part::Tone::Warn, part::Icon::Pause, visit.text().jobs.parked)) } }
            }
        }
    }
}

/// The first line of the last attempt's error, with a link to its group.
fn error(visit: &Visit, job: &JobRecord) -> Markup {
    let text = &visit.text().retries;
    let Some(reason) = &job.reason else { return html! { span.muted { (text.no_error) } } };
    let first = reason.lines().next().unwrap_or_default();
    let group = errors::link(visit, &job.kind, ErrorId::of(&job.kind, reason));
    html! {
        div.reason { (clipped(visit, first, PREVIEW)) }
        div.small { a href=(group) { (text.group) } }
    }
}

fn what(visit: &Visit, job: &JobRecord) -> Markup {
    html! {
        code.preview { (args(visit, job)) }
        @if let Some(reason) = &job.reason {
            @let first = reason.lines().next().unwrap_or_default();
            // Why somebody has deleted it is no error.
            @let is_error = job.state != State::Deleted;
            div.small.reason[is_error].muted[!is_error] { (clipped(visit, first, PREVIEW)) }
        }
        @if let Some((fraction, words)) = &job.progress {
            @let done = (fraction.clamp(0.0, 1.0) * 100.0) as u64;
            div { (part::progress(done, 100, words)) }
        }
    }
}

/// The args in one line, as far as they can be read.
pub(crate) fn args(visit: &Visit, job: &JobRecord) -> Markup {
    match visit.shared.client.args_json(job) {
        Ok(value) => clipped(visit, &value.to_string(), PREVIEW),
        Err(jobs_runtime::Error::Config(_)) => html! { span.muted { (visit.text().jobs.unknown_kind) } },
        Err(_) => html! { span.muted { (visit.text().jobs.unreadable) } },
    }
}

fn when(visit: &Visit, state: State) -> &'static str {
    let text = &visit.text().jobs;
    match state {
        State::Scheduled => text.due,
        State::Awaiting | State::Enqueued => text.created,
        State::Processing => text.started,
        State::Succeeded | State::Failed | State::Deleted => text.finished,
    }
}

fn time(visit: &Visit, state: State, job: &JobRecord) -> Markup {
    let at = match state {
        State::Scheduled => Some(job.due_at),
        State::Awaiting | State::Enqueued => Some(job.created_at),
        State::Processing => job.started_at,
        State::Succeeded | State::Failed | State::Deleted => job.finished_at,
    };
    html! {
        @if let Some(at) = at { (ago(visit, at)) }
        @if let (Some(start), Some(end)) = (job.started_at, job.finished_at) {
            @let took = end.duration_since(start).unsigned_abs();
            div.small.muted { (part::span(visit, took)) }
        }
    }
}
