//! How a server stops: nothing it has claimed is lost or charged, and it leaves as soon as it may.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::server::{
    attempt::TO_END,
    judge::{Ended, Told},
    lease::LeaseThread,
    outage::{driven, error_chain},
    shared::Shared,
    stage::Stage,
};

/// How long the last results may take to be stored; what is not is rescued.
const TO_STORE: Duration = Duration::from_secs(5);
/// How long the claim on its way, and the server's retirement, may take.
const TO_ANSWER: Duration = Duration::from_secs(3);

/// The tasks of a running server.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) fetcher: JoinHandle<()>,
    pub(crate) flusher: JoinHandle<()>,
    /// Tells the flusher that nothing follows.
    pub(crate) flush_rest: CancellationToken,
    /// Revocation, reconciliation, notes, maintenance: of no use without running jobs.
    pub(crate) helpers: Helpers,
    /// Absent where a test keeps the lease.
    pub(crate) lease: Option<LeaseThread>,
}

/// Tasks that end when they are dropped.
#[derive(Debug, Default)]
pub(crate) struct Helpers(tokio::task::JoinSet<()>);

impl Helpers {
    pub(crate) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }
}

/// Waits until the server is told to stop, and stops it.
pub(crate) async fn supervise(shared: Arc<Shared>, parts: Parts) {
    shared.stages.reached(Stage::Draining).await;
    let Parts { mut fetcher, mut flusher, flush_rest, helpers, lease } = parts;
    tracing::info!(server = %shared.id, running = shared.slots.taken(), grace = ?shared.options.grace, "the server stops");
    let deadline = Instant::now() + shared.options.grace;
    // First, because until it has ended it may still start a job. It ends by itself when nothing is waited for any more.
    if timeout(TO_ANSWER, &mut fetcher).await.is_err() {
        tracing::warn!("the last claim has no answer; what it brings is released at the end");
        fetcher.abort();
    }
    end_running(&shared, deadline).await;
    flush_rest.cancel();
    if timeout(TO_STORE, &mut flusher).await.is_err() {
        flusher.abort();
        tracing::error!(
            results = shared.finishes.backlog(),
            "some results could not be stored; their jobs are released and run again"
        );
    }
    // Only now: a job's last results wait for its notes.
    drop(helpers);
    if let Some(lease) = lease {
        lease.stop().await;
    }
    let (storage, server) = (shared.storage().clone(), shared.id);
    let retire = async move {
        // What a claim without an answer took, and what could not be stored, is known here only as far as the database goes.
        storage.claims_release(server).await?;
        storage.server_retire(server).await
    };
    match timeout(TO_ANSWER, driven("retire", retire)).await {
        Ok(Ok(())) => tracing::info!(server = %shared.id, "the server has stopped"),
        Ok(Err(error)) => {
            let error = error_chain(&error);
            tracing::warn!(server = %shared.id, error, "the server has stopped; its lease runs out");
        }
        Err(_) => tracing::warn!(server = %shared.id, "the server has stopped; its lease runs out"),
    }
}

/// Waits for what runs; then asks it to end; then goes on without it.
async fn end_running(shared: &Arc<Shared>, deadline: Instant) {
    tokio::select! {
        _ = timeout_at(deadline, shared.live.all_ended()) => {}
        () = shared.stages.reached(Stage::Stopping) => {}
    }
    let running = shared.live.running();
    if running.is_empty() {
        return;
    }
    tracing::info!(jobs = running.len(), "asking the jobs that still run to end");
    for attempt in &running {
        attempt.tell(Told::Stop);
    }
    tokio::select! {
        _ = timeout(TO_END, shared.live.all_ended()) => {}
        () = shared.stages.reached(Stage::Stopping) => tokio::task::yield_now().await,
    }
    for attempt in shared.live.running() {
        attempt.decide(shared, Ended::Unfinished);
        attempt.abort();
    }
}
