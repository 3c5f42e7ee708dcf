//! Makes jobs runnable when their time has come.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    error::Result,
    maintenance::Service,
    server::looker::{QUIET, View},
    storage::SharedStorage,
};

/// How many jobs one step moves.
const LIMIT: u32 = 1_000;
/// The shortest, however many jobs are stored in this process.
pub(super) const REST: Duration = Duration::from_millis(50);

/// Moves due jobs to where they can be claimed.
pub(crate) struct Promoter {
    storage: SharedStorage,
}

impl Promoter {
    pub(crate) fn new(storage: SharedStorage) -> Self {
        Self { storage }
    }
}

#[async_trait]
impl Service for Promoter {
    fn doing(&self) -> &'static str {
        "make due jobs runnable"
    }

    async fn run_once(&self) -> Result<Duration> {
        let promoted = self.storage.promote(LIMIT).await?;
        if promoted.jobs > 0 {
            tracing::debug!(jobs = promoted.jobs, "due jobs are runnable");
        }
        let pause = promoted.next_in.map_or(QUIET, |next| next.min(QUIET));
        // What is due and was not moved is locked by somebody else: a look right away would find the same.
        Ok(if promoted.jobs == 0 && pause.is_zero() { REST } else { pause })
    }

    fn due_in(&self, view: &View) -> Option<Duration> {
        view.outlook.scheduled_in
    }
}
