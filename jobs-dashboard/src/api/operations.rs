//! Operations: one act on all jobs that match a filter.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use jobs_runtime::{
    Error, OperationId,
    storage::{BulkAct, Due, JobFilter, OperationRecord},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Json,
    acts::{Because, Done, told, unfit},
    body::{Body, Named},
    limit,
    problem::Problem,
    words::{OperationState, State, Via},
};
use crate::{
    act::operator,
    page::{jobs::Query, operations as page},
    policy::Role,
    web::{Fault, Params, Visit},
};

/// One page of the operations.
#[derive(Serialize, ToSchema)]
pub(crate) struct Operations {
    operations: Vec<Operation>,
    /// The value of `before` for the next page; null at the end.
    next: Option<String>,
}

/// An operation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Operation {
    id: String,
    state: OperationState,
    /// What it does to each job, by the words of the acts on jobs.
    act: &'static str,
    /// The queue to which `move` puts them, where the caller sees it.
    to_queue: Option<String>,
    /// The priority that `prioritize` gives.
    priority: Option<i16>,
    filter: Filter,
    actor: String,
    via: Via,
    reason: String,
    created_at: Timestamp,
    /// When it was last at work.
    touched_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// How many jobs matched when it was begun, where the totals tell that.
    expected: Option<i64>,
    /// How many jobs it has looked at.
    looked: i64,
    /// To how many it has done what it does.
    done: i64,
    /// How many were in another state by the time that it came to them.
    skipped: i64,
    /// How many refused the act with an error.
    failed: i64,
    /// The last such error, or why it could not go on.
    error: Option<String>,
}

/// Which jobs an operation is for. What is null or empty does not matter.
#[derive(Serialize, ToSchema)]
struct Filter {
    states: Vec<State>,
    kinds: Vec<String>,
    queues: Vec<String>,
    error: Option<String>,
    created_from: Option<Timestamp>,
    created_until: Option<Timestamp>,
    finished_from: Option<Timestamp>,
    finished_until: Option<Timestamp>,
    retried: Option<bool>,
    parked: Option<bool>,
}

impl From<&JobFilter> for Filter {
    fn from(filter: &JobFilter) -> Self {
        Self {
            states: filter.states().map(Into::into).collect(),
            kinds: filter.kinds().to_vec(),
            queues: filter.queues().to_vec(),
            error: filter.grouped().map(|error| error.to_string()),
            created_from: filter.created_in().from,
            created_until: filter.created_in().until,
            finished_from: filter.finished_in().from,
            finished_until: filter.finished_in().until,
            retried: filter.is_retried(),
            parked: filter.is_parked(),
        }
    }
}

impl Operation {
    fn of(visit: &Visit, operation: &OperationRecord) -> Self {
        let (act, queue, priority) = match &operation.act {
            BulkAct::Requeue => ("requeue", None, None),
            BulkAct::Delete => ("delete", None, None),
            BulkAct::Cancel => ("cancel", None, None),
            BulkAct::Reschedule(Due::Now) => ("run_now", None, None),
            BulkAct::Reschedule(_) => ("reschedule", None, None),
            BulkAct::Move { queue } => ("move", Some(queue.to_string()), None),
            BulkAct::Prioritize(priority) => ("prioritize", None, Some(*priority)),
        };
        Self {
            id: operation.id.to_string(),
            state: operation.state.into(),
            act,
            to_queue: queue.filter(|queue| visit.gate.sees(queue)),
            priority,
            filter: (&operation.filter).into(),
            actor: operation.actor.clone(),
            via: operation.via.into(),
            reason: operation.reason.clone(),
            created_at: operation.created_at,
            touched_at: operation.touched_at,
            finished_at: operation.finished_at,
            expected: operation.expected,
            looked: operation.looked,
            done: operation.done,
            skipped: operation.skipped,
            failed: operation.failed,
            error: operation.error.clone(),
        }
    }
}

/// An operation that was begun.
#[derive(Serialize, ToSchema)]
pub(crate) struct Begun {
    /// Its id: ask for it to see how far it is.
    operation: String,
}

impl Begun {
    pub(super) fn of(id: OperationId) -> Self {
        Self { operation: id.to_string() }
    }
}

/// How many jobs match.
#[derive(Serialize, ToSchema)]
pub(crate) struct Matching {
    /// How many match, of those that were looked at.
    jobs: i64,
    /// Whether that is all of them.
    is_exact: bool,
    /// How many were looked at; 0 where the totals tell.
    looked: i64,
}

/// What is to be done to which jobs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begin {
    filter: Wanted,
    /// `requeue`, `run_now`, `delete`, `cancel`, `move` or `prioritize`. A dry run needs none.
    #[serde(default)]
    act: Option<String>,
    /// Where `move` puts them.
    #[serde(default)]
    to_queue: Option<String>,
    /// What `prioritize` gives them.
    #[serde(default)]
    priority: Option<i16>,
    /// Why, for the audit.
    #[serde(default)]
    reason: String,
}

/// Which jobs: the filters of the list of jobs by the same names.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Their state, by its word.
    state: String,
    /// Only of these kinds.
    #[serde(default)]
    kind: Vec<String>,
    /// Only in these queues.
    #[serde(default)]
    queue: Vec<String>,
    /// Only with a last error of this group.
    #[serde(default)]
    error: Option<String>,
    /// Only created at this time or later.
    #[serde(default)]
    #[schema(format = DateTime)]
    from: Option<String>,
    /// Only created before this time.
    #[serde(default)]
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Only those of which an attempt has failed.
    #[serde(default)]
    retried: bool,
    /// Only enqueued ones that are set aside.
    #[serde(default)]
    parked: bool,
}

impl Wanted {
    /// The same as the list of jobs reads it. Nothing is passed over here that a list would pass over: this acts.
    fn query(&self) -> Result<Query, Fault> {
        for (field, names) in [("kind", &self.kind), ("queue", &self.queue)] {
            let most = JobFilter::NAMES;
            if names.len() > most {
                return Err(Fault::Unfit(format!(
                    "`filter.{field}`: a filter names at most {most}; begin several operations"
                )));
            }
            if names.iter().any(|name| name.trim().is_empty()) {
                return Err(Fault::Unfit(format!("`filter.{field}`: a name is empty; leave it out to mean all")));
            }
        }
        if self.parked && self.state != "enqueued" {
            return Err(Fault::Unfit("`filter.parked`: only enqueued jobs are set aside; leave it out".to_owned()));
        }
        let texts = [
            ("state", Some(&self.state)),
            ("error", self.error.as_ref()),
            ("from", self.from.as_ref()),
            ("until", self.until.as_ref()),
        ];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text?.clone())));
        let names = self.kind.iter().map(|kind| ("kind", kind.clone()));
        let names = names.chain(self.queue.iter().map(|queue| ("queue", queue.clone())));
        let ticks = [("retried", self.retried), ("parked", self.parked)].into_iter();
        let ticks = ticks.filter(|(_, is_ticked)| *is_ticked).map(|(name, _)| (name, "yes".to_owned()));
        let blank = texts.clone().find(|(_, text)| text.trim().is_empty());
        if let Some((name, _)) = blank {
            return Err(Fault::Unfit(format!("`filter.{name}` is empty; leave it out where it does not matter")));
        }
        Query::parse(&Params::of(texts.chain(names).chain(ticks))).map_err(unfit)
    }
}

/// Operations, the newest first, page by page.
#[utoipa::path(
    get,
    path = "/api/v1/operations",
    tag = "operations",
    params(
        ("limit" = Option<u32>, Query, description = "How many on a page, from 1 to 100"),
        ("before" = Option<String>, Query, description = "Which page: `next` of another"),
    ),
    responses((status = 200, description = "A page of the list", body = Operations)),
)]
pub(crate) async fn list(visit: Visit, params: Params) -> Result<Json<Operations>, Fault> {
    let (operations, last) = page::listed(&visit, &params, limit(&params)).await?;
    Ok(Json(Operations {
        operations: operations.iter().map(|operation| Operation::of(&visit, operation)).collect(),
        next: last.map(|last| last.to_string()),
    }))
}

/// The operation, if the visitor sees all that it is about.
async fn seen(visit: &Visit, text: &str) -> Result<OperationRecord, Fault> {
    let operation = visit.shared.client.operation(page::id(text)?).await?;
    match visit.gate.on_all(Role::Read, operation.filter.queues()) {
        true => Ok(operation),
        false => Err(Error::NoOperation(operation.id).into()),
    }
}

/// One operation: how far it is.
#[utoipa::path(
    get,
    path = "/api/v1/operations/{id}",
    tag = "operations",
    params(("id" = String, Path, description = "The operation's id")),
    responses((status = 200, description = "The operation", body = Operation), (status = 404, description = "There is none that the caller sees", body = Problem)),
)]
pub(crate) async fn show(visit: Visit, Named(id): Named) -> Result<Json<Operation>, Fault> {
    Ok(Json(Operation::of(&visit, &seen(&visit, &id).await?)))
}

/// Begins an operation on all jobs that match, or counts them.
#[utoipa::path(
    post,
    path = "/api/v1/operations",
    tag = "operations",
    params(("dry_run" = Option<String>, Query, description = "Only count the jobs that match; `?dry_run` alone is enough")),
    request_body = Begin,
    responses(
        (status = 200, description = "How many match: of a dry run", body = Matching),
        (status = 202, description = "The operation was begun", body = Begun),
    ),
)]
pub(crate) async fn begin(visit: Visit, params: Params, Body(body): Body<Begin>) -> Result<Response, Fault> {
    let query = body.filter.query()?;
    page::allowed(&visit, &query)?;
    if is_dry(&params)? {
        let matching = visit.shared.client.matching(query.filter()).await.map_err(|error| unfit(error.into()))?;
        let jobs_runtime::storage::Matching { jobs, is_exact, looked } = matching;
        return Ok(Json(Matching { jobs, is_exact, looked }).into_response());
    }
    let texts =
        [("act", body.act), ("to_queue", body.to_queue), ("priority", body.priority.map(|number| number.to_string()))];
    let form = Params::of(texts.into_iter().filter_map(|(name, text)| Some((name, text?))));
    let act = page::bulk(&visit, &query, &form).map_err(unfit)?;
    let begun = operator(&visit, &body.reason).begin(query.filter(), act).await.map_err(|error| unfit(error.into()))?;
    Ok((StatusCode::ACCEPTED, Json(Begun::of(begun))).into_response())
}

/// What is only to be counted must not be done because a word was not understood.
fn is_dry(params: &Params) -> Result<bool, Fault> {
    match params.all("dry_run").next() {
        None | Some("no" | "false" | "0") => Ok(false),
        Some("" | "yes" | "true" | "1") => Ok(true),
        Some(word) => {
            let word = word.escape_debug();
            Err(Fault::Bad(format!("`dry_run`: `{word}` is neither `yes` nor `no`")))
        }
    }
}

/// Stops an operation; what it has done stays.
#[utoipa::path(
    post,
    path = "/api/v1/operations/{id}/cancel",
    tag = "operations",
    params(("id" = String, Path, description = "The operation's id")),
    request_body = Because,
    responses((status = 200, description = "Done", body = Done), (status = 409, description = "It had ended", body = Problem)),
)]
pub(crate) async fn cancel(visit: Visit, Named(text): Named, Body(body): Body<Because>) -> Result<Json<Done>, Fault> {
    let operation = seen(&visit, &text).await?;
    let done = page::stop(&visit, operation.id, &body.reason).await?;
    told(done, || format!("operation {} has ended", operation.id))
}
