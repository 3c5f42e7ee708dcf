//! Recurring jobs made at run time.

use jiff::Timestamp;

use super::fake::{Fake, greet};
use crate::{Error, State, storage::Owner};

#[tokio::test]
async fn upsert_stores_the_definition_and_its_next_occurrence() {
    let (_, client) = Fake::open();
    let digest = client.recurring("digest:42").cron("0 8 * * MON").tz("Europe/Berlin").queue("low").attempts(2);
    digest.upsert(greet("Ada")).await.expect("stored");
    let stored = client.recurring("digest:42").get().await.expect("stored");
    // The storage's clock stands at 2027-01-15T08:00:00Z, a Friday.
    let monday: Timestamp = "2027-01-18T07:00:00Z".parse().expect("a literal");
    assert_eq!(stored.next_at, Some(monday));
    assert_eq!((stored.spec.owner, &*stored.spec.template.queue), (Owner::Runtime, "low"));
    assert_eq!(stored.spec.template.max_attempts, 2);
    assert_eq!(client.recurring_jobs().await.expect("a list").len(), 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_definition_is_said_and_nothing_is_stored() {
    let (fake, client) = Fake::open();
    let wrong = [
        (client.recurring("x"), "no expression"),
        (client.recurring("x").cron("0 8 * *"), "`cron`"),
        (client.recurring("x").cron("0 8 * * *").tz("Europe/Atlantis"), "`tz`"),
        (client.recurring("x").cron("0 8 * * *").attempts(0), "`attempts`"),
        (client.recurring("").cron("0 8 * * *"), "`id`"),
    ];
    for (definition, word) in wrong {
        let error = definition.upsert(greet("Ada")).await.expect_err(word);
        assert!(matches!(&error, Error::Config(text) if text.contains(word)), "{word}: {error}");
    }
    assert!(fake.world().recurring.is_empty());
}

#[tokio::test]
async fn a_definition_of_the_code_is_not_taken_over() {
    let (fake, client) = Fake::open();
    client.recurring("nightly").cron("0 3 * * *").upsert(greet("Ada")).await.expect("stored");
    if let Some(stored) = fake.world().recurring.get_mut("nightly") {
        stored.spec.owner = Owner::Code;
    }
    let refused = client.recurring("nightly").cron("0 4 * * *").upsert(greet("Eve")).await.expect_err("the code's");
    assert!(refused.to_string().contains("#[recurring]"), "{refused}");
}

#[tokio::test]
async fn trigger_makes_a_job_beside_the_schedule() {
    let (fake, client) = Fake::open();
    client.recurring("nightly").cron("0 3 * * *").upsert(greet("Ada")).await.expect("stored");
    let job = client.recurring("nightly").trigger().await.expect("made");
    let stored = fake.job(job.id());
    assert_eq!((stored.state, stored.kind.as_str()), (State::Enqueued, "tests::greet"));
    assert_eq!(stored.recurring.map(|(id, _)| id).as_deref(), Some("nightly"));
    assert!(client.recurring("nightly").remove().await.expect("removed"));
    assert!(!client.recurring("nightly").remove().await.expect("gone"));
    assert!(matches!(client.recurring("nightly").trigger().await, Err(Error::NoRecurring(id)) if id == "nightly"));
}
