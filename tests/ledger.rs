//! The example `ledger` as a user runs it: a server was killed, and each transfer was made once all the same.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::process::Command;

use common::{Database, assert_sound, example_path};
use jobs::{JobFilter, State};

#[tokio::test]
async fn transfers_are_made_once_although_their_server_is_killed() {
    let database = Database::new();
    let output = Command::new(example_path("ledger")).arg(database.path("jobs.db")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let last = "the books are right: 300 transfers, each made once; the accounts add up to 0";
    assert_eq!(text.lines().last(), Some(last));

    let mut connection = database.connection().await;
    let query = sqlx::query_as(
        "SELECT transfer, count(*), sum(amount), sum(amount > 0) FROM entry GROUP BY transfer ORDER BY transfer",
    );
    let transfers: Vec<(i64, i64, i64, i64)> = query.fetch_all(&mut connection).await.unwrap();
    let expected: Vec<_> = (0..300).map(|number| (number, 2, 0, 1)).collect();
    assert_eq!(transfers, expected, "two entries each, which cancel out");
    let query = sqlx::query_scalar("SELECT sum(balance * id) - (SELECT sum(amount * account) FROM entry) FROM account");
    let difference: i64 = query.fetch_one(&mut connection).await.unwrap();
    assert_eq!(difference, 0, "balances are what was entered");

    let client = database.client().await;
    let ended = client.jobs(JobFilter::new(State::Succeeded).limit(1_000)).await.unwrap().jobs;
    assert_eq!(ended.len(), 300);
    assert!(ended.iter().any(|job| job.crashes > 0), "the first server held jobs when it was killed");
    assert_sound(&client).await;
}
