//! Kinds that a server does not know or may not run.

use std::time::Duration;

use jobs::{Error, prelude::*};

use crate::{
    Diary, Lent, assert_says,
    common::{Database, assert_sound, count, until},
    serve, told,
};

#[job(name = "known")]
async fn known(#[state] diary: &Diary) {
    diary.note("known");
}

#[job(name = "unknown")]
async fn unknown(#[state] diary: &Diary) {
    diary.note("unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_no_server_knows_waits_uncharged_until_one_does() {
    let (database, lent) = (Database::new(), Lent::new());
    let client = database.client().await;
    let stranger = unknown::enqueue().priority(High).on(&client).await.unwrap();
    let friend = known::enqueue().on(&client).await.unwrap();
    let server = lent.to(&client).only_kinds(["known"]).start().await.unwrap();
    assert_eq!(friend.wait().await.unwrap(), State::Succeeded, "it does not wait behind the stranger");
    let record = until("the stranger to be set aside", || async {
        let record = stranger.record().await.unwrap();
        record.parked.then_some(record)
    })
    .await;
    assert_eq!((record.state, record.attempt, record.started_at), (State::Enqueued, 0, None));
    assert_eq!(count(&client, State::Enqueued).await, 1);
    assert_sound(&client).await;

    let other = serve(&client).await;
    assert_eq!(stranger.wait().await.unwrap(), State::Succeeded);
    assert_eq!(stranger.record().await.unwrap().attempt, 1);
    server.stop().await;
    other.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lacks_something_names_all_of_it_and_runs_nothing() {
    let database = Database::new();
    let client = database.client().await;
    let job = known::enqueue().on(&client).await.unwrap();
    let server = client.server().expect(["mail::send"]).workers(0).queues(["a", "a"]).lease(Duration::from_secs(1));
    let error = server.start().await.unwrap_err();
    let Error::Startup(faults) = &error else { panic!("{error:?}") };
    assert!(faults.len() >= 6, "{faults:#?}");
    let text = told(&error);
    assert_says(&text, &["`workers` is 0", "`a` is named twice", "3 beats", "`mail::send`", "use its_crate as _;"]);
    // Each job with its place, and the type that it borrows.
    let here = faults.iter().find(|fault| fault.contains("job `known`")).unwrap();
    assert_says(here, &["tests/bad_input/kinds.rs:", "bad_input::Diary", "`.state(value)`"]);

    let error = client.server().only_kinds(["absent"]).start().await.unwrap_err();
    assert_says(&told(&error), &["`absent`"]);
    assert_eq!(job.state().await.unwrap(), State::Enqueued);
    assert_eq!(client.servers().await.unwrap(), []);
}
