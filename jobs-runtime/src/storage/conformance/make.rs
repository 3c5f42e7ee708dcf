//! Jobs, requests and verdicts with everyday values, for tests to vary.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use jobs_schedule::{Misfire, Overlap};

use crate::{
    Fence, JobId, ServerId, State,
    job::OnExhausted,
    storage::{ClaimRequest, Due, End, Finish, Fire, JobFilter, NewJob, Note, NoteKind, Owner, RecurringSpec},
};

/// The kind of a job that is like any other.
pub(super) const KIND: &str = "shop::mail::send";

/// The queue of a job that is like any other.
pub(super) const QUEUE: &str = "default";

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A job like any other.
pub(super) fn job() -> NewJob {
    NewJob {
        id: JobId::new(),
        kind: KIND.into(),
        queue: QUEUE.into(),
        priority: 0,
        payload: b"args".to_vec(),
        due: Due::Now,
        max_attempts: 10,
        on_exhausted: OnExhausted::Fail,
        timeout: None,
        expires: None,
        retain: None,
        meta: BTreeMap::new(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
        waits: None,
    }
}

/// A job of that kind.
pub(super) fn job_of(kind: &str) -> NewJob {
    NewJob { kind: kind.into(), ..job() }
}

/// A job in that queue.
pub(super) fn job_in(queue: &str) -> NewJob {
    NewJob { queue: queue.into(), ..job() }
}

/// A job with that priority.
pub(super) fn job_with(priority: i16) -> NewJob {
    NewJob { priority, ..job() }
}

/// A job that is to wait.
pub(super) fn job_due(due: Due) -> NewJob {
    NewJob { due, ..job() }
}

/// A job with a value in every field, none of them a default.
pub(super) fn full_job() -> NewJob {
    NewJob {
        id: JobId::new(),
        kind: KIND.into(),
        queue: QUEUE.into(),
        priority: -7,
        payload: vec![0, 1, 2, 254, 255],
        due: Due::Now,
        max_attempts: 4,
        on_exhausted: OnExhausted::Delete,
        timeout: Some(Duration::from_millis(1_500)),
        expires: Some(HOUR),
        retain: Some(2 * DAY),
        meta: BTreeMap::from([("order".into(), "42".into()), ("tenant".into(), "north".into())]),
        tags: vec!["mail".into(), "first".into()],
        recurring: None,
        batch: None,
        waits: None,
    }
}

/// A request for so many ordinary jobs and, within them, a suspect.
pub(super) fn ask(server: ServerId, slots: usize) -> ClaimRequest {
    ClaimRequest {
        server,
        queues: vec![QUEUE.into()],
        kinds: names(&[KIND]),
        slots,
        prefetch: 0,
        slow: names(&[]),
        suspects: true,
        beside: false,
    }
}

/// Names as requests and beats want them.
pub(super) fn names(names: &[&str]) -> Arc<[Arc<str>]> {
    names.iter().map(|name| Arc::from(*name)).collect()
}

/// A verdict after a wait of 5 ms and a run of 7 ms.
pub(super) fn finish(job: JobId, fence: Fence, end: End) -> Finish {
    Finish { job, fence, end, wait: Duration::from_millis(5), run: Duration::from_millis(7) }
}

/// The verdict of a handler that returned nothing.
pub(super) fn success() -> End {
    End::Succeeded { output: None }
}

/// The verdict of a handler that failed and may try again after an hour.
pub(super) fn retry() -> End {
    End::Retry { delay: HOUR, error: "no answer".into() }
}

/// The verdict of a handler that failed for good.
pub(super) fn failure() -> End {
    End::Failed { error: "no such customer".into(), attempted: true }
}

/// The verdict of a run that was cancelled.
pub(super) fn deletion() -> End {
    End::Deleted { reason: "cancelled by its owner".into(), error: None }
}

/// Each verdict once, with the state that the job is in afterwards.
pub(super) fn ends() -> [(End, State); 6] {
    [
        (End::Succeeded { output: Some(b"output".to_vec()) }, State::Succeeded),
        (retry(), State::Scheduled),
        (failure(), State::Failed),
        (deletion(), State::Deleted),
        (End::Snoozed { delay: HOUR }, State::Scheduled),
        (End::HandedBack, State::Enqueued),
    ]
}

/// A line for the history.
pub(super) fn log(job: JobId, fence: Fence, line: &str) -> Note {
    Note { job, fence, attempt: 1, what: NoteKind::Log(line.into()) }
}

/// How far a job is.
pub(super) fn progress(job: JobId, fence: Fence, fraction: f64, text: &str) -> Note {
    Note { job, fence, attempt: 1, what: NoteKind::Progress(fraction, text.into()) }
}

/// All jobs in that state.
pub(super) fn all(state: State) -> JobFilter {
    JobFilter { limit: 10_000, ..JobFilter::new(state) }
}

/// A recurring job made at run time.
pub(super) fn spec(id: &str) -> RecurringSpec {
    RecurringSpec {
        id: id.into(),
        owner: Owner::Runtime,
        cron: "0 8 * * MON".into(),
        zone: "Europe/Berlin".into(),
        misfire: Misfire::Once,
        overlap: Overlap::Allow,
        template: job(),
    }
}

/// The job of an occurrence.
pub(super) fn occurrence(id: &str, at: Timestamp) -> NewJob {
    NewJob { recurring: Some((id.into(), at)), ..job() }
}

/// What a scheduler stores that found the definition due at `at` alone.
pub(super) fn fire(id: &str, at: Timestamp, next: Option<Timestamp>) -> Fire {
    Fire { id: id.into(), expected: at, next, jobs: vec![(at, occurrence(id, at))], overlap: Overlap::Allow }
}
