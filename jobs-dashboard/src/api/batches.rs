//! Batches, and what is done to them.

use jiff::Timestamp;
use jobs_runtime::{
    BatchId,
    flow::NodeId,
    storage::{BatchFilter, BatchRecord},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Json,
    acts::{Because, Done, told},
    body::{Body, Named},
    job::Job,
    limit,
    problem::Problem,
    shape::Edge,
    words::BatchState,
};
use crate::{
    act::operator,
    page::jobs,
    policy::Role,
    web::{Fault, Params, Visit},
};

/// One page of the batches.
#[derive(Serialize, ToSchema)]
pub(crate) struct Batches {
    batches: Vec<Batch>,
    /// The value of `before` for the next page; null at the end.
    next: Option<String>,
}

/// A batch.
#[derive(Serialize, ToSchema)]
struct Batch {
    id: String,
    /// What it is for, in the caller's words.
    description: String,
    /// The batch that it is a member of.
    parent: Option<String>,
    state: BatchState,
    /// Whether all its members were stored.
    sealed: bool,
    cancelled: bool,
    /// Why it was cancelled.
    reason: Option<String>,
    created_at: Timestamp,
    /// When its members became runnable.
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    members: Members,
}

/// How many members of a batch stand where.
#[derive(Serialize, ToSchema)]
struct Members {
    total: i64,
    /// Those that have not ended.
    pending: i64,
    succeeded: i64,
    failed: i64,
    deleted: i64,
}

impl From<&BatchRecord> for Batch {
    fn from(batch: &BatchRecord) -> Self {
        let counts = batch.counts;
        Self {
            id: batch.id.to_string(),
            description: batch.description.clone(),
            parent: batch.parent.map(|id| id.to_string()),
            state: batch.state.into(),
            sealed: batch.sealed,
            cancelled: batch.cancelled,
            reason: batch.reason.clone(),
            created_at: batch.created_at,
            started_at: batch.started_at,
            finished_at: batch.finished_at,
            members: Members {
                total: counts.total,
                pending: counts.pending,
                succeeded: counts.succeeded,
                failed: counts.failed,
                deleted: counts.deleted,
            },
        }
    }
}

/// A batch with a page of its jobs.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchDetail {
    batch: Batch,
    /// Its jobs in the order of their ids, as far as the caller sees their queues.
    jobs: Vec<Job>,
    /// The value of `after` for the next page of jobs; null at the end.
    next: Option<String>,
    /// Batches that are members of it, the newest first: at most as many as jobs.
    inner: Vec<Batch>,
    /// What it waits for, and what waits for it; empty where the caller does not see every queue.
    edges: Vec<Edge>,
}

fn id(text: &str) -> Result<BatchId, Fault> {
    text.parse::<BatchId>().map_err(|error| Fault::Bad(error.to_string()))
}

/// Batches, the newest first, page by page.
#[utoipa::path(
    get,
    path = "/api/v1/batches",
    tag = "batches",
    params(
        ("limit" = Option<u32>, Query, description = "How many on a page, from 1 to 100"),
        ("before" = Option<String>, Query, description = "Which page: `next` of another"),
    ),
    responses((status = 200, description = "A page of the list", body = Batches)),
)]
pub(crate) async fn list(visit: Visit, params: Params) -> Result<Json<Batches>, Fault> {
    let limit = limit(&params);
    let mut filter = BatchFilter::new().limit(limit);
    if let Some(before) = params.text("before") {
        filter = filter.before(id(before).map_err(|fault| fault.at("before"))?);
    }
    let batches = visit.shared.client.batches(filter).await?;
    let last = batches.last().filter(|_| batches.len() >= limit as usize);
    Ok(Json(Batches { next: last.map(|last| last.id.to_string()), batches: batches.iter().map(Into::into).collect() }))
}

/// One batch, with a page of its jobs.
#[utoipa::path(
    get,
    path = "/api/v1/batches/{id}",
    tag = "batches",
    params(
        ("id" = String, Path, description = "The batch's id"),
        ("limit" = Option<u32>, Query, description = "How many jobs on a page, from 1 to 100"),
        ("after" = Option<String>, Query, description = "Which page of jobs: `next` of another"),
    ),
    responses((status = 200, description = "The batch", body = BatchDetail), (status = 404, description = "There is none", body = Problem)),
)]
pub(crate) async fn show(visit: Visit, Named(text): Named, params: Params) -> Result<Json<BatchDetail>, Fault> {
    let (id, limit, client) = (id(&text)?, limit(&params), &visit.shared.client);
    let after = params.text("after").map(jobs::id).transpose().map_err(|fault| fault.at("after"))?;
    let batch = client.batch(id);
    let record = batch.record().await?;
    let mut members = batch.records(after, limit).await?;
    let is_full = members.len() >= limit as usize;
    members.retain(|job| visit.gate.sees(&job.queue));
    // The last that is seen: where a page ends tells nothing of the others.
    let last = members.last().filter(|_| is_full).map(|job| job.id);
    let inner = client.batches(BatchFilter::new().parent(id).limit(limit)).await?;
    let edges = match visit.gate.sees_every_queue() {
        true => client.edges(&batch).await?,
        false => Vec::new(),
    };
    Ok(Json(BatchDetail {
        batch: (&record).into(),
        jobs: members.iter().map(|job| Job::listed(&visit, job)).collect(),
        next: last.map(|last| last.to_string()),
        inner: inner.iter().map(Into::into).collect(),
        edges: edges.iter().map(|edge| Edge::of(&visit, NodeId::Batch(id), edge)).collect(),
    }))
}

/// Cancels a batch and whatever is nested in it.
#[utoipa::path(
    post,
    path = "/api/v1/batches/{id}/cancel",
    tag = "batches",
    params(("id" = String, Path, description = "The batch's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "It had ended or was cancelled before", body = Problem)),
)]
pub(crate) async fn cancel(visit: Visit, Named(text): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    let id = id(&text)?;
    // Its jobs may be in any queue.
    if !visit.gate.on_all(Role::Operate, &[]) {
        return Err(Fault::Forbidden { needs: Role::Operate, queue: None });
    }
    let done = operator(&visit, &body.reason).cancel_batch(id).await?;
    told(done, || format!("batch {id} has ended or was cancelled before"))
}
