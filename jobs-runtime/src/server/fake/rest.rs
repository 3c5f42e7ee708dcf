//! The parts of the storage that servers use little or not at all.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Fake, not_here};
use crate::{OperationId, Result, id::JobId, state::State, storage::*};

#[async_trait]
impl PauseStorage for Fake {
    async fn pause(&self, _: PauseTarget, _: String, _: Option<Due>) -> Result<()> {
        not_here()
    }

    async fn pause_within(&self, _: TxConnection<'_>, _: PauseTarget, _: String, _: Option<Due>) -> Result<()> {
        not_here()
    }

    async fn resume(&self, _: PauseTarget) -> Result<bool> {
        not_here()
    }

    async fn resume_within(&self, _: TxConnection<'_>, _: PauseTarget) -> Result<bool> {
        not_here()
    }

    async fn pauses(&self) -> Result<Vec<Pause>> {
        not_here()
    }
}

#[async_trait]
impl JobStorage for Fake {
    async fn job_insert(&self, _: Arc<[NewJob]>) -> Result<Vec<bool>> {
        not_here()
    }

    async fn job_insert_within(&self, _: TxConnection<'_>, _: Vec<NewJob>) -> Result<Vec<bool>> {
        not_here()
    }

    async fn job_get(&self, id: JobId) -> Result<Option<JobRecord>> {
        Ok(self.call("job_get")?.records.get(&id).cloned())
    }

    async fn job_events(&self, _: JobId) -> Result<Vec<EventRecord>> {
        not_here()
    }

    async fn job_walk(&self, _: JobFilter) -> Result<Walked> {
        not_here()
    }

    async fn job_records(&self, _: Vec<JobId>) -> Result<Vec<JobRecord>> {
        not_here()
    }

    async fn job_texts(&self, _: Vec<JobId>, _: u32) -> Result<Vec<JobTexts>> {
        not_here()
    }

    async fn job_change(&self, _: JobId, _: Change, _: Option<Vec<State>>) -> Result<Option<Changed>> {
        not_here()
    }

    async fn job_change_within(
        &self,
        _: TxConnection<'_>,
        _: JobId,
        _: Change,
        _: Option<Vec<State>>,
    ) -> Result<Option<Changed>> {
        not_here()
    }
}

#[async_trait]
impl InsightStorage for Fake {
    async fn line_totals(&self) -> Result<Vec<LineTotal>> {
        not_here()
    }

    async fn queue_waits(&self) -> Result<Vec<(String, std::time::Duration)>> {
        not_here()
    }

    async fn error_list(&self, _: ErrorFilter) -> Result<Vec<ErrorRecord>> {
        not_here()
    }

    async fn error_get(&self, _: crate::ErrorId) -> Result<Option<ErrorRecord>> {
        not_here()
    }

    async fn system(&self) -> Result<SystemRecord> {
        not_here()
    }

    async fn schema(&self) -> Result<crate::storage::SchemaVersion> {
        not_here()
    }
}

#[async_trait]
impl AuditStorage for Fake {
    async fn act(&self, _: Deed, _: Signature) -> Result<Acted> {
        not_here()
    }

    async fn audit_list(&self, _: AuditFilter) -> Result<Vec<AuditRecord>> {
        not_here()
    }
}

#[async_trait]
impl OperationStorage for Fake {
    async fn operation_step(&self, _: u32) -> Result<Operated> {
        self.call("operation_step").map(|_| Operated::default())
    }

    async fn operation_get(&self, _: OperationId) -> Result<Option<OperationRecord>> {
        not_here()
    }

    async fn operation_list(&self, _: OperationFilter) -> Result<Vec<OperationRecord>> {
        not_here()
    }

    async fn job_count(&self, _: JobFilter, _: u32) -> Result<Matching> {
        not_here()
    }
}
