//! Jobs whose time has come.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Fixture,
    kit::{World, between},
    make::{HOUR, MINUTE, SECOND, job, job_due},
};
use crate::{
    JobId, Result, State,
    storage::{Due, NewJob, Promoted},
};

pub(super) async fn due_jobs_become_runnable_and_others_wait(w: &World<impl Fixture>) -> Result<()> {
    let soon = w.insert(job_due(Due::In(MINUTE))).await?;
    let later = w.insert(job_due(Due::In(HOUR))).await?;
    let due_at = w.get(soon).await?.due_at;
    assert_eq!(w.storage.promote(100).await?.jobs, 0);
    w.advance(MINUTE);
    assert_eq!(w.storage.promote(100).await?.jobs, 1);
    let record = w.get(soon).await?;
    assert_eq!((record.state, record.due_at), (State::Enqueued, due_at));
    assert_eq!(w.state(later).await?, State::Scheduled);
    let server = w.server().await?;
    let chunk = w.take(server, &[soon]).await?;
    assert_eq!(chunk.jobs[0].due_at, due_at);
    assert!(chunk.claimed_at >= due_at, "not before its time");
    Ok(())
}

/// Stores jobs that are due one minute after the other, in another order than their ids; earliest first.
async fn ladder(w: &World<impl Fixture>, steps: u32) -> Result<Vec<JobId>> {
    let mut jobs: Vec<NewJob> = (1..=steps).map(|step| job_due(Due::In(step * MINUTE))).collect();
    let mut ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    ids.reverse();
    for (job, id) in jobs.iter_mut().zip(&ids) {
        job.id = *id;
    }
    w.insert_all(jobs).await
}

pub(super) async fn the_earliest_go_first_within_the_limit(w: &World<impl Fixture>) -> Result<()> {
    let ids = ladder(w, 10).await?;
    w.advance(8 * MINUTE);
    for (step, (jobs, runnable)) in [(3, 3), (3, 6), (2, 8), (0, 8)].into_iter().enumerate() {
        let promoted = w.storage.promote(3).await?;
        assert_eq!(promoted.jobs, jobs, "step {step}");
        for (at, id) in ids.iter().enumerate() {
            let expected = if at < runnable { State::Enqueued } else { State::Scheduled };
            assert_eq!(w.state(*id).await?, expected, "job {at} after step {step}");
        }
    }
    Ok(())
}

pub(super) async fn the_next_due_time_is_told(w: &World<impl Fixture>) -> Result<()> {
    let ids = ladder(w, 4).await?;
    w.advance(3 * MINUTE);
    let more = w.storage.promote(2).await?;
    assert_eq!(more, Promoted { jobs: 2, next_in: Some(Duration::ZERO) }, "one more is due already");
    let before = w.now().await?;
    let rest = w.storage.promote(2).await?;
    let after = w.now().await?;
    assert_eq!(rest.jobs, 1);
    let due_at = w.get(ids[3]).await?.due_at;
    let until = |now: Timestamp| Duration::try_from(due_at.duration_since(now)).expect("it is due in a minute");
    between(Some(until(after)), rest.next_in, Some(until(before)));
    Ok(())
}

pub(super) async fn nothing_due_is_nothing_done(w: &World<impl Fixture>) -> Result<()> {
    assert_eq!(w.storage.promote(100).await?, Promoted { jobs: 0, next_in: None });
    w.insert(job()).await?;
    assert_eq!(w.storage.promote(100).await?, Promoted { jobs: 0, next_in: None });
    Ok(())
}

pub(super) async fn promoted_jobs_take_their_place_in_the_order(w: &World<impl Fixture>) -> Result<()> {
    let delayed = w.insert(job_due(Due::In(MINUTE))).await?;
    let urgent = w.insert(NewJob { priority: 5, ..job_due(Due::In(2 * MINUTE)) }).await?;
    let ready = w.insert_many(2).await?;
    w.advance(2 * MINUTE + SECOND);
    assert_eq!(w.storage.promote(100).await?.jobs, 2);
    let server = w.server().await?;
    w.take(server, &[urgent, delayed, ready[0], ready[1]]).await?;
    Ok(())
}

pub(super) async fn two_promoters_move_each_job_once(w: &World<impl Fixture>) -> Result<()> {
    let ids = ladder(w, 40).await?;
    w.advance(HOUR);
    let other = w.another().await?;
    let mut moved = 0;
    for _ in 0..4 {
        let (one, two) = tokio::join!(w.storage.promote(7), other.promote(7));
        moved += one?.jobs + two?.jobs;
    }
    assert_eq!(moved, 40);
    let server = w.server().await?;
    let mut sorted = ids;
    sorted.sort();
    w.take(server, &sorted).await?;
    Ok(())
}
