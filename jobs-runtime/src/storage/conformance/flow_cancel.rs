//! Cancelling batches: what was not started never is, what runs is asked to stop, and the caller does not wait for it.

use super::{
    Fixture,
    flow::{after, batch, child, laned, member, nested},
    kit::World,
    make::{HOUR, MINUTE, ask, deletion, success},
};
use crate::{
    BatchId, Error, Result, ServerId, State,
    flow::{BatchState, Condition, Ending},
    storage::{Change, ClaimRequest, Due, End, NewBatch, NewJob, Revocation, Revoked},
};

async fn cancel(w: &World<impl Fixture>, id: BatchId) -> Result<Option<bool>> {
    w.storage.batch_cancel(id, "sold out".into()).await
}

/// Claims from this lane; what comes must all say that it was cancelled, and ends so.
async fn drain(w: &World<impl Fixture>, server: ServerId, lane: &str) -> Result<usize> {
    let mut drained = 0;
    loop {
        let request = ClaimRequest { queues: vec![lane.into()], ..ask(server, 7) };
        let chunks = w.storage.claim(request).await?;
        if chunks.is_empty() {
            return Ok(drained);
        }
        for chunk in &chunks {
            for job in &chunk.jobs {
                assert!(job.cancel_requested, "no member is started any more: {job:?}");
                let run = super::kit::Running { server, id: job.id, fence: chunk.fence };
                w.end_well(run, deletion()).await?;
                drained += 1;
            }
        }
    }
}

pub(super) async fn a_cancelled_batch_starts_no_member(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for steps_first in [false, true] {
        let outer = batch();
        let inner = nested(&outer);
        let lane = format!("lane of {}", outer.id);
        let in_lane = |of, due| NewJob { queue: lane.as_str().into(), due, ..member(of) };
        let running = [member(outer.id), member(inner.id)];
        let mut jobs: Vec<_> = (0..20).map(|_| in_lane(outer.id, Due::Now)).collect();
        jobs.extend((0..10).map(|_| in_lane(inner.id, Due::Now)));
        jobs.push(in_lane(outer.id, Due::In(HOUR)));
        jobs.push(NewJob { waits: after(jobs[0].id, Condition::Finished), ..in_lane(outer.id, Due::Now) });
        let caught = child(outer.id, Condition::Deleted);
        let unmet = child(outer.id, Condition::Success);
        let (outer_id, inner_id, caught_id, unmet_id) = (outer.id, inner.id, caught.id, unmet.id);
        let running_ids = running.each_ref().map(|job| job.id);
        let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
        w.store(vec![outer, inner], [running.to_vec(), jobs, vec![caught, unmet]].concat()).await?;
        let runs = [w.claim_one(server, running_ids[0]).await?, w.claim_one(server, running_ids[1]).await?];

        assert_eq!(cancel(w, outer_id).await?, Some(true));
        assert_eq!(cancel(w, outer_id).await?, Some(false), "it was cancelled before");
        let record = w.batch(outer_id).await?;
        assert_eq!((record.cancelled, record.reason.as_deref()), (true, Some("sold out")));
        let asked = runs.map(|run| Revoked { job: run.id, fence: run.fence, why: Revocation::Cancel });
        let mut revoked = w.storage.revoked(server, runs.map(|run| (run.id, run.fence)).into()).await?;
        revoked.sort_by_key(|one| one.job);
        assert_eq!(revoked, asked, "those that run are asked to stop, nested ones too");
        if steps_first {
            w.settle().await?;
            assert_eq!(drain(w, server, &lane).await?, 0, "upkeep has deleted them all");
        } else {
            drain(w, server, &lane).await?;
            w.settle().await?;
        }
        for id in &ids {
            assert_eq!(w.state(*id).await?, State::Deleted);
        }
        for id in [outer_id, inner_id] {
            let record = w.batch(id).await?;
            assert_eq!((record.counts.pending > 0, record.finished_at), (true, None), "one still runs: {record:?}");
        }
        assert_eq!(w.states([caught_id, unmet_id]).await?, [State::Awaiting; 2]);
        // One heeds it, the other comes to its end.
        w.end_well(runs[0], deletion()).await?;
        w.end_well(runs[1], success()).await?;
        w.settle().await?;
        for id in [outer_id, inner_id] {
            let record = w.batch(id).await?;
            assert_eq!((record.state, record.counts.pending), (BatchState::Deleted, 0), "{record:?}");
            assert!(record.finished_at.is_some());
        }
        assert_eq!(w.batch(inner_id).await?.counts.succeeded, 1);
        w.assert_unmet(unmet_id).await?;
        w.run(server, caught_id, success()).await?;
        let input = &w.inputs(caught_id).await?[0];
        assert_eq!((input.ending, input.reason.as_deref()), (Some(Ending::Deleted), Some("sold out")));
        assert_eq!(cancel(w, outer_id).await?, Some(false), "it has ended");
        w.wait(2 * HOUR, &[server]).await?;
        assert_eq!(drain(w, server, &lane).await?, 0);
    }
    Ok(())
}

pub(super) async fn a_retry_in_a_cancelled_batch_does_not_run_again(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let (id, jobs) = (campaign.id, [member(campaign.id), member(campaign.id)]);
    let ids = jobs.each_ref().map(|job| job.id);
    w.store(vec![campaign], jobs.into()).await?;
    let runs = [w.claim_one(server, ids[0]).await?, w.claim_one(server, ids[1]).await?];
    assert_eq!(cancel(w, id).await?, Some(true));
    w.settle().await?;
    w.end_well(runs[0], super::make::retry()).await?;
    assert_eq!(w.crash_all().await?.requeued, 1);
    let server = w.server().await?;
    w.wait(2 * HOUR, &[server]).await?;
    w.settle().await?;
    for id in ids {
        let lane = w.get(id).await?.queue;
        drain(w, server, &lane).await?;
        assert_eq!(w.state(id).await?, State::Deleted);
    }
    w.settle().await?;
    assert_eq!(w.batch(id).await?.state, BatchState::Deleted);
    Ok(())
}

pub(super) async fn a_batch_that_has_not_started_can_be_cancelled(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let first = laned();
    let waiting = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let open = NewBatch { sealed: false, ..batch() };
    let empty = NewBatch { waits: after(first.id, Condition::Success), ..batch() };
    let batch_ids = [waiting.id, open.id, empty.id];
    let jobs = [member(waiting.id), member(open.id)];
    let ids = jobs.each_ref().map(|job| job.id);
    let caught = batch_ids.map(|id| child(id, Condition::Deleted));
    let (first_id, caught_ids) = (first.id, caught.each_ref().map(|job| job.id));
    w.store(vec![waiting, open, empty], [jobs.to_vec(), caught.to_vec(), vec![first]].concat()).await?;
    for id in batch_ids {
        assert_eq!(cancel(w, id).await?, Some(true));
    }
    w.settle().await?;
    w.run(server, first_id, success()).await?;
    w.settle().await?;
    for id in batch_ids {
        let record = w.batch(id).await?;
        assert_eq!((record.state, record.started_at), (BatchState::Deleted, None), "{record:?}");
    }
    for id in ids {
        assert_eq!(w.assert_unmet(id).await?.state, State::Deleted);
    }
    w.run_all(server, &caught_ids, &success()).await?;
    // An unsealed batch that was cancelled is not removed as an abandoned one.
    w.wait(2 * HOUR, &[server]).await?;
    w.settle().await?;
    assert_eq!(w.batch(batch_ids[1]).await?.counts.deleted, 1);
    Ok(())
}

pub(super) async fn empty_batches_in_a_cancelled_one_end_with_the_cancel(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let first = laned();
    let outer = NewBatch { sealed: false, ..batch() };
    let inner = NewBatch { waits: after(first.id, Condition::Finished), ..nested(&outer) };
    let innermost = nested(&inner);
    let (batch_ids, first_id) = ([outer.id, inner.id, innermost.id], first.id);
    let caught = child(innermost.id, Condition::Deleted);
    let caught_id = caught.id;
    w.store(vec![outer, inner, innermost], vec![first, caught]).await?;
    assert_eq!(cancel(w, batch_ids[0]).await?, Some(true));
    assert_eq!(w.storage.check().await?, Vec::<String>::new(), "before upkeep comes to them");
    w.run(server, first_id, success()).await?;
    w.settle().await?;
    for id in batch_ids {
        assert_eq!(w.batch(id).await?.state, BatchState::Deleted);
    }
    w.run(server, caught_id, success()).await
}

pub(super) async fn a_nested_batch_can_be_cancelled_alone(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let outer = batch();
    let inner = nested(&outer);
    let (beside, within) = (member(outer.id), member(inner.id));
    let (outer_id, inner_id, ids) = (outer.id, inner.id, [beside.id, within.id]);
    w.store(vec![outer, inner], vec![beside, within]).await?;
    assert_eq!(cancel(w, inner_id).await?, Some(true));
    w.settle().await?;
    assert_eq!(w.states(ids).await?, [State::Enqueued, State::Deleted]);
    assert_eq!((w.batch(inner_id).await?.state, w.batch(outer_id).await?.counts.deleted), (BatchState::Deleted, 1));
    w.run(server, ids[0], success()).await?;
    let record = w.batch(outer_id).await?;
    assert_eq!((record.state, record.cancelled), (BatchState::Completed, false), "{record:?}");
    Ok(())
}

pub(super) async fn a_cancel_is_one_step_whatever_the_size(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let id = campaign.id;
    let jobs: Vec<_> = (0..3_000).map(|_| NewJob { queue: "big".into(), ..member(id) }).collect();
    w.store(vec![campaign], jobs).await?;
    assert_eq!(cancel(w, id).await?, Some(true));
    let totals = w.storage.recount().await?;
    assert_eq!(super::kit::sum(&totals, State::Deleted), 0, "the caller does not wait for the members");
    let stepped = w.storage.flow_step(100).await?;
    assert!((1..=100).contains(&stepped.members), "{stepped:?}");
    assert_eq!(stepped.next_in, Some(std::time::Duration::ZERO));
    assert_eq!(w.batch(id).await?.counts.deleted as u64, stepped.members);
    w.settle().await?;
    assert_eq!((w.batch(id).await?.counts.deleted, w.batch(id).await?.state), (3_000, BatchState::Deleted));
    assert_eq!(drain(w, server, "big").await?, 0);
    Ok(())
}

pub(super) async fn a_cancel_that_races_with_claims_starts_nothing_after_it(w: &World<impl Fixture>) -> Result<()> {
    let other = w.another().await?;
    let server = w.server().await?;
    for _ in 0..8 {
        let campaign = batch();
        let id = campaign.id;
        let lane = format!("lane of {id}");
        let jobs: Vec<_> = (0..12).map(|_| NewJob { queue: lane.as_str().into(), ..member(id) }).collect();
        w.store(vec![campaign], jobs).await?;
        let request = ClaimRequest { queues: vec![lane.as_str().into()], ..ask(server, 5) };
        let (chunks, cancelled, stepped) =
            tokio::join!(w.storage.claim(request), other.batch_cancel(id, "sold out".into()), other.flow_step(5));
        assert_eq!(cancelled?, Some(true));
        stepped?;
        let mut running = 0;
        for chunk in chunks? {
            for job in &chunk.jobs {
                let run = super::kit::Running { server, id: job.id, fence: chunk.fence };
                if w.state(job.id).await? == State::Processing {
                    let asked = w.storage.revoked(server, vec![(job.id, chunk.fence)]).await?;
                    assert_eq!(asked[0].why, Revocation::Cancel, "it is asked to stop");
                    w.end_well(run, deletion()).await?;
                    running += 1;
                }
            }
        }
        assert!(running <= 5);
        drain(w, server, &lane).await?;
        w.settle().await?;
        let record = w.batch(id).await?;
        assert_eq!((record.state, record.counts.deleted), (BatchState::Deleted, 12), "{record:?}");
    }
    Ok(())
}

pub(super) async fn a_requeue_in_a_cancelled_batch_leaves_nothing_stuck(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let (id, job, last) = (campaign.id, member(campaign.id), child(campaign.id, Condition::Deleted));
    let ids = [job.id, last.id];
    w.store(vec![campaign], vec![job, last]).await?;
    assert_eq!(cancel(w, id).await?, Some(true));
    w.settle().await?;
    w.run(server, ids[1], success()).await?;
    for change in [Change::Requeue, Change::Reschedule(Due::In(MINUTE))] {
        // Whether it is refused or takes effect, the job ends, and so does its batch.
        match w.storage.job_change(ids[0], change, None).await {
            Ok(_) => {}
            Err(Error::Config(text)) => assert!(text.contains("was cancelled (sold out)"), "{text}"),
            Err(error) => return Err(error),
        }
        w.wait(2 * MINUTE, &[server]).await?;
        w.settle().await?;
        let lane = w.get(ids[0]).await?.queue;
        drain(w, server, &lane).await?;
        w.settle().await?;
        assert_eq!(w.state(ids[0]).await?, State::Deleted);
        let record = w.batch(id).await?;
        assert_eq!((record.state, record.counts.pending), (BatchState::Deleted, 0), "{record:?}");
    }
    Ok(())
}

pub(super) async fn a_member_put_back_after_the_sweep_is_deleted_too(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = batch();
    let (id, job) = (campaign.id, member(campaign.id));
    let job_id = job.id;
    w.store(vec![campaign], vec![job]).await?;
    let run = w.claim_one(server, job_id).await?;
    assert_eq!(cancel(w, id).await?, Some(true));
    w.settle().await?;
    assert_eq!(w.state(job_id).await?, State::Processing, "it runs on");
    w.end_well(run, End::Retry { delay: HOUR, error: "busy".into() }).await?;
    w.settle().await?;
    assert_eq!(w.state(job_id).await?, State::Deleted, "not only when its hour is over");
    assert_eq!(w.batch(id).await?.state, BatchState::Deleted);
    Ok(())
}
