//! The trait of what operators ask, over any engine.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;

use super::{
    engine::{Backend, Engine},
    errors, insight,
};
use crate::{
    Error, ErrorId, Result,
    storage::{ErrorFilter, ErrorRecord, InsightStorage, LineTotal, SchemaVersion, SystemRecord},
};

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

    async fn schema(&self) -> Result<SchemaVersion> {
        let found = self.0.read("reading the version of the tables", |read| insight::schema(read).boxed()).await;
        let found = match found {
            // The table that would tell it is missing.
            Err(Error::Schema(_)) => None,
            found => found?,
        };
        Ok(SchemaVersion { found, needed: B::SCHEMA })
    }
}
