//! SQLxMQ.

use std::{error::Error, ops::Range, sync::Arc, time::SystemTime};

use anyhow::Result;
use jobs_bench_rivals_driver::{Kind, Measure, Rival, Task, Worker, chunks, ran, text};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlxmq::{CurrentJob, JobRegistry, job};
use tokio::{sync::Mutex, task::JoinSet};

#[derive(Serialize, Deserialize)]
struct Args {
    number: u64,
    text: String,
}

#[job]
async fn noop(mut job: CurrentJob) -> Result<(), Box<dyn Error + Send + Sync>> {
    let args: Args = job.json()?.ok_or("no arguments")?;
    ran(args.number, &args.text);
    job.complete().await?;
    Ok(())
}

/// The rival.
#[derive(Clone)]
pub struct Sqlxmq {
    pool: PgPool,
}

impl Sqlxmq {
    /// Makes its tables.
    pub async fn connect(url: &str) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(20).connect(url).await?;
        sqlx::raw_sql(include_str!(concat!(env!("OUT_DIR"), "/sqlxmq_migrations.sql"))).execute(&pool).await?;
        Ok(Self { pool })
    }
}

impl Rival for Sqlxmq {
    const NO_RETRIED: Option<&'static str> = Some("a failure is not told, the job is found again by its pause");

    async fn enqueue(&self, number: u64, text: String) -> Result<()> {
        noop.builder().set_json(&Args { number, text })?.spawn(&self.pool).await?;
        Ok(())
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        let mut calls = JoinSet::new();
        for chunk in chunks(numbers, 1_000) {
            if calls.len() == 8 {
                calls.join_next().await.transpose()?.transpose()?;
            }
            let pool = self.pool.clone();
            calls.spawn(async move {
                // It has no call for many.
                let mut transaction = pool.begin().await?;
                for number in chunk {
                    let mut job = noop.builder();
                    job.set_json(&Args { number, text: text() })?;
                    if let Kind::At(due) = kind {
                        job.set_delay(due.duration_since(SystemTime::now()).unwrap_or_default());
                    }
                    job.spawn(&mut *transaction).await?;
                }
                transaction.commit().await?;
                anyhow::Ok(())
            });
        }
        while let Some(done) = calls.join_next().await {
            done??;
        }
        Ok(())
    }

    async fn start(&self, task: &Task) -> Result<Worker> {
        let mut runner = JobRegistry::new(&[noop]).runner(&self.pool);
        // Fetches more when no more than the first number are left. For latency, its own numbers.
        match (task.workers, task.measure) {
            (0, Measure::Latency | Measure::Loaded) => {}
            (0, _) => {
                runner.set_concurrency(100, 200);
            }
            (workers, _) => {
                runner.set_concurrency(workers.div_ceil(2), workers);
            }
        }
        let handle = Arc::new(Mutex::new(runner.run().await?));
        Ok(Box::pin(async move {
            handle.lock().await.stop().await;
            Ok(())
        }))
    }

    async fn all_done(&self) -> Result<bool> {
        // A job that is done is deleted; one row is its own.
        let all = sqlx::query_scalar("select not exists (select from mq_msgs where id <> uuid_nil())");
        Ok(all.fetch_one(&self.pool).await?)
    }
}
