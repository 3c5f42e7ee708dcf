//! What operators do to single jobs: exactly what the graph of `state.rs` allows, guarded and traced.

use super::{
    Fixture,
    kit::{Running, World},
    make::{HOUR, KIND, MINUTE, ask, deletion, ends, failure, finish, job, success},
};
use crate::{
    JobId, Result, State,
    state::{Event, transition},
    storage::{Accepted, Change, Changed, ClaimRequest, Due, End, EventKind, JobRecord, NewJob},
};

/// Each change with its edge in the graph and its entry in the history.
fn changes() -> [(Change, Event, EventKind); 6] {
    let reason = || "not wanted".to_owned();
    [
        (Change::Delete { reason: reason() }, Event::Delete, EventKind::Deleted),
        (Change::Requeue, Event::Requeue, EventKind::Requeued),
        (Change::Reschedule(Due::In(HOUR)), Event::Reschedule, EventKind::Rescheduled),
        (Change::Cancel { reason: reason() }, Event::Delete, EventKind::Deleted),
        (Change::Move { queue: "another".into() }, Event::Move, EventKind::Moved),
        (Change::Prioritize(7), Event::Prioritize, EventKind::Prioritized),
    ]
}

/// The states that storage alone can bring about; jobs with parents come with the flows.
fn states() -> impl Iterator<Item = State> {
    State::ALL.into_iter().filter(|state| *state != State::Awaiting)
}

pub(super) async fn each_state_takes_what_the_graph_allows(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for state in states() {
        for (change, event, entry) in changes() {
            let id = w.job_in_state(server, state).await?;
            let (record, events) = (w.get(id).await?, w.storage.job_events(id).await?);
            let asks_only = state == State::Processing && matches!(change, Change::Cancel { .. });
            let next = if asks_only { Ok(State::Processing) } else { transition(state, event) };
            let changed = w.storage.job_change(id, change.clone(), None).await?;
            let expected = Changed { took_effect: next.is_ok(), from: state };
            assert_eq!(changed, Some(expected), "{change:?} of a job that is {state}");
            let Ok(next) = next else {
                assert_eq!(w.get(id).await?, record, "{change:?} of a job that is {state}");
                assert_eq!(w.storage.job_events(id).await?, events, "{change:?} of a job that is {state}");
                continue;
            };
            let after = w.get(id).await?;
            assert_eq!(after.state, next, "{change:?} of a job that is {state}");
            assert_eq!(after.finished_at.is_some(), next.is_final(), "{change:?} of a job that is {state}");
            assert_eq!(after.server, asks_only.then_some(server));
            let entry = if asks_only { EventKind::CancelRequested } else { entry };
            let now = w.storage.job_events(id).await?;
            assert_eq!(now.len(), events.len() + 1, "one entry for {change:?} of a job that is {state}");
            assert_eq!(now[events.len()].what, entry, "{change:?} of a job that is {state}");
        }
    }
    Ok(())
}

pub(super) async fn a_guard_decides_before_the_graph(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for state in states() {
        for (change, event, _) in changes() {
            let id = w.job_in_state(server, state).await?;
            let record = w.get(id).await?;
            let others: Vec<State> = State::ALL.into_iter().filter(|other| *other != state).collect();
            for guard in [others, Vec::new()] {
                let changed = w.storage.job_change(id, change.clone(), Some(guard)).await?;
                assert_eq!(changed, Some(Changed { took_effect: false, from: state }), "{change:?}");
                assert_eq!(w.get(id).await?, record, "{change:?} of a job that is {state}");
            }
            let guard = Some(vec![State::Awaiting, state]);
            let changed = w.storage.job_change(id, change.clone(), guard).await?;
            let allowed = transition(state, event).is_ok();
            assert_eq!(changed, Some(Changed { took_effect: allowed, from: state }), "{change:?}");
        }
    }
    Ok(())
}

pub(super) async fn an_unknown_job_is_told_apart(w: &World<impl Fixture>) -> Result<()> {
    for (change, ..) in changes() {
        assert_eq!(w.storage.job_change(JobId::new(), change, None).await?, None);
    }
    Ok(())
}

pub(super) async fn a_deletion_keeps_its_reason(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let reason = "it's \"not\" wanted 👩‍👩‍👧‍👦";
    for state in [State::Scheduled, State::Enqueued, State::Processing, State::Failed] {
        let id = w.job_in_state(server, state).await?;
        assert!(w.change(id, Change::Delete { reason: reason.into() }).await?);
        assert_eq!(w.get(id).await?.reason.as_deref(), Some(reason));
        let events = w.storage.job_events(id).await?;
        assert_eq!(events.last().map(|event| (event.what, &*event.text)), Some((EventKind::Deleted, reason)));
    }
    assert_eq!(w.claim_ids(ask(server, 9)).await?, [], "what is deleted is not claimed");
    w.advance(2 * HOUR);
    assert_eq!(w.storage.promote(100).await?.jobs, 0, "what is deleted does not become due");
    Ok(())
}

pub(super) async fn a_requeue_starts_afresh(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut run = w.start(server, job()).await?;
    w.end_well(run, End::Retry { delay: MINUTE, error: "no answer".into() }).await?;
    w.advance(MINUTE);
    w.storage.promote(100).await?;
    for end in [failure(), success(), deletion()] {
        run = w.claim_one(server, run.id).await?;
        w.end_well(run, end).await?;
        let events = w.storage.job_events(run.id).await?;
        assert!(w.change(run.id, Change::Requeue).await?);
        let record = w.get(run.id).await?;
        assert_eq!((record.state, record.attempt, record.crashes), (State::Enqueued, 0, 0));
        assert_eq!((record.finished_at, record.server), (None, None));
        let now = w.storage.job_events(run.id).await?;
        assert_eq!(now[..events.len()], events, "the history is kept");
        assert_eq!(now.last().map(|event| event.what), Some(EventKind::Requeued));
    }
    let request = ClaimRequest { queues: vec![w.get(run.id).await?.queue.into()], ..ask(server, 1) };
    let chunks = w.storage.claim(request).await?;
    assert_eq!(chunks[0].jobs[0].attempt, 1);
    Ok(())
}

pub(super) async fn a_requeue_while_running_gives_a_greater_fence(w: &World<impl Fixture>) -> Result<()> {
    let (server, other) = (w.server().await?, w.server().await?);
    let run = w.start(server, job()).await?;
    assert!(w.change(run.id, Change::Requeue).await?);
    let ended = w.get(run.id).await?.fence;
    assert!(ended >= run.fence, "the old right has ended");
    let again = w.claim_one(other, run.id).await?;
    assert!(again.fence > ended && again.fence > run.fence, "{again:?} after {run:?}");
    w.end_well(again, success()).await?;
    Ok(())
}

pub(super) async fn a_reschedule_sets_the_time(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for state in states() {
        let id = w.job_in_state(server, state).await?;
        let at = w.now().await? + MINUTE;
        assert!(w.change(id, Change::Reschedule(Due::At(at))).await?, "of a job that is {state}");
        let record = w.get(id).await?;
        assert_eq!((record.state, record.due_at, record.server), (State::Scheduled, at, None));
        w.storage.promote(100).await?;
        assert_eq!(w.state(id).await?, State::Scheduled, "its time has not come");
        w.advance(MINUTE);
        w.storage.promote(100).await?;
        assert_eq!(w.state(id).await?, State::Enqueued);
        w.beat(server, &[KIND]).await?;
        let run = w.claim_one(server, id).await?;
        w.end_well(run, success()).await?;
    }
    Ok(())
}

pub(super) async fn a_reschedule_of_a_waiting_job_keeps_its_attempts(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, NewJob { max_attempts: 2, expires: Some(2 * HOUR), ..job() }).await?;
    w.end_well(run, End::Retry { delay: HOUR, error: "no answer".into() }).await?;
    let before = w.get(run.id).await?;
    assert!(w.change(run.id, Change::Reschedule(Due::In(MINUTE))).await?);
    let after = w.get(run.id).await?;
    assert_eq!((after.attempt, after.crashes), (1, 0), "only the time is set");
    assert_eq!(after.reason, before.reason, "only the time is set");
    let left = |record: &JobRecord| record.expires_at.map(|at| at.duration_since(record.due_at));
    assert_eq!(left(&after), left(&before), "it expires as long after its time as before");
    Ok(())
}

pub(super) async fn a_reschedule_to_now_is_runnable_after_promotion(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for state in states() {
        for due in [Due::Now, Due::At(w.now().await? - HOUR)] {
            let id = w.job_in_state(server, state).await?;
            assert!(w.change(id, Change::Reschedule(due)).await?, "of a job that is {state}");
            w.storage.promote(100).await?;
            assert_eq!(w.state(id).await?, State::Enqueued, "{due:?} of a job that was {state}");
            w.claim_one(server, id).await?;
        }
    }
    Ok(())
}

pub(super) async fn a_cancel_of_a_running_job_leaves_the_end_to_it(w: &World<impl Fixture>) -> Result<()> {
    // Of another process: who runs the job does not know that its row has changed, and perhaps moved, since the claim.
    let (server, other) = (w.server().await?, w.another().await?);
    for (end, state) in ends() {
        let run = w.start(server, job()).await?;
        let cancel = Change::Cancel { reason: "not wanted".into() };
        let changed = other.job_change(run.id, cancel, None).await?;
        assert_eq!(changed.map(|changed| changed.took_effect), Some(true));
        let record = w.get(run.id).await?;
        assert_eq!((record.state, record.cancel_requested, record.server), (State::Processing, true, Some(server)));
        let events = w.storage.job_events(run.id).await?;
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].what, &*events[0].text), (EventKind::CancelRequested, "not wanted"));
        w.end_well(run, end).await?;
        assert_eq!(w.state(run.id).await?, state);
    }
    Ok(())
}

pub(super) async fn a_deletion_that_races_with_a_claim_holds(w: &World<impl Fixture>) -> Result<()> {
    let (server, other) = (w.server().await?, w.another().await?);
    for _ in 0..10 {
        let id = w.insert(job()).await?;
        let delete = Change::Delete { reason: "not wanted".into() };
        let (chunks, changed) = tokio::join!(w.storage.claim(ask(server, 1)), other.job_change(id, delete, None));
        assert_eq!(changed?.map(|changed| changed.took_effect), Some(true), "waiting or running, it can be deleted");
        assert_eq!(w.state(id).await?, State::Deleted);
        if let Some(chunk) = chunks?.first() {
            let run = Running { server, id, fence: chunk.fence };
            assert_eq!(w.end(run, success()).await?, Accepted::Stale, "the claim came first");
        }
    }
    Ok(())
}

pub(super) async fn racing_changes_take_effect_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let other = w.another().await?;
    let delete = Change::Delete { reason: "not wanted".into() };
    for (state, change) in [
        (State::Enqueued, delete.clone()),
        (State::Processing, delete.clone()),
        (State::Failed, Change::Requeue),
        (State::Scheduled, Change::Requeue),
        (State::Scheduled, delete),
    ] {
        for _ in 0..5 {
            let id = w.job_in_state(server, state).await?;
            let entries = w.storage.job_events(id).await?.len();
            let (one, two) = tokio::join!(
                w.storage.job_change(id, change.clone(), None),
                other.job_change(id, change.clone(), None)
            );
            let effects = [one?, two?].map(|changed| changed.is_some_and(|changed| changed.took_effect));
            assert_ne!(effects[0], effects[1], "{change:?} of a job that was {state} took effect once");
            assert_eq!(w.storage.job_events(id).await?.len(), entries + 1);
        }
    }
    Ok(())
}

pub(super) async fn a_verdict_that_races_with_a_deletion_has_one_winner(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let other = w.another().await?;
    for _ in 0..10 {
        let run = w.start(server, job()).await?;
        let verdict = vec![finish(run.id, run.fence, success())];
        let delete = Change::Delete { reason: "not wanted".into() };
        let (answers, changed) =
            tokio::join!(w.storage.finish(server, verdict), other.job_change(run.id, delete, None));
        let effect = changed?.is_some_and(|changed| changed.took_effect);
        let outcome = (answers?[0], effect, w.state(run.id).await?);
        let won = outcome == (Accepted::Yes, false, State::Succeeded);
        assert!(won || outcome == (Accepted::Stale, true, State::Deleted), "{outcome:?}");
    }
    Ok(())
}
