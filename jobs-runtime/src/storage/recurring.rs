//! The noun *recurring job*: definitions and the occurrences that fired.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use jobs_schedule::{Misfire, Overlap};

use crate::{
    JobId, Result,
    storage::{NewJob, Pause, TxConnection},
};

/// Who a definition belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The code: it fires only while a server that declares it lives.
    Code,
    /// Whoever made it at run time: it lives until it is removed.
    Runtime,
}

/// A recurring definition.
#[derive(Clone, Debug)]
pub struct RecurringSpec {
    /// Its stable id.
    pub id: Arc<str>,
    /// Who it belongs to.
    pub owner: Owner,
    /// The cron expression.
    pub cron: String,
    /// The IANA name of the time zone.
    pub zone: String,
    /// What becomes of missed occurrences.
    pub misfire: Misfire,
    /// What happens when the run before has not ended.
    pub overlap: Overlap,
    /// The job that each occurrence makes; its id and due time are not used.
    pub template: NewJob,
}

/// A definition as stored.
#[derive(Clone, Debug)]
pub struct RecurringRecord {
    /// What it says.
    pub spec: RecurringSpec,
    /// The next occurrence; `None` when there is none.
    pub next_at: Option<Timestamp>,
    /// The occurrence that fired last.
    pub last_at: Option<Timestamp>,
    /// The job that it made.
    pub last_job: Option<JobId>,
    /// The pause that keeps it from firing.
    pub pause: Option<Pause>,
    /// Whether it belongs to the code and no live server declares it: it does not fire, and is removed after a while.
    pub orphaned: bool,
    /// The expression and the zone that the code says, while an operator's edit is in force in their place: `spec` has the edit, which a
    /// deploy leaves alone.
    pub of_code: Option<(String, String)>,
}

/// A job that a definition made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecurringRun {
    /// The occurrence that it was made for, or when it was made by hand.
    pub at: Timestamp,
    /// The job.
    pub job: JobId,
}

impl RecurringRun {
    /// Whether somebody made it beside the schedule: occurrences are whole seconds, and such runs never are.
    pub fn is_by_hand(&self) -> bool {
        self.at.as_microsecond().rem_euclid(1_000_000) != 0
    }
}

/// What the scheduler wants stored for one definition that was due.
#[derive(Clone, Debug)]
pub struct Fire {
    /// The definition.
    pub id: Arc<str>,
    /// Its next occurrence as the scheduler read it: where it has moved, another server was first and nothing happens.
    pub expected: Timestamp,
    /// The next occurrence from now on.
    pub next: Option<Timestamp>,
    /// The occurrences that fire, oldest first, and their jobs.
    pub jobs: Vec<(Timestamp, NewJob)>,
    /// Whether nothing fires while the run before has not ended.
    pub overlap: Overlap,
}

/// Storage of recurring jobs.
#[async_trait]
pub trait RecurringStorage: Send + Sync {
    /// Makes or updates a definition. `next_at` counts for a new definition and for one whose expression or zone has changed;
    /// else the stored time stays, so that a deploy loses no occurrence. Where an operator has edited the expression or zone of a
    /// definition of [`Owner::Code`], the edit stays until the code says the same.
    async fn recurring_upsert(&self, spec: RecurringSpec, next_at: Option<Timestamp>) -> Result<()>;

    /// [`recurring_upsert`](Self::recurring_upsert) inside a transaction that belongs to the caller.
    async fn recurring_upsert_within(
        &self,
        tx: TxConnection<'_>,
        spec: RecurringSpec,
        next_at: Option<Timestamp>,
    ) -> Result<()>;

    /// Reads a definition.
    async fn recurring_get(&self, id: &str) -> Result<Option<RecurringRecord>>;

    /// All definitions, by id.
    async fn recurring_list(&self) -> Result<Vec<RecurringRecord>>;

    /// The newest jobs that a definition made, newest first, at most so many: those that retention has not removed yet.
    async fn recurring_runs(&self, id: &str, limit: u32) -> Result<Vec<RecurringRun>>;

    /// Removes a definition; jobs that it made stay. Returns whether there was one.
    async fn recurring_remove(&self, id: &str) -> Result<bool>;

    /// [`recurring_remove`](Self::recurring_remove) inside a transaction that belongs to the caller.
    async fn recurring_remove_within(&self, tx: TxConnection<'_>, id: &str) -> Result<bool>;

    /// Removes the definitions of [`Owner::Code`] that no live server has declared for `orphaned_for`. Returns how many.
    async fn recurring_sweep(&self, orphaned_for: Duration) -> Result<u64>;

    /// The definitions that are due now: all of [`Owner::Runtime`], and of [`Owner::Code`] the `declared` ones; the paused ones
    /// too, whose time is to be moved on without a job. With them the database's time, and the earliest time at which another
    /// becomes due.
    async fn recurring_due(
        &self,
        declared: &[Arc<str>],
    ) -> Result<(Timestamp, Vec<RecurringRecord>, Option<Timestamp>)>;

    /// Stores what fires: the definition moves on, and each occurrence that has not fired before makes its job, in one
    /// transaction. Returns how many jobs were made. A crash before the commit leaves the definition due; after it, done.
    async fn recurring_fire(&self, fire: Fire) -> Result<u64>;

    /// Makes a job from the definition now, beside its schedule. The storage says of the job when it was made.
    async fn recurring_trigger(&self, id: &str, job: NewJob) -> Result<bool>;

    /// [`recurring_trigger`](Self::recurring_trigger) inside a transaction that belongs to the caller.
    async fn recurring_trigger_within(&self, tx: TxConnection<'_>, id: &str, job: NewJob) -> Result<bool>;
}
