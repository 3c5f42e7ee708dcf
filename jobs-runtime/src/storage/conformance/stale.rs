//! Verdicts of servers that have lost their right: dropped, counted, and without any trace in the job.

use super::{
    Fixture,
    kit::{Running, World},
    make::{HOUR, KIND, ends, job, log, progress},
};
use crate::{
    Result, State,
    storage::{Accepted, Change, Due, End, Measure, NewJob},
};

/// Sends every verdict and every note that the old server could still send; none may leave a trace.
async fn refuse_all(w: &World<impl Fixture>, run: Running) -> Result<()> {
    let record = w.get(run.id).await?;
    let events = w.storage.job_events(run.id).await?;
    let counted = w.count(Measure::Stale).await?;
    for (end, _) in ends() {
        let answer = w.end(run, end.clone()).await?;
        assert_eq!(answer, Accepted::Stale, "{end:?} of a job that is {}", record.state);
    }
    let notes = vec![progress(run.id, run.fence, 0.5, "half"), log(run.id, run.fence, "still here")];
    w.storage.note(run.server, notes).await?;
    assert_eq!(w.get(run.id).await?, record);
    assert_eq!(w.storage.job_events(run.id).await?, events);
    let results = ends().iter().filter(|(end, _)| !matches!(end, End::HandedBack)).count();
    assert_eq!(w.count(Measure::Stale).await?, counted + results as i64, "each that tells of a run is counted");
    Ok(())
}

pub(super) async fn no_verdict_counts_after_a_rescue(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.crash_all().await?;
    refuse_all(w, run).await?;
    w.beat(server, &[KIND]).await?;
    refuse_all(w, run).await?;
    assert_eq!(w.state(run.id).await?, State::Enqueued);
    Ok(())
}

pub(super) async fn no_verdict_counts_after_the_rescue_failed_the_job(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, NewJob { max_attempts: 1, ..job() }).await?;
    w.crash_all().await?;
    assert_eq!(w.state(run.id).await?, State::Failed);
    // Not `Again`: the final write was the rescuer's, not the old server's.
    refuse_all(w, run).await
}

pub(super) async fn no_verdict_counts_after_a_requeue(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert!(w.change(run.id, Change::Requeue).await?);
    refuse_all(w, run).await?;
    assert_eq!(w.state(run.id).await?, State::Enqueued);
    Ok(())
}

pub(super) async fn no_verdict_counts_after_a_deletion(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert!(w.change(run.id, Change::Delete { reason: "not wanted".into() }).await?);
    refuse_all(w, run).await?;
    let record = w.get(run.id).await?;
    assert_eq!((record.state, record.server), (State::Deleted, None));
    Ok(())
}

pub(super) async fn no_verdict_counts_after_a_reschedule(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert!(w.change(run.id, Change::Reschedule(Due::In(HOUR))).await?);
    refuse_all(w, run).await?;
    assert_eq!(w.state(run.id).await?, State::Scheduled);
    Ok(())
}

pub(super) async fn no_verdict_counts_while_another_server_runs_the_job(w: &World<impl Fixture>) -> Result<()> {
    let old = w.server().await?;
    let run = w.start(old, job()).await?;
    w.crash_all().await?;
    let new = w.server().await?;
    let second = w.claim_one(new, run.id).await?;
    assert!(second.fence > run.fence);
    refuse_all(w, run).await?;
    assert!(w.change(run.id, Change::Requeue).await?);
    // The same server runs it once more: only the fence tells its runs apart.
    let third = w.claim_one(new, run.id).await?;
    refuse_all(w, second).await?;
    refuse_all(w, run).await?;
    let record = w.get(run.id).await?;
    assert_eq!((record.state, record.server), (State::Processing, Some(new)));
    w.end_well(third, ends()[0].0.clone()).await?;
    Ok(())
}
