//! Clears away what claims leave behind. A claim reads the index from the head of each lane, where the entries of jobs that were
//! taken before stay until a vacuum; the server's own comes once a minute, which is late for a busy queue.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::transact::Core;
use crate::wake;

/// After how many jobs it is worth the while, and how long after the one before.
const JOBS: u64 = 20_000;
const REST: Duration = Duration::from_secs(3);
/// The server gives up earlier.
const LIMIT: Duration = Duration::from_secs(60);

/// How many jobs this process has taken since the last time.
#[derive(Debug, Default)]
pub(super) struct Leavings {
    jobs: AtomicU64,
    last: Mutex<Option<Instant>>,
}

impl Leavings {
    /// So many more were taken. Returns whether to clear away now.
    pub(super) fn add(&self, jobs: usize) -> bool {
        let jobs = jobs as u64;
        if self.jobs.fetch_add(jobs, Ordering::Relaxed) + jobs < JOBS {
            return false;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < REST) {
            return false;
        }
        *last = Some(Instant::now());
        self.jobs.store(0, Ordering::Relaxed);
        true
    }
}

/// Clears away, where the role may; a role that does not own the table leaves it to the server.
pub(super) async fn clear(core: &Core) {
    const WHAT: &str = "clearing away what claims have left behind";
    let Ok(mut held) = core.writers.take(WHAT).await else { return };
    let vacuum = sqlx::Executor::execute(&mut held.connection, sqlx::raw_sql(core.own.ready_vacuum.str()));
    match wake::within(LIMIT, vacuum).await {
        Some(Ok(_)) => held.give_back(),
        Some(Err(error)) => tracing::debug!(%error, "{WHAT}"),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_jobs_are_worth_it_once() {
        let leavings = Leavings::default();
        assert!(!leavings.add(19_999));
        assert!(leavings.add(1));
        assert!(!leavings.add(500));
        assert!(!leavings.add(1_000_000), "it rests");
    }
}
