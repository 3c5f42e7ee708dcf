//! What this process was given by its claims: which jobs are in which chunk, and how each may end. A chunk's members never change, so
//! that a finish need not ask for them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::driver::Place;
use crate::{Fence, JobId, ServerId};

/// Of more chunks the oldest are forgotten; their jobs end the ordinary way.
const MOST: usize = 1_000;

/// In which one statement a job may end that has succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It stays, until the walk of retention comes by.
    Kept,
    /// It goes.
    Gone,
}

impl Way {
    /// Of the number that `claim_take` gives.
    pub(super) const fn of(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Kept),
            2 => Some(Self::Gone),
            _ => None,
        }
    }
}

/// The chunks of this process.
#[derive(Debug, Default)]
pub(super) struct Chunks(Mutex<BTreeMap<Fence, Members>>);

#[derive(Debug)]
struct Members {
    server: ServerId,
    /// Those that have not ended and may end in one statement, and where the claim saw their rows.
    jobs: HashMap<JobId, (Way, Place)>,
}

impl Chunks {
    /// A claim has given this chunk.
    pub(super) fn add(&self, fence: Fence, server: ServerId, jobs: HashMap<JobId, (Way, Place)>) {
        if jobs.is_empty() {
            return;
        }
        let mut chunks = self.locked();
        chunks.insert(fence, Members { server, jobs });
        while chunks.len() > MOST {
            chunks.pop_first();
        }
    }

    /// How the job may end and where it is, if the server holds it in this chunk; asked for once.
    pub(super) fn take(&self, fence: Fence, server: ServerId, job: JobId) -> Option<(Way, Place)> {
        let mut chunks = self.locked();
        let members = chunks.get_mut(&fence).filter(|members| members.server == server)?;
        let job = members.jobs.remove(&job);
        if members.jobs.is_empty() {
            chunks.remove(&fence);
        }
        job
    }

    /// Something more than its run happens to the job: it ends the ordinary way.
    pub(super) fn forget(&self, job: JobId) {
        self.locked().retain(|_, members| {
            members.jobs.remove(&job);
            !members.jobs.is_empty()
        });
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<Fence, Members>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_known_to_its_own_server_and_once() {
        let (chunks, server) = (Chunks::default(), ServerId::new());
        let [kept, gone, told] = [JobId::new(), JobId::new(), JobId::new()];
        let place = |number: u8| Place::of(&[0, 0, 0, 0, 0, number]).unwrap();
        let jobs = [(kept, (Way::Kept, place(1))), (gone, (Way::Gone, place(2))), (told, (Way::Gone, place(3)))];
        chunks.add(Fence(1), server, HashMap::from(jobs));
        chunks.forget(told);
        assert_eq!(chunks.take(Fence(1), ServerId::new(), kept), None);
        assert_eq!(chunks.take(Fence(2), server, kept), None);
        assert_eq!(chunks.take(Fence(1), server, told), None);
        assert_eq!(chunks.take(Fence(1), server, kept), Some((Way::Kept, place(1))));
        assert_eq!(chunks.take(Fence(1), server, kept), None);
        assert_eq!(chunks.take(Fence(1), server, gone), Some((Way::Gone, place(2))));
        assert!(chunks.locked().is_empty());
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let (chunks, server, job) = (Chunks::default(), ServerId::new(), JobId::new());
        let kept = (Way::Kept, Place::of(&[0; 6]).unwrap());
        for number in 0..=1_000 {
            chunks.add(Fence(number), server, HashMap::from([(job, kept)]));
        }
        assert_eq!(chunks.take(Fence(0), server, job), None);
        assert_eq!(chunks.take(Fence(1), server, job), Some(kept));
    }
}
