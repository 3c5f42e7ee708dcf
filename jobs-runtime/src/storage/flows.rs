//! The noun *flow*: continuations and batches.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    BatchId, JobId, Result, State,
    flow::{BatchState, Condition, Counts, Ending, NodeId, Rule},
    storage::{NewJob, TxConnection},
};

/// What a job or a batch waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Whether for all parents or for one.
    pub rule: Rule,
    /// The parents in the caller's order, each once, and how each must end. They are stored already, or in the same [`NewFlow`].
    pub parents: Vec<(NodeId, Condition)>,
}

/// A batch to be stored.
#[derive(Clone, Debug)]
pub struct NewBatch {
    /// Made by the client; storing the same id again changes nothing.
    pub id: BatchId,
    /// What it is for, in the caller's words.
    pub description: Arc<str>,
    /// The batch that it is a member of: stored already, or earlier in the same [`NewFlow`].
    pub parent: Option<BatchId>,
    /// What it waits for.
    pub waits: Option<Waits>,
    /// Whether all of its members are in the same [`NewFlow`]. If not, none of them runs until it is
    /// [sealed](FlowStorage::batch_seal), and after an hour without a new member it is removed.
    pub sealed: bool,
    /// How long it is kept with its members when it has ended.
    pub retain: Option<Duration>,
}

/// Jobs and batches to be stored together.
#[derive(Clone, Debug, Default)]
pub struct NewFlow {
    /// The batches, each after the one around it.
    pub batches: Vec<NewBatch>,
    /// The jobs, in any order. One that belongs to a batch names it in [`NewJob::batch`]: a new one, or one that is stored, which
    /// the job is then attached to.
    pub jobs: Vec<NewJob>,
}

/// All that is stored of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchRecord {
    /// The batch.
    pub id: BatchId,
    /// What it is for, in the caller's words.
    pub description: String,
    /// The batch that it is a member of.
    pub parent: Option<BatchId>,
    /// Where it stands.
    pub state: BatchState,
    /// Whether all its members were stored.
    pub sealed: bool,
    /// Whether it was cancelled, or its condition was not met: its members are then deleted, and those that run are asked to stop.
    pub cancelled: bool,
    /// Why it was.
    pub reason: Option<String>,
    /// When the database stored it.
    pub created_at: Timestamp,
    /// When its members became runnable.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How many members stand where.
    pub counts: Counts,
}

/// A filter for [`FlowStorage::batch_list`], newest first.
#[derive(Clone, Debug, Default)]
pub struct BatchFilter {
    /// Only in this state.
    pub state: Option<BatchState>,
    /// Only members of this batch.
    pub parent: Option<BatchId>,
    /// Only batches before this id in the list's order.
    pub before: Option<BatchId>,
    /// At most so many.
    pub limit: u32,
}

/// A parent of a job or a batch, as it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The parent.
    pub parent: NodeId,
    /// How it had to end.
    pub condition: Condition,
    /// How it ended; `None` where it has not, or was not waited for any more.
    pub ending: Option<Ending>,
    /// What a job returned, with the header.
    pub output: Option<Vec<u8>>,
    /// Why it ended otherwise than well.
    pub reason: Option<String>,
}

/// One arrow of a stored flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeRecord {
    /// What is waited for.
    pub parent: NodeId,
    /// What waits.
    pub child: NodeId,
    /// How the parent must end.
    pub condition: Condition,
    /// How it ended.
    pub ending: Option<Ending>,
}

/// What one member of a batch returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberOutput {
    /// The member.
    pub job: JobId,
    /// Its state.
    pub state: State,
    /// What it returned, with the header; `None` for `()` and where it did not succeed.
    pub output: Option<Vec<u8>>,
}

/// What one step of the upkeep of flows did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stepped {
    /// How many members were moved, deleted or removed.
    pub members: u64,
    /// How long until another step is due; zero when one is now, `None` when none is known.
    pub next_in: Option<Duration>,
}

/// Storage of continuations and batches.
///
/// A job that [waits](NewJob::waits) may also be stored by [`JobStorage::job_insert`](crate::storage::JobStorage::job_insert).
#[async_trait]
pub trait FlowStorage: Send + Sync {
    /// Stores batches and jobs, all or none; returns for each job whether it is new. What is known is left alone, so that a call
    /// whose answer was lost may be repeated. A batch that is known takes the new jobs in.
    ///
    /// # Errors
    /// [`Error::NoParent`](crate::Error::NoParent) and [`Error::NoBatch`](crate::Error::NoBatch) for what is not stored;
    /// [`Error::Config`](crate::Error::Config) for a batch that was cancelled, and for what would wait for itself.
    async fn flow_insert(&self, flow: NewFlow) -> Result<Vec<bool>>;

    /// [`flow_insert`](Self::flow_insert) inside a transaction that belongs to the caller. The parents and the batch stay
    /// locked until its end.
    async fn flow_insert_within(&self, tx: TxConnection<'_>, flow: NewFlow) -> Result<Vec<bool>>;

    /// Completes the creation of a batch: its members may run as soon as it waits for nothing else. Sealing twice changes nothing.
    async fn batch_seal(&self, batch: BatchId) -> Result<()>;

    /// Takes the next bounded step of the upkeep of flows: moves the members of batches that have started, deletes those of
    /// cancelled ones, and removes batches that were never sealed. At most `limit` members.
    async fn flow_step(&self, limit: u32) -> Result<Stepped>;

    /// Looks at the next `limit` jobs and batches that wait, in turn, for such that wait for nothing; a sentence for each. There
    /// should be none: only a fault of this program's, or a hand in the tables, makes one.
    async fn flow_audit(&self, limit: u32) -> Result<Vec<String>>;

    /// Reads one batch.
    async fn batch_get(&self, id: BatchId) -> Result<Option<BatchRecord>>;

    /// Batches, newest first.
    async fn batch_list(&self, filter: BatchFilter) -> Result<Vec<BatchRecord>>;

    /// The ids of a batch's jobs in the order of their ids, those after `after`, at most `limit`.
    async fn batch_jobs(&self, id: BatchId, after: Option<JobId>, limit: u32) -> Result<Vec<JobId>>;

    /// What the jobs of a batch that have ended returned, in the order of their ids, those after `after`, at most `limit`.
    async fn batch_outputs(&self, id: BatchId, after: Option<JobId>, limit: u32) -> Result<Vec<MemberOutput>>;

    /// Cancels a batch and whatever is nested in it, in one step whatever its size: no member is started any more, those that
    /// run are asked to stop, the others end `deleted` soon. `None`: no such batch; `false`: it had ended or was cancelled before.
    async fn batch_cancel(&self, id: BatchId, reason: String) -> Result<Option<bool>>;

    /// [`batch_cancel`](Self::batch_cancel) inside a transaction that belongs to the caller: in force from its commit.
    async fn batch_cancel_within(&self, tx: TxConnection<'_>, id: BatchId, reason: String) -> Result<Option<bool>>;

    /// The parents of a job or a batch in the caller's order, with what they left for it.
    async fn flow_inputs(&self, child: NodeId) -> Result<Vec<Input>>;

    /// The arrows that begin or end at one of these, for pages and renderings: at most 1,000.
    async fn flow_edges(&self, nodes: Vec<NodeId>) -> Result<Vec<EdgeRecord>>;
}
