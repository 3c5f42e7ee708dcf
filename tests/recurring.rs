//! Recurring jobs on a running server: the last day of the month in three zones, two servers, and a stop of three days.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it measured")]

mod common;

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use common::{Database, assert_sound, until};
use jobs::{Client, ClockOffset, JobFilter, Misfire, RunningServer, State, Timestamp, jiff, prelude::*};

#[job(name = "tick", retain = "1000d")]
async fn tick(label: String) -> Result<String, Infallible> {
    Ok(label)
}

async fn open(database: &Database, clock: &ClockOffset) -> Client {
    Client::options().clock_offset(clock.clone()).connect(&database.url).await.unwrap()
}

async fn serve(client: &Client) -> RunningServer {
    client
        .server()
        .beat(Duration::from_millis(200))
        .lease(Duration::from_secs(2))
        .poll(Duration::from_millis(100))
        .start()
        .await
        .unwrap()
}

/// The occurrences that have fired and ended, oldest first.
async fn fired(client: &Client, label: &str) -> Vec<Timestamp> {
    let jobs = common::all_jobs(client, JobFilter::new(State::Succeeded)).await.unwrap();
    let own = jobs.into_iter().filter_map(|job| job.recurring).filter(|(id, _)| id == label);
    let mut times: Vec<_> = own.map(|(_, at)| at).collect();
    times.sort();
    times
}

fn at(civil: &str, zone: &str) -> Timestamp {
    format!("{civil}[{zone}]").parse::<jiff::Zoned>().unwrap().timestamp()
}

/// Lets the clock pass each midnight in turn, with a server running, and looks at what fired.
async fn fires_on_the_last_days(zone: &str) {
    const DAYS: [&str; 5] = ["2026-12-31", "2027-02-28", "2027-04-30", "2027-12-31", "2028-02-29"];
    let (database, clock) = (Database::new(), ClockOffset::default());
    let client = open(&database, &clock).await;
    let mut expected = Vec::new();
    for day in DAYS {
        let midnight = at(&format!("{day}T00:00"), zone);
        clock.set(midnight - jiff::Span::new().hours(30));
        // Each day gets a definition made the day before, so that months between are none of its business.
        client.recurring("month-end").remove().await.unwrap();
        client.recurring("month-end").cron("0 0 L * *").tz(zone).upsert(tick::new("x")).await.unwrap();
        let next = client.recurring("month-end").get().await.unwrap().next_at;
        assert_eq!(next, Some(midnight), "{day} in {zone}");
        let server = serve(&client).await;
        clock.set(midnight - jiff::Span::new().seconds(3));
        expected.push(midnight);
        until(&format!("the occurrence of {day} in {zone}"), || async {
            (fired(&client, "month-end").await == expected).then_some(())
        })
        .await;
        server.stop().await;
    }
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_of_the_month_in_istanbul() {
    fires_on_the_last_days("Europe/Istanbul").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_of_the_month_in_new_york() {
    fires_on_the_last_days("America/New_York").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_of_the_month_in_utc() {
    fires_on_the_last_days("UTC").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_file_fire_each_occurrence_once() {
    let (database, clock) = (Database::new(), ClockOffset::default());
    let (one, two) = (open(&database, &clock).await, open(&database, &clock).await);
    for number in 0..5 {
        let id = format!("second-{number}");
        one.recurring(&*id).cron("* * * * * *").upsert(tick::new(id.clone())).await.unwrap();
    }
    let servers = [serve(&one).await, serve(&two).await];
    for number in 0..5 {
        let id = format!("second-{number}");
        let times = until("five occurrences", || async {
            let times = fired(&one, &id).await;
            (times.len() >= 5).then_some(times)
        })
        .await;
        assert_eq!(
            times.len(),
            times.iter().collect::<BTreeSet<_>>().len(),
            "an occurrence of {id} fired twice: {times:?}"
        );
    }
    for server in servers {
        server.stop().await;
    }
    assert_sound(&one).await;
}

/// A definition that is due daily at eight, a stop over three of them, and what fires afterwards.
async fn after_three_days(misfire: Misfire) -> Vec<Timestamp> {
    let (database, clock) = (Database::new(), ClockOffset::default());
    let client = open(&database, &clock).await;
    clock.set(at("2027-03-01T07:00", "UTC"));
    client.recurring("daily").cron("0 8 * * *").misfire(misfire).upsert(tick::new("x")).await.unwrap();
    let server = serve(&client).await;
    clock.set(at("2027-03-01T07:59:59", "UTC"));
    until("the first occurrence", || async { (fired(&client, "daily").await.len() == 1).then_some(()) }).await;
    server.stop().await;

    clock.set(at("2027-03-04T12:00", "UTC"));
    let server = serve(&client).await;
    let passed = at("2027-03-05T08:00", "UTC");
    until("the definition to move on", || async {
        let record = client.recurring("daily").get().await.unwrap();
        (record.next_at == Some(passed)).then_some(())
    })
    .await;
    // The next occurrence ends the observation: whatever the stop left to fire is enqueued before it.
    clock.set(at("2027-03-05T07:59:59", "UTC"));
    let times = until("the occurrence after the stop", || async {
        let times = fired(&client, "daily").await;
        times.contains(&passed).then_some(times)
    })
    .await;
    server.stop().await;
    assert_sound(&client).await;
    times
}

fn mornings(days: &[u8]) -> Vec<Timestamp> {
    days.iter().map(|day| at(&format!("2027-03-{day:02}T08:00"), "UTC")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_of_three_days_once_fires_the_last_missed_one() {
    assert_eq!(after_three_days(Misfire::Once).await, mornings(&[1, 4, 5]));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_of_three_days_skip_fires_none() {
    assert_eq!(after_three_days(Misfire::Skip).await, mornings(&[1, 5]));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_of_three_days_all_fires_each_up_to_its_cap() {
    assert_eq!(after_three_days(Misfire::All { cap: 10 }).await, mornings(&[1, 2, 3, 4, 5]));
    assert_eq!(after_three_days(Misfire::All { cap: 2 }).await, mornings(&[1, 3, 4, 5]));
}
