//! Flows, of which servers need what parents left.

use async_trait::async_trait;
use tokio::time::sleep;

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
        self.call("flow_step").map(|_| Stepped::default())
    }

    async fn flow_audit(&self, _: u32) -> Result<Vec<String>> {
        self.call("flow_audit").map(|_| Vec::new())
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

    async fn flow_inputs(&self, child: NodeId) -> Result<Vec<Input>> {
        let takes = self.world().inputs_take;
        sleep(takes).await;
        let world = self.call("flow_inputs")?;
        let NodeId::Job(child) = child else { return not_here() };
        Ok(world.inputs.get(&child).cloned().unwrap_or_default())
    }

    async fn flow_edges(&self, _: Vec<NodeId>) -> Result<Vec<EdgeRecord>> {
        not_here()
    }
}
