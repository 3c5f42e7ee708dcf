//! In which order jobs run, and how a server leaves.

use jobs::{Priority, prelude::*};

use crate::{
    Diary, Gate, Shop,
    common::{assert_sound, count, until, until_count},
};

#[job]
async fn note(#[state] diary: &Diary, line: String) {
    diary.note(line);
}

/// Fast enough to be claimed in advance, but for the one that waits.
#[job]
async fn pass(#[state] gate: &Gate, #[state] diary: &Diary, wait: bool) {
    if wait {
        diary.note("begun");
        gate.pass().await;
    }
    diary.note("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greater_priority_goes_first_and_then_the_older_job() {
    let shop = Shop::new().await;
    for (line, priority) in [
        ("low", Low),
        ("normal", Normal),
        ("high", High),
        ("highest", Priority::from(i16::MAX)),
        ("lowest", Priority::from(i16::MIN)),
        ("high again", High),
    ] {
        note::enqueue(line).priority(priority).on(&shop.client).await.unwrap();
    }
    let server = shop.server().workers(1).start().await.unwrap();
    until_count(&shop.client, State::Succeeded, 6).await;
    assert_eq!(shop.diary.lines(), ["highest", "high", "high again", "normal", "low", "lowest"]);
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_queue_waits_until_the_earlier_ones_are_empty() {
    let shop = Shop::new().await;
    for queue in ["third", "second", "first"] {
        for _ in 0..3 {
            note::enqueue(queue).queue(queue).priority(High).on(&shop.client).await.unwrap();
        }
    }
    note::enqueue("unread").queue("fourth").on(&shop.client).await.unwrap();
    let server = shop.server().workers(1).queues(["first", "second", "third"]).start().await.unwrap();
    until_count(&shop.client, State::Succeeded, 9).await;
    let expected: Vec<_> = ["first", "second", "third"].into_iter().flat_map(|queue| [queue; 3]).collect();
    assert_eq!(shop.diary.lines(), expected);
    assert_eq!(count(&shop.client, State::Enqueued).await, 1, "nobody reads the fourth");
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn weighted_queues_are_all_served() {
    let shop = Shop::new().await;
    for queue in ["heavy", "light"] {
        shop.client.enqueue_all((0..30).map(|_| note::new(queue))).queue(queue).await.unwrap();
    }
    let server = shop.server().workers(1).weighted_queues([("heavy", 9), ("light", 1)]).start().await.unwrap();
    until_count(&shop.client, State::Succeeded, 60).await;
    for queue in ["heavy", "light"] {
        assert_eq!(shop.diary.lines().iter().filter(|line| *line == queue).count(), 30);
    }
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_ends_what_runs_and_gives_back_the_rest_uncharged() {
    const FAST: usize = 20;
    let shop = Shop::new().await;
    let server = shop.server().workers(1).start().await.unwrap();
    shop.client.enqueue_all((0..FAST).map(|_| pass::new(false))).await.unwrap();
    until_count(&shop.client, State::Succeeded, FAST as i64).await;
    // The kind is known to be fast now, so that some of the jobs behind the one that waits are claimed in advance.
    let running = pass::enqueue(true).on(&shop.client).await.unwrap();
    let behind = shop.client.enqueue_all((0..FAST).map(|_| pass::new(false))).await.unwrap();
    until("the job to run", || async { shop.diary.lines().iter().any(|line| line == "begun").then_some(()) }).await;

    let id = server.id();
    let stopping = tokio::spawn(server.stop());
    until("what waits to be given back", || async {
        let waiting = count(&shop.client, State::Enqueued).await == FAST as i64;
        (waiting && count(&shop.client, State::Processing).await == 1).then_some(())
    })
    .await;
    assert_eq!(shop.client.servers().await.unwrap()[0].id, id, "it stays while a job runs");
    shop.gate.open(1);
    stopping.await.unwrap();

    assert_eq!(running.state().await.unwrap(), State::Succeeded, "what runs may end");
    for job in behind {
        let record = job.record().await.unwrap();
        assert_eq!((record.state, record.attempt, record.crashes), (State::Enqueued, 0, 0));
    }
    assert_eq!(shop.client.servers().await.unwrap(), [], "its row is gone");
    assert_sound(&shop.client).await;
}
