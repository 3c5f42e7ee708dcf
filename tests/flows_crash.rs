//! Workers killed with SIGKILL around the transaction that ends a job: its continuations run once, its batch counts right.
//!
//! The worker stops for good where the test wants it, and is killed there: before its transaction has written, before it commits,
//! and before anyone hears of the commit.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it leaves out")]
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;
#[path = "conformance/engines.rs"]
mod engines;
#[path = "worker/jobs.rs"]
mod handlers;

use std::{collections::HashMap, path::Path, process::Stdio, time::Duration};

use common::{Process, until};
use jobs_runtime::{
    BatchId, JobId, State,
    flow::{BatchState, Condition, Ending, NodeId, Rule},
    job::{Job, OnExhausted},
    storage::{self, Due, EventKind, Measure, NewBatch, NewFlow, NewJob, Settings, SharedStorage, Waits},
};

/// How long a flow may take whose workers live.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many workers die on one flow: one fewer than a job may die with before it fails.
const KILLS: u32 = 2;

/// A flow in the making.
#[derive(Default)]
struct Draft {
    flow: NewFlow,
}

impl Draft {
    fn batch(&mut self, parent: Option<BatchId>, after: &[NodeId]) -> BatchId {
        let id = BatchId::new();
        let description = format!("batch {}", self.flow.batches.len()).into();
        self.flow.batches.push(NewBatch { id, description, parent, waits: waits(after), sealed: true, retain: None });
        id
    }

    fn job(&mut self, batch: Option<BatchId>, after: &[NodeId]) -> NodeId {
        let id = JobId::new();
        let number = u32::try_from(self.flow.jobs.len()).unwrap();
        self.flow.jobs.push(NewJob {
            id,
            kind: handlers::tally::DESCRIPTOR.kind.into(),
            queue: "default".into(),
            priority: 0,
            payload: jobs_runtime::private::encode_args(&handlers::tally::new(number)).unwrap(),
            due: Due::Now,
            max_attempts: 25,
            on_exhausted: OnExhausted::Fail,
            timeout: None,
            expires: None,
            retain: None,
            meta: Default::default(),
            tags: Vec::new(),
            recurring: None,
            batch,
            waits: waits(after),
        });
        id.into()
    }
}

fn waits(parents: &[NodeId]) -> Option<Waits> {
    let parents: Vec<_> = parents.iter().map(|parent| (*parent, Condition::Success)).collect();
    (!parents.is_empty()).then_some(Waits { rule: Rule::All, parents })
}

/// A diamond of jobs, a batch in a batch, a job and a batch after it, and one job after everything.
fn flow() -> NewFlow {
    let mut draft = Draft::default();
    let root = draft.job(None, &[]);
    let sides: Vec<_> = (0..3).map(|_| draft.job(None, &[root])).collect();
    let join = draft.job(None, &sides);
    let outer = draft.batch(None, &[root]);
    let inner = draft.batch(Some(outer), &[]);
    for _ in 0..4 {
        let member = draft.job(Some(inner), &[]);
        draft.job(Some(outer), &[member]);
    }
    let after = draft.batch(None, &[outer.into()]);
    for _ in 0..3 {
        draft.job(Some(after), &[]);
    }
    let summary = draft.job(None, &[outer.into()]);
    draft.job(None, &[join, after.into(), summary]);
    draft.flow
}

fn worker(url: &str, folder: &Path, failpoint: Option<String>) -> Process {
    let mut command = std::process::Command::new(common::example_path("test-worker"));
    command.args([url, folder.join("ledger").to_str().unwrap(), "short"]).stdin(Stdio::null());
    if let Some(failpoint) = failpoint {
        command.env("JOBS_TEST_FAILPOINT", failpoint);
    }
    Process::of(command.spawn().unwrap())
}

async fn all_ended(storage: &SharedStorage, jobs: usize) -> bool {
    let totals = storage.stat_totals().await.unwrap();
    let ended: i64 = totals.iter().filter(|total| total.state == State::Succeeded).map(|total| total.jobs).sum();
    ended == jobs as i64
}

async fn a_worker_is_killed(url: &str, point: &str) {
    let folder = tempfile::tempdir().unwrap();
    let storage = storage::open(url, Settings::default()).await.unwrap();
    let flow = flow();
    let jobs: Vec<_> = flow.jobs.iter().map(|job| job.id).collect();
    assert!(storage.flow_insert(flow.clone()).await.unwrap().iter().all(|new| *new));

    let mut random = fastrand::Rng::new();
    let mut killed = 0;
    for kill in 0..KILLS {
        let marker = folder.path().join(format!("reached-{kill}"));
        let nth = if kill == 0 { 1 } else { random.u32(1..4) };
        let failpoint = format!("{point} {nth} {}", marker.display());
        let mut victim = worker(url, folder.path(), Some(failpoint));
        let reached = until("the failpoint, or the end of the flow", || async {
            if marker.exists() { Some(true) } else { all_ended(&storage, jobs.len()).await.then_some(false) }
        })
        .await;
        victim.kill();
        killed += u32::from(reached);
    }
    assert!(killed > 0, "no worker died at {point}: the test shows nothing");
    let _last = worker(url, folder.path(), None);
    let ends = until("the flow to end", || async { all_ended(&storage, jobs.len()).await.then_some(()) });
    if tokio::time::timeout(PATIENCE, ends).await.is_err() {
        panic!("the flow does not end after {killed} workers died: {}", stand(&storage, &flow).await);
    }
    // The last verdicts may still be under way to batches that end with them.
    until("the batches to end", || async {
        for batch in &flow.batches {
            if !storage.batch_get(batch.id).await.unwrap().unwrap().state.is_final() {
                return None;
            }
        }
        Some(())
    })
    .await;
    assert_ended(&storage, &flow).await;
    assert_ledger(folder.path(), &jobs);
    println!("{killed} workers killed where their transaction was {point}");
}

/// Where a flow stands, for whoever reads that it does not end.
async fn stand(storage: &SharedStorage, flow: &NewFlow) -> String {
    let mut lines = vec![format!("{:?}", storage.check().await), format!("{:?}", storage.server_list().await)];
    lines.push(format!("{:?}", storage.rescue_candidates().await));
    for batch in &flow.batches {
        lines.push(format!("{:?}", storage.batch_get(batch.id).await));
    }
    for job in &flow.jobs {
        let record = storage.job_get(job.id).await.unwrap().unwrap();
        if !record.state.is_final() {
            lines.push(format!("{record:?} after {:?}", storage.flow_inputs(job.id.into()).await));
        }
    }
    lines.join("\n")
}

/// Everything ended once, was counted once and released once.
async fn assert_ended(storage: &SharedStorage, flow: &NewFlow) {
    let points = storage.stat_points(storage::Grain::Minute, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    let succeeded: i64 =
        points.iter().filter(|point| point.measure == Measure::Succeeded).map(|point| point.count).sum();
    assert_eq!(succeeded, flow.jobs.len() as i64, "each job ended once");
    for job in &flow.jobs {
        let record = storage.job_get(job.id).await.unwrap().unwrap();
        assert_eq!(record.state, State::Succeeded, "{record:?}");
        let history = storage.job_events(job.id).await.unwrap();
        let rescues = history.iter().filter(|event| event.what == EventKind::Rescued).count();
        assert_eq!(usize::from(record.attempt), 1 + rescues, "each attempt is accounted: {record:?}");
    }
    let nodes = flow.batches.iter().map(|batch| (NodeId::from(batch.id), &batch.waits));
    for (node, waits) in nodes.chain(flow.jobs.iter().map(|job| (job.id.into(), &job.waits))) {
        let parents = waits.iter().flat_map(|waits| &waits.parents).map(|(parent, _)| *parent);
        let inputs = storage.flow_inputs(node).await.unwrap();
        assert_eq!(inputs.iter().map(|input| input.parent).collect::<Vec<_>>(), parents.collect::<Vec<_>>());
        for input in inputs {
            assert_eq!(input.ending, Some(Ending::Succeeded), "{input:?}");
            assert_eq!(input.output.is_some(), matches!(input.parent, NodeId::Job(_)), "{input:?}");
        }
    }
    for batch in &flow.batches {
        let record = storage.batch_get(batch.id).await.unwrap().unwrap();
        let jobs = flow.jobs.iter().filter(|job| job.batch == Some(batch.id)).count();
        let nested = flow.batches.iter().filter(|other| other.parent == Some(batch.id)).count();
        let members = (jobs + nested) as i64;
        let counts = (record.counts.total, record.counts.succeeded, record.counts.pending);
        assert_eq!((record.state, counts), (BatchState::Succeeded, (members, members, 0)), "{record:?}");
    }
    assert_eq!(storage.check().await.unwrap(), Vec::<String>::new());
}

/// No handler of a continuation has begun before its parents' handlers have come to their ends, and each has come to its own.
fn assert_ledger(folder: &Path, jobs: &[JobId]) {
    let ledger = std::fs::read_to_string(folder.join("ledger")).unwrap();
    let mut ends: HashMap<usize, usize> = HashMap::new();
    for line in ledger.lines() {
        let mut words = line.split(' ');
        if let (Some("end"), Some(number)) = (words.next(), words.next()) {
            *ends.entry(number.parse().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(ends.len(), jobs.len(), "every handler has come to its end");
    let again = ends.values().sum::<usize>() - jobs.len();
    assert!(again <= 8 * KILLS as usize, "only what ran when a worker died runs again: {again}");
}

/// One test a place and an engine, all at once: most of their time they wait for leases to end.
macro_rules! killed {
    ($($engine:ident = $feature:literal: $database:expr;)*) => { $(
        #[cfg(feature = $feature)]
        mod $engine {
            #[tokio::test(flavor = "multi_thread")]
            async fn before_anything_is_written() {
                let Some(database) = $database else { return };
                super::a_worker_is_killed(&database.url(), "begun").await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn before_the_commit() {
                let Some(database) = $database else { return };
                super::a_worker_is_killed(&database.url(), "written").await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn after_the_commit() {
                let Some(database) = $database else { return };
                super::a_worker_is_killed(&database.url(), "committed").await;
            }
        }
    )* };
}

killed! {
    sqlite = "sqlite": Some(super::engines::sqlite::SqliteFile::new());
    postgres = "postgres": super::engines::postgres::Schema::new();
    mysql = "mysql": super::engines::mysql::Database::new();
}

/// Says in every run what a build without these features cannot test.
#[cfg(not(all(feature = "postgres", feature = "mysql")))]
#[test]
fn other_engines() {
    println!("LEFT OUT: other_engines: their features are off; `cargo test --all-features` tests them");
}
