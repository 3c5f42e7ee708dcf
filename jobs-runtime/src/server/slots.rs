//! How many jobs a server may run at once, and how many of these places are free.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The places in which jobs run.
#[derive(Debug)]
pub(crate) struct Slots {
    total: usize,
    free: AtomicUsize,
    lost: AtomicUsize,
    freed: Notify,
}

impl Slots {
    pub(crate) fn new(total: usize) -> Self {
        Self { total, free: AtomicUsize::new(total), lost: AtomicUsize::new(0), freed: Notify::new() }
    }

    pub(crate) fn free(&self) -> usize {
        self.free.load(Ordering::Acquire)
    }

    pub(crate) fn taken(&self) -> usize {
        self.total.saturating_sub(self.free())
    }

    /// Slots held by code that was told to end and did not.
    pub(crate) fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }

    /// Takes a slot, which the caller gives back by [`release`](Self::release); `false` when none is free.
    pub(crate) fn take(&self) -> bool {
        self.free.fetch_update(Ordering::AcqRel, Ordering::Acquire, |free| free.checked_sub(1)).is_ok()
    }

    pub(crate) fn release(&self) {
        self.free.fetch_add(1, Ordering::AcqRel);
        self.freed.notify_one();
    }

    /// Makes [`freed`](Self::freed) resolve for another reason to look again.
    pub(crate) fn wake(&self) {
        self.freed.notify_one();
    }

    /// Marks a taken slot as lost until [`found`](Self::found).
    pub(crate) fn lose(&self) -> usize {
        self.lost.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn found(&self) {
        self.lost.fetch_sub(1, Ordering::Relaxed);
    }

    /// Resolves when a slot became free since the last call. For one listener.
    pub(crate) async fn freed(&self) {
        self.freed.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_slots_are_taken_than_there_are() {
        let slots = Slots::new(2);
        assert!(slots.take() && slots.take() && !slots.take());
        assert_eq!((slots.free(), slots.taken()), (0, 2));
        slots.release();
        assert!(slots.take());
    }
}
