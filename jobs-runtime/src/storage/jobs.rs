//! The noun *job*: inserting, reading and changing single jobs.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    BatchId, Fence, JobId, Result, ServerId, State,
    job::OnExhausted,
    state::Event,
    storage::{JobFilter, JobPage, JobTexts, TxConnection, Waits, Walked},
};

/// When a job may first run. The database's clock decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Due {
    /// At once.
    #[default]
    Now,
    /// So long after the database stores it.
    In(Duration),
    /// At an instant.
    At(Timestamp),
}

/// A job to be stored.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Made by the client; storing the same id again changes nothing.
    pub id: JobId,
    /// The kind's stable name.
    pub kind: Arc<str>,
    /// The queue's name.
    pub queue: Arc<str>,
    /// Greater goes first.
    pub priority: i16,
    /// The args with their header.
    pub payload: Vec<u8>,
    /// When it may first run.
    pub due: Due,
    /// How often it may be run, at least 1.
    pub max_attempts: u16,
    /// What becomes of it when the attempts are used up.
    pub on_exhausted: OnExhausted,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How long after its first due time it is still worth starting.
    pub expires: Option<Duration>,
    /// How long it is kept when it has ended.
    pub retain: Option<Duration>,
    /// The caller's own facts about it.
    pub meta: BTreeMap<String, String>,
    /// The caller's own labels for it.
    pub tags: Vec<String>,
    /// The recurring job and the occurrence that made it.
    pub recurring: Option<(Arc<str>, Timestamp)>,
    /// The batch that it is a member of.
    pub batch: Option<BatchId>,
    /// What it waits for before its time begins to count.
    pub waits: Option<Waits>,
}

/// All that is stored of one job, with the state derived in the same snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    /// The job.
    pub id: JobId,
    /// Its kind's name.
    pub kind: String,
    /// Its queue's name.
    pub queue: String,
    /// Greater goes first.
    pub priority: i16,
    /// Where it stands.
    pub state: State,
    /// Whether it is set aside because no live server can run it; its state is then `enqueued`.
    pub parked: bool,
    /// The args with their header.
    pub payload: Vec<u8>,
    /// When the database stored it.
    pub created_at: Timestamp,
    /// The time that it waits for, or last waited for.
    pub due_at: Timestamp,
    /// When it is no longer worth starting.
    pub expires_at: Option<Timestamp>,
    /// When the attempt that runs, or the last one, was claimed.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How many attempts have ended and count.
    pub attempt: u16,
    /// How many attempts it may have.
    pub max_attempts: u16,
    /// How often a server died while it held the job.
    pub crashes: u16,
    /// The highest fence whose right over the job has ended.
    pub fence: Fence,
    /// The server that runs it.
    pub server: Option<ServerId>,
    /// What becomes of it when the attempts are used up.
    pub on_exhausted: OnExhausted,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How long it is kept when it has ended.
    pub retain: Option<Duration>,
    /// What it returned, with the header.
    pub output: Option<Vec<u8>>,
    /// Why it ended as it did, or the last attempt's error.
    pub reason: Option<String>,
    /// Whether an operator has asked it to stop.
    pub cancel_requested: bool,
    /// How far it is, from 0 to 1, and in words.
    pub progress: Option<(f64, String)>,
    /// The caller's own facts about it.
    pub meta: BTreeMap<String, String>,
    /// The caller's own labels for it.
    pub tags: Vec<String>,
    /// The recurring job and the occurrence that made it.
    pub recurring: Option<(String, Timestamp)>,
    /// The batch that it is a member of.
    pub batch: Option<BatchId>,
}

/// One entry of a job's history that is not on the normal path.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    /// When, by the database's clock.
    pub at: Timestamp,
    /// What happened.
    pub what: EventKind,
    /// The attempt that it belongs to, from 1; 0 where it belongs to none.
    pub attempt: u16,
    /// The error with its chain of causes, the operator's reason, or the log line.
    pub text: String,
}

/// What an [`EventRecord`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// An attempt failed.
    AttemptFailed,
    /// The handler asked to be run later.
    Snoozed,
    /// Its server died and the job was put back.
    Rescued,
    /// It was removed, cancelled or expired.
    Deleted,
    /// An operator made it runnable.
    Requeued,
    /// An operator set its time.
    Rescheduled,
    /// An operator asked it to stop.
    CancelRequested,
    /// A line that the handler logged.
    Log,
    /// An operator put it in another queue.
    Moved,
    /// An operator gave it another priority.
    Prioritized,
    /// An operator gave it other args.
    Edited,
}

impl EventKind {
    /// All kinds of entries.
    pub const ALL: [Self; 11] = [
        Self::AttemptFailed,
        Self::Snoozed,
        Self::Rescued,
        Self::Deleted,
        Self::Requeued,
        Self::Rescheduled,
        Self::CancelRequested,
        Self::Log,
        Self::Moved,
        Self::Prioritized,
        Self::Edited,
    ];

    /// The small number that stands for it in storage; never renumber.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What an operator or the application does to one stored job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// End it as `deleted`, also while it runs: the run's result will be dropped.
    Delete {
        /// Why.
        reason: String,
    },
    /// Make it runnable now, also once more after its end; attempts and crashes start from 0.
    Requeue,
    /// Set its time. A job that has ended starts its life anew, as by a requeue; of any other only the time changes, and the
    /// time at which it expires with it.
    Reschedule(Due),
    /// Delete it if it does not run; if it runs, ask the handler to stop and let it decide.
    Cancel {
        /// Why.
        reason: String,
    },
    /// Put it in another queue, while it waits.
    Move {
        /// The queue's name.
        queue: Arc<str>,
    },
    /// Give it another priority, while it waits: greater goes first.
    Prioritize(i16),
    /// Give it other args, unless it runs or has succeeded, and only if nothing has changed it since it was read.
    Edit {
        /// The args with their header.
        payload: Vec<u8>,
        /// The job's [fence](JobRecord::fence) as it was read. Whatever changes a job gives it another.
        fence: Fence,
    },
}

impl Change {
    /// What it is to the life of the job.
    pub(crate) const fn event(&self) -> Event {
        match self {
            Self::Delete { .. } | Self::Cancel { .. } => Event::Delete,
            Self::Requeue => Event::Requeue,
            Self::Reschedule(_) => Event::Reschedule,
            Self::Move { .. } => Event::Move,
            Self::Prioritize(_) => Event::Prioritize,
            Self::Edit { .. } => Event::Edit,
        }
    }
}

/// What a [`Change`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Whether it took effect: `false` when the job was not in a state that the guard or the graph allows, or has changed since it
    /// was read.
    pub took_effect: bool,
    /// The state that the job was in.
    pub from: State,
}

/// Storage of jobs.
#[async_trait]
pub trait JobStorage: Send + Sync {
    /// Stores jobs, all or none of a call; returns for each whether it is new. A job whose id is known is left alone, so a
    /// call whose answer was lost may be repeated.
    ///
    /// Where a server of this process is idle and has slots for those that are due, they are claimed for it in the same transaction.
    ///
    /// A crash before the commit leaves nothing; after it, all of them: runnable, or claimed by a server whose lease will end.
    async fn job_insert(&self, jobs: Arc<[NewJob]>) -> Result<Vec<bool>>;

    /// [`job_insert`](Self::job_insert) inside a transaction that belongs to the caller. Workers hear of the jobs after
    /// its commit.
    async fn job_insert_within(&self, tx: TxConnection<'_>, jobs: Vec<NewJob>) -> Result<Vec<bool>>;

    /// Reads one job.
    async fn job_get(&self, id: JobId) -> Result<Option<JobRecord>>;

    /// A job's history, oldest first: its newest 1,000 entries. Of snoozes in a row only the last is kept.
    async fn job_events(&self, id: JobId) -> Result<Vec<EventRecord>>;

    /// The ids of one page of a list. What the filter says of a text or an error is not looked at.
    ///
    /// It reads rows in the order of an index, and at most as many as the filter allows and a page needs.
    async fn job_walk(&self, filter: JobFilter) -> Result<Walked>;

    /// Reads jobs, in the order of the call; those that are gone are left out.
    async fn job_records(&self, ids: Vec<JobId>) -> Result<Vec<JobRecord>>;

    /// What a text is searched in, of these jobs in any order; those that are gone are left out. A payload longer than `longest` bytes
    /// is left out too.
    async fn job_texts(&self, ids: Vec<JobId>, longest: u32) -> Result<Vec<JobTexts>>;

    /// One page of a list, with all that is stored of its jobs. One that has left the state between the walk and the reading is left
    /// out.
    async fn job_list(&self, filter: JobFilter) -> Result<JobPage> {
        let (state, parked) = (filter.state, filter.parked);
        let walked = self.job_walk(filter).await?;
        let mut jobs = self.job_records(walked.ids.iter().map(|(id, _)| *id).collect()).await?;
        jobs.retain(|job| job.state == state && parked.is_none_or(|parked| parked == job.parked));
        Ok(JobPage::new(&walked, jobs))
    }

    /// Applies `change` if the job is in one of the states of `guard` (any, where it is `None`) and `state.rs` has the
    /// edge, in one transaction. `None`: no such job.
    async fn job_change(&self, id: JobId, change: Change, guard: Option<Vec<State>>) -> Result<Option<Changed>>;

    /// [`job_change`](Self::job_change) inside a transaction that belongs to the caller: in force from its commit.
    async fn job_change_within(
        &self,
        tx: TxConnection<'_>,
        id: JobId,
        change: Change,
        guard: Option<Vec<State>>,
    ) -> Result<Option<Changed>>;
}
