//! Background jobs for Rust: put `#[job]` on an async function, and calls of it are stored in SQL, survive crashes and
//! deploys, are retried, scheduled and repeated, by as many servers as you start.
#![doc = include_str!("docs/guide.md")]

pub use jiff::{self, Timestamp};
#[cfg(feature = "dashboard")]
pub use jobs_dashboard as dashboard;
pub use jobs_macros::{job, recurring};
#[doc(hidden)]
pub use jobs_runtime::private as __private;
pub use jobs_runtime::{
    Act, Attach, Batch, BatchHandle, BatchId, BatchRef, BoxError, CancelBatch, ChangeJob, Client, ClientOptions, Ends,
    Enqueue, EnqueueAll, Error, Fatal, Fence, FinishIn, Flow, FlowHandle, FlowView, HandlerError, High, IntoDue,
    IntoDuration, IntoFlow, IntoInstant, IntoParent, Job, JobContext, JobHandle, JobId, JobRef, Join, KindRef, Low,
    Move, Normal, Outputs, ParseIdError, Priority, QueueRef, RecurringJob, Result, Return, Run, RunningServer, Server,
    ServerId, ServerRef, SetPause, Snooze, State, Stop, Storable, Stored,
    codec::Codec,
    fatal,
    flow::{BatchState, Condition, Counts, Ending, NodeId, Rule},
    job::{Descriptor, Failure, OnExhausted, Options, Place, Standalone, Success, Takes, Verdict},
    join, parent,
    retry::Backoff,
    snooze,
    storage::{
        BatchFilter, BatchRecord, ClockOffset, Due, EdgeRecord, EventKind, EventRecord, Grain, Input, JobFilter,
        JobRecord, Measure, NewJob, Orders, Owner, Pause, PauseTarget, RecurringRecord, RecurringSpec, Retention,
        ServerInfo, ServerRecord, StatPoint, StateTotal, Tx,
    },
};
pub use jobs_schedule::{Cron, CronError, Language, Misfire, Overlap};

/// What an application's modules need: `use jobs::prelude::*;`.
pub mod prelude {
    pub use crate::{
        Batch, BatchHandle, BatchId, BatchState, Client, Fence, High, IntoFlow, Job, JobContext, JobHandle, JobId, Low,
        Misfire, Normal, Overlap, Priority, Server, State, Timestamp, fatal, job, join, recurring, snooze,
    };
}

/// The README's code is compiled with the examples of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
