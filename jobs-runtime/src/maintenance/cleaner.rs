//! Removes jobs whose retention has ended.

use std::time::Duration;

use async_trait::async_trait;

use crate::{error::Result, maintenance::Service, storage::SharedStorage};

const LIMIT: u32 = 1_000;
pub(super) const PERIOD: Duration = Duration::from_secs(60);
/// Between steps that looked at as much as they may: claims and finishes go first.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// Removes old jobs in bounded steps.
pub(crate) struct Cleaner {
    storage: SharedStorage,
}

impl Cleaner {
    pub(crate) fn new(storage: SharedStorage) -> Self {
        Self { storage }
    }
}

#[async_trait]
impl Service for Cleaner {
    fn doing(&self) -> &'static str {
        "remove old jobs"
    }

    async fn run_once(&self) -> Result<Duration> {
        let looked_at = self.storage.clean(LIMIT).await?;
        Ok(if looked_at >= u64::from(LIMIT) { PAUSE } else { PERIOD })
    }
}
