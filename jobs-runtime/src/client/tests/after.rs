//! What a job with parents stores, and what it refuses.

use sqlx::Connection;

use super::fake::{
    Fake,
    flows::{Alert, Shout, Tally},
    greet,
};
use crate::{
    BatchId, Client, Enqueue, Error, JobHandle, JobId, State,
    flow::{Condition, NodeId, Rule},
    storage::Waits,
};

async fn parent(client: &Client, name: &str) -> JobHandle<String> {
    Enqueue::new(greet(name)).on(client).await.expect("stored")
}

fn waits(rule: Rule, parents: &[(NodeId, Condition)]) -> Option<Waits> {
    Some(Waits { rule, parents: parents.to_vec() })
}

impl Fake {
    fn last_waits(&self) -> Option<Waits> {
        let world = self.world();
        let flow = world.flows.inserts.last().expect("a call with parents");
        assert!(flow.batches.is_empty() && flow.jobs.len() == 1);
        flow.jobs[0].waits.clone()
    }
}

#[tokio::test]
async fn each_form_of_a_parent_is_stored() {
    let (fake, client) = Fake::open();
    let (a, b) = (parent(&client, "Ada").await, parent(&client, "Bob").await);
    let (first, second) = (NodeId::from(a.id()), NodeId::from(b.id()));
    let batch = BatchId::new();
    assert!(fake.world().flows.inserts.is_empty(), "nothing waits yet");

    let job = Enqueue::needing(Shout).on(&client).after(&a).await.expect("stored");
    assert_eq!(job.state().await.expect("read"), State::Awaiting);
    assert_eq!(fake.last_waits(), waits(Rule::All, &[(first, Condition::Success)]));

    Enqueue::needing(Shout).on(&client).after(a.id()).await.expect("stored");
    assert_eq!(fake.last_waits(), waits(Rule::All, &[(first, Condition::Success)]));
    Enqueue::needing(Shout).on(&client).after(client.job(b.id())).await.expect("stored");
    assert_eq!(fake.last_waits(), waits(Rule::All, &[(second, Condition::Success)]));

    let all = Enqueue::needing(Tally).on(&client).after_all([&b, &a]).await.expect("stored");
    assert_eq!(fake.last_waits(), waits(Rule::All, &[(second, Condition::Success), (first, Condition::Success)]));
    Enqueue::needing(Tally).on(&client).after(&a).after(&b).await.expect("stored");
    assert_eq!(fake.last_waits(), waits(Rule::All, &[(first, Condition::Success), (second, Condition::Success)]));
    Enqueue::needing(Shout).on(&client).after_any([&a, &b]).await.expect("stored");
    assert_eq!(fake.last_waits(), waits(Rule::Any, &[(first, Condition::Success), (second, Condition::Success)]));

    Enqueue::needing(Alert).on(&client).after(&all).await.expect("stored");
    assert_eq!(fake.last_waits(), waits(Rule::All, &[(all.id().into(), Condition::Failure)]));
    let branch = Enqueue::new(greet("Eve")).on(&client).after(batch).on_completed().after(&a).on_finished();
    branch.await.expect("stored");
    let branch = [(batch.into(), Condition::Failure), (first, Condition::Finished)];
    assert_eq!(fake.last_waits(), waits(Rule::All, &branch));
    Enqueue::new(greet("Eve")).on(&client).after(client.batch(batch)).on_deleted().await.expect("stored");
    assert_eq!(fake.last_waits(), waits(Rule::All, &[(batch.into(), Condition::Deleted)]));
}

#[tokio::test]
async fn options_hold_for_what_waits_too() {
    let (fake, client) = Fake::open();
    let a = parent(&client, "Ada").await;
    let job = Enqueue::needing(Shout).on(&client).queue("low").delay("1h").key("once").after(&a).attempts(2);
    let job = job.tag("late").await.expect("stored");
    let stored = fake.job(job.id());
    assert_eq!((stored.queue.as_str(), stored.max_attempts, stored.tags), ("low", 2, vec!["late".to_owned()]));
    assert_eq!(stored.due_at, super::fake::NOW + std::time::Duration::from_secs(3600));
    let again = Enqueue::needing(Shout).on(&client).key("once").after(&a).await.expect("known");
    assert!(job.is_new() && !again.is_new() && again.id() == job.id());
}

#[tokio::test]
async fn what_is_wrong_with_parents_is_reported_with_the_other_options() {
    let (fake, client) = Fake::open();
    let a = parent(&client, "Ada").await;
    let greeting = || Enqueue::new(greet("Eve")).on(&client);
    let none = Vec::<JobId>::new();
    let wrong = [
        (greeting().on_failure(), "`on_failure`: it is said of the parents that were named last"),
        (greeting().after_all(none.clone()), "`after_all`: it names no parent"),
        (greeting().after_any(none), "`after_any`: it names no parent"),
        (greeting().after_any([&a]).after(&a), "`after`: it is either the first of several parents"),
        (greeting().after(&a).after_any([&a]), "`after_any`: it is either the first of several parents"),
        (
            greeting().after(&a).on_success().after(&a).on_failure(),
            "is named twice, and must end with success and with failure",
        ),
        (greeting().after_all((0..1_001).map(|_| JobId::new())), "names 1001 parents, and 1000 are the most; put"),
    ];
    for (enqueue, text) in wrong {
        let error = enqueue.attempts(0).await.expect_err(text);
        assert!(matches!(&error, Error::Config(found) if found.contains(text)), "{text}: {error}");
        assert!(error.to_string().contains("`attempts`"), "{error}");
    }
    for caught in [Enqueue::needing(Alert).after(&a).on_success(), Enqueue::needing(Alert).after(&a).on_finished()] {
        let error = caught.on(&client).await.expect_err("there is no error to take");
        assert!(error.to_string().contains("`#[parent_error]`"), "{error}");
        assert!(error.to_string().contains("tests::alert"), "{error}");
    }
    assert!(fake.world().flows.inserts.is_empty());
}

#[tokio::test]
async fn a_continuation_can_be_stored_within_the_callers_transaction() {
    let (fake, client) = Fake::open();
    let a = parent(&client, "Ada").await;
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
    let mut tx = connection.begin().await.expect("a transaction");
    Enqueue::needing(Shout).on(&client).within(&mut tx).after(&a).await.expect("stored");
    assert!(fake.world().flows.inserts.is_empty());
    let world = fake.world();
    let [flow] = world.flows.within.as_slice() else { panic!("one call was due") };
    assert!(flow.jobs[0].waits.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_continuation_whose_answer_was_lost_is_sent_again() {
    let (fake, client) = Fake::open();
    let a = parent(&client, "Ada").await;
    fake.world().lost = (1, 1);
    let job = Enqueue::needing(Shout).on(&client).after(&a).await.expect("stored");
    assert!(job.is_new(), "nobody else has its id");
    assert_eq!(fake.world().jobs.len(), 2);
}
