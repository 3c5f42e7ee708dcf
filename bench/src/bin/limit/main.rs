//! What the database itself can do on our tables: our hot path's statements at their best, driven straight through the driver.
//!
//! Nothing of the framework takes part: no lease, no retry, no handler's context, no look at pauses. What is kept is what the tables ask
//! for: the fence, the chunk, the notes of the statistics, durable commits, the payload sent and read back.

mod floor;
mod mysql;
mod postgres;
mod sqlite;

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use jobs_bench_kit::{Latencies, Measure, Phase, Task, unsupported};
use serde_json::Map;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use self::{
    floor::{Done, Floor, Storer, Wake},
    mysql::Mysql,
    postgres::Postgres,
    sqlite::Sqlite,
};

/// Jobs that run before latency is measured, so that connections and statements are there.
const WARM: u64 = 50;

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::parse();
    ensure!(task.system == "limit", "this program is the system `limit`, not `{}`", task.system);
    if task.workers > 0 {
        unsupported("the bare statements have no workers");
    }
    match task.url.split(':').next() {
        Some("postgres") => measure::<Postgres>(task).await,
        Some("mysql") => measure::<Mysql>(task).await,
        _ => measure::<Sqlite>(task).await,
    }
}

async fn measure<F: Floor>(task: Task) -> Result<()> {
    let jobs = task.jobs;
    F::prepare(&task.url).await?;
    match task.measure {
        Measure::Enqueue => {
            let storer = Storer::start::<F>(&task.url, false).await?;
            let phase = Phase::begin("enqueue")?;
            enqueue(&storer, &task).await?;
            phase.end(jobs, Map::new())
        }
        Measure::Bulk => {
            let storing = Bulk::<F>::open(&task).await?;
            let phase = Phase::begin("bulk")?;
            storing.run().await?;
            phase.end(jobs, Map::new())
        }
        Measure::Drain => drain::<F>(&task, "drain", true).await,
        Measure::DrainNohistory => drain::<F>(&task, "drain_nohistory", false).await,
        Measure::Latency => latency::<F>(&task).await,
        Measure::Mixed | Measure::Loaded => unsupported("the limit is of each part of a job's way by itself"),
        Measure::Delayed | Measure::Retried | Measure::Batch => unsupported("the limit is of the plain way of a job"),
    }
}

/// Single calls from several tasks.
async fn enqueue(storer: &Storer, task: &Task) -> Result<()> {
    let mut tasks = JoinSet::new();
    for first in 0..task.tasks {
        let (storer, jobs, step) = (storer.clone(), task.jobs, task.tasks);
        tasks.spawn(async move {
            let mut number = first;
            while number < jobs {
                storer.store(number).await?;
                number += step;
            }
            anyhow::Ok(())
        });
    }
    floor::join(tasks).await
}

/// Many jobs, by all connections at once.
struct Bulk<F> {
    connections: Vec<F>,
    jobs: u64,
}

impl<F: Floor> Bulk<F> {
    async fn open(task: &Task) -> Result<Self> {
        let mut connections = Vec::new();
        for _ in 0..F::BULK {
            connections.push(F::open(&task.url, false).await?);
        }
        Ok(Self { connections, jobs: task.jobs })
    }

    async fn run(self) -> Result<()> {
        let mut tasks = JoinSet::new();
        let n = self.connections.len() as u64;
        for (place, mut connection) in (0..n).zip(self.connections) {
            let numbers: Vec<u64> = (self.jobs * place / n..self.jobs * (place + 1) / n).collect();
            tasks.spawn(async move {
                for part in numbers.chunks(F::MANY) {
                    connection.store_many(part).await?;
                }
                anyhow::Ok(())
            });
        }
        floor::join(tasks).await
    }
}

async fn drain<F: Floor>(task: &Task, name: &'static str, keep: bool) -> Result<()> {
    Bulk::<F>::open(task).await?.run().await?;
    let done = Arc::new(Done::new(task.jobs));
    let phase = Phase::begin(name)?;
    let running = floor::drainers::<F>(&task.url, &done, keep, None).await?;
    floor::join(running).await?;
    phase.end(task.jobs, Map::new())?;
    done.seen.check()
}

async fn latency<F: Floor>(task: &Task) -> Result<()> {
    let gap = Duration::from_millis(task.gap);
    let (jobs, all) = (task.jobs, task.jobs + WARM);
    let waits = Arc::new(Latencies::new(jobs));
    let done = Arc::new(Done::new(all).with_waits(Arc::clone(&waits)));
    let storer = Storer::start::<F>(&task.url, true).await?;
    let wake = if F::NOTIFIES { Wake::listening(&task.url).await? } else { storer.wake.clone() };
    let running = floor::drainers::<F>(&task.url, &done, true, Some(&wake)).await?;
    for number in jobs..all {
        storer.store(number).await?;
        sleep(Duration::from_millis(2)).await;
    }
    let phase = Phase::begin("latency")?;
    let begin = Instant::now();
    let mut calls = JoinSet::new();
    for number in 0..jobs {
        sleep_until(begin + gap.mul_f64(number as f64)).await;
        let (storer, waits) = (storer.clone(), Arc::clone(&waits));
        calls.spawn(async move {
            waits.begins(number);
            let call = storer.store(number).await;
            waits.returned(number);
            call
        });
    }
    floor::join(calls).await?;
    floor::join(running).await?;
    phase.end(jobs, waits.report())?;
    done.seen.check()
}
