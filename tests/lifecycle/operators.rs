//! What an operator does to jobs that wait, run or have ended.

use std::time::Duration;

use jobs::{EventKind, prelude::*};

use crate::{
    Diary, Gate, Shop,
    common::{until, until_is},
};

/// Says that it began, ends when it is told to or when the gate lets it pass, and says how.
#[job(attempts = 3)]
async fn stay(ctx: &JobContext, #[state] gate: &Gate, #[state] diary: &Diary, obey: bool) -> Result<u16, &'static str> {
    diary.note("begun");
    tokio::select! {
        () = ctx.cancelled() => diary.note("told to end"),
        () = gate.pass() => diary.note("passed"),
    }
    if obey && ctx.is_cancelled() { Err("obeyed") } else { Ok(ctx.attempt()) }
}

#[job(attempts = 1)]
async fn fail_first(#[state] diary: &Diary) -> Result<usize, &'static str> {
    diary.note("run");
    if diary.lines().len() == 1 { Err("once") } else { Ok(diary.lines().len()) }
}

async fn until_says(shop: &Shop, lines: &[&str]) {
    until(&format!("the handlers to say {lines:?}"), || async { (shop.diary.lines() == lines).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_handler_decides_how_its_job_ends() {
    for (obey, state, attempt) in [(true, State::Deleted, 1), (false, State::Succeeded, 1)] {
        let shop = Shop::new().await;
        let server = shop.serve().await;
        let job = stay::enqueue(obey).on(&shop.client).await.unwrap();
        until_says(&shop, &["begun"]).await;
        assert!(job.cancel().reason("the customer left").await.unwrap());
        assert_eq!(job.wait().await.unwrap(), state);
        let record = job.record().await.unwrap();
        assert_eq!((record.attempt, record.cancel_requested), (attempt, true));
        let history = job.history().await.unwrap();
        let asked = history.iter().find(|event| event.what == EventKind::CancelRequested).unwrap();
        assert_eq!(asked.text, "the customer left");
        shop.close(server).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_that_waits_never_runs() {
    let shop = Shop::new().await;
    let job = stay::enqueue(true).on(&shop.client).await.unwrap();
    assert!(job.cancel().reason("the customer left").await.unwrap());
    assert_eq!(job.state().await.unwrap(), State::Deleted);
    let server = shop.serve().await;
    let next = stay::enqueue(true).on(&shop.client).await.unwrap();
    shop.gate.open(1);
    next.wait().await.unwrap();
    assert_eq!(shop.diary.lines(), ["begun", "passed"], "only the second has run");
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_handler_is_told_to_end_and_its_result_is_dropped() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = stay::enqueue(false).on(&shop.client).await.unwrap();
    until_says(&shop, &["begun"]).await;
    assert!(job.delete().reason("wrong customer").await.unwrap());
    assert_eq!(job.state().await.unwrap(), State::Deleted, "at once");
    until_says(&shop, &["begun", "told to end"]).await;
    shop.close(server).await;
    let record = job.record().await.unwrap();
    assert_eq!((record.state, record.reason.as_deref()), (State::Deleted, Some("wrong customer")));
    assert_eq!(record.output, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_rescheduled_while_it_runs_runs_again_at_its_new_time() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = stay::enqueue(false).on(&shop.client).await.unwrap();
    until_says(&shop, &["begun"]).await;
    assert!(job.reschedule("1h").if_state(State::Processing).await.unwrap());
    until_says(&shop, &["begun", "told to end"]).await;
    until("the first run to be gone", || async { (server.running() == 0).then_some(()) }).await;
    let record = job.record().await.unwrap();
    assert_eq!((record.state, record.attempt), (State::Scheduled, 0), "the dropped run does not count");

    assert!(job.reschedule(Duration::ZERO).if_state(State::Scheduled).await.unwrap());
    shop.gate.open(1);
    assert_eq!(job.output().await.unwrap(), 1);
    assert_eq!(shop.diary.lines(), ["begun", "told to end", "begun", "passed"]);
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_requeued_while_it_runs_ends_once() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = stay::enqueue(false).on(&shop.client).await.unwrap();
    until_says(&shop, &["begun"]).await;
    let first = job.record().await.unwrap();
    assert!(job.requeue().await.unwrap());
    let said = |line| shop.diary.lines().iter().filter(|said| *said == line).count();
    // Only then does the permit go to the second run.
    until("the second run", || async { (said("begun") == 2 && said("told to end") == 1).then_some(()) }).await;
    shop.gate.open(1);
    assert_eq!(job.output().await.unwrap(), 1);
    shop.close(server).await;
    let record = job.record().await.unwrap();
    assert!(record.fence > first.fence, "the second run stands");
    assert_eq!(record.attempt, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_has_ended_runs_once_more_by_hand() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = fail_first::enqueue().on(&shop.client).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Failed);

    assert!(job.requeue().if_state(State::Failed).await.unwrap());
    assert_eq!(job.output().await.unwrap(), 2);
    let record = job.record().await.unwrap();
    assert_eq!((record.attempt, record.reason), (1, None), "its attempts start anew");

    assert!(job.reschedule("1h").if_state(State::Succeeded).await.unwrap());
    assert_eq!(job.state().await.unwrap(), State::Scheduled);
    assert!(job.requeue().await.unwrap());
    until_is(&shop.client, job.id(), State::Succeeded).await;
    assert_eq!(shop.diary.lines().len(), 3);
    let acts = job.history().await.unwrap();
    let acts: Vec<_> = acts.iter().map(|event| event.what).filter(|what| *what != EventKind::AttemptFailed).collect();
    assert_eq!(acts, [EventKind::Requeued, EventKind::Rescheduled, EventKind::Requeued]);
    shop.close(server).await;
}
