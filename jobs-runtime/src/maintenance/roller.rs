//! Rolls old statistics up.

use std::time::Duration;

use async_trait::async_trait;

use crate::{error::Result, maintenance::Service, storage::SharedStorage};

const PERIOD: Duration = Duration::from_secs(60);

/// Keeps the statistics small: minutes into hours, hours into days.
pub(crate) struct Roller {
    storage: SharedStorage,
}

impl Roller {
    pub(crate) fn new(storage: SharedStorage) -> Self {
        Self { storage }
    }
}

#[async_trait]
impl Service for Roller {
    fn doing(&self) -> &'static str {
        "roll up the statistics"
    }

    async fn run_once(&self) -> Result<Duration> {
        self.storage.stat_roll().await?;
        Ok(PERIOD)
    }
}
