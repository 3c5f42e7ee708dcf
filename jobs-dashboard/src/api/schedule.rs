//! One recurring job with its runs, and the edit of its schedule.

use jiff::Timestamp;
use jobs_runtime::storage::{JobRecord, RecurringRun};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Json,
    acts::{Because, Done, told},
    body::{Body, Named},
    problem::Problem,
    recurring::{Recurring, actable, visible},
    words::State,
};
use crate::{
    act::operator,
    web::{Fault, Visit},
};

/// So many runs are told.
const RUNS: u32 = 20;

/// A recurring job with its runs.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecurringDetail {
    recurring: Recurring,
    /// What the code says, where an edit is in force.
    of_code: Option<Schedule>,
    /// The jobs that it made and that are still kept, the newest first: at most twenty.
    runs: Vec<Run>,
}

/// When a recurring job fires.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schedule {
    /// The expression.
    cron: String,
    /// The IANA name of the time zone.
    zone: String,
}

/// A job that a recurring job made.
#[derive(Serialize, ToSchema)]
struct Run {
    /// Its id.
    job: String,
    /// The occurrence that it is for, or when it was made by hand.
    at: Timestamp,
    /// Whether it was made beside the schedule.
    by_hand: bool,
    /// Null where the job has just been removed.
    state: Option<State>,
}

impl Run {
    fn of(run: &RecurringRun, job: Option<&JobRecord>) -> Self {
        Self { job: run.job.to_string(), at: run.at, by_hand: run.is_by_hand(), state: job.map(|job| job.state.into()) }
    }
}

/// Another schedule.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alter {
    /// The expression.
    cron: String,
    /// The IANA name of the time zone; null: the one that it has.
    #[serde(default)]
    zone: Option<String>,
    /// The schedule as it was read: where somebody has changed it since, nothing is done. Null: whichever it has.
    #[serde(default)]
    seen: Option<Schedule>,
    /// Why, for the audit.
    #[serde(default)]
    reason: String,
}

/// One recurring job: when it fires and has fired.
#[utoipa::path(
    get,
    path = "/api/v1/recurring/{id}",
    tag = "recurring",
    params(("id" = String, Path, description = "The recurring job's id")),
    responses((status = 200, description = "The recurring job", body = RecurringDetail), (status = 404, description = "There is none", body = Problem)),
)]
pub(crate) async fn show(visit: Visit, Named(id): Named) -> Result<Json<RecurringDetail>, Fault> {
    let job = visible(&visit, &id).await?;
    let runs = visit.shared.client.recurring(&*id).runs(RUNS).await?;
    // A run may have been moved to another queue, and of one that is gone nobody knows the queue any more.
    let seen = runs.iter().filter(|(_, job)| match job {
        Some(job) => visit.gate.sees(&job.queue),
        None => visit.gate.sees_every_queue(),
    });
    let of_code = job.of_code.clone().map(|(cron, zone)| Schedule { cron, zone });
    let runs = seen.map(|(run, job)| Run::of(run, job.as_ref())).collect();
    Ok(Json(RecurringDetail { recurring: Recurring::of(&visit, &job), of_code, runs }))
}

/// Gives a recurring job another schedule. One that the code defines keeps it over deploys.
#[utoipa::path(
    post,
    path = "/api/v1/recurring/{id}/alter",
    tag = "recurring",
    params(("id" = String, Path, description = "The recurring job's id")),
    request_body = Alter,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "It has changed meanwhile", body = Problem)),
)]
pub(crate) async fn alter(visit: Visit, Named(id): Named, Body(body): Body<Alter>) -> Result<Json<Done>, Fault> {
    let job = actable(&visit, &id).await?;
    let (cron, zone) = (&job.spec.cron, &job.spec.zone);
    let seen = body.seen.as_ref().map_or((&**cron, &**zone), |seen| (&*seen.cron, &*seen.zone));
    let to_zone = body.zone.as_deref().unwrap_or(zone);
    let done = operator(&visit, &body.reason).alter_recurring_if(&id, seen, &body.cron, to_zone).await?;
    told(done, || format!("`{id}` has the schedule `{cron}` in `{zone}` by now, or has just changed; read it again"))
}

/// Ends an edit: a recurring job that the code defines fires as the code says.
#[utoipa::path(
    post,
    path = "/api/v1/recurring/{id}/reset",
    tag = "recurring",
    params(("id" = String, Path, description = "The recurring job's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "There is no edit", body = Problem)),
)]
pub(crate) async fn reset(visit: Visit, Named(id): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    actable(&visit, &id).await?;
    let done = operator(&visit, &body.reason).reset_recurring(&id).await?;
    told(done, || format!("the schedule of `{id}` is not edited, or has just changed"))
}
