//! Servers, and what is done to them.

use axum::extract::State as Shares;
use jiff::Timestamp;
use jobs_runtime::{
    ServerId,
    storage::{PauseTarget, ServerRecord},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Json,
    acts::{Because, Done, told},
    body::{Body, Named},
    problem::Problem,
    queues::{Halt, paused, resumed},
    shape::Pause,
};
use crate::{
    act::operator,
    shared::Shared,
    web::{Fault, Visit},
};

/// All servers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Servers {
    servers: Vec<Server>,
}

/// A server.
#[derive(Serialize, ToSchema)]
struct Server {
    id: String,
    /// The host and process, for people.
    name: String,
    /// The version of the library that it runs.
    version: String,
    /// The queues that it reads, as far as the caller sees them.
    queues: Vec<String>,
    /// How many jobs it can run at once.
    workers: u32,
    running: u32,
    /// How many of them were told to end and did not.
    lost: u32,
    /// Whether its lease is valid.
    alive: bool,
    /// Whether it stops, or was told to.
    stopping: bool,
    started_at: Timestamp,
    /// When it last renewed its lease.
    beat_at: Timestamp,
    lease_until: Timestamp,
    pause: Option<Pause>,
}

impl Server {
    fn of(visit: &Visit, server: &ServerRecord) -> Self {
        let info = &server.info;
        Self {
            id: server.id.to_string(),
            name: info.name.clone(),
            version: info.version.clone(),
            queues: info.queues.iter().filter(|queue| visit.gate.sees(queue)).cloned().collect(),
            workers: info.workers,
            running: info.running,
            lost: info.lost,
            alive: server.alive,
            stopping: info.stopping || server.orders.stop,
            started_at: server.started_at,
            beat_at: server.beat_at,
            lease_until: server.lease_until,
            pause: server.pause.as_ref().map(|pause| Pause::of(visit, pause)),
        }
    }
}

/// All servers; those that have died too, until they are swept.
#[utoipa::path(
    get,
    path = "/api/v1/servers",
    tag = "servers",
    responses((status = 200, description = "All servers, oldest first", body = Servers)),
)]
pub(crate) async fn list(Shares(shared): Shares<Shared>, visit: Visit) -> Result<Json<Servers>, Fault> {
    let pulse = shared.live.pulse().await?;
    Ok(Json(Servers { servers: pulse.servers.iter().map(|server| Server::of(&visit, server)).collect() }))
}

fn id(text: &str) -> Result<ServerId, Fault> {
    text.parse::<ServerId>().map_err(|error| Fault::Bad(error.to_string()))
}

/// Makes a server quiet: it claims nothing more, and what it runs goes on.
#[utoipa::path(
    post,
    path = "/api/v1/servers/{id}/pause",
    tag = "servers",
    params(("id" = String, Path, description = "The server's id")),
    request_body = Halt,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The end has passed", body = Problem)),
)]
pub(crate) async fn pause(visit: Visit, Named(text): Named, Body(body): Body<Halt>) -> Result<Json<Done>, Fault> {
    paused(&visit, PauseTarget::Server(id(&text)?), &body).await
}

/// Lets a quiet server claim again.
#[utoipa::path(
    post,
    path = "/api/v1/servers/{id}/resume",
    tag = "servers",
    params(("id" = String, Path, description = "The server's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "It is not paused", body = Problem)),
)]
pub(crate) async fn resume(visit: Visit, Named(text): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    let server = visit.shared.client.server_ref(id(&text)?).record().await?;
    resumed(&visit, PauseTarget::Server(server.id), &body).await
}

/// Tells a server to stop as on SIGTERM: it finishes what runs and gives the rest back.
#[utoipa::path(
    post,
    path = "/api/v1/servers/{id}/stop",
    tag = "servers",
    params(("id" = String, Path, description = "The server's id")),
    request_body = Because,
    responses((status = 200, description = "It was told; it hears of this within a second", body = Done)),
)]
pub(crate) async fn stop(visit: Visit, Named(text): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    operator(&visit, &body.reason).stop_server(id(&text)?).await?;
    told(true, String::new)
}
