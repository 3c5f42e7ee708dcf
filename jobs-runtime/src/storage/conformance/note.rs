//! What running handlers tell, and what they are told.

use super::{
    Fixture,
    kit::{Running, World},
    make::{DAY, KIND, ends, job, log, progress},
};
use crate::{
    Fence, JobId, Result, ServerId,
    storage::{Change, Due, EventKind, Note, Revocation, Revoked},
};

pub(super) async fn progress_is_replaced(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let (run, other) = (w.start(server, job()).await?, w.start(server, job()).await?);
    assert_eq!(w.get(run.id).await?.progress, None);
    for (fraction, text) in [(0.0, "begun"), (0.1 + 0.2, "a third, 'nearly' 👩‍👩‍👧‍👦"), (1.0, "")] {
        w.storage.note(server, vec![progress(run.id, run.fence, fraction, text)]).await?;
        assert_eq!(w.get(run.id).await?.progress, Some((fraction, text.to_owned())));
    }
    let both = vec![progress(run.id, run.fence, 0.5, "first"), progress(run.id, run.fence, 0.6, "second")];
    w.storage.note(server, both).await?;
    assert_eq!(w.get(run.id).await?.progress, Some((0.6, "second".to_owned())), "the last of a call counts");
    assert_eq!(w.get(other.id).await?.progress, None);
    assert_eq!(w.storage.job_events(run.id).await?, [], "progress is no history");
    Ok(())
}

pub(super) async fn log_lines_are_appended(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let (run, other) = (w.start(server, job()).await?, w.start(server, job()).await?);
    let lines = ["first", "", "it's \"third\" 👩‍👩‍👧‍👦\n"];
    let mut notes: Vec<Note> = lines.iter().map(|line| log(run.id, run.fence, line)).collect();
    notes.insert(1, log(other.id, other.fence, "another's"));
    w.storage.note(server, notes).await?;
    w.storage.note(server, vec![Note { attempt: 7, ..log(run.id, run.fence, "fourth") }]).await?;
    w.storage.note(server, Vec::new()).await?;
    let events = w.storage.job_events(run.id).await?;
    let told: Vec<_> = events.iter().map(|event| (event.what, event.attempt, &*event.text)).collect();
    let log = EventKind::Log;
    assert_eq!(told, [(log, 1, lines[0]), (log, 1, lines[1]), (log, 1, lines[2]), (log, 7, "fourth")]);
    assert!(events.is_sorted_by_key(|event| event.at));
    assert_eq!(w.storage.job_events(other.id).await?.len(), 1);
    Ok(())
}

pub(super) async fn a_job_that_is_not_live_takes_no_notes(w: &World<impl Fixture>) -> Result<()> {
    let (server, stranger) = (w.server().await?, w.server().await?);
    let tell = async |by: ServerId, run: Running| -> Result<()> {
        let notes = vec![progress(run.id, run.fence, 0.5, "half"), log(run.id, run.fence, "late")];
        let (record, events) = (w.storage.job_get(run.id).await?, w.storage.job_events(run.id).await?);
        w.storage.note(by, notes).await?;
        assert_eq!(w.storage.job_get(run.id).await?, record);
        assert_eq!(w.storage.job_events(run.id).await?, events);
        Ok(())
    };
    for (end, _) in ends() {
        let run = w.start(server, job()).await?;
        w.end_well(run, end).await?;
        tell(server, run).await?;
    }
    let run = w.start(server, job()).await?;
    tell(stranger, run).await?;
    tell(server, Running { fence: Fence(run.fence.0 - 1), ..run }).await?;
    tell(server, Running { id: JobId::new(), ..run }).await?;
    Ok(())
}

/// What the server hears about its jobs, sorted by job.
async fn heard(w: &World<impl Fixture>, server: ServerId, runs: &[Running]) -> Result<Vec<Revoked>> {
    let running = runs.iter().map(|run| (run.id, run.fence)).collect();
    let mut revoked = w.storage.revoked(server, running).await?;
    revoked.sort_by_key(|revoked| revoked.job);
    Ok(revoked)
}

pub(super) async fn lost_jobs_are_revoked(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut runs = Vec::new();
    for _ in 0..6 {
        runs.push(w.start(server, job()).await?);
    }
    w.change(runs[0].id, Change::Delete { reason: "not wanted".into() }).await?;
    w.change(runs[2].id, Change::Requeue).await?;
    w.change(runs[3].id, Change::Reschedule(Due::In(DAY))).await?;
    w.change(runs[4].id, Change::Requeue).await?;
    let again = w.claim_one(server, runs[4].id).await?;
    let lost = |run: &Running| Revoked { job: run.id, fence: run.fence, why: Revocation::Lost };
    let expected = [lost(&runs[0]), lost(&runs[2]), lost(&runs[3]), lost(&runs[4])];
    assert_eq!(heard(w, server, &runs).await?, expected);
    assert_eq!(heard(w, server, &[again]).await?, [], "its second run has the right");
    w.crash_all().await?;
    w.beat(server, &[KIND]).await?;
    assert_eq!(heard(w, server, &runs).await?, runs.iter().map(lost).collect::<Vec<_>>(), "after a rescue");
    Ok(())
}

pub(super) async fn a_cancelled_job_is_asked_to_stop(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let (run, other) = (w.start(server, job()).await?, w.start(server, job()).await?);
    w.change(run.id, Change::Cancel { reason: "not wanted".into() }).await?;
    let cancel = Revoked { job: run.id, fence: run.fence, why: Revocation::Cancel };
    for _ in 0..2 {
        assert_eq!(heard(w, server, &[run, other]).await?, [cancel]);
    }
    w.change(run.id, Change::Requeue).await?;
    let lost = Revoked { why: Revocation::Lost, ..cancel };
    assert_eq!(heard(w, server, &[run]).await?, [lost], "a lost right goes before a request");
    assert!(!w.get(run.id).await?.cancel_requested, "a requeue starts afresh");
    let again = w.claim_one(server, run.id).await?;
    assert_eq!(heard(w, server, &[again]).await?, []);
    Ok(())
}

pub(super) async fn rights_that_hold_are_not_revoked(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let runs = [w.start(server, job()).await?, w.start(server, job()).await?];
    assert_eq!(heard(w, server, &runs).await?, []);
    assert_eq!(heard(w, server, &[]).await?, []);
    Ok(())
}
