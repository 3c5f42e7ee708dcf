//! Gives back jobs that the database says this server holds and that it does not know: a claim whose answer was lost.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{
    error::Result,
    server::{
        live::Key,
        outage::{Outage, driven},
        shared::Shared,
    },
    storage::{End, Finish},
};

/// A claim is looked for in memory each so many beats.
const BEATS: u32 = 3;
/// So long may a claim's answer be on its way.
const UNKNOWN_FOR: Duration = Duration::from_secs(10);

/// Compares the database with memory.
#[derive(Debug)]
pub(crate) struct Reconciler {
    shared: Arc<Shared>,
    unknown: std::sync::Mutex<BTreeMap<Key, Unknown>>,
}

#[derive(Clone, Copy, Debug)]
struct Unknown {
    since: Instant,
    handed_back: bool,
}

impl Reconciler {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, unknown: std::sync::Mutex::default() }
    }

    /// Compares until the task is dropped.
    pub(crate) async fn run(self) {
        let mut outage = Outage::new("read which jobs this server holds");
        let mut ticks = interval(self.shared.options.beat.saturating_mul(BEATS));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.run_once().await {
                Ok(_) => outage.recovered(),
                Err(error) => {
            outage.failed(&error);
        }
            }
        }
    }

    /// One comparison. Returns how many jobs are given back.
    pub(crate) async fn run_once(&self) -> Result<usize> {
        let (storage, server) = (self.shared.storage().clone(), self.shared.id);
        let stored =
            driven("read which jobs this server holds", async move { storage.claims_of(server).await }).await?;
        let stored = stored.into_iter().flat_map(|(fence, jobs)| jobs.into_iter().map(move |job| (job, fence)));
        let now = Instant::now();
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *unknown);
        let mut given_back = 0;
        for key in stored.filter(|key| !self.shared.live.holds(*key)) {
            let mut entry = before.get(&key).copied().unwrap_or(Unknown { since: now, handed_back: false });
            if !entry.handed_back && now.duration_since(entry.since) > UNKNOWN_FOR {
                self.hand_back(key);
                entry.handed_back = true;
                given_back += 1;
            }
            unknown.insert(key, entry);
        }
        Ok(given_back)
    }

    fn hand_back(&self, (job, fence): Key) {
        tracing::warn!(%job, %fence, "the database says that this server holds the job, but it does not; handing it back");
        let (wait, run) = (Duration::ZERO, Duration::ZERO);
        self.shared.finishes.push(Finish { job, fence, end: End::HandedBack, wait, run });
    }
}
