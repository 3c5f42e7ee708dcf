//! Connections that are killed, servers that restart, calls that are dropped: nothing is lost, nothing happens twice.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};

use jobs::{Error, prelude::*};
use jobs_test_servers::find_postgres;

use crate::{
    Schema,
    common::{assert_sound, count, until, until_count},
    left_out,
};

#[job]
async fn greet(_number: u32) {}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_are_ended_at_random_lose_no_job_and_double_none() {
    let Some(schema) = Schema::new() else { return };
    let name = format!("victim_{}", schema.name);
    let client = schema.client_named(&name).await;
    let done = AtomicBool::new(false);
    let killing = async {
        let mut killed = 0;
        while !done.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_micros(fastrand::u64(500..40_000))).await;
            killed += schema.terminate(&name).await;
        }
        killed
    };
    let storing = async {
        let (mut stored, mut refused) = (Vec::new(), Vec::new());
        for number in 0..1_500 {
            let id = JobId::new();
            match greet::enqueue(number).id(id).on(&client).await {
                Ok(_) => stored.push(id),
                Err(Error::Unavailable { .. }) => refused.push(id),
                Err(error) => panic!("{error:?}"),
            }
        }
        done.store(true, Ordering::SeqCst);
        (stored, refused)
    };
    let (killed, (stored, refused)) = tokio::join!(killing, storing);
    assert!(killed > 20, "only {killed} sessions were ended");
    let client = schema.client().await;
    for id in &stored {
        assert!(client.job(*id).record().await.is_ok(), "a job that was answered for is stored");
    }
    let mut in_doubt = 0;
    for id in &refused {
        in_doubt += i64::from(client.job(*id).record().await.is_ok());
    }
    println!("{killed} sessions ended, {} calls refused, of them {in_doubt} stored all the same", refused.len());
    assert_eq!(count(&client, State::Enqueued).await, stored.len() as i64 + in_doubt);
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_sessions_are_ended_at_random_ends_each_job_once() {
    let Some(schema) = Schema::new() else { return };
    let name = format!("victim_{}", schema.name);
    let (client, serving) = (schema.client().await, schema.client_named(&name).await);
    client.enqueue_all((0..3_000).map(greet::new)).await.unwrap();
    let server = serving.server().workers(8).start().await.unwrap();
    let killed = AtomicI64::new(0);
    until("all jobs to end", || async {
        killed.fetch_add(schema.terminate(&name).await, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(fastrand::u64(1..60))).await;
        (count(&client, State::Succeeded).await == 3_000).then_some(())
    })
    .await;
    server.stop().await;
    println!("{} sessions ended", killed.into_inner());
    assert_eq!(count(&client, State::Succeeded).await, 3_000);
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_are_dropped_at_random_leave_nothing_open() {
    let Some(schema) = Schema::new() else { return };
    let name = format!("dropper_{}", schema.name);
    let client = schema.client_named(&name).await;
    greet::enqueue(0).on(&client).await.unwrap();
    let mut dropped = 0;
    for number in 0..2_000 {
        let limit = Duration::from_micros(fastrand::u64(0..2_500));
        let call = async {
            let job = greet::enqueue(number).on(&client).await?;
            job.state().await?;
            client.job(job.id()).reschedule(Duration::from_secs(60)).await
        };
        match tokio::time::timeout(limit, call).await {
            Ok(done) => drop(done.unwrap()),
            Err(_) => dropped += 1,
        }
    }
    assert!(dropped > 500, "only {dropped} calls were dropped");
    let open = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}' AND (state LIKE 'idle in%' OR state = 'active')"
    );
    until("all transactions to end", || async { (schema.ask(&open).await == 0).then_some(()) }).await;
    greet::enqueue(1).on(&client).await.unwrap();
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_is_found_again_without_an_error() {
    let Some(installation) = find_postgres().into_iter().next() else { return left_out("no PostgreSQL is found") };
    let mut server = installation.start(&[]).unwrap();
    let schema = Schema::of(server.url());
    let client = schema.client().await;
    let worker = client.server().workers(2).start().await.unwrap();
    for kill in [false, true] {
        for number in 0..20 {
            greet::enqueue(number).on(&client).await.unwrap();
        }
        if kill {
            server.kill().unwrap()
        } else {
            server.stop().unwrap()
        }
        let error = greet::enqueue(0).on(&client).await.expect_err("the database is away");
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        server.restart().unwrap();
        // Every pooled connection is dead, and nobody is to notice.
        let job = greet::enqueue(1).on(&client).await.unwrap();
        assert_ne!(job.state().await.unwrap(), State::Failed);
    }
    until_count(&client, State::Succeeded, 42).await;
    worker.stop().await;
    assert_sound(&client).await;
    drop(schema);
}
