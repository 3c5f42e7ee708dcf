//! The runtime of `jobs`. Applications use it through the facade crate `jobs`.

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!(
    "`jobs` stores jobs in a database: switch on the feature of an engine, which is `sqlite`, `postgres` or `mysql`"
);

mod client;
pub mod codec;
mod context;
mod error;
mod fingerprint;
pub mod flow;
mod histogram;
mod id;
pub mod job;
pub mod layout;
mod maintenance;
mod offer;
mod outcome;
pub mod parent;
pub mod private;
mod registry;
pub mod retry;
mod run;
mod server;
pub mod state;
pub mod storage;
mod stored;
mod text;
mod wake;
mod why;

pub use self::{
    client::{
        Act, Actor, Attach, Batch, BatchHandle, BatchRef, CancelBatch, ChangeJob, Client, ClientOptions, Ends, Enqueue,
        EnqueueAll, Flow, FlowHandle, FlowStep, FlowView, High, IntoDue, IntoDuration, IntoFlow, IntoInstant,
        IntoParent, JobHandle, JobRef, Join, KindRef, KindSummary, Low, Move, Normal, Operator, Outputs, Priority,
        QueueRef, QueueSummary, RecurringJob, Redaction, ServerRef, SetPause, StateCounts, StepKind, Stop, System,
        Throughput, Why, join,
    },
    context::{FinishIn, JobContext},
    error::{BoxError, Error, Result},
    fingerprint::ErrorId,
    histogram::Histogram,
    id::{BatchId, Fence, JobId, OperationId, ParseIdError, ServerId},
    job::Job,
    outcome::{Fatal, HandlerError, Return, Snooze, fatal, snooze},
    run::Run,
    server::{RunningServer, Server},
    state::State,
    stored::{Storable, Stored},
    why::Reason,
};
