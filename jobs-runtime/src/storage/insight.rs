//! The noun *insight*: what operators ask of the whole system. Each call is a few probes of indexes or reads small tables, however
//! many jobs there are.

use std::time::Duration;

use async_trait::async_trait;

use crate::{Result, State};

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

/// Storage of what operators ask.
#[async_trait]
pub trait InsightStorage: Send + Sync {
    /// How many jobs of each queue and kind are in which state, from the statistics: reads no job. All queues and kinds that were ever
    /// named are told of by those that have jobs.
    async fn line_totals(&self) -> Result<Vec<LineTotal>>;

    /// How long the jobs at the head of each queue that has runnable ones have been due, by the database's clock: of the first of its
    /// highest and the first of its lowest priority, the longer wait.
    async fn queue_waits(&self) -> Result<Vec<(String, Duration)>>;
}
