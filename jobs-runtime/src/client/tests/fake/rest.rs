//! The parts of the storage that clients do not use, but for its clock.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Fake, NOW, not_here};
use crate::{Fence, JobId, OperationId, Result, ServerId, storage::*};

#[async_trait]
impl ClaimStorage for Fake {
    async fn claim(&self, _: ClaimRequest) -> Result<Vec<Chunk>> {
        not_here()
    }

    async fn finish(&self, _: ServerId, _: Vec<Finish>) -> Result<Vec<Accepted>> {
        not_here()
    }

    async fn finish_within(&self, _: TxConnection<'_>, _: ServerId, _: Finish) -> Result<Accepted> {
        not_here()
    }

    async fn revoked(&self, _: ServerId, _: Vec<(JobId, Fence)>) -> Result<Vec<Revoked>> {
        not_here()
    }

    async fn note(&self, _: ServerId, _: Vec<Note>) -> Result<()> {
        not_here()
    }

    async fn note_within(&self, _: TxConnection<'_>, _: ServerId, _: Vec<Note>) -> Result<()> {
        not_here()
    }

    async fn claims_of(&self, _: ServerId) -> Result<Vec<(Fence, Vec<JobId>)>> {
        not_here()
    }

    async fn claims_release(&self, _: ServerId) -> Result<u64> {
        not_here()
    }

    async fn rescue_candidates(&self) -> Result<Vec<Fence>> {
        not_here()
    }

    async fn rescue(&self, _: Vec<Fence>, _: u16) -> Result<Rescued> {
        not_here()
    }
}

#[async_trait]
impl UpkeepStorage for Fake {
    async fn now(&self) -> Result<Timestamp> {
        Ok(NOW)
    }

    async fn promote(&self, _: u32) -> Result<Promoted> {
        not_here()
    }

    async fn park(&self, _: u32) -> Result<u64> {
        not_here()
    }

    async fn clean(&self, _: u32) -> Result<u64> {
        not_here()
    }

    async fn stat_roll(&self) -> Result<u64> {
        not_here()
    }

    async fn stat_totals(&self) -> Result<Vec<StateTotal>> {
        not_here()
    }

    async fn recount(&self) -> Result<Vec<StateTotal>> {
        not_here()
    }

    async fn stat_points(&self, _: Grain, _: Timestamp) -> Result<Vec<StatPoint>> {
        not_here()
    }

    async fn stat_counts(&self, _: Grain, _: Timestamp) -> Result<Vec<StatPoint>> {
        not_here()
    }

    async fn stat_sums(&self, _: Grain, _: Timestamp) -> Result<Vec<StatPoint>> {
        not_here()
    }

    async fn check(&self) -> Result<Vec<String>> {
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
        not_here()
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
