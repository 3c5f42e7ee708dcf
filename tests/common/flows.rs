//! Flows under races, at the storage trait: what only an engine with several writers can break.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it measured")]

#[path = "flow_chaos.rs"]
mod chaos;

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jobs::{BatchId, Due, Error, Fence, JobId, NewJob, OnExhausted, Result, ServerId, State};
use jobs_runtime::{
    flow::{BatchState, Condition, NodeId, Rule},
    storage::{
        Accepted, Beat, Change, ClaimRequest, End, Finish, NewBatch, NewFlow, ServerInfo, SharedStorage, Tx, Waits,
    },
};
use tokio::task::JoinSet;

pub(crate) use self::chaos::everything_at_once;

const KIND: &str = "shop::mail::send";
const STEP: u32 = 50;

pub(crate) fn job() -> NewJob {
    let id = JobId::new();
    NewJob {
        id,
        kind: KIND.into(),
        // A lane of its own, where it is claimed whatever else waits.
        queue: Arc::from(format!("lane of {id}")),
        priority: 0,
        payload: b"args".to_vec(),
        due: Due::Now,
        max_attempts: 10,
        on_exhausted: OnExhausted::Fail,
        timeout: None,
        expires: None,
        retain: None,
        meta: BTreeMap::new(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
        waits: None,
    }
}

pub(crate) fn batch() -> NewBatch {
    NewBatch {
        id: BatchId::new(),
        description: "campaign".into(),
        parent: None,
        waits: None,
        sealed: true,
        retain: None,
    }
}

pub(crate) fn member(of: BatchId) -> NewJob {
    NewJob { batch: Some(of), ..job() }
}

pub(crate) fn waits<T: Into<NodeId>>(
    rule: Rule,
    condition: Condition,
    parents: impl IntoIterator<Item = T>,
) -> Option<Waits> {
    Some(Waits { rule, parents: parents.into_iter().map(|parent| (parent.into(), condition)).collect() })
}

pub(crate) fn after(parent: impl Into<NodeId>, condition: Condition) -> NewJob {
    NewJob { waits: waits(Rule::All, condition, [parent.into()]), ..job() }
}

pub(crate) async fn store(storage: &SharedStorage, batches: Vec<NewBatch>, jobs: Vec<NewJob>) {
    let new = vec![true; jobs.len()];
    assert_eq!(storage.flow_insert(NewFlow { batches, jobs }).await.unwrap(), new);
}

pub(crate) async fn state(storage: &SharedStorage, id: JobId) -> State {
    storage.job_get(id).await.unwrap().unwrap().state
}

/// Fails when the tables contradict each other, or something waits for nothing.
pub(crate) async fn assert_sound(storage: &SharedStorage) {
    assert_eq!(storage.check().await.unwrap(), [""; 0]);
}

/// Takes the upkeep of flows to its end.
pub(crate) async fn settle(storage: &SharedStorage) {
    let start = Instant::now();
    while storage.flow_step(STEP).await.unwrap().next_in == Some(Duration::ZERO) {
        assert!(start.elapsed() < Duration::from_secs(60), "the upkeep of flows has no end");
    }
}

/// One of the servers of a test, with a handle of its own.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) storage: SharedStorage,
    id: ServerId,
}

/// What a server runs.
#[derive(Clone, Copy)]
pub(crate) struct Running(JobId, Fence);

impl Server {
    pub(crate) async fn new(storage: SharedStorage) -> Self {
        let server = Self { storage, id: ServerId::new() };
        let info = ServerInfo {
            name: "host:1".into(),
            version: "1".into(),
            queues: vec!["default".into()],
            workers: 1,
            running: 0,
            lost: 0,
            stopping: false,
        };
        let lease = Duration::from_secs(600);
        let beat = Beat { server: server.id, lease, info, kinds: Arc::new([KIND.into()]), recurring: Arc::new([]) };
        server.storage.heart().await.unwrap().beat(&beat).await.unwrap();
        server
    }

    async fn claim(&self, queues: Vec<Arc<str>>, slots: usize) -> Vec<(Running, bool)> {
        let request = ClaimRequest {
            server: self.id,
            queues,
            kinds: Arc::new([KIND.into()]),
            slots,
            prefetch: 0,
            slow: Arc::new([]),
            suspects: true,
            beside: false,
        };
        let chunks = self.storage.claim(request).await.unwrap();
        let jobs = chunks.iter().flat_map(|chunk| chunk.jobs.iter().map(|job| (chunk.fence, job)));
        jobs.map(|(fence, job)| (Running(job.id, fence), job.cancel_requested)).collect()
    }

    /// Claims a job that lies in a lane of its own.
    pub(crate) async fn take(&self, id: JobId) -> Running {
        let claimed = self.claim(vec![Arc::from(format!("lane of {id}"))], 1).await;
        assert_eq!(claimed.len(), 1, "{id} is claimed");
        claimed[0].0
    }

    async fn end_all(&self, ends: Vec<(Running, End)>) -> Result<Vec<Accepted>> {
        let ends = ends.into_iter().map(|(Running(job, fence), end)| Finish {
            job,
            fence,
            end,
            wait: Duration::from_millis(1),
            run: Duration::from_millis(1),
        });
        self.storage.finish(self.id, ends.collect()).await
    }

    pub(crate) async fn succeed(&self, running: Running) {
        let end = End::Succeeded { output: Some(b"receipt".to_vec()) };
        assert_eq!(self.end_all(vec![(running, end)]).await.unwrap(), [Accepted::Yes]);
    }
}

/// Two members of a batch, which are also the parents of one job, end at the same instant on two servers.
pub(crate) async fn two_ends_at_once(servers: [Server; 2], rounds: u32) {
    for round in 0..rounds {
        let both = batch();
        let members = [member(both.id), member(both.id)];
        let ids = members.each_ref().map(|member| member.id);
        let all = NewJob { waits: waits(Rule::All, Condition::Success, ids), ..job() };
        let any = NewJob { waits: waits(Rule::Any, Condition::Success, ids), ..job() };
        let at_end = after(both.id, Condition::Success);
        let followers = [all.id, any.id, at_end.id];
        let jobs = members.into_iter().chain([all, any, at_end]).collect();
        store(&servers[0].storage, vec![both.clone()], jobs).await;
        let running = [servers[0].take(ids[0]).await, servers[1].take(ids[1]).await];
        tokio::join!(servers[0].succeed(running[0]), servers[1].succeed(running[1]));
        let record = servers[0].storage.batch_get(both.id).await.unwrap().unwrap();
        assert_eq!(record.state, BatchState::Succeeded, "round {round}: {record:?}");
        for follower in followers {
            servers[0].succeed(servers[0].take(follower).await).await;
        }
    }
    assert_sound(&servers[0].storage).await;
}

/// Continuations come while their parent ends: a job, a batch, and a batch that gets another member.
pub(crate) async fn attach_while_ending(servers: [Server; 2], rounds: u32) {
    let [ending, attaching] = servers;
    for round in 0..rounds {
        let around = batch();
        let parent = member(around.id);
        // Every other parent is waited for already.
        let mut jobs = vec![parent.clone()];
        if round % 2 == 0 {
            jobs.extend([after(parent.id, Condition::Success), after(around.id, Condition::Success)]);
        }
        store(&ending.storage, vec![around.clone()], jobs).await;
        let running = ending.take(parent.id).await;
        let after_job = after(parent.id, Condition::Success);
        let after_batch = after(around.id, Condition::Finished);
        let late = NewJob { batch: Some(around.id), ..after(parent.id, Condition::Success) };
        let ids = [after_job.id, after_batch.id, late.id];
        let attach = async {
            tokio::time::sleep(Duration::from_micros(fastrand::u64(..4_000))).await;
            store(&attaching.storage, Vec::new(), vec![after_job]).await;
            store(&attaching.storage, Vec::new(), vec![after_batch]).await;
            store(&attaching.storage, Vec::new(), vec![late]).await;
        };
        let end = async {
            tokio::time::sleep(Duration::from_micros(fastrand::u64(..4_000))).await;
            ending.succeed(running).await;
        };
        tokio::join!(attach, end);
        let [after_job, after_batch, late] = ids;
        assert_eq!(state(&ending.storage, after_job).await, State::Enqueued, "round {round}");
        // The late member has opened its batch again, or come before its end.
        ending.succeed(ending.take(late).await).await;
        assert_eq!(state(&ending.storage, after_batch).await, State::Enqueued, "round {round}");
        let record = ending.storage.batch_get(around.id).await.unwrap().unwrap();
        assert_eq!((record.state, record.counts.succeeded), (BatchState::Succeeded, 2), "round {round}");
    }
    assert_sound(&ending.storage).await;
}

/// The same flow is sent twice at once.
pub(crate) async fn sent_twice_at_once(storages: [SharedStorage; 2], rounds: u32) {
    for _ in 0..rounds {
        let outer = batch();
        let inner = NewBatch { parent: Some(outer.id), ..batch() };
        let empty = NewBatch { parent: Some(outer.id), sealed: false, ..batch() };
        let first = member(inner.id);
        let next = after(first.id, Condition::Success);
        let jobs = vec![first, next, after(outer.id, Condition::Finished)];
        let flow = NewFlow { batches: vec![outer.clone(), inner, empty], jobs };
        let (one, other) = tokio::join!(storages[0].flow_insert(flow.clone()), storages[1].flow_insert(flow.clone()));
        let answers = [one.unwrap(), other.unwrap()];
        assert!(answers.contains(&vec![true; 3]) && answers.contains(&vec![false; 3]), "{answers:?}");
        let record = storages[0].batch_get(outer.id).await.unwrap().unwrap();
        assert_eq!(record.counts.total, 2, "{record:?}");
        // Only batches, which have no jobs to be known by.
        let around = batch();
        let batches = vec![around.clone(), NewBatch { parent: Some(around.id), sealed: false, ..batch() }];
        let flow = NewFlow { batches, jobs: Vec::new() };
        let (one, other) = tokio::join!(storages[0].flow_insert(flow.clone()), storages[1].flow_insert(flow));
        assert!(one.unwrap().is_empty() && other.unwrap().is_empty());
        let record = storages[1].batch_get(around.id).await.unwrap().unwrap();
        assert_eq!(record.counts.total, 1, "{record:?}");
    }
    assert_sound(&storages[0]).await;
}

/// A batch is cancelled while servers claim and end its members: whatever is claimed later is marked, and nothing stays behind.
pub(crate) async fn cancel_while_claiming(servers: [Server; 3], rounds: u32) {
    for round in 0..rounds {
        let all = batch();
        let queue: Arc<str> = Arc::from(format!("round {}", all.id));
        let jobs = (0..120).map(|_| NewJob { queue: Arc::clone(&queue), ..member(all.id) });
        let rest = after(all.id, Condition::Deleted);
        let last = rest.id;
        store(&servers[0].storage, vec![all.clone()], jobs.chain([rest]).collect()).await;
        let cancelled = Arc::new(AtomicBool::new(false));
        let mut working = JoinSet::new();
        for server in servers.clone() {
            let (queue, cancelled) = (Arc::clone(&queue), Arc::clone(&cancelled));
            working.spawn(async move {
                loop {
                    let was_cancelled = cancelled.load(Ordering::SeqCst);
                    let claimed = server.claim(vec![Arc::clone(&queue)], 7).await;
                    let over = was_cancelled && claimed.is_empty();
                    assert!(claimed.iter().all(|(_, marked)| *marked || !was_cancelled), "a member was started");
                    let ends = claimed.into_iter().map(|(running, marked)| {
                        let deleted = End::Deleted { reason: "cancelled".into(), error: None };
                        (running, if marked { deleted } else { End::Succeeded { output: None } })
                    });
                    server.end_all(ends.collect()).await.unwrap();
                    server.storage.flow_step(STEP).await.unwrap();
                    if over {
                        return;
                    }
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..60))).await;
        let took_effect = servers[0].storage.batch_cancel(all.id, "sold out".into()).await.unwrap();
        cancelled.store(true, Ordering::SeqCst);
        working.join_all().await;
        settle(&servers[0].storage).await;
        let record = servers[0].storage.batch_get(all.id).await.unwrap().unwrap();
        let expected = if took_effect == Some(true) { BatchState::Deleted } else { BatchState::Succeeded };
        assert_eq!((record.state, record.counts.pending), (expected, 0), "round {round}: {record:?}");
        let expected = if took_effect == Some(true) { State::Enqueued } else { State::Deleted };
        assert_eq!(state(&servers[0].storage, last).await, expected, "round {round}");
    }
    assert_sound(&servers[0].storage).await;
}

/// A batch that has ended gets a new member while its retention comes.
pub(crate) async fn attach_while_removed(servers: [Server; 2], rounds: u32) {
    let [removing, attaching] = servers;
    for round in 0..rounds {
        let short = NewBatch { retain: Some(Duration::ZERO), ..batch() };
        let first = member(short.id);
        store(&removing.storage, vec![short.clone()], vec![first.clone()]).await;
        removing.succeed(removing.take(first.id).await).await;
        let new = member(short.id);
        let attach = async {
            tokio::time::sleep(Duration::from_micros(fastrand::u64(..3_000))).await;
            let flow = NewFlow { batches: Vec::new(), jobs: vec![new.clone()] };
            attaching.storage.flow_insert(flow).await
        };
        let remove = async { removing.storage.clean(100).await.unwrap() };
        match tokio::join!(attach, remove).0 {
            Ok(_) => {
                let record = removing.storage.batch_get(short.id).await.unwrap();
                assert!(record.is_some(), "round {round}: the batch of a member that was stored is there");
                attaching.succeed(attaching.take(new.id).await).await;
            }
            Err(Error::NoBatch(_)) => assert!(removing.storage.job_get(new.id).await.unwrap().is_none()),
            Err(error) => panic!("round {round}: {error:?}"),
        }
    }
    assert_sound(&removing.storage).await;
}

/// The application's transactions, which see one moment from their first look on: begins one that has looked, and ends one.
pub(crate) struct Application<B, E> {
    pub(crate) begin: B,
    pub(crate) end: E,
}

/// How the application ends a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Commit,
    Rollback,
}

impl<T: Tx, B: AsyncFn() -> T, E: AsyncFn(T, Ending)> Application<B, E> {
    /// Deletes a job in a transaction that had looked before something else happened. Returns whether it was refused.
    async fn delete(&self, storage: &SharedStorage, id: JobId, meanwhile: impl Future<Output = ()>) -> bool {
        self.change(storage, id, Change::Delete { reason: "no longer needed".into() }, meanwhile).await
    }

    /// Changes a job in a transaction that had looked before something else happened. One that is refused begins anew, as it is told
    /// to. Returns whether it was.
    async fn change(
        &self,
        storage: &SharedStorage,
        id: JobId,
        change: Change,
        meanwhile: impl Future<Output = ()>,
    ) -> bool {
        let mut tx = (self.begin)().await;
        meanwhile.await;
        match storage.job_change_within(tx.connection(), id, change.clone(), None).await {
            Ok(changed) => {
                assert!(changed.unwrap().took_effect);
                (self.end)(tx, Ending::Commit).await;
                return false;
            }
            Err(Error::Locked(_)) => (self.end)(tx, Ending::Rollback).await,
            Err(error) => panic!("{error:?}"),
        }
        let mut tx = (self.begin)().await;
        assert!(storage.job_change_within(tx.connection(), id, change, None).await.unwrap().unwrap().took_effect);
        (self.end)(tx, Ending::Commit).await;
        true
    }

    /// What happens between a transaction's first look and its write is neither overlooked nor undone. Returns how many were refused.
    pub(crate) async fn older_moments(&self, server: &Server) -> u32 {
        let storage = &server.storage;
        let mut refused = 0;

        // Another continuation of a job that has one.
        let parent = job();
        let old = after(parent.id, Condition::Success);
        store(storage, Vec::new(), vec![parent.clone(), old.clone()]).await;
        let new = after(parent.id, Condition::Deleted);
        let (old, id) = (old.id, new.id);
        refused += u32::from(self.delete(storage, parent.id, store(storage, Vec::new(), vec![new])).await);
        assert_eq!([state(storage, old).await, state(storage, id).await], [State::Deleted, State::Enqueued]);

        // The end of another parent of the same job.
        let parents = [job(), job()];
        let ids = parents.each_ref().map(|parent| parent.id);
        let both = NewJob { waits: waits(Rule::All, Condition::Finished, ids), ..job() };
        let child = both.id;
        store(storage, Vec::new(), parents.into_iter().chain([both]).collect()).await;
        let ends = async { server.succeed(server.take(ids[0]).await).await };
        refused += u32::from(self.delete(storage, ids[1], ends).await);
        assert_eq!(state(storage, child).await, State::Enqueued);

        // The end of the job's only parent.
        let parent = job();
        let child = after(parent.id, Condition::Success);
        store(storage, Vec::new(), vec![parent.clone(), child.clone()]).await;
        let ends = async { server.succeed(server.take(parent.id).await).await };
        refused += u32::from(self.delete(storage, child.id, ends).await);
        assert_eq!(state(storage, child.id).await, State::Deleted);

        // The start of the batch that held the job back.
        let held = NewBatch { sealed: false, ..batch() };
        let members = [member(held.id), member(held.id)];
        let ids = members.each_ref().map(|member| member.id);
        store(storage, vec![held.clone()], members.into()).await;
        let starts = async {
            storage.batch_seal(held.id).await.unwrap();
            settle(storage).await;
        };
        let later = Change::Reschedule(Due::In(Duration::from_secs(3600)));
        refused += u32::from(self.change(storage, ids[0], later, starts).await);
        assert_eq!([state(storage, ids[0]).await, state(storage, ids[1]).await], [State::Scheduled, State::Enqueued]);

        // Another continuation of a batch that has one.
        let around = batch();
        let only = member(around.id);
        let old = after(around.id, Condition::Failure);
        store(storage, vec![around.clone()], vec![only.clone(), old.clone()]).await;
        let new = after(around.id, Condition::Finished);
        let (old, id) = (old.id, new.id);
        refused += u32::from(self.delete(storage, only.id, store(storage, Vec::new(), vec![new])).await);
        assert_eq!([state(storage, old).await, state(storage, id).await], [State::Enqueued, State::Enqueued]);

        assert_sound(storage).await;
        refused
    }

    /// What follows from a deletion comes with its commit, and not with its rollback.
    pub(crate) async fn open_delete(&self, server: &Server) {
        let storage = &server.storage;
        let parent = job();
        let child = after(parent.id, Condition::Deleted);
        let other = job();
        store(storage, Vec::new(), vec![parent.clone(), child.clone(), other.clone()]).await;
        let delete = Change::Delete { reason: "no longer needed".into() };
        for ending in [Ending::Rollback, Ending::Commit] {
            let mut tx = (self.begin)().await;
            storage.job_change_within(tx.connection(), parent.id, delete.clone(), None).await.unwrap();
            assert_eq!(state(storage, child.id).await, State::Awaiting);
            (self.end)(tx, ending).await;
        }
        assert_eq!(state(storage, child.id).await, State::Enqueued);
        server.succeed(server.take(child.id).await).await;
        assert_sound(storage).await;
    }
}
