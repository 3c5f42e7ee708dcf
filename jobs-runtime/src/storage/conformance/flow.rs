//! Flows with everyday values, and what their tests do again and again.

use std::{sync::Arc, time::Duration};

use super::{
    Fixture,
    kit::{Running, World},
    make::{KIND, deletion, failure, job},
};
use crate::{
    BatchId, JobId, Result, ServerId, State,
    flow::{Condition, Counts, Ending, NodeId, Rule},
    storage::{BatchRecord, End, Input, JobRecord, NewBatch, NewFlow, NewJob, Waits},
};

/// How many members one step of the upkeep takes where a test does not care.
const STEP: u32 = 1_000;

/// A batch like any other.
pub(super) fn batch() -> NewBatch {
    NewBatch {
        id: BatchId::new(),
        description: "campaign".into(),
        parent: None,
        waits: None,
        sealed: true,
        retain: None,
    }
}

/// A batch that is a member of another.
pub(super) fn nested(parent: &NewBatch) -> NewBatch {
    NewBatch { parent: Some(parent.id), ..batch() }
}

/// A job in a lane of its own, where it is claimed whatever else waits.
pub(super) fn laned() -> NewJob {
    let job = job();
    NewJob { queue: Arc::from(format!("lane of {}", job.id)), ..job }
}

/// A job in a lane of its own that is a member of this batch.
pub(super) fn member(of: BatchId) -> NewJob {
    NewJob { batch: Some(of), ..laned() }
}

/// Waits for one parent.
pub(super) fn after(parent: impl Into<NodeId>, condition: Condition) -> Option<Waits> {
    waits(Rule::All, [(parent.into(), condition)])
}

/// Waits for these parents.
pub(super) fn waits(rule: Rule, parents: impl IntoIterator<Item = (NodeId, Condition)>) -> Option<Waits> {
    Some(Waits { rule, parents: parents.into_iter().collect() })
}

/// Waits for these parents to succeed.
pub(super) fn all_of<T: Into<NodeId>>(parents: impl IntoIterator<Item = T>) -> Option<Waits> {
    waits(Rule::All, parents.into_iter().map(|parent| (parent.into(), Condition::Success)))
}

/// A job in a lane of its own that runs after the parent has ended so.
pub(super) fn child(parent: impl Into<NodeId>, condition: Condition) -> NewJob {
    NewJob { waits: after(parent, condition), ..laned() }
}

/// The verdict of a handler that returned this.
pub(super) fn returned(output: &[u8]) -> End {
    End::Succeeded { output: Some(output.to_vec()) }
}

/// How a job may end, and a verdict that ends it so.
pub(super) fn endings() -> [(Ending, End); 3] {
    [(Ending::Succeeded, returned(b"receipt")), (Ending::Failed, failure()), (Ending::Deleted, deletion())]
}

/// Counts of a batch with so many members here and there.
pub(super) fn counts(pending: i64, succeeded: i64, failed: i64, deleted: i64) -> Counts {
    Counts { total: pending + succeeded + failed + deleted, pending, succeeded, failed, deleted }
}

impl<F: Fixture> World<F> {
    /// Stores batches and jobs that must be new, in one call.
    pub(super) async fn store(&self, batches: Vec<NewBatch>, jobs: Vec<NewJob>) -> Result<()> {
        let expected = vec![true; jobs.len()];
        assert_eq!(self.storage.flow_insert(NewFlow { batches, jobs }).await?, expected, "new ids are stored");
        Ok(())
    }

    /// Stores jobs that must be new, in one call, and says what they are called.
    pub(super) async fn store_jobs<const N: usize>(&self, jobs: [NewJob; N]) -> Result<[JobId; N]> {
        let ids = jobs.each_ref().map(|job| job.id);
        self.store(Vec::new(), jobs.into()).await?;
        Ok(ids)
    }

    /// The batch, which must be there.
    pub(super) async fn batch(&self, id: BatchId) -> Result<BatchRecord> {
        Ok(self.storage.batch_get(id).await?.unwrap_or_else(|| panic!("batch {id} is stored")))
    }

    /// Takes steps of the upkeep of flows until none is due now.
    pub(super) async fn settle(&self) -> Result<u64> {
        let mut members = 0;
        for _ in 0..1_000 {
            let stepped = self.storage.flow_step(STEP).await?;
            members += stepped.members;
            if stepped.next_in != Some(Duration::ZERO) {
                return Ok(members);
            }
        }
        panic!("a thousand steps have not brought the upkeep of flows to its end");
    }

    /// Claims a job that lies in a lane of its own, and ends the attempt.
    pub(super) async fn run(&self, server: ServerId, id: JobId, end: End) -> Result<()> {
        let run = self.claim_one(server, id).await?;
        self.end_well(run, end).await
    }

    /// Claims and ends these jobs, one after another.
    pub(super) async fn run_all(&self, server: ServerId, ids: &[JobId], end: &End) -> Result<()> {
        for id in ids {
            self.run(server, *id, end.clone()).await?;
        }
        Ok(())
    }

    /// Claims jobs that lie together in one lane and nobody else in it, as one chunk.
    pub(super) async fn claim_chunk(&self, server: ServerId, ids: &[JobId]) -> Result<Vec<Running>> {
        let record = self.get(ids[0]).await?;
        let request =
            crate::storage::ClaimRequest { queues: vec![record.queue.into()], ..super::make::ask(server, ids.len()) };
        let chunks = self.storage.claim(request).await?;
        assert_eq!(chunks.len(), 1, "one chunk: {chunks:?}");
        let runs = chunks[0].jobs.iter().map(|job| Running { server, id: job.id, fence: chunks[0].fence });
        let runs: Vec<_> = runs.collect();
        assert_eq!(runs.len(), ids.len(), "all of them");
        Ok(runs)
    }

    /// Brings the job, which lies in a lane of its own, to that end.
    pub(super) async fn end_as(&self, server: ServerId, id: JobId, ending: Ending) -> Result<()> {
        let (_, end) = endings().into_iter().find(|(one, _)| *one == ending).expect("every ending has a verdict");
        self.run(server, id, end).await
    }

    /// The states of jobs.
    pub(super) async fn states<const N: usize>(&self, ids: [JobId; N]) -> Result<[State; N]> {
        let mut states = [State::Awaiting; N];
        for (state, id) in states.iter_mut().zip(ids) {
            *state = self.state(id).await?;
        }
        Ok(states)
    }

    /// What the parents left for a job.
    pub(super) async fn inputs(&self, child: impl Into<NodeId> + Send) -> Result<Vec<Input>> {
        self.storage.flow_inputs(child.into()).await
    }

    /// A job that never ran was deleted, and says why.
    pub(super) async fn assert_unmet(&self, id: JobId) -> Result<JobRecord> {
        let record = self.get(id).await?;
        assert_eq!(record.state, State::Deleted, "{record:?}");
        assert_eq!((record.attempt, record.started_at), (0, None), "it never ran: {record:?}");
        assert!(record.finished_at.is_some(), "{record:?}");
        assert!(record.reason.as_deref().is_some_and(|reason| !reason.is_empty()), "it says why: {record:?}");
        Ok(record)
    }

    /// Renews the leases after time has passed, and moves what is due to where it is claimed.
    pub(super) async fn wait(&self, by: Duration, servers: &[ServerId]) -> Result<()> {
        self.advance(by);
        for server in servers {
            self.beat(*server, &[KIND]).await?;
        }
        while self.storage.promote(STEP).await?.jobs > 0 {}
        Ok(())
    }
}
