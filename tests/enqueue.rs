//! Storing jobs: options, bulk, the application's own transaction, and reading what came of them.

use std::time::Duration;

use jobs::{Error, JobFilter, prelude::*};
use sqlx::{Connection, SqliteConnection};

#[job(queue = "sums")]
async fn add(a: u32, b: u32) -> std::io::Result<u32> {
    Ok(a + b)
}

#[job]
fn add_blocking(a: u32, b: u32) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    let client = Client::current()?;
    let job = add::enqueue(a, b).blocking()?;
    Ok(client.block_on(job.output())?)
}

#[job(attempts = 1)]
async fn fails() -> std::io::Result<()> {
    Err(std::io::Error::other("the printer is on fire"))
}

struct Shop {
    dir: tempfile::TempDir,
    client: Client,
}

impl Shop {
    async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let client = Client::connect(&url(&dir)).await.expect("a new database");
        Self { dir, client }
    }

    /// The application's own connection to the same file.
    async fn connection(&self) -> SqliteConnection {
        SqliteConnection::connect(&url(&self.dir)).await.expect("the file is there")
    }

    fn serve(&self) {
        tokio::spawn(self.client.server().queues(["sums", "default"]).run());
    }
}

fn url(dir: &tempfile::TempDir) -> String {
    format!("sqlite://{}", dir.path().join("shop.db").display())
}

#[tokio::test]
async fn an_output_comes_back_to_who_enqueued() {
    let shop = Shop::open().await;
    shop.serve();
    let job = add::enqueue(2, 3).on(&shop.client).await.expect("stored");
    assert_eq!(job.output().await.expect("an output"), 5);
    let record = job.record().await.expect("stored");
    let args = shop.client.args_json(&record).expect("args");
    assert_eq!((args["a"].as_u64(), args["b"].as_u64()), (Some(2), Some(3)));
    assert_eq!(shop.client.output_json(&record).expect("an output").as_u64(), Some(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocking_job_enqueues_and_waits_with_the_client_of_its_run() {
    let shop = Shop::open().await;
    shop.serve();
    let job = add_blocking::enqueue(2, 3).on(&shop.client).await.expect("stored");
    assert_eq!(job.output().await.expect("an output"), 5);
}

#[tokio::test]
async fn a_failure_comes_back_with_its_reason() {
    let shop = Shop::open().await;
    shop.serve();
    let job = fails::enqueue().on(&shop.client).await.expect("stored");
    let error = job.output().await.expect_err("it fails");
    assert!(
        matches!(&error, Error::NotSucceeded { state: State::Failed, reason, .. } if reason.contains("on fire")),
        "{error}"
    );
    assert_eq!(job.history().await.expect("a history").len(), 1);
}

#[tokio::test]
async fn a_job_of_a_committed_transaction_runs() {
    let shop = Shop::open().await;
    shop.serve();
    let mut connection = shop.connection().await;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.expect("a transaction");
    let job = add::enqueue(2, 3).on(&shop.client).within(&mut tx).await.expect("stored");
    assert!(matches!(job.state().await, Err(Error::NoJob(_))), "nobody sees it before the commit");
    tx.commit().await.expect("committed");
    assert_eq!(job.output().await.expect("an output"), 5);
}

#[tokio::test]
async fn a_job_of_a_transaction_that_is_rolled_back_never_was() {
    let shop = Shop::open().await;
    let mut connection = shop.connection().await;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.expect("a transaction");
    let job = add::enqueue(2, 3).on(&shop.client).within(&mut tx).await.expect("stored");
    shop.client.enqueue_all((0..10).map(|n| add::new(n, n))).within(&mut tx).await.expect("stored");
    tx.rollback().await.expect("rolled back");
    assert!(matches!(job.state().await, Err(Error::NoJob(_))));
    assert_eq!(shop.client.totals().await.expect("totals"), []);
    assert_eq!(shop.client.check().await.expect("a check"), [""; 0]);
}

#[tokio::test]
async fn bulk_stores_each_job_with_its_own_args() {
    let shop = Shop::open().await;
    let sums =
        shop.client.enqueue_all((0..12_000).map(|n| add::new(n, n))).delay("1h").priority(Low).await.expect("stored");
    assert_eq!(sums.len(), 12_000);
    let last = sums[11_999].record().await.expect("stored");
    assert_eq!((last.state, last.priority), (State::Scheduled, -10));
    assert_eq!(shop.client.args_json(&last).expect("args")["a"].as_u64(), Some(11_999));
    let page = shop.client.jobs(JobFilter::new(State::Scheduled).limit(2)).await.expect("a page");
    assert_eq!(page.jobs.len(), 2);
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_repeated_by_its_id() {
    let shop = Shop::open().await;
    let id = JobId::new();
    assert!(add::enqueue(2, 3).id(id).on(&shop.client).await.expect("stored").is_new());
    assert!(!add::enqueue(2, 3).id(id).on(&shop.client).await.expect("known").is_new());
    let totals = shop.client.totals().await.expect("totals");
    assert_eq!(totals.iter().map(|total| total.jobs).sum::<i64>(), 1);
}

#[tokio::test]
async fn a_change_is_guarded_by_the_state_that_was_seen() {
    let shop = Shop::open().await;
    let job = add::enqueue(2, 3).delay("1h").on(&shop.client).await.expect("stored");
    assert!(!job.delete().if_state(State::Enqueued).await.expect("no error"));
    assert!(job.reschedule(Duration::ZERO).if_state(State::Scheduled).await.expect("no error"));
    assert!(job.cancel().reason("she left").await.expect("no error"));
    let record = job.record().await.expect("stored");
    assert_eq!((record.state, record.reason.as_deref()), (State::Deleted, Some("she left")));
    assert!(job.requeue().if_state(State::Deleted).await.expect("no error"));
    shop.serve();
    assert_eq!(job.output().await.expect("an output"), 5);
}

/// The numbers of kinds and queues differ from file to file; what a client has learnt of its own must not reach another's.
#[tokio::test]
async fn a_transaction_on_another_file_stores_the_kind_by_its_name() {
    let (one, other) = (Shop::open().await, Shop::open().await);
    add::enqueue(1, 1).on(&one.client).await.expect("stored");
    fails::enqueue().on(&other.client).await.expect("stored");
    let mut connection = other.connection().await;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.expect("a transaction");
    let job = add::enqueue(2, 3).on(&one.client).within(&mut tx).await.expect("stored").id();
    tx.commit().await.expect("committed");
    let record = other.client.job(job).record().await.expect("it is in the transaction's file");
    assert!(record.kind.ends_with("::add") && record.queue == "sums", "{record:?}");
    assert_eq!(other.client.check().await.expect("a check"), Vec::<String>::new());
}
