//! Servers whose clocks are an hour off: leases and due times are the database's, and nobody notices.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use jobs::{Client, Measure, State};
use jobs_test_servers::Product;

use crate::{
    Ground,
    common::{Process, assert_sound, count, example_path, until, until_count},
    fleet::{counted, pause},
    handlers,
};

/// What shifts the clock of a process: Debian's package `libfaketime`.
const SHIFTERS: [&str; 2] =
    ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"];

#[tokio::test(flavor = "multi_thread")]
async fn postgres_does_not_care_for_the_servers_clocks() {
    does_not_care_for_the_servers_clocks(Product::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_does_not_care_for_the_servers_clocks() {
    does_not_care_for_the_servers_clocks(Product::MariaDb).await;
}

fn worker(shifter: &str, shift: &str, url: &str, ledger: &Path) -> Process {
    let child = Command::new(example_path("test-worker"))
        .args([url, ledger.to_str().unwrap(), "short"])
        .env("LD_PRELOAD", shifter)
        .env("FAKETIME", shift)
        // Only what the calendar says: durations are real.
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .stdin(Stdio::null())
        .spawn();
    Process::of(child.unwrap())
}

async fn does_not_care_for_the_servers_clocks(product: Product) {
    const LATER: Duration = Duration::from_secs(4);
    let Some(shifter) = SHIFTERS.into_iter().find(|path| Path::new(path).exists()) else {
        println!("LEFT OUT: cluster clocks: libfaketime is not installed; `cargo xtask test` installs it");
        return;
    };
    let Some(ground) = Ground::new(product, "cluster clocks").await else { return };
    let client = Client::connect(&ground.url).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let _ahead = worker(shifter, "+3600s", &ground.url, &ledger);
    let _behind = worker(shifter, "-3600s", &ground.url, &ledger);
    until("both servers", || async {
        let servers = client.servers().await.unwrap();
        (servers.iter().filter(|server| server.alive).count() == 2).then_some(())
    })
    .await;
    for server in client.servers().await.unwrap() {
        let off = server.beat_at.duration_since(jobs::Timestamp::now()).as_secs().abs();
        assert!(off < 60, "the beat of {} is {off} s off: it came from the server's clock", server.info.name);
    }

    let later = handlers::haul::enqueue(0, 1).delay(LATER).on(&client).await.unwrap();
    client.enqueue_all((1..=200).map(|job| handlers::haul::new(job, 20)).collect::<Vec<_>>()).await.unwrap();
    until_count(&client, State::Succeeded, 200).await;
    // Longer than a lease, so that a server whose lease were judged by a clock of its own would have been given up.
    pause(2_000).await;
    until_count(&client, State::Succeeded, 201).await;

    let record = client.job(later.id()).record().await.unwrap();
    let waited = record.started_at.unwrap().duration_since(record.created_at);
    assert!(waited >= LATER.try_into().unwrap(), "the delayed job started {waited} after it was stored");
    assert_eq!(counted(&client, Measure::Rescued).await, 0, "no lease was taken to have ended");
    assert_eq!(client.servers().await.unwrap().iter().filter(|server| server.alive).count(), 2);
    assert_eq!(count(&client, State::Failed).await, 0);
    assert_sound(&client).await;
}
