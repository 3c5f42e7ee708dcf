//! Pauses: what is not claimed while they are in force, when they end, and how they are listed.

use std::{sync::Arc, time::Duration};

use super::{
    Ending, Fixture,
    kit::{LEASE, World, between},
    make::{DAY, HOUR, KIND, MINUTE, SECOND, ask, job, job_in, job_of, job_with, names, success},
};
use crate::{
    JobId, Result, ServerId, State,
    storage::{ClaimRequest, Due, Pause, PauseTarget},
};

fn queue(name: &str) -> PauseTarget {
    PauseTarget::Queue(name.into())
}

fn kind(name: &str) -> PauseTarget {
    PauseTarget::Kind(name.into())
}

async fn pause(w: &World<impl Fixture>, target: PauseTarget, until: Option<Due>) -> Result<()> {
    w.storage.pause(target, "testing".into(), until).await
}

/// What is paused, and until when.
async fn paused(w: &World<impl Fixture>) -> Result<Vec<PauseTarget>> {
    Ok(w.storage.pauses().await?.into_iter().map(|pause| pause.target).collect())
}

pub(super) async fn a_paused_queue_gives_no_jobs(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let (held, other) = (w.insert(job_in("mail")).await?, w.insert(job_in("other")).await?);
    // Another process's word counts at once.
    w.another().await?.pause(queue("mail"), "testing".into(), None).await?;
    let request = || ClaimRequest { queues: vec!["mail".into(), "other".into()], ..ask(server, 9) };
    assert_eq!(w.claim_ids(request()).await?, [other]);
    let late = w.insert(job_in("mail")).await?;
    assert_eq!(w.claim_ids(request()).await?, [], "what is stored later waits as well");
    assert_eq!(w.state(held).await?, State::Enqueued);
    assert!(w.storage.resume(queue("mail")).await?);
    assert_eq!(w.claim_ids(request()).await?, [held, late]);
    Ok(())
}

pub(super) async fn a_paused_kind_is_claimed_from_no_queue(w: &World<impl Fixture>) -> Result<()> {
    let server = w.serve(&[KIND, "other"]).await?;
    let suspect = w.suspect(job()).await?;
    w.beat(server, &[KIND, "other"]).await?;
    let (here, there) = (w.insert(job()).await?, w.insert(job_in("mail")).await?);
    let other = w.insert(job_of("other")).await?;
    pause(w, kind(KIND), None).await?;
    let request = || ClaimRequest {
        queues: vec!["default".into(), "mail".into()],
        kinds: names(&[KIND, "other"]),
        ..ask(server, 9)
    };
    assert_eq!(w.claim_ids(request()).await?, [other], "neither {suspect}, a suspect, nor the others");
    assert!(w.storage.resume(kind(KIND)).await?);
    assert_eq!(w.claim_ids(request()).await?, [suspect, here, there]);
    Ok(())
}

pub(super) async fn a_paused_server_gets_no_jobs(w: &World<impl Fixture>) -> Result<()> {
    let (server, other) = (w.server().await?, w.server().await?);
    let run = w.start(server, job()).await?;
    let ids = w.insert_many(2).await?;
    pause(w, PauseTarget::Server(server), None).await?;
    assert_eq!(w.claim_ids(ask(server, 9)).await?, []);
    let listed = w.server_record(server).await?.expect("it is alive");
    assert_eq!(
        listed.pause.map(|pause| (pause.target, pause.reason)),
        Some((PauseTarget::Server(server), "testing".into()))
    );
    assert!(listed.alive, "a pause is no end");
    assert_eq!(w.server_record(other).await?.expect("it is alive").pause, None);
    w.end_well(run, success()).await?;
    w.take(other, &ids[..1]).await?;
    assert!(w.storage.resume(PauseTarget::Server(server)).await?);
    w.take(server, &ids[1..]).await?;
    Ok(())
}

pub(super) async fn a_retired_server_leaves_no_pause(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    pause(w, PauseTarget::Server(server), None).await?;
    w.storage.server_retire(server).await?;
    assert_eq!(paused(w).await?, []);
    Ok(())
}

pub(super) async fn a_paused_kind_s_jobs_are_set_aside_and_come_back(w: &World<impl Fixture>) -> Result<()> {
    let server = w.serve(&[KIND, "other"]).await?;
    let (low, high) = (w.insert(job_with(-1)).await?, w.insert(job_with(1)).await?);
    w.insert(job_of("other")).await?;
    pause(w, kind(KIND), Some(Due::In(HOUR))).await?;
    assert_eq!(w.storage.park(100).await?, 2);
    let record = w.get(low).await?;
    assert_eq!((record.state, record.parked), (State::Enqueued, true));
    assert_eq!(w.storage.park(100).await?, 0);
    w.advance(HOUR);
    w.beat(server, &[KIND, "other"]).await?;
    assert_eq!(w.storage.park(100).await?, 2, "the pause is over");
    assert!(!w.get(low).await?.parked);
    w.take(server, &[high, low]).await?;
    Ok(())
}

pub(super) async fn a_pause_ends_by_the_database_clock(w: &World<impl Fixture>) -> Result<()> {
    let at = w.now().await? + HOUR;
    for (name, until) in [("in", Due::In(HOUR)), ("at", Due::At(at))] {
        let server = w.server().await?;
        let id = w.insert(job_in(name)).await?;
        let request = || ClaimRequest { queues: vec![name.into()], ..ask(server, 9) };
        let before = w.now().await?;
        pause(w, queue(name), Some(until)).await?;
        let listed = w.storage.pauses().await?;
        let after = w.now().await?;
        between(before, listed[0].since, after);
        let end = listed[0].until.expect("it has an end");
        match until {
            Due::At(at) => assert_eq!(end, at),
            _ => between(before + HOUR, end, after + HOUR),
        }
        assert_eq!(w.claim_ids(request()).await?, []);
        w.advance(Duration::try_from(end.duration_since(w.now().await?)).unwrap_or_default() - MINUTE);
        w.beat(server, &[KIND]).await?;
        assert_eq!(w.claim_ids(request()).await?, [], "the last minute");
        w.advance(MINUTE + SECOND);
        assert_eq!(w.claim_ids(request()).await?, [id], "{name}");
        assert_eq!(paused(w).await?, []);
        assert!(!w.storage.resume(queue(name)).await?, "none is in force");
        // The sweep removes it before the clock is set back, which would bring it back into force.
        w.storage.server_sweep().await?;
        w.settings.clock_offset.set(w.now().await? - HOUR);
    }
    Ok(())
}

pub(super) async fn an_end_that_has_passed_means_no_pause(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let id = w.insert(job()).await?;
    let past = Due::At(w.now().await? - MINUTE);
    pause(w, queue("default"), Some(past)).await?;
    assert_eq!(paused(w).await?, []);
    pause(w, queue("default"), None).await?;
    assert_eq!(paused(w).await?, [queue("default")], "an old end is forgotten");
    assert_eq!(w.claim_ids(ask(server, 1)).await?, []);
    pause(w, queue("default"), Some(past)).await?;
    assert_eq!(paused(w).await?, [], "it ends the one in force");
    w.take(server, &[id]).await?;
    Ok(())
}

pub(super) async fn a_second_pause_gives_another_reason_and_end(w: &World<impl Fixture>) -> Result<()> {
    let target = kind(KIND);
    w.storage.pause(target.clone(), "first".into(), Some(Due::In(HOUR))).await?;
    let first = w.storage.pauses().await?.remove(0);
    w.advance(MINUTE);
    let end = first.since + 2 * DAY;
    w.storage.pause(target.clone(), "second".into(), Some(Due::At(end))).await?;
    let second = Pause { reason: "second".into(), until: Some(end), ..first.clone() };
    assert_eq!(w.storage.pauses().await?, [second], "since the first");
    w.storage.pause(target.clone(), String::new(), None).await?;
    assert_eq!(w.storage.pauses().await?, [Pause { reason: String::new(), until: None, ..first.clone() }]);
    assert!(w.storage.resume(target.clone()).await?);
    w.storage.pause(target, "third".into(), None).await?;
    assert!(w.storage.pauses().await?[0].since >= first.since + MINUTE, "a new one");
    Ok(())
}

pub(super) async fn pauses_are_listed_oldest_first(w: &World<impl Fixture>) -> Result<()> {
    let server = ServerId::new();
    w.beat(server, &[KIND]).await?;
    assert_eq!(w.storage.pauses().await?, []);
    let targets = [
        PauseTarget::Server(server),
        kind("İş 'günü'"),
        PauseTarget::Recurring("Mail".into()),
        queue("Mail"),
        queue("mail"),
        kind("mail"),
    ];
    for target in &targets {
        let reason = format!("of {target:?} 👩‍👩‍👧‍👦");
        w.storage.pause(target.clone(), reason, None).await?;
        w.advance(SECOND);
    }
    let listed = w.storage.pauses().await?;
    let seen: Vec<_> = listed.iter().map(|pause| pause.target.clone()).collect();
    assert_eq!(seen, targets);
    for pause in &listed {
        assert_eq!((&*pause.reason, pause.until), (&*format!("of {:?} 👩‍👩‍👧‍👦", pause.target), None));
    }
    assert!(w.storage.resume(queue("mail")).await?);
    assert!(!w.storage.resume(queue("mail")).await?);
    assert!(!w.storage.resume(queue("MAIL")).await?);
    assert!(!w.storage.resume(PauseTarget::Recurring("mail".into())).await?);
    assert_eq!(paused(w).await?.len(), targets.len() - 1, "no other ended with it");
    Ok(())
}

pub(super) async fn a_pause_obeys_the_transaction_that_it_is_set_in(w: &World<impl Fixture>) -> Result<()> {
    let set = async |ending| {
        w.within(ending, |storage, tx| {
            Box::pin(async move {
                storage.pause_within(tx.connection(), queue("default"), "why".into(), Some(Due::In(HOUR))).await
            })
        })
        .await
    };
    set(Ending::Rollback).await?;
    assert_eq!(paused(w).await?, []);
    set(Ending::Commit).await?;
    assert_eq!(paused(w).await?, [queue("default")]);
    let end = async |ending| {
        w.within(ending, |storage, tx| {
            Box::pin(async move { storage.resume_within(tx.connection(), queue("default")).await })
        })
        .await
    };
    assert!(end(Ending::Rollback).await?);
    assert_eq!(paused(w).await?, [queue("default")]);
    assert!(end(Ending::Commit).await?);
    assert!(!end(Ending::Commit).await?);
    let server = w.server().await?;
    let id = w.insert(job()).await?;
    w.take(server, &[id]).await?;
    Ok(())
}

pub(super) async fn a_pause_holds_what_a_rescue_brings_back(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    let lane: Arc<str> = w.get(run.id).await?.queue.into();
    pause(w, PauseTarget::Queue(Arc::clone(&lane)), None).await?;
    w.advance(LEASE + MINUTE);
    let candidates = w.storage.rescue_candidates().await?;
    assert_eq!(w.storage.rescue(candidates, 3).await?.requeued, 1);
    w.beat(server, &[KIND]).await?;
    let request = ClaimRequest { queues: vec![Arc::clone(&lane)], ..ask(server, 1) };
    assert_eq!(w.claim_ids(request).await?, Vec::<JobId>::new());
    w.storage.resume(PauseTarget::Queue(lane)).await?;
    w.claim_one(server, run.id).await?;
    Ok(())
}
