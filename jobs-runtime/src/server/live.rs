//! The jobs that this server holds a claim on: waiting for a slot, running, or ended and not yet stored.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::{Fence, JobId, server::attempt::Attempt};

/// A job under the fence it was claimed with; the same job may be here twice after it was lost and claimed again.
pub(crate) type Key = (JobId, Fence);

/// What this server holds.
#[derive(Debug, Default)]
pub(crate) struct Live {
    held: Mutex<BTreeMap<Key, Held>>,
    suspects: AtomicUsize,
    changed: Notify,
}

#[derive(Debug)]
struct Held {
    suspect: bool,
    /// Whether its handler has ended it in a transaction of its own.
    finished: bool,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    Waiting,
    Running(Arc<Attempt>),
    Ended,
}

impl Held {
    /// The attempt whose outcome is not known yet.
    fn running(&self) -> Option<&Arc<Attempt>> {
        match &self.phase {
            Phase::Running(attempt) => Some(attempt),
            Phase::Waiting | Phase::Ended => None,
        }
    }
}

impl Live {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Key, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claimed jobs wait for a slot.
    pub(crate) fn wait(&self, keys: impl IntoIterator<Item = Key>, suspect: bool) {
        let mut held = self.held();
        for key in keys {
            let before = held.insert(key, Held { suspect, finished: false, phase: Phase::Waiting });
            if suspect && before.is_none_or(|before| !before.suspect) {
                self.suspects.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// A waiting job runs now.
    pub(crate) fn begin(&self, attempt: &Arc<Attempt>) {
        if let Some(held) = self.held().get_mut(&attempt.key()) {
            held.phase = Phase::Running(attempt.clone());
        }
    }

    /// The job's handler has ended it in a transaction of its own.
    pub(crate) fn finished(&self, key: Key) {
        if let Some(held) = self.held().get_mut(&key) {
            held.finished = true;
        }
    }

    /// Whether [`finished`](Self::finished) was called.
    pub(crate) fn has_finished(&self, key: Key) -> bool {
        self.held().get(&key).is_some_and(|held| held.finished)
    }

    /// The job's outcome is known and on its way to the storage.
    pub(crate) fn end(&self, key: Key) {
        if let Some(held) = self.held().get_mut(&key) {
            held.phase = Phase::Ended;
        }
        self.changed.notify_waiters();
    }

    /// The server holds these no longer.
    pub(crate) fn remove(&self, keys: impl IntoIterator<Item = Key>) {
        let mut held = self.held();
        for key in keys {
            if held.remove(&key).is_some_and(|held| held.suspect) {
                self.suspects.fetch_sub(1, Ordering::Relaxed);
            }
        }
        drop(held);
        self.changed.notify_waiters();
    }

    pub(crate) fn holds(&self, key: Key) -> bool {
        self.held().contains_key(&key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held().is_empty()
    }

    /// Whether one of the jobs is one that a server died with before.
    pub(crate) fn has_suspect(&self) -> bool {
        self.suspects.load(Ordering::Relaxed) > 0
    }

    /// The attempts whose outcome is not known yet.
    pub(crate) fn running(&self) -> Vec<Arc<Attempt>> {
        self.held().values().filter_map(|held| held.running().cloned()).collect()
    }

    /// The attempts of one job whose outcome is not known yet.
    pub(crate) fn running_of(&self, job: JobId) -> Vec<Arc<Attempt>> {
        self.held()
            .range((job, Fence(i64::MIN))..=(job, Fence(i64::MAX)))
            .filter_map(|(_, held)| held.running().cloned())
            .collect()
    }

    /// The attempts that began at least `age` ago.
    pub(crate) fn running_since(&self, age: Duration) -> Vec<Arc<Attempt>> {
        let now = Instant::now();
        let mut running = self.running();
        running.retain(|attempt| now.saturating_duration_since(attempt.started()) >= age);
        running
    }

    /// Resolves when no attempt runs any more.
    pub(crate) async fn all_ended(&self) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Listening starts before the look, so that an end between the two is not missed.
            changed.as_mut().enable();
            if self.running().is_empty() {
                return;
            }
            changed.await;
        }
    }
}
