//! What handlers see and tell, and what is left of their jobs.

use std::{collections::BTreeMap, time::Duration};

use jobs::{Error, EventKind, Timestamp, prelude::*};
use serde::{Deserialize, Serialize};

use crate::{
    Diary, Gate, Shop,
    common::{count, until},
};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Receipt {
    number: u64,
    lines: Vec<(String, f64)>,
    sent_at: Option<Timestamp>,
}

#[job]
async fn bill(#[state] gate: &Gate, number: u64) -> Result<Receipt, std::convert::Infallible> {
    gate.pass().await;
    Ok(Receipt { number, lines: vec![("tea".to_owned(), 2.5)], sent_at: Some(Timestamp::UNIX_EPOCH) })
}

#[job]
fn work_hard(ctx: &JobContext, millis: u64) -> Result<u64, std::io::Error> {
    std::thread::sleep(Duration::from_millis(millis));
    assert!(!ctx.is_cancelled());
    Ok(millis)
}

#[job]
async fn read_facts(ctx: &JobContext) -> Result<(Option<String>, Vec<String>, String, u16), &'static str> {
    Ok((ctx.meta("tenant").map(str::to_owned), ctx.tags().to_vec(), ctx.queue().to_owned(), ctx.attempt()))
}

#[job]
async fn tell(ctx: &JobContext, #[state] gate: &Gate) {
    ctx.progress(0.4, "two of five");
    ctx.log("began with the third");
    gate.pass().await;
    ctx.progress(7.0, "five of five");
    ctx.log("done");
}

#[job]
async fn first_user(#[state] diary: &Diary, #[state] gate: &Gate) {
    gate.pass().await;
    diary.note("first");
}

#[job]
async fn second_user(#[state] diary: &Diary) {
    diary.note("second");
}

#[job]
async fn fails() -> Result<(), &'static str> {
    Err("no paper")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_is_awaited_from_the_handle_and_from_the_id() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = bill::enqueue(7).on(&shop.client).await.unwrap();
    assert_eq!(job.output_within(Duration::from_millis(1)).await.unwrap(), None, "it has not ended");
    let waiting = tokio::spawn({
        let job = job.clone();
        async move { job.output().await }
    });
    shop.gate.open(1);
    let expected = Receipt { number: 7, lines: vec![("tea".to_owned(), 2.5)], sent_at: Some(Timestamp::UNIX_EPOCH) };
    assert_eq!(waiting.await.unwrap().unwrap(), expected);
    assert_eq!(shop.client.job(job.id()).typed::<bill>().output().await.unwrap(), expected);
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_function_runs_where_it_may_block() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = work_hard::enqueue(20).on(&shop.client).await.unwrap();
    assert_eq!(job.output().await.unwrap(), 20);
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn meta_and_tags_reach_the_handler_and_stand_in_the_record() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let nasty = "'\"; DROP TABLE jobs_job; -- \u{0} \u{1f600}";
    let job = read_facts::enqueue().meta("tenant", nasty).meta("a", "1").tag("blue").tag("new").on(&shop.client);
    let job = job.await.unwrap();
    let (tenant, tags, queue, attempt) = job.output().await.unwrap();
    assert_eq!((tenant.as_deref(), queue.as_str(), attempt), (Some(nasty), "default", 1));
    assert_eq!(tags, ["blue", "new"]);
    let record = job.record().await.unwrap();
    let meta = [("a", "1"), ("tenant", nasty)].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!((record.meta, record.tags), (BTreeMap::from(meta), tags));
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_and_lines_are_seen_while_the_job_runs() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = tell::enqueue().on(&shop.client).await.unwrap();
    let progress = until("progress", || async { job.record().await.unwrap().progress }).await;
    assert_eq!(progress, (0.4, "two of five".to_owned()));
    assert_eq!(job.history().await.unwrap()[0].text, "began with the third");
    assert_eq!(job.state().await.unwrap(), State::Processing);

    shop.gate.open(1);
    job.wait().await.unwrap();
    assert_eq!(job.record().await.unwrap().progress, Some((1.0, "five of five".to_owned())));
    let lines = job.history().await.unwrap();
    let lines: Vec<_> = lines.iter().map(|event| (event.what, event.attempt, event.text.as_str())).collect();
    assert_eq!(lines, [(EventKind::Log, 1, "began with the third"), (EventKind::Log, 1, "done")]);
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_to_be_kept_goes_with_its_end() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let well = second_user::enqueue().retain(Duration::ZERO).on(&shop.client).await.unwrap();
    let badly = fails::enqueue().retain(Duration::ZERO).attempts(1).on(&shop.client).await.unwrap();
    for job in [well.id(), badly.id()] {
        until("the job to be gone", || async {
            matches!(shop.client.job(job).record().await, Err(Error::NoJob(gone)) if gone == job).then_some(())
        })
        .await;
    }
    for state in State::ALL {
        assert_eq!(count(&shop.client, state).await, 0, "{state}");
    }
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_share_what_the_server_lends() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let first = first_user::enqueue().on(&shop.client).await.unwrap();
    let second = second_user::enqueue().on(&shop.client).await.unwrap();
    second.wait().await.unwrap();
    shop.gate.open(1);
    first.wait().await.unwrap();
    assert_eq!(shop.diary.lines(), ["second", "first"]);
    shop.close(server).await;
}
