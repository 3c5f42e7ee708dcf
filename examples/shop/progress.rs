//! How far the jobs are, as the one who runs the program sees it.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use jobs::{Grain, JobFilter, Measure, ServerId, StateTotal, prelude::*};
use tokio::time::{Instant, sleep};

use crate::{catalogue::alert, data::Shop};

/// The time between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// The time between two lines where there is no terminal to draw a bar on.
const LINE: Duration = Duration::from_secs(2);

/// What has become of jobs since the database was made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) succeeded: i64,
    /// Attempts that were followed by another.
    pub(crate) retried: i64,
    /// Jobs that failed, but for those of which the office was told.
    pub(crate) failed: i64,
    /// Jobs that failed and had something to run for that case, which has told the office.
    pub(crate) alerted: i64,
}

impl Counts {
    /// Reads them from the statistics, which no retention removes.
    pub(crate) async fn read(client: &Client) -> jobs::Result<Self> {
        let mut counts = Self::default();
        for point in client.stats(Grain::Day, Timestamp::UNIX_EPOCH).await? {
            match point.measure {
                Measure::Succeeded => {
                    counts.succeeded += point.count;
                    if point.kind == alert::DESCRIPTOR.kind {
                        counts.alerted += point.count;
                    }
                }
                Measure::Retried => counts.retried += point.count,
                Measure::Failed => counts.failed += point.count,
                _ => {}
            }
        }
        counts.failed -= counts.alerted;
        Ok(counts)
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            succeeded: self.succeeded - before.succeeded,
            retried: self.retried - before.retried,
            failed: self.failed - before.failed,
            alerted: self.alerted - before.alerted,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { succeeded, retried, failed, alerted: _ } = self;
        write!(f, "{succeeded} succeeded, {retried} retried, {failed} failed")
    }
}

/// Returns when customers have come and gone, and no job is left that the server could run. Recurring jobs do not count: they
/// are never done. Neither do jobs that only other programs on this database can run.
///
/// A server that has run nothing yet waits for `patience`, in case the customers are still on their way.
pub(crate) async fn until_idle(
    client: &Client,
    shop: &Shop,
    server: ServerId,
    attempts: &AtomicUsize,
    patience: Duration,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} jobs have ended")?;
    let bar = ProgressBar::no_length().with_style(style);
    let (mut most, mut line_at) = (0, Instant::now() + LINE);
    loop {
        // In this order: what is enqueued after the day is over, jobs have enqueued, and those are counted.
        let day_is_over = shop.day_is_over()?;
        let left = match jobs_left(client, server).await {
            // The server waits for its database as well, and so does this.
            Err(jobs::Error::Unavailable { .. }) => None,
            left => left?,
        };
        let has_waited = attempts.load(Ordering::Relaxed) > 0 || start.elapsed() >= patience;
        if day_is_over && left == Some(0) && has_waited {
            bar.finish_and_clear();
            return Ok(());
        }
        let left = left.unwrap_or(most);
        most = most.max(left);
        bar.set_length(most);
        bar.set_position(most - left);
        if bar.is_hidden() && Instant::now() >= line_at {
            println!("shop: jobs left: {left}");
            line_at += LINE;
        }
        sleep(LOOK).await;
    }
}

/// How many jobs run, may run or wait for their time, of the kinds and queues of a server; `None` while the server is not
/// stored.
async fn jobs_left(client: &Client, server: ServerId) -> jobs::Result<Option<u64>> {
    let servers = client.servers().await?;
    let Some(server) = servers.iter().find(|stored| stored.id == server) else { return Ok(None) };
    let totals = client.totals().await?;
    let of_the_server = |total: &&StateTotal| {
        !total.state.is_final() && server.kinds.contains(&total.kind) && server.info.queues.contains(&total.queue)
    };
    let left: i64 = totals.iter().filter(of_the_server).map(|total| total.jobs).sum();
    Ok(Some(left.max(0).unsigned_abs()))
}

/// Says why the newest jobs that failed did so.
pub(crate) async fn print_failed(client: &Client, counts: &Counts) -> jobs::Result<()> {
    let limit = u32::try_from(counts.failed + counts.alerted).unwrap_or_default().min(10);
    for job in client.jobs(JobFilter::new(State::Failed).limit(limit)).await?.into_iter().take(limit as usize) {
        let reason = job.reason.as_deref().unwrap_or("no reason was stored");
        eprintln!("shop: {} {} failed after {} attempts: {reason}", job.kind, job.id, job.attempt);
    }
    if counts.alerted > 0 {
        println!("shop: failures that the office was alerted to: {}, not counted below", counts.alerted);
    }
    Ok(())
}
