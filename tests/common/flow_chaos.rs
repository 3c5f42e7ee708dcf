//! Flows used by several servers at once, in every way.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jobs::{BatchId, Due, Error, JobId, NewJob};
use jobs_runtime::{
    flow::{Condition, NodeId, Rule},
    storage::{Change, End, NewBatch, NewFlow, Waits},
};
use tokio::task::JoinSet;

use super::{STEP, Server, assert_sound, batch, job, settle, waits};

/// Everything at once from several servers: whoever the database lets wait for each other in a circle, no caller hears of it. Returns
/// how many rounds there were.
pub(crate) async fn everything_at_once(servers: Vec<Server>, length: Duration) -> u64 {
    let until = Instant::now() + length;
    let first = Arc::clone(&servers[0].storage);
    let known: Arc<Mutex<Known>> = Arc::default();
    let mut working = JoinSet::new();
    for server in servers {
        working.spawn(work(server, until, Arc::clone(&known)));
    }
    let rounds = working.join_all().await.into_iter().sum();
    settle(&first).await;
    assert_sound(&first).await;
    rounds
}

#[derive(Default)]
struct Known {
    jobs: Vec<JobId>,
    batches: Vec<BatchId>,
}

impl Known {
    /// One of the newest.
    fn any(&self) -> Option<NodeId> {
        let pick = |length: usize| length.checked_sub(fastrand::usize(1..=length.clamp(1, 40)));
        if fastrand::bool() {
            self.jobs.get(pick(self.jobs.len())?).copied().map(NodeId::Job)
        } else {
            self.batches.get(pick(self.batches.len())?).copied().map(NodeId::Batch)
        }
    }

    /// A flow with a nested batch, whose parts wait for what is known and for each other.
    fn flow(&self) -> NewFlow {
        let retain = [None, Some(Duration::ZERO), Some(Duration::from_millis(100))][fastrand::usize(..3)];
        let outer = NewBatch { waits: self.some_waits(), sealed: fastrand::bool(), retain, ..batch() };
        let inner = NewBatch { parent: Some(outer.id), ..batch() };
        let mut jobs: Vec<NewJob> = Vec::new();
        for _ in 0..fastrand::usize(1..8) {
            let batch = [None, Some(outer.id), Some(inner.id), self.batches.last().copied()][fastrand::usize(..4)];
            let waits = match jobs.last() {
                Some(last) if fastrand::bool() => waits(Rule::All, Condition::Finished, [last.id]),
                _ => self.some_waits(),
            };
            jobs.push(NewJob { batch, waits, queue: "shared".into(), retain, ..job() });
        }
        NewFlow { batches: vec![outer, inner], jobs }
    }

    fn some_waits(&self) -> Option<Waits> {
        let mut parents: Vec<NodeId> = (0..fastrand::usize(..4)).filter_map(|_| self.any()).collect();
        parents.sort();
        parents.dedup();
        let condition = Condition::ALL[fastrand::usize(..4)];
        let rule = if fastrand::bool() { Rule::All } else { Rule::Any };
        if parents.is_empty() { None } else { waits(rule, condition, parents) }
    }
}

async fn work(server: Server, until: Instant, known: Arc<Mutex<Known>>) -> u64 {
    let mut rounds = 0;
    while Instant::now() < until {
        let flow = known.lock().unwrap().flow();
        match server.storage.flow_insert(flow.clone()).await {
            Ok(_) => {
                let mut known = known.lock().unwrap();
                known.jobs.extend(flow.jobs.iter().map(|job| job.id));
                known.batches.extend(flow.batches.iter().map(|batch| batch.id));
            }
            // A circle, a batch that was cancelled, or something that is gone.
            Err(Error::Config(_) | Error::NoParent(_) | Error::NoBatch(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
        for unsealed in flow.batches.iter().filter(|batch| !batch.sealed) {
            match server.storage.batch_seal(unsealed.id).await {
                Ok(()) | Err(Error::NoBatch(_) | Error::Config(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        let claimed = server.claim(vec!["shared".into()], fastrand::usize(1..20)).await;
        let ends = claimed.into_iter().map(|(running, _)| (running, any_end()));
        server.end_all(ends.collect()).await.expect("no caller hears of a deadlock");
        for _ in 0..3 {
            let node = known.lock().unwrap().any();
            match node {
                Some(NodeId::Job(id)) => match server.storage.job_change(id, any_change(), None).await {
                    Ok(_) | Err(Error::Config(_)) => {}
                    Err(error) => panic!("{error:?}"),
                },
                Some(NodeId::Batch(id)) if fastrand::u8(..20) == 0 => {
                    server.storage.batch_cancel(id, "sold out".into()).await.unwrap();
                }
                _ => {}
            }
        }
        server.storage.flow_step(STEP).await.unwrap();
        server.storage.promote(100).await.unwrap();
        server.storage.clean(100).await.unwrap();
        rounds += 1;
    }
    rounds
}

fn any_end() -> End {
    match fastrand::u8(..8) {
        0..=3 => End::Succeeded { output: Some(vec![1; 100]) },
        4 => End::Retry { delay: Duration::ZERO, error: "no answer".into() },
        5 => End::Failed { error: "no such user".into(), attempted: true },
        6 => End::Deleted { reason: "called off".into(), error: None },
        _ => End::HandedBack,
    }
}

fn any_change() -> Change {
    match fastrand::u8(..3) {
        0 => Change::Delete { reason: "no longer needed".into() },
        1 => Change::Requeue,
        _ => Change::Reschedule(Due::In(Duration::from_millis(fastrand::u64(..100)))),
    }
}
