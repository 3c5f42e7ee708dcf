//! The storage of flows over any engine: which write or read each call is.

use async_trait::async_trait;

use super::engine::{Backend, Engine};
use crate::{
    BatchId, JobId,
    error::{Error, Result},
    flow::NodeId,
    storage::{BatchFilter, BatchRecord, EdgeRecord, FlowStorage, Input, MemberOutput, NewFlow, Stepped, TxConnection},
};

fn soon<T>() -> Result<T> {
    Err(Error::config("flows are not stored yet"))
}

#[async_trait]
impl<B: Backend> FlowStorage for Engine<B> {
    async fn flow_insert(&self, _: NewFlow) -> Result<Vec<bool>> {
        soon()
    }

    async fn flow_insert_within(&self, _: TxConnection<'_>, _: NewFlow) -> Result<Vec<bool>> {
        soon()
    }

    async fn batch_seal(&self, _: BatchId) -> Result<()> {
        soon()
    }

    async fn flow_step(&self, _: u32) -> Result<Stepped> {
        soon()
    }

    async fn batch_get(&self, _: BatchId) -> Result<Option<BatchRecord>> {
        soon()
    }

    async fn batch_list(&self, _: BatchFilter) -> Result<Vec<BatchRecord>> {
        soon()
    }

    async fn batch_jobs(&self, _: BatchId, _: Option<JobId>, _: u32) -> Result<Vec<JobId>> {
        soon()
    }

    async fn batch_outputs(&self, _: BatchId, _: Option<JobId>, _: u32) -> Result<Vec<MemberOutput>> {
        soon()
    }

    async fn batch_cancel(&self, _: BatchId, _: String) -> Result<Option<bool>> {
        soon()
    }

    async fn batch_cancel_within(&self, _: TxConnection<'_>, _: BatchId, _: String) -> Result<Option<bool>> {
        soon()
    }

    async fn flow_inputs(&self, _: NodeId) -> Result<Vec<Input>> {
        soon()
    }

    async fn flow_edges(&self, _: Vec<NodeId>) -> Result<Vec<EdgeRecord>> {
        soon()
    }
}
