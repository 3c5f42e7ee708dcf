//! The noun *pause*: what is not to be started for a while.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    Result, ServerId,
    storage::{Due, TxConnection},
};

/// What can be paused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PauseTarget {
    /// No job of the queue is claimed.
    Queue(Arc<str>),
    /// No job of the kind is claimed, from whatever queue.
    Kind(Arc<str>),
    /// The recurring job does not fire; occurrences that fall into the pause are left out for good.
    Recurring(Arc<str>),
    /// The server claims nothing; what it runs goes on.
    Server(ServerId),
}

/// A pause in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// What is paused.
    pub target: PauseTarget,
    /// Why, in the operator's words.
    pub reason: String,
    /// Since when, by the database's clock.
    pub since: Timestamp,
    /// Until when; `None` until it is resumed.
    pub until: Option<Timestamp>,
}

/// Storage of pauses. A pause takes effect with the commit of its call, on every server: a claim looks at the pauses itself.
#[async_trait]
pub trait PauseStorage: Send + Sync {
    /// Pauses the target, or gives a pause in force another reason and end. An end that has passed already means no pause.
    async fn pause(&self, target: PauseTarget, reason: String, until: Option<Due>) -> Result<()>;

    /// [`pause`](Self::pause) inside a transaction that belongs to the caller: in force from its commit.
    async fn pause_within(
        &self,
        tx: TxConnection<'_>,
        target: PauseTarget,
        reason: String,
        until: Option<Due>,
    ) -> Result<()>;

    /// Ends a pause. Returns whether one was in force.
    async fn resume(&self, target: PauseTarget) -> Result<bool>;

    /// [`resume`](Self::resume) inside a transaction that belongs to the caller.
    async fn resume_within(&self, tx: TxConnection<'_>, target: PauseTarget) -> Result<bool>;

    /// All pauses in force now, by the database's clock, oldest first.
    async fn pauses(&self) -> Result<Vec<Pause>>;
}
