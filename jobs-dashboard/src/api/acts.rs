//! What programs do to jobs: each body becomes the same [`Act`] as a form does.

use jobs_runtime::{
    State,
    storage::{Due, JobRecord},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    Json,
    body::{Body, Named},
    problem::Problem,
};
use crate::{
    act::{Act, WORDS, What},
    page::{job::actable, jobs::read},
    web::{Fault, Visit},
};

/// An act took effect. Where it did not, the answer is a problem.
#[derive(Serialize, ToSchema)]
pub(crate) struct Done {
    done: bool,
}

/// The answer to an act, by what became of it.
///
/// # Errors
/// [`Fault::Untaken`] where it had no effect.
pub(super) fn told(done: bool, why_not: impl FnOnce() -> String) -> Result<Json<Done>, Fault> {
    if done { Ok(Json(Done { done })) } else { Err(Fault::Untaken(why_not())) }
}

/// What is wrong with a value in a body is told as such.
pub(super) fn unfit(fault: Fault) -> Fault {
    match fault {
        Fault::Bad(text) => Fault::Unfit(text),
        fault => fault,
    }
}

/// A time in a body.
///
/// # Errors
/// [`Fault::Unfit`] for what is none, with the name of its field.
pub(super) fn time(name: &str, text: &str) -> Result<jiff::Timestamp, Fault> {
    read(text).map_err(|fault| unfit(fault.at(name)))
}

/// Why something is done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Because {
    /// Why, for the audit.
    #[serde(default)]
    pub(super) reason: String,
}

/// The new time of a job.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reschedule {
    /// When it may run.
    #[schema(format = DateTime)]
    due: String,
    /// Why, for the audit.
    #[serde(default)]
    reason: String,
}

/// The new queue of a job.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    queue: String,
    /// Why, for the audit.
    #[serde(default)]
    reason: String,
}

/// The new priority of a job.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prioritize {
    /// Greater goes first.
    priority: i16,
    /// Why, for the audit.
    #[serde(default)]
    reason: String,
}

/// The new args of a job.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// All of them by name. One that stays redacted keeps its value.
    args: Map<String, Value>,
    /// The job's `fence` as it was read: where the job has changed since, nothing is done.
    fence: String,
    /// Why, for the audit.
    #[serde(default)]
    reason: String,
}

async fn carried_out(visit: &Visit, id: &str, what: What, reason: &str) -> Result<Json<Done>, Fault> {
    let job = actable(visit, id).await?;
    let done = Act::new(what, reason).carry_out(visit, &job).await.map_err(unfit)?;
    told(done, || untaken(&job))
}

fn untaken(job: &JobRecord) -> String {
    let takes =
        |state: State| WORDS.into_iter().filter(|word| Act::of_word(word, state)).collect::<Vec<_>>().join(", ");
    let (id, state) = (job.id, job.state);
    match takes(state) {
        words if words.is_empty() => {
            format!("job {id} is {state}, or has just changed; a job that is {state} takes no act")
        }
        words => {
            format!("job {id} is {state}, or has just changed; read it again: a job that is {state} takes {words}")
        }
    }
}

/// Makes a job runnable now, also once more after its end.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/requeue",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The job is in no state for it", body = Problem)),
)]
pub(crate) async fn requeue(visit: Visit, Named(id): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    carried_out(&visit, &id, What::Requeue, &body.reason).await
}

/// Makes a job that waits for its time runnable at once.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/run_now",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The job is in no state for it", body = Problem)),
)]
pub(crate) async fn run_now(visit: Visit, Named(id): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    carried_out(&visit, &id, What::RunNow, &body.reason).await
}

/// Asks the handler of a job that runs to stop, and deletes one that does not run.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/cancel",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The job is in no state for it", body = Problem)),
)]
pub(crate) async fn cancel(visit: Visit, Named(id): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    carried_out(&visit, &id, What::Cancel, &body.reason).await
}

/// Ends a job as deleted, also while it runs.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/delete",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The job is in no state for it", body = Problem)),
)]
pub(crate) async fn delete(visit: Visit, Named(id): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    carried_out(&visit, &id, What::Delete, &body.reason).await
}

/// Sets the time of a job; one that has ended starts its life anew.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/reschedule",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    request_body = Reschedule,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The job is in no state for it", body = Problem)),
)]
pub(crate) async fn reschedule(
    visit: Visit,
    Named(id): Named,
    Body(body): Body<Reschedule>,
) -> Result<Json<Done>, Fault> {
    let due = Due::At(time("due", &body.due)?);
    carried_out(&visit, &id, What::Reschedule(due), &body.reason).await
}

/// Puts a job that waits in another queue.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/move",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    request_body = Move,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The job is in no state for it", body = Problem)),
)]
pub(crate) async fn move_to(visit: Visit, Named(id): Named, Body(body): Body<Move>) -> Result<Json<Done>, Fault> {
    carried_out(&visit, &id, What::Move(body.queue), &body.reason).await
}

/// Gives a job that waits another priority.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/prioritize",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    request_body = Prioritize,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The job is in no state for it", body = Problem)),
)]
pub(crate) async fn prioritize(
    visit: Visit,
    Named(id): Named,
    Body(body): Body<Prioritize>,
) -> Result<Json<Done>, Fault> {
    carried_out(&visit, &id, What::Prioritize(body.priority), &body.reason).await
}

/// Gives a job other args, unless it runs or has succeeded.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{id}/edit",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    request_body = Edit,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The job is in no state for it, or has changed since it was read", body = Problem)),
)]
pub(crate) async fn edit(visit: Visit, Named(id): Named, Body(body): Body<Edit>) -> Result<Json<Done>, Fault> {
    carried_out(&visit, &id, What::Edit(body.args, body.fence), &body.reason).await
}
