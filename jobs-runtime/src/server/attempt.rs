//! One attempt while it runs: why it was told to end, and that its outcome is decided exactly once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Duration,
};

use futures_util::future::AbortHandle;
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use crate::{
    context::JobContext,
    server::{
        judge::{Ended, Facts, Told, judge},
        live::Key,
        shared::Shared,
    },
    storage::{End, Finish},
};

/// How long code may take to end after it was told to.
pub(crate) const TO_END: Duration = Duration::from_secs(5);

/// How long a dropped future may take to be gone before its slot counts as lost.
const TO_BE_DROPPED: Duration = Duration::from_millis(100);

/// One attempt of one job on this server.
#[derive(Debug)]
pub(crate) struct Attempt {
    context: JobContext,
    facts: Facts,
    told: AtomicU8,
    decided: AtomicBool,
    expelled: AtomicBool,
    settled: AtomicBool,
    left: AtomicBool,
    leaves: Notify,
    abort: AbortHandle,
}

impl Attempt {
    pub(crate) fn new(context: JobContext, facts: Facts, abort: AbortHandle) -> Self {
        Self {
            context,
            facts,
            told: AtomicU8::new(Told::Nothing as u8),
            decided: AtomicBool::new(false),
            expelled: AtomicBool::new(false),
            settled: AtomicBool::new(false),
            left: AtomicBool::new(false),
            leaves: Notify::new(),
            abort,
        }
    }

    pub(crate) fn key(&self) -> Key {
        (self.context.id(), self.context.fence())
    }

    pub(crate) fn started(&self) -> Instant {
        self.context.inner().started
    }

    /// The database says that the handler has ended the job in a transaction of its own.
    pub(crate) fn settle(&self) {
        self.settled.store(true, Ordering::Release);
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    pub(crate) fn context(&self) -> &JobContext {
        &self.context
    }

    /// Drops the handler's future at its next await.
    pub(crate) fn abort(&self) {
        self.abort.abort();
    }

    fn told(&self) -> Told {
        Told::from_code(self.told.load(Ordering::Acquire))
    }

    /// Asks the handler to end. Returns whether this reason is new and outweighs those before.
    pub(crate) fn tell(&self, why: Told) -> bool {
        let before = self.told.fetch_max(why as u8, Ordering::AcqRel);
        self.context.inner().cancel().cancel();
        before < why as u8
    }

    /// Decides the outcome, unless it is decided, and hands it to the flusher.
    pub(crate) fn decide(&self, shared: &Shared, ended: Ended) {
        if self.decided.swap(true, Ordering::AcqRel) {
            return;
        }
        let facts = Facts { fatal: self.context.is_fatal(), ..self.facts };
        match judge(&facts, ended, self.told()) {
            Some(end) => {
                if self.context.has_finished() {
                    shared.live.finished(self.key());
                    self.log_after_finish(&end);
                } else {
                    self.log(&end);
                }
                let (job, fence) = self.key();
                shared.finish(Finish {
                    job,
                    fence,
                    end,
                    wait: self.context.inner().waited,
                    run: self.started().elapsed(),
                });
            }
            None => {
                shared.notes.forget(self.key());
                shared.live.remove([self.key()]);
                tracing::warn!(parent: None, job = %self.context.id(), kind = self.context.kind(),
                    fence = %self.context.fence(), stale = 1_u64,
                    "the job was taken from this server while it ran; its result is dropped");
            }
        }
    }

    /// The handler is gone and its slot is free.
    pub(crate) fn leave(&self) {
        self.left.store(true, Ordering::Release);
        self.leaves.notify_waiters();
    }

    async fn left(&self) {
        loop {
            let leaves = self.leaves.notified();
            tokio::pin!(leaves);
            // Listening starts before the look, so that an end between the two is not missed.
            leaves.as_mut().enable();
            if self.left.load(Ordering::Acquire) {
                return;
            }
            leaves.await;
        }
    }

    /// Tells the handler to end when its time is up.
    pub(crate) async fn limit(self: Arc<Self>, shared: Arc<Shared>, after: Duration) {
        if timeout(after, self.left()).await.is_err() {
            // Also where an operator asked it to end before, because that sets no time.
            self.tell(Told::Timeout);
            self.expel(shared).await;
        }
    }

    /// Waits for a handler that was told to end; decides without it when it does not, and then keeps its slot as lost until
    /// it is gone. Once, whatever else tells it to end.
    pub(crate) async fn expel(self: Arc<Self>, shared: Arc<Shared>) {
        if self.expelled.swap(true, Ordering::AcqRel) || timeout(TO_END, self.left()).await.is_ok() {
            return;
        }
        self.decide(&shared, Ended::Unfinished);
        // Dropping the future of a blocking handler would stop nothing and hide when its thread is free.
        if !self.facts.descriptor.blocking {
            self.abort();
            if timeout(TO_BE_DROPPED, self.left()).await.is_ok() {
                return;
            }
        }
        let lost = shared.slots.lose();
        let (id, kind) = (self.context.id(), self.context.kind());
        tracing::error!(job = %id, kind, lost_slots = lost,
            "the handler does not end; its slot is lost until it does, so give it awaits or look at `ctx.is_cancelled()`");
        self.left().await;
        shared.slots.found();
        tracing::info!(job = %id, kind, "the handler has ended; its slot is back");
    }

    /// The handler has said that all is well and then ended otherwise; whether its transaction was committed, the database knows.
    fn log_after_finish(&self, end: &End) {
        let (id, kind, attempt) = (self.context.id(), self.context.kind(), self.context.attempt());
        let error = match end {
            End::Succeeded { .. } => return tracing::debug!(job = %id, kind, attempt, "succeeded"),
            End::Retry { error, .. } | End::Failed { error, .. } => Some(error),
            End::Deleted { error, .. } => error.as_ref(),
            End::Snoozed { .. } | End::HandedBack => None,
        };
        tracing::warn!(job = %id, kind, attempt, error,
            "the handler did not end well after `finish_in`; if its transaction was committed, the job has succeeded all the same");
    }

    fn log(&self, end: &End) {
        let (id, kind, attempt) = (self.context.id(), self.context.kind(), self.context.attempt());
        match end {
            End::Succeeded { .. } => tracing::debug!(job = %id, kind, attempt, "succeeded"),
            End::Retry { delay, error } => {
                tracing::warn!(job = %id, kind, attempt, error, retry_in = ?delay, "the attempt failed");
            }
            End::Failed { error, .. } => tracing::error!(job = %id, kind, attempt, error, "the job failed"),
            End::Deleted { reason, error } => {
                tracing::info!(job = %id, kind, attempt, reason, error, "the job ended as deleted");
            }
            End::Snoozed { delay } => tracing::debug!(job = %id, kind, attempt, ?delay, "snoozed"),
            End::HandedBack => tracing::info!(job = %id, kind, attempt, "handed back; the attempt does not count"),
        }
    }
}
