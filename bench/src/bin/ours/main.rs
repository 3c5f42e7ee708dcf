//! This project as a system to be measured; see [`jobs_bench_kit`].

mod grow;

use std::{env, sync::OnceLock, time::Duration};

use anyhow::{Result, ensure};
use jobs::prelude::*;
use jobs_bench_kit::{Latencies, Measure, Phase, Seen, Task, text};
use serde_json::Map;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

/// How many jobs run at once where the task leaves it to us.
const WORKERS: usize = 64;
/// Jobs that run before latency is measured, so that connections and statements are there.
const WARM: u64 = 50;

static SEEN: OnceLock<Seen> = OnceLock::new();
static WAITS: OnceLock<Latencies> = OnceLock::new();

fn ran(number: u64, text: &str) -> u8 {
    if let Some(waits) = WAITS.get() {
        waits.started(number);
    }
    SEEN.get().map_or(0, |seen| seen.ran(number, text))
}

/// Does nothing.
#[job]
async fn noop(number: u64, text: String) {
    ran(number, &text);
}

/// Fails the first time.
#[job(attempts = 2, backoff = no_pause)]
async fn flaky(number: u64, text: String) -> Result<(), std::io::Error> {
    if ran(number, &text) == 0 { Err(std::io::Error::other("the first attempt fails")) } else { Ok(()) }
}

fn no_pause(_: u32) -> Duration {
    Duration::ZERO
}

/// Runs after the batch.
#[job]
async fn after_all() {}

#[tokio::main]
async fn main() -> Result<()> {
    if env::args().nth(1).is_some_and(|word| word == grow::NAME) {
        return grow::run().await;
    }
    let task = Task::parse();
    ensure!(task.system == "jobs", "this program is the system `jobs`, not `{}`", task.system);
    let client = Client::connect(&task.url).await?;
    let seen = SEEN.get_or_init(|| Seen::new(task.jobs, if task.measure == Measure::Retried { 2 } else { 1 }));
    match task.measure {
        Measure::Enqueue => {
            let phase = Phase::begin("enqueue")?;
            enqueue(&client, &task).await?;
            phase.end(task.jobs, Map::new())
        }
        Measure::Bulk => {
            let phase = Phase::begin("bulk")?;
            client.enqueue_all((0..task.jobs).map(|number| noop::new(number, text()))).await?;
            phase.end(task.jobs, Map::new())
        }
        Measure::Drain => {
            client.enqueue_all((0..task.jobs).map(|number| noop::new(number, text()))).await?;
            drain(&client, &task, "drain", seen).await
        }
        Measure::DrainNohistory => {
            client.enqueue_all((0..task.jobs).map(|number| noop::new(number, text()))).retain(Duration::ZERO).await?;
            drain(&client, &task, "drain_nohistory", seen).await
        }
        Measure::Delayed => {
            let due = jiff::Timestamp::now() + Duration::from_secs(2);
            client.enqueue_all((0..task.jobs).map(|number| noop::new(number, text()))).at(due).await?;
            sleep(Duration::try_from(due - jiff::Timestamp::now()).unwrap_or_default()).await;
            drain(&client, &task, "delayed", seen).await
        }
        Measure::Retried => {
            client.enqueue_all((0..task.jobs).map(|number| flaky::new(number, text()))).await?;
            drain(&client, &task, "retried", seen).await
        }
        Measure::Batch => {
            let members = (0..task.jobs).map(|number| noop::new(number, text()));
            Batch::new("bench").jobs(members).then(after_all::new()).on(&client).enqueue().await?;
            drain(&client, &task, "batch", seen).await
        }
        Measure::Latency => latency(&client, &task, "latency", seen, Duration::from_millis(task.gap)).await,
        Measure::Loaded => latency(&client, &task, "loaded", seen, Duration::from_secs_f64(1.0 / task.rate)).await,
        Measure::Mixed => {
            let server = client.server().workers(task.workers_or(WORKERS)).start().await?;
            let phase = Phase::begin("mixed")?;
            enqueue(&client, &task).await?;
            seen.all().await?;
            server.stop().await;
            phase.end(task.jobs, Map::new())?;
            seen.check()
        }
    }
}

/// Single calls from several tasks.
async fn enqueue(client: &Client, task: &Task) -> Result<()> {
    let mut tasks = JoinSet::new();
    for first in 0..task.tasks {
        let (client, jobs, step) = (client.clone(), task.jobs, task.tasks);
        tasks.spawn(async move {
            let mut number = first;
            while number < jobs {
                noop::enqueue(number, text()).on(&client).await?;
                number += step;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

async fn drain(client: &Client, task: &Task, name: &'static str, seen: &Seen) -> Result<()> {
    let phase = Phase::begin(name)?;
    let server = client.server().workers(task.workers_or(WORKERS)).start().await?;
    seen.all().await?;
    // Ends when all ends are stored.
    server.stop().await;
    phase.end(task.jobs, Map::new())?;
    seen.check()
}

async fn latency(client: &Client, task: &Task, name: &'static str, seen: &Seen, gap: Duration) -> Result<()> {
    let waits = WAITS.get_or_init(|| Latencies::new(task.jobs));
    let server = client.server().workers(task.workers_or(8)).start().await?;
    for _ in 0..WARM {
        after_all::enqueue().on(client).await?;
        sleep(Duration::from_millis(2)).await;
    }
    let phase = Phase::begin(name)?;
    let begin = Instant::now();
    let mut calls = JoinSet::new();
    for number in 0..task.jobs {
        sleep_until(begin + gap.mul_f64(number as f64)).await;
        let client = client.clone();
        calls.spawn(async move {
            waits.begins(number);
            let call = noop::enqueue(number, text()).on(&client).await;
            waits.returned(number);
            call.map(drop)
        });
    }
    while let Some(done) = calls.join_next().await {
        done??;
    }
    seen.all().await?;
    phase.end(task.jobs, waits.report())?;
    server.stop().await;
    seen.check()
}
