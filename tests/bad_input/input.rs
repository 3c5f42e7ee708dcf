//! Names and options that are wrong, or only look dangerous.

use std::time::Duration;

use jobs::{Error, JobFilter, prelude::*};

use crate::{
    Lent, assert_says,
    common::{Database, assert_sound, until_count},
    told,
};

#[job]
async fn nothing() {}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_data_and_never_statements() {
    let queues = ["'; DROP TABLE jobs_job; --", "\u{1f600}\u{202e}\u{301}", "%_\\?1$1{}", " a b ", &"ü".repeat(100)];
    let database = Database::new();
    let client = database.client().await;
    for queue in queues {
        nothing::enqueue().queue(queue).tag(queue).meta(queue, queue).on(&client).await.unwrap();
        let found = client.jobs(JobFilter::new(State::Enqueued).queue(queue)).await.unwrap().jobs;
        assert_eq!(found.len(), 1, "{queue}");
        assert_eq!((found[0].queue.as_str(), found[0].tags.as_slice()), (queue, [queue.to_owned()].as_slice()));
    }
    let server = Lent::new().to(&client).queues(queues).start().await.unwrap();
    until_count(&client, State::Succeeded, queues.len() as i64).await;
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn names_that_nobody_could_read_are_refused() {
    let database = Database::new();
    let client = database.client().await;
    for (queue, said) in [
        ("x".repeat(101).as_str(), "100 characters, and this one has 101"),
        ("", "must not be empty"),
        ("  ", "must not be empty"),
        ("a\nb", "`a\\nb` has a control character"),
        ("nul\0", "`nul\\0` has a control character"),
        ("\u{1b}[31m", "has a control character"),
    ] {
        let error = nothing::enqueue().queue(queue).on(&client).await.unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{error:?}");
        assert_says(&told(&error), &["`bad_input::input::nothing`", "`queue`", said]);
        assert!(nothing::enqueue().tag(queue).on(&client).await.is_err());
        assert!(nothing::enqueue().meta(queue, "value").on(&client).await.is_err());
    }
    assert_eq!(client.totals().await.unwrap(), [], "nothing was stored");
}

#[tokio::test]
async fn every_bad_option_is_named_at_once() {
    let database = Database::new();
    let client = database.client().await;
    let job = nothing::enqueue().delay("soon").attempts(0).timeout(Duration::ZERO).queue("").expires("-5m");
    let text = told(&job.on(&client).await.unwrap_err());
    assert_says(&text, &["`delay`", "`soon`", "`attempts`", "`timeout`", "`queue`", "`expires`"]);
    let text = told(&nothing::enqueue().at("2026-13-01T00:00:00Z").on(&client).await.unwrap_err());
    assert_says(&text, &["`at`", "2026-13-01"]);
    let large = nothing::enqueue().meta("note", "x".repeat(20_000)).on(&client).await.unwrap_err();
    assert!(matches!(large, Error::TooLarge { .. }), "{large:?}");
    assert_eq!(client.totals().await.unwrap(), []);
}
