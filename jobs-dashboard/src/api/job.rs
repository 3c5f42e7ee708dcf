//! A job as programs see it: in lists, and with all that its page has.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jobs_runtime::{
    Error, JobId,
    flow::NodeId,
    storage::{EventKind, EventRecord, JobRecord},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    Json,
    body::Named,
    millis,
    problem::Problem,
    shape::{Edge, Node},
    why::Why,
    words::{Event, OnExhausted, State},
};
use crate::{
    act::{Act, WORDS},
    page::job::View,
    policy::Role,
    web::{Fault, Visit},
};

/// Args of a job in a list that are longer than so many bytes as JSON stand only at the job itself: a page of a list is bounded.
const LONGEST: usize = 4 * 1024;

/// A job.
#[derive(Serialize, ToSchema)]
pub(crate) struct Job {
    id: String,
    kind: String,
    queue: String,
    state: State,
    /// Whether it is set aside, because its kind is paused or no live server can run it.
    parked: bool,
    /// Greater goes first.
    priority: i16,
    /// How many attempts have ended and count.
    attempt: u16,
    max_attempts: u16,
    /// How often a server died while it held the job.
    crashes: u16,
    created_at: Timestamp,
    /// The time that it waits for, or last waited for.
    due_at: Timestamp,
    /// When it is no longer worth starting.
    expires_at: Option<Timestamp>,
    /// When the attempt that runs, or the last one, was claimed.
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    /// How long one attempt may take.
    timeout_ms: Option<u64>,
    /// How long it is kept when it has ended.
    retain_ms: Option<u64>,
    on_exhausted: OnExhausted,
    /// The args by name; what the kind calls secret is redacted.
    args: Option<Value>,
    /// Why `args` is null.
    args_unread: Option<String>,
    /// Why it ended as it did, or the last attempt's error.
    reason: Option<String>,
    cancel_requested: bool,
    progress: Option<Progress>,
    /// The server that runs it.
    server: Option<String>,
    /// The recurring job that made it.
    recurring: Option<Occurrence>,
    /// The batch that it is a member of.
    batch: Option<Node>,
    tags: Vec<String>,
    meta: BTreeMap<String, String>,
    /// The version of the job, which an edit of its args sends back.
    fence: String,
    /// What the caller may do to it in this state.
    acts: Vec<&'static str>,
}

/// How far a job is.
#[derive(Serialize, ToSchema)]
struct Progress {
    /// From 0 to 1.
    fraction: f64,
    text: String,
}

/// The recurring job that made a job, and for which time.
#[derive(Serialize, ToSchema)]
struct Occurrence {
    id: String,
    at: Timestamp,
}

impl Job {
    /// A job of a list.
    pub(super) fn listed(visit: &Visit, job: &JobRecord) -> Self {
        let mut listed = Self::of(visit, job);
        let length = listed.args.as_ref().map_or(0, |args| args.to_string().len());
        if length > LONGEST {
            listed.args = None;
            listed.args_unread = Some(format!("the args have {length} bytes; ask for the job itself"));
        }
        listed
    }

    fn of(visit: &Visit, job: &JobRecord) -> Self {
        let (args, args_unread) = read(visit.shared.client.args_json(job));
        let may = visit.gate.may_on(Role::Operate, &job.queue);
        Self {
            id: job.id.to_string(),
            kind: job.kind.clone(),
            queue: job.queue.clone(),
            state: job.state.into(),
            parked: job.parked,
            priority: job.priority,
            attempt: job.attempt,
            max_attempts: job.max_attempts,
            crashes: job.crashes,
            created_at: job.created_at,
            due_at: job.due_at,
            expires_at: job.expires_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            timeout_ms: job.timeout.map(millis),
            retain_ms: job.retain.map(millis),
            on_exhausted: job.on_exhausted.into(),
            args,
            args_unread,
            reason: job.reason.clone(),
            cancel_requested: job.cancel_requested,
            progress: job.progress.as_ref().map(|(fraction, text)| Progress {
                // What is no number has no place in JSON.
                fraction: if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) },
                text: text.clone(),
            }),
            server: job.server.map(|server| server.to_string()),
            recurring: job.recurring.as_ref().map(|(id, at)| Occurrence { id: id.clone(), at: *at }),
            batch: job.batch.map(|batch| Node::of(visit, batch.into())),
            tags: job.tags.clone(),
            meta: visit.shared.client.meta_shown(job),
            fence: job.fence.to_string(),
            acts: WORDS.into_iter().filter(|word| may && Act::of_word(word, job.state)).collect(),
        }
    }
}

/// A value, or why there is none.
fn read(value: Result<Value, Error>) -> (Option<Value>, Option<String>) {
    match value {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error.to_string())),
    }
}

/// A job with its history.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobDetail {
    job: Job,
    why: Why,
    /// What it returned; null for nothing, and where it did not succeed.
    output: Option<Value>,
    /// Why the output cannot be read.
    output_unread: Option<String>,
    /// What has happened to it, oldest first; errors of attempts among them.
    events: Vec<Happened>,
    /// What its handler logged, oldest first.
    logs: Vec<Line>,
    /// What it waits for, and what waits for it.
    edges: Vec<Edge>,
}

/// Something that happened to a job.
#[derive(Serialize, ToSchema)]
struct Happened {
    at: Timestamp,
    event: Event,
    /// The attempt that it belongs to; null where it belongs to none.
    attempt: Option<u16>,
    /// The error with its chain of causes, or the operator's reason.
    text: String,
}

/// A line that a handler logged.
#[derive(Serialize, ToSchema)]
struct Line {
    at: Timestamp,
    attempt: Option<u16>,
    text: String,
}

impl JobDetail {
    fn of(visit: &Visit, view: &View) -> Self {
        let (job, client) = (&view.why.job, &visit.shared.client);
        let (output, output_unread) = match job.output {
            Some(_) => read(client.output_json(job)),
            None => (None, None),
        };
        let (logs, told): (Vec<_>, Vec<_>) = view.events.iter().partition(|event| event.what == EventKind::Log);
        let attempt = |event: &EventRecord| Some(event.attempt).filter(|attempt| *attempt > 0);
        // A move tells of another queue.
        let sees = |event: &EventRecord| event.what != EventKind::Moved || visit.gate.sees_every_queue();
        let text = |event: &EventRecord| if sees(event) { event.text.clone() } else { String::new() };
        Self {
            why: Why::of(visit, &view.why),
            output,
            output_unread,
            events: told
                .into_iter()
                .map(|one| Happened { at: one.at, event: one.what.into(), attempt: attempt(one), text: text(one) })
                .collect(),
            logs: logs
                .into_iter()
                .map(|one| Line { at: one.at, attempt: attempt(one), text: one.text.clone() })
                .collect(),
            edges: edges(visit, job.id, view),
            job: Job::of(visit, job),
        }
    }
}

fn edges(visit: &Visit, id: JobId, view: &View) -> Vec<Edge> {
    view.edges.iter().map(|edge| Edge::of(visit, NodeId::Job(id), edge)).collect()
}

/// One job, with why it does not run, its errors, its output and its logs.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = JobDetail), (status = 404, description = "There is none that the caller sees", body = Problem)),
)]
pub(crate) async fn show(visit: Visit, Named(id): Named) -> Result<Json<JobDetail>, Fault> {
    let view = View::read(&visit, &id).await?;
    Ok(Json(JobDetail::of(&visit, &view)))
}
