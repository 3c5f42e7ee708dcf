//! How long batches and their members are kept.

use std::time::Duration;

use super::{
    Fixture,
    flow::{batch, child, member, nested, returned},
    kit::World,
    make::{DAY, HOUR, MINUTE, failure, success},
};
use crate::{
    BatchId, JobId, Result, ServerId,
    flow::Condition,
    storage::{Change, NewBatch, NewJob},
};

/// Lets time pass, and lets retention and the upkeep of flows take all their steps.
async fn pass(w: &World<impl Fixture>, by: Duration, server: ServerId) -> Result<()> {
    w.wait(by, &[server]).await?;
    // The walk of retention comes back to its start once.
    for _ in 0..3 {
        for _ in 0..1_000 {
            if w.storage.clean(50).await? < 50 {
                break;
            }
        }
        w.settle().await?;
    }
    Ok(())
}

/// How many of these are still stored.
async fn kept(w: &World<impl Fixture>, batches: &[BatchId], jobs: &[JobId]) -> Result<(usize, usize)> {
    let mut kept = (0, 0);
    for id in batches {
        kept.0 += usize::from(w.storage.batch_get(*id).await?.is_some());
    }
    for id in jobs {
        kept.1 += usize::from(w.storage.job_get(*id).await?.is_some());
    }
    Ok(kept)
}

pub(super) async fn members_are_kept_as_long_as_their_batch(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let outer = NewBatch { retain: Some(3 * DAY), ..batch() };
    let inner = NewBatch { retain: Some(MINUTE), ..nested(&outer) };
    let retained = |of, retain| NewJob { retain: Some(retain), ..member(of) };
    let jobs = [
        retained(outer.id, Duration::ZERO),
        retained(inner.id, MINUTE),
        member(inner.id),
        retained(outer.id, Duration::ZERO),
        member(outer.id),
    ];
    let ids = jobs.each_ref().map(|job| job.id);
    let batch_ids = [outer.id, inner.id];
    w.store(vec![outer, inner], jobs.into()).await?;
    w.run(server, ids[0], returned(b"kept")).await?;
    w.run(server, ids[1], failure()).await?;
    w.run(server, ids[2], success()).await?;
    w.run(server, ids[3], failure()).await?;
    pass(w, 40 * DAY, server).await?;
    assert_eq!(kept(w, &batch_ids, &ids).await?, (2, 5), "the batch still runs");
    let outputs = w.storage.batch_outputs(batch_ids[0], None, 10).await?;
    assert_eq!(outputs[0].output.as_deref(), Some(&b"kept"[..]));
    w.run(server, ids[4], success()).await?;
    pass(w, 3 * DAY - HOUR, server).await?;
    assert_eq!(kept(w, &batch_ids, &ids).await?, (2, 5), "its own retention has not ended");
    pass(w, 2 * HOUR, server).await?;
    assert_eq!(kept(w, &batch_ids, &ids).await?, (0, 0), "they go together");
    assert_eq!(w.storage.recount().await?, []);
    Ok(())
}

pub(super) async fn a_batch_that_does_not_say_is_kept_by_how_it_ended(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let batches = [batch(), batch(), batch()];
    let batch_ids = batches.each_ref().map(|batch| batch.id);
    let jobs = batch_ids.map(member);
    let ids = jobs.each_ref().map(|job| job.id);
    w.store(batches.into(), jobs.into()).await?;
    w.run(server, ids[0], success()).await?;
    w.run(server, ids[1], failure()).await?;
    w.storage.batch_cancel(batch_ids[2], "sold out".into()).await?;
    w.settle().await?;
    pass(w, 23 * HOUR, server).await?;
    assert_eq!(kept(w, &batch_ids, &ids).await?, (3, 3));
    pass(w, 3 * HOUR, server).await?;
    assert_eq!(kept(w, &batch_ids, &ids).await?, (2, 2), "24 hours after a success");
    pass(w, 6 * DAY - 4 * HOUR, server).await?;
    assert_eq!(kept(w, &batch_ids, &ids).await?, (2, 2));
    pass(w, 4 * HOUR, server).await?;
    assert_eq!(kept(w, &batch_ids[..2], &ids[..2]).await?, (1, 1), "7 days after a deletion");
    assert_eq!(kept(w, &batch_ids[2..], &ids[2..]).await?, (0, 0));
    pass(w, 22 * DAY, server).await?;
    assert_eq!(kept(w, &batch_ids, &ids).await?, (1, 1));
    pass(w, 2 * DAY, server).await?;
    assert_eq!(kept(w, &batch_ids, &ids).await?, (0, 0), "30 days after a failure");
    Ok(())
}

pub(super) async fn a_batch_that_is_not_kept_goes_with_its_end(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let gone = NewBatch { retain: Some(Duration::ZERO), ..batch() };
    let (id, jobs) = (gone.id, [member(gone.id), member(gone.id)]);
    let ids = jobs.each_ref().map(|job| job.id);
    let last = child(id, Condition::Success);
    let last_id = last.id;
    w.store(vec![gone], [jobs.to_vec(), vec![last]].concat()).await?;
    w.run_all(server, &ids, &success()).await?;
    pass(w, 2 * MINUTE, server).await?;
    assert_eq!(kept(w, &[id], &ids).await?, (1, 2), "what follows it may read what its members returned");
    w.run(server, last_id, success()).await?;
    pass(w, 2 * HOUR, server).await?;
    assert_eq!(kept(w, &[id], &ids).await?, (0, 0));
    Ok(())
}

pub(super) async fn a_batch_that_was_opened_again_is_kept_from_its_last_end(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = NewBatch { retain: Some(DAY), ..batch() };
    let (id, job) = (campaign.id, member(campaign.id));
    let first = job.id;
    w.store(vec![campaign], vec![job]).await?;
    w.run(server, first, success()).await?;
    pass(w, 20 * HOUR, server).await?;
    let [second] = w.store_jobs([member(id)]).await?;
    pass(w, 20 * HOUR, server).await?;
    assert_eq!(kept(w, &[id], &[first, second]).await?, (1, 2), "it runs again");
    w.run(server, second, success()).await?;
    pass(w, 20 * HOUR, server).await?;
    assert!(w.change(first, Change::Requeue).await?);
    pass(w, 20 * HOUR, server).await?;
    assert_eq!(kept(w, &[id], &[first, second]).await?, (1, 2), "and again");
    w.run(server, first, success()).await?;
    pass(w, 23 * HOUR, server).await?;
    assert_eq!(kept(w, &[id], &[first, second]).await?, (1, 2));
    pass(w, 2 * HOUR, server).await?;
    assert_eq!(kept(w, &[id], &[first, second]).await?, (0, 0));
    Ok(())
}

pub(super) async fn a_big_batch_is_removed_in_steps(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let campaign = NewBatch { retain: Some(HOUR), ..batch() };
    let id = campaign.id;
    let jobs: Vec<_> = (0..230).map(|_| NewJob { queue: "big".into(), ..member(id) }).collect();
    let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    w.store(vec![campaign], jobs).await?;
    let runs = w.claim_chunk(server, &ids).await?;
    let ends: Vec<_> = runs.iter().map(|run| super::make::finish(run.id, run.fence, success())).collect();
    w.storage.finish(server, ends).await?;
    let last = w.store_jobs([child(id, Condition::Success)]).await?[0];
    pass(w, 2 * HOUR, server).await?;
    assert_eq!(kept(w, &[id], &ids).await?, (1, 230), "what follows it has not run");
    w.run(server, last, success()).await?;
    pass(w, 2 * HOUR, server).await?;
    assert_eq!(kept(w, &[id], &ids).await?, (0, 0));
    let input = &w.inputs(last).await?[0];
    assert_eq!(input.parent, id.into(), "what waited for it still knows it");
    Ok(())
}

pub(super) async fn one_look_removes_no_more_than_it_may(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let batches: Vec<_> = (0..4).map(|_| NewBatch { retain: Some(MINUTE), ..batch() }).collect();
    let batch_ids: Vec<_> = batches.iter().map(|batch| batch.id).collect();
    let of = |id: &BatchId| (0..30).map(|_| NewJob { queue: "many".into(), ..member(*id) }).collect::<Vec<_>>();
    let jobs: Vec<_> = batch_ids.iter().flat_map(of).collect();
    let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    w.store(batches, jobs).await?;
    let runs = w.claim_chunk(server, &ids).await?;
    let ends: Vec<_> = runs.iter().map(|run| super::make::finish(run.id, run.fence, success())).collect();
    w.storage.finish(server, ends).await?;
    w.wait(HOUR, &[server]).await?;
    assert!(w.storage.clean(40).await? >= 40, "there is more");
    assert_eq!(kept(w, &[], &ids).await?.1, 80, "all four are due");
    for _ in 0..10 {
        w.storage.clean(40).await?;
    }
    assert_eq!(kept(w, &batch_ids, &ids).await?, (0, 0), "none is forgotten");
    Ok(())
}
