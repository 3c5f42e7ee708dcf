//! Fang, on PostgreSQL or MySQL.

use std::{ops::Range, time::Duration};

use anyhow::{Result, anyhow};
use fang::{
    AsyncQueue, AsyncQueueable, AsyncRunnable, AsyncWorkerPool, FangError, RetentionMode, Scheduled, SleepParams,
    async_trait, typetag,
};
use jobs_bench_rivals_driver::{Kind, Measure, Rival, Task, Worker, ran, text};
use serde::{Deserialize, Serialize};
use sqlx::{MySqlPool, PgPool};
use tokio::task::JoinSet;

#[derive(Serialize, Deserialize)]
struct Noop {
    number: u64,
    text: String,
    flaky: bool,
    /// In milliseconds of the epoch.
    due: Option<i64>,
}

#[typetag::serde]
#[async_trait]
impl AsyncRunnable for Noop {
    async fn run(&self, _: &dyn AsyncQueueable) -> Result<(), FangError> {
        if ran(self.number, &self.text) == 0 && self.flaky {
            return Err(FangError { description: "the first attempt fails".into() });
        }
        Ok(())
    }

    fn cron(&self) -> Option<Scheduled> {
        self.due.and_then(fang::DateTime::from_timestamp_millis).map(Scheduled::ScheduleOnce)
    }

    fn backoff(&self, _: u32) -> u32 {
        0
    }
}

/// A pool of our own, to make the tables and to ask for what is left.
#[derive(Clone)]
enum Pool {
    Postgres(PgPool),
    MySql(MySqlPool),
}

/// The rival.
#[derive(Clone)]
pub struct Fang {
    queue: AsyncQueue,
    pool: Pool,
}

impl Fang {
    /// Makes its tables.
    pub async fn connect(url: &str) -> Result<Self> {
        let pool = if url.starts_with("mysql") {
            let pool = MySqlPool::connect(url).await?;
            sqlx::raw_sql(include_str!(concat!(env!("OUT_DIR"), "/fang_mysql.sql"))).execute(&pool).await?;
            Pool::MySql(pool)
        } else {
            let pool = PgPool::connect(url).await?;
            sqlx::raw_sql(include_str!(concat!(env!("OUT_DIR"), "/fang_postgres.sql"))).execute(&pool).await?;
            Pool::Postgres(pool)
        };
        let mut queue = AsyncQueue::builder().uri(url).max_pool_size(20u32).build();
        queue.connect().await.map_err(|error| anyhow!("{error:?}"))?;
        Ok(Self { queue, pool })
    }

    async fn insert(&self, job: Noop) -> Result<()> {
        let stored =
            if job.due.is_some() { self.queue.schedule_task(&job).await } else { self.queue.insert_task(&job).await };
        stored.map(drop).map_err(|error| anyhow!("{error:?}"))
    }
}

impl Rival for Fang {
    async fn enqueue(&self, number: u64, text: String) -> Result<()> {
        self.insert(Noop { number, text, flaky: false, due: None }).await
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        let due = match kind {
            Kind::At(due) => Some(i64::try_from(due.duration_since(std::time::SystemTime::UNIX_EPOCH)?.as_millis())?),
            Kind::Now | Kind::Flaky => None,
        };
        // It has no call for many.
        let mut tasks = JoinSet::new();
        for first in 0..16 {
            let (rival, numbers) = (self.clone(), numbers.clone());
            tasks.spawn(async move {
                for number in numbers.skip(first).step_by(16) {
                    rival.insert(Noop { number, text: text(), flaky: matches!(kind, Kind::Flaky), due }).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(())
    }

    async fn start(&self, task: &Task) -> Result<Worker> {
        let latency = matches!(task.measure, Measure::Latency | Measure::Loaded);
        let pause = Duration::from_millis(if latency { 10 } else { 50 });
        let pauses = SleepParams {
            sleep_period: pause,
            max_sleep_period: pause,
            min_sleep_period: pause,
            sleep_step: Duration::ZERO,
        };
        let remove = task.measure == Measure::DrainNohistory;
        let mut workers = AsyncWorkerPool::<AsyncQueue>::builder()
            .queue(self.queue.clone())
            .number_of_workers(u32::try_from(task.workers_or(if latency { 4 } else { 16 }))?)
            .sleep_params(pauses)
            .retention_mode(if remove { RetentionMode::RemoveAll } else { RetentionMode::KeepAll })
            .build();
        workers.start().await;
        // It cannot be stopped.
        Ok(Box::pin(async { Ok(()) }))
    }

    async fn all_done(&self) -> Result<bool> {
        let ask = "select not exists (select 1 from fang_tasks where state <> 'finished')";
        Ok(match &self.pool {
            Pool::Postgres(pool) => sqlx::query_scalar(ask).fetch_one(pool).await?,
            Pool::MySql(pool) => sqlx::query_scalar(ask).fetch_one(pool).await?,
        })
    }
}
