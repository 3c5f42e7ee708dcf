//! Ends that handlers write in their own transactions: with the handler's effects or not at all, and once.

use std::time::Duration;

use super::{
    Ending::{Commit, Rollback},
    Fixture,
    kit::{Running, World},
    make::{HOUR, KIND, MINUTE, SECOND, ask, ends, finish, job, log, progress, success},
};
use crate::{
    Error, Fence, Result, ServerId, State,
    storage::{Accepted, Change, Due, End, EventKind, Measure, NewJob},
};

fn output() -> End {
    End::Succeeded { output: Some(b"receipt".to_vec()) }
}

pub(super) async fn an_end_is_there_with_the_commit(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert_eq!(w.end_within(run, output(), Commit).await?, Accepted::Yes);
    let record = w.get(run.id).await?;
    assert_eq!((record.state, record.attempt, record.output.as_deref()), (State::Succeeded, 1, Some(&b"receipt"[..])));
    assert!(record.finished_at.is_some() && record.server.is_none());
    assert_eq!(w.end(run, success()).await?, Accepted::Again);
    assert_eq!(w.storage.claims_of(server).await?, [], "the chunk goes with the finish that follows");
    for measure in [Measure::Succeeded, Measure::Wait, Measure::Run] {
        assert_eq!(w.count(measure).await?, 1, "{measure:?}");
    }
    Ok(())
}

pub(super) async fn the_finish_that_follows_a_commit_changes_nothing(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert_eq!(w.end_within(run, output(), Commit).await?, Accepted::Yes);
    let record = w.get(run.id).await?;
    for _ in 0..2 {
        assert_eq!(w.end(run, success()).await?, Accepted::Again);
    }
    for (end, _) in ends() {
        assert_ne!(w.end(run, end.clone()).await?, Accepted::Yes, "{end:?}, as if the handler had failed after all");
    }
    assert_eq!(w.get(run.id).await?, record);
    for measure in [Measure::Succeeded, Measure::Wait, Measure::Run] {
        assert_eq!(w.count(measure).await?, 1, "{measure:?}");
    }
    assert_eq!(w.count(Measure::Failed).await? + w.count(Measure::Retried).await?, 0);
    Ok(())
}

pub(super) async fn a_rollback_leaves_the_job_running(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for (end, state) in ends() {
        let run = w.start(server, job()).await?;
        let record = w.get(run.id).await?;
        assert_eq!(w.end_within(run, output(), Rollback).await?, Accepted::Yes);
        assert_eq!(w.get(run.id).await?, record);
        assert_eq!(w.storage.revoked(server, vec![(run.id, run.fence)]).await?, []);
        w.end_well(run, end).await?;
        assert_eq!(w.state(run.id).await?, state);
    }
    assert_eq!(w.count(Measure::Succeeded).await?, 1);
    Ok(())
}

pub(super) async fn a_job_whose_end_was_rolled_back_is_rescued(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert_eq!(w.end_within(run, output(), Rollback).await?, Accepted::Yes);
    assert_eq!(w.crash_all().await?.requeued, 1, "the process died before the commit");
    assert_eq!(w.end_within(run, output(), Commit).await?, Accepted::Stale);
    let server = w.server().await?;
    let second = w.claim_one(server, run.id).await?;
    assert_eq!(w.end_within(second, output(), Commit).await?, Accepted::Yes);
    assert_eq!(w.count(Measure::Succeeded).await?, 1);
    assert_eq!(w.crash_all().await?.requeued, 0, "after it there is nothing to rescue");
    Ok(())
}

pub(super) async fn an_end_shares_the_fate_of_what_is_written_beside_it(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for ending in [Rollback, Commit] {
        let run = w.start(server, job()).await?;
        let (effect, end) = (job(), finish(run.id, run.fence, success()));
        let id = effect.id;
        let work = w.within(ending, move |storage, tx| {
            Box::pin(async move {
                let new = storage.job_insert_within(tx.connection(), vec![effect]).await?;
                Ok((new, storage.finish_within(tx.connection(), server, end).await?))
            })
        });
        assert_eq!(work.await?, (vec![true], Accepted::Yes));
        assert_eq!(w.storage.job_get(id).await?.is_some(), ending == Commit);
        assert_eq!(w.state(run.id).await? == State::Succeeded, ending == Commit);
    }
    Ok(())
}

pub(super) async fn a_second_end_in_one_transaction_is_told_apart(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    let end = finish(run.id, run.fence, output());
    let answers = w.within(Commit, move |storage, tx| {
        Box::pin(async move {
            let first = storage.finish_within(tx.connection(), server, end.clone()).await?;
            Ok([first, storage.finish_within(tx.connection(), server, end).await?])
        })
    });
    assert_eq!(answers.await?, [Accepted::Yes, Accepted::Again]);
    assert_eq!(w.end_within(run, output(), Commit).await?, Accepted::Again, "and in another");
    assert_eq!(w.count(Measure::Succeeded).await?, 1);
    Ok(())
}

pub(super) async fn every_end_may_be_written_so(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for (end, state) in ends().into_iter().filter(|(_, state)| state.is_final()) {
        let run = w.start(server, job()).await?;
        assert_eq!(w.end_within(run, end.clone(), Commit).await?, Accepted::Yes, "{end:?}");
        assert_eq!(w.state(run.id).await?, state, "{end:?}");
    }
    Ok(())
}

pub(super) async fn a_job_is_not_put_back_so(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for (end, _) in ends().into_iter().filter(|(_, state)| !state.is_final()) {
        let run = w.start(server, job()).await?;
        assert!(matches!(w.end_within(run, end.clone(), Commit).await, Err(Error::Config(_))), "{end:?}");
        assert_eq!(w.state(run.id).await?, State::Processing, "{end:?}");
    }
    Ok(())
}

pub(super) async fn a_chunk_lives_on_with_its_other_jobs(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let ids: Vec<_> = (0..3).map(|_| job()).map(|job| (job.id, job)).collect();
    w.storage.job_insert(ids.iter().map(|(_, job)| job.clone()).collect()).await?;
    let chunks = w.storage.claim(ask(server, 3)).await?;
    let runs = ids.iter().map(|(id, _)| Running { server, id: *id, fence: chunks[0].fence }).collect::<Vec<_>>();
    assert_eq!(w.end_within(runs[0], output(), Commit).await?, Accepted::Yes);
    assert_eq!(w.end(runs[1], success()).await?, Accepted::Yes, "while the first has yet to leave");
    assert_eq!(w.end(runs[0], success()).await?, Accepted::Again);
    assert_eq!(w.end(runs[0], success()).await?, Accepted::Again, "and leaves once");
    assert_eq!(w.storage.claims_of(server).await?.len(), 1, "the third runs on");
    assert_eq!(w.end(runs[2], success()).await?, Accepted::Yes);
    assert_eq!(w.storage.claims_of(server).await?, []);
    Ok(())
}

pub(super) async fn a_job_that_is_requeued_before_it_left_leaves(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert_eq!(w.end_within(run, output(), Commit).await?, Accepted::Yes);
    assert!(w.change(run.id, Change::Requeue).await?);
    assert_eq!(w.storage.claims_of(server).await?, []);
    assert_eq!(w.end(run, success()).await?, Accepted::Stale);
    let again = w.claim_one(server, run.id).await?;
    w.end_well(again, success()).await
}

pub(super) async fn a_rescue_of_an_older_chunk_leaves_it_alone(w: &World<impl Fixture>) -> Result<()> {
    let (dead, server) = (w.server().await?, w.server().await?);
    let (first, second) = (job(), job());
    let id = first.id;
    w.storage.job_insert([first, second].into()).await?;
    let older = w.storage.claim(ask(dead, 2)).await?[0].fence;
    w.end_well(Running { server: dead, id, fence: older }, End::HandedBack).await?;
    let run = w.claim_one(server, id).await?;
    assert_eq!(w.end_within(run, output(), Commit).await?, Accepted::Yes);
    w.advance(super::kit::LEASE);
    w.beat(server, &[KIND]).await?;
    assert_eq!(
        w.storage.rescue(vec![older], super::kit::CRASH_LIMIT).await?.requeued,
        1,
        "the other job of that chunk"
    );
    assert_eq!(w.end(run, success()).await?, Accepted::Again);
    assert_eq!(w.storage.claims_of(server).await?, [], "it has left its own chunk");
    Ok(())
}

pub(super) async fn a_job_is_kept_until_it_has_left(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for retain in [0, 1] {
        let run = w.start(server, NewJob { retain: Some(Duration::from_secs(retain)), ..job() }).await?;
        assert_eq!(w.end_within(run, output(), Commit).await?, Accepted::Yes);
        w.advance(Duration::from_secs(300));
        w.beat(server, &[KIND]).await?;
        w.storage.clean(100).await?;
        assert_eq!(w.end(run, success()).await?, Accepted::Again);
        assert_eq!(w.storage.claims_of(server).await?, []);
        w.advance(2 * HOUR);
        w.beat(server, &[KIND]).await?;
        w.storage.clean(100).await?;
        assert_eq!(w.storage.job_get(run.id).await?, None);
    }
    Ok(())
}

pub(super) async fn a_server_that_dies_before_its_job_left_leaves_nothing(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert_eq!(w.end_within(run, output(), Commit).await?, Accepted::Yes);
    let rescued = w.crash_all().await?;
    assert_eq!((rescued.requeued, rescued.failed), (0, 0));
    assert_eq!(w.storage.claims_of(server).await?, []);
    assert_eq!(w.state(run.id).await?, State::Succeeded);
    Ok(())
}

pub(super) async fn a_job_that_is_not_kept_leaves_its_chunk_and_goes(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, NewJob { retain: Some(Duration::ZERO), ..job() }).await?;
    assert_eq!(w.end_within(run, output(), Commit).await?, Accepted::Yes);
    w.storage.clean(100).await?;
    assert_ne!(w.end(run, success()).await?, Accepted::Yes);
    assert_eq!(w.storage.claims_of(server).await?, []);
    w.advance(MINUTE + SECOND);
    w.storage.clean(100).await?;
    assert_eq!(w.storage.job_get(run.id).await?, None);
    Ok(())
}

pub(super) async fn a_lost_right_writes_nothing(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for change in [Change::Delete { reason: "not wanted".into() }, Change::Requeue, Change::Reschedule(Due::In(HOUR))] {
        let run = w.start(server, job()).await?;
        assert!(w.change(run.id, change.clone()).await?);
        refuse(w, run, &format!("{change:?}")).await?;
    }
    let run = w.start(server, job()).await?;
    let stranger = w.server().await?;
    refuse(w, Running { server: stranger, ..run }, "another server's").await?;
    refuse(w, Running { server: ServerId::new(), ..run }, "an unknown server's").await?;
    refuse(w, Running { fence: Fence(run.fence.0 + 1), ..run }, "another fence").await?;
    w.crash_all().await?;
    refuse(w, run, "a rescue").await?;
    w.beat(server, &[KIND]).await?;
    let again = w.claim_one(server, run.id).await?;
    refuse(w, run, "a second run on the same server").await?;
    w.end_well(again, success()).await
}

async fn refuse(w: &World<impl Fixture>, run: Running, what: &str) -> Result<()> {
    let record = w.get(run.id).await?;
    for ending in [Rollback, Commit] {
        assert_eq!(w.end_within(run, output(), ending).await?, Accepted::Stale, "{what}");
        assert_eq!(w.get(run.id).await?, record, "{what}");
    }
    Ok(())
}

pub(super) async fn an_end_that_races_with_a_rescue_has_one_winner(w: &World<impl Fixture>) -> Result<()> {
    let other = w.another().await?;
    for _ in 0..5 {
        let server = w.server().await?;
        let run = w.start(server, job()).await?;
        w.advance(super::kit::LEASE);
        let (end, rescue) =
            tokio::join!(w.end_within(run, output(), Commit), other.rescue(vec![run.fence], super::kit::CRASH_LIMIT));
        match (end, rescue?.requeued) {
            (Ok(Accepted::Yes), 0) => assert_eq!(w.state(run.id).await?, State::Succeeded),
            (Ok(Accepted::Stale), 1) => assert_eq!(w.state(run.id).await?, State::Enqueued),
            // An engine may call off a transaction that looked before the rescue and would write after it.
            (Err(error), 1) if error.is_transient() => assert_eq!(w.state(run.id).await?, State::Enqueued),
            both => panic!("one of them has won: {both:?}"),
        }
    }
    Ok(())
}

pub(super) async fn what_a_handler_told_is_stored_with_its_end(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for ending in [Rollback, Commit] {
        let run = w.start(server, job()).await?;
        let notes = vec![log(run.id, run.fence, "nearly"), progress(run.id, run.fence, 1.0, "done")];
        let end = finish(run.id, run.fence, success());
        let work = w.within(ending, move |storage, tx| {
            Box::pin(async move {
                storage.note_within(tx.connection(), server, notes).await?;
                storage.finish_within(tx.connection(), server, end).await
            })
        });
        assert_eq!(work.await?, Accepted::Yes);
        let told: Vec<_> =
            w.storage.job_events(run.id).await?.into_iter().map(|event| (event.what, event.text)).collect();
        if ending == Commit {
            assert_eq!(told, [(EventKind::Log, "nearly".to_owned())]);
            assert_eq!(w.get(run.id).await?.progress, Some((1.0, "done".to_owned())));
        } else {
            assert_eq!((told, w.get(run.id).await?.progress), (vec![], None));
        }
    }
    assert_eq!(w.claim_ids(ask(server, 9)).await?, []);
    Ok(())
}
