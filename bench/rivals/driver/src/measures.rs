//! The measures.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use anyhow::{Result, bail};
use jobs_bench_kit::{LIMIT, Latencies, Measure, Phase, Seen, Task, text, unsupported};
use serde_json::Map;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::{Kind, Rival, Worker};

/// The number of the jobs that run before latency is measured, so that connections and statements are there.
const WARM: u64 = u32::MAX as u64;
/// How many of them there are.
const WARM_JOBS: u64 = 50;
/// How often the database is asked whether all are done, once the handler has seen all.
const ASK: Duration = Duration::from_millis(5);

static SEEN: OnceLock<Seen> = OnceLock::new();
static WAITS: OnceLock<Latencies> = OnceLock::new();

/// A job runs. Returns how often it ran before.
pub fn ran(number: u64, text: &str) -> u8 {
    if number == WARM {
        return 1;
    }
    if let Some(waits) = WAITS.get() {
        waits.started(number);
    }
    SEEN.get().map_or(0, |seen| seen.ran(number, text))
}

/// Does the task with the rival.
///
/// # Errors
/// The rival fails, or a job has not run as often as it is to.
pub async fn run<R: Rival>(rival: R, task: &Task) -> Result<()> {
    let seen = SEEN.get_or_init(|| Seen::new(task.jobs, if task.measure == Measure::Retried { 2 } else { 1 }));
    let need = |no: Option<&str>| {
        if let Some(why) = no {
            unsupported(why)
        }
    };
    match task.measure {
        Measure::Enqueue => {
            let phase = Phase::begin("enqueue")?;
            enqueue(&rival, task).await?;
            phase.end(task.jobs, Map::new())
        }
        Measure::Bulk => {
            let phase = Phase::begin("bulk")?;
            rival.bulk(0..task.jobs, Kind::Now).await?;
            phase.end(task.jobs, Map::new())
        }
        Measure::Drain => drain(&rival, task, "drain", Kind::Now, seen).await,
        Measure::DrainNohistory => {
            need(R::NO_DRAIN_NOHISTORY);
            drain(&rival, task, "drain_nohistory", Kind::Now, seen).await
        }
        Measure::Delayed => {
            need(R::NO_DELAYED);
            let due = SystemTime::now() + Duration::from_secs(2);
            drain(&rival, task, "delayed", Kind::At(due), seen).await
        }
        Measure::Retried => {
            need(R::NO_RETRIED);
            drain(&rival, task, "retried", Kind::Flaky, seen).await
        }
        Measure::Batch => unsupported("it has no batch with a continuation"),
        Measure::Latency => latency(&rival, task, "latency", seen, Duration::from_millis(task.gap)).await,
        Measure::Loaded => latency(&rival, task, "loaded", seen, Duration::from_secs_f64(1.0 / task.rate)).await,
        Measure::Mixed => {
            let worker = rival.start(task).await?;
            let phase = Phase::begin("mixed")?;
            enqueue(&rival, task).await?;
            finish(&rival, seen).await?;
            phase.end(task.jobs, Map::new())?;
            stop(worker, seen).await
        }
    }
}

/// Single calls from several tasks.
async fn enqueue<R: Rival>(rival: &R, task: &Task) -> Result<()> {
    let mut tasks = JoinSet::new();
    for first in 0..task.tasks {
        let (rival, jobs, step) = (rival.clone(), task.jobs, task.tasks);
        tasks.spawn(async move {
            let mut number = first;
            while number < jobs {
                rival.enqueue(number, text()).await?;
                number += step;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

async fn drain<R: Rival>(rival: &R, task: &Task, name: &'static str, kind: Kind, seen: &Seen) -> Result<()> {
    rival.bulk(0..task.jobs, kind).await?;
    if let Kind::At(due) = kind {
        sleep(due.duration_since(SystemTime::now()).unwrap_or_default()).await;
    }
    let phase = Phase::begin(name)?;
    let worker = rival.start(task).await?;
    finish(rival, seen).await?;
    phase.end(task.jobs, Map::new())?;
    stop(worker, seen).await
}

/// Waits until all have run and the database shows it.
async fn finish<R: Rival>(rival: &R, seen: &Seen) -> Result<()> {
    seen.all().await?;
    let shown = timeout(LIMIT, async {
        while !rival.all_done().await? {
            sleep(ASK).await;
        }
        Ok(())
    });
    let Ok(shown) = shown.await else { bail!("after {LIMIT:?}, the database does not show all jobs as done") };
    shown
}

async fn stop(worker: Worker, seen: &Seen) -> Result<()> {
    // A rival that runs a job twice may do so a moment later.
    sleep(Duration::from_millis(200)).await;
    worker.await?;
    seen.check()
}

async fn latency<R: Rival>(rival: &R, task: &Task, name: &'static str, seen: &Seen, gap: Duration) -> Result<()> {
    let worker = rival.start(task).await?;
    for _ in 0..WARM_JOBS {
        rival.enqueue(WARM, text()).await?;
        sleep(Duration::from_millis(2)).await;
    }
    sleep(Duration::from_millis(500)).await;
    let waits = WAITS.get_or_init(|| Latencies::new(task.jobs));
    let phase = Phase::begin(name)?;
    let begin = Instant::now();
    let mut calls = JoinSet::new();
    for number in 0..task.jobs {
        sleep_until(begin + gap.mul_f64(number as f64)).await;
        let rival = rival.clone();
        calls.spawn(async move {
            waits.begins(number);
            let call = rival.enqueue(number, text()).await;
            waits.returned(number);
            call
        });
    }
    while let Some(done) = calls.join_next().await {
        done??;
    }
    finish(rival, seen).await?;
    phase.end(task.jobs, waits.report())?;
    stop(worker, seen).await
}
