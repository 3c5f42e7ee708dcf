//! How the parts of one process tell each other that something happened. Hints only: the poll is the truth.

use tokio::sync::{broadcast, watch};

use crate::{JobId, storage::Revocation};

/// The process's notice board, one for each open storage.
#[derive(Debug)]
pub struct Hub {
    work: watch::Sender<u64>,
    ended: watch::Sender<u64>,
    revoked: broadcast::Sender<(JobId, Revocation)>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { work: watch::Sender::new(0), ended: watch::Sender::new(0), revoked: broadcast::Sender::new(1024) }
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

    /// A job that may be running here must stop.
    pub fn job_revoked(&self, job: JobId, why: Revocation) {
        // Nobody listens where no server runs in this process.
        let _ = self.revoked.send((job, why));
    }

    /// Hears of work.
    pub fn on_work(&self) -> watch::Receiver<u64> {
        self.work.subscribe()
    }

    /// Hears of ends.
    pub fn on_end(&self) -> watch::Receiver<u64> {
        self.ended.subscribe()
    }

    /// Hears of revocations.
    pub fn on_revoked(&self) -> broadcast::Receiver<(JobId, Revocation)> {
        self.revoked.subscribe()
    }
}
