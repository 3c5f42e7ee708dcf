//! Makes jobs runnable when their time has come.

use std::time::Duration;

use async_trait::async_trait;

use crate::{error::Result, maintenance::Service, storage::SharedStorage};

/// How many jobs one step moves.
const LIMIT: u32 = 1_000;
/// The longest time between two looks: another process may have stored a job that is due sooner.
pub(super) const PERIOD: Duration = Duration::from_secs(1);
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
        let pause = promoted.next_in.map_or(PERIOD, |next| next.min(PERIOD));
        // What is due and was not moved is locked by somebody else: a look right away would find the same.
        Ok(if promoted.jobs == 0 { pause.max(REST) } else { pause })
    }
}
