//! The noun *audit*: acts of operators, each of which is noted in its own transaction, and the list of what was noted.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    BatchId, JobId, OperationId, Result, ServerId, State,
    storage::{BulkAct, Change, Due, JobFilter, PauseTarget, Signal},
};

/// From where an act came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Via {
    /// A page of the dashboard.
    Page,
    /// The JSON API.
    Api,
    /// The command line.
    Cli,
    /// The application's own code.
    Code,
}

impl Via {
    /// All ways.
    pub const ALL: [Self; 4] = [Self::Page, Self::Api, Self::Cli, Self::Code];

    /// Its word, as in logs and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Code => "code",
        }
    }

    /// The small number that stands for it in storage; never renumber.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|via| via.code() == code)
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// A job was ended as deleted.
    Delete,
    /// A job was made runnable.
    Requeue,
    /// A job's time was set.
    Reschedule,
    /// A job, a batch or an operation was called off.
    Cancel,
    /// Something was paused.
    Pause,
    /// A pause was ended.
    Resume,
    /// A recurring job was run beside its schedule.
    Trigger,
    /// A recurring job was removed.
    Remove,
    /// A server was told to stop.
    Stop,
    /// A server was told to run another number of jobs at once.
    Resize,
    /// A job was put in another queue.
    Move,
    /// A job was given another priority.
    Prioritize,
    /// A job was given other args.
    Edit,
    /// The next occurrence of a recurring job was left out.
    Skip,
    /// A recurring job was given another expression or zone.
    Alter,
    /// An operation on many jobs was begun.
    Begin,
}

impl Verb {
    /// All acts.
    pub const ALL: [Self; 16] = [
        Self::Delete,
        Self::Requeue,
        Self::Reschedule,
        Self::Cancel,
        Self::Pause,
        Self::Resume,
        Self::Trigger,
        Self::Remove,
        Self::Stop,
        Self::Resize,
        Self::Move,
        Self::Prioritize,
        Self::Edit,
        Self::Skip,
        Self::Alter,
        Self::Begin,
    ];

    /// Its word, as in logs and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Requeue => "requeue",
            Self::Reschedule => "reschedule",
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Trigger => "trigger",
            Self::Remove => "remove",
            Self::Stop => "stop",
            Self::Resize => "resize",
            Self::Move => "move",
            Self::Prioritize => "prioritize",
            Self::Edit => "edit",
            Self::Skip => "skip",
            Self::Alter => "alter",
            Self::Begin => "begin",
        }
    }

    /// The small number that stands for it in storage; never renumber.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.code() == code)
    }
}

/// What an act was done to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A job.
    Job(JobId),
    /// A queue, by its name.
    Queue(Arc<str>),
    /// A kind, by its name.
    Kind(Arc<str>),
    /// A recurring job, by its id.
    Recurring(Arc<str>),
    /// A server.
    Server(ServerId),
    /// A batch.
    Batch(BatchId),
    /// An operation on many jobs.
    Operation(OperationId),
}

/// An operation to be begun.
#[derive(Clone, Debug)]
pub struct NewOperation {
    /// Its id.
    pub id: OperationId,
    /// Which jobs it is for.
    pub filter: JobFilter,
    /// What it does to each.
    pub act: BulkAct,
}

/// Whose act it is, from where, and why. Nothing here is checked by the storage but for its length.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Who acts.
    pub actor: Arc<str>,
    /// From where.
    pub via: Via,
    /// Why, in the actor's words.
    pub reason: String,
    /// What was before and what is after, where the storage cannot read it: it notes this in place of what it sees itself.
    pub detail: Option<Value>,
}

/// What an operator does. Where it takes a reason, that is the signature's.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Changes one job, guarded as by [`JobStorage::job_change`](crate::storage::JobStorage::job_change).
    Change {
        /// The job.
        job: JobId,
        /// What is done to it.
        change: Change,
        /// The states that it may be in.
        guard: Option<Vec<State>>,
    },
    /// Pauses, or gives a pause another reason and another end.
    Pause {
        /// What.
        target: PauseTarget,
        /// When the pause ends by itself.
        until: Option<Due>,
    },
    /// Ends a pause.
    Resume(PauseTarget),
    /// Makes a job from a recurring definition, beside its schedule.
    Trigger {
        /// The definition.
        recurring: Arc<str>,
        /// The id of the job.
        job: JobId,
    },
    /// Removes a recurring definition; the jobs that it made stay.
    Remove(Arc<str>),
    /// Leaves the next occurrence of a recurring definition out.
    Skip {
        /// The definition.
        recurring: Arc<str>,
        /// Its next occurrence as it was read: where that has moved, nothing happens.
        expected: Timestamp,
        /// The one after it.
        next: Option<Timestamp>,
    },
    /// Gives a recurring definition another expression and zone. One of the code keeps them over deploys, until the code says the same.
    Alter {
        /// The definition.
        recurring: Arc<str>,
        /// The expression and the zone as they were read: where they have changed, nothing happens.
        seen: (String, String),
        /// The expression and the zone.
        to: (String, String),
        /// The next occurrence by these.
        next: Option<Timestamp>,
    },
    /// Tells a server something.
    Tell {
        /// The server.
        server: ServerId,
        /// What it is told.
        signal: Signal,
    },
    /// Cancels a batch and whatever is nested in it.
    CancelBatch(BatchId),
    /// Begins an operation on many jobs; servers carry it out.
    Begin(Box<NewOperation>),
    /// Stops an operation that runs; what it has done stays.
    Halt(OperationId),
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Acted {
    /// It took effect.
    Done,
    /// It did not: what it was to be done to was in a state that the guard or the graph does not allow.
    Refused,
    /// There is nothing by that name.
    Missing,
}

impl Acted {
    /// All ends.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Missing];

    /// Its word, as in logs and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Missing => "missing",
        }
    }

    /// The small number that stands for it in storage; never renumber.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|acted| acted.code() == code)
    }
}

/// One act, as it was noted.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    /// Its place in the list: what was noted later has a greater number, but for acts at the same moment.
    pub number: i64,
    /// When, by the database's clock.
    pub at: Timestamp,
    /// Who acted.
    pub actor: String,
    /// From where.
    pub via: Via,
    /// What was done.
    pub act: Verb,
    /// What it was done to.
    pub target: Target,
    /// The queue of the job that it was done to, before the act.
    pub queue: Option<String>,
    /// Why, in the actor's words.
    pub reason: String,
    /// How it ended.
    pub outcome: Acted,
    /// What was before and what was after: an object with `before` and `after`, as far as they are known. One that was longer than
    /// 8 KiB is an object with `cut`, its length in bytes.
    pub detail: Option<Value>,
}

/// A filter for [`AuditStorage::audit_list`], newest first.
#[derive(Clone, Debug)]
pub struct AuditFilter {
    /// Only acts of this actor.
    pub actor: Option<String>,
    /// Only these acts.
    pub act: Option<Verb>,
    /// Only acts on this.
    pub target: Option<Target>,
    /// Only acts before this [number](AuditRecord::number) in the list's order: the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Storage of operators' acts.
#[async_trait]
pub trait AuditStorage: Send + Sync {
    /// Carries out an act and notes it, in one transaction: also one that is refused, or whose target is missing. An act that fails
    /// by an error is not noted, because nothing of it was stored.
    ///
    /// A crash before the commit leaves nothing; after it, both.
    async fn act(&self, deed: Deed, by: Signature) -> Result<Acted>;

    /// Acts that were noted, newest first.
    async fn audit_list(&self, filter: AuditFilter) -> Result<Vec<AuditRecord>>;
}
