//! The storage of flows over any engine: which write or read each call is.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;

use super::{
    calls::names_of,
    engine::{Backend, Engine},
    flow,
};
use crate::{
    BatchId, JobId,
    error::Result,
    flow::NodeId,
    storage::{BatchFilter, BatchRecord, EdgeRecord, FlowStorage, Input, MemberOutput, NewFlow, Stepped, TxConnection},
};

#[async_trait]
impl<B: Backend> FlowStorage for Engine<B> {
    async fn flow_insert(&self, new: NewFlow) -> Result<Vec<bool>> {
        let new = Arc::new(new);
        self.0
            .repeat("storing a flow", move |write| {
                let new = Arc::clone(&new);
                async move { flow::store(write, &new).await }.boxed()
            })
            .await
    }

    async fn flow_insert_within(&self, tx: TxConnection<'_>, new: NewFlow) -> Result<Vec<bool>> {
        self.introduce(new.jobs.iter().flat_map(names_of).collect::<Vec<_>>()).await?;
        let last = new.jobs.last().map(|job| job.id);
        let new = Arc::new(new);
        let stored = self.within(tx, "storing a flow in the caller's transaction", move |write| {
            let new = Arc::clone(&new);
            async move { flow::store(write, &new).await }.boxed()
        });
        let stored = stored.await?;
        // The client watches for the last of them.
        if let Some(job) = last {
            self.0.entered(job);
        }
        Ok(stored)
    }

    async fn batch_seal(&self, batch: BatchId) -> Result<()> {
        self.0.repeat("sealing a batch", move |write| flow::seal(write, batch).boxed()).await
    }

    async fn flow_step(&self, limit: u32) -> Result<Stepped> {
        self.0.write("moving the members of batches", move |write| flow::step(write, limit).boxed()).await
    }

    async fn flow_audit(&self, limit: u32) -> Result<Vec<String>> {
        self.0.write("looking for what waits for nothing", move |write| flow::audit(write, limit).boxed()).await
    }

    async fn batch_get(&self, id: BatchId) -> Result<Option<BatchRecord>> {
        self.0.read("reading a batch", move |read| flow::get(read, id).boxed()).await
    }

    async fn batch_list(&self, filter: BatchFilter) -> Result<Vec<BatchRecord>> {
        self.0.read("listing batches", move |read| async move { flow::list(read, &filter).await }.boxed()).await
    }

    async fn batch_jobs(&self, id: BatchId, after: Option<JobId>, limit: u32) -> Result<Vec<JobId>> {
        self.0.read("listing a batch's jobs", move |read| flow::jobs(read, id, after, limit).boxed()).await
    }

    async fn batch_outputs(&self, id: BatchId, after: Option<JobId>, limit: u32) -> Result<Vec<MemberOutput>> {
        self.0.read("reading a batch's outputs", move |read| flow::outputs(read, id, after, limit).boxed()).await
    }

    async fn batch_cancel(&self, id: BatchId, reason: String) -> Result<Option<bool>> {
        self.0
            .repeat("cancelling a batch", move |write| {
                let reason = reason.clone();
                async move { flow::cancel(write, id, &reason).await }.boxed()
            })
            .await
    }

    async fn batch_cancel_within(&self, tx: TxConnection<'_>, id: BatchId, reason: String) -> Result<Option<bool>> {
        self.within(tx, "cancelling a batch in the caller's transaction", move |write| {
            let reason = reason.clone();
            async move { flow::cancel(write, id, &reason).await }.boxed()
        })
        .await
    }

    async fn flow_inputs(&self, child: NodeId) -> Result<Vec<Input>> {
        self.0.read("reading what parents left", move |read| flow::inputs(read, child).boxed()).await
    }

    async fn flow_edges(&self, nodes: Vec<NodeId>) -> Result<Vec<EdgeRecord>> {
        self.0.read("reading a flow", move |read| async move { flow::edges(read, &nodes).await }.boxed()).await
    }
}
