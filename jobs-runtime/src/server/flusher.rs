//! Stores how attempts ended: many together, in order, until the storage takes them.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{Error, Result},
    server::{
        live::Key,
        notes,
        outage::{Outage, driven, error_chain},
        shared::Shared,
    },
    storage::{Accepted, End, Finish},
};

/// The most finishes in one call.
const MOST: usize = 1_000;
/// Fewer finishes than this wait for others to come within [`GATHER`] after a flush; the first after a pause is flushed at once.
const ENOUGH: usize = 100;
const GATHER: Duration = Duration::from_millis(2);
/// The pause before a result is tried again that somebody's transaction keeps from being stored.
const LOCKED_PAUSE: Duration = Duration::from_secs(1);
/// With more results than this unstored, nothing more is claimed.
const FULL_FROM: usize = 10_000;

/// The way from attempts to the flusher. Never blocks: a full backlog stops the fetcher, which is where jobs come from.
#[derive(Debug)]
pub(crate) struct Finishes {
    sender: UnboundedSender<Finish>,
    backlog: AtomicUsize,
}

impl Finishes {
    pub(crate) fn new() -> (Self, UnboundedReceiver<Finish>) {
        let (sender, receiver) = unbounded_channel();
        (Self { sender, backlog: AtomicUsize::new(0) }, receiver)
    }

    pub(crate) fn push(&self, finish: Finish) {
        self.backlog.fetch_add(1, Ordering::Relaxed);
        // The receiver is gone only when the runtime is; the job is rescued then.
        let _ = self.sender.send(finish);
    }

    pub(crate) fn are_full(&self) -> bool {
        self.backlog() >= FULL_FROM
    }

    pub(crate) fn backlog(&self) -> usize {
        self.backlog.load(Ordering::Relaxed)
    }
}

/// Stores finishes until `closing`, and then what has come by then.
pub(crate) async fn run(shared: Arc<Shared>, mut finishes: UnboundedReceiver<Finish>, closing: CancellationToken) {
    let mut group = Vec::with_capacity(MOST);
    let mut last_flush = None::<Instant>;
    loop {
        tokio::select! {
            biased;
            received = finishes.recv_many(&mut group, MOST) => if received == 0 { return },
            () = closing.cancelled() => return,
        }
        if let Some(last) = last_flush
            && group.len() < ENOUGH
        {
            // Not woken for each of them.
            sleep_until(last + GATHER).await;
            take_more(&mut finishes, &mut group);
        }
        store(&shared, mem::take(&mut group)).await;
        last_flush = Some(Instant::now());
    }
}

fn take_more(finishes: &mut UnboundedReceiver<Finish>, group: &mut Vec<Finish>) {
    while group.len() < MOST
        && let Ok(finish) = finishes.try_recv()
    {
        group.push(finish);
    }
}

/// Stores one group, however often it must be tried.
async fn store(shared: &Arc<Shared>, mut group: Vec<Finish>) {
    let mut keys: Vec<Key> = group.iter().map(|finish| (finish.job, finish.fence)).collect();
    let mut outage = Outage::new("store the results of jobs");
    let mut replaced = false;
    loop {
        match try_store(shared, &keys, &group).await {
            Ok(answers) => {
                outage.recovered();
                tell(shared, &keys, &answers);
                set_aside(shared, &mut group, &mut keys, &answers);
                break;
            }
            Err(error) if error.is_transient() => {
                sleep(outage.failed(&error)).await;
            }
            Err(error) if !replaced => {
                tracing::error!(error = %error_chain(&error), jobs = group.len(), "results could not be stored; the jobs will be failed");
                let kept = |end: &End| matches!(end, End::HandedBack | End::Snoozed { .. });
                for finish in group.iter_mut().filter(|finish| !kept(&finish.end)) {
                    finish.end = End::Failed { error: not_stored(&error), attempted: true };
                }
                replaced = true;
            }
            Err(error) => {
                tracing::error!(error = %error_chain(&error), jobs = group.len(), ?keys,
                    "not even the failure of these jobs could be stored; they will be handed back and run again");
                break;
            }
        }
    }
    shared.finishes.backlog.fetch_sub(group.len(), Ordering::Relaxed);
    shared.live.remove(keys);
    // A suspect may be gone and the backlog shorter: the fetcher may go on.
    shared.slots.wake();
}

/// Those that somebody keeps locked are tried again by themselves, so that nobody waits for them.
fn set_aside(shared: &Arc<Shared>, group: &mut Vec<Finish>, keys: &mut Vec<Key>, answers: &[Accepted]) {
    let is_locked = |index: usize| answers.get(index) == Some(&Accepted::Locked);
    let locked: Vec<Finish> =
        group.iter().enumerate().filter(|(index, _)| is_locked(*index)).map(|(_, finish)| finish.clone()).collect();
    if locked.is_empty() {
        return;
    }
    tracing::warn!(jobs = locked.len(), "the results of some jobs wait for a transaction that keeps the jobs locked");
    let mut index = 0;
    keys.retain(|_| {
        index += 1;
        !is_locked(index - 1)
    });
    index = 0;
    group.retain(|_| {
        index += 1;
        !is_locked(index - 1)
    });
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        sleep(LOCKED_PAUSE).await;
        let again: BoxFuture<'_, ()> = Box::pin(store(&shared, locked));
        again.await;
    });
}

async fn try_store(shared: &Arc<Shared>, keys: &[Key], group: &[Finish]) -> Result<Vec<Accepted>> {
    notes::write_before_finish(shared, keys).await?;
    let (storage, server, ends) = (shared.storage().clone(), shared.id, group.to_vec());
    driven("store the results of jobs", async move { storage.finish(server, ends).await }).await
}

fn not_stored(error: &Error) -> String {
    format!("result could not be stored: {}", error_chain(error))
}

fn tell(shared: &Shared, keys: &[Key], answers: &[Accepted]) {
    if answers.contains(&Accepted::Again) {
        // Where a handler has ended its job itself, this is the first that the process hears of the commit.
        shared.storage().hub().jobs_ended();
    }
    let stale = keys.iter().zip(answers).filter(|(_, answer)| **answer == Accepted::Stale);
    for (key, _) in stale {
        let (job, fence) = key;
        if shared.live.has_finished(*key) {
            tracing::debug!(%job, %fence, "the job had ended in its handler's own transaction");
            continue;
        }
        tracing::warn!(%job, %fence, stale = 1_u64,
            "a result was refused, because the job was taken from this server before it ended");
    }
}
