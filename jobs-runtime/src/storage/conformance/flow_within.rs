//! Flows in transactions of the application's, and ends that handlers write in theirs; and calls that are sent again.

use super::{
    Ending::{Commit, Rollback},
    Fixture,
    flow::{batch, child, laned, member, returned},
    kit::{LEASE, World},
    make::{HOUR, MINUTE, finish, job, success},
};
use crate::{
    BatchId, Error, JobId, Result, State,
    flow::{BatchState, Condition, Ending, NodeId},
    storage::{Accepted, BatchRecord, Change, EdgeRecord, JobRecord, NewBatch, NewFlow, NewJob},
};

pub(super) async fn a_flow_obeys_the_transaction_that_it_is_stored_in(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let stored = w.insert(laned()).await?;
    for ending in [Rollback, Commit] {
        let campaign = batch();
        let (first, last) = (member(campaign.id), child(campaign.id, Condition::Success));
        let after_stored = child(stored, Condition::Success);
        let (batch_id, ids) = (campaign.id, [first.id, last.id, after_stored.id]);
        let flow = NewFlow { batches: vec![campaign], jobs: vec![first, last, after_stored] };
        let new = w.within(ending, move |storage, tx| {
            Box::pin(async move { storage.flow_insert_within(tx.connection(), flow).await })
        });
        assert_eq!(new.await?, [true; 3]);
        if ending == Rollback {
            assert_eq!(w.storage.batch_get(batch_id).await?, None);
            for id in ids {
                assert_eq!(w.storage.job_get(id).await?, None);
            }
            assert_eq!(w.storage.flow_edges(vec![stored.into(), batch_id.into()]).await?, []);
            continue;
        }
        assert_eq!(w.states(ids).await?, [State::Enqueued, State::Awaiting, State::Awaiting]);
        w.run_all(server, &[stored, ids[2], ids[0], ids[1]], &success()).await?;
        assert_eq!(w.batch(batch_id).await?.state, BatchState::Succeeded);
    }
    Ok(())
}

pub(super) async fn a_job_stored_in_a_transaction_waits_for_its_parent(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = w.insert(laned()).await?;
    let job = child(parent, Condition::Success);
    let id = job.id;
    assert_eq!(w.insert_within(vec![job], Commit).await?, [true]);
    assert_eq!(w.state(id).await?, State::Awaiting);
    w.run_all(server, &[parent, id], &success()).await
}

pub(super) async fn a_refused_flow_leaves_the_transaction_usable(w: &World<impl Fixture>) -> Result<()> {
    let (good, bad) = (laned(), child(JobId::new(), Condition::Success));
    let id = good.id;
    let refused = w.within(Commit, move |storage, tx| {
        Box::pin(async move {
            let flow = NewFlow { batches: vec![batch()], jobs: vec![job(), bad] };
            let refused = storage.flow_insert_within(tx.connection(), flow).await;
            storage.job_insert_within(tx.connection(), vec![good]).await?;
            Ok(matches!(refused, Err(Error::NoParent(_))))
        })
    });
    assert!(refused.await?, "there is no such parent");
    assert_eq!(w.state(id).await?, State::Enqueued);
    assert_eq!(w.storage.batch_list(crate::storage::BatchFilter { limit: 10, ..Default::default() }).await?, []);
    Ok(())
}

pub(super) async fn a_cancel_obeys_the_transaction_that_it_is_made_in(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let (batch_id, job) = (campaign.id, member(campaign.id));
    let id = job.id;
    w.store(vec![campaign], vec![job]).await?;
    for ending in [Rollback, Commit] {
        let cancelled = w.within(ending, move |storage, tx| {
            Box::pin(async move { storage.batch_cancel_within(tx.connection(), batch_id, "sold out".into()).await })
        });
        assert_eq!(cancelled.await?, Some(true));
        w.settle().await?;
        let expected = if ending == Commit { State::Deleted } else { State::Enqueued };
        assert_eq!(w.state(id).await?, expected);
        assert_eq!(w.batch(batch_id).await?.cancelled, ending == Commit);
    }
    assert_eq!(w.claim_ids(super::make::ask(server, 9)).await?, []);
    Ok(())
}

pub(super) async fn an_end_of_the_handlers_own_releases_when_the_job_leaves(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let parent = member(campaign.id);
    let (next, last) = (child(parent.id, Condition::Success), child(campaign.id, Condition::Success));
    let (batch_id, ids) = (campaign.id, [parent.id, next.id, last.id]);
    w.store(vec![campaign], vec![parent, next, last]).await?;
    let run = w.claim_one(server, ids[0]).await?;
    assert_eq!(w.end_within(run, returned(b"receipt"), Rollback).await?, Accepted::Yes);
    assert_eq!(w.states([ids[1], ids[2]]).await?, [State::Awaiting; 2], "nothing has ended");
    assert_eq!(w.end_within(run, returned(b"receipt"), Commit).await?, Accepted::Yes);
    assert_eq!(w.storage.check().await?, Vec::<String>::new(), "between the handler's end and the finish");
    assert_eq!(w.end(run, success()).await?, Accepted::Again, "the ordinary finish that follows");
    assert_eq!(w.states([ids[1], ids[2]]).await?, [State::Enqueued; 2]);
    assert_eq!(w.batch(batch_id).await?.state, BatchState::Succeeded);
    assert_eq!(w.inputs(ids[1]).await?[0].output.as_deref(), Some(&b"receipt"[..]));
    assert_eq!(w.end(run, success()).await?, Accepted::Again);
    w.run_all(server, &ids[1..], &success()).await?;
    assert_eq!(w.batch(batch_id).await?.counts.succeeded, 1);
    Ok(())
}

pub(super) async fn an_end_of_a_server_that_died_releases_with_the_rescue(w: &World<impl Fixture>) -> Result<()> {
    let dead = w.server().await?;
    let campaign = batch();
    let parent = member(campaign.id);
    let (next, last) = (child(parent.id, Condition::Success), child(campaign.id, Condition::Success));
    let ids = [parent.id, next.id, last.id];
    w.store(vec![campaign], vec![parent, next, last]).await?;
    let run = w.claim_one(dead, ids[0]).await?;
    assert_eq!(w.end_within(run, returned(b"receipt"), Commit).await?, Accepted::Yes);
    let rescued = w.crash_all().await?;
    assert_eq!((rescued.requeued, rescued.failed), (0, 0));
    assert_eq!(w.states(ids).await?, [State::Succeeded, State::Enqueued, State::Enqueued]);
    assert_ne!(w.end(run, success()).await?, Accepted::Yes, "too late");
    let server = w.server().await?;
    w.run_all(server, &ids[1..], &success()).await?;
    assert_eq!(w.inputs(ids[1]).await?[0].output.as_deref(), Some(&b"receipt"[..]));
    Ok(())
}

pub(super) async fn an_attach_to_a_job_that_has_yet_to_leave_is_released_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, laned()).await?;
    assert_eq!(w.end_within(run, returned(b"receipt"), Commit).await?, Accepted::Yes);
    let [id] = w.store_jobs([child(run.id, Condition::Success)]).await?;
    let at_once = w.state(id).await?;
    if at_once == State::Enqueued {
        w.run(server, id, success()).await?;
    } else {
        assert_eq!(at_once, State::Awaiting);
    }
    assert_eq!(w.end(run, success()).await?, Accepted::Again);
    if at_once == State::Awaiting {
        w.run(server, id, success()).await?;
    }
    assert_eq!(w.state(id).await?, State::Succeeded);
    assert_eq!(w.inputs(id).await?[0].output.as_deref(), Some(&b"receipt"[..]));
    Ok(())
}

pub(super) async fn a_job_that_is_requeued_before_it_left_releases_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let parent = member(campaign.id);
    let (next, last) = (child(parent.id, Condition::Finished), child(campaign.id, Condition::Finished));
    let (batch_id, ids) = (campaign.id, [parent.id, next.id, last.id]);
    w.store(vec![campaign], vec![parent, next, last]).await?;
    let run = w.claim_one(server, ids[0]).await?;
    assert_eq!(w.end_within(run, returned(b"receipt"), Commit).await?, Accepted::Yes);
    assert!(w.change(ids[0], Change::Requeue).await?);
    assert_eq!(w.end(run, success()).await?, Accepted::Stale);
    assert_eq!(w.storage.check().await?, Vec::<String>::new());
    assert_eq!(w.batch(batch_id).await?.state, BatchState::Started);
    w.run(server, ids[0], success()).await?;
    assert_eq!(w.batch(batch_id).await?.counts.succeeded, 1);
    w.run_all(server, &ids[1..], &success()).await?;
    assert_eq!(w.states(ids).await?, [State::Succeeded; 3]);
    Ok(())
}

pub(super) async fn a_delete_before_the_job_left_releases_once(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let parent = member(campaign.id);
    let last = child(campaign.id, Condition::Finished);
    let (batch_id, ids) = (campaign.id, [parent.id, last.id]);
    w.store(vec![campaign], vec![parent, last]).await?;
    let run = w.claim_one(server, ids[0]).await?;
    let failed = crate::storage::End::Failed { error: "no stock".into(), attempted: true };
    assert_eq!(w.end_within(run, failed, Commit).await?, Accepted::Yes);
    assert!(w.change(ids[0], Change::Delete { reason: "sold out".into() }).await?);
    let _ = w.end(run, success()).await?;
    w.run(server, ids[1], success()).await?;
    let counts = w.batch(batch_id).await?.counts;
    assert_eq!((counts.total, counts.pending), (1, 0));
    Ok(())
}

pub(super) async fn a_resend_changes_nothing(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let inner = NewBatch { waits: super::flow::after(campaign.id, Condition::Success), ..batch() };
    let first = member(campaign.id);
    let second = NewJob { batch: Some(inner.id), ..child(first.id, Condition::Success) };
    let last = child(inner.id, Condition::Finished);
    let ids = [first.id, second.id, last.id];
    let batches = [campaign.id, inner.id];
    let flow = NewFlow { batches: vec![campaign, inner], jobs: vec![first, second, last] };
    assert_eq!(w.storage.flow_insert(flow.clone()).await?, [true; 3]);
    for step in 0..=3 {
        let before = snapshot(w, batches, ids).await?;
        assert_eq!(w.storage.flow_insert(flow.clone()).await?, [false; 3], "step {step}");
        assert_eq!(w.another().await?.flow_insert(flow.clone()).await?, [false; 3], "step {step}");
        assert_eq!(snapshot(w, batches, ids).await?, before, "step {step}");
        if let Some(id) = ids.get(step) {
            w.settle().await?;
            w.run(server, *id, success()).await?;
        }
    }
    assert_eq!(w.states(ids).await?, [State::Succeeded; 3]);
    // A batch that is known takes new members in.
    let more = member(batches[0]);
    let (more_id, jobs) = (more.id, [&flow.jobs[..], &[more]].concat());
    assert_eq!(w.storage.flow_insert(NewFlow { jobs, ..flow }).await?, [false, false, false, true]);
    assert_eq!(w.batch(batches[0]).await?.state, BatchState::Started);
    w.run(server, more_id, success()).await
}

type Snapshot = (Vec<JobRecord>, BatchRecord, BatchRecord, Vec<EdgeRecord>);

async fn snapshot(w: &World<impl Fixture>, batches: [BatchId; 2], ids: [JobId; 3]) -> Result<Snapshot> {
    let mut records = Vec::new();
    for id in ids {
        records.push(w.get(id).await?);
    }
    let mut edges = w.storage.flow_edges(ids.map(NodeId::from).into()).await?;
    edges.sort_by_key(|edge| (edge.parent, edge.child));
    Ok((records, w.batch(batches[0]).await?, w.batch(batches[1]).await?, edges))
}

pub(super) async fn what_is_known_is_left_alone_when_its_parent_is_gone(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let parent = NewJob { retain: Some(MINUTE), ..laned() };
    let job = NewJob { retain: Some(900 * HOUR), ..child(parent.id, Condition::Success) };
    let parent_id = w.insert(parent).await?;
    let [id] = w.store_jobs([job.clone()]).await?;
    w.run(server, parent_id, success()).await?;
    w.wait(HOUR, &[server]).await?;
    while w.storage.clean(100).await? == 100 {}
    assert_eq!(w.storage.job_get(parent_id).await?, None);
    assert_eq!(w.storage.flow_insert(NewFlow { batches: vec![], jobs: vec![job.clone()] }).await?, [false]);
    assert_eq!(w.storage.job_insert([job].into()).await?, [false]);
    w.run(server, id, success()).await?;
    let input = &w.inputs(id).await?[0];
    assert_eq!((input.parent, input.ending), (parent_id.into(), Some(Ending::Succeeded)));
    Ok(())
}

pub(super) async fn a_release_shares_the_fate_of_the_finish(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, laned()).await?;
    let [id] = w.store_jobs([child(run.id, Condition::Success)]).await?;
    w.advance(LEASE);
    let other = w.another().await?;
    let (ended, rescued) = tokio::join!(
        w.storage.finish(server, vec![finish(run.id, run.fence, success())]),
        other.rescue(vec![run.fence], super::kit::CRASH_LIMIT),
    );
    match (ended?[0], rescued?.requeued) {
        (Accepted::Yes, 0) => assert_eq!(w.state(id).await?, State::Enqueued),
        (Accepted::Stale, 1) => {
            assert_eq!(w.state(id).await?, State::Awaiting);
            let server = w.server().await?;
            w.run(server, run.id, success()).await?;
        }
        both => panic!("one of them has won: {both:?}"),
    }
    let server = w.server().await?;
    w.run(server, id, success()).await
}
