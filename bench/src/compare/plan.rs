//! What is measured, in which order, and on how many jobs.

use std::time::Duration;

use clap::ValueEnum;
use jobs_bench_kit::Measure;

/// What can be asked for with `--only`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Item {
    /// Single calls from 8 tasks.
    Enqueue,
    /// Many jobs by the fastest means.
    Bulk,
    /// Running a backlog; history is kept where the system can.
    Drain,
    /// Running a backlog of jobs of which nothing is kept.
    DrainNohistory,
    /// Running a backlog with 1, 4, 32 and 256 workers.
    DrainWorkers,
    /// From enqueue to start, while nothing else goes on.
    Latency,
    /// Single calls while workers run what they store.
    Mixed,
    /// From enqueue to start, at half of the rate of `mixed`.
    LoadedLatency,
    /// Running a backlog that came through the schedule.
    Delayed,
    /// Running a backlog whose first attempts fail.
    Retried,
    /// Running a backlog that is one batch.
    Batch,
}

/// What `--quick` runs.
pub(crate) const QUICK: [Item; 4] = [Item::Enqueue, Item::Bulk, Item::Drain, Item::Latency];

/// The worker counts of [`Item::DrainWorkers`].
const WORKERS: [usize; 4] = [1, 4, 32, 256];

/// One row of the plan: a measure with a worker count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) item: Item,
    pub(crate) workers: usize,
}

impl Item {
    pub(crate) fn steps(self) -> Vec<Step> {
        match self {
            Self::DrainWorkers => WORKERS.map(|workers| Step { item: self, workers }).to_vec(),
            _ => vec![Step { item: self, workers: 0 }],
        }
    }
}

impl Step {
    /// What its figure is called.
    pub(crate) fn name(self) -> &'static str {
        match self.item {
            Item::Enqueue => "enqueue",
            Item::Bulk => "bulk",
            Item::Drain => "drain",
            Item::DrainNohistory => "drain_nohistory",
            Item::DrainWorkers => "drain_workers",
            Item::Latency => "latency",
            Item::Mixed => "mixed",
            Item::LoadedLatency => "loaded_latency",
            Item::Delayed => "delayed",
            Item::Retried => "retried",
            Item::Batch => "batch",
        }
    }

    pub(crate) fn measure(self) -> Measure {
        match self.item {
            Item::Enqueue => Measure::Enqueue,
            Item::Bulk => Measure::Bulk,
            Item::Drain | Item::DrainWorkers => Measure::Drain,
            Item::DrainNohistory => Measure::DrainNohistory,
            Item::Latency => Measure::Latency,
            Item::Mixed => Measure::Mixed,
            Item::LoadedLatency => Measure::Loaded,
            Item::Delayed => Measure::Delayed,
            Item::Retried => Measure::Retried,
            Item::Batch => Measure::Batch,
        }
    }

    /// The most jobs that a run has.
    pub(crate) fn most(self) -> u64 {
        match self.item {
            Item::Bulk | Item::Drain | Item::DrainNohistory | Item::DrainWorkers => 100_000,
            Item::Delayed | Item::Retried | Item::Batch => 50_000,
            Item::Enqueue | Item::Mixed | Item::LoadedLatency => 20_000,
            Item::Latency => 500,
        }
    }

    /// Whether waits are measured, and not a rate.
    pub(crate) fn is_latency(self) -> bool {
        matches!(self.item, Item::Latency | Item::LoadedLatency)
    }
}

/// The least jobs of a run whose rate counts.
pub(crate) const LEAST: u64 = 2_000;

/// How many jobs a run shall have, by what calibrating runs have shown: pairs of jobs and seconds, of which the second may be longer.
///
/// A rate often falls while the backlog grows, so the time is taken to grow by a power of the count, at least by the first.
pub(crate) fn count(seen: &[(u64, f64)], most: u64, time: Duration) -> u64 {
    let Some(&(jobs, seconds)) = seen.last() else { return most };
    let power = match seen {
        [.., (before_jobs, before), (jobs, seconds)] if jobs > before_jobs && seconds > before => {
            (seconds / before).ln() / (*jobs as f64 / *before_jobs as f64).ln()
        }
        _ => 1.0,
    };
    // A little room, because runs differ.
    let room = 0.75 * time.as_secs_f64() / seconds.max(0.001);
    let count = jobs as f64 * room.powf(1.0 / power.max(1.0));
    (count as u64).clamp(LEAST.min(most), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_fit_the_time() {
        let time = Duration::from_secs(20);
        // 15 seconds at 1,000 a second.
        assert_eq!(count(&[(2_000, 2.0)], 100_000, time), 15_000);
        assert_eq!(count(&[(2_000, 0.05)], 100_000, time), 100_000);
        assert_eq!(count(&[(2_000, 30.0)], 100_000, time), LEAST);
        // Four times the jobs take sixteen times as long.
        let square = count(&[(2_000, 0.25), (8_000, 4.0)], 100_000, time);
        assert!((15_000..16_000).contains(&square), "{square}");
    }
}
