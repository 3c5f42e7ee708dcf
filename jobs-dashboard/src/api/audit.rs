//! What operators did.

use jiff::Timestamp;
use jobs_runtime::storage::{AuditRecord, Target as TheirTarget};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    Json, limit,
    words::{Outcome, Verb, Via},
};
use crate::{
    page::audit::{Wanted, sees_detail},
    web::{Fault, Params, Visit},
};

/// One page of the acts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Acts {
    acts: Vec<Act>,
    /// The value of `before` for the next page; null at the end.
    next: Option<String>,
}

/// Something that somebody did.
#[derive(Serialize, ToSchema)]
struct Act {
    /// Its place in the list.
    number: String,
    at: Timestamp,
    /// Who did it.
    actor: String,
    via: Via,
    act: Verb,
    target: Target,
    /// The queue of the job that it was done to, before the act.
    queue: Option<String>,
    /// Why, in the actor's words.
    reason: String,
    outcome: Outcome,
    /// What was before and what was after, as far as it is known; null where the caller may not see it.
    detail: Option<Value>,
}

/// What something was done to.
#[derive(Serialize, ToSchema)]
struct Target {
    /// `job`, `queue`, `kind`, `recurring`, `server`, `batch` or `operation`.
    r#type: &'static str,
    /// Its id or name.
    id: String,
}

impl From<&TheirTarget> for Target {
    fn from(target: &TheirTarget) -> Self {
        let (r#type, id) = match target {
            TheirTarget::Job(id) => ("job", id.to_string()),
            TheirTarget::Queue(name) => ("queue", name.to_string()),
            TheirTarget::Kind(name) => ("kind", name.to_string()),
            TheirTarget::Recurring(id) => ("recurring", id.to_string()),
            TheirTarget::Server(id) => ("server", id.to_string()),
            TheirTarget::Batch(id) => ("batch", id.to_string()),
            TheirTarget::Operation(id) => ("operation", id.to_string()),
        };
        Self { r#type, id }
    }
}

impl Act {
    fn of(visit: &Visit, act: &AuditRecord) -> Self {
        Self {
            number: act.number.to_string(),
            at: act.at,
            actor: act.actor.clone(),
            via: act.via.into(),
            act: act.act.into(),
            target: (&act.target).into(),
            queue: act.queue.clone(),
            reason: act.reason.clone(),
            outcome: act.outcome.into(),
            detail: act.detail.clone().filter(|_| sees_detail(visit, act)),
        }
    }
}

/// What operators did, the newest first, page by page.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "audit",
    params(
        ("actor" = Option<String>, Query, description = "Only acts of this actor"),
        ("act" = Option<Verb>, Query, description = "Only these acts"),
        ("limit" = Option<u32>, Query, description = "How many on a page, from 1 to 100"),
        ("before" = Option<String>, Query, description = "Which page: `next` of another"),
    ),
    responses((status = 200, description = "A page of the list", body = Acts)),
)]
pub(crate) async fn list(visit: Visit, params: Params) -> Result<Json<Acts>, Fault> {
    let (acts, older) = Wanted::parse(&params)?.read(&visit, limit(&params)).await?;
    let acts = acts.iter().map(|act| Act::of(&visit, act)).collect();
    Ok(Json(Acts { acts, next: older.map(|number| number.to_string()) }))
}
