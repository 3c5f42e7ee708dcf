//! Pauses and signals on running servers: what they hold back, when they end, and who hears of them.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{convert::Infallible, sync::Arc, time::Duration};

use common::{Database, assert_sound, until, until_count, until_is};
use jobs::{Client, ClockOffset, JobFilter, PauseTarget, RunningServer, Server, ServerId, ServerRecord, prelude::*};
use sqlx::Connection;
use tokio::{sync::Semaphore, time::sleep};

/// Longer than anything may take to be in force, or to be noticed, everywhere.
const A_WHILE: Duration = Duration::from_millis(1_600);

/// Says which server ran it.
#[job(name = "where", alias = "whither", retain = "1000d")]
async fn whereabouts(#[state] label: &&'static str) -> Result<String, Infallible> {
    Ok((*label).to_owned())
}

/// Runs until it may end.
#[job(name = "wait")]
async fn wait(#[state] gate: &Arc<Semaphore>) {
    gate.acquire().await.unwrap().forget();
}

struct Ground {
    database: Database,
    clock: ClockOffset,
    gate: Arc<Semaphore>,
}

impl Ground {
    fn new() -> Self {
        Self { database: Database::new(), clock: ClockOffset::default(), gate: Arc::new(Semaphore::new(0)) }
    }

    /// A client as another process would have it.
    async fn client(&self) -> Client {
        Client::options().clock_offset(self.clock.clone()).connect(&self.database.url).await.unwrap()
    }

    async fn server(&self, label: &'static str) -> Server {
        let server = self.client().await.server().queues(["default", "mail"]).name(label);
        server.beat(Duration::from_millis(200)).lease(Duration::from_secs(5)).state(label).state(self.gate.clone())
    }

    async fn serve(&self, label: &'static str) -> RunningServer {
        self.server(label).await.start().await.unwrap()
    }
}

/// That server as it is listed.
async fn listed(client: &Client, server: ServerId) -> ServerRecord {
    client.server_ref(server).record().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_queue_rests_on_every_server_and_others_go_on() {
    let ground = Ground::new();
    let client = ground.client().await;
    let servers = [ground.serve("one").await, ground.serve("two").await];
    client.queue("mail").pause().reason("bounce storm").await.unwrap();
    sleep(A_WHILE).await;
    let held = client.enqueue_all((0..10).map(|_| whereabouts::new())).queue("mail").await.unwrap();
    client.enqueue_all((0..10).map(|_| whereabouts::new())).await.unwrap();
    until_count(&client, State::Succeeded, 10).await;
    sleep(A_WHILE).await;
    for job in &held {
        assert_eq!(job.state().await.unwrap(), State::Enqueued);
    }
    assert!(client.queue("mail").resume().await.unwrap());
    until_count(&client, State::Succeeded, 20).await;
    for server in servers {
        server.stop().await;
    }
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_kind_waits_under_each_of_its_names() {
    let ground = Ground::new();
    let client = ground.client().await;
    let server = ground.serve("one").await;
    client.kind_named("whither").pause().reason("wrong footer").until("1h").await.unwrap();
    let targets: Vec<_> = client.pauses().await.unwrap().into_iter().map(|pause| pause.target).collect();
    assert_eq!(targets, ["where", "whither"].map(|name| PauseTarget::Kind(name.into())), "by both of its names");
    let job = whereabouts::enqueue().on(&client).await.unwrap();
    until("the job to be set aside", || async { job.record().await.unwrap().parked.then_some(()) }).await;
    ground.clock.advance(Duration::from_secs(3_601));
    assert_eq!(job.output().await.unwrap(), "one", "the pause has ended by itself");
    assert!(client.pauses().await.unwrap().is_empty());
    assert!(!client.kind::<whereabouts>().resume().await.unwrap());
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_server_leaves_the_work_to_the_others() {
    let ground = Ground::new();
    let client = ground.client().await;
    let (one, two) = (ground.serve("one").await, ground.serve("two").await);
    client.server_ref(one.id()).quiet().await.unwrap();
    sleep(A_WHILE).await;
    let record = listed(&client, one.id()).await;
    assert!(record.alive && record.pause.is_some_and(|pause| pause.until.is_none()));
    for job in client.enqueue_all((0..30).map(|_| whereabouts::new())).await.unwrap() {
        assert_eq!(job.output().await.unwrap(), "two");
    }
    two.stop().await;
    let job = whereabouts::enqueue().on(&client).await.unwrap();
    sleep(A_WHILE).await;
    assert_eq!(job.state().await.unwrap(), State::Enqueued);
    assert!(client.server_ref(one.id()).resume().await.unwrap());
    assert_eq!(job.output().await.unwrap(), "one");
    one.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_ends_what_runs_and_its_run_returns() {
    let ground = Ground::new();
    let client = ground.client().await;
    let run = tokio::spawn(ground.server("one").await.run());
    let servers = || async { client.servers().await.unwrap() };
    let id = until("the server", || async { servers().await.first().map(|server| server.id) }).await;
    let job = wait::enqueue().on(&client).await.unwrap();
    until_is(&client, job.id(), State::Processing).await;
    client.server_ref(id).stop().await.unwrap();
    until("the server to say that it stops", || async { listed(&client, id).await.info.stopping.then_some(()) }).await;
    assert!(listed(&client, id).await.orders.stop);
    assert!(!run.is_finished(), "a job runs");
    ground.gate.add_permits(1);
    run.await.unwrap().unwrap();
    assert_eq!(job.state().await.unwrap(), State::Succeeded);
    assert!(servers().await.is_empty(), "it has retired");
    assert!(matches!(client.server_ref(id).stop().await, Err(jobs::Error::NoServer(_))));
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_a_running_server_sees_that_it_was_stopped() {
    let ground = Ground::new();
    let client = ground.client().await;
    let mut server = ground.serve("one").await;
    client.server_ref(server.id()).stop().await.unwrap();
    server.stopped().await;
    server.stopped().await;
    assert!(client.servers().await.unwrap().is_empty());
    let until_told = async {
        let two =
            until("the server", || async { client.servers().await.unwrap().first().map(|server| server.id) }).await;
        client.server_ref(two).stop().await.unwrap();
        std::future::pending::<()>().await
    };
    ground.server("two").await.run_until(until_told).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_resized_while_it_runs() {
    let ground = Ground::new();
    let client = ground.client().await;
    let server = ground.server("one").await.workers(1).start().await.unwrap();
    client.enqueue_all((0..8).map(|_| wait::new())).await.unwrap();
    until_count(&client, State::Processing, 1).await;
    client.server_ref(server.id()).resize(3).await.unwrap();
    until_count(&client, State::Processing, 3).await;
    until("the new size", || async { (listed(&client, server.id()).await.info.workers == 3).then_some(()) }).await;
    client.server_ref(server.id()).resize(1).await.unwrap();
    until("the old size", || async { (listed(&client, server.id()).await.info.workers == 1).then_some(()) }).await;
    assert_eq!(server.running(), 3, "no running job is stopped for it");
    ground.gate.add_permits(2);
    until_count(&client, State::Succeeded, 2).await;
    sleep(A_WHILE).await;
    assert_eq!(server.running(), 1);
    ground.gate.add_permits(99);
    until_count(&client, State::Succeeded, 8).await;
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_and_a_deletion_in_a_transaction_hold_from_its_commit() {
    let ground = Ground::new();
    let client = ground.client().await;
    let server = ground.serve("one").await;
    let mut connection = ground.database.connection().await;
    let job = wait::enqueue().on(&client).await.unwrap();
    until_is(&client, job.id(), State::Processing).await;

    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
    client.queue("mail").pause().within(&mut tx).await.unwrap();
    assert!(job.delete().within(&mut tx).await.unwrap());
    tx.rollback().await.unwrap();
    assert!(client.pauses().await.unwrap().is_empty());
    assert_eq!(job.state().await.unwrap(), State::Processing);

    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
    client.queue("mail").pause().within(&mut tx).await.unwrap();
    assert!(job.delete().reason("sold out").within(&mut tx).await.unwrap());
    assert!(client.pauses().await.unwrap().is_empty(), "nobody sees what is not committed");
    tx.commit().await.unwrap();
    assert_eq!(client.pauses().await.unwrap().len(), 1);
    assert_eq!(job.state().await.unwrap(), State::Deleted);
    until("the handler to be called off", || async { (server.running() == 0).then_some(()) }).await;
    server.stop().await;
    assert_sound(&client).await;
}

/// The occurrences that made a job so far, oldest first.
async fn fired(client: &Client) -> Vec<Timestamp> {
    let jobs = client.jobs(JobFilter::new(State::Succeeded).limit(1_000)).await.unwrap().jobs;
    let mut times: Vec<_> = jobs.into_iter().filter_map(|job| job.recurring).map(|(_, at)| at).collect();
    times.sort();
    times
}

#[tokio::test(flavor = "multi_thread")]
async fn what_falls_into_the_pause_of_a_recurring_job_is_left_out() {
    let ground = Ground::new();
    let client = ground.client().await;
    let server = ground.serve("one").await;
    let tick = || client.recurring("tick");
    tick().cron("* * * * * *").upsert(whereabouts::new()).await.unwrap();
    until("two occurrences", || async { (fired(&client).await.len() >= 2).then_some(()) }).await;
    tick().pause().reason("noise").await.unwrap();
    sleep(A_WHILE).await;
    let before = fired(&client).await;
    let stored = tick().get().await.unwrap();
    assert_eq!(stored.pause.map(|pause| pause.reason).as_deref(), Some("noise"));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(fired(&client).await, before, "nothing fires");
    tick().trigger().await.unwrap().wait().await.unwrap();
    let resumed = client.pauses().await.unwrap().len();
    assert_eq!(resumed, 1);
    assert!(tick().resume().await.unwrap());
    let after = until("two more", || async {
        let times = fired(&client).await;
        (times.len() >= before.len() + 3).then_some(times)
    })
    .await;
    let last = before.last().unwrap();
    let gap = after.iter().find(|at| *at > last).unwrap();
    assert!(gap.duration_since(*last).as_secs() >= 3, "the occurrences between {last} and {gap} are left out");
    server.stop().await;
    assert_sound(&client).await;
}
