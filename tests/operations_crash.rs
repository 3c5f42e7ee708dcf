//! Servers killed with SIGKILL in the middle of an operation: another goes on, and no job is changed twice.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it measured")]

mod common;
#[path = "worker/jobs.rs"]
mod handlers;

use std::time::Duration;

use common::{Database, Process, all_jobs, assert_sound, until};
use jobs::{Actor, BulkAct, EventKind, JobFilter, OperationState, State, Via};

/// So many that an operation takes many steps, and its servers are met in the middle of it on a slow machine too.
const JOBS: u32 = 6_000;

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_survives_its_servers_and_changes_each_job_once() {
    let database = Database::new();
    let client = database.client().await;
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    // In a queue that nobody reads.
    client.enqueue_all((0..JOBS).map(handlers::tally::new)).queue("aside").await.unwrap();
    let ann = client.by(Actor::new("ann", Via::Cli));
    let id = ann.begin(JobFilter::new(State::Enqueued).queue("aside"), BulkAct::Prioritize(9)).await.unwrap();
    let (mut kills, mut midway) = (0, 0);
    let ledger = database.path("ledger");
    let worker = || Process::example("test-worker", &[&database.url, ledger.to_str().unwrap(), "short"]);
    let mut before = 0;
    while client.operation(id).await.unwrap().state == OperationState::Running {
        let mut server = worker();
        // Into its work, wherever that is by then.
        until("the server to go on", || async {
            let record = client.operation(id).await.unwrap();
            (record.done > before || record.state != OperationState::Running).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(random.u64(0..40))).await;
        server.kill();
        kills += 1;
        before = client.operation(id).await.unwrap().done;
        midway += u32::from(before > 0 && before < i64::from(JOBS));
    }
    let record = client.operation(id).await.unwrap();
    println!("{kills} kills (seed {seed}), {midway} of them in the middle: {record:?}");
    assert!(midway > 0, "seed {seed}: not one kill met the operation: the test shows nothing");
    assert_eq!((record.state, record.done), (OperationState::Done, i64::from(JOBS)), "seed {seed}: {record:?}");
    assert_eq!((record.skipped, record.failed), (0, 0), "seed {seed}: no job was met again: {record:?}");
    let jobs = all_jobs(&client, JobFilter::new(State::Enqueued)).await.unwrap();
    assert_eq!(jobs.len(), JOBS as usize);
    for job in jobs {
        let history = client.job(job.id).history().await.unwrap();
        let changes: Vec<_> = history.iter().map(|event| event.what).collect();
        assert_eq!((job.priority, changes), (9, vec![EventKind::Prioritized]), "seed {seed}: {}", job.id);
    }
    assert_sound(&client).await;
}
