//! The crate's one error type, its variants sorted by what the caller can do about them.

use std::error::Error as StdError;

use crate::{BatchId, JobId, OperationId, ServerId, State, flow::NodeId};

/// A boxed error of any type, as handlers return them.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong outside a job's own code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The program or its configuration is wrong; mend it.
    #[error("{0}")]
    Config(String),

    /// No client was named and none is installed.
    #[error(
        "no client to enqueue with; call `client.install()` once at start-up, run inside `client.scope(..)`, or name one with `.on(&client)`"
    )]
    NoClient,

    /// What a server found wrong with its jobs when it started, one sentence each.
    #[error("the server cannot start: {}", .0.join("; "))]
    Startup(Vec<String>),

    /// The database cannot be reached or answers that it is not ready; the same call may work later.
    #[error("the database is unavailable: {what}")]
    Unavailable {
        /// What was tried.
        what: String,
        /// The driver's error.
        #[source]
        source: BoxError,
    },

    /// A read of a [viewer](crate::Client::viewer) took too long and was given up; ask for less.
    #[error("{what} took longer than {} s; narrow it, by time or by queue", .limit.as_secs())]
    Slow {
        /// What was tried.
        what: String,
        /// The limit.
        limit: std::time::Duration,
    },

    /// Another transaction keeps the database locked.
    #[error("{0}")]
    Locked(String),

    /// The disk or the database's quota is full; nothing of the call was stored.
    #[error("the disk is full; nothing was stored: {0}")]
    Full(String),

    /// The database may be read but not written.
    #[error("the database cannot be written: {0}")]
    ReadOnly(String),

    /// The tables are missing, or older or newer than this program.
    #[error("{0}")]
    Schema(String),

    /// A payload, an output or a text is longer than the limit.
    #[error("{what} has {size} bytes, and the limit is {limit}; store the data elsewhere and pass a reference to it")]
    TooLarge {
        /// What is too large.
        what: String,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },

    /// A value could not be made into bytes.
    #[error("{what} cannot be serialized")]
    Encode {
        /// Which value.
        what: String,
        /// The serializer's error.
        #[source]
        source: BoxError,
    },

    /// Stored bytes could not be made into a value. The bytes are kept.
    #[error("{what} cannot be deserialized")]
    Decode {
        /// Which value.
        what: String,
        /// The deserializer's error.
        #[source]
        source: BoxError,
    },

    /// There is no such job, or retention has removed it.
    #[error("there is no job {0}; it was never stored, or its retention has ended")]
    NoJob(JobId),

    /// There is no such batch, or retention has removed it.
    #[error("there is no batch {0}; it was never stored, or its retention has ended")]
    NoBatch(BatchId),

    /// What a continuation is to wait for is not in this database. Nothing of the call was stored.
    #[error(
        "there is no {0} to wait for in this database; it was never stored, its transaction has not committed, its retention has \
         ended, or it was stored by a client of another database"
    )]
    NoParent(NodeId),

    /// A batch of many jobs was stored in part only. None of what is stored of it runs.
    #[error(
        "batch {batch} was not stored to its end; none of the {stored} jobs runs that are stored already, and they are removed with \
         it after an hour"
    )]
    Unfinished {
        /// The batch.
        batch: BatchId,
        /// How many jobs are stored.
        stored: u64,
        /// What kept the rest from being stored.
        #[source]
        source: Box<Error>,
    },

    /// There is no such operation, or retention has removed it.
    #[error("there is no operation {0}; it was never begun, or its retention has ended")]
    NoOperation(OperationId),

    /// There is no such recurring job.
    #[error("there is no recurring job `{0}`")]
    NoRecurring(String),

    /// There is no such server.
    #[error("there is no server {0}; it has stopped, or it never started")]
    NoServer(ServerId),

    /// The job that a handler wanted to end was taken from its server: by a rescue, an operator or a deletion.
    #[error("job {0} was taken from this server before it ended; roll the transaction back and return this error")]
    Taken(JobId),

    /// The job whose output was awaited ended without one.
    #[error("job {id} ended {state}: {reason}")]
    NotSucceeded {
        /// The job.
        id: JobId,
        /// The final state that it reached.
        state: State,
        /// Why.
        reason: String,
    },

    /// The database refused the statement for a reason that trying again does not cure.
    #[error("the database refused: {what}")]
    Storage {
        /// What was tried.
        what: String,
        /// The driver's error.
        #[source]
        source: BoxError,
    },
}

impl Error {
    /// Whether the same call may succeed later without any change.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Locked(_) | Self::Full(_) | Self::ReadOnly(_) => true,
            Self::Unfinished { source, .. } => source.is_transient(),
            _ => false,
        }
    }

    pub(crate) fn config(text: impl Into<String>) -> Self {
        Self::Config(text.into())
    }
}
