//! What a batch stores, in how many calls, and what its handle reads and changes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::Connection;

use super::fake::{
    Fake,
    flows::{Alert, Tally},
    greet, output,
};
use crate::{
    Batch, BatchId, Enqueue, Error, IntoFlow, JobId, State,
    flow::{BatchState, Condition, NodeId, Rule},
    join,
    storage::{BatchFilter, MemberOutput, NewFlow, Storage},
};

fn mails(count: u32) -> impl Iterator<Item = super::fake::Greet> + Send + 'static {
    (0..count).map(|n| greet(&n.to_string()))
}

/// The numbers of batches and jobs of each call.
fn calls(flows: &[NewFlow]) -> Vec<(usize, usize)> {
    flows.iter().map(|flow| (flow.batches.len(), flow.jobs.len())).collect()
}

#[tokio::test]
async fn a_batch_is_stored_in_one_call_with_all_that_belongs_to_it() {
    let (fake, client) = Fake::open();
    let nested = Batch::new("inner").job(greet("Eve")).then(greet("after inner"));
    let batch = Batch::new("campaign")
        .jobs(mails(3))
        .job(Enqueue::new(greet("Zoe")).delay("1h").queue("low"))
        .flow(greet("first").then(greet("second")))
        .batch(nested)
        .retain("2d")
        .then(greet("report"))
        .then_on_failure(Alert)
        .on(&client);
    let batch = batch.enqueue().await.expect("stored");
    let world = fake.world();
    let [flow] = world.flows.inserts.as_slice() else { panic!("one call was due") };
    let [outer, inner] = flow.batches.as_slice() else { panic!("two batches were due") };
    assert_eq!((outer.id, outer.parent, outer.sealed), (batch.id(), None, true));
    assert_eq!(outer.retain, Some(Duration::from_secs(2 * 24 * 60 * 60)));
    assert_eq!((&*inner.description, inner.parent, inner.sealed), ("inner", Some(outer.id), true));
    let of = |id: Option<BatchId>| flow.jobs.iter().filter(|job| job.batch == id).collect::<Vec<_>>();
    assert_eq!(of(Some(inner.id)).len(), 1);
    let members = of(Some(outer.id));
    assert_eq!(members.len(), 7, "three mails, one later, a flow of two, and what follows the inner batch");
    assert_eq!(&*members[3].queue, "low");
    assert_eq!(members[5].waits.as_ref().expect("it waits").parents, [(members[4].id.into(), Condition::Success)]);
    assert_eq!(members[6].waits.as_ref().expect("it waits").parents, [(inner.id.into(), Condition::Success)]);
    let [report, alert] = of(None)[..] else { panic!("two continuations were due") };
    assert_eq!(report.waits.as_ref().expect("it waits").parents, [(outer.id.into(), Condition::Success)]);
    let failure = alert.waits.as_ref().expect("it waits");
    assert_eq!(failure.rule, Rule::Any);
    assert_eq!(failure.parents, [(outer.id.into(), Condition::Failure), (report.id.into(), Condition::Failure)]);
    assert_eq!(batch.continuations(), [NodeId::from(report.id), alert.id.into()]);
    assert!(world.flows.sealed.is_empty() && world.flows.steps.is_empty());
}

#[tokio::test]
async fn more_than_a_chunk_is_stored_unsealed_and_then_sealed() {
    let (fake, client) = Fake::open();
    fake.world().flows.steps_left = 4;
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    let jobs = mails(12_000).inspect(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let batch = Batch::new("campaign").jobs(jobs).then(greet("report")).on(&client);
    assert_eq!(made.load(Ordering::Relaxed), 0, "the iterator is read while it is stored");
    let batch = batch.enqueue().await.expect("stored");
    assert_eq!(made.load(Ordering::Relaxed), 12_000);
    let world = fake.world();
    assert_eq!(calls(&world.flows.inserts), [(1, 4_999), (0, 5_000), (0, 2_002)]);
    assert!(!world.flows.inserts[0].batches[0].sealed);
    let last = world.flows.inserts[2].jobs.last().expect("a report");
    assert_eq!((last.batch, last.waits.is_some()), (None, true), "the continuation is stored before the seal");
    assert_eq!(world.flows.sealed, [batch.id()]);
    assert_eq!(world.flows.steps, [1_000; 4], "steps are taken while one is due");
}

#[tokio::test]
async fn steps_for_others_are_not_taken_for_ever() {
    let (fake, client) = Fake::open();
    fake.world().flows.steps_left = u32::MAX;
    Batch::new("campaign").jobs(mails(6_000)).on(&client).enqueue().await.expect("stored");
    assert_eq!(fake.world().flows.steps.len(), 7);
}

#[tokio::test]
async fn no_call_parts_a_batch_from_its_first_member() {
    let (fake, client) = Fake::open();
    // The inner batch is the 5,000th of the first call, or the last but one, or begins the second.
    for ahead in [4_996, 4_997, 4_998, 4_999, 5_000] {
        fake.world().flows.inserts.clear();
        fake.world().flows.sealed.clear();
        let inner = Batch::new("inner").jobs(mails(3));
        let batch = Batch::new("outer").jobs(mails(ahead)).batch(inner).jobs(mails(10)).on(&client);
        let batch = batch.enqueue().await.expect("stored");
        let world = fake.world();
        let mut inner = None;
        for flow in &world.flows.inserts {
            for batch in &flow.batches {
                assert!(flow.jobs.iter().any(|job| job.batch == Some(batch.id)), "{ahead}: {}", batch.description);
                inner = Some((batch.id, batch.sealed));
            }
        }
        assert_eq!(world.flows.sealed.last(), Some(&batch.id()), "{ahead}");
        let (inner, sealed) = inner.expect("two batches");
        assert_eq!(
            world.flows.sealed.contains(&inner),
            !sealed,
            "{ahead}: what is not sealed at first is sealed later"
        );
        let all = world.flows.inserts.iter().map(|flow| flow.jobs.len()).sum::<usize>();
        assert_eq!(all, ahead as usize + 13);
    }
}

#[tokio::test]
async fn a_batch_without_members_is_refused() {
    let (fake, client) = Fake::open();
    for batch in [
        Batch::new("night shift"),
        Batch::new("night shift").jobs(Vec::<super::fake::Greet>::new()),
        Batch::new("day and night").job(greet("Ada")).batch(Batch::new("night shift")),
    ] {
        let error = batch.on(&client).enqueue().await.expect_err("it is empty");
        let text = error.to_string();
        assert!(matches!(error, Error::Config(_)), "{text}");
        assert!(text.contains("`night shift` has no jobs") && text.contains("`.allow_empty()`"), "{text}");
    }
    assert!(fake.world().flows.inserts.is_empty());
    Batch::new("night shift").allow_empty().on(&client).enqueue().await.expect("allowed");
    Batch::new("around")
        .batch(Batch::new("night shift").allow_empty())
        .on(&client)
        .enqueue()
        .await
        .expect("one member");
    assert_eq!(calls(&fake.world().flows.inserts), [(1, 0), (2, 0)]);
}

#[tokio::test]
async fn what_is_wrong_with_a_batch_is_said_and_nothing_is_stored() {
    let (fake, client) = Fake::open();
    let batch = || Batch::new("campaign").job(greet("Ada"));
    let wrong = [
        (batch().retain("soon"), "`retain` of a batch: "),
        (batch().on_failure(), "the batch `campaign`: `on_failure`: it is said of the parents"),
        (batch().after_any(Vec::<JobId>::new()), "`after_any`: it names no parent"),
        (batch().job(Enqueue::new(greet("Eve")).attempts(0)), "the options of a `tests::greet` job: `attempts`: "),
        (Batch::new("x".repeat(1_001)).job(greet("Ada")), "may have 1000 characters, and this one has 1001"),
    ];
    for (batch, text) in wrong {
        let error = batch.on(&client).enqueue().await.expect_err(text);
        assert!(matches!(&error, Error::Config(found) if found.contains(text)), "{text}: {error}");
    }
    let long = batch().job(greet(&"x".repeat(2 * 1024 * 1024))).on(&client).enqueue().await.expect_err("too long");
    assert!(matches!(&long, Error::TooLarge { what, .. } if what.contains("tests::greet")), "{long}");
    assert!(matches!(batch().enqueue().await, Err(Error::NoClient)));
    assert!(fake.world().flows.inserts.is_empty());
}

#[tokio::test]
async fn a_creation_that_fails_midway_says_what_becomes_of_the_rest() {
    let (fake, client) = Fake::open();
    fake.world().flows.room = Some(2);
    let batch = Batch::new("campaign").jobs(mails(20_000)).on(&client).enqueue().await;
    let Err(error @ Error::Unfinished { stored: 9_999, .. }) = batch else { panic!("{batch:?}") };
    assert!(error.to_string().contains("removed with it after an hour"), "{error}");
    let source = std::error::Error::source(&error).expect("a cause").to_string();
    assert!(source.contains("disk is full"), "{source}");
    assert!(error.is_transient());
    assert!(fake.world().flows.sealed.is_empty());
    fake.world().flows.room = Some(0);
    let none = Batch::new("campaign").jobs(mails(20_000)).on(&client).enqueue().await;
    assert!(matches!(none, Err(Error::Full(_))), "{none:?}");
    let worse = mails(5_100).map(|mail| Enqueue::new(mail).attempts(0));
    fake.world().flows.room = None;
    let error =
        Batch::new("campaign").jobs(mails(5_100)).jobs(worse).on(&client).enqueue().await.expect_err("no attempts");
    assert!(matches!(error, Error::Unfinished { .. }), "{error}");
}

#[tokio::test]
async fn within_a_transaction_each_chunk_is_sealed_from_the_start() {
    let (fake, client) = Fake::open();
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
    let mut tx = connection.begin().await.expect("a transaction");
    Batch::new("campaign").jobs(mails(6_000)).on(&client).within(&mut tx).enqueue().await.expect("stored");
    let world = fake.world();
    assert_eq!(calls(&world.flows.within), [(1, 4_999), (0, 1_001)]);
    assert!(world.flows.within[0].batches[0].sealed);
    assert!(world.flows.inserts.is_empty() && world.flows.sealed.is_empty() && world.flows.steps.is_empty());
}

#[tokio::test]
async fn a_batch_starts_after_its_parents() {
    let (fake, client) = Fake::open();
    let job = Enqueue::new(greet("Ada")).on(&client).await.expect("stored");
    let earlier = Batch::new("earlier").jobs(mails(1)).on(&client).enqueue().await.expect("stored");
    let batch = Batch::new("later").jobs(mails(1)).after(&job).after(&earlier).on_finished().on(&client);
    assert_eq!(batch.enqueue().await.expect("stored").state().await.expect("read"), BatchState::Awaiting);
    let waits = fake.world().flows.inserts[1].batches[0].waits.clone().expect("it waits");
    assert_eq!(waits.parents, [(job.id().into(), Condition::Success), (earlier.id().into(), Condition::Finished)]);
}

#[tokio::test]
async fn continuations_of_a_batch_go_on_behind_each_other() {
    let (fake, client) = Fake::open();
    let batch = Batch::new("campaign").job(greet("Ada")).then(join((greet("a"), greet("b")))).then(Tally);
    let batch = batch.then_finally(greet("tidy up")).on(&client).enqueue().await.expect("stored");
    let world = fake.world();
    let waits = |at: usize| world.flows.inserts[0].jobs[at].waits.clone().expect("it waits").parents;
    let node = |at: usize| batch.continuations()[at];
    assert_eq!(waits(1), [(batch.id().into(), Condition::Success)]);
    assert_eq!(waits(2), [(batch.id().into(), Condition::Success)]);
    assert_eq!(waits(3), [(node(0), Condition::Success), (node(1), Condition::Success)]);
    assert_eq!(waits(4), [(node(2), Condition::Finished)]);
}

#[tokio::test]
async fn members_are_attached_in_chunks_that_may_run_at_once() {
    let (fake, client) = Fake::open();
    let batch = Batch::new("campaign").job(greet("Ada")).on(&client).enqueue().await.expect("stored");
    fake.world().flows.inserts.clear();
    let inner = Batch::new("inner").jobs(mails(6_000));
    let added = batch.attach().jobs(mails(5_500)).job(greet("Zoe")).batch(inner).await.expect("attached");
    assert_eq!(added, 11_501);
    let (calls_made, inner, sealed, members) = {
        let world = fake.world();
        let flows = &world.flows.inserts;
        let members = flows[0].jobs.iter().all(|job| job.batch == Some(batch.id()));
        (calls(flows), flows[1].batches[0].clone(), world.flows.sealed.clone(), members)
    };
    assert_eq!(calls_made, [(0, 5_000), (1, 4_999), (0, 1_502)]);
    assert_eq!((inner.parent, inner.sealed), (Some(batch.id()), false));
    assert_eq!(sealed, [inner.id]);
    assert!(members);

    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
    let mut tx = connection.begin().await.expect("a transaction");
    assert_eq!(
        client.batch(batch.id()).attach().flow(greet("a").then(greet("b"))).within(&mut tx).await.expect("attached"),
        2
    );
    assert_eq!(calls(&fake.world().flows.within), [(0, 2)]);
}

#[tokio::test]
async fn a_handle_reads_where_its_batch_stands() {
    let (fake, client) = Fake::open();
    let batch = Batch::new("campaign").jobs(mails(4)).on(&client).enqueue().await.expect("stored");
    assert_eq!(batch.state().await.expect("read"), BatchState::Started);
    let jobs = batch.jobs(None, 3).await.expect("a page");
    assert_eq!(batch.jobs(Some(jobs[2]), 3).await.expect("a page").len(), 1);
    fake.succeed(jobs[0], "done");
    assert_eq!(batch.progress().await.expect("read"), 0.25);
    let waiting = tokio::spawn({
        let batch = batch.clone();
        async move { batch.wait().await }
    });
    for id in &jobs[1..] {
        fake.succeed(*id, "done");
    }
    let last = batch.jobs(Some(jobs[2]), 1).await.expect("a page")[0];
    fake.end(last, State::Failed, None, Some("bounced"));
    fake.hub().jobs_ended();
    assert_eq!(waiting.await.expect("no panic").expect("read"), BatchState::Completed);
    let counts = batch.counts().await.expect("read");
    assert_eq!((counts.total, counts.succeeded, counts.failed), (4, 3, 1));
    assert_eq!(batch.record().await.expect("read").description, "campaign");

    let nobody = client.batch(BatchId::new());
    assert!(matches!(nobody.record().await, Err(Error::NoBatch(id)) if id == nobody.id()));
    assert!(matches!(nobody.wait().await, Err(Error::NoBatch(_))));
    assert!(matches!(nobody.cancel().await, Err(Error::NoBatch(_))));
}

#[tokio::test]
async fn a_batch_is_cancelled_with_a_reason() {
    let (fake, client) = Fake::open();
    let batch = Batch::new("campaign").jobs(mails(2)).on(&client).enqueue().await.expect("stored");
    assert!(batch.cancel().reason("wrong footer").await.expect("cancelled"));
    assert!(!batch.cancel().await.expect("cancelled before"));
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
    let mut tx = connection.begin().await.expect("a transaction");
    assert!(!batch.cancel().reason("again").within(&mut tx).await.expect("cancelled before"));
    let world = fake.world();
    let reasons = world.flows.cancels.iter().map(|(_, reason)| reason.as_str()).collect::<Vec<_>>();
    assert_eq!(reasons, ["wrong footer", "", "again"]);
    assert_eq!(world.within, ["batch_cancel"]);
}

#[tokio::test]
async fn outputs_are_read_page_by_page_and_only_of_what_succeeded() {
    let (fake, client) = Fake::open();
    let batch = client.batch(BatchId::new());
    let member = |n: usize| MemberOutput {
        job: JobId::new(),
        state: if n.is_multiple_of(2) { State::Succeeded } else { State::Failed },
        output: Some(output(&n.to_string())),
    };
    fake.world().flows.outputs = (0..1_200).map(member).collect();
    let mut outputs = batch.outputs::<String>();
    let (job, first) = outputs.next().await.expect("read").expect("an output");
    assert_eq!((job, first.as_str()), (fake.world().flows.outputs[0].job, "0"));
    assert_eq!(fake.world().flows.pages, [500], "no page before it is needed");
    let rest = outputs.collect().await.expect("read");
    assert_eq!((rest.len(), rest[0].1.as_str(), rest[598].1.as_str()), (599, "2", "1198"));
    assert_eq!(fake.world().flows.pages, [500, 500, 200]);
}

#[tokio::test]
async fn an_output_of_another_layout_is_an_error_and_the_next_is_read() {
    let (fake, client) = Fake::open();
    let batch = client.batch(BatchId::new());
    let member = |output| MemberOutput { job: JobId::new(), state: State::Succeeded, output };
    fake.world().flows.outputs = vec![member(None), member(Some(output("Ada")))];
    let mut outputs = batch.outputs::<String>();
    let error = outputs.next().await.expect_err("nothing was returned");
    let job = fake.world().flows.outputs[0].job;
    assert!(matches!(&error, Error::Decode { what, .. } if what.contains(&job.to_string())), "{error}");
    assert_eq!(outputs.next().await.expect("read").expect("an output").1, "Ada");
    assert!(outputs.next().await.expect("read").is_none());
    let mut numbers = batch.outputs::<u64>();
    assert!(numbers.next().await.is_err());
    let error = numbers.next().await.expect_err("it is a text");
    let source = std::error::Error::source(&error).expect("a cause").to_string();
    assert!(source.contains("`JobRef::record`"), "{source}");
    numbers.next().await.expect("read");
}

#[tokio::test]
async fn batches_are_listed_by_a_filter() {
    let (fake, client) = Fake::open();
    let (around, last) = (BatchId::new(), BatchId::new());
    let filter = BatchFilter::new().state(BatchState::Started).parent(around).before(last).limit(7);
    client.batches(filter).await.expect("a list");
    client.batches(BatchFilter::new()).await.expect("a list");
    let world = fake.world();
    let [first, second] = world.flows.filters.as_slice() else { panic!("two lists were read") };
    assert_eq!((first.state, first.parent, first.before), (Some(BatchState::Started), Some(around), Some(last)));
    assert_eq!((first.limit, second.limit), (7, 50));
}
