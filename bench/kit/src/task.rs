//! What a system is to do.

use clap::{Parser, ValueEnum};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Measure {
    /// Single calls from [`Task::tasks`] tasks.
    Enqueue,
    /// Many jobs by the fastest means.
    Bulk,
    /// Running a backlog that is there before the worker starts, until the database says that all are done; history is kept where the
    /// system can.
    Drain,
    /// As [`Drain`](Self::Drain), where nothing is kept of a job that has succeeded.
    DrainNohistory,
    /// From enqueue to start, one job each [`Task::gap`], while nothing else goes on.
    Latency,
    /// From enqueue to start, [`Task::rate`] jobs a second.
    Loaded,
    /// Single calls from [`Task::tasks`] tasks while workers run what they store.
    Mixed,
    /// As [`Drain`](Self::Drain), of jobs stored for the moment before the worker starts: they go through the schedule.
    Delayed,
    /// As [`Drain`](Self::Drain), of jobs whose first attempt fails and whose second follows at once.
    Retried,
    /// As [`Drain`](Self::Drain), of jobs in one batch with a continuation.
    Batch,
}

/// One measure of one system.
#[derive(Clone, Debug, Parser)]
pub struct Task {
    /// Which of the systems of this program.
    #[arg(long)]
    pub system: String,

    /// What is measured.
    #[arg(long, value_enum)]
    pub measure: Measure,

    /// A database of the system's own, which is empty.
    #[arg(long)]
    pub url: String,

    /// How many jobs.
    #[arg(long, default_value_t = 10_000)]
    pub jobs: u64,

    /// How many jobs run at once; 0 for the system's best setting.
    #[arg(long, default_value_t = 0)]
    pub workers: usize,

    /// How many tasks enqueue.
    #[arg(long, default_value_t = 8)]
    pub tasks: u64,

    /// The pause between two jobs, in milliseconds, where latency is measured.
    #[arg(long, default_value_t = 20)]
    pub gap: u64,

    /// How many jobs a second are offered where latency is measured under load.
    #[arg(long, default_value_t = 1_000.0)]
    pub rate: f64,
}

impl Task {
    /// The task in the program's arguments.
    pub fn parse() -> Self {
        <Self as Parser>::parse()
    }

    /// The worker count, or this where the task leaves it to the system.
    pub fn workers_or(&self, best: usize) -> usize {
        if self.workers == 0 { best } else { self.workers }
    }
}
