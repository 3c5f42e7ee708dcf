//! What becomes of a job when its attempt has ended. Pure: a table of (how it ended, why it was told to stop).

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use crate::{
    job::{Descriptor, OnExhausted, Success, Verdict},
    retry::{self, Backoff, Decision},
    server::panics::panic_text,
    storage::End,
};

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The handler returned a value.
    Well(Success),
    /// The handler returned an error, here in words.
    Badly(String, Verdict),
    /// The handler panicked, with this message.
    Panicked(String),
    /// It was told to end and did not end in time, or it was dropped.
    Unfinished,
    /// The handler was not started, because the storage did not say what the job's parents left for it.
    NotStarted,
}

/// How long a job waits before the storage is asked again what its parents left.
const UNTIL_STORAGE_ANSWERS: Duration = Duration::from_secs(1);

/// Why an attempt was told to end; a later one outweighs an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Told {
    /// It was not.
    Nothing = 0,
    /// The server stops.
    Stop = 1,
    /// Its time is up.
    Timeout = 2,
    /// An operator asked.
    Cancel = 3,
    /// The server has lost its right over the job.
    Lost = 4,
}

impl Told {
    pub(crate) fn from_code(code: u8) -> Self {
        [Self::Stop, Self::Timeout, Self::Cancel, Self::Lost]
            .into_iter()
            .find(|told| *told as u8 == code)
            .unwrap_or(Self::Nothing)
    }
}

/// What the decision rests on besides the outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) descriptor: &'static Descriptor,
    pub(crate) on_exhausted: OnExhausted,
    pub(crate) attempt: u16,
    pub(crate) max_attempts: u16,
    pub(crate) timeout: Option<Duration>,
    /// Spreads the retries of jobs that failed together.
    pub(crate) seed: u64,
    /// How many bytes an output may have.
    pub(crate) output_limit: usize,
    /// Whether the handler called [`JobContext::fatal`](crate::JobContext::fatal).
    pub(crate) fatal: bool,
}

/// What becomes of the job; `None` when the server has no say in it any more.
pub(crate) fn judge(facts: &Facts, ended: Ended, told: Told) -> Option<End> {
    let end = match (ended, told) {
        (_, Told::Lost) => return None,
        (Ended::NotStarted, Told::Cancel) => cancelled(None),
        (Ended::NotStarted, Told::Stop) => End::HandedBack,
        (Ended::NotStarted, Told::Nothing | Told::Timeout) => End::Snoozed { delay: UNTIL_STORAGE_ANSWERS },
        (ended, Told::Timeout) => retry_or_fail(facts, timed_out(facts, ended)),
        (Ended::Well(success), _) => succeed(facts, success),
        (Ended::Badly(error, _) | Ended::Panicked(error), Told::Cancel) => cancelled(Some(error)),
        (Ended::Unfinished, Told::Cancel) => cancelled(None),
        (Ended::Badly(_, Verdict::Snooze(delay)), _) => End::Snoozed { delay },
        (Ended::Badly(..) | Ended::Panicked(_) | Ended::Unfinished, Told::Stop) => End::HandedBack,
        (Ended::Badly(error, Verdict::Fatal), Told::Nothing) => End::Failed { error, attempted: true },
        (Ended::Badly(error, Verdict::Retry), Told::Nothing) if facts.fatal => End::Failed { error, attempted: true },
        (Ended::Badly(error, Verdict::Retry) | Ended::Panicked(error), Told::Nothing) => retry_or_fail(facts, error),
        (Ended::Unfinished, Told::Nothing) => {
            retry_or_fail(facts, "the handler was torn down before it ended; a destructor may have panicked".to_owned())
        }
    };
    Some(end)
}

/// A job that is not to be started any more.
pub(crate) fn cancelled(error: Option<String>) -> End {
    End::Deleted { reason: "cancelled".to_owned(), error }
}

fn succeed(facts: &Facts, success: Success) -> End {
    let size = success.output.as_ref().map_or(0, Vec::len);
    if size > facts.output_limit {
        let limit = facts.output_limit;
        let error = format!(
            "the output has {size} bytes, and the limit is {limit}; store the data elsewhere and return a reference to it"
        );
        return End::Failed { error, attempted: true };
    }
    End::Succeeded { output: success.output }
}

fn timed_out(facts: &Facts, ended: Ended) -> String {
    let text = format!("timed out after {:?}", facts.timeout.unwrap_or_default());
    match ended {
        Ended::Well(_) | Ended::Unfinished | Ended::NotStarted => text,
        Ended::Badly(error, _) | Ended::Panicked(error) => format!("{text}: {error}"),
    }
}

fn retry_or_fail(facts: &Facts, mut error: String) -> End {
    let Facts { descriptor, on_exhausted, attempt, max_attempts, seed, .. } = *facts;
    let decide = |backoff| retry::decide(backoff, on_exhausted, attempt.into(), max_attempts.into(), seed);
    // The backoff may be a function of the user's.
    let decision = catch_unwind(AssertUnwindSafe(|| decide(&descriptor.backoff))).unwrap_or_else(|panic| {
        error = format!("{error}\nthe job's backoff function {}; the default backoff was used", panic_text(panic));
        decide(&Backoff::DEFAULT)
    });
    match decision {
        Decision::Retry(delay) => End::Retry { delay, error },
        Decision::Fail => End::Failed { error, attempted: true },
        Decision::Delete => End::Deleted { reason: "attempts used up".to_owned(), error: Some(error) },
    }
}
