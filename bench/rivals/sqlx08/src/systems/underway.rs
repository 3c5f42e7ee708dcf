//! Underway.

use std::{ops::Range, sync::Arc, time::SystemTime};

use anyhow::Result;
use jiff::{Span, ToSpan};
use jobs_bench_rivals_driver::{Kind, Rival, Task as Measured, Worker as Running, ran, text};
use serde::{Deserialize, Serialize};
use sqlx::{
    Postgres, Transaction,
    postgres::{PgPool, PgPoolOptions},
};
use underway::{
    Queue, Task, Worker,
    task::{Error, Result as TaskResult, RetryPolicy},
};

#[derive(Clone, Default)]
struct Noop {
    delay: Span,
}

#[derive(Serialize, Deserialize)]
struct Input {
    number: u64,
    text: String,
    flaky: bool,
}

impl Task for Noop {
    type Input = Input;
    type Output = ();

    async fn execute(&self, _: Transaction<'_, Postgres>, input: Input) -> TaskResult<()> {
        if ran(input.number, &input.text) == 0 && input.flaky {
            return Err(Error::Retryable("the first attempt fails".into()));
        }
        Ok(())
    }

    fn delay(&self) -> Span {
        self.delay
    }

    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy::builder().initial_interval_ms(0).build()
    }
}

/// The rival.
#[derive(Clone)]
pub struct Underway {
    pool: PgPool,
    queue: Arc<Queue<Noop>>,
}

impl Underway {
    /// Makes its tables.
    pub async fn connect(task: &Measured) -> Result<Self> {
        // A running job has a transaction open, and takes a second connection now and then.
        let connections = u32::try_from(2 * task.workers_or(8) + 24)?.min(380);
        let pool = PgPoolOptions::new().max_connections(connections).connect(&task.url).await?;
        underway::run_migrations(&pool).await?;
        let queue = Queue::builder().name("bench").pool(pool.clone()).build().await?;
        Ok(Self { pool, queue: Arc::new(queue) })
    }
}

impl Rival for Underway {
    const NO_DRAIN_NOHISTORY: Option<&'static str> = Some("it keeps all jobs for 14 days");

    async fn enqueue(&self, number: u64, text: String) -> Result<()> {
        self.queue.enqueue(&self.pool, &Noop::default(), &Input { number, text, flaky: false }).await?;
        Ok(())
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        let delay = match kind {
            Kind::At(due) => Span::try_from(due.duration_since(SystemTime::now()).unwrap_or_default())?,
            Kind::Now | Kind::Flaky => Span::new(),
        };
        let flaky = matches!(kind, Kind::Flaky);
        let inputs: Vec<_> = numbers.map(|number| Input { number, text: text(), flaky }).collect();
        self.queue.enqueue_multi_wth_chunk_size(&self.pool, &Noop { delay }, &inputs, 5_000).await?;
        Ok(())
    }

    async fn start(&self, task: &Measured) -> Result<Running> {
        let mut worker = Worker::new(self.queue.clone(), Noop::default());
        worker.set_concurrency_limit(task.workers_or(8));
        // Each poll starts one more loop, up to the limit: often, so that all are soon at work.
        let running = tokio::spawn({
            let worker = worker.clone();
            async move { worker.run_every(10.milliseconds()).await }
        });
        Ok(Box::pin(async move {
            worker.shutdown();
            running.await??;
            Ok(())
        }))
    }

    async fn all_done(&self) -> Result<bool> {
        let all = sqlx::query_scalar("select not exists (select from underway.task where state <> 'succeeded')");
        Ok(all.fetch_one(&self.pool).await?)
    }
}
