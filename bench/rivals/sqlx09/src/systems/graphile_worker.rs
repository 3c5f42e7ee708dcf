//! Graphile Worker, rewritten in Rust.

use std::{ops::Range, sync::Arc, time::Duration};

use anyhow::Result;
use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, JobSpecBuilder, LocalQueueConfig, TaskHandler, WorkerContext, WorkerOptions,
    WorkerUtils,
};
use jobs_bench_rivals_driver::{Kind, Measure, Rival, Task, Worker, chunks, ran, text};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::task::JoinSet;

const SCHEMA: &str = "graphile_worker";

#[derive(Clone, Serialize, Deserialize)]
struct Noop {
    number: u64,
    text: String,
}

impl TaskHandler for Noop {
    const IDENTIFIER: &'static str = "noop";

    async fn run(self, _: WorkerContext) -> impl IntoTaskHandlerResult {
        ran(self.number, &self.text);
        Ok::<(), String>(())
    }
}

/// The rival.
#[derive(Clone)]
pub struct GraphileWorker {
    pool: PgPool,
    utils: Arc<WorkerUtils>,
}

impl GraphileWorker {
    /// Makes its tables.
    pub async fn connect(url: &str) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(20).connect(url).await?;
        let utils = WorkerUtils::new(pool.clone(), SCHEMA);
        utils.migrate().await?;
        Ok(Self { pool, utils: Arc::new(utils) })
    }
}

impl Rival for GraphileWorker {
    const NO_RETRIED: Option<&'static str> = Some("the pause before its second attempt is fixed");

    async fn enqueue(&self, number: u64, text: String) -> Result<()> {
        self.utils.add_job(Noop { number, text }, JobSpec::default()).await?;
        Ok(())
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        let spec = match kind {
            Kind::At(due) => JobSpecBuilder::new().run_at(due).build(),
            Kind::Now | Kind::Flaky => JobSpec::default(),
        };
        let mut calls = JoinSet::new();
        for chunk in chunks(numbers, 5_000) {
            if calls.len() == 4 {
                calls.join_next().await.transpose()?.transpose()?;
            }
            let (utils, spec) = (self.utils.clone(), spec.clone());
            calls.spawn(async move {
                let jobs: Vec<_> = chunk.map(|number| (Noop { number, text: text() }, &spec)).collect();
                utils.add_jobs(&jobs).await.map(drop)
            });
        }
        while let Some(done) = calls.join_next().await {
            done??;
        }
        Ok(())
    }

    async fn start(&self, task: &Task) -> Result<Worker> {
        let options = WorkerOptions::default().schema(SCHEMA).pg_pool(self.pool.clone()).define_job::<Noop>();
        let options = options.listen_os_shutdown_signals(false);
        let options = if matches!(task.measure, Measure::Latency | Measure::Loaded) {
            let queue = LocalQueueConfig::default().with_size(500);
            options.concurrency(task.workers_or(8)).local_queue(queue)
        } else {
            let queue = LocalQueueConfig::default().with_size(2_000);
            options
                .concurrency(task.workers_or(32))
                .local_queue(queue)
                .complete_job_batch_delay(Duration::from_millis(2))
        };
        let worker = Arc::new(options.init().await?);
        let running = tokio::spawn({
            let worker = worker.clone();
            async move { worker.run().await }
        });
        Ok(Box::pin(async move {
            worker.request_shutdown();
            running.await??;
            Ok(())
        }))
    }

    async fn all_done(&self) -> Result<bool> {
        // A job that is done is deleted.
        let all = sqlx::query_scalar("select not exists (select from graphile_worker._private_jobs)");
        Ok(all.fetch_one(&self.pool).await?)
    }
}
