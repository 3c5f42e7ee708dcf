//! Removes recurring jobs that the code of no live server defines any more.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::{error::Result, maintenance::Service, storage::SharedStorage};

const PERIOD: Duration = Duration::from_secs(60);
/// After a start and after an outage nothing is removed for so long: the servers of other applications may have been away as
/// long as this one, and come back a little later.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// Sweeps definitions of the code.
pub(crate) struct Orphans {
    storage: SharedStorage,
    keep: Duration,
    /// Since when this server and its database have been there without a break.
    since: Mutex<Instant>,
}

impl Orphans {
    /// Keeps a definition for so long after its last declaration.
    pub(crate) fn new(storage: SharedStorage, keep: Duration) -> Self {
        Self { storage, keep, since: Mutex::new(Instant::now()) }
    }
}

#[async_trait]
impl Service for Orphans {
    fn doing(&self) -> &'static str {
        "remove recurring jobs that no code defines"
    }

    async fn run_once(&self) -> Result<Duration> {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let keep = if since.elapsed() < PATIENCE.min(self.keep) { None } else { Some(self.keep) };
        let swept = match keep {
            // Asked in any case, so that an outage in this time is noticed.
            None => self.storage.now().await.map(|_| 0),
            Some(keep) => self.storage.recurring_sweep(keep).await,
        };
        if swept.is_err() {
            *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
        let removed = swept?;
        if removed > 0 {
            tracing::info!(removed, kept_for = ?self.keep, "removed recurring jobs that the code of no live server defines");
        }
        Ok(PERIOD.mul_f64(0.9 + fastrand::f64() / 5.0))
    }
}
