//! Batches and flows as applications write them: stored, run, attached to, cancelled, read.

mod common;

use std::collections::BTreeSet;

use jobs::{Condition, Error, NodeId, prelude::*};
use sqlx::Connection as _;

use common::{Database, assert_sound, until};

#[job]
async fn double(number: u64) -> Result<u64, std::io::Error> {
    Ok(number * 2)
}

#[job(attempts = 1)]
async fn pick(number: u64) -> Result<u64, std::io::Error> {
    if number.is_multiple_of(10) { Err(std::io::Error::other(format!("{number} is round"))) } else { Ok(number) }
}

#[job]
async fn add(#[parents] numbers: Vec<u64>) -> Result<u64, std::io::Error> {
    Ok(numbers.iter().sum())
}

#[job]
async fn double_again(#[parent] number: u64) -> Result<u64, std::io::Error> {
    Ok(number * 2)
}

#[job]
async fn explain(#[parent_error] error: String) -> Result<String, std::io::Error> {
    Ok(format!("it failed: {error}"))
}

#[job]
async fn note(text: String) -> Result<String, std::io::Error> {
    Ok(text)
}

/// Adds up what the members of the batch before it returned.
#[job]
async fn sum(ctx: &JobContext) -> anyhow::Result<u64> {
    let mut outputs = ctx.batch_outputs::<u64>().await?;
    let mut sum = 0;
    while let Some((_, number)) = outputs.next().await? {
        sum += number;
    }
    Ok(sum)
}

/// Attaches one like itself to its own batch, until there are enough.
#[job]
async fn spread(ctx: &JobContext, left: u64) -> anyhow::Result<u64> {
    let batch = ctx.batch().ok_or_else(|| anyhow::anyhow!("it is a member"))?;
    if left > 0 {
        ctx.client().batch(batch).attach().job(spread::new(left - 1)).await?;
    }
    Ok(left)
}

/// The job of one step of a batch's continuation.
fn job_of(node: NodeId) -> JobId {
    match node {
        NodeId::Job(id) => id,
        NodeId::Batch(id) => panic!("batch {id} is no job"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_batch_is_streamed_run_and_added_up() {
    let database = Database::new();
    let client = database.client().await;
    let numbers = 1..=12_000_u64;
    let batch = Batch::new("numbers").jobs(numbers.clone().map(double::new)).then(sum::new()).on(&client);
    let batch = batch.enqueue().await.unwrap();
    assert_eq!((batch.state().await.unwrap(), batch.counts().await.unwrap().pending), (BatchState::Started, 12_000));
    let mut page = batch.jobs(None, 10_000).await.unwrap();
    assert_eq!(page.len(), 10_000);
    page.extend(batch.jobs(page.last().copied(), 10_000).await.unwrap());
    assert_eq!(page.iter().collect::<BTreeSet<_>>().len(), 12_000);
    // No upkeep has to come first: nobody serves, and all may be claimed.
    let claimable = common::all_jobs(&client, jobs::JobFilter::new(State::Enqueued)).await.unwrap();
    assert_eq!(claimable.len(), 12_000);

    let server = client.server().start().await.unwrap();
    assert_eq!(batch.wait().await.unwrap(), BatchState::Succeeded);
    let total = client.job(job_of(batch.continuations()[0])).typed::<sum>();
    assert_eq!(total.output().await.unwrap(), numbers.sum::<u64>() * 2);
    assert_eq!(batch.progress().await.unwrap(), 1.0);
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_large_batch_within_a_transaction_is_all_or_nothing() {
    let database = Database::new();
    let client = database.client().await;
    let mut connection = database.connection().await;
    for commits in [false, true] {
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let batch = Batch::new("numbers").jobs((1..=6_000).map(double::new)).then(sum::new());
        let batch = batch.on(&client).within(&mut tx).enqueue().await.unwrap();
        if !commits {
            tx.rollback().await.unwrap();
            assert!(matches!(batch.state().await, Err(Error::NoBatch(_))));
            continue;
        }
        tx.commit().await.unwrap();
        let server = client.server().start().await.unwrap();
        assert_eq!(batch.wait().await.unwrap(), BatchState::Succeeded);
        let total = client.job(job_of(batch.continuations()[0])).typed::<sum>();
        assert_eq!(total.output().await.unwrap(), (1..=6_000).sum::<u64>() * 2, "it ran once, after the last");
        server.stop().await;
    }
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_failed_member_lets_the_batch_complete_and_its_branches_run() {
    let database = Database::new();
    let client = database.client().await;
    let server = client.server().start().await.unwrap();
    let batch = Batch::new("numbers").jobs((1..=25).map(pick::new)).then(note::new("never"));
    let batch =
        batch.then_on_failure(sum::new()).then_finally(note::new("the end")).on(&client).enqueue().await.unwrap();
    assert_eq!(batch.wait().await.unwrap(), BatchState::Completed);
    let counts = batch.counts().await.unwrap();
    assert_eq!((counts.succeeded, counts.failed, counts.pending), (23, 2, 0));
    let [never, summed, end] = batch.continuations() else { panic!("three continuations were due") };
    assert_eq!(client.job(job_of(*end)).typed::<note>().output().await.unwrap(), "the end");
    let never = client.job(job_of(*never)).record().await.unwrap();
    assert_eq!(never.state, State::Deleted);
    assert!(never.reason.is_some_and(|reason| reason.contains(&batch.id().to_string())));
    let summed = client.job(job_of(*summed)).typed::<sum>().output().await.unwrap();
    assert_eq!(summed, (1..=25).sum::<u64>() - 30, "what failed returned nothing");
    let mut read = batch.outputs::<u64>().collect().await.unwrap();
    read.sort_unstable();
    assert_eq!(read.len(), 23);
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn members_attach_others_to_their_own_batch() {
    let database = Database::new();
    let client = database.client().await;
    let server = client.server().start().await.unwrap();
    let batch = Batch::new("spreading").job(spread::new(5)).then(sum::new()).on(&client).enqueue().await.unwrap();
    let total = client.job(job_of(batch.continuations()[0])).typed::<sum>();
    assert_eq!(total.output().await.unwrap(), 5 + 4 + 3 + 2 + 1);
    assert_eq!(batch.counts().await.unwrap().total, 6);
    // From outside, later: it is open again, and its continuation does not run twice.
    assert_eq!(batch.attach().jobs((1..=3).map(double::new)).await.unwrap(), 3);
    until("the batch to end again", || async { batch.state().await.unwrap().is_final().then_some(()) }).await;
    assert_eq!(batch.counts().await.unwrap().succeeded, 9);
    assert_eq!(total.output().await.unwrap(), 15);
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_cancelled_batch_takes_no_members_and_what_waits_for_it_is_deleted() {
    let database = Database::new();
    let client = database.client().await;
    let inner = Batch::new("inner").jobs((0..10).map(double::new));
    let batch = Batch::new("outer").jobs((0..2_500).map(double::new)).batch(inner).then(sum::new());
    let batch = batch.then_on_deleted(note::new("called off")).on(&client).enqueue().await.unwrap();
    assert!(batch.cancel().reason("wrong numbers").await.unwrap());
    assert!(!batch.cancel().await.unwrap());
    let server = client.server().start().await.unwrap();
    assert_eq!(batch.wait().await.unwrap(), BatchState::Deleted);
    let record = batch.record().await.unwrap();
    assert_eq!((record.reason.as_deref(), record.counts.deleted), (Some("wrong numbers"), 2_501));
    let [unmet, told] = batch.continuations() else { panic!("two continuations were due") };
    assert_eq!(client.job(job_of(*told)).typed::<note>().output().await.unwrap(), "called off");
    assert_eq!(client.job(job_of(*unmet)).state().await.unwrap(), State::Deleted);
    let late = batch.attach().job(double::new(1)).await.unwrap_err();
    assert!(matches!(&late, Error::Config(text) if text.contains(&batch.id().to_string())), "{late}");
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_diamond_runs_as_it_is_written() {
    let database = Database::new();
    let client = database.client().await;
    let server = client.server().start().await.unwrap();
    let flow = double::new(1).then(join((double_again::new(), double_again::enqueue().delay("10ms")))).then(add::new());
    let flow = flow.then(double_again::new()).on_failure(explain::new()).finally(note::new("the end"));
    let last = flow.on(&client).enqueue().await.unwrap();
    assert_eq!(last.output().await.unwrap(), 16);
    let ids = last.nodes().iter().copied().map(job_of).collect::<Vec<_>>();
    assert_eq!(client.job(ids[6]).typed::<note>().output().await.unwrap(), "the end");
    assert_eq!(client.job(ids[5]).state().await.unwrap(), State::Deleted, "nothing failed");
    let view = client.flow(&last).await.unwrap();
    assert_eq!(view.nodes().len(), 7);
    let text = view.to_text();
    assert_eq!(text.lines().count(), 7, "{text}");
    assert_eq!(text.matches(": succeeded").count(), 6, "{text}");
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_failure_in_a_flow_is_caught_with_its_error() {
    let database = Database::new();
    let client = database.client().await;
    let server = client.server().start().await.unwrap();
    let flow = pick::new(10).then(double_again::new()).then(double_again::new());
    let flow = flow.on_failure(explain::new()).finally(note::new("the end")).on(&client).enqueue().await.unwrap();
    let ids = flow.nodes().iter().copied().map(job_of).collect::<Vec<_>>();
    let text = client.job(ids[3]).typed::<explain>().output().await.unwrap();
    assert!(text.contains("10 is round"), "{text}");
    assert_eq!(client.job(ids[4]).typed::<note>().output().await.unwrap(), "the end");
    for deleted in &ids[1..3] {
        assert_eq!(client.job(*deleted).state().await.unwrap(), State::Deleted);
    }
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn steps_that_would_wait_for_each_other_are_refused_by_name() {
    let database = Database::new();
    let client = database.client().await;
    let (first, second) = (JobId::new(), JobId::new());
    let flow = note::enqueue("a").id(first).after(second).then(note::enqueue("b").id(second));
    let error = flow.on(&client).enqueue().await.unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error}");
    for id in [first, second] {
        assert!(error.to_string().contains(&id.to_string()), "{error}");
        assert!(matches!(client.job(id).state().await, Err(Error::NoJob(_))));
    }
    let itself = note::enqueue("a").id(first).after(first).on(&client).await.unwrap_err();
    assert!(itself.to_string().contains(&first.to_string()), "{itself}");
    // In any order, as long as it is none.
    let flow = join((note::enqueue("b").id(second).after(first), note::enqueue("a").id(first)));
    flow.on(&client).enqueue().await.unwrap();
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_parent_of_another_database_is_not_there() {
    let (here, elsewhere) = (Database::new(), Database::new());
    let (here, elsewhere) = (here.client().await, elsewhere.client().await);
    let parent = double::enqueue(1).on(&elsewhere).await.unwrap();
    let batch = Batch::new("numbers").job(double::new(1)).on(&elsewhere).enqueue().await.unwrap();
    let job = double_again::enqueue().after(&parent).on(&here).await.unwrap_err();
    assert!(matches!(job, Error::NoParent(NodeId::Job(id)) if id == parent.id()), "{job}");
    let job = note::enqueue("late").after(&batch).on_finished().on(&here).await.unwrap_err();
    assert!(matches!(job, Error::NoParent(NodeId::Batch(id)) if id == batch.id()), "{job}");
    let attached = here.batch(batch.id()).attach().job(double::new(1)).await.unwrap_err();
    assert!(matches!(attached, Error::NoBatch(id) if id == batch.id()), "{attached}");
    assert_eq!(Condition::default(), Condition::Success);
    assert_sound(&here).await;
}
