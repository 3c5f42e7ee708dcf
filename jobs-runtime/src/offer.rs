//! Free slots that a server offers to the jobs which its own process stores. Such a job is claimed in the transaction that stores it and
//! starts when that is committed: one commit, and no wake-up, between the call and the start.

use std::{
    collections::HashSet,
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    JobId, ServerId,
    storage::{Chunk, Due, NewJob},
};

/// A server that takes jobs while they are being stored.
pub(crate) trait Taker: Debug + Send + Sync {
    /// Who claims.
    fn server(&self) -> ServerId;

    /// Whether it runs such a job.
    fn serves(&self, job: &NewJob) -> bool;

    /// Takes so many slots; none, and `false`, where they are not free or something that it knows of goes first. Each time that they
    /// are taken is followed by one [`settle`](Self::settle).
    fn reserve(&self, slots: usize) -> bool;

    /// Starts claimed jobs, each in a slot that was taken for it.
    fn start(&self, chunk: Chunk);

    /// Nothing more is started in slots that were taken together; so many of them were not used.
    fn settle(&self, unused: usize);
}

/// Slots for jobs that are about to be stored. What is not used of it when it goes is free again.
#[derive(Debug)]
pub(crate) struct Offer {
    taker: Arc<dyn Taker>,
    jobs: HashSet<JobId>,
    unused: AtomicUsize,
}

impl Offer {
    /// The server's slots for all of the jobs that it may take at once; `None` where there are no such jobs or too few slots.
    pub(crate) fn of(taker: &Arc<dyn Taker>, jobs: &[NewJob]) -> Option<Self> {
        let fits = jobs.iter().filter(|job| is_simple(job) && taker.serves(job));
        // Counted first: of a bulk they are mostly too many.
        let slots = fits.clone().count();
        (slots > 0 && taker.reserve(slots)).then(|| Self {
            taker: taker.clone(),
            jobs: fits.map(|job| job.id).collect(),
            unused: slots.into(),
        })
    }

    /// Who claims.
    pub(crate) fn server(&self) -> ServerId {
        self.taker.server()
    }

    /// Whether there is a slot for the job.
    pub(crate) fn is_for(&self, job: &NewJob) -> bool {
        is_simple(job) && self.jobs.contains(&job.id)
    }

    /// Starts those of the jobs that were stored and claimed.
    pub(crate) fn take(&self, chunk: Chunk) {
        self.unused.fetch_sub(chunk.jobs.len(), Ordering::Relaxed);
        self.taker.start(chunk);
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        self.taker.settle(*self.unused.get_mut());
    }
}

/// Whether a job is due at once and has to do with nothing else.
fn is_simple(job: &NewJob) -> bool {
    job.due == Due::Now
        && job.recurring.is_none()
        && job.batch.is_none()
        && job.waits.is_none()
        && job.expires.is_none_or(|time| !time.is_zero())
}
