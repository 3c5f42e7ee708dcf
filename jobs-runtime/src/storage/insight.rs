//! The noun *insight*: what operators ask of the whole system. Each call is a few probes of indexes or reads small tables, however
//! many jobs there are.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    ErrorId, Result, State,
    storage::{ErrorFilter, ErrorRecord},
};

/// How many jobs of one queue and kind are in one state, those that are set aside apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineTotal {
    /// The queue.
    pub queue: String,
    /// The kind.
    pub kind: String,
    /// The state.
    pub state: State,
    /// Whether they are set aside; their state is then `enqueued`.
    pub parked: bool,
    /// How many there are.
    pub jobs: i64,
}

/// A step that made the tables what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The version of the tables after it.
    pub version: i64,
    /// What it brought.
    pub name: String,
    /// When it was carried out, by the database's clock.
    pub applied_at: Timestamp,
}

/// The database as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemRecord {
    /// The engine's own words for its version.
    pub version: String,
    /// The version of the tables.
    pub schema: i64,
    /// The database's time.
    pub now: Timestamp,
    /// What takes how much room, the largest first.
    pub sizes: Vec<TableSize>,
    /// The steps that made the tables, the oldest first.
    pub migrations: Vec<Migration>,
}

/// Which version the tables are of, and which this program works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The version of the tables that are there; `None` where there are none.
    pub found: Option<i64>,
    /// The version that this program works with.
    pub needed: i64,
}

impl SchemaVersion {
    /// Whether this program works with the tables for certain.
    pub fn fits(&self) -> bool {
        self.found == Some(self.needed)
    }

    /// Whether tables are missing, or lack what this program needs. With newer ones it may go on working, as during a deployment.
    pub fn is_older(&self) -> bool {
        self.found.is_none_or(|found| found < self.needed)
    }
}

/// How large a table is, by the engine's own catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSize {
    /// The table; `database`, where only the whole is known.
    pub name: String,
    /// About how many rows it has, where the engine keeps an estimate.
    pub rows: Option<i64>,
    /// How many bytes it takes with its indexes.
    pub bytes: i64,
}

/// Storage of what operators ask.
#[async_trait]
pub trait InsightStorage: Send + Sync {
    /// How many jobs of each queue and kind are in which state, from the statistics: reads no job. All queues and kinds that were ever
    /// named are told of by those that have jobs.
    async fn line_totals(&self) -> Result<Vec<LineTotal>>;

    /// How long the jobs at the head of each queue that has runnable ones have been due, by the database's clock: of the first of its
    /// highest and the first of its lowest priority, the longer wait.
    async fn queue_waits(&self) -> Result<Vec<(String, Duration)>>;

    /// Groups of errors, those that happened last first. What happened since the last
    /// [`stat_roll`](super::UpkeepStorage::stat_roll) is not among them yet.
    async fn error_list(&self, filter: ErrorFilter) -> Result<Vec<ErrorRecord>>;

    /// One group of errors.
    async fn error_get(&self, id: ErrorId) -> Result<Option<ErrorRecord>>;

    /// The database as it stands. The sizes come from its catalog: no table is read.
    async fn system(&self) -> Result<SystemRecord>;

    /// Which version the tables are of, and which this program works with.
    async fn schema(&self) -> Result<SchemaVersion>;
}
