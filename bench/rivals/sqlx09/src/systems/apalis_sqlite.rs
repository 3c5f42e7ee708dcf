//! Apalis on its SQLite backend.

use std::{ops::Range, str::FromStr, time::Duration};

use anyhow::Result;
use apalis::prelude::*;
use apalis_sqlite::{Config, SqliteStorage, callback::HookCallbackListener, queries::push_tasks};
use jobs_bench_rivals_driver::{Kind, Measure, Rival, Task as Measured, Worker as Running, chunks};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tokio::{sync::watch, task::JoinSet};

use super::apalis::{Noop, QUEUE, noop, tasks, told};

/// The rival.
#[derive(Clone)]
pub struct ApalisSqlite {
    pool: SqlitePool,
    inserts: HookCallbackListener,
}

impl ApalisSqlite {
    /// Makes its tables.
    pub async fn connect(url: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?.create_if_missing(true);
        // The set-up turns on the write-ahead log, which stays, and turns off all syncing on the connection that it gets, which is not
        // to be used any further: what it acknowledges is to be stored.
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        SqliteStorage::setup(&pool).await?;
        pool.close().await;
        // Inserts of this pool wake its workers. SQLite's own setting is to sync each commit.
        let (pool, inserts) = SqliteStorage::connect_with_callback(url)?;
        Ok(Self { pool, inserts })
    }

    fn config(&self, batch: usize) -> Config {
        let config = Config::default().queue(QUEUE);
        Config { batch_size: batch, lock_tasks: false, ..config }
    }
}

impl Rival for ApalisSqlite {
    const NO_DRAIN_NOHISTORY: Option<&'static str> = Some("it keeps all jobs until someone calls its vacuum");

    async fn enqueue(&self, number: u64, text: String) -> Result<()> {
        let mut storage = SqliteStorage::new(&self.pool).with_config(self.config(1));
        storage.push(Noop::new(number, text)).await?;
        Ok(())
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        for chunk in chunks(numbers, 5_000) {
            let mut transaction = self.pool.begin().await?;
            push_tasks(&mut *transaction, QUEUE, &tasks(chunk, kind)?).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    async fn start(&self, task: &Measured) -> Result<Running> {
        let (stop, end) = watch::channel(false);
        let mut workers = JoinSet::new();
        let often = Duration::from_millis(50);
        if matches!(task.measure, Measure::Latency | Measure::Loaded | Measure::Mixed) {
            let storage = SqliteStorage::<Noop>::new(&self.pool).with_config(self.config(100));
            let storage = storage.with_callback(self.inserts.clone()).poll_with_interval(often);
            let worker = WorkerBuilder::new("bench").backend(storage).concurrency(task.workers_or(8)).build(noop);
            workers.spawn(worker.run_until(told(end)));
        } else {
            let storage = SqliteStorage::<Noop>::new(&self.pool).with_config(self.config(1_000));
            let storage = storage.poll_with_interval(often);
            let worker = WorkerBuilder::new("bench").backend(storage).concurrency(task.workers_or(1_000)).build(noop);
            workers.spawn(worker.run_until(told(end)));
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
        let all = sqlx::query_scalar("select not exists (select 1 from Jobs where status <> 'Done')");
        Ok(all.fetch_one(&self.pool).await?)
    }
}
