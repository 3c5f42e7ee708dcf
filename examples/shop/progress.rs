//! How far the jobs are, as the one who runs the program sees it.

use std::{fmt, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use jobs::{Grain, JobFilter, Measure, prelude::*};
use tokio::time::{Instant, sleep};

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
    pub(crate) failed: i64,
}

impl Counts {
    /// Reads them from the statistics, which no retention removes.
    pub(crate) async fn read(client: &Client) -> jobs::Result<Self> {
        let mut counts = Self::default();
        for point in client.stats(Grain::Day, Timestamp::UNIX_EPOCH).await? {
            match point.measure {
                Measure::Succeeded => counts.succeeded += point.count,
                Measure::Retried => counts.retried += point.count,
                Measure::Failed => counts.failed += point.count,
                _ => {}
            }
        }
        Ok(counts)
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            succeeded: self.succeeded - before.succeeded,
            retried: self.retried - before.retried,
            failed: self.failed - before.failed,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { succeeded, retried, failed } = self;
        write!(f, "{succeeded} succeeded, {retried} retried, {failed} failed")
    }
}

/// Returns when no job is left that runs, may run or waits for its time. Recurring jobs do not count: they are never done.
pub(crate) async fn until_idle(client: &Client) -> anyhow::Result<()> {
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} jobs have ended")?;
    let bar = ProgressBar::no_length().with_style(style);
    let (mut most, mut line_at) = (0, Instant::now() + LINE);
    loop {
        let totals = client.totals().await?;
        let left: i64 = totals.iter().filter(|total| !total.state.is_final()).map(|total| total.jobs).sum();
        if left <= 0 {
            bar.finish_and_clear();
            return Ok(());
        }
        most = most.max(left);
        bar.set_length(most.unsigned_abs());
        bar.set_position(most.abs_diff(left));
        if bar.is_hidden() && Instant::now() >= line_at {
            println!("shop: jobs left: {left}");
            line_at += LINE;
        }
        sleep(LOOK).await;
    }
}

/// Says why the newest jobs that failed did so.
pub(crate) async fn print_failed(client: &Client, failed: i64) -> jobs::Result<()> {
    let limit = u32::try_from(failed).unwrap_or_default().min(10);
    for job in client.jobs(JobFilter::new(State::Failed).limit(limit)).await? {
        let reason = job.reason.as_deref().unwrap_or("no reason was stored");
        eprintln!("shop: {} {} failed after {} attempts: {reason}", job.kind, job.id, job.attempt);
    }
    Ok(())
}
