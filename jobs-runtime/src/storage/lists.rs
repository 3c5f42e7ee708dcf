//! The noun *list*: pages of jobs in one state, in the order of an index that the state has.

use std::collections::BTreeMap;

use super::{JobRecord, ListPlace};
use crate::{ErrorId, JobId};

/// The ids of one page, and how far the walk went for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// The jobs in the list's order, and for each the place of what follows it in the direction of the walk.
    pub ids: Vec<(JobId, ListPlace)>,
    /// Where the page before this one is; `None` at the list's beginning.
    pub previous: Option<ListPlace>,
    /// Where the page after this one is; `None` at the list's end.
    pub next: Option<ListPlace>,
    /// How many rows were looked at.
    pub looked: u32,
    /// Whether the walk ended because it had looked at as many rows as it may, and not because the page was full or the list at its end.
    pub stopped: bool,
}

/// One page of a list of jobs.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct JobPage {
    /// The jobs, in the list's order.
    pub jobs: Vec<JobRecord>,
    /// Where the page before this one is; `None` at the list's beginning. What was there may be gone by then.
    pub previous: Option<ListPlace>,
    /// Where the page after this one is; `None` at the list's end. After a search that [`stopped`](Self::stopped) it goes on from
    /// there.
    pub next: Option<ListPlace>,
    /// How many jobs were looked at to find these.
    pub looked: u32,
    /// Whether the search ended because it had looked at as many jobs as it may, so that there may be more that fit than are shown.
    pub stopped: bool,
    /// How many of the jobs that were looked at could not be searched for the text, because this program does not know their kind, their
    /// args are too long or cannot be read.
    pub unread: u32,
}

impl JobPage {
    pub(crate) fn new(walked: &Walked, jobs: Vec<JobRecord>) -> Self {
        let Walked { previous, next, looked, stopped, .. } = *walked;
        Self { jobs, previous, next, looked, stopped, unread: 0 }
    }
}

impl JobTexts {
    /// Whether its last error belongs to the group.
    pub(crate) fn is_of(&self, error: ErrorId) -> bool {
        self.reason.as_ref().is_some_and(|reason| ErrorId::of(&self.kind, reason) == error)
    }
}

impl IntoIterator for JobPage {
    type Item = JobRecord;
    type IntoIter = std::vec::IntoIter<JobRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.jobs.into_iter()
    }
}

/// What a job's text is searched in.
#[derive(Clone, Debug, PartialEq)]
pub struct JobTexts {
    /// The job.
    pub id: JobId,
    /// Its kind's name.
    pub kind: String,
    /// The args with their header; `None` where they are longer than was asked for.
    pub payload: Option<Vec<u8>>,
    /// The caller's own facts about it.
    pub meta: BTreeMap<String, String>,
    /// The caller's own labels for it.
    pub tags: Vec<String>,
    /// Why it ended as it did, or the last attempt's error.
    pub reason: Option<String>,
}
