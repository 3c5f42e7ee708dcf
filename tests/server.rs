//! Servers over a real database: retries, time limits, cancellation, deletion, notes, recurring jobs, and how a server stops.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use common::{Database, assert_sound, count, until, until_count};
use jobs::{EventKind, prelude::*};
use tokio::sync::Semaphore;

#[derive(Clone, Default)]
struct Calls(Arc<AtomicU32>);

struct Gate(Arc<Semaphore>);

#[job(backoff = "constant(10ms)")]
async fn fail_twice(#[state] calls: &Calls) -> Result<u32, String> {
    match calls.0.fetch_add(1, Ordering::SeqCst) {
        call @ 0..2 => Err(format!("call {call}")),
        call => Ok(call),
    }
}

#[job(attempts = 1)]
async fn panic_once() {
    panic!("ouch");
}

#[job(timeout = "100ms", attempts = 1)]
async fn obey_the_limit(ctx: &JobContext) -> Result<(), &'static str> {
    ctx.cancelled().await;
    Err("obeyed")
}

#[job]
async fn until_cancelled(ctx: &JobContext) -> Result<(), &'static str> {
    ctx.cancelled().await;
    Err("obeyed")
}

#[job]
async fn wait_at_the_gate(#[state] gate: &Gate) {
    gate.0.acquire().await.unwrap().forget();
}

#[job]
async fn tell(ctx: &JobContext) {
    for step in 1..=10 {
        ctx.progress(f64::from(step) / 10.0, format!("{step} of 10"));
    }
    ctx.log("half way");
    ctx.log("done");
}

#[job]
fn add(a: u32, b: u32) -> Result<u32, String> {
    Ok(a + b)
}

#[job]
async fn nothing() {}

struct Running {
    database: Database,
    client: Client,
    gate: Arc<Semaphore>,
    server: jobs::RunningServer,
}

async fn start() -> Running {
    start_with(|server| server).await
}

async fn start_with(change: impl FnOnce(jobs::Server) -> jobs::Server) -> Running {
    let database = Database::new();
    let client = database.client().await;
    let gate = Arc::new(Semaphore::new(0));
    let server = client.server().workers(4).state(Calls::default()).state(Gate(gate.clone()));
    let server = change(server).start().await.unwrap();
    Running { database, client, gate, server }
}

async fn reaches(client: &Client, job: JobId, state: State) {
    until(&format!("the job to be {state}"), || async {
        (client.job(job).state().await.unwrap() == state).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_attempts_are_repeated_and_stand_in_the_history() {
    let running = start().await;
    let job = fail_twice::enqueue().on(&running.client).await.unwrap();
    assert_eq!(job.output().await.unwrap(), 2);
    let record = running.client.job(job.id()).record().await.unwrap();
    assert_eq!(record.attempt, 3);
    let errors: Vec<_> = job.history().await.unwrap().into_iter().map(|event| (event.attempt, event.text)).collect();
    assert_eq!(errors, [(1, "call 0".to_owned()), (2, "call 1".to_owned())]);
    running.server.stop().await;
    assert_sound(&running.client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_and_a_timeout_fail_the_attempt() {
    let running = start().await;
    let panics = panic_once::enqueue().on(&running.client).await.unwrap();
    let late = obey_the_limit::enqueue().on(&running.client).await.unwrap();
    for (job, reason) in [(panics.id(), "panicked: ouch"), (late.id(), "timed out after 100ms: obeyed")] {
        reaches(&running.client, job, State::Failed).await;
        assert_eq!(running.client.job(job).record().await.unwrap().reason.as_deref(), Some(reason));
    }
    running.server.stop().await;
    assert_sound(&running.client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_cancelled_and_another_is_deleted() {
    let running = start().await;
    let client = &running.client;
    let cancelled = until_cancelled::enqueue().on(client).await.unwrap();
    let deleted = wait_at_the_gate::enqueue().on(client).await.unwrap();
    reaches(client, cancelled.id(), State::Processing).await;
    reaches(client, deleted.id(), State::Processing).await;
    client.job(cancelled.id()).cancel().await.unwrap();
    client.job(deleted.id()).delete().await.unwrap();
    reaches(client, cancelled.id(), State::Deleted).await;
    assert_eq!(client.job(cancelled.id()).record().await.unwrap().reason.as_deref(), Some("cancelled"));
    assert_eq!(client.job(deleted.id()).state().await.unwrap(), State::Deleted);
    running.gate.add_permits(1);
    running.server.stop().await;
    assert_eq!(client.job(deleted.id()).state().await.unwrap(), State::Deleted, "the late result is dropped");
    assert_sound(client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requeued_job_runs_anew_on_the_same_server_while_the_old_run_still_goes_on() {
    let running = start().await;
    let job = wait_at_the_gate::enqueue().on(&running.client).await.unwrap();
    reaches(&running.client, job.id(), State::Processing).await;
    assert!(running.client.job(job.id()).requeue().await.unwrap());
    until("both runs", || async { (running.server.running() == 2).then_some(()) }).await;
    running.gate.add_permits(2);
    reaches(&running.client, job.id(), State::Succeeded).await;
    running.server.stop().await;
    assert_sound(&running.client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_lines_and_outputs_are_stored() {
    let running = start().await;
    let told = tell::enqueue().on(&running.client).await.unwrap();
    let sum = add::enqueue(1, 2).on(&running.client).await.unwrap();
    assert_eq!(sum.output().await.unwrap(), 3);
    told.wait().await.unwrap();
    let lines: Vec<_> = told.history().await.unwrap();
    let lines = lines.iter().filter(|event| event.what == EventKind::Log).map(|event| event.text.as_str());
    assert_eq!(lines.collect::<Vec<_>>(), ["half way", "done"]);
    running.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_job_runs_when_its_time_has_come() {
    let running = start().await;
    let job = add::enqueue(2, 2).delay(Duration::from_millis(300)).on(&running.client).await.unwrap();
    assert_eq!(job.state().await.unwrap(), State::Scheduled);
    assert_eq!(job.output().await.unwrap(), 4);
    let record = running.client.job(job.id()).record().await.unwrap();
    assert!(record.started_at.unwrap() >= record.due_at);
    running.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_gives_back_what_does_not_end_and_charges_nothing() {
    let running = start_with(|server| server.grace(Duration::from_millis(50))).await;
    let client = running.client.clone();
    let job = until_cancelled::enqueue().on(&client).await.unwrap();
    reaches(&client, job.id(), State::Processing).await;
    running.server.stop().await;
    let record = client.job(job.id()).record().await.unwrap();
    assert_eq!((record.state, record.attempt), (State::Enqueued, 0), "nothing is charged");
    assert_eq!(client.servers().await.unwrap(), [], "the server has retired");
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_share_the_work_and_run_each_job_once() {
    const JOBS: u32 = 2_000;
    let running = start().await;
    let other = running.database.client().await;
    let other_server = other.server().workers(4).state(Calls::default()).state(Gate(running.gate.clone()));
    let other_server = other_server.start().await.unwrap();
    running.client.enqueue_all((0..JOBS).map(|_| nothing::new())).await.unwrap();
    until_count(&running.client, State::Succeeded, i64::from(JOBS)).await;
    until("both servers to be idle", || async { (running.server.is_idle() && other_server.is_idle()).then_some(()) })
        .await;
    assert_eq!(count(&running.client, State::Processing).await, 0);
    running.server.stop().await;
    other_server.stop().await;
    assert_sound(&running.client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recurring_job_fires() {
    let running = start().await;
    running.client.recurring("each second").cron("* * * * * *").upsert(nothing::new()).await.unwrap();
    until("two occurrences", || async { (count(&running.client, State::Succeeded).await >= 2).then_some(()) }).await;
    running.client.recurring("each second").remove().await.unwrap();
    running.server.stop().await;
    assert_sound(&running.client).await;
}
