//! Handlers that end their job in their own transaction: effects in the same database that happen exactly once.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use common::{Database, assert_sound, count, until, until_is};
use jobs::{Client, Grain, Measure, RunningServer, Server, prelude::*};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteTransaction},
};
use tokio::sync::Notify;

const SCHEMA: &str = "CREATE TABLE payments (order_id INTEGER NOT NULL)";

/// The application: its own pool on the file, and what tests tell handlers.
#[derive(Clone)]
struct Shop {
    pool: SqlitePool,
    runs: Arc<AtomicUsize>,
    go_on: Arc<Notify>,
}

impl Shop {
    async fn pay(&self, order: i64) -> sqlx::Result<SqliteTransaction<'static>> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO payments VALUES (?)").bind(order).execute(&mut *tx).await?;
        Ok(tx)
    }

    async fn payments(&self, order: i64) -> i64 {
        let query = sqlx::query_scalar("SELECT count(*) FROM payments WHERE order_id = ?").bind(order);
        query.fetch_one(&self.pool).await.unwrap()
    }
}

struct Ground {
    database: Database,
    client: Client,
    shop: Shop,
}

impl Ground {
    async fn new() -> Self {
        let database = Database::new();
        let client = database.client().await;
        let options = SqliteConnectOptions::new().filename(database.path("jobs.db"));
        let pool = SqlitePool::connect_with(options).await.unwrap();
        sqlx::query(SCHEMA).execute(&pool).await.unwrap();
        Self { database, client, shop: Shop { pool, runs: Arc::default(), go_on: Arc::default() } }
    }

    fn server(&self, client: &Client) -> Server {
        let server = client.server().state(self.shop.clone()).workers(4);
        server.beat(Duration::from_millis(200)).lease(Duration::from_secs(2)).sweep(Duration::from_millis(200))
    }

    async fn serve(&self) -> RunningServer {
        self.server(&self.client).start().await.unwrap()
    }

    /// Ends a test: each job that succeeded was counted once, and the tables agree with each other.
    async fn close(&self, server: RunningServer) {
        server.stop().await;
        let points = self.client.stats(Grain::Minute, Timestamp::UNIX_EPOCH).await.unwrap();
        let counted: i64 = points.iter().filter(|point| point.measure == Measure::Succeeded).map(|p| p.count).sum();
        assert_eq!(counted, count(&self.client, State::Succeeded).await);
        assert_sound(&self.client).await;
    }
}

/// What a handler does with its transaction, and how it goes on.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Way {
    CommitAndReturn,
    CommitAndFail,
    CommitAndLinger,
    RollBackAndFailOnce,
    RollBackAndReturn,
    HangBeforeCommitOnce,
    HangAfterCommit,
}

#[job(name = "pay", backoff = "constant(10ms)")]
async fn pay(ctx: &JobContext, #[state] shop: &Shop, order: i64, way: Way) -> anyhow::Result<()> {
    let is_first = shop.runs.fetch_add(1, Ordering::SeqCst) == 0;
    let mut tx = shop.pay(order).await?;
    ctx.log(format!("paid {order}"));
    ctx.finish_in(&mut tx).await?;
    match way {
        Way::RollBackAndReturn => return Ok(tx.rollback().await?),
        Way::RollBackAndFailOnce if is_first => {
            tx.rollback().await?;
            anyhow::bail!("the first time it goes wrong");
        }
        Way::HangBeforeCommitOnce if is_first => std::future::pending().await,
        _ => tx.commit().await?,
    }
    match way {
        Way::CommitAndFail => anyhow::bail!("something after the commit"),
        Way::HangAfterCommit => std::future::pending().await,
        Way::CommitAndLinger => {
            tokio::time::sleep(Duration::from_secs(3)).await;
            anyhow::ensure!(!ctx.is_cancelled(), "called off after the commit");
            shop.go_on.notify_one();
        }
        _ => {}
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_effect_and_the_end_are_one_commit() {
    let ground = Ground::new().await;
    let server = ground.serve().await;
    let jobs = (0..50).map(|order| pay::new(order, Way::CommitAndReturn));
    for (order, job) in ground.client.enqueue_all(jobs).await.unwrap().into_iter().enumerate() {
        job.output().await.unwrap();
        assert_eq!(ground.shop.payments(order as i64).await, 1);
        let told = job.history().await.unwrap();
        assert_eq!(told.len(), 1, "what it told is stored with its end, once: {told:?}");
    }
    assert_eq!(ground.shop.runs.load(Ordering::SeqCst), 50);
    ground.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_fails_after_its_commit_has_succeeded() {
    let ground = Ground::new().await;
    let server = ground.serve().await;
    let job = pay::enqueue(1, Way::CommitAndFail).on(&ground.client).await.unwrap();
    job.output().await.unwrap();
    until("the run to be over", || async { server.is_idle().then_some(()) }).await;
    let record = job.record().await.unwrap();
    assert_eq!((record.state, record.attempt, record.reason), (State::Succeeded, 1, None));
    assert_eq!((ground.shop.payments(1).await, ground.shop.runs.load(Ordering::SeqCst)), (1, 1));
    ground.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_may_go_on_after_its_commit() {
    let ground = Ground::new().await;
    let server = ground.serve().await;
    let job = pay::enqueue(1, Way::CommitAndLinger).on(&ground.client).await.unwrap();
    job.output().await.unwrap();
    assert_eq!(server.running(), 1, "its slot is still taken");
    tokio::time::timeout(Duration::from_secs(60), ground.shop.go_on.notified()).await.unwrap();
    until("the run to be over", || async { server.is_idle().then_some(()) }).await;
    assert_eq!(job.state().await.unwrap(), State::Succeeded);
    ground.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_and_fails_is_tried_again() {
    let ground = Ground::new().await;
    let server = ground.serve().await;
    let job = pay::enqueue(1, Way::RollBackAndFailOnce).on(&ground.client).await.unwrap();
    job.output().await.unwrap();
    let record = job.record().await.unwrap();
    assert_eq!((record.attempt, ground.shop.payments(1).await), (2, 1));
    ground.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_and_called_well_is_believed() {
    let ground = Ground::new().await;
    let server = ground.serve().await;
    let job = pay::enqueue(1, Way::RollBackAndReturn).on(&ground.client).await.unwrap();
    job.output().await.unwrap();
    assert_eq!((ground.shop.payments(1).await, ground.shop.runs.load(Ordering::SeqCst)), (0, 1));
    ground.close(server).await;
}

/// Runs a server on a runtime of its own until the handler is where the test wants it, and takes the runtime away: nothing of
/// the server goes on, and nothing is said to the database.
async fn crash(ground: &Ground, job: JobId, at: impl AsyncFn() -> bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (url, shop) = (ground.database.url.clone(), ground.shop.clone());
    let file = ground.database.path("jobs.db");
    let (sender, started) = tokio::sync::oneshot::channel();
    runtime.spawn(async move {
        let client = Client::connect(&url).await.unwrap();
        // The pool's connections belong to the runtime.
        let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap();
        let server = client.server().state(Shop { pool, ..shop });
        let server = server.beat(Duration::from_millis(200)).lease(Duration::from_secs(2)).start().await.unwrap();
        sender.send(server.id()).unwrap();
        std::future::pending::<()>().await;
    });
    let server = started.await.unwrap();
    until("the handler to be there", || async { at().await.then_some(()) }).await;
    assert!(ground.client.job(job).record().await.unwrap().server.is_none_or(|holder| holder == server));
    runtime.shutdown_background();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_the_commit_leaves_neither_and_the_job_runs_again() {
    let ground = Ground::new().await;
    let job = pay::enqueue(1, Way::HangBeforeCommitOnce).on(&ground.client).await.unwrap();
    let runs = &ground.shop.runs;
    crash(&ground, job.id(), async || {
        // It holds the file's lock from its first statement on.
        tokio::time::sleep(Duration::from_millis(300)).await;
        runs.load(Ordering::SeqCst) == 1
    })
    .await;
    assert_eq!(ground.shop.payments(1).await, 0);
    let server = ground.serve().await;
    job.output().await.unwrap();
    assert_eq!((ground.shop.payments(1).await, runs.load(Ordering::SeqCst)), (1, 2));
    assert_eq!(job.record().await.unwrap().crashes, 1);
    ground.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_the_commit_leaves_both_and_nothing_runs_again() {
    let ground = Ground::new().await;
    let job = pay::enqueue(1, Way::HangAfterCommit).on(&ground.client).await.unwrap();
    crash(&ground, job.id(), async || job.state().await.unwrap() == State::Succeeded).await;
    let server = ground.serve().await;
    until("the dead server to be swept", || async {
        (ground.client.servers().await.unwrap().len() == 1).then_some(())
    })
    .await;
    let record = job.record().await.unwrap();
    assert_eq!((record.state, record.crashes, record.attempt), (State::Succeeded, 0, 1));
    assert_eq!((ground.shop.payments(1).await, ground.shop.runs.load(Ordering::SeqCst)), (1, 1));
    ground.close(server).await;
}

/// Waits until its job was taken away, and then tries to end it.
#[job(name = "late", attempts = 1)]
async fn late(ctx: &JobContext, #[state] shop: &Shop) -> anyhow::Result<()> {
    ctx.cancelled().await;
    let mut tx = shop.pay(7).await?;
    let taken = ctx.finish_in(&mut tx).await.expect_err("the job is somebody else's");
    anyhow::ensure!(matches!(taken, jobs::Error::Taken(id) if id == ctx.id()), "{taken}");
    tx.rollback().await?;
    shop.go_on.notify_one();
    Err(taken.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_taken_away_cannot_be_ended() {
    let ground = Ground::new().await;
    let server = ground.serve().await;
    let job = late::enqueue().on(&ground.client).await.unwrap();
    until_is(&ground.client, job.id(), State::Processing).await;
    assert!(job.delete().reason("not wanted").await.unwrap());
    tokio::time::timeout(Duration::from_secs(60), ground.shop.go_on.notified()).await.unwrap();
    assert_eq!(job.state().await.unwrap(), State::Deleted);
    assert_eq!(ground.shop.payments(7).await, 0);
    ground.close(server).await;
}

/// Gives its output to `finish_in` in one of three ways.
#[job(name = "receipt", attempts = 1)]
async fn receipt(ctx: &JobContext, #[state] shop: &Shop, output: String) -> anyhow::Result<String> {
    let mut tx = shop.pay(1).await?;
    match output.as_str() {
        "missing" => ctx.finish_in(&mut tx).await?,
        "of another type" => ctx.finish_in(&mut tx).output(&7_u32).await?,
        _ => ctx.finish_in(&mut tx).output(&output).await?,
    }
    tx.commit().await?;
    Ok("what is returned afterwards".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_is_stored_with_the_end_and_must_be_the_handlers() {
    let ground = Ground::new().await;
    let server = ground.serve().await;
    let enqueue = async |output: &str| receipt::enqueue(output).on(&ground.client).await.unwrap();
    assert_eq!(enqueue("number 42").await.output().await.unwrap(), "number 42");
    for (output, word) in [("missing", ".output(&value)"), ("of another type", "`u32`")] {
        let failed = enqueue(output).await.output().await.expect_err(output);
        assert!(failed.to_string().contains(word), "{failed}");
    }
    assert_eq!(ground.shop.payments(1).await, 1, "the mistakes have rolled back");
    ground.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_not_kept_may_end_so_as_well() {
    let ground = Ground::new().await;
    let server = ground.serve().await;
    let job = pay::enqueue(1, Way::CommitAndReturn).retain(Duration::ZERO).on(&ground.client).await.unwrap();
    until("the job's end", || async {
        let record = job.record().await;
        record.map_or(true, |record| record.state == State::Succeeded).then_some(())
    })
    .await;
    until("the run to be over", || async { server.is_idle().then_some(()) }).await;
    assert_eq!((ground.shop.payments(1).await, ground.shop.runs.load(Ordering::SeqCst)), (1, 1));
    server.stop().await;
    assert_sound(&ground.client).await;
}
