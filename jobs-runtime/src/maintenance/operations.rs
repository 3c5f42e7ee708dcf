//! Carries out operations on many jobs, step by step.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    error::Result,
    maintenance::Service,
    server::looker::{QUIET, View},
    storage::SharedStorage,
};

/// How many jobs one step changes: few enough that nobody waits long for the transaction.
const LIMIT: u32 = 100;
/// Between two steps: claims and finishes go first.
pub(super) const PAUSE: Duration = Duration::from_millis(10);

/// Takes the steps of operations.
pub(crate) struct Operations {
    storage: SharedStorage,
}

impl Operations {
    pub(crate) fn new(storage: SharedStorage) -> Self {
        Self { storage }
    }
}

#[async_trait]
impl Service for Operations {
    fn doing(&self) -> &'static str {
        "carry out operations on many jobs"
    }

    async fn run_once(&self) -> Result<Duration> {
        let step = self.storage.operation_step(LIMIT).await?;
        if step.looked > 0 {
            tracing::debug!(looked = step.looked, "took a step of an operation");
        }
        Ok(step.next_in.map_or(QUIET, |next| next.max(PAUSE)))
    }

    fn due_in(&self, view: &View) -> Option<Duration> {
        view.outlook.operation.then_some(Duration::ZERO)
    }
}
