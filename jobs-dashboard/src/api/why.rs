//! Why a job is not running, as facts.

use jiff::Timestamp;
use jobs_runtime::{Reason as Theirs, Why as Told};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    shape::{Node, Pause},
    words::{Condition, State},
};
use crate::web::Visit;

/// Why a job is not running, or that it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Why {
    /// The database's time when this was found out.
    at: Timestamp,
    /// The reasons, what comes first first; there is always one.
    reasons: Vec<Reason>,
}

impl Why {
    pub(super) fn of(visit: &Visit, why: &Told) -> Self {
        Self { at: why.at, reasons: why.reasons.iter().map(|reason| Reason::of(visit, reason)).collect() }
    }
}

/// One thing that keeps a job from running, or tells that nothing does. The field `code` tells which.
#[derive(Serialize, ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
enum Reason {
    /// It has ended; `used_up`: it failed as often as it may.
    Ended { state: State, at: Option<Timestamp>, used_up: bool },
    /// It runs.
    Running { since: Option<Timestamp> },
    /// Its server has lost its lease; the job is put back soon.
    ServerLost { lease_until: Timestamp },
    /// An operator has asked it to stop.
    CancelRequested,
    /// It waits for its time; `retry`: an attempt has failed before.
    Scheduled { until: Timestamp, retry: bool },
    /// Its time has come, and it becomes runnable soon.
    Due { since: Timestamp },
    /// It waits for a job or a batch.
    Parent { parent: Node, condition: Condition },
    /// Its batch holds it back; `sealed`: all members were stored.
    Held { batch: Node, sealed: bool, cancelled: bool },
    /// It is no longer worth starting.
    Expired { at: Timestamp },
    /// Its queue, its kind, or every server that would run it is paused.
    Paused { pause: Pause },
    /// No server lives.
    NoServer,
    /// Of so many live servers none reads its queue.
    NoServerForQueue { servers: u64 },
    /// Of so many servers that read its queue none can run its kind.
    NoServerForKind { servers: u64 },
    /// All servers that would run it are about to stop.
    Stopping { servers: u64 },
    /// It is set aside until its kind can be run.
    Parked,
    /// A server died while it ran, so often: it is claimed alone.
    Suspect { crashes: u16 },
    /// Every server that would run it runs as many jobs as it can.
    Busy { running: u64, workers: u64 },
    /// At most so many runnable jobs go first.
    Ahead { at_most: u64 },
    /// Nothing keeps it.
    Soon,
    /// Something that this version has no word for.
    Other,
}

impl Reason {
    fn of(visit: &Visit, reason: &Theirs) -> Self {
        let whole = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        match reason {
            Theirs::Ended { state, at, used_up } => Self::Ended { state: (*state).into(), at: *at, used_up: *used_up },
            Theirs::Running { since, .. } => Self::Running { since: *since },
            Theirs::ServerLost { lease_until, .. } => Self::ServerLost { lease_until: *lease_until },
            Theirs::CancelRequested => Self::CancelRequested,
            Theirs::Scheduled { until, retry } => Self::Scheduled { until: *until, retry: *retry },
            Theirs::Due { since } => Self::Due { since: *since },
            Theirs::Parent { parent, condition } => {
                Self::Parent { parent: Node::of(visit, *parent), condition: (*condition).into() }
            }
            Theirs::Held { batch, sealed, cancelled, .. } => {
                Self::Held { batch: Node::of(visit, (*batch).into()), sealed: *sealed, cancelled: *cancelled }
            }
            Theirs::Expired { at } => Self::Expired { at: *at },
            Theirs::Paused(pause) => Self::Paused { pause: Pause::of(visit, pause) },
            Theirs::NoServer => Self::NoServer,
            Theirs::NoServerForQueue { servers } => Self::NoServerForQueue { servers: whole(*servers) },
            Theirs::NoServerForKind { servers } => Self::NoServerForKind { servers: whole(*servers) },
            Theirs::Stopping { servers } => Self::Stopping { servers: whole(*servers) },
            Theirs::Parked => Self::Parked,
            Theirs::Suspect { crashes } => Self::Suspect { crashes: *crashes },
            Theirs::Busy { running, workers } => Self::Busy { running: *running, workers: *workers },
            Theirs::Ahead { at_most } => Self::Ahead { at_most: *at_most },
            Theirs::Soon => Self::Soon,
            _ => Self::Other,
        }
    }
}
