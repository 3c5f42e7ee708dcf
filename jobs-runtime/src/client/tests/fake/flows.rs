//! Flows: what was stored is kept call by call, and batches count the jobs that name them.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Fake, NOW, PLAIN, not_here, record, take_one};
use crate::{
    BatchId, Error, Job, JobId, Result, State,
    flow::{BatchState, Counts, NodeId},
    job::{Descriptor, Takes},
    parent::{Caught, Many, One},
    storage::*,
};

/// What the storage knows of flows.
#[derive(Default)]
pub(in crate::client::tests) struct Flows {
    /// Each call that stored something.
    pub(in crate::client::tests) inserts: Vec<NewFlow>,
    /// Those inside of a transaction of the caller's.
    pub(in crate::client::tests) within: Vec<NewFlow>,
    pub(in crate::client::tests) batches: Vec<BatchRecord>,
    pub(in crate::client::tests) sealed: Vec<BatchId>,
    /// The limits of the steps that were taken, and how many steps are left.
    pub(in crate::client::tests) steps: Vec<u32>,
    pub(in crate::client::tests) steps_left: u32,
    pub(in crate::client::tests) edges: Vec<EdgeRecord>,
    pub(in crate::client::tests) outputs: Vec<MemberOutput>,
    /// How many members each page of outputs had.
    pub(in crate::client::tests) pages: Vec<usize>,
    pub(in crate::client::tests) cancels: Vec<(BatchId, String)>,
    pub(in crate::client::tests) filters: Vec<BatchFilter>,
    /// After so many calls that store something the disk is full.
    pub(in crate::client::tests) room: Option<usize>,
}

macro_rules! job {
    ($name:ident, $kind:literal, $output:ty, $parent:ty, $takes:ident) => {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub(in crate::client::tests) struct $name;

        impl Job for $name {
            type Output = $output;
            type Parent = $parent;
            const DESCRIPTOR: &'static Descriptor = &Descriptor { kind: $kind, takes: Takes::$takes, ..PLAIN };
        }
    };
}
job!(Shout, "tests::shout", String, One<String>, Parent);
job!(Tally, "tests::tally", u64, Many<String>, Parents);
job!(Alert, "tests::alert", (), Caught, Error);

impl Fake {
    pub(in crate::client::tests) fn edge(&self, parent: impl Into<NodeId>, child: impl Into<NodeId>) {
        let (parent, child) = (parent.into(), child.into());
        let edge = EdgeRecord { parent, child, condition: Default::default(), ending: None };
        self.world().flows.edges.push(edge);
    }

    fn batch(&self, id: BatchId) -> Option<BatchRecord> {
        let world = self.world();
        let mut batch = world.flows.batches.iter().find(|batch| batch.id == id).cloned()?;
        let mut counts = Counts::default();
        for job in world.jobs.values().filter(|job| job.batch == Some(id)) {
            counts.total += 1;
            *match job.state {
                State::Succeeded => &mut counts.succeeded,
                State::Failed => &mut counts.failed,
                State::Deleted => &mut counts.deleted,
                _ => &mut counts.pending,
            } += 1;
        }
        batch.counts = counts;
        if let Some(ending) = counts.ending(batch.cancelled) {
            batch.state = ending.batch_state();
        }
        Some(batch)
    }
}

#[async_trait]
impl FlowStorage for Fake {
    async fn flow_insert(&self, flow: NewFlow) -> Result<Vec<bool>> {
        let away = || Err(Error::Unavailable { what: "test".to_owned(), source: "away".into() });
        let mut world = self.world();
        if take_one(&mut world.lost.0) {
            return away();
        }
        if world.flows.room.is_some_and(|room| world.flows.inserts.len() >= room) {
            return Err(Error::Full("test".to_owned()));
        }
        for batch in &flow.batches {
            let state = if batch.sealed && batch.waits.is_none() { BatchState::Started } else { BatchState::Awaiting };
            world.flows.batches.push(BatchRecord {
                id: batch.id,
                description: batch.description.to_string(),
                parent: batch.parent,
                state,
                sealed: batch.sealed,
                cancelled: false,
                reason: None,
                created_at: NOW,
                started_at: None,
                finished_at: None,
                counts: Counts::default(),
            });
        }
        let new = flow.jobs.iter().map(|job| {
            let waits = job.waits.is_some();
            let new = !world.jobs.contains_key(&job.id);
            if new {
                let mut stored = record(job.clone());
                if waits {
                    stored.state = State::Awaiting;
                }
                world.jobs.insert(job.id, stored);
            }
            new
        });
        let new = new.collect();
        world.flows.inserts.push(flow);
        if take_one(&mut world.lost.1) { away() } else { Ok(new) }
    }

    async fn flow_insert_within(&self, _: TxConnection<'_>, flow: NewFlow) -> Result<Vec<bool>> {
        let new = vec![true; flow.jobs.len()];
        self.world().flows.within.push(flow);
        Ok(new)
    }

    async fn batch_seal(&self, id: BatchId) -> Result<()> {
        let mut world = self.world();
        world.flows.sealed.push(id);
        if let Some(batch) = world.flows.batches.iter_mut().find(|batch| batch.id == id) {
            (batch.sealed, batch.state) = (true, BatchState::Started);
        }
        Ok(())
    }

    async fn flow_step(&self, limit: u32) -> Result<Stepped> {
        let mut world = self.world();
        world.flows.steps.push(limit);
        world.flows.steps_left = world.flows.steps_left.saturating_sub(1);
        let next_in = if world.flows.steps_left > 0 { Duration::ZERO } else { Duration::from_secs(60) };
        Ok(Stepped { members: u64::from(limit), next_in: Some(next_in) })
    }

    async fn flow_audit(&self, _: u32) -> Result<Vec<String>> {
        not_here()
    }

    async fn batch_get(&self, id: BatchId) -> Result<Option<BatchRecord>> {
        Ok(self.batch(id))
    }

    async fn batch_list(&self, filter: BatchFilter) -> Result<Vec<BatchRecord>> {
        self.world().flows.filters.push(filter);
        Ok(self.world().flows.batches.clone())
    }

    async fn batch_jobs(&self, id: BatchId, after: Option<JobId>, limit: u32) -> Result<Vec<JobId>> {
        let world = self.world();
        let members = world.jobs.values().filter(|job| job.batch == Some(id) && Some(job.id) > after);
        Ok(members.map(|job| job.id).take(limit as usize).collect())
    }

    async fn batch_outputs(&self, _: BatchId, after: Option<JobId>, limit: u32) -> Result<Vec<MemberOutput>> {
        let mut world = self.world();
        let page = world.flows.outputs.iter().filter(|member| Some(member.job) > after).take(limit as usize);
        let page = page.cloned().collect::<Vec<_>>();
        world.flows.pages.push(page.len());
        Ok(page)
    }

    async fn batch_cancel(&self, id: BatchId, reason: String) -> Result<Option<bool>> {
        let mut world = self.world();
        world.flows.cancels.push((id, reason.clone()));
        let Some(batch) = world.flows.batches.iter_mut().find(|batch| batch.id == id) else { return Ok(None) };
        let first = !batch.cancelled;
        (batch.cancelled, batch.reason) = (true, Some(reason));
        Ok(Some(first))
    }

    async fn batch_cancel_within(&self, _: TxConnection<'_>, id: BatchId, reason: String) -> Result<Option<bool>> {
        self.world().within.push("batch_cancel");
        self.batch_cancel(id, reason).await
    }

    async fn flow_inputs(&self, _: NodeId) -> Result<Vec<Input>> {
        not_here()
    }

    async fn flow_edges(&self, nodes: Vec<NodeId>) -> Result<Vec<EdgeRecord>> {
        let world = self.world();
        let near = world.flows.edges.iter().filter(|edge| nodes.contains(&edge.parent) || nodes.contains(&edge.child));
        Ok(near.copied().collect())
    }
}
