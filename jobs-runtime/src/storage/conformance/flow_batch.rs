//! Batches: how their members' ends are counted, and how they end themselves.

use super::{
    Fixture,
    flow::{after, batch, child, counts, endings, laned, member, nested, returned},
    kit::World,
    make::{HOUR, deletion, failure, finish, retry, success},
};
use crate::{
    BatchId, JobId, Result, State,
    flow::{BatchState, Condition, Ending},
    storage::{Accepted, Change, End, NewBatch, NewJob},
};

/// So many members in one lane, and nobody else in it.
fn members(of: BatchId, number: usize) -> Vec<NewJob> {
    (0..number).map(|_| NewJob { queue: format!("lane of {of}").into(), ..member(of) }).collect()
}

fn ids(jobs: &[NewJob]) -> Vec<JobId> {
    jobs.iter().map(|job| job.id).collect()
}

pub(super) async fn a_batch_comes_back_as_given(w: &World<impl Fixture>) -> Result<()> {
    let outer = NewBatch { description: "Frühling \u{1F337} 'n \"so\"".into(), ..batch() };
    let inner = nested(&outer);
    let waiting = NewBatch { waits: after(inner.id, Condition::Failure), ..batch() };
    let open = NewBatch { sealed: false, ..batch() };
    let ids = [outer.id, inner.id, waiting.id, open.id];
    let jobs = vec![member(ids[1]), member(ids[2]), member(ids[3])];
    let earliest = w.now().await?;
    w.store(vec![outer, inner, waiting, open], jobs).await?;
    let latest = w.now().await?;
    let expected = [
        (None, BatchState::Started, true),
        (Some(ids[0]), BatchState::Started, true),
        (None, BatchState::Awaiting, true),
        (None, BatchState::Awaiting, false),
    ];
    for (id, (parent, state, sealed)) in ids.into_iter().zip(expected) {
        let record = w.batch(id).await?;
        assert_eq!((record.id, record.parent, record.state, record.sealed), (id, parent, state, sealed));
        assert_eq!((record.cancelled, &record.reason, record.finished_at), (false, &None, None));
        super::kit::between(earliest, record.created_at, latest);
        assert_eq!(record.started_at.is_some(), state == BatchState::Started, "{record:?}");
        assert_eq!(record.counts, counts(1, 0, 0, 0), "{record:?}");
    }
    assert_eq!(w.batch(ids[0]).await?.description, "Frühling \u{1F337} 'n \"so\"");
    Ok(())
}

pub(super) async fn members_are_counted_as_they_end(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let (id, jobs) = (campaign.id, members(campaign.id, 9));
    let ids = ids(&jobs);
    w.store(vec![campaign], jobs).await?;
    assert_eq!(w.batch(id).await?.counts, counts(9, 0, 0, 0));
    let runs = w.claim_chunk(server, &ids).await?;
    assert_eq!(w.batch(id).await?.counts, counts(9, 0, 0, 0), "a claim is no end");
    let ends = [success(), failure(), deletion(), returned(b"x"), retry(), End::Snoozed { delay: HOUR }];
    let ends: Vec<_> = runs.iter().zip(ends).map(|(run, end)| finish(run.id, run.fence, end)).collect();
    assert_eq!(w.storage.finish(server, ends.clone()).await?, [Accepted::Yes; 6]);
    assert_eq!(w.batch(id).await?.counts, counts(5, 2, 1, 1), "one chunk of all sorts");
    assert_eq!(w.storage.finish(server, ends[..4].to_vec()).await?, [Accepted::Again; 4]);
    assert_eq!(w.batch(id).await?.counts, counts(5, 2, 1, 1), "sent again");
    assert!(w.change(runs[6].id, Change::Delete { reason: "sold out".into() }).await?);
    assert_eq!(w.batch(id).await?.counts, counts(4, 2, 1, 2), "an operator's act");
    w.end_well(runs[7], End::HandedBack).await?;
    assert_eq!(w.batch(id).await?.counts, counts(4, 2, 1, 2), "a hand-back is no end");
    let record = w.batch(id).await?;
    assert_eq!((record.state, record.finished_at), (BatchState::Started, None));
    Ok(())
}

pub(super) async fn a_batch_ends_with_its_last_member(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for (ending, end) in endings() {
        let campaign = batch();
        let (first, last) = (member(campaign.id), member(campaign.id));
        let children = Condition::ALL.map(|condition| child(campaign.id, condition));
        let child_ids = children.each_ref().map(|child| child.id);
        let (id, first_id, last_id) = (campaign.id, first.id, last.id);
        w.store(vec![campaign], [vec![first, last], children.into()].concat()).await?;
        w.run(server, first_id, end).await?;
        assert_eq!(w.batch(id).await?.state, BatchState::Started);
        assert_eq!(w.states(child_ids).await?, [State::Awaiting; 4]);
        let earliest = w.now().await?;
        w.run(server, last_id, success()).await?;
        // A member that was deleted did not succeed; the batch itself was not deleted.
        let as_batch = if ending == Ending::Succeeded { Ending::Succeeded } else { Ending::Failed };
        let record = w.batch(id).await?;
        assert_eq!(record.state, as_batch.batch_state(), "a member {ending:?}");
        super::kit::between(Some(earliest), record.finished_at, Some(w.now().await?));
        for (condition, id) in Condition::ALL.into_iter().zip(child_ids) {
            if condition.is_met_by(as_batch) {
                w.run(server, id, success()).await?;
                let input = w.inputs(id).await?.remove(0);
                assert_eq!((input.ending, input.output), (Some(as_batch), None), "{condition:?}");
            } else {
                w.assert_unmet(id).await?;
            }
        }
    }
    Ok(())
}

pub(super) async fn members_that_end_on_two_servers_end_the_batch_once(w: &World<impl Fixture>) -> Result<()> {
    let other = w.another().await?;
    let (one, two) = (w.server().await?, w.server().await?);
    for round in 0..12 {
        let outer = batch();
        let inner = nested(&outer);
        // In the odd rounds one ends in the nested batch and the other beside it.
        let (first, second) = (member(inner.id), member(if round % 2 == 0 { inner.id } else { outer.id }));
        let last = child(outer.id, Condition::Finished);
        let (outer_id, inner_id, last_id) = (outer.id, inner.id, last.id);
        let ids = [first.id, second.id];
        w.store(vec![outer, inner], vec![first, second, last]).await?;
        let (first, second) = (w.claim_one(one, ids[0]).await?, w.claim_one(two, ids[1]).await?);
        let (ended, other_ended) = tokio::join!(
            w.storage.finish(one, vec![finish(first.id, first.fence, success())]),
            other.finish(two, vec![finish(second.id, second.fence, success())]),
        );
        assert_eq!((ended?, other_ended?), (vec![Accepted::Yes], vec![Accepted::Yes]));
        for id in [outer_id, inner_id] {
            assert_eq!(w.batch(id).await?.state, BatchState::Succeeded, "round {round}");
        }
        w.run(one, last_id, success()).await?;
    }
    Ok(())
}

pub(super) async fn batches_are_nested_to_any_depth(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for (ending, end) in endings() {
        let mut batches = vec![batch()];
        for depth in 0..3 {
            batches.push(nested(&batches[depth]));
        }
        let jobs: Vec<_> = batches.iter().map(|batch| member(batch.id)).collect();
        let last = child(batches[0].id, Condition::Finished);
        let (batch_ids, ids, last_id) = (batches.iter().map(|batch| batch.id).collect::<Vec<_>>(), ids(&jobs), last.id);
        w.store(batches, [jobs, vec![last]].concat()).await?;
        for (depth, id) in batch_ids.iter().enumerate() {
            let pending = if depth == 3 { 1 } else { 2 };
            assert_eq!(w.batch(*id).await?.counts, counts(pending, 0, 0, 0), "a nested batch is one member");
        }
        w.run_all(server, &ids[..3], &success()).await?;
        assert_eq!(w.batch(batch_ids[0]).await?.counts, counts(1, 1, 0, 0));
        w.run(server, ids[3], end).await?;
        let state = if ending == Ending::Succeeded { BatchState::Succeeded } else { BatchState::Completed };
        for (depth, id) in batch_ids.iter().enumerate() {
            let record = w.batch(*id).await?;
            assert_eq!(record.state, state, "depth {depth}, a member {ending:?}");
            let expected = match (depth, ending) {
                (3, Ending::Succeeded) => counts(0, 1, 0, 0),
                (3, Ending::Failed) => counts(0, 0, 1, 0),
                (3, Ending::Deleted) => counts(0, 0, 0, 1),
                (_, Ending::Succeeded) => counts(0, 2, 0, 0),
                // A nested batch that completed counts as failed.
                _ => counts(0, 1, 1, 0),
            };
            assert_eq!(record.counts, expected, "depth {depth}, a member {ending:?}");
        }
        w.run(server, last_id, success()).await?;
    }
    Ok(())
}

pub(super) async fn jobs_and_batches_run_after_each_other(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let first = laned();
    let one = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let two = NewBatch { waits: after(one.id, Condition::Success), ..batch() };
    let inner = nested(&two);
    let (in_one, in_two, in_inner) = (member(one.id), member(two.id), member(inner.id));
    let last = child(two.id, Condition::Success);
    let batch_ids = [one.id, two.id, inner.id];
    let ids = [first.id, in_one.id, in_two.id, in_inner.id, last.id];
    w.store(vec![one, two, inner], vec![last, in_inner, in_two, in_one, first]).await?;
    let states = async || -> Result<_> {
        let mut states = Vec::new();
        for id in batch_ids {
            states.push(w.batch(id).await?.state);
        }
        Ok(states)
    };
    use BatchState::{Awaiting, Started, Succeeded};
    assert_eq!(states().await?, [Awaiting; 3]);
    assert_eq!(w.states(ids).await?[1..], [State::Awaiting; 4], "members of a batch that waits wait with it");
    w.run(server, ids[0], success()).await?;
    w.settle().await?;
    assert_eq!(states().await?, [Started, Awaiting, Awaiting]);
    w.run(server, ids[1], success()).await?;
    w.settle().await?;
    assert_eq!(states().await?, [Succeeded, Started, Started]);
    assert!(w.batch(batch_ids[1]).await?.started_at.is_some());
    w.run_all(server, &ids[2..4], &success()).await?;
    assert_eq!(states().await?, [Succeeded; 3]);
    w.run(server, ids[4], success()).await
}

pub(super) async fn an_unmet_batch_is_deleted_with_its_members(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let first = laned();
    let unmet = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let inner = nested(&unmet);
    let beyond = NewBatch { waits: after(unmet.id, Condition::Success), ..batch() };
    let jobs = [member(unmet.id), member(inner.id), member(beyond.id)];
    let within = NewJob { batch: Some(unmet.id), ..child(jobs[0].id, Condition::Deleted) };
    let caught = child(beyond.id, Condition::Deleted);
    let batch_ids = [unmet.id, inner.id, beyond.id];
    let ids = [jobs[0].id, jobs[1].id, jobs[2].id, within.id];
    let (first_id, caught_id) = (first.id, caught.id);
    let jobs = [jobs.to_vec(), vec![first, within, caught]].concat();
    w.store(vec![unmet, inner, beyond], jobs).await?;
    w.run(server, first_id, failure()).await?;
    w.settle().await?;
    for id in batch_ids {
        let record = w.batch(id).await?;
        assert_eq!((record.state, record.cancelled), (BatchState::Deleted, true), "{record:?}");
        assert!(record.reason.as_deref().is_some_and(|reason| !reason.is_empty()), "{record:?}");
        assert_eq!(record.counts.deleted, record.counts.total, "{record:?}");
        assert!(record.started_at.is_none() && record.finished_at.is_some(), "{record:?}");
    }
    for id in ids {
        w.assert_unmet(id).await?;
    }
    w.run(server, caught_id, success()).await?;
    assert!(w.inputs(caught_id).await?[0].reason.is_some(), "a batch hands its reason on");
    Ok(())
}

pub(super) async fn an_empty_batch_ends_when_it_starts(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let (alone, outer, first) = (batch(), batch(), laned());
    let inner = nested(&outer);
    let waiting = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let open = NewBatch { sealed: false, ..batch() };
    let batch_ids = [alone.id, outer.id, inner.id, waiting.id, open.id];
    let children = batch_ids.map(|id| child(id, Condition::Success));
    let child_ids = children.each_ref().map(|child| child.id);
    let first_id = first.id;
    w.store(vec![alone, outer, inner, waiting, open], [children.to_vec(), vec![first]].concat()).await?;
    w.settle().await?;
    for id in &batch_ids[..3] {
        assert_eq!(w.batch(*id).await?.state, BatchState::Succeeded);
    }
    assert_eq!(w.states(child_ids).await?[3..], [State::Awaiting; 2]);
    w.run_all(server, &child_ids[..3], &success()).await?;
    w.run(server, first_id, success()).await?;
    w.storage.batch_seal(batch_ids[4]).await?;
    w.settle().await?;
    for id in batch_ids {
        let record = w.batch(id).await?;
        assert_eq!((record.state, record.counts.pending), (BatchState::Succeeded, 0), "{record:?}");
    }
    w.run_all(server, &child_ids[3..], &success()).await
}

pub(super) async fn a_batch_whose_parents_end_in_the_same_call_has_its_members(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let (empty, done) = (batch(), laned());
    let done_id = w.insert(done).await?;
    w.run(server, done_id, success()).await?;
    let next = NewBatch { waits: after(empty.id, Condition::Success), ..batch() };
    let beside = NewBatch { waits: after(done_id, Condition::Success), ..batch() };
    let inner = nested(&beside);
    let jobs = [member(next.id), member(beside.id), member(inner.id)];
    let (batch_ids, ids) = ([next.id, beside.id, inner.id], jobs.each_ref().map(|job| job.id));
    w.store(vec![empty, next, beside, inner], jobs.into()).await?;
    for id in batch_ids {
        assert_ne!(w.batch(id).await?.state, BatchState::Succeeded);
    }
    w.settle().await?;
    w.run_all(server, &ids, &success()).await?;
    for id in batch_ids {
        assert_eq!(w.batch(id).await?.state, BatchState::Succeeded);
    }
    Ok(())
}

pub(super) async fn members_may_wait_for_each_other(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let (id, first, outside) = (campaign.id, member(campaign.id), laned());
    let chained = NewJob { batch: Some(id), ..child(first.id, Condition::Success) };
    let unmet = NewJob { batch: Some(id), ..child(first.id, Condition::Failure) };
    let far = NewJob { batch: Some(id), ..child(outside.id, Condition::Success) };
    let ids = [first.id, chained.id, unmet.id, far.id, outside.id];
    w.store(vec![campaign], vec![chained, unmet, far, first, outside]).await?;
    assert_eq!(w.states(ids).await?[..4], [State::Enqueued, State::Awaiting, State::Awaiting, State::Awaiting]);
    w.run(server, ids[0], success()).await?;
    assert_eq!(w.batch(id).await?.counts, counts(2, 1, 0, 1), "an unmet member is a deleted one");
    w.run(server, ids[1], success()).await?;
    assert_eq!(w.batch(id).await?.state, BatchState::Started, "one waits for a job outside");
    w.run_all(server, &ids[4..], &success()).await?;
    w.run(server, ids[3], success()).await?;
    assert_eq!(w.batch(id).await?.state, BatchState::Completed);
    Ok(())
}
