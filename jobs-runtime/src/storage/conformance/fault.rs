//! Calls that fail, whole or in part, and transactions of the application's.

use std::sync::Arc;

use futures_util::{FutureExt, future::join_all};

use super::{
    Ending, Fixture, REFUSED,
    kit::World,
    make::{HOUR, KIND, ask, finish, job, job_due, job_of, success},
};
use crate::{
    Result, State,
    storage::{Accepted, Due, End, Measure, NewJob},
};

/// How many jobs fill a transaction.
const LARGE: usize = 5_000;
/// The same as it is counted.
const COUNT: i64 = LARGE as i64;

/// A job that the database refuses.
fn refused() -> NewJob {
    NewJob { payload: REFUSED.to_vec(), ..job() }
}

pub(super) async fn a_call_is_stored_whole_or_not_at_all(w: &World<impl Fixture>) -> Result<()> {
    w.fixture.refuse().await?;
    let call = vec![job(), refused(), job_due(Due::In(HOUR)), job_of("a new kind")];
    let ids: Vec<_> = call.iter().map(|job| job.id).collect();
    let error = w.storage.job_insert(call.into()).await.expect_err("the database refuses one of them");
    assert!(!error.is_transient(), "trying again does not help: {error:?}");
    for id in ids {
        assert_eq!(w.storage.job_get(id).await?, None, "nothing of the call is stored");
    }
    let id = w.insert(job_of("a new kind")).await?;
    assert_eq!(w.get(id).await?.kind, "a new kind", "what the call that failed has learnt of names is not trusted");
    Ok(())
}

pub(super) async fn one_bad_call_does_not_harm_its_neighbours(w: &World<impl Fixture>) -> Result<()> {
    w.fixture.refuse().await?;
    let mut calls = Vec::new();
    for at in 0..20 {
        calls.push(if at % 7 == 3 { vec![job(), refused()] } else { vec![job(), job()] });
    }
    let answers = join_all(calls.iter().map(|call| w.storage.job_insert(call.clone().into()))).await;
    for (at, (call, answer)) in calls.iter().zip(answers).enumerate() {
        if at % 7 == 3 {
            assert!(answer.is_err(), "call {at}: {answer:?}");
        } else {
            assert_eq!(answer?, [true, true], "call {at}");
        }
        for job in call {
            assert_eq!(w.storage.job_get(job.id).await?.is_some(), at % 7 != 3, "a job of call {at}");
        }
    }
    Ok(())
}

pub(super) async fn an_output_that_cannot_be_stored_fails_its_job_alone(w: &World<impl Fixture>) -> Result<()> {
    w.fixture.refuse().await?;
    let ids = w.insert_many(9).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &ids).await?;
    let end = |at: usize| if at == 4 { End::Succeeded { output: Some(REFUSED.to_vec()) } } else { success() };
    let ends = ids.iter().enumerate().map(|(at, id)| finish(*id, chunk.fence, end(at))).collect();
    assert_eq!(w.storage.finish(server, ends).await?, [Accepted::Yes; 9]);
    for (at, id) in ids.iter().enumerate() {
        let record = w.get(*id).await?;
        let expected = if at == 4 { State::Failed } else { State::Succeeded };
        assert_eq!((record.state, &record.output), (expected, &None), "job {at}");
        let reason = record.reason.unwrap_or_default();
        assert_eq!(reason.contains("result could not be stored"), at == 4, "job {at}: {reason:?}");
    }
    Ok(())
}

pub(super) async fn calls_that_race_with_one_id_store_it_once(w: &World<impl Fixture>) -> Result<()> {
    let handles = [Arc::clone(&w.storage), w.another().await?];
    for _ in 0..10 {
        let shared = job();
        let calls: Vec<Vec<NewJob>> = (0..8).map(|_| vec![job(), shared.clone(), job()]).collect();
        let racing = calls.iter().enumerate().map(|(at, call)| handles[at % 2].job_insert(call.clone().into()));
        let mut stored = 0;
        for answer in join_all(racing).await {
            let answer = answer?;
            assert_eq!((answer[0], answer[2]), (true, true), "the others of a call are new");
            stored += u32::from(answer[1]);
        }
        assert_eq!(stored, 1, "one call stored the job that all of them had");
    }
    assert_eq!(w.count(Measure::Created).await?, 10 * (8 * 2 + 1));
    Ok(())
}

pub(super) async fn dropped_calls_are_done_whole_or_not_at_all(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for _ in 0..20 {
        let call = vec![job(), job()];
        drop(w.storage.job_insert(call.clone().into()).now_or_never());
        let again = w.storage.job_insert(call.clone().into()).await?;
        assert_eq!(again[0], again[1], "both of them or none were stored before");
        drop(w.storage.claim(ask(server, 2)).now_or_never());
        drop(w.storage.job_get(call[0].id).now_or_never());
        w.storage.claim(ask(server, 2)).await?;
        // Where claims do not wait for each other the first may still be on its way, and each may have got one.
        let mut held = Vec::new();
        for _ in 0..1_000 {
            let chunks = w.storage.claims_of(server).await?;
            held = chunks.iter().flat_map(|(fence, ids)| ids.iter().map(|id| (*id, *fence))).collect();
            if held.len() == 2 {
                break;
            }
        }
        assert_eq!(held.len(), 2, "the claims got both jobs: {held:?}");
        let ends: Vec<_> = held.iter().map(|(id, fence)| finish(*id, *fence, success())).collect();
        drop(w.storage.finish(server, ends.clone()).now_or_never());
        let answers = w.storage.finish(server, ends).await?;
        assert_eq!(answers[0], answers[1], "both of them or none had ended before");
        assert_ne!(answers[0], Accepted::Stale);
    }
    assert_eq!(w.count(Measure::Created).await?, 40);
    assert_eq!(w.count(Measure::Succeeded).await?, 40);
    Ok(())
}

/// Jobs that fill a transaction by themselves, of a kind that is new to the database.
fn large_call() -> Vec<NewJob> {
    let like = job_of("a kind of many");
    (0..LARGE).map(|_| NewJob { id: job().id, ..like.clone() }).collect()
}

pub(super) async fn large_calls_at_once_do_not_harm_each_other(w: &World<impl Fixture>) -> Result<()> {
    w.fixture.refuse().await?;
    let mut calls: Vec<_> = (0..3).map(|_| large_call()).collect();
    let last = calls[1].last_mut().expect("a call has jobs");
    last.payload = REFUSED.to_vec();
    let handles = [Arc::clone(&w.storage), w.another().await?];
    let storing = calls.iter().enumerate().map(|(at, call)| handles[at % 2].job_insert(call.clone().into()));
    for (at, (call, answer)) in calls.iter().zip(join_all(storing).await).enumerate() {
        match answer {
            Ok(new) => assert_eq!(new, [true; LARGE], "call {at}"),
            Err(error) => assert!(at == 1 && !error.is_transient(), "call {at}: {error:?}"),
        }
        for job in call.iter().step_by(LARGE - 1) {
            assert_eq!(w.storage.job_get(job.id).await?.is_some(), at != 1, "a job of call {at}");
        }
    }
    assert_eq!(w.storage.job_insert(calls.swap_remove(0).into()).await?, [false; LARGE]);
    assert_eq!(w.count(Measure::Created).await?, 2 * COUNT);
    Ok(())
}

pub(super) async fn large_calls_that_are_dropped_are_done_whole_or_not_at_all(w: &World<impl Fixture>) -> Result<()> {
    let calls = [large_call(), large_call()];
    for call in &calls {
        drop(w.storage.job_insert(call.clone().into()).now_or_never());
    }
    for call in calls {
        let again = w.storage.job_insert(call.into()).await?;
        assert_eq!(again, vec![again[0]; LARGE], "all of them or none were stored before");
    }
    assert_eq!(w.count(Measure::Created).await?, 2 * COUNT);
    Ok(())
}

pub(super) async fn a_rolled_back_transaction_leaves_nothing(w: &World<impl Fixture>) -> Result<()> {
    let given = vec![job(), job()];
    let answers = w.insert_within(given.clone(), Ending::Rollback).await?;
    assert_eq!(answers, [true, true]);
    for job in &given {
        assert_eq!(w.storage.job_get(job.id).await?, None);
    }
    assert_eq!(w.storage.recount().await?, []);
    let server = w.serve(&[KIND]).await?;
    assert_eq!(w.claim_ids(ask(server, 5)).await?, []);
    w.insert_all(given).await?;
    Ok(())
}

pub(super) async fn a_committed_transaction_stores_its_jobs(w: &World<impl Fixture>) -> Result<()> {
    let known = w.insert(job()).await?;
    let new = job();
    let call = vec![NewJob { id: known, ..job() }, new.clone()];
    assert_eq!(w.insert_within(call.clone(), Ending::Commit).await?, [false, true]);
    assert_eq!(w.insert_within(call, Ending::Commit).await?, [false, false]);
    let server = w.server().await?;
    w.take(server, &[known, new.id]).await?;
    Ok(())
}
