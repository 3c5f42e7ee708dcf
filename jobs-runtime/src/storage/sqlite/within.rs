//! Jobs that were stored inside the application's own transactions, from the call until the commit is seen.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::JobId;

/// A transaction that is open for longer is taken to have been rolled back.
const FORGET_AFTER: Duration = Duration::from_secs(30);

/// The jobs whose transaction may still be open.
#[derive(Debug, Default)]
pub(super) struct OpenTransactions(Mutex<Vec<(JobId, Instant)>>);

impl OpenTransactions {
    pub(super) fn add(&self, id: JobId) {
        self.locked().push((id, Instant::now()));
    }

    /// The job was seen by another connection. Returns whether this is the first that is known of its transaction's commit.
    pub(super) fn seen(&self, id: JobId) -> bool {
        let mut open = self.locked();
        let before = open.len();
        open.retain(|(known, _)| *known != id);
        open.len() < before
    }

    /// All of them have ended.
    pub(super) fn clear(&self) {
        self.locked().clear();
    }

    /// Whether a transaction may be open.
    pub(super) fn any(&self) -> bool {
        let mut open = self.locked();
        open.retain(|(_, since)| since.elapsed() < FORGET_AFTER);
        !open.is_empty()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<(JobId, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
