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
    Act, Actor, Attach, Batch, BatchHandle, BatchId, BatchRef, BoxError, CancelBatch, ChangeJob, Client, ClientOptions,
    Ends, Enqueue, EnqueueAll, Error, ErrorId, Fatal, Fence, FinishIn, Flow, FlowHandle, FlowStep, FlowView,
    HandlerError, High, Histogram, IntoDue, IntoDuration, IntoFlow, IntoInstant, IntoParent, Job, JobContext,
    JobHandle, JobId, JobRef, Join, KindRef, KindSummary, Low, Move, Normal, OperationId, Operator, Outputs,
    ParseIdError, Priority, QueueRef, QueueSummary, Reason, RecurringJob, Redaction, Result, Return, Run,
    RunningServer, Server, ServerId, ServerRef, SetPause, Snooze, State, StateCounts, StepKind, Stop, Storable, Stored,
    System, Throughput, Why,
    codec::Codec,
    fatal,
    flow::{BatchState, Condition, Counts, Ending, NodeId, Rule},
    job::{Descriptor, Failure, OnExhausted, Options, Place, Standalone, Success, Takes, Verdict},
    join, parent,
    retry::Backoff,
    snooze,
    storage::{
        Acted, AuditFilter, AuditRecord, BatchFilter, BatchRecord, BulkAct, Change, ClockOffset, Due, EdgeRecord,
        ErrorFilter, ErrorRecord, EventKind, EventRecord, Grain, Input, JobFilter, JobPage, JobRecord, ListPlace,
        Matching, Measure, Migration, NewJob, OperationFilter, OperationRecord, OperationState, Orders, Owner, Pause,
        PauseTarget, RecurringRecord, RecurringRun, RecurringSpec, Retention, SchemaVersion, ServerInfo, ServerRecord,
        Span, StatPoint, StateTotal, TableSize, Target, Tx, Verb, Via,
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
