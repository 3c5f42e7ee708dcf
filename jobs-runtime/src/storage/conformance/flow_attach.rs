//! Batches that take members in again: by an attach, and by members that run once more.

use super::{
    Fixture,
    flow::{after, batch, child, counts, laned, member, nested},
    kit::World,
    make::{HOUR, deletion, failure, finish, retry, success},
};
use crate::{
    Error, Result, State,
    flow::{BatchState, Condition},
    storage::{Accepted, Change, Due, NewBatch, NewFlow, NewJob},
};

pub(super) async fn members_may_be_attached_as_long_as_the_batch_is_not_cancelled(
    w: &World<impl Fixture>,
) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let (id, first) = (campaign.id, member(campaign.id));
    let good = child(id, Condition::Success);
    let ids = [first.id, good.id];
    w.store(vec![campaign], vec![first, good]).await?;
    let [second] = w.store_jobs([member(id)]).await?;
    assert_eq!(w.batch(id).await?.counts, counts(2, 0, 0, 0), "attached while it runs");
    w.run_all(server, &[ids[0], second], &success()).await?;
    w.run(server, ids[1], success()).await?;
    let ended = w.batch(id).await?;
    assert_eq!((ended.state, ended.counts), (BatchState::Succeeded, counts(0, 2, 0, 0)));

    let [third, later] = w.store_jobs([member(id), child(id, Condition::Failure)]).await?;
    let record = w.batch(id).await?;
    assert_eq!((record.state, record.finished_at), (BatchState::Started, None), "a finished batch is open again");
    assert_eq!(record.counts, counts(1, 2, 0, 0));
    assert_eq!(w.states([ids[1], later]).await?, [State::Succeeded, State::Awaiting]);
    w.run(server, third, failure()).await?;
    assert_eq!(w.batch(id).await?.state, BatchState::Completed);
    assert_eq!(w.state(ids[1]).await?, State::Succeeded, "it does not run again");
    w.run(server, later, success()).await?;

    let inner = NewBatch { parent: Some(id), ..batch() };
    let (inner_id, job) = (inner.id, member(inner.id));
    let job_id = job.id;
    w.store(vec![inner], vec![job]).await?;
    assert_eq!((w.batch(id).await?.state, w.batch(inner_id).await?.state), (BatchState::Started, BatchState::Started));
    w.run(server, job_id, success()).await?;
    assert_eq!(w.batch(id).await?.counts, counts(0, 3, 1, 0));

    assert_eq!(w.storage.batch_cancel(id, "sold out".into()).await?, Some(false), "it has ended");
    let [last] = w.store_jobs([member(id)]).await?;
    assert_eq!(w.storage.batch_cancel(id, "sold out".into()).await?, Some(true));
    let late = vec![member(id)];
    let flow = NewFlow { batches: vec![], jobs: late };
    assert!(matches!(w.storage.flow_insert(flow.clone()).await, Err(Error::Config(_))), "while it is being deleted");
    w.settle().await?;
    assert_eq!((w.state(last).await?, w.batch(id).await?.state), (State::Deleted, BatchState::Deleted));
    assert!(matches!(w.storage.flow_insert(flow).await, Err(Error::Config(_))), "and afterwards");
    let deeper = NewFlow { batches: vec![NewBatch { parent: Some(inner_id), ..batch() }], jobs: vec![] };
    let attached = w.storage.flow_insert(deeper).await;
    assert!(matches!(attached, Err(Error::Config(_))), "what is nested in it is closed too: {attached:?}");
    Ok(())
}

pub(super) async fn a_member_may_attach_others_while_it_runs(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let outer = batch();
    let inner = nested(&outer);
    let (job, last) = (member(inner.id), child(outer.id, Condition::Success));
    let (outer_id, inner_id, id, last_id) = (outer.id, inner.id, job.id, last.id);
    w.store(vec![outer, inner], vec![job, last]).await?;
    let mut run = w.claim_one(server, id).await?;
    for at in 0..5 {
        let more = NewJob { due: if at == 3 { Due::In(HOUR) } else { Due::Now }, ..member(inner_id) };
        let [next] = w.store_jobs([more]).await?;
        w.end_well(run, success()).await?;
        assert_eq!(w.batch(outer_id).await?.state, BatchState::Started, "member {at} has left another");
        assert_eq!(w.batch(inner_id).await?.counts, counts(1, at + 1, 0, 0));
        if at == 3 {
            w.wait(HOUR + HOUR, &[server]).await?;
        }
        run = w.claim_one(server, next).await?;
    }
    w.end_well(run, success()).await?;
    assert_eq!(w.batch(inner_id).await?.counts, counts(0, 6, 0, 0));
    w.run(server, last_id, success()).await
}

pub(super) async fn an_attach_that_races_with_the_last_end_loses_nothing(w: &World<impl Fixture>) -> Result<()> {
    let other = w.another().await?;
    let server = w.server().await?;
    for _ in 0..12 {
        let campaign = batch();
        let (id, job, last) = (campaign.id, member(campaign.id), child(campaign.id, Condition::Finished));
        let (job_id, last_id) = (job.id, last.id);
        w.store(vec![campaign], vec![job, last]).await?;
        let run = w.claim_one(server, job_id).await?;
        let more = member(id);
        let more_id = more.id;
        let (ended, stored) = tokio::join!(
            w.storage.finish(server, vec![finish(run.id, run.fence, success())]),
            other.flow_insert(NewFlow { batches: Vec::new(), jobs: vec![more] }),
        );
        assert_eq!((ended?, stored?), (vec![Accepted::Yes], vec![true]));
        let record = w.batch(id).await?;
        assert_eq!((record.state, record.counts), (BatchState::Started, counts(1, 1, 0, 0)));
        w.run(server, more_id, success()).await?;
        assert_eq!(w.batch(id).await?.state, BatchState::Succeeded);
        w.run(server, last_id, success()).await?;
    }
    Ok(())
}

pub(super) async fn a_batch_that_ended_before_upkeep_came_may_be_opened_again(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let first = laned();
    let held = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let inner = nested(&held);
    let jobs = [member(held.id), member(inner.id)];
    let (id, first_id, ids) = (held.id, first.id, jobs.each_ref().map(|job| job.id));
    w.store(vec![held, inner], [jobs.to_vec(), vec![first]].concat()).await?;
    w.run(server, first_id, success()).await?;
    for id in ids {
        assert!(w.change(id, Change::Delete { reason: "sold out".into() }).await?);
    }
    w.settle().await?;
    assert_eq!(w.batch(id).await?.state, BatchState::Completed);
    let [late] = w.store_jobs([member(id)]).await?;
    assert!(w.change(ids[1], Change::Requeue).await?);
    w.settle().await?;
    assert_eq!(w.storage.check().await?, Vec::<String>::new());
    w.run_all(server, &[late, ids[1]], &success()).await?;
    assert_eq!(w.batch(id).await?.counts, counts(0, 2, 0, 1));
    Ok(())
}

pub(super) async fn counts_stay_true_when_members_are_run_again(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let outer = batch();
    let inner = nested(&outer);
    let jobs: [NewJob; 3] = std::array::from_fn(|_| member(inner.id));
    let ids = jobs.each_ref().map(|job| job.id);
    let (good, bad) = (child(outer.id, Condition::Success), child(outer.id, Condition::Failure));
    let (outer_id, inner_id, children) = (outer.id, inner.id, [good.id, bad.id]);
    w.store(vec![outer, inner], [jobs.to_vec(), vec![good, bad]].concat()).await?;
    w.run(server, ids[0], success()).await?;
    w.run(server, ids[1], retry()).await?;
    w.claim_one(server, ids[2]).await?;
    assert_eq!(w.crash_all().await?.requeued, 1);
    assert_eq!(w.batch(inner_id).await?.counts, counts(2, 1, 0, 0), "after a retry and a rescue");
    let server = w.server().await?;
    w.wait(2 * HOUR, &[server]).await?;
    w.run(server, ids[1], failure()).await?;
    assert!(w.change(ids[0], Change::Requeue).await?);
    assert_eq!(w.batch(inner_id).await?.counts, counts(2, 0, 1, 0), "requeued while the batch runs");
    w.run(server, ids[0], deletion()).await?;
    w.run(server, ids[2], success()).await?;
    assert_eq!(w.batch(inner_id).await?.counts, counts(0, 1, 1, 1));
    assert_eq!(w.batch(outer_id).await?.counts, counts(0, 0, 1, 0));
    assert_eq!(w.states(children).await?, [State::Deleted, State::Enqueued]);

    for (number, id) in ids[..2].iter().enumerate() {
        let change = [Change::Requeue, Change::Reschedule(Due::In(HOUR))][number].clone();
        assert!(w.change(*id, change).await?, "of a finished batch");
        for id in [outer_id, inner_id] {
            let record = w.batch(id).await?;
            assert_eq!((record.state, record.finished_at), (BatchState::Started, None), "it is open again");
        }
        w.wait(2 * HOUR, &[server]).await?;
        w.run(server, *id, success()).await?;
        let state = [BatchState::Completed, BatchState::Succeeded][number];
        assert_eq!([w.batch(outer_id).await?.state, w.batch(inner_id).await?.state], [state; 2]);
    }
    assert_eq!(w.batch(outer_id).await?.counts, counts(0, 1, 0, 0));
    assert_eq!(w.states(children).await?, [State::Deleted, State::Enqueued], "what was decided stays so");
    w.run(server, children[1], success()).await
}
