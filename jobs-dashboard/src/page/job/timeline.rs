//! What has happened to a job, oldest first.

use jiff::{SignedDuration, Timestamp};
use jobs_runtime::storage::{EventKind, EventRecord, JobRecord};
use maud::{Markup, html};

use crate::{
    page::part::{self, Icon, ago, clipped, exact},
    web::Visit,
};

/// So many characters of an error are shown.
const ERROR: usize = 20_000;
/// The last so many entries of a long history are shown.
const ENTRIES: usize = 100;
const LINES: usize = 500;

/// The timeline.
pub(super) fn html(visit: &Visit, job: &JobRecord, events: &[EventRecord]) -> Markup {
    let text = &visit.text().job;
    let told: Vec<_> = events.iter().filter(|event| event.what != EventKind::Log).collect();
    let left_out = told.len().saturating_sub(ENTRIES);
    let is_deleted = told.last().is_some_and(|event| event.what == EventKind::Deleted);
    // The last attempt began before what has happened in it.
    let begun = job.started_at.map_or(told.len(), |at| told.partition_point(|event| event.at < at));
    html! {
        section.panel aria-labelledby="timeline-title" {
            header { h2 #timeline-title { (text.timeline) } }
            ol.timeline {
                (step(visit, "s-info", Icon::Enqueued, job.created_at, text.created, html! {}))
                @if left_out > 0 { li.muted { "\u{2026} +" (visit.lang.count(crate::live::length(left_out))) } }
                @let (before, after) = told[left_out..].split_at(begun.saturating_sub(left_out));
                @for event in before { (entry(visit, event)) }
                @if let Some(at) = job.started_at {
                    @let waited = at.duration_since(job.due_at.max(job.created_at)).max(SignedDuration::ZERO);
                    (step(visit, "s-warn", Icon::Processing, at, text.started, html! {
                        span.muted.small { (text.waited) " " (part::span(visit, waited.unsigned_abs())) }
                    }))
                }
                @for event in after { (entry(visit, event)) }
                // Whoever deleted it has said so already.
                @if let Some(at) = job.finished_at.filter(|_| !is_deleted) {
                    (step(visit, part::class(job.state), Icon::of(job.state), at, (visit.text().part.state)(job.state), html! {
                        @if let Some(start) = job.started_at {
                            span.muted.small { (text.ran) " " (part::span(visit, at.duration_since(start).unsigned_abs())) }
                        }
                    }))
                }
            }
        }
    }
}

fn step(visit: &Visit, class: &str, icon: Icon, at: Timestamp, word: &str, more: Markup) -> Markup {
    html! {
        li.(class) {
            (icon)
            div { b { (word) } " " (more) div.small.muted { (exact(at)) " · " (ago(visit, at)) } }
        }
    }
}

fn entry(visit: &Visit, event: &EventRecord) -> Markup {
    let text = &visit.text().job;
    let (class, icon, word) = match event.what {
        EventKind::AttemptFailed => ("s-bad", Icon::Failed, text.failed),
        EventKind::Snoozed => ("s-scheduled", Icon::Scheduled, text.snoozed),
        EventKind::Rescued => ("s-warn", Icon::Warn, text.rescued),
        EventKind::Deleted => ("s-deleted", Icon::Deleted, text.deleted),
        EventKind::Requeued => ("s-enqueued", Icon::Enqueued, text.requeued),
        EventKind::Rescheduled => ("s-scheduled", Icon::Scheduled, text.rescheduled),
        EventKind::CancelRequested => ("s-warn", Icon::Pause, text.cancel_requested),
        EventKind::Moved => ("s-enqueued", Icon::Enqueued, text.moved),
        EventKind::Prioritized => ("s-enqueued", Icon::Enqueued, text.prioritized),
        EventKind::Edited => ("s-enqueued", Icon::Enqueued, text.edited),
        EventKind::Log => ("s-info", Icon::Enqueued, text.logs),
    };
    let more = html! {
        @if event.attempt > 0 { span.muted.small { ((text.attempt)(event.attempt.into())) } }
        // A move tells of another queue.
        @if !event.text.is_empty() && (event.what != EventKind::Moved || visit.gate.sees_every_queue()) {
            (chain(visit, &event.text))
        }
    };
    step(visit, class, icon, event.at, word, more)
}

/// An error with its causes: one is a sentence, the rest is there to be opened.
pub(super) fn chain(visit: &Visit, text: &str) -> Markup {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    html! {
        @if text.lines().nth(1).is_none() {
            p.error { (clipped(visit, first, ERROR)) }
        } @else {
            details.error {
                summary { (clipped(visit, first, 300)) }
                pre tabindex="0" { (clipped(visit, text, ERROR)) }
            }
        }
    }
}

/// The lines that the handler logged; nothing where there are none.
pub(super) fn logs(visit: &Visit, events: &[EventRecord]) -> Markup {
    let lines: Vec<_> = events.iter().filter(|event| event.what == EventKind::Log).collect();
    html! {
        @if !lines.is_empty() {
            section.panel aria-labelledby="logs-title" {
                header { h2 #logs-title { (visit.text().job.logs) } }
                ol.log tabindex="0" {
                    @for line in lines.iter().skip(lines.len().saturating_sub(LINES)) {
                        li { (exact(line.at)) " " (clipped(visit, &line.text, 2_000)) }
                    }
                }
            }
        }
    }
}
