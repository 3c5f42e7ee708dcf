//! Members that their batch holds back: until it is sealed, until its parents have ended, until the batch around it starts.

use super::{
    Fixture,
    flow::{after, batch, child, laned, member, nested, waits},
    kit::{World, between},
    make::{HOUR, KIND, MINUTE, ask, success},
};
use crate::{
    Error, JobId, Result, ServerId, State,
    flow::{BatchState, Condition, NodeId, Rule},
    storage::{Change, ClaimRequest, Due, NewBatch, NewFlow, NewJob},
};

/// Claims from this lane whatever there is.
async fn claim_from(w: &World<impl Fixture>, server: ServerId, lane: &str, slots: usize) -> Result<Vec<JobId>> {
    w.claim_ids(ClaimRequest { queues: vec![lane.into()], ..ask(server, slots) }).await
}

pub(super) async fn members_of_an_unsealed_batch_are_held_back(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let open = NewBatch { sealed: false, ..batch() };
    let inner = nested(&open);
    let (id, inner_id) = (open.id, inner.id);
    let in_lane = |of, due| NewJob { queue: "held".into(), due, ..member(of) };
    let jobs = vec![in_lane(id, Due::Now), in_lane(id, Due::In(MINUTE)), in_lane(inner_id, Due::Now)];
    let mut ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    w.store(vec![open, inner], jobs).await?;
    for _ in 0..3 {
        let more = in_lane(id, Due::Now);
        ids.push(more.id);
        w.store(vec![], vec![more]).await?;
        w.settle().await?;
        w.wait(2 * MINUTE, &[server]).await?;
        assert_eq!(claim_from(w, server, "held", 99).await?, [], "none of them is where jobs are claimed");
    }
    for id in &ids {
        assert_eq!(w.state(*id).await?, State::Awaiting);
    }
    for id in [id, inner_id] {
        let record = w.batch(id).await?;
        assert_eq!((record.state, record.started_at), (BatchState::Awaiting, None), "{record:?}");
    }
    assert!(!w.batch(id).await?.sealed);
    w.storage.batch_seal(id).await?;
    w.settle().await?;
    for id in [id, inner_id] {
        let record = w.batch(id).await?;
        assert_eq!((record.state, record.sealed), (BatchState::Started, true), "{record:?}");
        assert!(record.started_at.is_some());
    }
    w.wait(2 * MINUTE, &[server]).await?;
    w.storage.batch_seal(id).await?;
    assert_eq!(w.settle().await?, 0, "sealed twice");
    let mut claimed = claim_from(w, server, "held", 99).await?;
    claimed.sort();
    ids.sort();
    assert_eq!(claimed, ids);
    Ok(())
}

pub(super) async fn a_step_moves_no_more_than_its_limit(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    // Made first, so that its place is before all that the step has moved when it comes.
    let early = NewJob { queue: "moved".into(), ..laned() };
    let open = NewBatch { sealed: false, ..batch() };
    let id = open.id;
    let jobs: Vec<_> = (0..25).map(|_| NewJob { queue: "moved".into(), ..member(id) }).collect();
    let mut expected: Vec<_> = jobs.iter().map(|job| job.id).collect();
    w.store(vec![open], jobs).await?;
    w.storage.batch_seal(id).await?;
    let stepped = w.storage.flow_step(10).await?;
    assert!((1..=10).contains(&stepped.members), "{stepped:?}");
    assert_eq!(stepped.next_in, Some(std::time::Duration::ZERO), "there are more");
    let mut claimed = claim_from(w, server, "moved", 99).await?;
    assert_eq!(claimed.len() as u64, stepped.members);
    // Attached in the middle of the move, in front of it and behind it.
    let late = NewJob { queue: "moved".into(), ..member(id) };
    let early = NewJob { batch: Some(id), ..early };
    expected.extend([early.id, late.id]);
    w.store_jobs([early, late]).await?;
    assert_eq!(w.batch(id).await?.counts.total, 27);
    let mut steps = 0;
    loop {
        let stepped = w.storage.flow_step(10).await?;
        assert!(stepped.members <= 10, "{stepped:?}");
        steps += 1;
        assert!(steps < 20, "it comes to an end");
        if stepped.next_in != Some(std::time::Duration::ZERO) {
            break;
        }
    }
    claimed.extend(claim_from(w, server, "moved", 99).await?);
    claimed.sort();
    expected.sort();
    assert_eq!(claimed, expected, "each once");
    Ok(())
}

pub(super) async fn two_steppers_move_each_member_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let other = w.another().await?;
    let open = NewBatch { sealed: false, ..batch() };
    let id = open.id;
    let jobs: Vec<_> = (0..60).map(|_| NewJob { queue: "moved".into(), ..member(id) }).collect();
    let mut expected: Vec<_> = jobs.iter().map(|job| job.id).collect();
    w.store(vec![open], jobs).await?;
    w.storage.batch_seal(id).await?;
    for _ in 0..10 {
        let (one, two) = tokio::join!(w.storage.flow_step(7), other.flow_step(7));
        let (one, two) = (one?, two?);
        if [one, two].iter().all(|stepped| stepped.next_in != Some(std::time::Duration::ZERO)) {
            break;
        }
    }
    w.settle().await?;
    let mut claimed = claim_from(w, server, "moved", 99).await?;
    claimed.sort();
    expected.sort();
    assert_eq!(claimed, expected);
    Ok(())
}

pub(super) async fn an_abandoned_batch_is_removed_after_an_hour(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let open = NewBatch { sealed: false, ..batch() };
    let inner = nested(&open);
    let (id, inner_id) = (open.id, inner.id);
    let last = child(id, Condition::Success);
    let caught = child(id, Condition::Finished);
    let waiting = NewBatch { waits: after(id, Condition::Success), ..batch() };
    let (last_id, caught_id, waiting_id) = (last.id, caught.id, waiting.id);
    let jobs = vec![member(id), member(inner_id), member(waiting_id)];
    let ids = [jobs[0].id, jobs[1].id, jobs[2].id];
    w.store(vec![open, inner, waiting], [jobs, vec![last, caught]].concat()).await?;
    w.wait(59 * MINUTE, &[server]).await?;
    w.settle().await?;
    let [more] = w.store_jobs([member(id)]).await?;
    w.wait(59 * MINUTE, &[server]).await?;
    w.settle().await?;
    assert_eq!(w.batch(id).await?.counts.total, 3, "a new member came within the hour");
    w.wait(2 * MINUTE, &[server]).await?;
    w.settle().await?;
    for _ in 0..3 {
        // It has ended as deleted, and is not kept.
        w.storage.clean(100).await?;
    }
    assert_eq!((w.storage.batch_get(id).await?, w.storage.batch_get(inner_id).await?), (None, None));
    for id in [ids[0], ids[1], more] {
        assert_eq!(w.storage.job_get(id).await?, None, "its members go with it");
    }
    assert!(matches!(w.storage.batch_seal(id).await, Err(Error::NoBatch(_))), "it cannot be sealed any more");
    let too_late = NewFlow { batches: vec![], jobs: vec![member(id)] };
    assert!(matches!(w.storage.flow_insert(too_late).await, Err(Error::NoBatch(_))));
    // Nothing waits for what is not there.
    w.assert_unmet(last_id).await?;
    assert_ne!(w.state(caught_id).await?, State::Awaiting);
    w.settle().await?;
    w.assert_unmet(ids[2]).await?;
    assert_eq!(w.batch(waiting_id).await?.state, BatchState::Deleted);
    Ok(())
}

pub(super) async fn a_sealed_batch_is_not_abandoned(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let first = NewJob { due: Due::In(10 * HOUR), ..laned() };
    let open = NewBatch { sealed: false, waits: after(first.id, Condition::Success), ..batch() };
    let (id, job) = (open.id, member(open.id));
    let ids = [first.id, job.id];
    w.store(vec![open], vec![first, job]).await?;
    w.storage.batch_seal(id).await?;
    w.settle().await?;
    assert_eq!((w.batch(id).await?.state, w.state(ids[1]).await?), (BatchState::Awaiting, State::Awaiting));
    w.wait(11 * HOUR, &[server]).await?;
    w.settle().await?;
    w.run(server, ids[0], success()).await?;
    w.settle().await?;
    w.run(server, ids[1], success()).await
}

pub(super) async fn a_batch_starts_when_it_is_sealed_and_its_parents_have_ended(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for sealed_first in [true, false] {
        let first = laned();
        let open = NewBatch { sealed: false, waits: after(first.id, Condition::Success), ..batch() };
        let (id, job) = (open.id, member(open.id));
        let ids = [first.id, job.id];
        w.store(vec![open], vec![first, job]).await?;
        if sealed_first {
            w.storage.batch_seal(id).await?;
        } else {
            w.run(server, ids[0], success()).await?;
        }
        w.settle().await?;
        assert_eq!((w.batch(id).await?.state, w.state(ids[1]).await?), (BatchState::Awaiting, State::Awaiting));
        if sealed_first {
            w.run(server, ids[0], success()).await?;
        } else {
            w.storage.batch_seal(id).await?;
        }
        w.settle().await?;
        assert_eq!(w.batch(id).await?.state, BatchState::Started);
        w.run(server, ids[1], success()).await?;
    }
    Ok(())
}

pub(super) async fn a_nested_batch_starts_with_the_one_around_it(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let first = laned();
    let outer = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let second = member(outer.id);
    let inner = NewBatch { waits: after(second.id, Condition::Success), ..nested(&outer) };
    let beside = nested(&outer);
    let deep = nested(&beside);
    let jobs = [member(inner.id), member(beside.id), member(deep.id)];
    let (batch_ids, ids) = ([inner.id, beside.id, deep.id], jobs.each_ref().map(|job| job.id));
    let (outer_id, first_id, second_id) = (outer.id, first.id, second.id);
    w.store(vec![outer, inner, beside, deep], [jobs.to_vec(), vec![first, second]].concat()).await?;
    // What is attached later waits with the others.
    let [late] = w.store_jobs([member(batch_ids[2])]).await?;
    w.settle().await?;
    assert_eq!(w.states(ids).await?, [State::Awaiting; 3]);
    assert_eq!(w.states([second_id, late]).await?, [State::Awaiting; 2]);
    w.run(server, first_id, success()).await?;
    w.settle().await?;
    assert_eq!(w.batch(batch_ids[0]).await?.state, BatchState::Awaiting, "it has a parent of its own");
    assert_eq!(w.batch(batch_ids[2]).await?.state, BatchState::Started);
    assert_eq!(w.states(ids).await?, [State::Awaiting, State::Enqueued, State::Enqueued]);
    w.run_all(server, &[second_id, ids[1], ids[2], late], &success()).await?;
    w.settle().await?;
    w.run(server, ids[0], success()).await?;
    assert_eq!(w.batch(outer_id).await?.state, BatchState::Succeeded);
    Ok(())
}

pub(super) async fn a_held_member_waits_for_its_own_parents_too(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for batch_first in [true, false] {
        let (start, parent) = (laned(), laned());
        let held = NewBatch { waits: after(start.id, Condition::Success), ..batch() };
        let id = held.id;
        let job = NewJob { batch: Some(id), ..child(parent.id, Condition::Success) };
        let unmet = NewJob { batch: Some(id), ..child(parent.id, Condition::Failure) };
        let pairs = [(NodeId::from(parent.id), Condition::Success), (start.id.into(), Condition::Success)];
        let either = NewJob { batch: Some(id), waits: waits(Rule::Any, pairs), ..laned() };
        let ids = [start.id, parent.id, job.id, unmet.id, either.id];
        w.store(vec![held], vec![start, parent, job, unmet, either]).await?;
        let order = if batch_first { [ids[0], ids[1]] } else { [ids[1], ids[0]] };
        w.run(server, order[0], success()).await?;
        w.settle().await?;
        assert_eq!(w.state(ids[2]).await?, State::Awaiting, "the batch first: {batch_first}");
        w.run(server, order[1], success()).await?;
        w.settle().await?;
        w.assert_unmet(ids[3]).await?;
        w.run_all(server, &[ids[2], ids[4]], &success()).await?;
        let record = w.batch(id).await?;
        assert_eq!((record.state, record.counts.deleted), (BatchState::Completed, 1), "{record:?}");
    }
    Ok(())
}

pub(super) async fn a_delay_of_a_held_member_counts_from_the_start(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let first = laned();
    let held = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let id = held.id;
    let at = w.now().await? + 10 * HOUR;
    let delayed = NewJob { due: Due::In(HOUR), ..member(id) };
    let fixed = NewJob { due: Due::At(at), ..member(id) };
    let (passed, plain) = (NewJob { due: Due::At(w.now().await? + HOUR), ..member(id) }, member(id));
    let ids = [first.id, delayed.id, fixed.id, passed.id, plain.id];
    w.store(vec![held], vec![first, delayed, fixed, passed, plain]).await?;
    w.wait(3 * HOUR, &[server]).await?;
    assert_eq!(w.states(ids).await?[1..], [State::Awaiting; 4]);
    let earliest = w.now().await?;
    w.run(server, ids[0], success()).await?;
    w.settle().await?;
    let latest = w.now().await?;
    assert_eq!(w.states(ids).await?[1..], [State::Scheduled, State::Scheduled, State::Enqueued, State::Enqueued]);
    between(earliest + HOUR, w.get(ids[1]).await?.due_at, latest + HOUR);
    assert_eq!(w.get(ids[2]).await?.due_at, at);
    between(earliest, w.get(ids[4]).await?.due_at, latest);
    w.wait(8 * HOUR, &[server]).await?;
    w.run_all(server, &ids[1..], &success()).await?;
    assert_eq!(w.batch(id).await?.state, BatchState::Succeeded);
    Ok(())
}

pub(super) async fn operators_may_act_on_held_members(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let open = NewBatch { sealed: false, ..batch() };
    let id = open.id;
    let jobs: [NewJob; 3] = std::array::from_fn(|_| member(id));
    let ids = jobs.each_ref().map(|job| job.id);
    let caught = child(ids[0], Condition::Deleted);
    let caught_id = caught.id;
    w.store(vec![open], [jobs.to_vec(), vec![caught]].concat()).await?;
    assert!(w.change(ids[0], Change::Delete { reason: "sold out".into() }).await?);
    assert_eq!(w.states([ids[0], caught_id]).await?, [State::Deleted, State::Enqueued]);
    assert_eq!(w.batch(id).await?.counts.deleted, 1);
    // A requeue or a new time lets the job go before its batch starts, or has to wait with it; nothing is lost either way.
    w.change(ids[1], Change::Requeue).await?;
    w.change(ids[2], Change::Reschedule(Due::In(MINUTE))).await?;
    assert_eq!(w.storage.check().await?, Vec::<String>::new());
    w.storage.batch_seal(id).await?;
    w.settle().await?;
    w.wait(2 * MINUTE, &[server]).await?;
    w.beat(server, &[KIND]).await?;
    w.run_all(server, &[ids[1], ids[2], caught_id], &success()).await?;
    let record = w.batch(id).await?;
    assert_eq!((record.state, record.counts.succeeded), (BatchState::Completed, 2), "{record:?}");
    Ok(())
}

pub(super) async fn an_abandoned_batch_goes_also_with_one_in_it_that_has_ended(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let open = NewBatch { sealed: false, ..batch() };
    let inner = nested(&open);
    let (id, inner_id) = (open.id, inner.id);
    let last = child(id, Condition::Deleted);
    let last_id = last.id;
    w.store(vec![open, inner], vec![member(inner_id), last]).await?;
    w.storage.batch_cancel(inner_id, "sold out".into()).await?;
    w.settle().await?;
    assert_eq!(w.batch(inner_id).await?.state, BatchState::Deleted);
    w.wait(HOUR + MINUTE, &[server]).await?;
    w.settle().await?;
    assert_eq!(w.storage.flow_step(10).await?.members, 0, "upkeep has come to an end");
    w.run(server, last_id, success()).await?;
    for _ in 0..4 {
        w.storage.clean(100).await?;
    }
    assert_eq!((w.storage.batch_get(id).await?, w.storage.batch_get(inner_id).await?), (None, None));
    Ok(())
}
