//! Calls that fail, whole or in part, and transactions of the application's.

use futures_util::future::join_all;

use super::{
    Ending, Fixture,
    kit::World,
    make::{KIND, ask, finish, job, success},
};
use crate::{
    Error, Result, State,
    storage::{Accepted, End, NewJob},
};

/// A job whose payload is one byte over the limit.
fn too_large<F>(w: &World<F>) -> NewJob {
    NewJob { payload: vec![7; w.settings.payload_limit + 1], ..job() }
}

pub(super) async fn a_call_is_stored_whole_or_not_at_all(w: &World<impl Fixture>) -> Result<()> {
    let call = vec![job(), too_large(w), job()];
    let ids: Vec<_> = call.iter().map(|job| job.id).collect();
    let error = w.storage.job_insert(call).await.expect_err("a payload over the limit is refused");
    let Error::TooLarge { size, limit, .. } = error else { panic!("the error says what is too large: {error:?}") };
    assert_eq!((size, limit), (w.settings.payload_limit + 1, w.settings.payload_limit));
    for id in ids {
        assert_eq!(w.storage.job_get(id).await?, None, "nothing of the call is stored");
    }
    Ok(())
}

pub(super) async fn one_bad_call_does_not_harm_its_neighbours(w: &World<impl Fixture>) -> Result<()> {
    let mut calls = Vec::new();
    for at in 0..20 {
        calls.push(if at == 9 { vec![job(), too_large(w)] } else { vec![job(), job()] });
    }
    let answers = join_all(calls.iter().map(|call| w.storage.job_insert(call.clone()))).await;
    for (at, (call, answer)) in calls.iter().zip(answers).enumerate() {
        if at == 9 {
            assert!(matches!(answer, Err(Error::TooLarge { .. })), "{answer:?}");
        } else {
            assert_eq!(answer?, [true, true]);
        }
        for job in call {
            assert_eq!(w.storage.job_get(job.id).await?.is_some(), at != 9, "a job of call {at}");
        }
    }
    Ok(())
}

pub(super) async fn an_output_over_the_limit_fails_its_job_alone(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.insert_many(3).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &ids).await?;
    let output = Some(vec![7; w.settings.payload_limit + 1]);
    let ends = vec![
        finish(ids[0], chunk.fence, success()),
        finish(ids[1], chunk.fence, End::Succeeded { output }),
        finish(ids[2], chunk.fence, success()),
    ];
    assert_eq!(w.storage.finish(server, ends).await?, [Accepted::Yes; 3]);
    assert_eq!(w.state(ids[0]).await?, State::Succeeded);
    assert_eq!(w.state(ids[2]).await?, State::Succeeded);
    let offender = w.get(ids[1]).await?;
    assert_eq!((offender.state, &offender.output), (State::Failed, &None));
    let reason = offender.reason.unwrap_or_default();
    assert!(reason.contains("result could not be stored"), "{reason:?}");
    Ok(())
}

pub(super) async fn a_rolled_back_transaction_leaves_nothing(w: &World<impl Fixture>) -> Result<()> {
    let given = vec![job(), job()];
    let answers = w.fixture.insert_within(&w.storage, given.clone(), Ending::Rollback).await?;
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
    assert_eq!(w.fixture.insert_within(&w.storage, call.clone(), Ending::Commit).await?, [false, true]);
    assert_eq!(w.fixture.insert_within(&w.storage, call, Ending::Commit).await?, [false, false]);
    let server = w.server().await?;
    w.take(server, &[known, new.id]).await?;
    Ok(())
}
