//! Operations: what runs on all jobs that match, how far it is, and the question before another is begun.

mod new;

use std::sync::Arc;

use axum::{
    extract::State as Shares,
    response::{IntoResponse, Redirect, Response},
};
use jobs_runtime::{
    OperationId,
    storage::{BulkAct, JobFilter, OperationFilter, OperationRecord, OperationState},
};
use maud::{Markup, html};

pub(crate) use self::new::{allowed, begin, bulk, show as ask};
use super::{
    Page, Place,
    part::{self, Column, Icon, Pager, Table, Tone, Topic, ago, badge, clipped, region, shown, updates},
};
use crate::{
    act::{Told, operator},
    live::Pulse,
    policy::Role,
    shared::Shared,
    web::{Fault, Form, Html, Params, Segment, Visit},
};

/// So many are on a page.
const LIMIT: u32 = 50;

/// Shows the list, the newest first.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let pulse = shared.live.pulse().await?;
    let (operations, last) = listed(&visit, &params, LIMIT).await?;
    Ok(Html(page(&visit, &pulse, &operations, last, Told::of(&params))))
}

/// At most `limit` operations, with none on queues that the visitor does not see, and the one before which the next page begins.
///
/// # Errors
/// [`Fault::Bad`] for a place that is none; else what the client says.
pub(crate) async fn listed(
    visit: &Visit,
    params: &Params,
    limit: u32,
) -> Result<(Vec<OperationRecord>, Option<OperationId>), Fault> {
    let before = params.text("before").map(id).transpose().map_err(|fault| fault.at("before"))?;
    let filter = OperationFilter { before, limit, ..OperationFilter::new() };
    let asked = format!("operations {filter:?}");
    let mut operations = visit.shared.live.reading(asked, visit.shared.client.operations(filter)).await?.to_vec();
    let is_full = operations.len() >= limit as usize;
    operations.retain(|operation| visit.gate.on_all(Role::Read, operation.filter.queues()));
    // The last that is seen: where a page ends tells nothing of the others.
    let last = operations.last().filter(|_| is_full).map(|last| last.id);
    Ok((operations, last))
}

/// Stops one.
pub(crate) async fn act(visit: Visit, Segment(text): Segment, Form(form): Form) -> Result<Response, Fault> {
    let id = id(&text)?;
    match form.text("act") {
        Some("stop") => {
            let done = stop(&visit, id, form.text("reason").unwrap_or_default()).await?;
            let link = Told::One { done }.extend(visit.base.to("/operations"));
            Ok(Redirect::to(&link.to_string()).into_response())
        }
        _ => Err(Fault::Bad("an operation can be stopped: `act=stop`".to_owned())),
    }
}

/// Stops one, if the visitor may; `false` where it had ended.
///
/// # Errors
/// [`Fault::Forbidden`] where the visitor may not act on all that it is about; else what the client says.
pub(crate) async fn stop(visit: &Visit, id: OperationId, reason: &str) -> Result<bool, Fault> {
    let operation = visit.shared.client.operation(id).await?;
    if !visit.gate.on_all(Role::Admin, operation.filter.queues()) {
        return Err(Fault::Forbidden { needs: Role::Admin, queue: None });
    }
    Ok(operator(visit, reason).cancel_operation(id).await?)
}

/// The id of an operation.
///
/// # Errors
/// [`Fault::Bad`] for what is none.
pub(crate) fn id(text: &str) -> Result<OperationId, Fault> {
    text.parse::<OperationId>().map_err(|error| Fault::Bad(error.to_string()))
}

/// The page of what was read.
pub(crate) fn page(
    visit: &Visit,
    pulse: &Arc<Pulse>,
    operations: &[OperationRecord],
    last: Option<OperationId>,
    told: Option<Told>,
) -> Markup {
    let page = Page::new(visit, visit.text().operations.title).at(Place::Operations).pulse(pulse);
    let content = html! {
        (page.heading(html! {}))
        @if let Some(told) = told { (told.html(visit)) }
        (updates(visit, Topic::Totals, &["operations"]))
        section.panel { (region("operations", list(visit, operations, last))) }
    };
    page.html(content)
}

fn list(visit: &Visit, operations: &[OperationRecord], last: Option<OperationId>) -> Markup {
    let text = &visit.text().operations;
    if operations.is_empty() {
        return part::empty(text.empty, text.empty_how, None);
    }
    let columns = [
        Column::words(text.act),
        Column::words(text.status),
        Column::words(text.filter),
        Column::words(text.progress),
        Column::words(text.by),
        Column::words(text.begun),
    ];
    let mut table = Table::new(&columns);
    for operation in operations {
        table.row([
            html! { (name(visit, &operation.act)) },
            status(visit, operation),
            filter(visit, &operation.filter),
            progress(visit, operation),
            html! {
                (shown(&operation.actor))
                @if !operation.reason.is_empty() { div.small.muted { (clipped(visit, &operation.reason, 200)) } }
            },
            ago(visit, operation.created_at),
        ]);
        table.keyed(operation.id);
    }
    let older = last.map(|last| visit.base.to("/operations").query("before", last));
    html! { (table.html()) (Pager { newer: None, older }.html(visit)) }
}

/// What an operation does, in words.
fn name(visit: &Visit, act: &BulkAct) -> Markup {
    let text = &visit.text().act;
    match act {
        BulkAct::Requeue => html! { (text.requeue) },
        BulkAct::Delete => html! { (text.delete) },
        BulkAct::Cancel => html! { (text.cancel) },
        BulkAct::Reschedule(_) => html! { (text.reschedule) },
        BulkAct::Move { queue } => html! { (text.move_to) @if visit.gate.sees(queue) { " \u{2192} " (shown(queue)) } },
        BulkAct::Prioritize(priority) => html! { (text.prioritize) " " (priority) },
    }
}

fn status(visit: &Visit, operation: &OperationRecord) -> Markup {
    let text = &visit.text().operations;
    let (tone, icon) = match operation.state {
        OperationState::Running => (Tone::Info, Icon::Processing),
        OperationState::Done => (Tone::Good, Icon::Good),
        OperationState::Cancelled => (Tone::Dim, Icon::Pause),
        OperationState::Failed => (Tone::Bad, Icon::Failed),
    };
    html! {
        (badge(tone, icon, (text.state)(operation.state)))
        @if operation.state == OperationState::Running && visit.gate.on_all(Role::Admin, operation.filter.queues()) {
            form method="post" action=(visit.base.to("/operations").segment(&operation.id.to_string())) {
                button name="act" value="stop" { (text.stop) }
            }
        }
    }
}

fn progress(visit: &Visit, operation: &OperationRecord) -> Markup {
    let text = &visit.text().operations;
    let words = (text.done)(operation.done, operation.expected);
    let whole = |number: i64| u64::try_from(number).unwrap_or(0);
    html! {
        @match operation.expected {
            Some(expected) if operation.state == OperationState::Running => {
                (part::progress(whole(operation.done), whole(expected.max(operation.done).max(1)), &words))
            }
            _ => (words),
        }
        div.small.muted {
            ((text.looked)(operation.looked))
            @if operation.skipped > 0 { ", " ((text.skipped)(operation.skipped)) }
            @if operation.failed > 0 { ", " ((text.failed)(operation.failed)) }
        }
        @if let Some(error) = &operation.error { div.small { (clipped(visit, error, 300)) } }
    }
}

/// Which jobs, in words.
pub(crate) fn filter(visit: &Visit, filter: &JobFilter) -> Markup {
    let (text, jobs, part) = (&visit.text().operations, &visit.text().jobs, &visit.text().part);
    let created = filter.created_in();
    html! {
        ul.chips {
            @for state in filter.states() { li { (part::state(visit, state)) } }
            @for kind in filter.kinds() { li { (part.kind) " " b { (shown(kind)) } } }
            @for queue in filter.queues() { li { (part.queue) " " b { (shown(queue)) } } }
            @if let Some(words) = filter.searched() { li { (text.text) " " b { (shown(words)) } } }
            @if let Some(error) = filter.grouped() { li { (text.error) " " code { (error) } } }
            @if !created.is_open() {
                li {
                    (text.created) " "
                    @if let Some(from) = created.from { (part::exact(from)) }
                    " \u{2013} "
                    @if let Some(until) = created.until { (part::exact(until)) }
                }
            }
            @if filter.is_retried() == Some(true) { li { (jobs.retried) } }
            @if filter.is_parked() == Some(true) { li { (jobs.parked) } }
        }
    }
}
