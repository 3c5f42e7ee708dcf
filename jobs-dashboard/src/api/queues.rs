//! Queues, and what is done to them.

use axum::{
    extract::State as Shares,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jobs_runtime::storage::PauseTarget;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Json,
    acts::{Because, Done, time, told, unfit},
    body::{Body, Named},
    millis,
    operations::Begun,
    problem::Problem,
    shape::{Counts, Pause, Throughput},
};
use crate::{
    act::operator,
    page::glance::Hold,
    shared::Shared,
    web::{Fault, Visit},
};

/// All queues that the caller sees.
#[derive(Serialize, ToSchema)]
pub(crate) struct Queues {
    queues: Vec<Queue>,
}

/// A queue.
#[derive(Serialize, ToSchema)]
struct Queue {
    queue: String,
    counts: Counts,
    pause: Option<Pause>,
    /// How long what is next has been due; null where nothing is runnable.
    oldest_wait_ms: Option<u64>,
    /// How many live servers read it.
    servers: u64,
    /// What went through in the last hour.
    throughput: Throughput,
}

/// When a pause is to end, and why it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Halt {
    /// When it ends by itself; null: it lasts until it is resumed.
    #[serde(default)]
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Why, for the audit and for who sees the pause.
    #[serde(default)]
    reason: String,
}

/// Pauses something.
///
/// # Errors
/// [`Fault::Unfit`] for an end that is no time, and for a name that is none; [`Fault::Untaken`] for an end that has passed; else what the
/// client says.
pub(super) async fn paused(visit: &Visit, target: PauseTarget, body: &Halt) -> Result<Json<Done>, Fault> {
    let until = body.until.as_deref().map(|text| time("until", text)).transpose()?;
    let done = Hold::Pause.put(visit, target, &body.reason, until).await.map_err(unfit)?;
    told(done, || "`until` has passed by the database's clock, so that nothing is paused; give a later one".to_owned())
}

/// Ends a pause.
///
/// # Errors
/// [`Fault::Untaken`] where there was none; else what the client says.
pub(super) async fn resumed(visit: &Visit, target: PauseTarget, body: &Because) -> Result<Json<Done>, Fault> {
    let done = Hold::Resume.put(visit, target, &body.reason, None).await.map_err(unfit)?;
    told(done, || "it is not paused".to_owned())
}

/// All queues: how many jobs stand where, and what went through in the last hour.
#[utoipa::path(
    get,
    path = "/api/v1/queues",
    tag = "queues",
    responses((status = 200, description = "All queues that the caller sees, by name", body = Queues)),
)]
pub(crate) async fn list(Shares(shared): Shares<Shared>, visit: Visit) -> Result<Json<Queues>, Fault> {
    let all = shared.live.queues().await?;
    let seen = all.iter().filter(|queue| visit.gate.sees(&queue.queue)).map(|queue| Queue {
        queue: queue.queue.clone(),
        counts: Counts::of(&queue.counts),
        pause: queue.pause.as_ref().map(|pause| Pause::of(&visit, pause)),
        oldest_wait_ms: queue.oldest_wait.map(millis),
        servers: u64::try_from(queue.servers).unwrap_or(u64::MAX),
        throughput: Throughput::of(&queue.throughput),
    });
    Ok(Json(Queues { queues: seen.collect() }))
}

/// Pauses a queue: no job of it is started.
#[utoipa::path(
    post,
    path = "/api/v1/queues/{queue}/pause",
    tag = "queues",
    params(("queue" = String, Path, description = "The queue's name")),
    request_body = Halt,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The end has passed", body = Problem)),
)]
pub(crate) async fn pause(visit: Visit, Named(queue): Named, Body(body): Body<Halt>) -> Result<Json<Done>, Fault> {
    visit.gate.on(&queue)?;
    paused(&visit, PauseTarget::Queue(queue.into()), &body).await
}

/// Ends the pause of a queue.
#[utoipa::path(
    post,
    path = "/api/v1/queues/{queue}/resume",
    tag = "queues",
    params(("queue" = String, Path, description = "The queue's name")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "It is not paused", body = Problem)),
)]
pub(crate) async fn resume(visit: Visit, Named(queue): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    visit.gate.on(&queue)?;
    resumed(&visit, PauseTarget::Queue(queue.into()), &body).await
}

/// Deletes all jobs of a queue that wait, by an operation; those that run go on.
#[utoipa::path(
    post,
    path = "/api/v1/queues/{queue}/clear",
    tag = "queues",
    params(("queue" = String, Path, description = "The queue's name")),
    request_body = Because,
    responses((status = 202, description = "The operation was begun", body = Begun)),
)]
pub(crate) async fn clear(visit: Visit, Named(queue): Named, Body(body): Body<Because>) -> Result<Response, Fault> {
    visit.gate.on(&queue)?;
    let begun = operator(&visit, &body.reason).clear_queue(&queue).await.map_err(|error| unfit(error.into()))?;
    Ok((StatusCode::ACCEPTED, Json(Begun::of(begun))).into_response())
}
