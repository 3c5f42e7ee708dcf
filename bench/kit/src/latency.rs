//! How long jobs wait until they start.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use serde_json::{Map, Value};

/// When each job's enqueue call began, when it returned, and when the job started.
#[derive(Debug)]
pub struct Latencies {
    zero: Instant,
    jobs: Vec<[AtomicU64; 3]>,
}

impl Latencies {
    /// Of jobs with the numbers 0 to `jobs - 1`.
    pub fn new(jobs: u64) -> Self {
        Self { zero: Instant::now(), jobs: (0..jobs).map(|_| Default::default()).collect() }
    }

    /// Whether the job's wait is measured: jobs that only warm up have greater numbers.
    pub fn is_of(&self, job: u64) -> bool {
        job < self.jobs.len() as u64
    }

    fn note(&self, job: u64, which: usize) {
        let nanos = u64::try_from(self.zero.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let index = usize::try_from(job).expect("a number of a job fits");
        // The first time counts.
        let _ = self.jobs[index][which].compare_exchange(0, nanos, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The enqueue call begins.
    pub fn begins(&self, job: u64) {
        self.note(job, 0);
    }

    /// The enqueue call has returned.
    pub fn returned(&self, job: u64) {
        self.note(job, 1);
    }

    /// The job has started.
    pub fn started(&self, job: u64) {
        self.note(job, 2);
    }

    /// The percentiles in milliseconds, from the call's begin (`p50`, `p95`, `p99`, `max`) and from its return (`returned_p50`, ...). A
    /// job that starts before its call returns counts as 0.
    pub fn report(&self) -> Map<String, Value> {
        let mut report = Map::new();
        for (from, prefix) in [(0, ""), (1, "returned_")] {
            let mut waits: Vec<u64> = self
                .jobs
                .iter()
                .map(|times| times[2].load(Ordering::Relaxed).saturating_sub(times[from].load(Ordering::Relaxed)))
                .collect();
            waits.sort_unstable();
            for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)] {
                let index = ((waits.len() as f64 * share) as usize).min(waits.len().saturating_sub(1));
                let nanos = waits.get(index).copied().unwrap_or_default();
                report.insert(format!("{prefix}{name}"), Value::from(nanos as f64 / 1e6));
            }
        }
        report
    }
}
