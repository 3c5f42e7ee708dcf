//! What a handler sees of its job.

mod finish_in;

use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

pub use self::finish_in::FinishIn;
use crate::{
    BatchId, Fence, JobId, Result, ServerId,
    client::Client,
    flow::NodeId,
    job::Descriptor,
    server::notes::Notes,
    storage::{Input, Note, NoteKind},
};

/// The job that runs: its facts, its cancellation, its progress and its log.
///
/// Cheap to clone; a handler takes it as `ctx: &JobContext`.
///
/// ```
/// use jobs_runtime::JobContext;
///
/// async fn import(ctx: &JobContext, rows: Vec<String>) {
///     for (done, row) in rows.iter().enumerate() {
///         if ctx.is_cancelled() {
///             return ctx.log(format!("stopped before {row}"));
///         }
///         ctx.progress(done as f64 / rows.len() as f64, row);
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct JobContext {
    inner: Arc<Inner>,
}

/// What the executor knows of a run.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) id: JobId,
    pub(crate) server: ServerId,
    pub(crate) descriptor: &'static Descriptor,
    pub(crate) kind: Arc<str>,
    pub(crate) queue: Arc<str>,
    pub(crate) attempt: u16,
    pub(crate) max_attempts: u16,
    pub(crate) fence: Fence,
    pub(crate) meta: BTreeMap<String, String>,
    pub(crate) tags: Vec<String>,
    pub(crate) occurrence: Option<Timestamp>,
    pub(crate) batch: Option<BatchId>,
    /// From the job's due time to the start.
    pub(crate) waited: Duration,
    pub(crate) started: Instant,
    pub(crate) deadline: Option<Instant>,
    /// Made when somebody first asks for it: most jobs are neither told to end nor do they listen.
    pub(crate) cancel: OnceLock<CancellationToken>,
    pub(crate) fatal: AtomicBool,
    /// Whether the handler has ended the job in a transaction of its own.
    pub(crate) finished: AtomicBool,
    pub(crate) notes: Arc<Notes>,
    pub(crate) states: States,
    pub(crate) client: Client,
}

impl Inner {
    pub(crate) fn cancel(&self) -> &CancellationToken {
        self.cancel.get_or_init(CancellationToken::new)
    }
}

/// The values that handlers borrow as `#[state]`, one a type.
#[derive(Clone, Debug, Default)]
pub(crate) struct States(Arc<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl States {
    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.get(&TypeId::of::<T>()).cloned().and_then(|value| value.downcast().ok())
    }

    pub(crate) fn has(&self, id: TypeId) -> bool {
        self.0.contains_key(&id)
    }

    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        Arc::make_mut(&mut self.0).insert(TypeId::of::<T>(), Arc::new(value));
    }
}

impl JobContext {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The job.
    pub fn id(&self) -> JobId {
        self.inner.id
    }

    /// Its kind's name, as stored: an alias where the job was stored under one.
    pub fn kind(&self) -> &str {
        &self.inner.kind
    }

    /// The queue that it was claimed from.
    pub fn queue(&self) -> &str {
        &self.inner.queue
    }

    /// The number of this attempt, from 1.
    pub fn attempt(&self) -> u16 {
        self.inner.attempt
    }

    /// How many attempts the job may have.
    pub fn max_attempts(&self) -> u16 {
        self.inner.max_attempts
    }

    /// Whether no attempt follows this one when it fails.
    pub fn is_last_attempt(&self) -> bool {
        self.inner.attempt >= self.inner.max_attempts
    }

    /// A number that only grows from claim to claim: an outside system that refuses smaller ones than it has seen is safe from
    /// a stalled server whose job was given to another.
    pub fn fence(&self) -> Fence {
        self.inner.fence
    }

    /// What the caller stored under `name` with `.meta(name, value)`.
    pub fn meta(&self, name: &str) -> Option<&str> {
        self.inner.meta.get(name).map(String::as_str)
    }

    /// The caller's labels.
    pub fn tags(&self) -> &[String] {
        &self.inner.tags
    }

    /// The time for which a recurring job fired; `None` for other jobs. The attempt may run later.
    pub fn occurrence(&self) -> Option<Timestamp> {
        self.inner.occurrence
    }

    /// The batch that the job is a member of.
    pub fn batch(&self) -> Option<BatchId> {
        self.inner.batch
    }

    /// What the job ran after, in the order in which it was enqueued: each parent with how it ended, and with what it returned or
    /// why it did not. None for a job without parents.
    ///
    /// A handler that knows its parents takes what they left by `#[parent]`, `#[parents]` or `#[parent_error]`. This is for those
    /// that do not: that run after a batch, or whatever the end of a parent.
    ///
    /// Each call reads them from the database.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// use jobs::prelude::*;
    ///
    /// #[job]
    /// async fn tidy_up(ctx: &JobContext) -> anyhow::Result<()> {
    ///     for input in ctx.parents().await? {
    ///         ctx.log(format!("{} ended as {:?}", input.parent, input.ending));
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn parents(&self) -> Result<Vec<Input>> {
        self.inner.client.storage().flow_inputs(NodeId::Job(self.inner.id)).await
    }

    /// The client that short calls such as `send_welcome::enqueue(..)` use inside the handler. Tasks that the handler spawns
    /// name it with `.on(ctx.client())`.
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// How long the attempt may still take; `None` without a timeout, zero when it is over.
    pub fn time_left(&self) -> Option<Duration> {
        self.inner.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether the handler should end soon: an operator asked, the timeout is over, the server stops, or it lost the job. What
    /// it returns then still counts in the first case; see [`cancelled`](Self::cancelled).
    pub fn is_cancelled(&self) -> bool {
        self.inner.cancel.get().is_some_and(CancellationToken::is_cancelled)
    }

    /// Resolves when the handler should end soon.
    ///
    /// - An operator asked: the handler decides. An error ends the job `deleted`; a value makes it `succeeded`.
    /// - The server stops: a value makes the job `succeeded`; after an error, or 5 seconds, it is handed back, and the attempt
    ///   does not count.
    /// - The timeout is over: the attempt has failed whatever the handler returns. After 5 seconds its future is dropped.
    /// - The server lost the job, because it was deleted, requeued or given to another server: what the handler returns is
    ///   dropped. After 5 seconds its future is dropped too.
    ///
    /// # Cancel safety
    /// Dropping the future and calling again misses nothing.
    ///
    /// ```
    /// use jobs_runtime::JobContext;
    ///
    /// async fn listen(ctx: &JobContext) -> Result<(), &'static str> {
    ///     tokio::select! {
    ///         () = ctx.cancelled() => Err("cancelled"),
    ///         () = std::future::ready(()) => Ok(()),
    ///     }
    /// }
    /// ```
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        self.inner.cancel().cancelled()
    }

    /// Says that the error which this attempt is about to return must not be retried.
    pub fn fatal(&self) {
        self.inner.fatal.store(true, Ordering::Relaxed);
    }

    /// Whether [`fatal`](Self::fatal) was called.
    pub(crate) fn is_fatal(&self) -> bool {
        self.inner.fatal.load(Ordering::Relaxed)
    }

    /// Stores how far the job is, from 0 to 1, and in words. Call it as often as you like: the latest is stored twice a second
    /// at most, and before the job ends.
    pub fn progress(&self, fraction: f64, text: impl Into<String>) {
        let fraction = if fraction.is_nan() { 0.0 } else { fraction.clamp(0.0, 1.0) };
        self.note(NoteKind::Progress(fraction, text.into()));
    }

    /// Adds a line to the job's history: for what an operator wants to read there, not for tracing. More than 200 lines
    /// within half a second are counted and left out.
    pub fn log(&self, line: impl Into<String>) {
        self.note(NoteKind::Log(line.into()));
    }

    fn note(&self, what: NoteKind) {
        let Inner { id, fence, attempt, .. } = *self.inner;
        self.inner.notes.push(Note { job: id, fence, attempt, what });
    }
}
