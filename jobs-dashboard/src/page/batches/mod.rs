//! Batches: the list, and what is done to them.

mod one;
mod pace;

use std::sync::Arc;

use axum::{
    extract::State as Shares,
    response::{IntoResponse, Redirect, Response},
};
use jobs_runtime::{
    BatchId,
    flow::BatchState,
    storage::{BatchFilter, BatchRecord},
};
use maud::{Markup, html};

pub(crate) use self::one::one;
use super::{
    Page, Place,
    part::{self, Column, Confirm, Icon, Pager, Table, Tone, Topic, ago, badge, region, shown, updates},
};
use crate::{
    act::{Told, operator},
    live::Pulse,
    policy::Role,
    shared::Shared,
    web::{Fault, Form, Html, Link, Params, Segment, Visit},
};

/// So many batches, and so many jobs of one, are on a page.
const LIMIT: u32 = 50;

/// What stores one.
const STORE: &str =
    r#"Batch::new("invite everybody").jobs(customers.iter().map(invite::new)).then(report::new()).enqueue().await?;"#;

/// Shows the list, the newest first.
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Html, Fault> {
    let mut filter = BatchFilter::new().limit(LIMIT);
    if let Some(before) = params.text("before") {
        filter = filter.before(id(before)?);
    }
    let pulse = shared.live.pulse().await?;
    let batches = shared.client.batches(filter).await?;
    Ok(Html(page(&visit, &pulse, &batches)))
}

/// Cancels one.
pub(crate) async fn act(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    Segment(text): Segment,
    Form(form): Form,
) -> Result<Response, Fault> {
    let id = id(&text)?;
    if form.text("act") != Some("cancel") {
        return Err(Fault::Bad("a batch can be cancelled: `act=cancel`".to_owned()));
    }
    // Its jobs may be in any queue.
    if !visit.gate.on_all(Role::Operate, &[]) {
        return Err(Fault::Forbidden { needs: Role::Operate, queue: None });
    }
    if form.text("confirmed") != Some("yes") {
        let record = shared.client.batch(id).record().await?;
        let pulse = shared.live.pulse().await?;
        return Ok(Html(question(&visit, &pulse, &record)).into_response());
    }
    let done = operator(&visit, form.text("reason").unwrap_or_default()).cancel_batch(id).await?;
    let link = Told::One { done }.extend(link(&visit, id));
    Ok(Redirect::to(&link.to_string()).into_response())
}

fn id(text: &str) -> Result<BatchId, Fault> {
    text.parse::<BatchId>().map_err(|error| Fault::Bad(error.to_string()))
}

fn link(visit: &Visit, id: BatchId) -> Link {
    visit.base.to("/batches").segment(&id.to_string())
}

/// The list of what was read.
pub(crate) fn page(visit: &Visit, pulse: &Arc<Pulse>, batches: &[BatchRecord]) -> Markup {
    let text = &visit.text().batches;
    let page = Page::new(visit, text.title).at(Place::Batches).pulse(pulse);
    let last = batches.last().filter(|_| batches.len() >= LIMIT as usize);
    let older = last.map(|last| visit.base.to("/batches").query("before", last.id));
    let list = html! {
        @if batches.is_empty() { (part::empty(text.empty, text.empty_how, Some(STORE))) }
        @else { (table(visit, text.batch, batches)) }
        (Pager { newer: None, older }.html(visit))
    };
    let content = html! {
        (page.heading(html! {}))
        (updates(visit, Topic::Totals, &["batches"]))
        section.panel { (region("batches", list)) }
    };
    page.html(content)
}

fn table(visit: &Visit, title: &'static str, batches: &[BatchRecord]) -> Markup {
    let text = &visit.text().batches;
    let columns = [
        Column::words(title),
        Column::words(text.status),
        Column::words(text.progress),
        Column::words(text.created),
        Column::words(text.finished),
    ];
    let mut table = Table::new(&columns);
    for batch in batches {
        table.row([
            html! {
                a href=(link(visit, batch.id)) { (shown(&batch.description)) }
                div.small.muted.id { (batch.id) }
            },
            state(visit, batch),
            progress(visit, batch),
            ago(visit, batch.created_at),
            html! { @if let Some(at) = batch.finished_at { (ago(visit, at)) } },
        ]);
    }
    table.html()
}

/// The tone and the icon of a state.
pub(crate) fn looks(state: BatchState) -> (Tone, Icon) {
    match state {
        BatchState::Awaiting => (Tone::Dim, Icon::Awaiting),
        BatchState::Started => (Tone::Info, Icon::Processing),
        BatchState::Succeeded => (Tone::Good, Icon::Succeeded),
        BatchState::Completed => (Tone::Bad, Icon::Failed),
        BatchState::Deleted => (Tone::Dim, Icon::Deleted),
    }
}

fn state(visit: &Visit, batch: &BatchRecord) -> Markup {
    let text = &visit.text().batches;
    let (tone, icon) = looks(batch.state);
    html! {
        (badge(tone, icon, (text.state)(batch.state)))
        @if batch.cancelled { div.small.muted { (text.cancelled) } }
        @else if !batch.sealed { div.small.muted { (text.unsealed) } }
    }
}

fn progress(visit: &Visit, batch: &BatchRecord) -> Markup {
    let text = &visit.text().batches;
    let counts = &batch.counts;
    let done = counts.total - counts.pending;
    let whole = |number: i64| u64::try_from(number).unwrap_or(0);
    html! {
        (part::progress(whole(done), whole(counts.total.max(1)), &(text.members)(done, counts.total)))
        @if counts.failed > 0 { div.small.reason { ((text.failed)(counts.failed)) } }
    }
}

fn question(visit: &Visit, pulse: &Arc<Pulse>, batch: &BatchRecord) -> Markup {
    let text = &visit.text().batches;
    let page = Page::new(visit, text.cancel).at(Place::Batches).pulse(pulse);
    let confirm = Confirm {
        action: link(visit, batch.id),
        back: link(visit, batch.id),
        what: html! { b { (shown(&batch.description)) } " \u{2013} " (text.ask_cancel) },
        word: text.cancel,
        tone: Tone::Bad,
        fields: vec![("act", "cancel".to_owned())],
    };
    let content = html! { (page.heading(html! {})) (confirm.html(visit)) };
    page.html(content)
}
