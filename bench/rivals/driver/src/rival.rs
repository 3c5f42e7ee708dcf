//! What a rival has to be able to do.

use std::{ops::Range, pin::Pin, time::SystemTime};

use anyhow::Result;
use jobs_bench_kit::Task;

/// Which jobs are stored.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// To be run at once.
    Now,
    /// To be run from this moment on.
    At(SystemTime),
    /// To be run at once, with an attempt after the first that follows without a pause. The first fails: its handler fails where
    /// [`ran`](crate::ran) returns 0.
    Flaky,
}

/// Workers that run until this is awaited: it ends them in order.
pub type Worker = Pin<Box<dyn Future<Output = Result<()>>>>;

/// A system that is measured beside ours, at its own best settings.
pub trait Rival: Clone + Send + Sync + 'static {
    /// Why the jobs' rows cannot be kept or cannot be removed: the reason for the measure that there is not.
    const NO_DRAIN_NOHISTORY: Option<&'static str> = None;
    /// Why it cannot store jobs for later.
    const NO_DELAYED: Option<&'static str> = None;
    /// Why it cannot repeat a job without a pause.
    const NO_RETRIED: Option<&'static str> = None;

    /// One call that stores one job.
    fn enqueue(&self, number: u64, text: String) -> impl Future<Output = Result<()>> + Send;

    /// Stores many jobs by the fastest means.
    fn bulk(&self, numbers: Range<u64>, kind: Kind) -> impl Future<Output = Result<()>>;

    /// Starts workers, with the settings that are best for the task's measure, and with its number of workers if it gives one.
    fn start(&self, task: &Task) -> impl Future<Output = Result<Worker>>;

    /// Whether the database shows all jobs as done.
    fn all_done(&self) -> impl Future<Output = Result<bool>>;
}

/// The numbers in chunks.
///
/// # Panics
/// The size does not fit.
pub fn chunks(numbers: Range<u64>, size: u64) -> impl Iterator<Item = Range<u64>> {
    let end = numbers.end;
    numbers.step_by(usize::try_from(size).expect("a small number")).map(move |first| first..end.min(first + size))
}
