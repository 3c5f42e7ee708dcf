//! The words of answers: one type for each set of words, so that the document lists them. Each is made of the runtime's own type, and a
//! new variant there does not compile until it has its word here.

use jobs_runtime::{flow, job, storage};
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! words {
    ($($(#[$doc:meta])+ $name:ident of $theirs:ty { $($variant:ident),+ $(,)? })+) => { $(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($variant),+ }

        impl From<$theirs> for $name {
            fn from(theirs: $theirs) -> Self {
                match theirs { $(<$theirs>::$variant => Self::$variant),+ }
            }
        }
    )+ };
}

words! {
    /// Where a job stands.
    State of jobs_runtime::State { Scheduled, Awaiting, Enqueued, Processing, Succeeded, Failed, Deleted }

    /// Where a batch stands.
    BatchState of flow::BatchState { Awaiting, Started, Succeeded, Completed, Deleted }

    /// Where an operation stands.
    OperationState of storage::OperationState { Running, Done, Cancelled, Failed }

    /// How a parent must end for what waits for it.
    Condition of flow::Condition { Success, Failure, Deleted, Finished }

    /// How a parent ended.
    Ending of flow::Ending { Succeeded, Failed, Deleted }

    /// What happens to a job whose attempts are used up.
    OnExhausted of job::OnExhausted { Fail, Delete }

    /// Something that happened to a job.
    Event of storage::EventKind {
        AttemptFailed, Snoozed, Rescued, Deleted, Requeued, Rescheduled, CancelRequested, Log, Moved, Prioritized, Edited,
    }

    /// From where an act came.
    Via of storage::Via { Page, Api, Cli, Code }

    /// What an operator did.
    Verb of storage::Verb {
        Delete, Requeue, Reschedule, Cancel, Pause, Resume, Trigger, Remove, Stop, Resize, Move, Prioritize, Edit, Skip, Alter, Begin,
    }

    /// How an act ended: `refused` where its target was in no state for it, `missing` where there was none.
    Outcome of storage::Acted { Done, Refused, Missing }

    /// Who a recurring job belongs to: the code, or whoever made it at run time.
    Owner of storage::Owner { Code, Runtime }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, to_value};

    use super::*;

    #[test]
    fn words_are_those_of_the_runtime() {
        fn check<T: Copy, W: From<T> + Serialize>(all: &[T], word: fn(T) -> &'static str) {
            for one in all {
                assert_eq!(to_value(W::from(*one)).expect("a word"), Value::from(word(*one)));
            }
        }
        check::<_, State>(&jobs_runtime::State::ALL, jobs_runtime::State::as_str);
        check::<_, BatchState>(&flow::BatchState::ALL, flow::BatchState::as_str);
        check::<_, OperationState>(&storage::OperationState::ALL, storage::OperationState::as_str);
        check::<_, Condition>(&flow::Condition::ALL, flow::Condition::as_str);
        check::<_, Via>(&storage::Via::ALL, storage::Via::as_str);
        check::<_, Verb>(&storage::Verb::ALL, storage::Verb::as_str);
        check::<_, Outcome>(&storage::Acted::ALL, storage::Acted::as_str);
    }
}
