//! The noun *upkeep*: what maintenance does set-wise, in bounded steps.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{Result, State};

/// What one step of promotion did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Promoted {
    /// How many due jobs became runnable.
    pub jobs: u64,
    /// How long until the next becomes due, by the database's clock; zero when more are due already.
    pub next_in: Option<Duration>,
}

/// A total of the statistics.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateTotal {
    /// The queue.
    pub queue: String,
    /// The kind.
    pub kind: String,
    /// The state.
    pub state: State,
    /// How many jobs are in it.
    pub jobs: i64,
}

/// What the statistics count over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Jobs that were stored.
    Created,
    /// Jobs that ended well.
    Succeeded,
    /// Jobs that failed for good.
    Failed,
    /// Jobs that were deleted.
    Deleted,
    /// Attempts that are followed by another.
    Retried,
    /// Jobs that were put back after their server died.
    Rescued,
    /// Results that were refused because their server had lost its right. A job that comes back unrun is no result.
    Stale,
    /// Waits from due to start; the bucket is the bit length of the milliseconds.
    Wait,
    /// Runs from start to end; the bucket is the bit length of the milliseconds.
    Run,
}

impl Measure {
    /// All measures.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Succeeded,
        Self::Failed,
        Self::Deleted,
        Self::Retried,
        Self::Rescued,
        Self::Stale,
        Self::Wait,
        Self::Run,
    ];

    /// The small number that stands for the measure in storage; never renumber.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.code() == code)
    }
}

/// One row of the statistics over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatPoint {
    /// The beginning of the minute, hour or day.
    pub at: Timestamp,
    /// The queue.
    pub queue: String,
    /// The kind.
    pub kind: String,
    /// What is counted.
    pub measure: Measure,
    /// The bucket of a histogram; 0 for the others.
    pub bucket: u8,
    /// How often.
    pub count: i64,
}

/// How fine the statistics over time are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grain {
    /// Kept for 75 minutes.
    Minute,
    /// Kept for 15 days.
    Hour,
    /// Kept for ever.
    Day,
}

/// Storage of what maintenance does.
#[async_trait]
pub trait UpkeepStorage: Send + Sync {
    /// The database's time.
    async fn now(&self) -> Result<Timestamp>;

    /// Moves at most `limit` due jobs to where they can be claimed, earliest first.
    async fn promote(&self, limit: u32) -> Result<Promoted>;

    /// Sets aside at most `limit` runnable jobs of kinds that are paused or that no live server can run, and brings back those
    /// that one can run again. Returns how many moved.
    async fn park(&self, limit: u32) -> Result<u64>;

    /// Removes at most `limit` jobs whose retention has ended. Returns how many were looked at: as many as `limit` means that
    /// there may be more.
    async fn clean(&self, limit: u32) -> Result<u64>;

    /// Folds noted errors into their groups; adds up what transactions have noted since, where the engine keeps notes; and rolls old
    /// statistics up, minutes into hours, hours into days. Returns how many rows it took.
    async fn stat_roll(&self) -> Result<u64>;

    /// How many jobs are in which state, from the statistics: reads no job.
    async fn stat_totals(&self) -> Result<Vec<StateTotal>>;

    /// The same by counting every job: for tests and for checking a database, never on a live path.
    async fn recount(&self) -> Result<Vec<StateTotal>>;

    /// The statistics over time since `since`.
    async fn stat_points(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>>;

    /// The same without the histograms, which are most of it; in no order.
    async fn stat_counts(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>>;

    /// The same added up over time: of each queue, kind, measure and bucket one, which is told to be at `since`; in no order.
    async fn stat_sums(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>>;

    /// Looks for rows that contradict each other, and for totals that differ from a count, and says what it found, one sentence each: for tests and for checking a
    /// database, never on a live path.
    async fn check(&self) -> Result<Vec<String>>;
}
