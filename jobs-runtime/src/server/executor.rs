//! Runs one attempt on a task of its own.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{AbortHandle, AbortRegistration, Abortable},
};
use jiff::Timestamp;
use tokio::time::{Instant, timeout};
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
        stage::Stage,
    },
    storage::{ClaimedJob, End, Finish},
};

/// For so long a task runs short jobs before it lets others run.
const TURN: Duration = Duration::from_micros(200);

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

/// Takes in a claimed job that is held: `None` when there is nothing to run, which is stored as such.
pub(crate) fn admit(shared: &Shared, job: ClaimedJob, fence: Fence, claimed_at: Timestamp) -> Option<Waiting> {
    let key = (job.id, fence);
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

/// Starts a job in a slot that the caller has taken; gives both back when the server stops.
pub(crate) fn start_taken(shared: &Arc<Shared>, waiting: Waiting) {
    if shared.stages.now() < Stage::Draining {
        start(shared, waiting);
    } else {
        waiting.end(shared, End::HandedBack);
        shared.slots.release();
    }
}

/// Starts waiting jobs in free slots.
pub(crate) fn start_waiting(shared: &Arc<Shared>) {
    while let Some(waiting) = next_waiting(shared) {
        start(shared, waiting);
    }
}

/// The next job, with a slot that is taken for it.
fn next_waiting(shared: &Shared) -> Option<Waiting> {
    if shared.stages.now() < Stage::Draining { shared.line.next(&shared.slots) } else { None }
}

/// Starts attempts, one after the other, in a slot that the caller has taken; the slot is given back when the last handler is gone.
fn start(shared: &Arc<Shared>, waiting: Waiting) {
    let first = begin(shared, waiting);
    tokio::spawn(run_one_by_one(shared.clone(), first));
}

/// Runs an attempt, and then those that wait, on the same task: to wake the fetcher and to make a task for each job costs more than
/// many a job does.
async fn run_one_by_one(shared: Arc<Shared>, first: Begun) {
    let mut next = Some(first);
    let mut turn = Instant::now();
    while let Some(begun) = next {
        run_one(&shared, begun).await;
        if shared.line.is_wanted() {
            shared.slots.wake();
        }
        if turn.elapsed() >= TURN {
            tokio::task::yield_now().await;
            turn = Instant::now();
        }
        next = next_waiting(&shared).map(|waiting| begin(&shared, waiting));
    }
}

async fn run_one(shared: &Arc<Shared>, begun: Begun) {
    let Begun { mut slot, run, stop } = begun;
    let ended = Abortable::new(attempt(shared, run), stop).await;
    if let Ok(ended) = ended {
        slot.attempt.decide(shared, ended);
    }
    slot.ended = true;
}

async fn attempt(shared: &Shared, run: Run) -> Ended {
    let context = run.context.clone();
    match with_inputs(shared, run).await {
        Ok(run) => {
            let ended = handle(shared, run).await;
            shared.means.record(&context.inner().kind, context.inner().started.elapsed());
            ended
        }
        Err(ended) => ended,
    }
}

/// Makes an attempt of a job that has got its slot.
fn begin(shared: &Arc<Shared>, waiting: Waiting) -> Begun {
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
    let (limit, payload) = (job.timeout, Arc::new(job.payload));
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
        cancel: OnceLock::new(),
        fatal: AtomicBool::new(false),
        finished: AtomicBool::new(false),
        notes: shared.notes.clone(),
        states: shared.states.clone(),
        client: shared.client.clone(),
    });
    let (abort, stop) = AbortHandle::new_pair();
    let attempt = Arc::new(Attempt::new(context.clone(), facts, abort));
    shared.live.begin(&attempt);
    if let Some(limit) = limit {
        tokio::spawn(attempt.clone().limit(shared.clone(), limit));
    }
    let slot = Slot { shared: shared.clone(), attempt, ended: false };
    Begun { slot, run: Run { context, descriptor, payload, inputs: None }, stop }
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
        Ok(Ok(inputs)) => Ok(Run { inputs: Some(inputs.into()), ..run }),
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
        let done = match service {
            Some(service) => service.oneshot(run).await,
            None => (run.descriptor.run)(run).await,
        };
        match done {
            Ok(success) => Ended::Well(success),
            // Inside the guard against panics, because it calls the error's own `Display`.
            Err(failure) => Ended::Badly(error_text(&*failure.error), failure.verdict),
        }
    });
    let caught = AssertUnwindSafe(handled).catch_unwind();
    async move { caught.await.unwrap_or_else(|panic| Ended::Panicked(panic_text(panic))) }.instrument(span)
}

/// An attempt that is about to run.
struct Begun {
    slot: Slot,
    run: Run,
    stop: AbortRegistration,
}

/// Held while an attempt runs; when it goes, also because the task is dropped or a destructor panics, the slot is free and the attempt decided.
struct Slot {
    shared: Arc<Shared>,
    attempt: Arc<Attempt>,
    /// Whether the attempt has come to its end, and the task goes on to the next.
    ended: bool,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if self.ended {
            self.shared.slots.give_back();
        } else {
            self.shared.slots.release();
        }
        self.attempt.decide(&self.shared, Ended::Unfinished);
        self.attempt.leave();
    }
}
