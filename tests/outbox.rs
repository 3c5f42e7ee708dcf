//! The example `outbox` as a user runs it: what was committed is there, what was rolled back is not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::process::Command;

use common::{Database, assert_sound, example_path};
use jobs::State;
use sqlx::{Connection, SqliteConnection};

#[tokio::test]
async fn an_order_and_its_job_share_one_fate() {
    let database = Database::new();
    let output = Command::new(example_path("outbox")).arg(database.path("jobs.db")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "committed: the order is stored, and its job has confirmed it",
            "rolled back: there is neither an order nor a job"
        ]
    );

    let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
    let query = sqlx::query_as("SELECT goods, is_confirmed FROM orders");
    let orders: Vec<(String, bool)> = query.fetch_all(&mut connection).await.unwrap();
    assert_eq!(orders, [("a kettle".to_owned(), true)]);
    let client = database.client().await;
    let totals: Vec<_> =
        client.totals().await.unwrap().into_iter().map(|total| (total.kind, total.state, total.jobs)).collect();
    assert_eq!(totals, [("outbox::confirm_order".to_owned(), State::Succeeded, 1)]);
    assert_sound(&client).await;
}
