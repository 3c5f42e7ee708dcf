//! Reads for people who look on are given up before they are in anybody's way.

use jobs::{Error, prelude::*};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::Schema;

#[job]
async fn greet() {}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let Some(schema) = Schema::new() else { return };
    let client = schema.client().await;
    for url in [schema.url(), schema.url_with("&notify=off")] {
        let viewer = Client::connect(&url).await.unwrap().viewer();
        let job = greet::enqueue().on(&client).await.unwrap();
        let mut connection = schema.connection().await;
        let mut tx = connection.begin().await.unwrap();
        let lock = format!("LOCK TABLE \"{}\".job IN ACCESS EXCLUSIVE MODE", schema.name);
        tx.execute(AssertSqlSafe(lock)).await.unwrap();
        let error = viewer.job(job.id()).state().await.unwrap_err();
        assert!(matches!(error, Error::Slow { .. }), "{error:?}");
        tx.rollback().await.unwrap();
        assert_eq!(viewer.job(job.id()).state().await.unwrap(), State::Enqueued, "its connections go on");
        assert_eq!((viewer.views(), client.views()), (2, 0));
    }
}
