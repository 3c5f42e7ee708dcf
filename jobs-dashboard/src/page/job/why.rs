//! Why a job is not running, in sentences.

use jiff::Timestamp;
use jobs_runtime::{
    Reason, State, Why,
    flow::Condition,
    storage::{Pause, PauseTarget},
};
use maud::{Markup, html};

use super::flow;
use crate::{
    live::length,
    page::part::{Icon, ago, shown},
    web::Visit,
};

/// The box with the reasons; nothing for a job that has ended well.
pub(super) fn html(visit: &Visit, why: &Why) -> Markup {
    let class = match why.job.state {
        State::Succeeded => return html! {},
        State::Processing => "s-good",
        State::Failed => "s-bad",
        _ => "s-warn",
    };
    let text = &visit.text().why;
    let title = if why.job.state == State::Processing { text.title_running } else { text.title };
    html! {
        section.health.(class) aria-labelledby="why-title" {
            (Icon::of(why.job.state))
            h2 #why-title { (title) }
            ul { @for reason in &why.reasons { li { (sentence(visit, reason)) } } }
        }
    }
}

fn sentence(visit: &Visit, reason: &Reason) -> Markup {
    let text = &visit.text().why;
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    match reason {
        Reason::Ended { state, at, used_up } => html! {
            ((text.ended)((visit.text().part.state)(*state)))
            @if *used_up { " " (text.used_up) }
            @if let Some(at) = at { (when(visit, *at)) }
        },
        Reason::Running { since, .. } => html! { (text.running) @if let Some(at) = since { (when(visit, *at)) } },
        Reason::ServerLost { lease_until, .. } => html! { (text.server_lost) (when(visit, *lease_until)) },
        Reason::CancelRequested => html! { (text.cancel_requested) },
        Reason::Scheduled { until, retry } => {
            html! { (if *retry { text.retry } else { text.scheduled }) (when(visit, *until)) }
        }
        Reason::Due { since } => html! { (text.due) (when(visit, *since)) },
        Reason::Parent { parent, condition } => html! {
            ((text.parent)(self::condition(visit, *condition))) " " (flow::node(visit, *parent))
        },
        Reason::Held { batch, sealed, cancelled, .. } => html! {
            (match (cancelled, sealed) {
                (true, _) => text.held_cancelled,
                (false, false) => text.held_unsealed,
                (false, true) => text.held,
            })
            " " (flow::node(visit, (*batch).into()))
        },
        Reason::Expired { at } => html! { (text.expired) (when(visit, *at)) },
        Reason::Paused(pause) => paused(visit, pause),
        Reason::NoServer => html! { (text.no_server) },
        Reason::NoServerForQueue { servers } => html! { ((text.no_server_for_queue)(length(*servers))) },
        Reason::NoServerForKind { servers } => html! { ((text.no_server_for_kind)(length(*servers))) },
        Reason::Stopping { servers } => html! { ((text.stopping)(length(*servers))) },
        Reason::Parked => html! { (text.parked) },
        Reason::Suspect { crashes } => html! { ((text.suspect)((*crashes).into())) },
        Reason::Busy { running, workers } => html! { ((text.busy)(number(*running), number(*workers))) },
        Reason::Ahead { at_most } => html! { ((text.ahead)(number(*at_most))) },
        Reason::Soon => html! { (text.soon) },
        _ => html! { (text.other) },
    }
}

/// The time that belongs to a sentence, behind it.
fn when(visit: &Visit, at: Timestamp) -> Markup {
    html! { span.muted.small { " \u{b7} " (ago(visit, at)) } }
}

fn paused(visit: &Visit, pause: &Pause) -> Markup {
    let text = &visit.text().why;
    let what = match &pause.target {
        PauseTarget::Queue(name) => (text.paused_queue)(name),
        PauseTarget::Kind(name) => (text.paused_kind)(name),
        PauseTarget::Recurring(name) => (text.paused_recurring)(name),
        PauseTarget::Server(_) => text.paused_server.to_owned(),
    };
    html! {
        (shown(&what))
        @if !pause.reason.is_empty() { " " (shown(&(text.paused_because)(&pause.reason))) }
        @if let Some(until) = pause.until { " " (text.until) " " (ago(visit, until)) }
    }
}

/// How a parent must end.
pub(super) fn condition(visit: &Visit, condition: Condition) -> &'static str {
    let text = &visit.text().why;
    match condition {
        Condition::Success => text.on_success,
        Condition::Failure => text.on_failure,
        Condition::Deleted => text.on_deleted,
        _ => text.on_any,
    }
}
