//! The side that stores jobs, and the service layer that pages, commands and applications share.
//! It knows no engine and no server, and it never sleeps: waiting is in `wake`.

mod act;
mod after;
mod batch;
mod bulk;
mod change;
mod current;
mod draft;
mod enqueue;
mod errors;
mod flow;
mod handle;
mod input;
mod insert;
mod kind;
mod lists;
mod operator;
mod options;
mod pause;
mod priority;
mod recurring;
mod redact;
mod server;
mod service;
mod summary;
mod system;
#[cfg(test)]
mod tests;
mod why;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use tokio::runtime::Handle;

pub use self::{
    act::Act,
    after::IntoParent,
    batch::{Attach, Batch, BatchHandle, BatchRef, CancelBatch, Outputs},
    bulk::EnqueueAll,
    change::{ChangeJob, Move, Stop},
    enqueue::Enqueue,
    flow::{Ends, Flow, FlowHandle, FlowStep, FlowView, IntoFlow, Join, StepKind, join},
    handle::{JobHandle, JobRef},
    input::{IntoDue, IntoDuration, IntoInstant},
    operator::{Actor, Operator},
    options::ClientOptions,
    pause::{KindRef, QueueRef, SetPause},
    priority::{High, Low, Normal, Priority},
    recurring::RecurringJob,
    redact::Redaction,
    server::ServerRef,
    summary::{KindSummary, QueueSummary, StateCounts, Throughput},
    system::System,
    why::Why,
};
use crate::{Error, JobId, Result, registry::Registry, storage::SharedStorage, wake::CommitWatch};

/// A connection to the database that holds the jobs. Cheap to clone.
///
/// The connection closes when the last clone, handle and server that came from it are dropped; whatever the client was asked
/// to store by then is stored.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn greet(name: String) {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// let client = Client::connect(&url).await?;
/// let job = greet::enqueue("Ada").on(&client).await?;
/// assert_eq!(job.state().await?, State::Enqueued);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    storage: SharedStorage,
    runtime: Handle,
    registry: OnceLock<Registry>,
    commits: CommitWatch,
    redaction: Redaction,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("engine", &self.storage().engine()).finish_non_exhaustive()
    }
}

impl Client {
    /// Connects to the database that the URL names, such as `sqlite://shop.db`, and creates or updates its tables.
    /// [`options`](Self::options) say otherwise.
    ///
    /// # Errors
    /// Those of [`ClientOptions::connect`].
    ///
    /// # Cancel safety
    /// Dropping the future leaves the tables as they were or wholly updated.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::options().connect(url).await
    }

    /// Says how to connect.
    pub fn options() -> ClientOptions {
        ClientOptions::default()
    }

    /// A client of an open storage, which redacts by default.
    ///
    /// # Errors
    /// [`Error::Config`] outside a tokio runtime.
    #[cfg(test)]
    pub(crate) fn over(storage: SharedStorage) -> Result<Self> {
        Self::redacting(storage, Redaction::default())
    }

    /// A client of an open storage.
    ///
    /// # Errors
    /// [`Error::Config`] outside a tokio runtime.
    fn redacting(storage: SharedStorage, redaction: Redaction) -> Result<Self> {
        let runtime = Handle::try_current().map_err(|_| {
            Error::config("a client must be made inside a tokio runtime, such as `#[tokio::main]` starts")
        })?;
        let inner = Inner { storage, runtime, registry: OnceLock::new(), commits: CommitWatch::default(), redaction };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(crate) fn storage(&self) -> &SharedStorage {
        &self.inner.storage
    }

    /// The runtime that the client was made in.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.inner.runtime
    }

    /// A client of the same storage for those who look on, such as the dashboard: what it reads has two connections of its own and takes at
    /// most 2 seconds each ([`Error::Slow`]), and what it writes comes one after the other. So however much is asked of it, no worker and
    /// no call that stores jobs waits for a connection. It keeps the connection open as every clone does.
    pub fn viewer(&self) -> Self {
        let Inner { storage, runtime, registry, redaction, .. } = &*self.inner;
        let inner = Inner {
            storage: Arc::clone(storage).viewer(),
            runtime: runtime.clone(),
            registry: registry.clone(),
            commits: CommitWatch::default(),
            redaction: redaction.clone(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// How many reads this client has asked of the database, if it is a [viewer](Self::viewer) or a clone of one; 0 if it is not.
    pub fn views(&self) -> u64 {
        self.storage().views()
    }

    /// The job with this id, whatever its kind; whether there is one shows with the first call.
    pub fn job(&self, id: JobId) -> JobRef {
        JobRef::new(self.clone(), id)
    }

    /// Tells the servers of this process at once that `queue` may have work. Needed after
    /// [`within`](Enqueue::within) only by who cannot wait the few milliseconds in which the client sees the commit itself.
    pub fn wake(&self, queue: &str) {
        tracing::trace!(queue, "woken by hand");
        self.storage().hub().work_arrived();
    }

    /// Wakes the servers of this process once `job`, stored in a transaction of the application's, is committed.
    fn wake_at_commit(&self, job: JobId) {
        self.inner.commits.start(self.runtime(), self.storage(), job);
    }

    /// Which names are redacted.
    fn redaction(&self) -> &Redaction {
        &self.inner.redaction
    }

    /// The kinds that this program knows.
    fn registry(&self) -> &Registry {
        // A clash of kinds stops the server that would run them, not a process that only shows or stores jobs.
        self.inner.registry.get_or_init(|| Registry::for_display(&[]))
    }
}
