//! Waiting for an end, reading an output, changing a job under a guard. Time is paused: it moves only when all wait.

use std::time::Duration;

use tokio::time::Instant;

use super::fake::{Count, Fake, Greet, greet};
use crate::{Client, Enqueue, Error, JobHandle, JobId, State, storage::Storage};

async fn stored(client: &Client) -> JobHandle<String> {
    Enqueue::new(greet("Ada")).on(client).await.expect("stored")
}

#[tokio::test(start_paused = true)]
async fn an_end_in_this_process_is_seen_at_once() {
    let (fake, client) = Fake::open();
    let job = stored(&client).await;
    let waiting = tokio::spawn({
        let job = job.clone();
        async move { (job.output().await, Instant::now()) }
    });
    tokio::time::sleep(Duration::from_millis(600_500)).await;
    fake.succeed(job.id(), "hello");
    let ended = Instant::now();
    fake.hub().jobs_ended();
    let (output, seen) = waiting.await.expect("no panic");
    assert_eq!(output.expect("an output"), "hello");
    assert!(seen - ended < Duration::from_millis(70), "{:?}", seen - ended);
}

#[tokio::test(start_paused = true)]
async fn an_end_elsewhere_is_seen_by_the_next_look() {
    let (fake, client) = Fake::open();
    let job = stored(&client).await;
    let begin = Instant::now();
    let (state, ()) = tokio::join!(job.wait(), async {
        tokio::time::sleep(Duration::from_millis(3)).await;
        fake.end(job.id(), State::Deleted, None, None);
    });
    assert_eq!(state.expect("a state"), State::Deleted);
    assert!(begin.elapsed() < Duration::from_millis(10), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_beside_many_ends_reads_seldom() {
    let (fake, client) = Fake::open();
    let job = stored(&client).await;
    let noise = async {
        loop {
            fake.hub().jobs_ended();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let output = tokio::select! {
        output = job.output_within(Duration::from_secs(60)) => output,
        () = noise => None.ok_or(Error::NoClient),
    };
    assert_eq!(output.expect("no error"), None);
    let reads = fake.world().reads;
    assert!((60..1_100).contains(&reads), "{reads}");
}

#[tokio::test]
async fn an_end_without_an_output_gives_its_reason() {
    let (fake, client) = Fake::open();
    let job = stored(&client).await;
    fake.end(job.id(), State::Failed, None, Some("the mailbox is full"));
    let error = job.output().await.expect_err("failed");
    assert_eq!(error.to_string(), format!("job {} ended failed: the mailbox is full", job.id()));
}

#[tokio::test]
async fn an_output_of_another_layout_is_not_read() {
    let (fake, client) = Fake::open();
    let job = stored(&client).await;
    fake.succeed(job.id(), "7");
    let number = client.job(job.id()).typed::<Count>();
    assert!(matches!(number.output().await, Err(Error::Decode { .. })), "a text is no number");
    fake.end(job.id(), State::Succeeded, None, None);
    assert!(matches!(job.output().await, Err(Error::Decode { .. })), "a text cannot be made of nothing");
}

#[tokio::test]
async fn nothing_stored_is_the_output_of_a_job_without_one() {
    let (fake, client) = Fake::open();
    let job = stored(&client).await;
    fake.end(job.id(), State::Succeeded, None, None);
    client.job(job.id()).typed::<super::fake::Untagged>().output().await.expect("()");
    fake.succeed(job.id(), "hello");
    assert_eq!(client.job(job.id()).typed::<Greet>().output().await.expect("a text"), "hello");
}

#[tokio::test]
async fn a_change_takes_effect_only_under_its_guard() {
    let (fake, client) = Fake::open();
    let job = stored(&client).await;
    assert!(!job.delete().if_state(State::Failed).await.expect("no error"));
    assert!(!job.delete().if_states([]).await.expect("no error"));
    assert_eq!(job.state().await.expect("a state"), State::Enqueued);
    assert!(job.cancel().if_states([State::Failed, State::Enqueued]).reason("sold out").await.expect("no error"));
    assert_eq!(fake.job(job.id()).reason.as_deref(), Some("sold out"));
    assert!(job.requeue().await.expect("no error"));
    assert!(!job.requeue().await.expect("no error"), "it is enqueued already");
    assert!(job.reschedule("10m").await.expect("no error"));
    assert_eq!(job.state().await.expect("a state"), State::Scheduled);
}

#[tokio::test]
async fn a_change_of_a_job_that_is_not_there_is_an_error() {
    let (_, client) = Fake::open();
    let job = client.job(JobId::new());
    assert!(matches!(job.requeue().await, Err(Error::NoJob(id)) if id == job.id()));
    assert!(matches!(job.reschedule("soon").await, Err(Error::Config(text)) if text.contains("`soon`")));
    assert!(matches!(job.wait().await, Err(Error::NoJob(_))));
}
