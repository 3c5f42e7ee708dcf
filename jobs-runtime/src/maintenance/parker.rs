//! Sets jobs aside that no live server can run, and brings them back when one can.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    error::Result,
    maintenance::Service,
    server::looker::{QUIET, View},
    storage::SharedStorage,
};

const LIMIT: u32 = 1_000;
/// Between steps that found as much as they may move.
pub(super) const PAUSE: Duration = Duration::from_millis(20);

/// Keeps claims from stepping over jobs that nobody can run.
pub(crate) struct Parker {
    storage: SharedStorage,
}

impl Parker {
    pub(crate) fn new(storage: SharedStorage) -> Self {
        Self { storage }
    }
}

#[async_trait]
impl Service for Parker {
    fn doing(&self) -> &'static str {
        "set aside the jobs that no server can run"
    }

    async fn run_once(&self) -> Result<Duration> {
        let moved = self.storage.park(LIMIT).await?;
        if moved > 0 {
            tracing::info!(
                jobs = moved,
                "set jobs aside that no live server can run, or brought back such that one can"
            );
        }
        Ok(if moved >= u64::from(LIMIT) { PAUSE } else { QUIET })
    }

    fn due_in(&self, view: &View) -> Option<Duration> {
        view.outlook.park.then_some(Duration::ZERO)
    }
}
