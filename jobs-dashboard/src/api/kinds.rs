//! Kinds, and what is done to them.

use axum::extract::State as Shares;
use jobs_runtime::storage::PauseTarget;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Json,
    acts::{Because, Done},
    body::{Body, Named},
    problem::Problem,
    queues::{Halt, paused, resumed},
    shape::{Counts, Pause, Throughput},
};
use crate::{
    page,
    policy::Role,
    shared::Shared,
    web::{Fault, Visit},
};

/// All kinds that the caller sees.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kinds {
    kinds: Vec<Kind>,
}

/// A kind.
#[derive(Serialize, ToSchema)]
struct Kind {
    kind: String,
    /// In the queues that the caller sees.
    counts: Counts,
    pause: Option<Pause>,
    /// How many live servers can run it.
    servers: u64,
    /// What went through in the last 24 hours, in the queues that the caller sees.
    throughput: Throughput,
}

/// All kinds: how many jobs stand where, and what went through in the last 24 hours.
#[utoipa::path(
    get,
    path = "/api/v1/kinds",
    tag = "kinds",
    responses((status = 200, description = "All kinds that the caller sees, by name", body = Kinds)),
)]
pub(crate) async fn list(Shares(shared): Shares<Shared>, visit: Visit) -> Result<Json<Kinds>, Fault> {
    let pulse = shared.live.pulse().await?;
    let seen = page::kinds::seen(&shared, &visit, &pulse).await?;
    let kinds = seen.iter().map(|kind| Kind {
        kind: kind.kind.clone(),
        counts: Counts::of(&kind.counts),
        pause: kind.pause.as_ref().map(|pause| Pause::of(&visit, pause)),
        servers: u64::try_from(kind.servers).unwrap_or(u64::MAX),
        throughput: Throughput::of(&kind.throughput),
    });
    Ok(Json(Kinds { kinds: kinds.collect() }))
}

/// The jobs of a kind may be in any queue.
fn allowed(visit: &Visit) -> Result<(), Fault> {
    match visit.gate.on_all(Role::Operate, &[]) {
        true => Ok(()),
        false => Err(Fault::Forbidden { needs: Role::Operate, queue: None }),
    }
}

/// Pauses a kind: no job of it is started, in whatever queue.
#[utoipa::path(
    post,
    path = "/api/v1/kinds/{kind}/pause",
    tag = "kinds",
    params(("kind" = String, Path, description = "The kind's name")),
    request_body = Halt,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The end has passed", body = Problem)),
)]
pub(crate) async fn pause(visit: Visit, Named(kind): Named, Body(body): Body<Halt>) -> Result<Json<Done>, Fault> {
    allowed(&visit)?;
    paused(&visit, PauseTarget::Kind(kind.into()), &body).await
}

/// Ends the pause of a kind.
#[utoipa::path(
    post,
    path = "/api/v1/kinds/{kind}/resume",
    tag = "kinds",
    params(("kind" = String, Path, description = "The kind's name")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "It is not paused", body = Problem)),
)]
pub(crate) async fn resume(visit: Visit, Named(kind): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    allowed(&visit)?;
    resumed(&visit, PauseTarget::Kind(kind.into()), &body).await
}
