//! Awa.

use std::{ops::Range, sync::Arc, time::Duration};

use anyhow::Result;
use awa::{
    Client, InsertOpts, InsertParams, JobArgs, JobResult, QueueConfig, QueueStorage, QueueStorageConfig,
    model::insert::params_with,
};
use jobs_bench_rivals_driver::{Kind, Measure, Rival, Task, Worker, chunks, ran, text};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::task::JoinSet;

const QUEUE: &str = "bench";

#[derive(Debug, Serialize, Deserialize, JobArgs)]
struct Noop {
    number: u64,
    text: String,
}

fn params(number: u64, text: String, kind: Kind) -> Result<InsertParams> {
    let run_at = if let Kind::At(due) = kind { Some(due.into()) } else { None };
    let options = InsertOpts { queue: QUEUE.to_owned(), run_at, ..InsertOpts::default() };
    Ok(params_with(&Noop { number, text }, options)?)
}

/// The rival.
#[derive(Clone)]
pub struct Awa {
    pool: PgPool,
    store: Arc<QueueStorage>,
}

impl Awa {
    /// Makes its tables.
    pub async fn connect(task: &Task) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(30).connect(&task.url).await?;
        awa::migrations::run(&pool).await?;
        let store = QueueStorage::new(QueueStorageConfig::default())?;
        store.install(&pool).await?;
        let shards = match task.measure {
            Measure::Enqueue | Measure::Mixed => 16,
            Measure::Bulk => 4,
            _ => 1,
        };
        let set = "insert into awa.queue_meta (queue, enqueue_shards) values ($1, $2)
            on conflict (queue) do update set enqueue_shards = excluded.enqueue_shards";
        sqlx::query(set).bind(QUEUE).bind(shards).execute(&pool).await?;
        Ok(Self { pool, store: Arc::new(store) })
    }
}

impl Rival for Awa {
    const NO_DRAIN_NOHISTORY: Option<&'static str> = Some("it keeps what is done until it empties a whole table");
    const NO_RETRIED: Option<&'static str> = Some("its tables do not tell when all repeated jobs are done");

    async fn enqueue(&self, number: u64, text: String) -> Result<()> {
        self.store.enqueue_params_batch(&self.pool, &[params(number, text, Kind::Now)?]).await?;
        Ok(())
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        let mut calls = JoinSet::new();
        for chunk in chunks(numbers, 2_000) {
            if calls.len() == 4 {
                calls.join_next().await.transpose()?.transpose()?;
            }
            let rival = self.clone();
            calls.spawn(async move {
                let jobs = chunk.map(|number| params(number, text(), kind)).collect::<Result<Vec<_>>>()?;
                rival.store.enqueue_params_copy(&rival.pool, &jobs).await?;
                anyhow::Ok(())
            });
        }
        while let Some(done) = calls.join_next().await {
            done??;
        }
        Ok(())
    }

    async fn start(&self, task: &Task) -> Result<Worker> {
        let latency = matches!(task.measure, Measure::Latency | Measure::Loaded);
        let config = QueueConfig {
            max_workers: u32::try_from(task.workers_or(if latency { 50 } else { 256 }))?,
            claim_batch_size: 512,
            deadline_duration: Duration::ZERO,
            ..QueueConfig::default()
        };
        let client = Client::builder(self.pool.clone()).queue(QUEUE, config);
        let client = client.register::<Noop, _, _>(|job: Noop, _| async move {
            ran(job.number, &job.text);
            Ok(JobResult::Completed)
        });
        let client = client.build()?;
        client.start().await?;
        Ok(Box::pin(async move {
            client.shutdown(Duration::from_secs(10)).await;
            Ok(())
        }))
    }

    async fn all_done(&self) -> Result<bool> {
        // It writes down what has ended, in batches where it can, beside what there was to do, and empties both tables together.
        let ask = "select (select count(*) from awa.ready_entries)
            <= coalesce((select sum(completed_count) from awa.receipt_completion_batches), 0)::bigint
                + (select count(*) from awa.done_entries)";
        Ok(sqlx::query_scalar(ask).fetch_one(&self.pool).await?)
    }
}
