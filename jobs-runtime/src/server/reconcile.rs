//! Gives back jobs that the database says this server holds and that it does not know: a claim whose answer was lost.

use std::{collections::BTreeMap, mem, sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{
    error::Result,
    server::{
        live::Key,
        outage::{Outage, driven},
        shared::Shared,
    },
    storage::{End, Finish, Revocation},
};

/// A claim is looked for in memory each so many beats.
const BEATS: u32 = 3;
/// So long may a claim's answer be on its way.
const UNKNOWN_FOR: Duration = Duration::from_secs(10);

/// Compares the database with memory.
#[derive(Debug)]
pub(crate) struct Reconciler {
    shared: Arc<Shared>,
    unknown: BTreeMap<Key, Unknown>,
}

#[derive(Clone, Copy, Debug)]
struct Unknown {
    since: Instant,
    /// Whether it was handed back, or has ended in a chunk that others keep.
    settled: bool,
}

impl Reconciler {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, unknown: BTreeMap::new() }
    }

    /// Compares until the task is dropped.
    pub(crate) async fn run(mut self) {
        let mut outage = Outage::new("read which jobs this server holds");
        let mut ticks = interval(self.shared.options.beat.saturating_mul(BEATS));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // What a claim took is there by the look after it, and missed here for one tick at most.
            if self.shared.views.hold_nothing() {
                self.unknown.clear();
                continue;
            }
            match self.run_once().await {
                Ok(_) => outage.recovered(),
                Err(error) => {
                    outage.failed(&error);
                }
            }
        }
    }

    /// One comparison. Returns how many jobs are given back.
    pub(crate) async fn run_once(&mut self) -> Result<usize> {
        let overdue = self.overdue().await?;
        if overdue.is_empty() {
            return Ok(0);
        }
        // A chunk keeps the ids of jobs that have ended: the right to finish them is asked for.
        let (storage, server, asked) = (self.shared.storage().clone(), self.shared.id, overdue.clone());
        let revoked =
            driven("read which jobs this server holds", async move { storage.revoked(server, asked).await }).await?;
        let mut given_back = 0;
        for key in overdue {
            let lost = revoked.iter().any(|gone| (gone.job, gone.fence) == key && gone.why == Revocation::Lost);
            if !lost {
                self.hand_back(key);
                given_back += 1;
            }
            if let Some(unknown) = self.unknown.get_mut(&key) {
                unknown.settled = true;
            }
        }
        Ok(given_back)
    }

    /// The jobs that the database has had for this server, and memory has not, for too long.
    async fn overdue(&mut self) -> Result<Vec<Key>> {
        let (storage, server) = (self.shared.storage().clone(), self.shared.id);
        let stored =
            driven("read which jobs this server holds", async move { storage.claims_of(server).await }).await?;
        let stored = stored.into_iter().flat_map(|(fence, jobs)| jobs.into_iter().map(move |job| (job, fence)));
        let now = Instant::now();
        let before = mem::take(&mut self.unknown);
        let fresh = Unknown { since: now, settled: false };
        self.unknown = stored
            .filter(|key| !self.shared.live.holds(*key))
            .map(|key| (key, before.get(&key).copied().unwrap_or(fresh)))
            .collect();
        let overdue =
            self.unknown.iter().filter(|(_, job)| !job.settled && now.duration_since(job.since) > UNKNOWN_FOR);
        Ok(overdue.map(|(key, _)| *key).collect())
    }

    fn hand_back(&self, (job, fence): Key) {
        tracing::warn!(%job, %fence, "the database says that this server holds the job, but it does not; handing it back");
        let (wait, run) = (Duration::ZERO, Duration::ZERO);
        self.shared.finishes.push(Finish { job, fence, end: End::HandedBack, wait, run });
    }
}
