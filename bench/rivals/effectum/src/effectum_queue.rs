//! The rival.

use std::{ops::Range, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use effectum::{Job, JobRunner, Queue, RunningJob, Worker};
use jobs_bench_rivals_driver::{Kind, Measure, Rival, Task, Worker as Running, ran, text};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Noop {
    number: u64,
    text: String,
    flaky: bool,
}

async fn noop(job: RunningJob, (): ()) -> Result<(), String> {
    let args: Noop = job.json_payload().map_err(|error| error.to_string())?;
    if ran(args.number, &args.text) == 0 && args.flaky { Err("the first attempt fails".into()) } else { Ok(()) }
}

fn job(number: u64, kind: Kind) -> Result<Job> {
    let flaky = matches!(kind, Kind::Flaky);
    let job = Job::builder("noop").json_payload(&Noop { number, text: text(), flaky })?;
    let job = job.backoff_initial_interval(Duration::ZERO);
    Ok(if let Kind::At(due) = kind { job.run_at(due.into()).build() } else { job.build() })
}

/// Effectum at its best settings.
#[derive(Clone)]
pub struct Effectum {
    queue: Arc<Queue>,
}

impl Effectum {
    /// Makes its tables. Turns on the write-ahead log before if it is to have one: it does not do so itself, and does not sync commits
    /// if there is one.
    pub async fn connect(url: &str, log: bool) -> Result<Self> {
        let path = url.strip_prefix("sqlite://").context("an URL of SQLite begins with sqlite://")?;
        if log {
            rusqlite::Connection::open(path)?.query_row("pragma journal_mode = wal", [], |_| Ok(()))?;
        }
        Ok(Self { queue: Arc::new(Queue::new(Path::new(path)).await?) })
    }
}

impl Rival for Effectum {
    const NO_DRAIN_NOHISTORY: Option<&'static str> = Some("it keeps all jobs for ever");
    const NO_RETRIED: Option<&'static str> = Some("it writes each failure to all jobs, which is quadratic");

    async fn enqueue(&self, number: u64, _: String) -> Result<()> {
        self.queue.add_job(job(number, Kind::Now)?).await?;
        Ok(())
    }

    async fn bulk(&self, numbers: Range<u64>, kind: Kind) -> Result<()> {
        let jobs = numbers.map(|number| job(number, kind)).collect::<Result<Vec<_>>>()?;
        self.queue.add_jobs(jobs).await?;
        Ok(())
    }

    async fn start(&self, task: &Task) -> Result<Running> {
        let latency = matches!(task.measure, Measure::Latency | Measure::Loaded);
        let most = u16::try_from(task.workers_or(if latency { 8 } else { 128 }))?;
        let jobs = [JobRunner::builder("noop", noop).build()];
        let worker = Worker::builder(&self.queue, ()).jobs(jobs).max_concurrency(most);
        // It fetches again when no more than this many are left.
        let worker = worker.min_concurrency((most / 2).max(1)).build().await?;
        let queue = self.queue.clone();
        Ok(Box::pin(async move {
            worker.unregister(Some(Duration::from_secs(10))).await?;
            queue.close(Duration::from_secs(10)).await?;
            Ok(())
        }))
    }

    async fn all_done(&self) -> Result<bool> {
        let left = self.queue.num_active_jobs().await?;
        Ok(left.pending + left.running == 0)
    }
}
