//! Batches: the list, and one with its progress, its members and what waits for it.

use std::sync::Arc;

use axum::{
    extract::State as Shares,
    response::{IntoResponse, Redirect, Response},
};
use jobs_runtime::{
    BatchId, FlowView, JobId, State,
    flow::BatchState,
    storage::{BatchFilter, BatchRecord, JobRecord},
};
use maud::{Markup, html};

use super::{
    Page, Place, jobs,
    part::{
        self, Column, Confirm, Icon, Pager, Table, Tone, Topic, ago, badge, clipped, exact, line, region, shown,
        updates,
    },
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

/// Shows one.
pub(crate) async fn one(
    Shares(shared): Shares<Shared>,
    visit: Visit,
    Segment(text): Segment,
    params: Params,
) -> Result<Html, Fault> {
    let id = id(&text)?;
    let after = params.text("after").map(jobs::id).transpose()?;
    let pulse = shared.live.pulse().await?;
    let batch = shared.client.batch(id);
    let record = batch.record().await?;
    let mut members = batch.records(after, LIMIT).await?;
    let last = members.last().filter(|_| members.len() >= LIMIT as usize).map(|job| job.id);
    members.retain(|job| visit.gate.sees(&job.queue));
    let inner = shared.client.batches(BatchFilter::new().parent(id).limit(LIMIT)).await?;
    let flow = shared.client.flow(&batch).await?;
    let view = View { record, members, last, inner, flow };
    Ok(Html(page_of(&visit, &pulse, &view, Told::of(&params))))
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

/// All that the page of a batch shows.
pub(crate) struct View {
    pub(crate) record: BatchRecord,
    pub(crate) members: Vec<JobRecord>,
    /// Where the next page of members begins.
    pub(crate) last: Option<JobId>,
    pub(crate) inner: Vec<BatchRecord>,
    pub(crate) flow: FlowView,
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

fn state(visit: &Visit, batch: &BatchRecord) -> Markup {
    let text = &visit.text().batches;
    let (tone, icon) = match batch.state {
        BatchState::Awaiting => (Tone::Dim, Icon::Awaiting),
        BatchState::Started => (Tone::Info, Icon::Processing),
        BatchState::Succeeded => (Tone::Good, Icon::Succeeded),
        BatchState::Completed => (Tone::Bad, Icon::Failed),
        BatchState::Deleted => (Tone::Dim, Icon::Deleted),
    };
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

fn page_of(visit: &Visit, pulse: &Arc<Pulse>, view: &View, told: Option<Told>) -> Markup {
    let text = &visit.text().batches;
    let batch = &view.record;
    let page = Page::new(visit, (text.one)(&line(&batch.description))).at(Place::Batches).pulse(pulse);
    let is_open = !matches!(batch.state, BatchState::Succeeded | BatchState::Completed | BatchState::Deleted);
    let counts = [
        (State::Enqueued, batch.counts.pending),
        (State::Succeeded, batch.counts.succeeded),
        (State::Failed, batch.counts.failed),
        (State::Deleted, batch.counts.deleted),
    ];
    let content = html! {
        (page.heading(state(visit, batch)))
        p.muted.id { code { (batch.id) } }
        @if let Some(told) = told { (told.html(visit)) }
        @if is_open && visit.gate.on_all(Role::Operate, &[]) {
            form.actions method="post" action=(link(visit, batch.id)) { button name="act" value="cancel" { (text.cancel) } }
        }
        (updates(visit, Topic::Totals, &["batch", "members"]))
        (region("batch", html! {
            section.panel {
                div.body { (progress(visit, batch)) (part::bar(visit, &counts)) }
                (facts(visit, batch))
            }
        }))
        div.columns {
            section.panel aria-labelledby="members-title" {
                header { h2 #members-title { (text.jobs) } }
                (region("members", members(visit, view)))
            }
            div.stack {
                @if visit.gate.sees_every_queue() { section.panel aria-labelledby="flow-title" {
                    header { h2 #flow-title { (text.flow) } }
                    div.body {
                        @if !view.flow.is_whole() { p.muted { (text.part_only) } }
                        pre tabindex="0" { (clipped(visit, &view.flow.to_text(), 40_000)) }
                    }
                } }
                @if !view.inner.is_empty() { section.panel { (table(visit, text.inner, &view.inner)) } }
            }
        }
    };
    page.html(content)
}

fn facts(visit: &Visit, batch: &BatchRecord) -> Markup {
    let text = &visit.text().batches;
    html! {
        dl.facts {
            dt { (text.created) } dd { (exact(batch.created_at)) }
            @if let Some(at) = batch.started_at { dt { (text.started) } dd { (exact(at)) } }
            @if let Some(at) = batch.finished_at { dt { (text.finished) } dd { (exact(at)) } }
            @if let Some(parent) = batch.parent { dt { (text.within) } dd { a href=(link(visit, parent)) { (parent) } } }
            @if let Some(reason) = &batch.reason { dt { (visit.text().part.reason) } dd { (clipped(visit, reason, 500)) } }
        }
    }
}

fn members(visit: &Visit, view: &View) -> Markup {
    let (text, part, words) = (&visit.text().batches, &visit.text().part, &visit.text().jobs);
    if view.members.is_empty() {
        return html! { div.body { p.muted { (text.no_jobs) } } };
    }
    let columns =
        [Column::words(words.job), Column::words(text.status), Column::words(part.queue), Column::words(words.what)];
    let mut table = Table::new(&columns);
    for job in &view.members {
        table.row([
            jobs::link(visit, job.id, &job.kind),
            part::state(visit, job.state),
            shown(&job.queue),
            html! { code.preview { (jobs::args(visit, job)) } },
        ]);
    }
    let older = view.last.map(|last| link(visit, view.record.id).query("after", last));
    html! {
        (table.html())
        @if let Some(link) = older { nav.pager aria-label=(part.pages) { a.button href=(link) rel="next" { (text.next) } } }
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
