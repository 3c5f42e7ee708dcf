//! One batch: its progress, the flow that it belongs to, its members.

use std::sync::Arc;

use axum::extract::State as Shares;
use jobs_runtime::{
    JobId, State,
    flow::BatchState,
    storage::{BatchFilter, BatchRecord, JobRecord},
};
use maud::{Markup, html};

use super::{LIMIT, id, link, pace::Pace, progress, state, table};
use crate::{
    act::Told,
    live::Pulse,
    page::{
        Page, Place,
        flow::{self, Graph},
        jobs,
        part::{self, Column, Table, Topic, clipped, exact, line, region, shown, updates},
    },
    policy::Role,
    shared::Shared,
    web::{Fault, Html, Params, Segment, Visit},
};

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
    let is_full = members.len() >= LIMIT as usize;
    members.retain(|job| visit.gate.sees(&job.queue));
    // The last that is seen: where a page ends tells nothing of the others.
    let last = members.last().filter(|_| is_full).map(|job| job.id);
    let inner = shared.client.batches(BatchFilter::new().parent(id).limit(LIMIT)).await?;
    let graph = Graph::of(&visit, id.into(), &shared.client.flow(&batch).await?);
    let view = View { record, members, last, inner, graph };
    Ok(Html(page_of(&visit, &pulse, &view, Told::of(&params))))
}

/// All that the page of a batch shows.
struct View {
    record: BatchRecord,
    members: Vec<JobRecord>,
    /// Where the next page of members begins.
    last: Option<JobId>,
    inner: Vec<BatchRecord>,
    graph: Graph,
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
        (updates(visit, Topic::Totals, &["batch", "flow", "members", "inner"]))
        (region("batch", html! {
            section.panel {
                div.body { (progress(visit, batch)) (part::bar(visit, &counts)) }
                (facts(visit, batch))
            }
        }))
        (region("flow", flow::html(visit, &view.graph)))
        div.columns {
            section.panel aria-labelledby="members-title" {
                header { h2 #members-title { (text.jobs) } }
                (region("members", members(visit, view)))
            }
            (region("inner", html! {
                @if !view.inner.is_empty() { section.panel { (table(visit, text.inner, &view.inner)) } }
            }))
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
            @if let Some(pace) = Pace::of(batch, visit.now) {
                dt { (text.pace) } dd { ((text.a_minute)(pace.a_minute)) }
                @if let Some(left) = pace.left { dt { (text.left) } dd { (part::span(visit, left)) } }
            }
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
