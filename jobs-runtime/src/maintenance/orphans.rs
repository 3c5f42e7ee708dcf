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
/// What no code has defined for so long may go at any time.
const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

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
        let is_early = since.elapsed() < PATIENCE.min(self.keep);
        // In any case, because a sweep notes what is declared now, and because an outage shows.
        let swept = self.storage.recurring_sweep(if is_early { TEN_YEARS.max(self.keep) } else { self.keep }).await;
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
