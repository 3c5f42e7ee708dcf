//! Adds up what transactions have noted for the statistics, and rolls old statistics up.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    error::Result,
    maintenance::Service,
    server::looker::{QUIET, View},
    storage::SharedStorage,
};

/// How far behind the jobs the numbers of pages may be, where the engine keeps notes.
pub(super) const REST: Duration = Duration::from_secs(2);

/// Keeps the statistics up to date and small: notes into minutes, minutes into hours, hours into days.
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
        Ok(QUIET)
    }

    fn due_in(&self, view: &View) -> Option<Duration> {
        view.outlook.fold.then_some(Duration::ZERO)
    }
}
