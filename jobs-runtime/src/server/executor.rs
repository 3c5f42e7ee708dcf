//! Runs one attempt on a task of its own.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::Instrument;

use crate::{
    Fence,
    context::{Inner, JobContext},
    flow::NodeId,
    job::{Descriptor, Takes, Verdict},
    outcome::error_text,
    retry,
    run::Run,
    server::{
        attempt::{Attempt, TO_END},
        judge::{Ended, Facts, cancelled},
        live::Key,
        outage::{driven, error_chain},
        panics::panic_text,
        shared::Shared,
    },
    storage::{ClaimedJob, End, Finish},
};

/// A claimed job that waits for a slot.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) job: ClaimedJob,
    pub(crate) fence: Fence,
    pub(crate) claimed_at: Timestamp,
    pub(crate) received: Instant,
    descriptor: &'static Descriptor,
}

impl Waiting {
    pub(crate) fn key(&self) -> Key {
        (self.job.id, self.fence)
    }

    /// Ends the job without a run.
    pub(crate) fn end(self, shared: &Shared, end: End) {
        finish_unrun(shared, self.key(), end);
    }

    /// From the job's due time until now; the first part by the database's clock.
    fn waited(&self) -> Duration {
        let due = self.job.due_at.max(self.job.created_at);
        let until_claim = Duration::try_from(self.claimed_at.duration_since(due)).unwrap_or_default();
        until_claim + self.received.elapsed()
    }
}

/// Takes a claimed job in: `None` when there is nothing to run, which is stored as such.
pub(crate) fn admit(
    shared: &Shared,
    job: ClaimedJob,
    fence: Fence,
    suspect: bool,
    claimed_at: Timestamp,
) -> Option<Waiting> {
    let key = (job.id, fence);
    shared.live.wait(key, suspect);
    let Some(descriptor) = shared.registry.get(&job.kind) else {
        finish_unrun(shared, key, End::HandedBack);
        return None;
    };
    if job.cancel_requested {
        finish_unrun(shared, key, cancelled(None));
        return None;
    }
    if job.expired {
        finish_unrun(shared, key, End::Deleted { reason: "expired".to_owned(), error: None });
        return None;
    }
    Some(Waiting { job, fence, claimed_at, received: Instant::now(), descriptor })
}

fn finish_unrun(shared: &Shared, (job, fence): Key, end: End) {
    shared.finish(Finish { job, fence, end, wait: Duration::ZERO, run: Duration::ZERO });
}

/// Starts an attempt in a slot that the caller has taken; the slot is given back when the handler is gone.
pub(crate) fn start(shared: &Arc<Shared>, waiting: Waiting) {
    let waited = waiting.waited();
    let Waiting { job, fence, descriptor, .. } = waiting;
    let facts = Facts {
        descriptor,
        on_exhausted: job.on_exhausted,
        attempt: job.attempt,
        max_attempts: job.max_attempts,
        timeout: job.timeout,
        seed: retry::seed(job.id),
        output_limit: shared.storage().settings().payload_limit,
        fatal: false,
    };
    let (limit, payload) = (job.timeout, Arc::from(job.payload));
    let context = JobContext::new(Inner {
        id: job.id,
        server: shared.id,
        descriptor,
        kind: job.kind,
        queue: job.queue,
        attempt: job.attempt,
        max_attempts: job.max_attempts,
        fence,
        meta: job.meta,
        tags: job.tags,
        occurrence: job.recurring.map(|(_, occurrence)| occurrence),
        batch: job.batch,
        waited,
        started: Instant::now(),
        // A time that the clock cannot count to is no limit.
        deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
        cancel: CancellationToken::new(),
        fatal: AtomicBool::new(false),
        finished: AtomicBool::new(false),
        notes: shared.notes.clone(),
        states: shared.states.clone(),
        client: shared.client.clone(),
    });
    let attempt = Arc::new(Attempt::new(context.clone(), facts));
    shared.live.begin(&attempt);
    let run = Run { context, descriptor, payload, inputs: Arc::default() };
    let slot = Slot { shared: shared.clone(), attempt: attempt.clone() };
    let task = tokio::spawn(async move {
        // Owned by the task, so that the slot comes back also when the task is aborted or a destructor panics.
        let slot = slot;
        let ended = match with_inputs(&slot.shared, run).await {
            Ok(run) => {
                let ended = handle(&slot.shared, run).await;
                slot.shared.means.record(&slot.attempt.context().inner().kind, slot.attempt.started().elapsed());
                ended
            }
            Err(ended) => ended,
        };
        slot.attempt.decide(&slot.shared, ended);
    });
    attempt.set_abort(task.abort_handle());
    if let Some(limit) = limit {
        tokio::spawn(attempt.limit(shared.clone(), limit));
    }
}

/// How long the storage may take to say what a job's parents left for it. Not longer than code may take to end after its timeout,
/// so that the attempt is decided here.
const TO_ANSWER: Duration = TO_END;

/// The run with what the job's parents left for it, where the handler takes that.
async fn with_inputs(shared: &Shared, run: Run) -> Result<Run, Ended> {
    if run.descriptor.takes == Takes::Nothing {
        return Ok(run);
    }
    let (id, kind, storage) = (run.context.id(), run.context.kind(), shared.storage().clone());
    let read = driven("read what a job's parents left", async move { storage.flow_inputs(NodeId::Job(id)).await });
    match timeout(TO_ANSWER, read).await {
        // For the reason for which it was told to end.
        Ok(Ok(_)) if run.context.is_cancelled() => Err(Ended::Unfinished),
        Ok(Ok(inputs)) => Ok(Run { inputs: inputs.into(), ..run }),
        Ok(Err(error)) if !error.is_transient() => {
            let error = format!("what the job's parents left cannot be read: {}", error_chain(&error));
            Err(Ended::Badly(error, Verdict::Retry))
        }
        Ok(Err(error)) => {
            let error = error_chain(&error);
            tracing::warn!(job = %id, kind, error, "cannot read what the job's parents left; it is put back and does not count");
            Err(Ended::NotStarted)
        }
        Err(_) => {
            tracing::warn!(job = %id, kind, after = ?TO_ANSWER,
                "no answer to what the job's parents left; it is put back and does not count");
            Err(Ended::NotStarted)
        }
    }
}

/// The handler inside its layers, its span and its client's scope; a panic becomes a value.
fn handle(shared: &Shared, run: Run) -> impl Future<Output = Ended> + Send + 'static {
    let context = &run.context;
    let span = tracing::info_span!("job", id = %context.id(), kind = context.kind(), attempt = context.attempt(),
        queue = context.queue());
    let service = shared.service.clone();
    let handled = shared.client.scope(async move {
        match service.oneshot(run).await {
            Ok(success) => Ended::Well(success),
            // Inside the guard against panics, because it calls the error's own `Display`.
            Err(failure) => Ended::Badly(error_text(&*failure.error), failure.verdict),
        }
    });
    let caught = AssertUnwindSafe(handled).catch_unwind();
    async move { caught.await.unwrap_or_else(|panic| Ended::Panicked(panic_text(panic))) }.instrument(span)
}

/// Held by the task of an attempt; when it goes, the slot is free and the attempt decided.
struct Slot {
    shared: Arc<Shared>,
    attempt: Arc<Attempt>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.shared.slots.release();
        self.attempt.decide(&self.shared, Ended::Unfinished);
        self.attempt.leave();
    }
}
