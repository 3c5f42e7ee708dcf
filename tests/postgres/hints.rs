//! Servers hear of jobs that other processes store, without waiting for their poll.

use std::time::{Duration, Instant};

use jobs::prelude::*;
use sqlx::Connection;

use crate::{Schema, common::until};

/// So long that a test which needs the poll, or any other periodic look, runs out of patience.
const NEVER: Duration = Duration::from_secs(3_600);

#[job]
async fn greet() {}

async fn until_done(job: &JobHandle<()>) {
    until(&format!("job {} to run", job.id()), || async {
        (job.state().await.unwrap() == State::Succeeded).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_job_stored_by_another_process_starts_without_the_poll() {
    let Some(schema) = Schema::new() else { return };
    let (storing, serving) = (schema.client().await, schema.client().await);
    let server = serving.server().poll(NEVER).lease(3 * NEVER).beat(NEVER).sweep(NEVER).start().await.unwrap();
    for _ in 0..20 {
        until_done(&greet::enqueue().on(&storing).await.unwrap()).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_job_committed_by_an_application_starts_in_another_process_without_the_poll() {
    let Some(schema) = Schema::new() else { return };
    let (storing, serving) = (schema.client().await, schema.client().await);
    let server = serving.server().poll(NEVER).lease(3 * NEVER).beat(NEVER).sweep(NEVER).start().await.unwrap();
    let mut connection = schema.connection().await;
    for _ in 0..5 {
        let mut transaction = connection.begin().await.unwrap();
        let job = greet::enqueue().on(&storing).within(&mut transaction).await.unwrap();
        transaction.commit().await.unwrap();
        until_done(&job).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_listener_that_was_cut_off_listens_again() {
    let Some(schema) = Schema::new() else { return };
    let name = format!("serving_{}", schema.name);
    let (storing, serving) = (schema.client().await, schema.client_named(&name).await);
    let server = serving.server().poll(NEVER).lease(3 * NEVER).beat(NEVER).sweep(NEVER).start().await.unwrap();
    for _ in 0..5 {
        until_done(&greet::enqueue().on(&storing).await.unwrap()).await;
        assert!(schema.terminate(&name).await > 0, "there was a session to end");
        // Stored while nobody may be listening, and after.
        until_done(&greet::enqueue().on(&storing).await.unwrap()).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_job_that_is_cancelled_in_another_process_stops_before_the_next_look() {
    let Some(schema) = Schema::new() else { return };
    let (operating, serving) = (schema.client().await, schema.client().await);
    let server = serving.server().poll(NEVER).lease(3 * NEVER).beat(NEVER).sweep(NEVER).start().await.unwrap();
    let mut fastest = NEVER;
    for _ in 0..5 {
        let job = endless::enqueue().on(&operating).await.unwrap();
        until("the job to run", || async { (job.state().await.unwrap() == State::Processing).then_some(()) }).await;
        let begin = Instant::now();
        assert!(operating.job(job.id()).cancel().await.unwrap());
        until_done(&job).await;
        fastest = fastest.min(begin.elapsed());
    }
    // The server looks by itself each second.
    assert!(fastest < Duration::from_millis(400), "the fastest took {fastest:?}");
    server.stop().await;
}

#[job]
async fn endless(ctx: &JobContext) {
    ctx.cancelled().await;
}
