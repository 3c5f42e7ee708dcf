//! Takes jobs that its own process stores while the server has free slots and nothing that goes first.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{runtime::Handle, sync::Notify};

use crate::{
    ServerId,
    offer::Taker,
    server::{executor, lease::Trust, shared::Shared, stage::Stage},
    storage::{Chunk, NewJob},
};

/// The server's side of an [`Offer`](crate::offer::Offer).
#[derive(Debug)]
pub(crate) struct Desk {
    shared: Arc<Shared>,
    trust: Trust,
    /// Where the server runs: jobs are stored on other threads.
    runtime: Handle,
    /// How many offers are out.
    out: AtomicUsize,
    none_out: Notify,
}

impl Desk {
    /// In the current runtime.
    pub(crate) fn open(shared: &Arc<Shared>, trust: Trust) -> Arc<Self> {
        let (runtime, out, none_out) = (Handle::current(), AtomicUsize::new(0), Notify::new());
        let desk = Arc::new(Self { shared: shared.clone(), trust, runtime, out, none_out });
        let taker: Arc<dyn Taker> = desk.clone();
        shared.storage().hub().attend(&taker);
        desk
    }

    /// Whether a claim would find nothing, as far as this process knows. The transaction that stores the jobs looks again.
    fn is_free(&self) -> bool {
        let shared = &self.shared;
        shared.stages.now() == Stage::Running
            && shared.line.len() == 0
            && shared.has_found_nothing()
            && !shared.finishes.are_full()
            && self.trust.holds()
    }

    fn over(&self) {
        if self.out.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.none_out.notify_waiters();
        }
    }

    /// Resolves when no offer is out. In a server that stops there are no new ones.
    pub(crate) async fn closed(&self) {
        loop {
            let none_out = self.none_out.notified();
            tokio::pin!(none_out);
            // Listening starts before the look, so that an end between the two is not missed.
            none_out.as_mut().enable();
            if self.out.load(Ordering::SeqCst) == 0 {
                return;
            }
            none_out.await;
        }
    }
}

impl Taker for Desk {
    fn server(&self) -> ServerId {
        self.shared.id
    }

    fn serves(&self, job: &NewJob) -> bool {
        self.shared.options.queues.has(&job.queue) && self.shared.registry.get(&job.kind).is_some()
    }

    fn reserve(&self, slots: usize) -> bool {
        // Counted first: a stop that looks later sees it, and of one that has looked before the stage tells.
        self.out.fetch_add(1, Ordering::SeqCst);
        let reserved = self.is_free() && self.shared.slots.take_all(slots);
        if !reserved {
            self.over();
        }
        reserved
    }

    fn start(&self, chunk: Chunk) {
        let (shared, _runtime) = (&self.shared, self.runtime.enter());
        let Chunk { fence, claimed_at, suspect, jobs } = chunk;
        shared.live.wait(jobs.iter().map(|job| (job.id, fence)), suspect);
        for job in jobs {
            match executor::admit(shared, job, fence, claimed_at) {
                Some(waiting) => executor::start_taken(shared, waiting),
                None => shared.slots.release(),
            }
        }
    }

    fn settle(&self, unused: usize) {
        for _ in 0..unused {
            self.shared.slots.release();
        }
        self.over();
    }
}
