//! The noun *operation*: one act on all jobs that match a filter, carried out in bounded steps by whatever server lives.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    OperationId, Result,
    storage::{Change, Due, JobFilter, Via},
};

/// What an operation does to each job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkAct {
    /// Makes it runnable now, also once more after its end.
    Requeue,
    /// Ends it as deleted, also while it runs.
    Delete,
    /// Deletes it if it does not run; if it runs, asks the handler to stop.
    Cancel,
    /// Sets its time; one that counts from now counts from when the operation was begun.
    Reschedule(Due),
    /// Puts it in another queue.
    Move {
        /// The queue's name.
        queue: Arc<str>,
    },
    /// Gives it another priority.
    Prioritize(i16),
}

impl BulkAct {
    /// The change of one job, for this reason.
    pub(crate) fn change(&self, reason: &str) -> Change {
        match self {
            Self::Requeue => Change::Requeue,
            Self::Delete => Change::Delete { reason: reason.to_owned() },
            Self::Cancel => Change::Cancel { reason: reason.to_owned() },
            Self::Reschedule(due) => Change::Reschedule(*due),
            Self::Move { queue } => Change::Move { queue: Arc::clone(queue) },
            Self::Prioritize(priority) => Change::Prioritize(*priority),
        }
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationState {
    /// It is carried out, or waits for those before it.
    Running,
    /// It has come to its end.
    Done,
    /// Somebody has stopped it. What it had done by then stays.
    Cancelled,
    /// It could not go on. What it had done by then stays.
    Failed,
}

impl OperationState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Cancelled, Self::Failed];

    /// Its word, as in logs and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// The small number that stands for it in storage; never renumber.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// All that is stored of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationRecord {
    /// The operation.
    pub id: OperationId,
    /// Where it stands.
    pub state: OperationState,
    /// When it was begun, by the database's clock.
    pub created_at: Timestamp,
    /// When it was last at work, or was ended.
    pub touched_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Who began it.
    pub actor: String,
    /// From where.
    pub via: Via,
    /// Why, in the actor's words.
    pub reason: String,
    /// Which jobs it is for.
    pub filter: JobFilter,
    /// What it does to each.
    pub act: BulkAct,
    /// How many jobs matched when it was begun, where the totals tell that.
    pub expected: Option<i64>,
    /// How many jobs it has looked at.
    pub looked: i64,
    /// To how many it has done what it does.
    pub done: i64,
    /// How many were in another state by the time that it came to them. Those that had changed before that, since it was begun, are not
    /// counted: it has only looked at them.
    pub skipped: i64,
    /// How many matched, and the act was refused with an error.
    pub failed: i64,
    /// The last such error, or why it could not go on.
    pub error: Option<String>,
}

/// A filter for [`OperationStorage::operation_list`], newest first.
#[derive(Clone, Debug)]
pub struct OperationFilter {
    /// Only in this state.
    pub state: Option<OperationState>,
    /// Only operations before this id in the list's order.
    pub before: Option<OperationId>,
    /// At most so many.
    pub limit: u32,
}

/// How many jobs match a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matching {
    /// How many match, of those that were looked at.
    pub jobs: i64,
    /// Whether that is all of them: it is, where the totals tell, and where the look has come to the end.
    pub is_exact: bool,
    /// How many jobs were looked at; 0 where the totals tell.
    pub looked: i64,
}

/// What one step of an operation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operated {
    /// How many jobs it looked at.
    pub looked: u64,
    /// How long until another step is due, `None` when there is nothing to do or another server is at it.
    pub next_in: Option<Duration>,
}

/// Storage of operations. They are begun and cancelled by [acts](crate::storage::Deed).
#[async_trait]
pub trait OperationStorage: Send + Sync {
    /// Takes the next step of the oldest operation that runs: looks at the next jobs in the order of its walk, changes at most
    /// `limit` of those that match, and keeps the place, all in one transaction. A job that has changed since the operation
    /// was begun is left alone; so it changes none twice, whatever crashes.
    async fn operation_step(&self, limit: u32) -> Result<Operated>;

    /// Reads one operation.
    async fn operation_get(&self, id: OperationId) -> Result<Option<OperationRecord>>;

    /// Operations, newest first.
    async fn operation_list(&self, filter: OperationFilter) -> Result<Vec<OperationRecord>>;

    /// How many jobs match a filter now. Where the totals do not tell, at most `limit` jobs are looked at.
    async fn job_count(&self, filter: JobFilter, limit: u32) -> Result<Matching>;
}
