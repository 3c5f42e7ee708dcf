//! The list of queues: what waits longest comes first.

use std::{cmp::Reverse, sync::Arc};

use axum::{
    extract::State as Shares,
    response::{IntoResponse, Redirect, Response},
};
use jobs_runtime::{
    QueueSummary, State,
    storage::{PauseTarget, StatPoint},
};
use maud::{Markup, html};

use super::{
    Page, Place,
    asked::Asked,
    glance::{self, Hold},
    jobs::Query,
    part::{self, Column, Icon, Table, Tone, Topic, badge, line, region, shown, updates},
};
use crate::{
    act::{Told, operator},
    live::{Pulse, Range, length},
    policy::Role,
    shared::Shared,
    web::{Fault, Form, Html, Link, Params, Visit},
};

/// What makes a queue.
const ENQUEUE: &str = r#"send_welcome::enqueue("Ada").queue("mail").on(&client).await?;"#;

/// What can be done to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Hold(Hold),
    Clear,
}

impl Act {
    fn parse(form: &Params) -> Result<Self, Fault> {
        let hold = form.text("act").and_then(Hold::parse).map(Self::Hold);
        let clear = (form.text("act") == Some("clear")).then_some(Self::Clear);
        hold.or(clear).ok_or_else(|| glance::unknown(form, "pause, resume, clear"))
    }

    fn word(self) -> &'static str {
        match self {
            Self::Hold(hold) => hold.word(),
            Self::Clear => "clear",
        }
    }

    fn label(self, visit: &Visit) -> &'static str {
        match self {
            Self::Hold(hold) => hold.label(visit),
            Self::Clear => visit.text().queues.clear,
        }
    }

    /// What it takes on the queue.
    fn role(self) -> Role {
        match self {
            Self::Hold(_) => Role::Operate,
            Self::Clear => Role::Admin,
        }
    }
}

/// Shows it.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let all = shared.live.queues().await?;
    let queues: Vec<_> = all.iter().filter(|queue| visit.gate.sees(&queue.queue)).cloned().collect();
    let hour = shared.live.stats(Range::Hour, visit.now).await?;
    Ok(Html(page(&visit, &pulse, &queues, &hour, Told::of(&params))))
}

/// Acts on a queue, once the visitor has been asked.
pub(crate) async fn act(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    params: Params,
    Form(form): Form,
) -> Result<Response, Fault> {
    let act = Act::parse(&form)?;
    let queue = glance::named(&params, "queue")?;
    visit.gate.must(act.role(), queue)?;
    if !Asked::is_answered(&form) {
        let pulse = shared.live.pulse().await?;
        return Ok(Html(question(&visit, &pulse, act, queue)).into_response());
    }
    let link = match act {
        Act::Hold(hold) => {
            let told = hold.carry_out(&visit, PauseTarget::Queue(queue.into()), &form).await?;
            told.extend(visit.base.to("/queues"))
        }
        Act::Clear => {
            operator(&visit, form.text("reason").unwrap_or_default()).clear_queue(queue).await?;
            match visit.gate.may(Place::Operations.right()) {
                true => visit.base.to("/operations"),
                false => Told::One { done: true }.extend(visit.base.to("/queues")),
            }
        }
    };
    Ok(Redirect::to(&link.to_string()).into_response())
}

fn question(visit: &Visit, pulse: &Arc<Pulse>, act: Act, queue: &str) -> Markup {
    let text = &visit.text().queues;
    let name = line(queue);
    let (what, tone) = match act {
        Act::Hold(hold) => hold.asked(visit, [text.ask_pause, text.ask_resume], &name),
        Act::Clear => (html! { ((text.ask_clear)(&name)) }, Tone::Bad),
    };
    let (word, label) = (act.word(), act.label(visit));
    let (action, back) = (action(visit, queue), visit.base.to("/queues"));
    Asked { place: Place::Queues, word, label, action, back, what, tone }.page(visit, pulse)
}

/// Where the forms of a queue go.
fn action(visit: &Visit, queue: &str) -> Link {
    visit.base.to("/queues").query("queue", queue)
}

/// The page of what was read.
pub(crate) fn page(
    visit: &Visit,
    pulse: &Arc<Pulse>,
    queues: &[QueueSummary],
    hour: &[StatPoint],
    told: Option<Told>,
) -> Markup {
    let page = Page::new(visit, visit.text().queues.title).at(Place::Queues).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        @if let Some(told) = told { (told.notice(visit, visit.text().glance.too_late)) }
        (updates(visit, Topic::Any, &["queues"]))
        section.panel { (region("queues", list(visit, queues, hour))) }
    };
    page.html(content)
}

fn list(visit: &Visit, queues: &[QueueSummary], hour: &[StatPoint]) -> Markup {
    let text = &visit.text().queues;
    if queues.is_empty() {
        return part::empty(text.empty, text.empty_how, Some(ENQUEUE));
    }
    let mut sorted: Vec<_> = queues.iter().collect();
    sorted.sort_by_key(|queue| (Reverse(queue.oldest_wait), &queue.queue));
    let mut columns = vec![
        Column::words(visit.text().part.queue),
        Column::words(visit.text().glance.states),
        Column::numbers(text.oldest),
        Column::numbers(visit.text().glance.servers),
        Column::words(text.hour),
        Column::words(text.waits),
    ];
    let acts = queues.iter().any(|queue| visit.gate.may_on(Role::Operate, &queue.queue));
    if acts {
        columns.push(Column::words(visit.text().act.acts));
    }
    let mut table = Table::new(&columns).caption(html! { ((text.caption)(length(queues.len()))) });
    for queue in sorted {
        let mut cells = vec![
            name(visit, queue),
            glance::bar(visit, &queue.counts, |state| jobs(queue, state)),
            html! { @match queue.oldest_wait { Some(wait) => (part::span(visit, wait)), None => span.muted { "\u{2013}" } } },
            html! { (visit.lang.count(length(queue.servers))) },
            html! {
                (glance::ended(visit, &queue.throughput))
                (glance::hour(visit, hour, |point| point.queue == queue.queue))
            },
            glance::quantiles(visit, &queue.throughput.waits, &[50, 95]),
        ];
        if acts {
            cells.push(buttons(visit, queue));
        }
        table.cells(cells);
    }
    table.html()
}

/// The list of its jobs in a state.
fn jobs(queue: &QueueSummary, state: State) -> Query {
    Query { queues: vec![queue.queue.clone()], ..Query::of(state) }
}

fn name(visit: &Visit, queue: &QueueSummary) -> Markup {
    let is_unread = glance::ready(&queue.counts) > 0 && queue.servers == 0 && queue.pause.is_none();
    html! {
        a href=(jobs(queue, State::Enqueued).link(&visit.base)) { (shown(&queue.queue)) }
        @if let Some(pause) = &queue.pause { (glance::paused(visit, pause)) }
        @if is_unread { div { (badge(Tone::Bad, Icon::Warn, visit.text().queues.nobody_reads)) } }
    }
}

fn buttons(visit: &Visit, queue: &QueueSummary) -> Markup {
    let acts = [Act::Hold(Hold::next(queue.pause.as_ref())), Act::Clear];
    let mut acts = acts.into_iter().filter(|act| visit.gate.may_on(act.role(), &queue.queue)).peekable();
    html! {
        @if acts.peek().is_some() {
            form.actions method="post" action=(action(visit, &queue.queue)) {
                @for act in acts { button name="act" value=(act.word()) { (act.label(visit)) } }
            }
        }
    }
}
