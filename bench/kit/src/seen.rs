//! The proof that each job ran once.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use tokio::{sync::Notify, time::timeout};

use crate::LIMIT;

/// How often each job has run.
#[derive(Debug)]
pub struct Seen {
    runs: Vec<AtomicU8>,
    times: u8,
    total: AtomicU64,
    all: Notify,
}

impl Seen {
    /// Of jobs with the numbers 0 to `jobs - 1`, each of which is to run `times` times.
    pub fn new(jobs: u64, times: u8) -> Self {
        let runs = (0..jobs).map(|_| AtomicU8::new(0)).collect();
        Self { runs, times, total: AtomicU64::new(0), all: Notify::new() }
    }

    /// A job runs. Returns how often it ran before.
    ///
    /// # Panics
    /// Its text is not [`text`](crate::text)'s, or its number is unknown: the system has mixed something up.
    pub fn ran(&self, number: u64, text: &str) -> u8 {
        assert_eq!(text.len(), 100, "the job's arguments came back changed");
        let index = usize::try_from(number).expect("a number of a job fits");
        let before = self.runs[index].fetch_add(1, Ordering::Relaxed);
        if self.total.fetch_add(1, Ordering::AcqRel) + 1 == self.goal() {
            self.all.notify_one();
        }
        before
    }

    fn goal(&self) -> u64 {
        self.runs.len() as u64 * u64::from(self.times)
    }

    /// Waits until there were as many runs as there are to be.
    ///
    /// # Errors
    /// [`LIMIT`] has passed.
    pub async fn all(&self) -> Result<()> {
        let waited = timeout(LIMIT, self.all.notified()).await;
        waited.with_context(|| {
            format!("after {LIMIT:?}, there were {} of {} runs", self.total.load(Ordering::Relaxed), self.goal())
        })
    }

    /// Says that each ran as often as it is to.
    ///
    /// # Errors
    /// How many ran more often, or less.
    pub fn check(&self) -> Result<()> {
        let times = self.times;
        let count = |wrong: fn(u8, u8) -> bool| {
            self.runs.iter().filter(|runs| wrong(runs.load(Ordering::Relaxed), times)).count()
        };
        let (less, more) = (count(|ran, times| ran < times), count(|ran, times| ran > times));
        ensure!(less + more == 0, "{less} jobs ran less than {times} times, {more} more often");
        Ok(())
    }
}
