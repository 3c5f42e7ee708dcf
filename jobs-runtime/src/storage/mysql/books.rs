//! What this process knows of the jobs that it has claimed, so that the common end of an attempt need not read it again. None of it
//! is a right: that is looked at with the write.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Fence, JobId, ServerId, storage::sql::stat::Line};

/// How many chunks are remembered. Of those that ended otherwise nobody says so; the oldest are forgotten.
const CHUNKS: usize = 4_096;

/// What becomes of a job that succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It stays until the walk of retention comes by.
    Walk,
    /// It goes at once.
    Nothing,
}

/// A claimed job that is on its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain {
    pub(super) line: Line,
    pub(super) kept: Kept,
}

/// A chunk.
#[derive(Debug)]
struct Entry {
    server: ServerId,
    claimed_at: i64,
    jobs: HashMap<JobId, Plain>,
}

#[derive(Debug, Default)]
pub(super) struct Books(Mutex<BTreeMap<Fence, Entry>>);

impl Books {
    /// Notes the jobs of a chunk that are on their own.
    pub(super) fn note(&self, fence: Fence, server: ServerId, claimed_at: i64, jobs: HashMap<JobId, Plain>) {
        let mut chunks = self.locked();
        chunks.insert(fence, Entry { server, claimed_at, jobs });
        while chunks.len() > CHUNKS {
            chunks.pop_first();
        }
    }

    /// What is known of a job of a chunk, which is forgotten, and when the chunk was claimed.
    pub(super) fn take(&self, fence: Fence, server: ServerId, job: JobId) -> Option<(Plain, i64)> {
        let mut chunks = self.locked();
        let entry = chunks.get_mut(&fence).filter(|entry| entry.server == server)?;
        let found = entry.jobs.remove(&job).map(|plain| (plain, entry.claimed_at));
        if entry.jobs.is_empty() {
            chunks.remove(&fence);
        }
        found
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<Fence, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
