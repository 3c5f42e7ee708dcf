//! Later, on PostgreSQL or SQLite.

use std::{ops::Range, sync::Arc, time::Duration};

use anyhow::Result;
use jobs_bench_rivals_driver::{Kind, Measure, Rival, Task, Worker, chunks, ran, text};
use later::{
    BackgroundJobServerPublisher, Config,
    backend::{Backend, PostgresBackend, SqliteBackend},
    retry::RetryPolicy,
};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, SqlitePool, postgres::PgPoolOptions};

const NAMESPACE: &str = "bench";

#[derive(Serialize, Deserialize)]
pub struct Noop {
    number: u64,
    text: String,
    flaky: bool,
}

later::background_job! {
    struct Jobs {
        noop: Noop,
    }
}

async fn noop(_: JobsContext<()>, job: Noop) -> Result<()> {
    anyhow::ensure!(ran(job.number, &job.text) > 0 || !job.flaky, "the first attempt fails");
    Ok(())
}

/// The pool that is shared by all.
#[derive(Clone)]
enum Pool {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl Pool {
    async fn backend(&self) -> Result<Box<dyn Backend>> {
        Ok(match self {
            Self::Postgres(pool) => Box::new(PostgresBackend::from_pool(NAMESPACE, pool.clone()).await?),
            Self::Sqlite(pool) => Box::new(SqliteBackend::from_pool(NAMESPACE, pool.clone()).await?),
        })
    }

    /// Stores jobs in one transaction: it has no call for many.
    async fn store(self, numbers: Range<u64>) -> Result<()> {
        let job = |number| Noop { number, text: text(), flaky: false };
        match self {
            Self::Postgres(pool) => {
                let backend = PostgresBackend::from_pool(NAMESPACE, pool.clone()).await?;
                let mut transaction = pool.begin().await?;
                for number in numbers {
                    backend.enqueue_in(&mut transaction, job(number)).await?;
                }
                transaction.commit().await?;
            }
            Self::Sqlite(pool) => {
                let backend = SqliteBackend::from_pool(NAMESPACE, pool.clone()).await?;
                let mut transaction = pool.begin().await?;
                for number in numbers {
                    backend.enqueue_in(&mut transaction, job(number)).await?;
                }
                transaction.commit().await?;
            }
        }
        Ok(())
    }
}

/// The rival.
#[derive(Clone)]
pub struct Later {
    pool: Pool,
    publisher: Arc<BackgroundJobServerPublisher>,
}

impl Later {
    /// Makes its tables.
    pub async fn connect(url: &str) -> Result<Self> {
        let pool = if url.starts_with("sqlite") {
            // Its own settings: a write-ahead log, and SQLite's own syncing of each commit.
            Pool::Sqlite(SqliteBackend::connect(NAMESPACE, url).await?.pool().clone())
        } else {
            Pool::Postgres(PgPoolOptions::new().max_connections(50).connect(url).await?)
        };
        let parts = pool.backend().await?.into_parts()?;
        let publisher = BackgroundJobServerPublisher::new_with_retry_policy(
            parts.namespace,
            Arc::new(parts.delivery),
            parts.storage,
            parts.committer,
            RetryPolicy::immediate(3),
        );
        Ok(Self { publisher: Arc::new(publisher.await?), pool })
    }

    async fn store(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        if matches!(kind, Kind::Now) {
            return self.pool.clone().store(numbers).await;
        }
        for number in numbers {
            let job = Noop { number, text: text(), flaky: matches!(kind, Kind::Flaky) };
            match kind {
                Kind::At(due) => self.publisher.enqueue_delayed_at(job, due.into()).await?,
                Kind::Now | Kind::Flaky => self.publisher.enqueue(job).await?,
            };
        }
        Ok(())
    }
}

impl Rival for Later {
    const NO_DRAIN_NOHISTORY: Option<&'static str> = Some("it keeps what is done for an hour");

    async fn enqueue(&self, number: u64, text: String) -> Result<()> {
        self.publisher.enqueue(Noop { number, text, flaky: false }).await?;
        Ok(())
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        // Its futures cannot be sent to other threads.
        let every = if matches!(self.pool, Pool::Sqlite(_)) { 1 } else { 4 };
        let part = |first| {
            let numbers = numbers.clone();
            async move {
                for chunk in chunks(numbers, 1_000).skip(first).step_by(every) {
                    self.store(chunk, kind).await?;
                }
                anyhow::Ok(())
            }
        };
        if every == 1 { part(0).await } else { tokio::try_join!(part(0), part(1), part(2), part(3)).map(drop) }
    }

    async fn start(&self, task: &Task) -> Result<Worker> {
        let best = match (&self.pool, task.measure) {
            (Pool::Sqlite(_), _) | (_, Measure::Latency | Measure::Loaded) => 8,
            (Pool::Postgres(_), _) => 48,
        };
        // It can have 255 of them.
        let workers = u8::try_from(task.workers_or(best).min(255))?;
        let config = Config::builder().context(()).backend(self.pool.backend().await?).worker_count(workers);
        let server = JobsBuilder::new(config.build()).with_noop_handler(noop).build().await?;
        Ok(Box::pin(async move { server.shutdown(Duration::from_secs(10)).await }))
    }

    async fn all_done(&self) -> Result<bool> {
        // What is done has left the queue.
        let ask = "select not exists (select 1 from later_delivery_queue)";
        Ok(match &self.pool {
            Pool::Postgres(pool) => sqlx::query_scalar(ask).fetch_one(pool).await?,
            Pool::Sqlite(pool) => sqlx::query_scalar(ask).fetch_one(pool).await?,
        })
    }
}
