//! The states of a job and the only table of its transitions. Pure: no clock, no storage.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a job stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Waits for its time. A retry waits here too, with at least one attempt behind it.
    Scheduled,
    /// Waits for a parent job or batch.
    Awaiting,
    /// May be claimed now.
    Enqueued,
    /// Claimed by a server under a lease.
    Processing,
    /// Ended well. Final.
    Succeeded,
    /// Its attempts are used up, or the error was fatal, or it could not be read. Final.
    Failed,
    /// Removed by hand, cancelled, expired, or its condition was not met. Final.
    Deleted,
}

/// What can happen to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// Its time has come.
    Due,
    /// The parent ended as the job's condition asked.
    Release,
    /// The parent ended otherwise.
    Unmet,
    /// A server claimed it.
    Claim,
    /// The attempt ended well.
    Succeed,
    /// The attempt failed and another is to come.
    Retry,
    /// The handler asked to be run later; the attempt does not count.
    Snooze,
    /// The server gives it back unstarted or at its stop; the attempt does not count.
    HandBack,
    /// The server that ran it has died; the attempt counts.
    Rescue,
    /// The attempt failed and no other is to come.
    Fail,
    /// An operator, its own code or its expiry ends it.
    Delete,
    /// An operator makes it runnable now.
    Requeue,
    /// An operator sets its time.
    Reschedule,
    /// An operator puts it in another queue.
    Move,
    /// An operator gives it another priority.
    Prioritize,
    /// An operator gives it other args.
    Edit,
}

/// An event that may not happen to a job in that state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a job that is {state} cannot take the event {event:?}")]
pub struct IllegalTransition {
    /// The state that the job was in.
    pub state: State,
    /// The event that it refused.
    pub event: Event,
}

/// The state that follows `state` when `event` happens.
///
/// # Errors
/// [`IllegalTransition`] when the graph has no such edge.
///
/// ```
/// use jobs_runtime::state::{transition, Event, State};
/// assert_eq!(transition(State::Enqueued, Event::Claim), Ok(State::Processing));
/// assert!(transition(State::Succeeded, Event::Claim).is_err());
/// ```
pub const fn transition(state: State, event: Event) -> Result<State, IllegalTransition> {
    use State::{Awaiting, Deleted, Enqueued, Failed, Processing, Scheduled, Succeeded};
    let next = match (state, event) {
        (Scheduled, Event::Due) | (Awaiting, Event::Release) => Enqueued,
        (Awaiting, Event::Unmet) => Deleted,
        (Enqueued, Event::Claim) => Processing,
        (Processing, Event::Succeed) => Succeeded,
        (Processing, Event::Retry | Event::Snooze) => Scheduled,
        (Processing, Event::HandBack | Event::Rescue) => Enqueued,
        (Processing, Event::Fail) => Failed,
        (Scheduled | Awaiting | Enqueued | Processing | Failed, Event::Delete) => Deleted,
        // A final job may be run once more by hand; nothing else leaves a final state.
        (Scheduled | Awaiting | Processing | Succeeded | Failed | Deleted, Event::Requeue) => Enqueued,
        (_, Event::Reschedule) => Scheduled,
        // What waits stays where it is in its life: only its lane or its args are others.
        (Scheduled | Awaiting | Enqueued, Event::Move | Event::Prioritize | Event::Edit) => state,
        // What went wrong may be mended before it is run once more. The args of a success are what it ran with.
        (Failed | Deleted, Event::Edit) => state,
        _ => return Err(IllegalTransition { state, event }),
    };
    Ok(next)
}

impl State {
    /// All states, in the order of a job's life.
    pub const ALL: [Self; 7] = [
        Self::Scheduled,
        Self::Awaiting,
        Self::Enqueued,
        Self::Processing,
        Self::Succeeded,
        Self::Failed,
        Self::Deleted,
    ];

    /// Whether the job has ended: it stays so unless an operator requeues it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Deleted)
    }

    /// The state's word, as in SQL, logs and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Awaiting => "awaiting",
            Self::Enqueued => "enqueued",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }

    /// The small number that stands for the state in storage; never renumber.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Scheduled => 0,
            Self::Awaiting => 1,
            Self::Enqueued => 2,
            Self::Processing => 3,
            Self::Succeeded => 4,
            Self::Failed => 5,
            Self::Deleted => 6,
        }
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
