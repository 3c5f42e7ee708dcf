//! What a builder stores, what it refuses, and what happens around a transaction of the caller's.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::Connection;

use super::fake::{Fake, Greet, NOW, Shape, Untagged, greet};
use crate::{
    Enqueue, Error, High, JobId, State, codec, layout,
    storage::{Settings, Storage},
};

#[tokio::test]
async fn the_kinds_options_hold_where_the_builder_says_nothing() {
    let (fake, client) = Fake::open();
    let job = Enqueue::new(greet("Ada")).on(&client).await.expect("stored");
    let stored = fake.job(job.id());
    assert_eq!((stored.kind.as_str(), stored.queue.as_str()), ("tests::greet", "greetings"));
    assert_eq!((stored.priority, stored.max_attempts, stored.state), (0, 4, State::Enqueued));
    let (header, body) = codec::open(&stored.payload, "args").expect("a payload");
    assert_eq!((header.version, header.fingerprint), (3, layout::of::<Greet>().fingerprint));
    assert_eq!(codec::read::<Greet>(header, body, "args").expect("args"), greet("Ada"));
}

#[tokio::test]
async fn every_option_is_stored() {
    let (fake, client) = Fake::open();
    let id = JobId::new();
    let builder = Enqueue::new(greet("Ada")).on(&client).id(id).queue("low").priority(High).attempts(2);
    let builder = builder.delay("10m").timeout("30s").expires("1h").retain(Duration::from_secs(5));
    builder.meta("tenant", "42").meta("tenant", "43").tag("vip").tag("vip").await.expect("stored");
    let stored = fake.job(id);
    assert_eq!((stored.queue.as_str(), stored.priority, stored.max_attempts), ("low", 10, 2));
    assert_eq!((stored.state, stored.due_at), (State::Scheduled, NOW + Duration::from_secs(600)));
    assert_eq!(stored.timeout, Some(Duration::from_secs(30)));
    assert_eq!(stored.expires_at, Some(stored.due_at + Duration::from_secs(3600)));
    assert_eq!(stored.retain, Some(Duration::from_secs(5)));
    assert_eq!((stored.meta.get("tenant").map(String::as_str), stored.tags), (Some("43"), vec!["vip".to_owned()]));
}

#[tokio::test]
async fn the_last_of_delay_and_at_counts() {
    let (fake, client) = Fake::open();
    let at = Timestamp::UNIX_EPOCH;
    let job = Enqueue::new(greet("Ada")).on(&client).delay("1h").at(at).await.expect("stored");
    assert_eq!(fake.job(job.id()).due_at, at);
}

#[tokio::test]
async fn every_bad_option_is_named_and_nothing_is_stored() {
    let (fake, client) = Fake::open();
    let bad = Enqueue::new(greet("Ada")).on(&client).delay("soon").queue("").attempts(0).timeout("0s").tag("a\nb");
    let Err(Error::Config(text)) = bad.at("2026-12-01T08:00").expires(Duration::MAX).meta("", "x").await else {
        panic!("a configuration error was due");
    };
    for option in ["delay", "queue", "attempts", "timeout", "tag", "at", "expires", "meta"] {
        assert!(text.contains(&format!("`{option}`: ")), "{option} in {text}");
    }
    assert!(text.contains("tests::greet"), "{text}");
    assert!(fake.world().inserts.is_empty());
}

#[tokio::test]
async fn a_payload_over_the_limit_is_refused_by_kind() {
    let settings = Settings { payload_limit: 100, ..Settings::default() };
    let (fake, client) = Fake::open_with(settings);
    let long = Enqueue::new(greet(&"x".repeat(100))).on(&client).await.expect_err("too long");
    assert!(matches!(&long, Error::TooLarge { what, limit: 100, .. } if what.contains("tests::greet")), "{long}");
    let wordy = Enqueue::new(greet("Ada")).on(&client).meta("note", "x".repeat(20_000)).await.expect_err("too long");
    assert!(matches!(&wordy, Error::TooLarge { what, .. } if what.contains("meta")), "{wordy}");
    assert!(fake.world().jobs.is_empty());
}

#[tokio::test]
async fn args_that_could_not_be_read_back_are_not_stored() {
    let (_, client) = Fake::open();
    let refused = Enqueue::new(Untagged(Shape::Circle { radius: 1 })).on(&client).await.expect_err("unreadable");
    assert!(refused.to_string().contains("codec = \"json\""), "{refused}");
}

#[tokio::test]
async fn a_repeated_id_stores_once() {
    let (fake, client) = Fake::open();
    let id = JobId::new();
    assert!(Enqueue::new(greet("Ada")).on(&client).id(id).await.expect("stored").is_new());
    assert!(!Enqueue::new(greet("Eve")).on(&client).id(id).await.expect("known").is_new());
    assert_eq!(fake.world().jobs.len(), 1);
}

#[tokio::test]
async fn bulk_goes_in_chunks_and_its_options_hold_for_each() {
    let (fake, client) = Fake::open();
    let jobs = client.enqueue_all((0..12_000).map(|n| greet(&n.to_string()))).queue("low").await.expect("stored");
    assert_eq!(fake.world().inserts, [5_000, 5_000, 2_000]);
    assert_eq!(jobs.len(), 12_000);
    assert!(fake.world().jobs.values().all(|job| job.queue == "low"));
    let names = ["borrowed".to_owned()];
    let none = client.enqueue_all(names.iter().map(|name| greet(name))).attempts(0).await;
    assert!(matches!(none, Err(Error::Config(_))), "{none:?}");
    assert_eq!(fake.world().jobs.len(), 12_000);
    assert!(client.enqueue_all(Vec::<Greet>::new()).await.expect("nothing to do").is_empty());
}

#[tokio::test]
async fn the_commit_of_the_callers_transaction_wakes_the_servers() {
    let (fake, client) = Fake::open();
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
    let mut tx = connection.begin().await.expect("a transaction");
    tokio::time::pause();
    let mut work = fake.hub().on_work();
    let job = Enqueue::new(greet("Ada")).on(&client).within(&mut tx).await.expect("stored");
    client.enqueue_all([greet("Grace")]).within(&mut tx).await.expect("stored");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!work.has_changed().expect("a hub"), "woken before the commit");
    assert!(matches!(job.state().await, Err(Error::NoJob(_))));
    fake.commit();
    tokio::time::timeout(Duration::from_secs(2), work.changed()).await.expect("woken").expect("a hub");
}

#[tokio::test]
async fn a_transaction_that_never_commits_is_watched_for_half_a_minute() {
    let (fake, client) = Fake::open();
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
    let mut tx = connection.begin().await.expect("a transaction");
    tokio::time::pause();
    Enqueue::new(greet("Ada")).on(&client).within(&mut tx).await.expect("stored");
    tokio::time::sleep(Duration::from_secs(60)).await;
    let reads = fake.world().reads;
    assert!((20..60).contains(&reads), "{reads}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(fake.world().reads, reads);
}
