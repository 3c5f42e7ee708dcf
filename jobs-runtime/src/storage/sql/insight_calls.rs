//! The trait of what operators ask, over any engine.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;

use super::{
    engine::{Backend, Engine},
    errors, insight, upkeep,
};
use crate::{
    ErrorId, Result,
    storage::{ErrorFilter, ErrorRecord, InsightStorage, LineTotal, SystemRecord},
};

/// So many steps of noted errors are folded at once at most.
const ROUNDS: u32 = 50;

impl<B: Backend> Engine<B> {
    /// Folds noted errors and rolls up old statistics, both in one transaction where that is enough. Returns how many rows it took.
    pub(super) async fn roll(&self) -> Result<u64> {
        let mut taken = 0;
        for round in 0..ROUNDS {
            let step = self.0.write("rolling up the statistics", move |write| {
                async move {
                    let errors = errors::fold(write).await?;
                    // What is rolled up is little, and seldom: once is enough.
                    let rolled = if round == 0 { upkeep::roll(write).await? } else { 0 };
                    Ok((errors, rolled))
                }
                .boxed()
            });
            let (errors, rolled) = step.await?;
            taken += errors + rolled;
            if errors < errors::STEP {
                return Ok(taken);
            }
        }
        tracing::warn!("jobs fail faster than their errors are counted; the rest is counted later");
        Ok(taken)
    }
}

#[async_trait]
impl<B: Backend> InsightStorage for Engine<B> {
    async fn line_totals(&self) -> Result<Vec<LineTotal>> {
        self.0.read("reading the totals", |read| insight::line_totals(read).boxed()).await
    }

    async fn queue_waits(&self) -> Result<Vec<(String, Duration)>> {
        self.0.read("looking for what waits longest", |read| insight::queue_waits(read).boxed()).await
    }

    async fn error_list(&self, filter: ErrorFilter) -> Result<Vec<ErrorRecord>> {
        self.0.read("listing errors", move |read| async move { errors::list(read, &filter).await }.boxed()).await
    }

    async fn error_get(&self, id: ErrorId) -> Result<Option<ErrorRecord>> {
        self.0.read("reading an error", move |read| errors::get(read, id).boxed()).await
    }

    async fn system(&self) -> Result<SystemRecord> {
        self.0.read("looking at the database", |read| insight::system(read).boxed()).await
    }
}
