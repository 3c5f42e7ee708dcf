//! How the parts of one process tell each other that something happened, and how a client waits. Hints only: the poll is
//! the truth.

use std::{
    sync::{Arc, PoisonError, RwLock, Weak},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{Semaphore, broadcast, watch},
    time::{Instant, sleep, timeout},
};

use crate::{
    JobId,
    offer::{Offer, Taker},
    storage::{NewJob, Revocation, SharedStorage, Storage},
};

/// The pause after the first look of a waiting client; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(2);

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long a client looks for the commit of a transaction that is not its own.
const COMMIT_LIMIT: Duration = Duration::from_secs(30);

/// For how many transactions at once a client looks for the commit; the jobs of others are found by the servers' poll.
const COMMIT_WATCHES: usize = 64;

/// The process's notice board, one for each open storage.
#[derive(Debug)]
pub struct Hub {
    work: watch::Sender<u64>,
    ended: watch::Sender<u64>,
    steps: watch::Sender<u64>,
    revoked: broadcast::Sender<(JobId, Revocation)>,
    takers: RwLock<Vec<Weak<dyn Taker>>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            work: watch::Sender::new(0),
            ended: watch::Sender::new(0),
            steps: watch::Sender::new(0),
            revoked: broadcast::Sender::new(1024),
            takers: RwLock::default(),
        }
    }
}

impl Hub {
    /// There may be jobs to claim.
    pub fn work_arrived(&self) {
        self.work.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Some jobs have ended.
    pub fn jobs_ended(&self) {
        self.ended.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Upkeep has a step to take on a batch.
    pub fn steps_arrived(&self) {
        self.steps.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A job that may be running here must stop.
    pub fn job_revoked(&self, job: JobId, why: Revocation) {
        // Nobody listens where no server runs in this process.
        let _ = self.revoked.send((job, why));
    }

    /// From now on, as long as it lives, the server may take jobs while they are being stored.
    pub(crate) fn attend(&self, taker: &Arc<dyn Taker>) {
        let mut takers = self.takers.write().unwrap_or_else(PoisonError::into_inner);
        takers.retain(|taker| taker.strong_count() > 0);
        takers.push(Arc::downgrade(taker));
    }

    /// The slots of a server of this process for jobs that are about to be stored.
    pub(crate) fn offer(&self, jobs: &[NewJob]) -> Option<Arc<Offer>> {
        let takers = self.takers.read().unwrap_or_else(PoisonError::into_inner);
        let mut offers = takers.iter().filter_map(|taker| Offer::of(&taker.upgrade()?, jobs));
        offers.next().map(Arc::new)
    }

    /// Hears of work.
    pub fn on_work(&self) -> watch::Receiver<u64> {
        self.work.subscribe()
    }

    /// Hears of ends.
    pub fn on_end(&self) -> watch::Receiver<u64> {
        self.ended.subscribe()
    }

    /// Hears of steps.
    pub fn on_steps(&self) -> watch::Receiver<u64> {
        self.steps.subscribe()
    }

    /// Hears of revocations.
    pub fn on_revoked(&self) -> broadcast::Receiver<(JobId, Revocation)> {
        self.revoked.subscribe()
    }
}

/// The pauses of one wait: from [`FIRST_PAUSE`], doubling, to [`LONGEST_PAUSE`].
#[derive(Debug)]
struct Pauses(Duration);

impl Pauses {
    fn new() -> Self {
        Self(FIRST_PAUSE)
    }

    fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST_PAUSE);
        pause
    }
}

/// Says when to look again whether a job has ended.
#[derive(Debug)]
pub(crate) struct EndWatch {
    ends: watch::Receiver<u64>,
    pauses: Pauses,
}

impl EndWatch {
    /// Listens from now on.
    pub(crate) fn new(hub: &Hub) -> Self {
        Self { ends: hub.on_end(), pauses: Pauses::new() }
    }

    /// Returns when a job has ended in this process, and when the pause is over.
    pub(crate) async fn next(&mut self) {
        let pause = self.pauses.next();
        // On a busy server some job ends all the time: one that takes long is not looked at for each of them.
        let deaf = pause / 16;
        if deaf >= FIRST_PAUSE {
            sleep(deaf).await;
        }
        // The hub lives as long as the storage; were it gone, the pause would go on alone.
        let ended = async {
            if self.ends.changed().await.is_err() {
                std::future::pending().await
            }
        };
        let _ = timeout(pause, ended).await;
    }
}

/// Waits for `future`, or for `limit`: then `None`.
pub(crate) async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    timeout(limit, future).await.ok()
}

/// The pauses before a call whose answer was lost is made again.
const RESENDS: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(200)];

/// A call that was away for longer is not made again: its caller has waited enough.
const RESEND_LIMIT: Duration = Duration::from_secs(2);

/// How often, and after which pauses, a call whose answer was lost is made again.
#[derive(Debug)]
pub(crate) struct Resends {
    begin: Instant,
    pauses: std::array::IntoIter<Duration, 2>,
}

impl Resends {
    /// From the beginning of the first call.
    pub(crate) fn new() -> Self {
        Self { begin: Instant::now(), pauses: RESENDS.into_iter() }
    }

    /// The pause before the next call; `None` when there is to be none.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        if self.begin.elapsed() < RESEND_LIMIT { self.pauses.next() } else { None }
    }
}

/// Waits so long.
pub(crate) async fn wait(pause: Duration) {
    sleep(pause).await;
}

/// A client's watches for commits of transactions that are not its own.
#[derive(Debug)]
pub(crate) struct CommitWatch {
    free: Arc<Semaphore>,
}

impl Default for CommitWatch {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(COMMIT_WATCHES)) }
    }
}

impl CommitWatch {
    /// Says that work has arrived as soon as `job` can be read. Ends without a word when that takes longer than
    /// [`COMMIT_LIMIT`], and when the storage has no other owner.
    pub(crate) fn start(&self, runtime: &Handle, storage: &SharedStorage, job: JobId) {
        let Ok(place) = Arc::clone(&self.free).try_acquire_owned() else { return };
        let storage = Arc::downgrade(storage);
        runtime.spawn(async move {
            watch_commit(&storage, job).await;
            drop(place);
        });
    }
}

async fn watch_commit(storage: &Weak<dyn Storage>, job: JobId) {
    let begin = Instant::now();
    let mut pauses = Pauses::new();
    while begin.elapsed() < COMMIT_LIMIT {
        sleep(pauses.next()).await;
        let Some(storage) = storage.upgrade() else { return };
        // A database that does not answer now may answer at the next look.
        if matches!(storage.job_get(job).await, Ok(Some(_))) {
            storage.hub().work_arrived();
            return;
        }
    }
}
