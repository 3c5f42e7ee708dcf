//! Small things that several answers hold.

use jiff::Timestamp;
use jobs_runtime::{
    Histogram, StateCounts, Throughput as Through,
    flow::NodeId,
    storage::{EdgeRecord, PauseTarget},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    millis,
    words::{Condition, Ending},
};
use crate::{page::glance::ready, web::Visit};

/// A pause in force.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pause {
    /// What is paused: `queue`, `kind`, `recurring` or `server`.
    what: &'static str,
    /// Its name or id; null where the caller may not see servers.
    name: Option<String>,
    /// Why, in the operator's words.
    reason: String,
    since: Timestamp,
    /// When it ends by itself.
    until: Option<Timestamp>,
}

impl Pause {
    pub(super) fn of(visit: &Visit, pause: &jobs_runtime::storage::Pause) -> Self {
        let (what, name) = match &pause.target {
            PauseTarget::Queue(name) => ("queue", Some(name.to_string())),
            PauseTarget::Kind(name) => ("kind", Some(name.to_string())),
            PauseTarget::Recurring(name) => ("recurring", Some(name.to_string())),
            PauseTarget::Server(id) => ("server", visit.gate.sees_all().then(|| id.to_string())),
        };
        Self { what, name, reason: pause.reason.clone(), since: pause.since, until: pause.until }
    }
}

/// A job or a batch.
#[derive(Serialize, ToSchema)]
pub(crate) struct Node {
    /// `job` or `batch`.
    r#type: &'static str,
    /// Its id; null where it may be in a queue that the caller does not see.
    id: Option<String>,
}

impl Node {
    pub(super) fn of(visit: &Visit, node: NodeId) -> Self {
        let sees = visit.gate.sees_every_queue();
        match node {
            NodeId::Job(id) => Self { r#type: "job", id: sees.then(|| id.to_string()) },
            NodeId::Batch(id) => Self { r#type: "batch", id: sees.then(|| id.to_string()) },
        }
    }
}

/// One arrow of a flow: what waits for what.
#[derive(Serialize, ToSchema)]
pub(crate) struct Edge {
    parent: Node,
    child: Node,
    condition: Condition,
    /// How the parent ended; null where it has not.
    ending: Option<Ending>,
}

impl Edge {
    /// An arrow at this node, which the visitor sees.
    pub(super) fn of(visit: &Visit, this: NodeId, edge: &EdgeRecord) -> Self {
        let node = |node: NodeId| {
            let mut shown = Node::of(visit, node);
            if let NodeId::Job(id) = node
                && node == this
            {
                shown.id = Some(id.to_string());
            }
            shown
        };
        let ending = edge.ending.filter(|_| visit.gate.sees_every_queue());
        Self {
            parent: node(edge.parent),
            child: node(edge.child),
            condition: edge.condition.into(),
            ending: ending.map(Into::into),
        }
    }
}

/// How many jobs stand where.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counts {
    scheduled: i64,
    awaiting: i64,
    /// Those that are set aside among them.
    enqueued: i64,
    /// Of the enqueued ones, those that are set aside: their kind is paused, or no live server can run it.
    parked: i64,
    processing: i64,
    succeeded: i64,
    failed: i64,
    deleted: i64,
}

impl Counts {
    pub(super) fn of(counts: &StateCounts) -> Self {
        Self {
            scheduled: counts.scheduled,
            awaiting: counts.awaiting,
            enqueued: ready(counts),
            parked: counts.parked,
            processing: counts.processing,
            succeeded: counts.succeeded,
            failed: counts.failed,
            deleted: counts.deleted,
        }
    }
}

/// What went through within a span of time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Throughput {
    since: Timestamp,
    until: Timestamp,
    created: i64,
    succeeded: i64,
    failed: i64,
    deleted: i64,
    /// Attempts that were followed by another.
    retried: i64,
    /// Jobs that were put back after their server died.
    rescued: i64,
    /// From due to start.
    waits: Quantiles,
    /// From start to end.
    runs: Quantiles,
}

impl Throughput {
    pub(super) fn of(through: &Through) -> Self {
        Self {
            since: through.since,
            until: through.until,
            created: through.created,
            succeeded: through.succeeded,
            failed: through.failed,
            deleted: through.deleted,
            retried: through.retried,
            rescued: through.rescued,
            waits: Quantiles::of(&through.waits),
            runs: Quantiles::of(&through.runs),
        }
    }
}

/// Quantiles of durations, estimated; null where there are none.
#[derive(Serialize, ToSchema)]
pub(crate) struct Quantiles {
    /// Of how many durations.
    count: u64,
    p50_ms: Option<u64>,
    p95_ms: Option<u64>,
    p99_ms: Option<u64>,
}

impl Quantiles {
    fn of(histogram: &Histogram) -> Self {
        let at = |part| histogram.quantile(part).map(millis);
        Self { count: histogram.count(), p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) }
    }
}
