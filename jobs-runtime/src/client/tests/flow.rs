//! What flows written as one expression store, what their handles are, and how they are shown.

use sqlx::Connection;

use super::fake::{
    Count, Fake, Greet,
    flows::{Alert, Shout, Tally},
    greet,
};
use crate::{
    Batch, BatchId, BatchRef, Enqueue, Error, FlowHandle, IntoFlow, JobHandle, JobId, State,
    flow::{BatchState, Condition, NodeId, Rule},
    join,
    storage::NewFlow,
};

/// What each job waits for, by its place in the call.
fn waits(flow: &NewFlow) -> Vec<(Rule, Vec<(usize, Condition)>)> {
    let place = |node: NodeId| {
        let job = flow.jobs.iter().position(|job| NodeId::Job(job.id) == node);
        job.or_else(|| flow.batches.iter().position(|batch| NodeId::Batch(batch.id) == node)).expect("a step")
    };
    let waits = |job: &crate::storage::NewJob| {
        let waits = job.waits.clone().unwrap_or_default();
        (waits.rule, waits.parents.into_iter().map(|(parent, condition)| (place(parent), condition)).collect())
    };
    flow.jobs.iter().map(waits).collect()
}

const OK: Condition = Condition::Success;
const FAILED: Condition = Condition::Failure;
const ENDED: Condition = Condition::Finished;

#[tokio::test]
async fn a_diamond_is_one_expression_and_one_call() {
    let (fake, client) = Fake::open();
    let flow = greet("fetch").then(join((greet("left"), Shout))).then(Tally);
    let merged: FlowHandle<JobHandle<u64>> = flow.on(&client).enqueue().await.expect("stored");
    let world = fake.world();
    let [flow] = world.flows.inserts.as_slice() else { panic!("one call was due") };
    let all = |parents: &[usize]| (Rule::All, parents.iter().map(|parent| (*parent, OK)).collect::<Vec<_>>());
    assert_eq!(waits(flow), [all(&[]), all(&[0]), all(&[0]), all(&[1, 2])]);
    assert_eq!(merged.id(), flow.jobs[3].id);
    assert_eq!(merged.nodes(), flow.jobs.iter().map(|job| NodeId::from(job.id)).collect::<Vec<_>>());
    assert!(merged.is_new());
}

#[tokio::test]
async fn branches_catch_every_step_and_the_end_waits_for_all() {
    let (fake, client) = Fake::open();
    let flow = greet("a").then(greet("b")).on_failure(Alert).then(greet("c")).finally(greet("tidy up"));
    flow.on(&client).enqueue().await.expect("stored");
    let expected = [
        (Rule::All, vec![]),
        (Rule::All, vec![(0, OK)]),
        (Rule::Any, vec![(0, FAILED), (1, FAILED)]),
        (Rule::All, vec![(1, OK)]),
        (Rule::All, vec![(3, ENDED), (2, ENDED)]),
    ];
    assert_eq!(waits(&fake.world().flows.inserts[0]), expected);

    let flow = greet("a").on_failure(Alert.then(greet("told"))).then_on_deleted(greet("b"));
    flow.on(&client).enqueue().await.expect("stored");
    let expected = [
        (Rule::All, vec![]),
        (Rule::All, vec![(0, FAILED)]),
        (Rule::All, vec![(1, OK)]),
        (Rule::All, vec![(0, Condition::Deleted)]),
    ];
    assert_eq!(waits(&fake.world().flows.inserts[1]), expected);
}

#[tokio::test]
async fn each_kind_of_end_has_its_handle() {
    let (fake, client) = Fake::open();
    let pair = greet("a").then(join((Shout, Count.then(greet("b")))));
    let (shout, greeting): (JobHandle<String>, JobHandle<String>) =
        pair.on(&client).enqueue().await.expect("stored").into_last();
    assert_eq!(
        (fake.job(shout.id()).kind.as_str(), fake.job(greeting.id()).kind.as_str()),
        ("tests::shout", "tests::greet")
    );
    let many =
        join((0..3).map(|n| greet(&n.to_string())).collect::<Vec<_>>()).on(&client).enqueue().await.expect("stored");
    let many: &Vec<JobHandle<String>> = many.last();
    assert_eq!(many.len(), 3);
    let array = join([greet("a"), greet("b")]).then(Tally).on(&client).enqueue().await.expect("stored");
    assert_eq!(array.nodes().len(), 3);
    let batch = greet("a").then(Batch::new("campaign").job(greet("b"))).on(&client).enqueue().await.expect("stored");
    let batch: &BatchRef = batch.last();
    assert_eq!(batch.state().await.expect("read"), BatchState::Awaiting);
    let nested =
        join((join((greet("a"), greet("b"))), greet("c"))).then(Tally).on(&client).enqueue().await.expect("stored");
    assert_eq!(waits(fake.world().flows.inserts.last().expect("a call"))[3].1, [(0, OK), (1, OK), (2, OK)]);
    let follower = Enqueue::new(greet("z")).on(&client).after(&nested).await.expect("stored");
    assert_eq!(follower.state().await.expect("read"), State::Awaiting);
}

#[tokio::test]
async fn a_step_may_have_options_and_parents_of_its_own() {
    let (fake, client) = Fake::open();
    let earlier = Enqueue::new(greet("earlier")).on(&client).await.expect("stored");
    let step = Enqueue::needing(Tally).after(&earlier).queue("low").delay("1h");
    let last = greet("a").then(step).on(&client).enqueue().await.expect("stored");
    let world = fake.world();
    let stored = &world.flows.inserts[0].jobs[1];
    assert_eq!(&*stored.queue, "low");
    let first = world.flows.inserts[0].jobs[0].id;
    let waits = stored.waits.clone().expect("it waits");
    assert_eq!(waits.parents, [(earlier.id().into(), OK), (first.into(), OK)]);
    assert_eq!(stored.id, last.id());
}

#[tokio::test]
async fn a_step_that_was_there_before_is_told() {
    let (_, client) = Fake::open();
    let flow = || greet("a").then(Enqueue::needing(Shout).key("once")).on(&client);
    assert!(flow().enqueue().await.expect("stored").is_new());
    assert!(!flow().enqueue().await.expect("stored").is_new());
}

#[tokio::test]
async fn the_client_is_that_of_the_first_step_that_has_one() {
    let (fake, client) = Fake::open();
    assert!(matches!(greet("a").then(Shout).enqueue().await, Err(Error::NoClient)));
    Enqueue::new(greet("a")).on(&client).then(Shout).enqueue().await.expect("stored");
    greet("a").then(Enqueue::needing(Shout).on(&client)).enqueue().await.expect("stored");
    join((greet("a"), Enqueue::new(greet("b")).on(&client))).enqueue().await.expect("stored");
    client.scope(async { greet("a").then(Shout).enqueue().await }).await.expect("stored");
    assert_eq!(fake.world().flows.inserts.len(), 3);
}

#[tokio::test]
async fn a_flow_can_be_stored_within_the_callers_transaction() {
    let (fake, client) = Fake::open();
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
    let mut tx = connection.begin().await.expect("a transaction");
    greet("a").then(Shout).on(&client).within(&mut tx).enqueue().await.expect("stored");
    assert_eq!(fake.world().flows.within[0].jobs.len(), 2);
    assert!(fake.world().flows.inserts.is_empty());
}

#[tokio::test]
async fn a_flow_without_a_batch_is_never_parted() {
    let (fake, client) = Fake::open();
    join((0..6_000).map(|n| greet(&n.to_string())).collect::<Vec<_>>()).on(&client).enqueue().await.expect("stored");
    assert_eq!(fake.world().inserts, [6_000], "all or nothing");
}

#[tokio::test]
async fn what_is_wrong_with_a_flow_is_said_and_nothing_is_stored() {
    let (fake, client) = Fake::open();
    let many = || join((0..1_001).map(|n| greet(&n.to_string())).collect::<Vec<_>>());
    let first = Enqueue::new(greet("x")).after_any([JobId::new()]);
    let wrong = [
        (join(Vec::<Greet>::new()).then(greet("a")), "`join` of a flow: it joins nothing"),
        (many().then(greet("a")), "names 1001 parents, and 1000 are the most; put what is waited for into a batch"),
        (greet("a").then(first), "a `tests::greet` job: `then`: it is either the first of several parents"),
        (greet("a").then(Enqueue::new(greet("b")).attempts(0)), "a `tests::greet` job: `attempts`: "),
    ];
    for (flow, text) in wrong.map(|(flow, text)| (flow.then(greet("end")), text)) {
        let error = flow.on(&client).enqueue().await.expect_err(text);
        assert!(matches!(&error, Error::Config(found) if found.contains(text)), "{text}: {error}");
    }
    assert!(fake.world().flows.inserts.is_empty());
}

#[tokio::test]
async fn a_flow_is_shown_before_it_is_stored() {
    let outside = JobId::from_bytes([0; 16]);
    let batch =
        Batch::new("spring").jobs((0..3).map(|n| greet(&n.to_string()))).job(Count).after(outside).on_finished();
    let flow = batch.then(join((greet("a"), Count))).then(greet("b")).then_on_failure(Alert);
    assert_eq!(
        flow.to_text(),
        "1. job 00000000-0000-0000-0000-000000000000\n\
         2. batch \"spring\", after 1 (finished)\n   \
            3. 3 more\n   \
            4. job tests::count\n\
         5. job tests::greet, after 2\n\
         6. job tests::count, after 2\n\
         7. job tests::greet, after 5 and 6\n\
         8. job tests::alert, after the first of 2 (failure), 5 (failure), 6 (failure), 7 (failure)\n"
    );
    let mermaid = flow.to_mermaid();
    for line in [
        "flowchart TD",
        "    subgraph n2[\"batch #34;spring#34;\"]",
        "        n3[\"3 more\"]",
        "    n1 -->|finished| n2",
        "    n5 --> n7",
        "    n7 -->|first failure| n8",
    ] {
        assert!(mermaid.lines().any(|found| found == line), "{line} in {mermaid}");
    }
}

#[tokio::test]
async fn a_stored_flow_is_shown_with_its_states() {
    let (fake, client) = Fake::open();
    let batch =
        Batch::new("campaign").job(greet("a")).then(greet("report")).on(&client).enqueue().await.expect("stored");
    let member = batch.jobs(None, 1).await.expect("a page")[0];
    let [NodeId::Job(report)] = batch.continuations() else { panic!("one continuation was due") };
    fake.edge(batch.id(), *report);
    fake.edge(member, *report);
    fake.succeed(member, "done");
    let view = client.flow(report).await.expect("read");
    assert!(view.is_whole());
    assert_eq!(
        view.to_text(),
        "1. batch \"campaign\": succeeded, 1 of 1 ended\n   \
            2. job tests::greet: succeeded\n\
         3. job tests::greet: awaiting, after 1, 2\n"
    );
    assert_eq!(view.to_mermaid().lines().count(), 7);
    assert_eq!(view.nodes(), [NodeId::from(batch.id()), member.into(), (*report).into()]);
    let gone = (JobId::new(), BatchId::new());
    assert!(matches!(client.flow(gone.0).await, Err(Error::NoJob(id)) if id == gone.0));
    assert!(matches!(client.flow(gone.1).await, Err(Error::NoBatch(id)) if id == gone.1));
}

#[tokio::test]
async fn a_stored_flow_is_shown_in_the_order_in_which_it_runs() {
    let (fake, client) = Fake::open();
    // Each is made before what it waits for.
    let last = Enqueue::new(greet("last")).on(&client).await.expect("stored");
    let batch = Batch::new("campaign").job(greet("a")).on(&client).enqueue().await.expect("stored");
    let member = batch.jobs(None, 1).await.expect("a page")[0];
    let inner = Enqueue::new(greet("inner")).on(&client).await.expect("stored");
    let first = Enqueue::new(greet("first")).on(&client).await.expect("stored");
    for (parent, child) in [(batch.id().into(), last.id()), (inner.id().into(), member), (first.id().into(), last.id())]
    {
        let parent: NodeId = parent;
        fake.edge(parent, child);
    }
    fake.edge(first.id(), inner.id());
    let view = client.flow(&last).await.expect("read");
    let nodes: [NodeId; 5] = [first.id().into(), inner.id().into(), batch.id().into(), member.into(), last.id().into()];
    assert_eq!(view.nodes(), nodes, "{}", view.to_text());
    assert!(view.to_text().ends_with("5. job tests::greet: enqueued, after 1, 3\n"), "{}", view.to_text());
}

#[tokio::test]
async fn a_large_stored_flow_is_shown_in_part() {
    let (fake, client) = Fake::open();
    let first = Enqueue::new(greet("a")).on(&client).await.expect("stored");
    let children = client.enqueue_all((0..300).map(|n| greet(&n.to_string()))).await.expect("stored");
    for child in &children {
        fake.edge(first.id(), child.id());
    }
    let removed = JobId::new();
    fake.edge(removed, first.id());
    let view = client.flow(&first).await.expect("read");
    assert_eq!((view.nodes().len(), view.is_whole()), (200, false));
    assert!(view.to_text().ends_with("and more\n"));
    let view = client.flow(children[299].id()).await.expect("read");
    assert_eq!(view.nodes().len(), 200);
}
