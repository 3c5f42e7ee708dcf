//! The jobs that are claimed and wait for a slot. Whoever frees a slot starts the next of them; the fetcher is woken only when there
//! is something for it to do.

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::time::Instant;

use crate::server::{executor::Waiting, slots::Slots};

/// The level at which nobody is woken.
pub(crate) const NEVER: usize = usize::MAX;

/// The waiting jobs of one server.
#[derive(Debug)]
pub(crate) struct Line {
    jobs: Mutex<Jobs>,
    /// How many wait, for those who do not want the lock.
    length: AtomicUsize,
    /// With so many waiting jobs or fewer, the fetcher wants to hear of each slot that becomes free; [`NEVER`] for none.
    wanted_at: AtomicUsize,
}

#[derive(Debug, Default)]
struct Jobs {
    waiting: VecDeque<Waiting>,
    closed: bool,
}

impl Default for Line {
    fn default() -> Self {
        Self { jobs: Mutex::default(), length: AtomicUsize::new(0), wanted_at: AtomicUsize::new(NEVER) }
    }
}

impl Line {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self, jobs: &Jobs) {
        self.length.store(jobs.waiting.len(), Ordering::SeqCst);
    }

    /// Appends jobs.
    pub(crate) fn extend(&self, jobs: impl IntoIterator<Item = Waiting>) {
        let mut line = self.jobs();
        line.waiting.extend(jobs);
        self.changed(&line);
    }

    pub(crate) fn len(&self) -> usize {
        self.length.load(Ordering::SeqCst)
    }

    /// The first job with a slot that is taken for it; `None` when either is missing. Both in one step: else a slot that is held for
    /// a moment hides from who has just appended a job.
    pub(crate) fn next(&self, slots: &Slots) -> Option<Waiting> {
        let mut jobs = self.jobs();
        if jobs.closed || jobs.waiting.is_empty() || !slots.take() {
            return None;
        }
        let next = jobs.waiting.pop_front();
        self.changed(&jobs);
        next
    }

    /// When the first of them came.
    pub(crate) fn first_came(&self) -> Option<Instant> {
        self.jobs().waiting.front().map(|waiting| waiting.received)
    }

    /// The first job if it came by then.
    pub(crate) fn take_from(&self, latest: Instant) -> Option<Waiting> {
        let mut jobs = self.jobs();
        let taken = jobs.waiting.pop_front_if(|waiting| waiting.received <= latest);
        self.changed(&jobs);
        taken
    }

    /// Lets no more of them start, and gives them back.
    pub(crate) fn close(&self) -> VecDeque<Waiting> {
        let mut jobs = self.jobs();
        jobs.closed = true;
        let waiting = mem::take(&mut jobs.waiting);
        self.changed(&jobs);
        waiting
    }

    /// Says with how many waiting jobs the fetcher wants to hear of free slots. Before it looks how many there are, so that it
    /// misses none.
    pub(crate) fn want_at(&self, level: usize) {
        self.wanted_at.store(level, Ordering::SeqCst);
    }

    /// Whether the fetcher wants to hear of a slot that has become free.
    pub(crate) fn is_wanted(&self) -> bool {
        let level = self.wanted_at.load(Ordering::SeqCst);
        level != NEVER && self.len() <= level
    }
}
