//! What waits for what: the rules by which continuations are released and batches end. Pure: no clock, no storage.

use std::fmt;

use crate::{BatchId, JobId, State};

/// Something that can be waited for, and that can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeId {
    /// A job.
    Job(JobId),
    /// A batch.
    Batch(BatchId),
}

impl NodeId {
    /// The id as the 16 bytes that are stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        match self {
            Self::Job(id) => id.as_bytes(),
            Self::Batch(id) => id.as_bytes(),
        }
    }
}

impl From<JobId> for NodeId {
    fn from(id: JobId) -> Self {
        Self::Job(id)
    }
}

impl From<BatchId> for NodeId {
    fn from(id: BatchId) -> Self {
        Self::Batch(id)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(id) => write!(f, "job {id}"),
            Self::Batch(id) => write!(f, "batch {id}"),
        }
    }
}

/// How a parent must end for its continuation to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Condition {
    /// It succeeded: a job, or a batch with all its members.
    #[default]
    Success,
    /// A job failed; a batch completed with a member that did not succeed.
    Failure,
    /// It was deleted: by hand, by a cancel, or because its own condition was not met.
    Deleted,
    /// It ended, however.
    Finished,
}

/// How a job or a batch ended, as its continuations see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The job, or the batch with all its members, succeeded.
    Succeeded,
    /// The job failed, or the batch completed with a member that did not succeed.
    Failed,
    /// It was deleted.
    Deleted,
}

/// Whether a continuation with several parents waits for all of them or for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Every parent must end as its condition says.
    #[default]
    All,
    /// The first that ends as its condition says is enough.
    Any,
}

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchState {
    /// Waits for a parent, for the batch around it, or for its creation to be completed. None of its members runs.
    Awaiting,
    /// Its members may run.
    Started,
    /// All members succeeded. Final.
    Succeeded,
    /// All members have ended, and not all of them succeeded. Final.
    Completed,
    /// It was cancelled, or its condition was not met, and no member runs any more. Final.
    Deleted,
}

/// The most parents that one job or batch may have; a batch is the way to wait for more.
pub const MOST_PARENTS: usize = 1_000;

impl Condition {
    /// All conditions.
    pub const ALL: [Self; 4] = [Self::Success, Self::Failure, Self::Deleted, Self::Finished];

    /// Whether a parent that ended so lets the continuation run.
    pub const fn is_met_by(self, ending: Ending) -> bool {
        matches!(
            (self, ending),
            (Self::Finished, _)
                | (Self::Success, Ending::Succeeded)
                | (Self::Failure, Ending::Failed)
                | (Self::Deleted, Ending::Deleted)
        )
    }

    /// The condition's word, as in pages and renderings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Deleted => "deleted",
            Self::Finished => "finished",
        }
    }

    /// The small number that stands for it in storage; never renumber.
    pub(crate) const fn code(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|condition| condition.code() == code)
    }
}

impl Ending {
    /// How a job in this final state ended; `None` for a state that is not final.
    pub const fn of_job(state: State) -> Option<Self> {
        match state {
            State::Succeeded => Some(Self::Succeeded),
            State::Failed => Some(Self::Failed),
            State::Deleted => Some(Self::Deleted),
            State::Scheduled | State::Awaiting | State::Enqueued | State::Processing => None,
        }
    }

    /// The job's state that it stands for, whose number stands for it in storage.
    pub const fn state(self) -> State {
        match self {
            Self::Succeeded => State::Succeeded,
            Self::Failed => State::Failed,
            Self::Deleted => State::Deleted,
        }
    }

    /// The state of a batch that ended so.
    pub const fn batch_state(self) -> BatchState {
        match self {
            Self::Succeeded => BatchState::Succeeded,
            Self::Failed => BatchState::Completed,
            Self::Deleted => BatchState::Deleted,
        }
    }
}

impl BatchState {
    /// All states, in the order of a batch's life.
    pub const ALL: [Self; 5] = [Self::Awaiting, Self::Started, Self::Succeeded, Self::Completed, Self::Deleted];

    /// Whether the batch has ended: it stays so unless a member is attached or requeued.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Completed | Self::Deleted)
    }

    /// The state's word, as in pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Awaiting => "awaiting",
            Self::Started => "started",
            Self::Succeeded => "succeeded",
            Self::Completed => "completed",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for BatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One parent of a continuation: the condition, and how it ended if it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What is waited for.
    pub condition: Condition,
    /// How the parent ended; `None` while it has not.
    pub ending: Option<Ending>,
}

/// What becomes of a continuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It waits on.
    Shut,
    /// It may run.
    Open,
    /// It never will: it is deleted.
    Unmet,
}

/// Decides over a continuation by all of its parents.
///
/// ```
/// use jobs_runtime::flow::{Condition, Ending, Gate, Rule, Wait, gate};
///
/// let met = Wait { condition: Condition::Success, ending: Some(Ending::Succeeded) };
/// let unmet = Wait { condition: Condition::Success, ending: Some(Ending::Failed) };
/// let open = Wait { condition: Condition::Success, ending: None };
/// assert_eq!(gate(Rule::All, [met, open]), Gate::Shut);
/// assert_eq!(gate(Rule::All, [unmet, open]), Gate::Unmet);
/// assert_eq!(gate(Rule::Any, [unmet, open]), Gate::Shut);
/// assert_eq!(gate(Rule::Any, [unmet, met, open]), Gate::Open);
/// ```
pub fn gate(rule: Rule, waits: impl IntoIterator<Item = Wait>) -> Gate {
    let (mut met, mut unmet, mut open) = (0_usize, 0_usize, 0_usize);
    for Wait { condition, ending } in waits {
        match ending {
            None => open += 1,
            Some(ending) if condition.is_met_by(ending) => met += 1,
            Some(_) => unmet += 1,
        }
    }
    match rule {
        Rule::All if unmet > 0 => Gate::Unmet,
        Rule::All if open > 0 => Gate::Shut,
        Rule::All => Gate::Open,
        Rule::Any if met > 0 => Gate::Open,
        Rule::Any if open > 0 => Gate::Shut,
        Rule::Any => Gate::Unmet,
    }
}

/// How many members of a batch stand where. A nested batch counts as one member: as succeeded, as failed where it completed
/// otherwise, or as deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// All members.
    pub total: i64,
    /// Those that have not ended.
    pub pending: i64,
    /// Those that succeeded.
    pub succeeded: i64,
    /// Those that failed.
    pub failed: i64,
    /// Those that were deleted.
    pub deleted: i64,
}

impl Counts {
    /// How a batch with these members has ended; `None` while one is pending.
    pub const fn ending(&self, cancelled: bool) -> Option<Ending> {
        match self {
            Self { pending: 1.., .. } => None,
            _ if cancelled => Some(Ending::Deleted),
            Self { failed: 0, deleted: 0, .. } => Some(Ending::Succeeded),
            _ => Some(Ending::Failed),
        }
    }

    /// How much of it is done, from 0 to 1.
    pub fn progress(&self) -> f64 {
        if self.total == 0 { 1.0 } else { (self.total - self.pending) as f64 / self.total as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_ends_by_its_members() {
        let counts = |pending, succeeded, failed, deleted| Counts {
            total: pending + succeeded + failed + deleted,
            pending,
            succeeded,
            failed,
            deleted,
        };
        assert_eq!(counts(1, 5, 0, 0).ending(false), None);
        assert_eq!(counts(0, 5, 0, 0).ending(false), Some(Ending::Succeeded));
        assert_eq!(counts(0, 5, 1, 0).ending(false), Some(Ending::Failed));
        assert_eq!(counts(0, 5, 0, 1).ending(false), Some(Ending::Failed));
        assert_eq!(counts(0, 5, 0, 1).ending(true), Some(Ending::Deleted));
        assert_eq!(counts(0, 0, 0, 0).ending(false), Some(Ending::Succeeded));
        assert_eq!(counts(1, 3, 0, 0).progress(), 0.75);
        assert_eq!(counts(0, 0, 0, 0).progress(), 1.0);
    }

    #[test]
    fn each_condition_is_met_by_its_endings() {
        use Ending::{Deleted, Failed, Succeeded};
        let met = |condition: Condition| [Succeeded, Failed, Deleted].map(|ending| condition.is_met_by(ending));
        assert_eq!(met(Condition::Success), [true, false, false]);
        assert_eq!(met(Condition::Failure), [false, true, false]);
        assert_eq!(met(Condition::Deleted), [false, false, true]);
        assert_eq!(met(Condition::Finished), [true; 3]);
    }

    #[test]
    fn without_parents_a_gate_is_open_by_all_and_unmet_by_any() {
        assert_eq!(gate(Rule::All, []), Gate::Open);
        assert_eq!(gate(Rule::Any, []), Gate::Unmet);
    }
}
