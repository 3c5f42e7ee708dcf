//! The trait of what operators ask, over any engine.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;

use super::{
    engine::{Backend, Engine},
    insight,
};
use crate::{
    Result,
    storage::{InsightStorage, LineTotal},
};

#[async_trait]
impl<B: Backend> InsightStorage for Engine<B> {
    async fn line_totals(&self) -> Result<Vec<LineTotal>> {
        self.0.read("reading the totals", |read| insight::line_totals(read).boxed()).await
    }

    async fn queue_waits(&self) -> Result<Vec<(String, Duration)>> {
        self.0.read("looking for what waits longest", |read| insight::queue_waits(read).boxed()).await
    }
}
