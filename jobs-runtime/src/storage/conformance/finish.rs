//! Ending attempts: each verdict's state, times and history, and verdicts that are sent again.

use std::time::Duration;

use super::{
    Fixture,
    kit::{LEASE, Running, World, between, ids},
    make::{DAY, HOUR, KIND, MINUTE, ask, deletion, ends, failure, finish, job, names, retry, success},
};
use crate::{
    Fence, JobId, Result, State,
    storage::{Accepted, ClaimRequest, End, EventKind, EventRecord, JobRecord, Measure, NewJob},
};

/// What a job's history tells, without the times.
fn told(events: &[EventRecord]) -> Vec<(EventKind, u16, &str)> {
    events.iter().map(|event| (event.what, event.attempt, &*event.text)).collect()
}

/// What every accepted verdict leaves: no server, and the right of the fence ended.
async fn ended(w: &World<impl Fixture>, run: Running, state: State) -> Result<JobRecord> {
    let record = w.get(run.id).await?;
    assert_eq!((record.state, record.server, record.fence), (state, None, run.fence));
    assert_eq!(record.finished_at.is_some(), state.is_final(), "only what is final has ended");
    Ok(record)
}

pub(super) async fn a_success_keeps_output_and_times(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for output in [None, Some(Vec::new()), Some((0..=255).collect()), Some(vec![1; 1024 * 1024])] {
        let run = w.start(server, job()).await?;
        let started_at = w.get(run.id).await?.started_at;
        let before = w.now().await?;
        w.end_well(run, End::Succeeded { output: output.clone() }).await?;
        let record = ended(w, run, State::Succeeded).await?;
        assert!(record.output == output, "an output of {:?} bytes", output.map(|bytes| bytes.len()));
        between(Some(before), record.finished_at, Some(w.now().await?));
        assert_eq!((record.attempt, record.started_at, record.reason), (1, started_at, None));
        assert_eq!(w.storage.job_events(run.id).await?, [], "the normal path leaves no history");
    }
    Ok(())
}

pub(super) async fn a_retry_waits_and_then_runs_again(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut run = w.start(server, job()).await?;
    for attempt in 1..=3 {
        let before = w.now().await?;
        let error = format!("error {attempt}");
        w.end_well(run, End::Retry { delay: MINUTE, error: error.clone() }).await?;
        let after = w.now().await?;
        let record = ended(w, run, State::Scheduled).await?;
        between(before + MINUTE, record.due_at, after + MINUTE);
        assert_eq!((record.attempt, record.reason, record.output), (attempt, Some(error), None));
        w.storage.promote(100).await?;
        assert_eq!(w.state(run.id).await?, State::Scheduled, "its time has not come");
        w.advance(MINUTE);
        w.storage.promote(100).await?;
        let request = ClaimRequest { queues: vec![record.queue.into()], ..ask(server, 1) };
        let chunks = w.storage.claim(request).await?;
        assert_eq!(ids(&chunks), [run.id]);
        assert_eq!((chunks[0].jobs[0].attempt, chunks[0].suspect), (attempt + 1, false));
        run = Running { fence: chunks[0].fence, ..run };
        let events = w.storage.job_events(run.id).await?;
        assert_eq!(events.len(), usize::from(attempt));
        let last = &events[events.len() - 1];
        let text = format!("error {attempt}");
        assert_eq!((last.what, last.attempt, &last.text), (EventKind::AttemptFailed, attempt, &text));
        between(before, last.at, after);
    }
    w.end_well(run, success()).await?;
    assert_eq!(ended(w, run, State::Succeeded).await?.attempt, 4);
    assert_eq!(w.count(Measure::Retried).await?, 3);
    Ok(())
}

pub(super) async fn a_retry_without_delay_is_runnable_after_promotion(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.end_well(run, End::Retry { delay: Duration::ZERO, error: "no answer".into() }).await?;
    w.storage.promote(100).await?;
    assert_eq!(ended(w, run, State::Enqueued).await?.attempt, 1);
    w.claim_one(server, run.id).await?;
    Ok(())
}

pub(super) async fn a_failure_keeps_its_error(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    let before = w.now().await?;
    w.end_well(run, failure()).await?;
    let record = ended(w, run, State::Failed).await?;
    between(Some(before), record.finished_at, Some(w.now().await?));
    assert_eq!((record.attempt, record.reason.as_deref()), (1, Some("no such customer")));
    let events = w.storage.job_events(run.id).await?;
    assert_eq!(told(&events), [(EventKind::AttemptFailed, 1, "no such customer")]);
    Ok(())
}

pub(super) async fn a_failure_without_an_attempt_leaves_no_entry(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.end_well(run, End::Failed { error: "cannot be read".into(), attempted: false }).await?;
    assert_eq!(ended(w, run, State::Failed).await?.reason.as_deref(), Some("cannot be read"));
    assert_eq!(w.storage.job_events(run.id).await?, []);
    Ok(())
}

pub(super) async fn a_deletion_keeps_reason_and_error(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.end_well(run, deletion()).await?;
    assert_eq!(ended(w, run, State::Deleted).await?.reason.as_deref(), Some("cancelled by its owner"));
    let events = w.storage.job_events(run.id).await?;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!((events[0].what, &*events[0].text), (EventKind::Deleted, "cancelled by its owner"));

    let run = w.start(server, job()).await?;
    w.end_well(run, End::Deleted { reason: "attempts used up".into(), error: Some("no answer".into()) }).await?;
    assert_eq!(ended(w, run, State::Deleted).await?.reason.as_deref(), Some("attempts used up"));
    let events = w.storage.job_events(run.id).await?;
    assert!(told(&events).contains(&(EventKind::AttemptFailed, 1, "no answer")), "the error is kept: {events:?}");
    Ok(())
}

pub(super) async fn a_snooze_charges_nothing(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut run = w.start(server, NewJob { max_attempts: 1, ..job() }).await?;
    for round in 1..=3 {
        let before = w.now().await?;
        w.end_well(run, End::Snoozed { delay: MINUTE }).await?;
        let record = ended(w, run, State::Scheduled).await?;
        between(before + MINUTE, record.due_at, w.now().await? + MINUTE);
        assert_eq!(record.attempt, 0);
        let events = w.storage.job_events(run.id).await?;
        assert_eq!(told(&events).len(), 1, "of snoozes in a row the last is kept, in round {round}: {events:?}");
        assert_eq!(events[0].what, EventKind::Snoozed);
        w.advance(MINUTE);
        w.storage.promote(100).await?;
        run = w.claim_one(server, run.id).await?;
    }
    assert_eq!(w.count(Measure::Retried).await?, 0);
    Ok(())
}

pub(super) async fn a_hand_back_charges_nothing_and_keeps_the_place(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(4).await?;
    let server = w.server().await?;
    for _ in 0..3 {
        let chunk = w.take(server, &jobs[..2]).await?;
        assert!(chunk.jobs.iter().all(|job| job.attempt == 1), "{chunk:?}");
        let ends = chunk.jobs.iter().rev().map(|job| finish(job.id, chunk.fence, End::HandedBack)).collect();
        assert_eq!(w.storage.finish(server, ends).await?, [Accepted::Yes; 2]);
        for id in &jobs[..2] {
            let record = ended(w, Running { server, id: *id, fence: chunk.fence }, State::Enqueued).await?;
            assert_eq!(record.attempt, 0);
            assert_eq!(w.storage.job_events(*id).await?, []);
        }
    }
    w.take(server, &jobs).await?;
    Ok(())
}

pub(super) async fn a_snooze_keeps_the_place_in_its_lane(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(3).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &jobs[..1]).await?;
    let run = Running { server, id: jobs[0], fence: chunk.fence };
    w.end_well(run, End::Snoozed { delay: MINUTE }).await?;
    w.advance(MINUTE);
    w.storage.promote(100).await?;
    w.take(server, &jobs).await?;
    Ok(())
}

pub(super) async fn answers_come_in_the_order_of_the_call(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(6).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &jobs).await?;
    let mut calls: Vec<_> = ends().into_iter().zip(&jobs).map(|((end, _), id)| finish(*id, chunk.fence, end)).collect();
    calls.insert(1, finish(JobId::new(), chunk.fence, success()));
    calls.insert(5, finish(jobs[5], Fence(chunk.fence.0 + 1_000), success()));
    calls.reverse();
    let expected = [true, true, false, true, true, true, false, true];
    let answers = w.storage.finish(server, calls).await?;
    assert_eq!(answers, expected.map(|yes| if yes { Accepted::Yes } else { Accepted::Stale }));
    for ((_, state), id) in ends().into_iter().zip(&jobs) {
        ended(w, Running { server, id: *id, fence: chunk.fence }, state).await?;
    }
    assert_eq!(w.storage.finish(server, Vec::new()).await?, []);
    Ok(())
}

/// Sends the verdict twice and expects the second answer; nothing may change, not even a count.
async fn send_twice(w: &World<impl Fixture>, end: End, second: End, expected: &[Accepted]) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.end_well(run, end.clone()).await?;
    let (record, events) = (w.get(run.id).await?, w.storage.job_events(run.id).await?);
    let ended = [Measure::Succeeded, Measure::Failed, Measure::Deleted, Measure::Retried, Measure::Run];
    let mut counts = Vec::new();
    for measure in ended {
        counts.push(w.count(measure).await?);
    }
    w.advance(MINUTE);
    let answer = w.end(run, second).await?;
    assert!(expected.contains(&answer), "{answer:?} to a second verdict after {end:?}");
    assert_eq!(w.get(run.id).await?, record, "after {end:?}");
    assert_eq!(w.storage.job_events(run.id).await?, events, "after {end:?}");
    for (measure, count) in ended.into_iter().zip(counts) {
        assert_eq!(w.count(measure).await?, count, "{measure:?} after {end:?}");
    }
    Ok(())
}

pub(super) async fn a_final_verdict_sent_again_changes_nothing(w: &World<impl Fixture>) -> Result<()> {
    for (end, state) in ends() {
        if state.is_final() {
            send_twice(w, end.clone(), end, &[Accepted::Again]).await?;
        }
    }
    Ok(())
}

pub(super) async fn a_verdict_sent_again_changes_nothing(w: &World<impl Fixture>) -> Result<()> {
    for (end, state) in ends() {
        if !state.is_final() {
            send_twice(w, end.clone(), end, &[Accepted::Stale, Accepted::Again]).await?;
        }
    }
    Ok(())
}

pub(super) async fn another_verdict_after_a_final_one_changes_nothing(w: &World<impl Fixture>) -> Result<()> {
    for (first, state) in ends() {
        for (second, _) in ends() {
            if state.is_final() && first != second {
                send_twice(w, first.clone(), second, &[Accepted::Stale, Accepted::Again]).await?;
            }
        }
    }
    Ok(())
}

pub(super) async fn one_call_ends_a_job_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for (end, state) in ends() {
        let run = w.start(server, job()).await?;
        let twice = vec![finish(run.id, run.fence, end.clone()), finish(run.id, run.fence, end.clone())];
        let answers = w.storage.finish(server, twice).await?;
        assert_eq!(answers[0], Accepted::Yes, "{end:?}");
        assert_ne!(answers[1], Accepted::Yes, "{end:?}");
        assert_eq!(w.state(run.id).await?, state);
    }
    assert_eq!(w.count(Measure::Succeeded).await?, 1);
    assert_eq!(w.count(Measure::Retried).await?, 1);
    Ok(())
}

pub(super) async fn a_verdict_that_races_with_itself_counts_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for (end, state) in ends() {
        let run = w.start(server, job()).await?;
        let send = || w.storage.finish(server, vec![finish(run.id, run.fence, end.clone())]);
        let (one, two) = tokio::join!(send(), send());
        let answers = [one?[0], two?[0]];
        let other = if state.is_final() { Accepted::Again } else { Accepted::Stale };
        assert!(answers == [Accepted::Yes, other] || answers == [other, Accepted::Yes], "{answers:?} to {end:?}");
        assert_eq!(w.state(run.id).await?, state);
    }
    assert_eq!(w.count(Measure::Succeeded).await?, 1);
    Ok(())
}

pub(super) async fn a_foreign_fence_or_server_has_no_right(w: &World<impl Fixture>) -> Result<()> {
    let (server, stranger) = (w.server().await?, w.server().await?);
    for (end, _) in ends() {
        let (run, other) = (w.start(server, job()).await?, w.start(server, job()).await?);
        let record = w.get(run.id).await?;
        let foreign = Running { fence: other.fence, ..run };
        assert_eq!(w.end(foreign, end.clone()).await?, Accepted::Stale, "{end:?} by another chunk's fence");
        let foreign = Running { server: stranger, ..run };
        assert_eq!(w.end(foreign, end.clone()).await?, Accepted::Stale, "{end:?} by another server");
        assert_eq!(w.get(run.id).await?, record);
        w.end_well(run, end).await?;
    }
    Ok(())
}

pub(super) async fn a_late_server_keeps_its_right_until_the_rescue(w: &World<impl Fixture>) -> Result<()> {
    for (end, _) in ends() {
        let server = w.server().await?;
        let run = w.start(server, job()).await?;
        w.advance(LEASE + DAY.min(HOUR));
        w.end_well(run, end).await?;
    }
    assert_eq!(w.storage.rescue_candidates().await?, [], "what has ended is not rescued");
    Ok(())
}

pub(super) async fn long_and_hostile_errors_are_cleaned_and_cut(w: &World<impl Fixture>) -> Result<()> {
    let server = w.serve(&[KIND]).await?;
    let hostile = "head\0\u{1b}[31m <b>'; DROP TABLE job; -- \u{FFFD}";
    for text in [hostile.to_owned(), "é".repeat(2_000_000), format!("x{}", "👩".repeat(1_000_000))] {
        let run = w.start(server, job()).await?;
        w.end_well(run, End::Retry { delay: HOUR, error: text.clone() }).await?;
        let mut stored = vec![w.get(run.id).await?.reason.unwrap_or_default()];
        stored.extend(w.storage.job_events(run.id).await?.into_iter().map(|event| event.text));
        assert_eq!(stored.len(), 2);
        for stored in stored {
            assert!(!stored.contains('\0') && stored.len() < 100_000, "{} bytes", stored.len());
            assert!(stored.starts_with(&text.chars().take(4).collect::<String>()), "the head is kept");
        }
    }
    let claimable = ClaimRequest { kinds: names(&[KIND]), ..ask(server, 9) };
    assert_eq!(w.claim_ids(claimable).await?, [], "{:?}", retry());
    Ok(())
}
