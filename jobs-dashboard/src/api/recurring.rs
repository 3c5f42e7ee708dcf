//! Recurring jobs, and what is done to them.

use jiff::Timestamp;
use jobs_runtime::{
    Error,
    storage::{Owner as TheirOwner, PauseTarget, RecurringRecord},
};
use jobs_schedule::{Cron, Language, parse_zone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Json,
    acts::{Because, Done, time, told},
    body::{Body, Named},
    problem::Problem,
    queues::{Halt, paused, resumed},
    shape::Pause,
    words::Owner,
};
use crate::{
    act::operator,
    policy::Role,
    web::{Fault, Visit},
};

/// So many times to come are told.
const NEXT: usize = 3;

/// All recurring jobs that the caller sees.
#[derive(Serialize, ToSchema)]
pub(crate) struct Recurrings {
    recurring: Vec<Recurring>,
}

/// A recurring job.
#[derive(Serialize, ToSchema)]
pub(super) struct Recurring {
    id: String,
    owner: Owner,
    /// The expression as it was written.
    cron: String,
    /// The same in English; null where this version cannot read it.
    described: Option<String>,
    /// The IANA name of the time zone.
    zone: String,
    /// What becomes of occurrences that were missed.
    misfire: String,
    /// What happens when the run before has not ended.
    overlap: String,
    kind: String,
    queue: String,
    priority: i16,
    /// The next times, the soonest first: at most three.
    next: Vec<Timestamp>,
    /// The occurrence that fired last.
    last_at: Option<Timestamp>,
    /// The job that it made.
    last_job: Option<String>,
    pause: Option<Pause>,
    /// Whether it belongs to the code and no live server declares it: it does not fire.
    orphaned: bool,
}

impl Recurring {
    pub(super) fn of(visit: &Visit, job: &RecurringRecord) -> Self {
        let (spec, cron) = (&job.spec, Cron::parse(&job.spec.cron).ok());
        let next = job.next_at.filter(|_| !job.orphaned);
        let after = match (next, &cron, parse_zone(&spec.zone)) {
            (Some(first), Some(cron), Ok(zone)) => cron.upcoming(first, &zone).take(NEXT - 1).collect(),
            _ => Vec::new(),
        };
        Self {
            id: spec.id.to_string(),
            owner: spec.owner.into(),
            described: cron.map(|cron| cron.describe(Language::English)),
            cron: spec.cron.clone(),
            zone: spec.zone.clone(),
            misfire: spec.misfire.to_string(),
            overlap: spec.overlap.to_string(),
            kind: spec.template.kind.to_string(),
            queue: spec.template.queue.to_string(),
            priority: spec.template.priority,
            next: next.into_iter().chain(after).collect(),
            last_at: job.last_at,
            last_job: job.last_job.map(|id| id.to_string()),
            pause: job.pause.as_ref().map(|pause| Pause::of(visit, pause)),
            orphaned: job.orphaned,
        }
    }
}

/// The occurrence that is to be left out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Skip {
    /// The next time as it was read: where it has fired since, nothing is done. Null: whichever is next.
    #[serde(default)]
    #[schema(format = DateTime)]
    next: Option<String>,
    /// Why, for the audit.
    #[serde(default)]
    reason: String,
}

/// A job that was made beside the schedule.
#[derive(Serialize, ToSchema)]
pub(crate) struct Triggered {
    /// Its id.
    job: String,
}

/// The recurring job. One whose queue the visitor does not see is not there.
pub(super) async fn visible(visit: &Visit, id: &str) -> Result<RecurringRecord, Fault> {
    let job = visit.shared.client.recurring(id).get().await?;
    match visit.gate.sees(&job.spec.template.queue) {
        true => Ok(job),
        false => Err(Error::NoRecurring(id.to_owned()).into()),
    }
}

/// The same, if the visitor may act on it.
pub(super) async fn actable(visit: &Visit, id: &str) -> Result<RecurringRecord, Fault> {
    let job = visible(visit, id).await?;
    visit.gate.must(Role::Operate, &job.spec.template.queue)?;
    Ok(job)
}

/// All recurring jobs, and when they fire.
#[utoipa::path(
    get,
    path = "/api/v1/recurring",
    tag = "recurring",
    responses((status = 200, description = "All recurring jobs that the caller sees, by id", body = Recurrings)),
)]
pub(crate) async fn list(visit: Visit) -> Result<Json<Recurrings>, Fault> {
    let jobs = visit.shared.client.recurring_jobs().await?;
    let seen = jobs.iter().filter(|job| visit.gate.sees(&job.spec.template.queue));
    Ok(Json(Recurrings { recurring: seen.map(|job| Recurring::of(&visit, job)).collect() }))
}

/// Makes a job from a recurring one now, beside its schedule.
#[utoipa::path(
    post,
    path = "/api/v1/recurring/{id}/trigger",
    tag = "recurring",
    params(("id" = String, Path, description = "The recurring job's id")),
    request_body = Because,
    responses((status = 200, description = "The job", body = Triggered)),
)]
pub(crate) async fn trigger(
    visit: Visit,
    Named(id): Named,
    Body(body): Body<Because>,
) -> Result<Json<Triggered>, Fault> {
    actable(&visit, &id).await?;
    let job = operator(&visit, &body.reason).trigger(&id).await?;
    Ok(Json(Triggered { job: job.id().to_string() }))
}

/// Pauses a recurring job: it does not fire.
#[utoipa::path(
    post,
    path = "/api/v1/recurring/{id}/pause",
    tag = "recurring",
    params(("id" = String, Path, description = "The recurring job's id")),
    request_body = Halt,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "The end has passed", body = Problem)),
)]
pub(crate) async fn pause(visit: Visit, Named(id): Named, Body(body): Body<Halt>) -> Result<Json<Done>, Fault> {
    actable(&visit, &id).await?;
    paused(&visit, PauseTarget::Recurring(id.into()), &body).await
}

/// Ends the pause of a recurring job.
#[utoipa::path(
    post,
    path = "/api/v1/recurring/{id}/resume",
    tag = "recurring",
    params(("id" = String, Path, description = "The recurring job's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "It is not paused", body = Problem)),
)]
pub(crate) async fn resume(visit: Visit, Named(id): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    actable(&visit, &id).await?;
    resumed(&visit, PauseTarget::Recurring(id.into()), &body).await
}

/// Leaves the next occurrence of a recurring job out.
#[utoipa::path(
    post,
    path = "/api/v1/recurring/{id}/skip",
    tag = "recurring",
    params(("id" = String, Path, description = "The recurring job's id")),
    request_body = Skip,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "There is none, or it has fired", body = Problem)),
)]
pub(crate) async fn skip(visit: Visit, Named(id): Named, Body(body): Body<Skip>) -> Result<Json<Done>, Fault> {
    let job = actable(&visit, &id).await?;
    let meant = body.next.as_deref().map(|text| time("next", text)).transpose()?;
    let is_next = meant.is_none() || meant == job.next_at;
    let done = is_next && operator(&visit, &body.reason).skip_next(&id).await?;
    told(done, || match job.next_at {
        Some(next) => format!("`{id}` fires next at {next}, or has just fired; read it again"),
        None => format!("`{id}` does not fire again, so that there is nothing to leave out"),
    })
}

/// Removes a recurring job that was made at run time; the jobs that it made stay.
#[utoipa::path(
    post,
    path = "/api/v1/recurring/{id}/remove",
    tag = "recurring",
    params(("id" = String, Path, description = "The recurring job's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "It belongs to the code", body = Problem)),
)]
pub(crate) async fn remove(visit: Visit, Named(id): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    let job = actable(&visit, &id).await?;
    // It would come back with the next server that declares it.
    let is_declared = job.spec.owner == TheirOwner::Code && !job.orphaned;
    let done = !is_declared && operator(&visit, &body.reason).remove_recurring(&id).await?;
    told(done, || match is_declared {
        true => format!("`{id}` is declared in the code by `#[recurring]`; remove it there, or pause it"),
        false => format!("`{id}` has just been removed"),
    })
}
