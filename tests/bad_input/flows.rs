//! Flows that name what is not there or wait for themselves, batches that take nobody in, and outputs that do not reach the next
//! job: each gives a clear error, and nothing waits for ever.

use std::time::Duration;

use jobs::{Client, Error, JobRecord, NodeId, prelude::*};

use crate::{
    Diary, Lent, assert_says,
    common::{Database, assert_sound, count, until, until_is},
    serve, told,
};

#[job]
async fn write(diary: String) -> Result<String, &'static str> {
    Ok(diary)
}

#[job(attempts = 1)]
async fn produce(bytes: u32) -> Result<String, &'static str> {
    Ok("x".repeat(bytes as usize))
}

#[job]
async fn consume(#[state] diary: &Diary, #[parent] text: String) {
    diary.note(format!("consumed {}", text.len()));
}

#[job]
async fn gather(#[state] diary: &Diary, #[parents] texts: Vec<String>) {
    diary.note(format!("gathered {}", texts.len()));
}

#[job]
async fn catch(#[state] diary: &Diary, #[parent_error] error: String) {
    diary.note(format!("caught: {error}"));
}

#[job]
async fn summarise(#[state] diary: &Diary) {
    diary.note("summarised");
}

// Two deploys of one continuation; the test renames what the first has stored.

#[job(name = "deploy.consume.first")]
async fn consume_first(#[parent] text: String) {
    drop(text);
}

#[job(name = "deploy.consume.second")]
async fn consume_second(#[parent] number: u64) {
    let _ = number;
}

/// Nothing waits any more, and no row contradicts another.
async fn assert_nothing_waits(client: &Client) {
    until("the last job to end", || async {
        let left = [
            count(client, State::Awaiting).await,
            count(client, State::Enqueued).await,
            count(client, State::Processing).await,
        ];
        (left == [0; 3]).then_some(())
    })
    .await;
    assert_sound(client).await;
}

async fn failed(client: &Client, job: JobId) -> JobRecord {
    let record = until_is(client, job, State::Failed).await;
    assert_eq!(record.attempt, 1, "trying again cures nothing: {record:?}");
    record
}

fn job_of(node: NodeId) -> JobId {
    match node {
        NodeId::Job(id) => id,
        NodeId::Batch(id) => panic!("batch {id} is no job"),
    }
}

#[tokio::test]
async fn a_parent_that_is_not_there_is_named() {
    let database = Database::new();
    let client = database.client().await;
    let (job, batch) = (JobId::new(), BatchId::new());
    let refused: [(&str, Error); 5] = [
        ("a job", write::enqueue("a").after(job).on(&client).await.unwrap_err()),
        ("a batch", write::enqueue("a").after(batch).on(&client).await.unwrap_err()),
        ("one of several", gather::enqueue().after_all([job, JobId::new()]).on(&client).await.unwrap_err()),
        ("of a batch", Batch::new("late").job(write::new("a")).after(job).on(&client).enqueue().await.unwrap_err()),
        (
            "of a member",
            Batch::new("late").job(write::enqueue("a").after(batch)).on(&client).enqueue().await.unwrap_err(),
        ),
    ];
    for (what, error) in refused {
        assert!(matches!(error, Error::NoParent(_)), "{what}: {error:?}");
        assert_says(
            &told(&error),
            &["to wait for in this database", "never stored", "retention has ended", "another database"],
        );
    }
    let error = write::enqueue("a").after(job).on(&client).await.unwrap_err();
    assert_says(&told(&error), &[&format!("no job {job}")]);
    let error = write::enqueue("a").after(batch).on(&client).await.unwrap_err();
    assert_says(&told(&error), &[&format!("no batch {batch}")]);
    assert_eq!(client.totals().await.unwrap(), [], "nothing of it was stored");
    assert_eq!(client.batches(jobs::BatchFilter::new()).await.unwrap(), []);
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_parent_of_another_database_is_not_there() {
    let (here, there) = (Database::new(), Database::new());
    let (client, other) = (here.client().await, there.client().await);
    let parent = produce::enqueue(1).on(&other).await.unwrap();
    let error = consume::enqueue().after(&parent).on(&client).await.unwrap_err();
    assert!(matches!(error, Error::NoParent(NodeId::Job(id)) if id == parent.id()), "{error:?}");
    assert_says(&told(&error), &["it was stored by a client of another database"]);
    let batch = Batch::new("there").job(write::new("a")).on(&other).enqueue().await.unwrap();
    let error = summarise::enqueue().after(&batch).on(&client).await.unwrap_err();
    assert!(matches!(error, Error::NoParent(NodeId::Batch(id)) if id == batch.id()), "{error:?}");
    assert_eq!(client.totals().await.unwrap(), []);
}

#[tokio::test]
async fn a_parent_whose_retention_has_ended_is_not_there() {
    let database = Database::new();
    let client = database.client().await;
    let server = serve(&client).await;
    let parent = write::enqueue("a").retain(Duration::ZERO).on(&client).await.unwrap();
    until("the parent to go", || async { matches!(parent.state().await, Err(Error::NoJob(_))).then_some(()) }).await;
    let error = consume::enqueue().after(&parent).on(&client).await.unwrap_err();
    assert!(matches!(error, Error::NoParent(_)), "{error:?}");
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn what_would_wait_for_itself_is_refused() {
    let database = Database::new();
    let client = database.client().await;
    let id = JobId::new();
    let error = write::enqueue("a").id(id).after(id).on(&client).await.unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert_says(&told(&error), &["wait for themselves", &id.to_string(), ".after(..)"]);

    let batch = Batch::new("ring").job(write::new("a")).then(summarise::new()).on(&client).enqueue().await.unwrap();
    let summary = job_of(batch.continuations()[0]);
    for (what, parent) in [("its own batch", NodeId::from(batch.id())), ("what waits for its batch", summary.into())] {
        let member = match parent {
            NodeId::Job(id) => write::enqueue("a").after(id),
            NodeId::Batch(id) => write::enqueue("a").after(id),
        };
        let error = batch.attach().job(member).await.unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{what}: {error:?}");
        assert_says(&told(&error), &["wait for themselves", "A member of a batch that waits for its own batch"]);
    }
    assert_eq!(batch.counts().await.unwrap().total, 1, "nobody came in");
    let lent = Lent::new();
    let server = lent.to(&client).start().await.unwrap();
    until_is(&client, summary, State::Succeeded).await;
    server.stop().await;
    assert_nothing_waits(&client).await;
}

#[tokio::test]
async fn more_parents_than_a_job_may_have_are_too_many() {
    let database = Database::new();
    let client = database.client().await;
    let parents = client.enqueue_all((0..1_001).map(|n| write::new(n.to_string()))).await.unwrap();
    let ids: Vec<_> = parents.iter().map(|parent| parent.id()).collect();
    let error = gather::enqueue().after_all(ids.iter().copied()).on(&client).await.unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert_says(&told(&error), &["1001", "1000", "batch"]);
    let most = gather::enqueue().after_all(ids.iter().skip(1).copied()).on(&client).await.unwrap();
    assert_eq!(most.state().await.unwrap(), State::Awaiting);
    let server = serve(&client).await;
    until_is(&client, most.id(), State::Succeeded).await;
    server.stop().await;
    assert_nothing_waits(&client).await;
}

#[tokio::test]
async fn an_empty_batch_is_refused_unless_it_may_be_empty() {
    let database = Database::new();
    let client = database.client().await;
    let error = Batch::new("nobody").then(summarise::new()).on(&client).enqueue().await.unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert_says(&told(&error), &["nobody", "no jobs", ".allow_empty()"]);
    assert_eq!(client.totals().await.unwrap(), []);

    let lent = Lent::new();
    let server = lent.to(&client).start().await.unwrap();
    let batch = Batch::new("nobody").then(summarise::new()).allow_empty().on(&client).enqueue().await.unwrap();
    assert_eq!(batch.wait().await.unwrap(), BatchState::Succeeded);
    until_is(&client, job_of(batch.continuations()[0]), State::Succeeded).await;
    assert_eq!(lent.diary.lines(), ["summarised"]);
    server.stop().await;
    assert_nothing_waits(&client).await;
}

#[tokio::test]
async fn a_batch_that_takes_nobody_in_says_so() {
    let database = Database::new();
    let client = database.client().await;
    let nowhere = BatchId::new();
    let error = client.batch(nowhere).attach().job(write::new("a")).await.unwrap_err();
    assert!(matches!(error, Error::NoBatch(id) if id == nowhere), "{error:?}");
    let inner = Batch::new("inner").job(write::new("a"));
    let error = client.batch(nowhere).attach().batch(inner).await.unwrap_err();
    assert!(matches!(error, Error::NoBatch(id) if id == nowhere), "{error:?}");

    let batch = Batch::new("sold out").job(write::new("a")).on(&client).enqueue().await.unwrap();
    assert!(batch.cancel().reason("no stock").await.unwrap());
    for moment in ["before its members are deleted", "afterwards"] {
        let error = batch.attach().job(write::new("b")).await.unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{moment}: {error:?}");
        assert_says(&told(&error), &[&batch.id().to_string(), "cancelled", "no stock", "new batch"]);
        let inner = Batch::new("inner").job(write::new("c"));
        assert!(matches!(batch.attach().batch(inner).await.unwrap_err(), Error::Config(_)), "{moment}");
        if moment.starts_with("before") {
            let server = serve(&client).await;
            assert_eq!(batch.wait().await.unwrap(), BatchState::Deleted);
            server.stop().await;
        }
    }
    assert_eq!(batch.counts().await.unwrap().total, 1);
    assert_nothing_waits(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_over_the_limit_leaves_nothing_stuck() {
    let database = Database::new();
    let client = Client::options().payload_limit(1_000).connect(&database.url).await.unwrap();
    let lent = Lent::new();
    let batch =
        Batch::new("large").job(produce::new(2_000)).then(summarise::new()).on(&client).enqueue().await.unwrap();
    let parent = produce::enqueue(2_000).on(&client).await.unwrap();
    let small = produce::enqueue(10).on(&client).await.unwrap();
    let unmet = consume::enqueue().after(&parent).on(&client).await.unwrap();
    let both = gather::enqueue().after_all([&small, &parent]).on(&client).await.unwrap();
    let caught = catch::enqueue().after(&parent).on(&client).await.unwrap();
    let finally = summarise::enqueue().after(&unmet).on_finished().on(&client).await.unwrap();
    let server = lent.to(&client).start().await.unwrap();
    assert_says(&failed(&client, parent.id()).await.reason.unwrap(), &["output", "limit is 1000"]);
    for id in [unmet.id(), both.id()] {
        let record = until_is(&client, id, State::Deleted).await;
        assert_eq!(record.attempt, 0);
        assert_says(&record.reason.unwrap(), &["condition was not met", &parent.id().to_string(), "failed"]);
    }
    for id in [caught.id(), finally.id()] {
        until_is(&client, id, State::Succeeded).await;
    }
    assert_eq!(batch.wait().await.unwrap(), BatchState::Completed);
    until_is(&client, job_of(batch.continuations()[0]), State::Deleted).await;
    let diary = lent.diary.lines();
    assert!(diary.iter().any(|line| line.contains("caught: ") && line.contains("limit is 1000")), "{diary:?}");
    server.stop().await;
    assert_nothing_waits(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_a_later_deploy_cannot_read_fails_its_reader_alone() {
    let database = Database::new();
    let client = database.client().await;
    let parent = produce::enqueue(5).on(&client).await.unwrap();
    let reader = consume_first::enqueue().after(&parent).on(&client).await.unwrap();
    let other = consume::enqueue().after(&parent).on(&client).await.unwrap();
    let caught = catch::enqueue().after(&reader).on(&client).await.unwrap();
    let unmet = summarise::enqueue().after(&reader).on(&client).await.unwrap();
    let renamed = "UPDATE jobs_kind SET name = 'deploy.consume.second' WHERE name = 'deploy.consume.first'";
    assert_eq!(database.tamper(renamed).await, 1);
    let client = database.client().await;
    let lent = Lent::new();
    let server = lent.to(&client).start().await.unwrap();
    let reason = failed(&client, reader.id()).await.reason.unwrap();
    assert_says(&reason, &[&parent.id().to_string(), "`#[parent]` of `deploy.consume.second`", "u64", "requeue"]);
    until_is(&client, other.id(), State::Succeeded).await;
    until_is(&client, caught.id(), State::Succeeded).await;
    until_is(&client, unmet.id(), State::Deleted).await;
    let diary = lent.diary.lines();
    assert!(diary.iter().any(|line| line.starts_with("caught: ")), "{diary:?}");
    server.stop().await;
    assert_nothing_waits(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_output_fails_its_reader_alone() {
    let database = Database::new();
    let client = database.client().await;
    let parent = produce::enqueue(5).on(&client).await.unwrap();
    let server = serve(&client).await;
    until_is(&client, parent.id(), State::Succeeded).await;
    server.stop().await;
    let reader = consume::enqueue().after(&parent).on(&client).await.unwrap();
    let caught = catch::enqueue().after(&reader).on(&client).await.unwrap();
    assert_eq!(database.tamper("UPDATE jobs_edge SET output = x'0101' WHERE output IS NOT NULL").await, 1);
    let lent = Lent::new();
    let server = lent.to(&client).start().await.unwrap();
    assert_says(&failed(&client, reader.id()).await.reason.unwrap(), &[&parent.id().to_string(), "cut off"]);
    until_is(&client, caught.id(), State::Succeeded).await;
    server.stop().await;
    assert_nothing_waits(&client).await;
}

#[tokio::test]
async fn a_job_that_waits_for_nothing_is_found_and_explained() {
    let database = Database::new();
    let client = database.client().await;
    let parent = produce::enqueue(5).on(&client).await.unwrap();
    let batch = Batch::new("stuck").job(write::new("a")).after(&parent).on(&client).enqueue().await.unwrap();
    let child = consume::enqueue().after(&parent).on(&client).await.unwrap();
    let late = summarise::enqueue().after(&batch).on(&client).await.unwrap();
    assert_sound(&client).await;
    // What a fault in the storage, or a statement by hand, could leave behind.
    let cases: [(&str, &[String]); 4] = [
        ("DELETE FROM jobs_edge WHERE child_batch = 1", &[batch.id().to_string(), "has not started".into()]),
        ("DELETE FROM jobs_edge WHERE parent_batch = 1", &[late.id().to_string(), "waits for nothing".into()]),
        ("UPDATE jobs_batch SET n_pending = n_pending + 1", &[batch.id().to_string(), "counts".into()]),
        (
            "DELETE FROM jobs_job WHERE id IN (SELECT parent FROM jobs_edge)",
            &[child.id().to_string(), parent.id().to_string()],
        ),
    ];
    for (damage, parts) in cases {
        assert!(database.tamper(damage).await > 0, "{damage}");
        let found = client.check().await.unwrap().join("\n");
        for part in parts {
            // Ids are told as they are stored.
            let stored = part.replace('-', "");
            assert!(
                found.contains(part.as_str()) || found.contains(&stored),
                "after {damage}: no `{part}` in: {found}"
            );
        }
    }
    assert_eq!(child.record().await.unwrap().state, State::Awaiting);
}
