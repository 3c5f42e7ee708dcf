//! Real processes killed with SIGKILL: no job is lost, none is accounted twice, a poison job fails alone.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it measured")]

mod common;
#[path = "worker/jobs.rs"]
mod handlers;

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use common::{Database, Process, assert_sound, count, until, until_count};
use jobs::{Client, EventKind, JobFilter, JobRecord, State};

const JOBS: u32 = 200;

fn now_micros() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

fn worker(database: &Database, lease: &str) -> Process {
    Process::example("test-worker", &[&database.url, database.path("ledger").to_str().unwrap(), lease])
}

async fn all(client: &Client, state: State) -> Vec<JobRecord> {
    common::all_jobs(client, JobFilter::new(state)).await.unwrap()
}

/// Runs a round: jobs, a server, SIGKILL at a random moment, another server. Returns how long after the kill the last of the
/// dead server's jobs was put back, and how many there were.
async fn round(seed: u64, lease: &str) -> (Duration, usize) {
    let database = Database::new();
    let client = database.client().await;
    client.enqueue_all((0..JOBS).map(handlers::tally::new)).await.unwrap();
    let mut random = fastrand::Rng::with_seed(seed);

    let mut first = worker(&database, lease);
    until("the first server to run jobs", || async { (count(&client, State::Processing).await > 0).then_some(()) })
        .await;
    std::thread::sleep(Duration::from_millis(random.u64(0..250)));
    first.kill();
    let killed_at = now_micros();
    let _second = worker(&database, lease);
    until_count(&client, State::Succeeded, i64::from(JOBS)).await;

    let jobs = all(&client, State::Succeeded).await;
    assert_eq!(jobs.len(), JOBS as usize, "seed {seed}: every committed job has ended well, and there are no others");
    let mut last = 0;
    let mut rescued = 0;
    for job in &jobs {
        let rescues: Vec<_> = client.job(job.id).history().await.unwrap();
        let rescues: Vec<_> = rescues.into_iter().filter(|event| event.what == EventKind::Rescued).collect();
        assert!(rescues.len() <= 1, "seed {seed}: {} was rescued once at the most", job.id);
        assert_eq!(usize::from(job.attempt), 1 + rescues.len(), "seed {seed}: each attempt of {} is accounted", job.id);
        assert_eq!(job.crashes as usize, rescues.len());
        for event in rescues {
            rescued += 1;
            last = last.max(event.at.as_microsecond() - killed_at);
        }
    }
    assert_ledger(&database, &jobs, seed);
    assert_sound(&client).await;
    (Duration::from_micros(u64::try_from(last).unwrap_or(0)), rescued)
}

/// What the handlers really did: each job was begun as often as it was accounted, except in the process that was killed.
fn assert_ledger(database: &Database, jobs: &[JobRecord], seed: u64) {
    let ledger = std::fs::read_to_string(database.path("ledger")).unwrap();
    let mut ends: HashMap<u32, u32> = HashMap::new();
    for line in ledger.lines() {
        let mut words = line.split(' ');
        if let (Some("end"), Some(number)) = (words.next(), words.next()) {
            *ends.entry(number.parse().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(ends.len(), jobs.len(), "seed {seed}: every job's handler has come to its end");
    let attempts: u32 = jobs.iter().map(|job| u32::from(job.attempt)).sum();
    assert!(ends.values().sum::<u32>() <= attempts, "seed {seed}: no handler ran without being accounted");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_servers_are_killed_and_no_job_is_lost_or_accounted_twice() {
    let seed = fastrand::u64(..);
    let mut longest = Duration::ZERO;
    let mut rescued = 0;
    for group in 0..5 {
        let rounds =
            (0..4).map(|round_of_group| tokio::spawn(round(seed.wrapping_add(group * 4 + round_of_group), "short")));
        for done in rounds.collect::<Vec<_>>() {
            let (time, jobs) = done.await.unwrap();
            longest = longest.max(time);
            rescued += jobs;
        }
    }
    println!("20 kills (seed {seed}): {rescued} jobs rescued, the last after {longest:?} with a lease of 1.5 s");
    assert!(rescued > 0, "not one kill met a running job: the test shows nothing");
    assert!(longest < Duration::from_secs(30));
}

/// A server that stores its own jobs claims them with the same commit; it is killed while it does.
async fn storing_round(seed: u64) -> (usize, usize) {
    let database = Database::new();
    let client = database.client().await;
    let ledger = || std::fs::read_to_string(database.path("ledger")).unwrap_or_default();
    let stored = || -> HashSet<u32> {
        ledger().lines().filter_map(|line| line.strip_prefix("stored ")?.split(' ').next()?.parse().ok()).collect()
    };
    let mut random = fastrand::Rng::with_seed(seed);
    let (url, path, jobs) = (&database.url, database.path("ledger"), (JOBS * 50).to_string());
    let mut first = Process::example("test-worker", &[url, path.to_str().unwrap(), "short", &jobs]);
    until("the server to store jobs", || async { (stored().len() >= 100).then_some(()) }).await;
    std::thread::sleep(Duration::from_millis(random.u64(0..150)));
    first.kill();
    let _second = worker(&database, "short");
    until("the end of all jobs", || async {
        // In one look: a rescue moves jobs from one state to the other.
        let totals = client.totals().await.unwrap();
        totals.iter().all(|total| total.state == State::Succeeded || total.jobs == 0).then_some(())
    })
    .await;

    let jobs = all(&client, State::Succeeded).await;
    let numbers: HashSet<u32> =
        jobs.iter().map(|job| client.args_json(job).unwrap()["number"].as_u64().unwrap() as u32).collect();
    assert_eq!(jobs.len(), numbers.len(), "seed {seed}: each was stored once");
    let lost: Vec<_> = stored().difference(&numbers).copied().collect();
    assert!(lost.is_empty(), "seed {seed}: {lost:?} were told to be stored, and have not run");
    assert!(jobs.len() <= stored().len() + 8, "seed {seed}: of each caller at most one had no answer");
    let mut rescued = 0;
    for job in &jobs {
        let rescues = client.job(job.id).history().await.unwrap();
        let rescues = rescues.iter().filter(|event| event.what == EventKind::Rescued).count();
        assert_eq!(usize::from(job.attempt), 1 + rescues, "seed {seed}: each attempt of {} is accounted", job.id);
        rescued += rescues;
    }
    assert_ledger(&database, &jobs, seed);
    assert_sound(&client).await;
    (jobs.iter().filter(|job| job.started_at == Some(job.created_at)).count(), rescued)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stores_its_own_jobs_is_killed_and_none_is_lost() {
    let seed = fastrand::u64(..);
    let (mut at_once, mut rescued) = (0, 0);
    let rounds = (0..6).map(|round| tokio::spawn(storing_round(seed.wrapping_add(round))));
    for done in rounds.collect::<Vec<_>>() {
        let (claimed, put_back) = done.await.unwrap();
        (at_once, rescued) = (at_once + claimed, rescued + put_back);
    }
    println!("6 kills (seed {seed}): {at_once} jobs were claimed as they were stored, {rescued} were rescued");
    assert!(
        at_once > 0 && rescued > 0,
        "{at_once} claimed as they were stored, {rescued} rescued: the test shows nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_default_settings_a_killed_servers_jobs_run_again_within_thirty_seconds() {
    let (time, jobs) = round(fastrand::u64(..), "default").await;
    println!("default settings: {jobs} jobs rescued, the last {time:?} after the kill");
    assert!(jobs > 0, "the kill met no running job: the test shows nothing");
    assert!(time < Duration::from_secs(30), "{time:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_process_fails_alone() {
    const NEIGHBOURS: u32 = 9;
    let database = Database::new();
    let client = database.client().await;
    client.enqueue_all((0..NEIGHBOURS).map(handlers::neighbour::new)).await.unwrap();
    let poison = handlers::poison::enqueue().priority(jobs::Priority::from(1)).on(&client).await.unwrap();

    let mut server = worker(&database, "short");
    let mut deaths = 0;
    until("the poison job to fail", || {
        if server.has_ended() {
            deaths += 1;
            server = worker(&database, "short");
        }
        let (client, poison) = (client.clone(), poison.id());
        async move { (client.job(poison).state().await.unwrap() == State::Failed).then_some(()) }
    })
    .await;
    until_count(&client, State::Succeeded, i64::from(NEIGHBOURS)).await;

    let record = client.job(poison.id()).record().await.unwrap();
    assert_eq!((record.crashes, deaths), (3, 3));
    assert!(record.reason.as_deref().is_some_and(|reason| reason.starts_with("crashed")), "{:?}", record.reason);
    for job in all(&client, State::Succeeded).await {
        assert!(job.crashes <= 1, "a neighbour was blamed {} times", job.crashes);
    }
    assert_eq!(count(&client, State::Failed).await, 1);
    assert_sound(&client).await;
}
