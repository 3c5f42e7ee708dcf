//! Looks for jobs and batches that wait for nothing, and says why they do not run.

use std::time::Duration;

use async_trait::async_trait;

use crate::{error::Result, maintenance::Service, storage::SharedStorage};

/// How many one step looks at.
const LIMIT: u32 = 1_000;
const PERIOD: Duration = Duration::from_secs(60);

/// Walks over what waits.
pub(crate) struct Auditor {
    storage: SharedStorage,
}

impl Auditor {
    pub(crate) fn new(storage: SharedStorage) -> Self {
        Self { storage }
    }
}

#[async_trait]
impl Service for Auditor {
    fn doing(&self) -> &'static str {
        "look for jobs that wait for nothing"
    }

    async fn run_once(&self) -> Result<Duration> {
        for stuck in self.storage.flow_audit(LIMIT).await? {
            tracing::error!("{stuck}");
        }
        Ok(PERIOD)
    }
}
