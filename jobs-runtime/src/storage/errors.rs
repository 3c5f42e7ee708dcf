//! The noun *error*: groups of failures that are alike.

use jiff::Timestamp;

use crate::{ErrorId, JobId};

/// Failures of one kind that are alike, those of attempts that were followed by another among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRecord {
    /// The group.
    pub id: ErrorId,
    /// The kind of the jobs.
    pub kind: String,
    /// How often an attempt ended so, or a job failed so without one, since the first time.
    pub count: i64,
    /// The first time, by the database's clock.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
    /// The job that it happened to last; retention may have removed it.
    pub last_job: JobId,
    /// The first line, with what differs made alike.
    pub title: String,
    /// The last error with its chain of causes; its beginning, where it is long.
    pub sample: String,
}

/// A filter for lists of errors, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorFilter {
    pub(crate) kind: Option<String>,
    pub(crate) before: Option<(Timestamp, ErrorId)>,
    pub(crate) limit: u32,
}

impl Default for ErrorFilter {
    fn default() -> Self {
        Self { kind: None, before: None, limit: 50 }
    }
}

impl ErrorFilter {
    /// How many groups a page has at most.
    pub const MOST: u32 = 1_000;

    /// The newest 50.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only of this kind.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Only those that follow this one in the list: the next page. It goes by the time at which it was read, so that what has
    /// happened again since is on the first page.
    pub fn before(self, record: &ErrorRecord) -> Self {
        self.before_place(record.last_at, record.id)
    }

    /// The same by the last time and the group of the record, as they stand in the address of the next page.
    pub fn before_place(mut self, last_at: Timestamp, id: ErrorId) -> Self {
        self.before = Some((last_at, id));
        self
    }

    /// At most so many, from 1 to [`MOST`](Self::MOST).
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, Self::MOST);
        self
    }
}
