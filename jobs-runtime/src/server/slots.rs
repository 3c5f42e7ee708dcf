//! How many jobs a server may run at once, and how many of these places are free.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The places in which jobs run.
#[derive(Debug)]
pub(crate) struct Slots {
    total: AtomicUsize,
    taken: AtomicUsize,
    lost: AtomicUsize,
    freed: Notify,
}

impl Slots {
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total: AtomicUsize::new(total),
            taken: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
            freed: Notify::new(),
        }
    }

    /// How many there are.
    pub(crate) fn total(&self) -> usize {
        self.total.load(Ordering::Acquire)
    }

    /// Makes them more, or fewer: then those that are taken stay so, and none is free until enough have come back.
    pub(crate) fn resize(&self, total: usize) {
        self.total.store(total, Ordering::Release);
        self.freed.notify_one();
    }

    pub(crate) fn free(&self) -> usize {
        self.total().saturating_sub(self.taken())
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }

    /// Slots held by code that was told to end and did not.
    pub(crate) fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }

    /// Takes a slot, which the caller gives back by [`release`](Self::release); `false` when none is free.
    pub(crate) fn take(&self) -> bool {
        self.take_all(1)
    }

    /// Takes so many slots; none, and `false`, when fewer are free.
    pub(crate) fn take_all(&self, slots: usize) -> bool {
        let total = self.total();
        let more = |taken: usize| taken.checked_add(slots).filter(|more| *more <= total);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_ok()
    }

    pub(crate) fn release(&self) {
        self.give_back();
        self.wake();
    }

    /// [`release`](Self::release) by who sees to it that the slot is used, or wakes who does.
    pub(crate) fn give_back(&self) {
        self.taken.fetch_sub(1, Ordering::AcqRel);
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

    #[test]
    fn several_are_taken_together_or_not_at_all() {
        let slots = Slots::new(3);
        assert!(slots.take() && !slots.take_all(3) && !slots.take_all(usize::MAX));
        assert_eq!(slots.free(), 2);
        assert!(slots.take_all(2) && !slots.take() && slots.take_all(0));
    }

    #[test]
    fn a_smaller_number_waits_for_what_is_taken() {
        let slots = Slots::new(3);
        assert!(slots.take() && slots.take() && slots.take());
        slots.resize(1);
        slots.release();
        assert_eq!((slots.free(), slots.taken()), (0, 2));
        assert!(!slots.take());
        slots.release();
        slots.release();
        assert!(slots.take() && !slots.take());
        slots.resize(2);
        assert!(slots.take());
    }
}
