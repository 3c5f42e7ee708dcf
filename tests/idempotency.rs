//! Keys: enqueueing twice what is to be done once.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{Database, assert_sound, until};
use jobs::{Client, ClockOffset, prelude::*};
use sqlx::Connection;

#[job(name = "confirm", retain = "1h")]
async fn confirm(order: u64) -> Result<u64, std::convert::Infallible> {
    Ok(order)
}

#[job(name = "ship")]
async fn ship(_order: u64) {}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_stores_one_job_of_a_kind() {
    let database = Database::new();
    let client = database.client().await;
    let first = confirm::enqueue(42).key("order:42").on(&client).await.unwrap();
    let again = confirm::enqueue(43).key("order:42").delay("1h").on(&client).await.unwrap();
    assert!(first.is_new() && !again.is_new());
    let other = ship::enqueue(42).key("order:42").on(&client).await.unwrap();
    assert!(other.is_new(), "of another kind");
    let server = client.server().start().await.unwrap();
    assert_eq!(again.output().await.unwrap(), 42, "the handle is the first job's");
    let late = confirm::enqueue(42).key("order:42").on(&client).await.unwrap();
    assert!(!late.is_new() && late.state().await.unwrap() == State::Succeeded, "also after its end");
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_race_with_one_key_store_one_job() {
    let database = Database::new();
    let clients = [database.client().await, database.client().await];
    let calls = (0..20).map(|n| {
        let client = clients[n % 2].clone();
        tokio::spawn(async move { confirm::enqueue(1).key("once").on(&client).await.unwrap() })
    });
    let calls: Vec<_> = calls.collect();
    let mut new = 0;
    for call in calls {
        new += u32::from(call.await.unwrap().is_new());
    }
    assert_eq!(new, 1);
    assert_sound(&clients[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_free_again_when_its_job_is_kept_no_longer() {
    let (database, clock) = (Database::new(), ClockOffset::default());
    let client = Client::options().clock_offset(clock.clone()).connect(&database.url).await.unwrap();
    let enqueue = async || confirm::enqueue(42).key("order:42").on(&client).await.unwrap();
    let job = enqueue().await;
    let server = client.server().start().await.unwrap();
    job.output().await.unwrap();
    server.stop().await;
    clock.advance(Duration::from_secs(3_500));
    let server = client.server().start().await.unwrap();
    assert!(!enqueue().await.is_new(), "it is kept for an hour");
    server.stop().await;
    clock.advance(Duration::from_secs(7_200));
    let server = client.server().start().await.unwrap();
    until("retention", || async { job.record().await.is_err().then_some(()) }).await;
    assert!(enqueue().await.is_new());
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_a_transaction_that_is_rolled_back_is_still_free() {
    let database = Database::new();
    let client = database.client().await;
    let mut connection = database.connection().await;
    for (ending, new) in [("roll back", true), ("commit", true), ("commit", false)] {
        let mut tx = connection.begin().await.unwrap();
        let job = ship::enqueue(42).key("order:42").on(&client).within(&mut tx).await.unwrap();
        assert_eq!(job.is_new(), new, "{ending}");
        if ending == "commit" {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
    }
    assert_sound(&client).await;
}
