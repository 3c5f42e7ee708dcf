//! Errors, grouped by what is alike in them.

use super::Client;
use crate::{
    ErrorId, Result,
    storage::{ErrorFilter, ErrorRecord},
};

impl Client {
    /// Groups of errors that are alike, those that happened last first. A failure is counted within about two seconds, as long as a server
    /// lives.
    ///
    /// A group is kept as long after its last error as failed jobs are.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn errors(&self, filter: ErrorFilter) -> Result<Vec<ErrorRecord>> {
        self.storage().error_list(filter).await
    }

    /// One group of errors; `None` where there is none, or none any more. Its jobs are found by [`jobs`](Self::jobs) with
    /// [`JobFilter::error`](crate::storage::JobFilter::error): those that failed, and those that are scheduled for their next attempt.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn error(&self, id: ErrorId) -> Result<Option<ErrorRecord>> {
        self.storage().error_get(id).await
    }
}
