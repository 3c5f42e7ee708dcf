//! Lets the members of batches go that have started, and ends those of cancelled ones, step by step.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    error::Result,
    maintenance::Service,
    server::looker::{QUIET, View},
    storage::SharedStorage,
};

/// How many members one step moves: few enough that nobody waits long for the transaction.
const LIMIT: u32 = 1_000;
/// The shortest, when a batch has started in this process.
pub(super) const REST: Duration = Duration::from_millis(5);

/// Takes the steps that batches need.
pub(crate) struct Batches {
    storage: SharedStorage,
}

impl Batches {
    pub(crate) fn new(storage: SharedStorage) -> Self {
        Self { storage }
    }
}

#[async_trait]
impl Service for Batches {
    fn doing(&self) -> &'static str {
        "move the members of batches"
    }

    async fn run_once(&self) -> Result<Duration> {
        let step = self.storage.flow_step(LIMIT).await?;
        if step.members > 0 {
            tracing::debug!(members = step.members, "moved members of a batch");
        }
        let pause = step.next_in.map_or(QUIET, |next| next.min(QUIET));
        // What is due and was not done is another server's, which holds it.
        Ok(if step.members == 0 { pause.max(REST) } else { pause })
    }

    fn due_in(&self, view: &View) -> Option<Duration> {
        view.outlook.step_in
    }
}
