//! Apalis on its PostgreSQL backend.

use std::{ops::Range, time::Duration};

use anyhow::Result;
use apalis::prelude::*;
use apalis_postgres::{Config, PgPool, PostgresStorage, queries::push_tasks};
use jobs_bench_rivals_driver::{Kind, Measure, Rival, Task as Measured, Worker as Running, chunks, ran, text};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use tokio::{sync::watch, task::JoinSet};

pub const QUEUE: &str = "bench";

#[derive(Clone, Serialize, Deserialize)]
pub struct Noop {
    number: u64,
    text: String,
    flaky: bool,
}

impl Noop {
    /// One that succeeds.
    pub fn new(number: u64, text: String) -> Self {
        Self { number, text, flaky: false }
    }
}

/// The jobs with these numbers, as they are stored.
pub fn tasks(numbers: Range<u64>, kind: Kind) -> Result<Vec<Task<Vec<u8>>>> {
    let flaky = matches!(kind, Kind::Flaky);
    let task = |number| {
        let task = TaskBuilder::new(serde_json::to_vec(&Noop { number, text: text(), flaky })?);
        let task = if let Kind::At(due) = kind { task.run_at_time(due) } else { task };
        Ok(task.build())
    };
    numbers.map(task).collect()
}

/// The handler.
pub async fn noop(job: Noop) -> Result<(), BoxDynError> {
    if ran(job.number, &job.text) == 0 && job.flaky { Err("the first attempt fails".into()) } else { Ok(()) }
}

/// The rival.
#[derive(Clone)]
pub struct Apalis {
    pool: PgPool,
}

impl Apalis {
    /// Makes its tables.
    pub async fn connect(url: &str) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(20).connect(url).await?;
        PostgresStorage::setup(&pool).await?;
        Ok(Self { pool })
    }

    fn storage(&self, batch: usize) -> PostgresStorage<Noop> {
        let config = Config::default().queue(QUEUE).batch_size(batch).lock_tasks(false);
        PostgresStorage::new(&self.pool).with_config(config)
    }
}

/// Ends when it is told to.
pub async fn told(mut end: watch::Receiver<bool>) -> Result<(), WorkerError> {
    // An error means that the one who would tell is gone.
    let _ = end.wait_for(|end| *end).await;
    Ok(())
}

impl Rival for Apalis {
    const NO_DRAIN_NOHISTORY: Option<&'static str> = Some("it keeps all jobs until someone calls its vacuum");

    async fn enqueue(&self, number: u64, text: String) -> Result<()> {
        self.storage(1).push(Noop::new(number, text)).await?;
        Ok(())
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        let mut calls = JoinSet::new();
        for chunk in chunks(numbers, 5_000) {
            if calls.len() == 2 {
                calls.join_next().await.transpose()?.transpose()?;
            }
            let pool = self.pool.clone();
            calls.spawn(async move {
                let mut connection = pool.acquire().await?;
                push_tasks(&mut *connection, QUEUE, tasks(chunk, kind)?).await?;
                anyhow::Ok(())
            });
        }
        while let Some(done) = calls.join_next().await {
            done??;
        }
        Ok(())
    }

    async fn start(&self, task: &Measured) -> Result<Running> {
        let (stop, end) = watch::channel(false);
        let mut workers = JoinSet::new();
        match task.measure {
            Measure::Latency | Measure::Loaded | Measure::Mixed => {
                let concurrency = task.workers_or(if task.measure == Measure::Mixed { 100 } else { 8 });
                let storage = self.storage(100).with_pubsub().poll_with_interval(Duration::from_millis(100));
                let worker = WorkerBuilder::new("bench").backend(storage).concurrency(concurrency).build(noop);
                workers.spawn(worker.run_until(told(end)));
            }
            _ => {
                // As many workers of its own kind as suit the number of jobs at once.
                let (count, concurrency) = if task.workers == 0 { (4, 500) } else { (1, task.workers) };
                for number in 0..count {
                    let storage = self.storage(500).poll_with_interval(Duration::from_millis(50));
                    let worker = WorkerBuilder::new(format!("bench-{number}"));
                    let worker = worker.backend(storage).concurrency(concurrency).build(noop);
                    workers.spawn(worker.run_until(told(end.clone())));
                }
            }
        }
        Ok(Box::pin(async move {
            stop.send_replace(true);
            while let Some(ended) = workers.join_next().await {
                ended??;
            }
            Ok(())
        }))
    }

    async fn all_done(&self) -> Result<bool> {
        let all = sqlx::query_scalar("select not exists (select from apalis.jobs where status <> 'Done')");
        Ok(all.fetch_one(&self.pool).await?)
    }
}
