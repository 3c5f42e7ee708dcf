//! Flows, which the clients of these tests do not use.

use async_trait::async_trait;

use super::{Fake, not_here};
use crate::{BatchId, JobId, Result, flow::NodeId, storage::*};

#[async_trait]
impl FlowStorage for Fake {
    async fn flow_insert(&self, _: NewFlow) -> Result<Vec<bool>> {
        not_here()
    }

    async fn flow_insert_within(&self, _: TxConnection<'_>, _: NewFlow) -> Result<Vec<bool>> {
        not_here()
    }

    async fn batch_seal(&self, _: BatchId) -> Result<()> {
        not_here()
    }

    async fn flow_step(&self, _: u32) -> Result<Stepped> {
        not_here()
    }

    async fn flow_audit(&self, _: u32) -> Result<Vec<String>> {
        not_here()
    }

    async fn batch_get(&self, _: BatchId) -> Result<Option<BatchRecord>> {
        not_here()
    }

    async fn batch_list(&self, _: BatchFilter) -> Result<Vec<BatchRecord>> {
        not_here()
    }

    async fn batch_jobs(&self, _: BatchId, _: Option<JobId>, _: u32) -> Result<Vec<JobId>> {
        not_here()
    }

    async fn batch_outputs(&self, _: BatchId, _: Option<JobId>, _: u32) -> Result<Vec<MemberOutput>> {
        not_here()
    }

    async fn batch_cancel(&self, _: BatchId, _: String) -> Result<Option<bool>> {
        not_here()
    }

    async fn batch_cancel_within(&self, _: TxConnection<'_>, _: BatchId, _: String) -> Result<Option<bool>> {
        not_here()
    }

    async fn flow_inputs(&self, _: NodeId) -> Result<Vec<Input>> {
        not_here()
    }

    async fn flow_edges(&self, _: Vec<NodeId>) -> Result<Vec<EdgeRecord>> {
        not_here()
    }
}
