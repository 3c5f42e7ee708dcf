//! Removing jobs whose retention has ended, and no others.

use super::{
    Ending, Fixture,
    kit::World,
    make::{DAY, HOUR, KIND, SECOND, failure, finish, job, job_in, log, progress, success},
};
use crate::{
    JobId, Result, State,
    storage::{Accepted, Change, Due, NewJob},
};

/// Cleans in steps of that limit until one says that there is no more.
async fn clean(w: &World<impl Fixture>, limit: u32) -> Result<()> {
    for _ in 0..1_000 {
        let looked_at = w.storage.clean(limit).await?;
        assert!(looked_at <= u64::from(limit), "a step looks at {limit} jobs at most, not {looked_at}");
        if looked_at < u64::from(limit) {
            return Ok(());
        }
    }
    panic!("the walk ends");
}

/// Whether each job is still there after cleaning.
async fn left(w: &World<impl Fixture>, ids: &[JobId]) -> Result<Vec<bool>> {
    clean(w, 100).await?;
    let mut left = Vec::new();
    for id in ids {
        left.push(w.storage.job_get(*id).await?.is_some());
    }
    Ok(left)
}

/// A job that has succeeded.
async fn succeeded(w: &World<impl Fixture>, new: NewJob) -> Result<JobId> {
    let server = w.server().await?;
    let run = w.start(server, new).await?;
    w.end_well(run, success()).await?;
    Ok(run.id)
}

pub(super) async fn each_state_has_its_default(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut ids = Vec::new();
    for state in [State::Succeeded, State::Deleted, State::Failed] {
        ids.push(w.job_in_state(server, state).await?);
    }
    let deleted_by_hand = w.insert(job()).await?;
    w.change(deleted_by_hand, Change::Delete { reason: "not wanted".into() }).await?;
    ids.push(deleted_by_hand);
    assert_eq!(left(w, &ids).await?, [true; 4]);
    w.advance(DAY - HOUR);
    assert_eq!(left(w, &ids).await?, [true; 4], "after 23 hours");
    w.advance(HOUR + SECOND);
    assert_eq!(left(w, &ids).await?, [false, true, true, true], "after a day");
    w.advance(6 * DAY - HOUR);
    assert_eq!(left(w, &ids).await?, [false, true, true, true], "an hour before a week");
    w.advance(HOUR);
    assert_eq!(left(w, &ids).await?, [false, false, true, false], "after a week");
    w.advance(23 * DAY - HOUR);
    assert_eq!(left(w, &ids).await?, [false, false, true, false], "an hour before 30 days");
    w.advance(HOUR);
    assert_eq!(left(w, &ids).await?, [false; 4], "after 30 days");
    Ok(())
}

pub(super) async fn a_job_may_say_how_long_it_is_kept(w: &World<impl Fixture>) -> Result<()> {
    let retained = |retain| NewJob { retain: Some(retain), ..job() };
    let short = succeeded(w, retained(HOUR)).await?;
    let long = succeeded(w, retained(40 * DAY)).await?;
    let server = w.server().await?;
    let run = w.start(server, retained(HOUR)).await?;
    w.end_well(run, failure()).await?;
    let ids = [short, long, run.id];
    assert_eq!(left(w, &ids).await?, [true; 3]);
    w.advance(HOUR + SECOND);
    assert_eq!(left(w, &ids).await?, [false, true, false]);
    w.advance(39 * DAY);
    assert_eq!(left(w, &ids).await?, [false, true, false]);
    w.advance(DAY);
    assert_eq!(left(w, &ids).await?, [false; 3]);
    Ok(())
}

pub(super) async fn nothing_is_kept_for_a_retention_of_zero(w: &World<impl Fixture>) -> Result<()> {
    let id = succeeded(w, NewJob { retain: Some(std::time::Duration::ZERO), ..job() }).await?;
    let other = succeeded(w, job()).await?;
    w.advance(SECOND);
    assert_eq!(left(w, &[id, other]).await?, [false, true]);
    Ok(())
}

pub(super) async fn a_step_is_bounded_and_the_walk_comes_back(w: &World<impl Fixture>) -> Result<()> {
    let new = (0..60).map(|at| NewJob { retain: (at % 3 == 0).then_some(10 * DAY), ..job() }).collect();
    let ids = w.insert_all(new).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &ids).await?;
    let ends = ids.iter().map(|id| finish(*id, chunk.fence, success())).collect();
    assert_eq!(w.storage.finish(server, ends).await?, [Accepted::Yes; 60]);
    w.advance(DAY + SECOND);
    w.storage.clean(7).await?;
    let removed = 60 - w.storage.recount().await?.iter().map(|total| total.jobs).sum::<i64>();
    assert!((0..=7).contains(&removed), "one step removed {removed}");
    clean(w, 7).await?;
    for (at, id) in ids.iter().enumerate() {
        assert_eq!(w.storage.job_get(*id).await?.is_some(), at % 3 == 0, "job {at} after a day");
    }
    w.advance(9 * DAY);
    clean(w, 7).await?;
    assert_eq!(w.storage.recount().await?, [], "the long-lived after ten days");
    Ok(())
}

pub(super) async fn live_jobs_are_never_removed(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut ids = vec![w.insert(NewJob { due: Due::In(400 * DAY), ..job() }).await?];
    for state in [State::Scheduled, State::Enqueued, State::Processing] {
        ids.push(w.job_in_state(server, state).await?);
    }
    let requeued = w.job_in_state(server, State::Succeeded).await?;
    assert!(w.change(requeued, Change::Requeue).await?);
    let rescheduled = w.job_in_state(server, State::Failed).await?;
    assert!(w.change(rescheduled, Change::Reschedule(Due::In(400 * DAY))).await?);
    ids.extend([requeued, rescheduled]);
    for _ in 0..3 {
        w.advance(60 * DAY);
        assert_eq!(left(w, &ids).await?, [true; 6]);
    }
    Ok(())
}

pub(super) async fn a_job_is_kept_from_its_last_end(w: &World<impl Fixture>) -> Result<()> {
    let id = succeeded(w, job()).await?;
    w.advance(DAY - HOUR);
    assert!(w.change(id, Change::Requeue).await?);
    let server = w.server().await?;
    let run = w.claim_one(server, id).await?;
    w.end_well(run, success()).await?;
    w.advance(2 * HOUR);
    assert_eq!(left(w, &[id]).await?, [true], "a day after its first end");
    w.advance(DAY - 2 * HOUR + SECOND);
    assert_eq!(left(w, &[id]).await?, [false], "a day after its last end");
    Ok(())
}

pub(super) async fn an_old_id_does_not_shorten_the_retention(w: &World<impl Fixture>) -> Result<()> {
    // A client made the first id long ago, the second job waited long for its time, the third lay long in its queue; the walk
    // is past all of them when they end.
    let mut bytes = *JobId::new().as_bytes();
    bytes[..6].fill(0);
    let old = JobId::from_bytes(bytes);
    let waited = w.insert(NewJob { due: Due::In(40 * DAY), queue: "lane of its own".into(), ..job() }).await?;
    let lay = w.insert(job_in("another lane")).await?;
    clean(w, 100).await?;
    succeeded(w, job()).await?;
    w.advance(40 * DAY);
    clean(w, 100).await?;
    succeeded(w, NewJob { id: old, ..job() }).await?;
    w.storage.promote(10).await?;
    let server = w.serve(&[KIND]).await?;
    for id in [waited, lay] {
        let run = w.claim_one(server, id).await?;
        w.end_well(run, success()).await?;
    }
    w.advance(DAY - HOUR);
    assert_eq!(left(w, &[old, waited, lay]).await?, [true; 3]);
    w.advance(HOUR + SECOND);
    assert_eq!(left(w, &[old, waited, lay]).await?, [false; 3]);
    Ok(())
}

pub(super) async fn the_history_goes_with_the_job(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.end_well(run, failure()).await?;
    assert_eq!(w.storage.job_events(run.id).await?.len(), 1);
    w.advance(30 * DAY + SECOND);
    assert_eq!(left(w, &[run.id]).await?, [false]);
    assert_eq!(w.storage.job_events(run.id).await?, []);
    // The id is free once more, and nothing of the old job clings to it.
    w.insert(NewJob { id: run.id, ..job() }).await?;
    assert_eq!(w.storage.job_events(run.id).await?, []);
    assert_eq!(w.get(run.id).await?.attempt, 0);
    Ok(())
}

pub(super) async fn what_a_run_told_goes_with_a_job_that_is_not_kept(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for ending in [None, Some(Ending::Commit), Some(Ending::Rollback)] {
        let run = w.start(server, NewJob { retain: Some(std::time::Duration::ZERO), ..job() }).await?;
        let notes = vec![log(run.id, run.fence, "nearly"), progress(run.id, run.fence, 0.9, "nearly")];
        match ending {
            None => w.storage.note(server, notes).await?,
            Some(ending) => {
                let work = w.within(ending, move |storage, tx| {
                    Box::pin(async move { storage.note_within(tx.connection(), server, notes).await })
                });
                work.await?;
            }
        }
        w.end_well(run, success()).await?;
        assert_eq!(w.storage.job_events(run.id).await?, []);
        assert_eq!(left(w, &[run.id]).await?, [false]);
    }
    Ok(())
}
