//! What the end of a job leads to: continuations are released or deleted, batches are counted and end, and so on from there, all in
//! the transaction that ended the job.
//!
//! Rows are locked along the arrows: a parent before what waits for it, members before their batch, inner batches before outer ones.

mod audit;
mod batches;
mod cycle;
mod gates;
mod insert;
mod read;
mod retention;
mod step;

use std::collections::{BTreeMap, HashMap};

pub(super) use self::{
    audit::audit,
    batches::{cancel, delayed, recounted, revived, seal},
    insert::store,
    read::{batches as list, edges, get, inputs, jobs, outputs},
    retention::expired,
    step::step,
};
use super::{fail::Res, finish::Held, value::Value, write::Write};
use crate::{
    BatchId, JobId, State,
    flow::{Ending, NodeId},
};

/// The bits of `flow` in the tables of jobs and of batches: something waits for it.
const HAS_CHILDREN: i64 = 1;
/// It has parents.
pub(super) const HAS_PARENTS: i64 = 2;
/// One of its parents is enough.
const ANY: i64 = 4;
/// It is not due before an instant, whenever it is released.
const NOT_BEFORE: i64 = 8;
/// Its batch does not hold it back: it came after the batch had started, or an operator has moved it.
const LOOSE: i64 = 16;

/// The mark of a batch whose members are all moved, or all swept.
const END: JobId = JobId::from_bytes([0xff; 16]);
const BEGIN: JobId = JobId::from_bytes([0; 16]);

/// A job or a batch that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over {
    node: NodeId,
    ending: Ending,
    has_children: bool,
    /// The batch around it.
    batch: Option<BatchId>,
}

impl Over {
    /// A job that ends in this state, if that is a final one.
    pub(super) fn of(held: &Held, state: State) -> Option<Self> {
        Self::job(held.id, state, held.flow, held.batch)
    }

    pub(super) fn job(id: JobId, state: State, flow: i64, batch: Option<BatchId>) -> Option<Self> {
        let ending = Ending::of_job(state)?;
        Some(Self { node: NodeId::Job(id), ending, has_children: flow & HAS_CHILDREN != 0, batch })
    }
}

/// Does what follows from these ends.
pub(super) async fn ended(write: &mut Write<'_>, over: impl IntoIterator<Item = Over>) -> Res<()> {
    let mut cascade = Cascade::default();
    for over in over {
        cascade.add(over);
    }
    cascade.run(write).await
}

/// Ends whose consequences are to be written.
#[derive(Debug, Default)]
struct Cascade {
    /// What has ended and is waited for.
    parents: BTreeMap<NodeId, Ending>,
    /// What is to be counted in which batch.
    counts: BTreeMap<BatchId, Change>,
    depths: HashMap<BatchId, i64>,
}

/// A change of a batch's counts.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    total: i64,
    pending: i64,
    succeeded: i64,
    failed: i64,
    deleted: i64,
}

impl Change {
    /// Members come in.
    const fn joined(members: i64) -> Self {
        Self { total: members, pending: members, succeeded: 0, failed: 0, deleted: 0 }
    }

    fn end(&mut self, ending: Ending) {
        self.pending -= 1;
        *self.of(ending) += 1;
    }

    /// A member that had ended so is pending again.
    fn revived(ending: Ending) -> Self {
        let mut change = Self { pending: 1, ..Self::default() };
        *change.of(ending) -= 1;
        change
    }

    fn of(&mut self, ending: Ending) -> &mut i64 {
        match ending {
            Ending::Succeeded => &mut self.succeeded,
            Ending::Failed => &mut self.failed,
            Ending::Deleted => &mut self.deleted,
        }
    }
}

impl Cascade {
    fn add(&mut self, over: Over) {
        if let Some(batch) = over.batch {
            self.counts.entry(batch).or_default().end(over.ending);
        }
        if over.has_children {
            self.parents.insert(over.node, over.ending);
        }
    }

    async fn run(mut self, write: &mut Write<'_>) -> Res<()> {
        loop {
            while !self.parents.is_empty() {
                let parents = std::mem::take(&mut self.parents);
                gates::release(write, &mut self, &parents).await?;
            }
            let Some((batch, change)) = self.deepest(write).await? else { return Ok(()) };
            if let Some(over) = batches::count(write, batch, change).await? {
                self.add(over);
            }
        }
    }

    /// The next batch to be counted in: inner ones first, because their ends are counted in the outer ones.
    async fn deepest(&mut self, write: &mut Write<'_>) -> Res<Option<(BatchId, Change)>> {
        if self.counts.len() > 1 {
            let unknown =
                self.counts.keys().filter(|batch| !self.depths.contains_key(batch)).copied().collect::<Vec<_>>();
            if !unknown.is_empty() {
                for batch in batches::rows(write, unknown).await? {
                    self.depths.insert(batch.id, batch.depth);
                }
            }
        }
        let depth = |batch: &BatchId| self.depths.get(batch).copied().unwrap_or(0);
        let deepest = self.counts.keys().copied().max_by_key(|batch| (depth(batch), std::cmp::Reverse(*batch)));
        Ok(deepest.and_then(|batch| Some((batch, self.counts.remove(&batch)?))))
    }
}

/// Ids of batches, as statements take them.
fn batch_ids(ids: impl IntoIterator<Item = BatchId>) -> Value {
    Value::ids(ids.into_iter().map(|id| JobId::from_bytes(*id.as_bytes())))
}

/// The jobs, and the batches, of some nodes.
fn parted(nodes: impl IntoIterator<Item = NodeId>) -> (Vec<JobId>, Vec<BatchId>) {
    let (mut jobs, mut batches) = (Vec::new(), Vec::new());
    for node in nodes {
        match node {
            NodeId::Job(id) => jobs.push(id),
            NodeId::Batch(id) => batches.push(id),
        }
    }
    (jobs, batches)
}
