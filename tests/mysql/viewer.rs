//! Reads for people who look on are given up before they are in anybody's way.

use jobs::{Client, Error, State, prelude::job};
use sqlx::Executor;

use crate::Database;

#[job]
async fn greet() {}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let Some(database) = Database::new() else { return };
    let client = Client::connect(&database.url()).await.unwrap();
    let viewer = client.viewer();
    let job = greet::enqueue().on(&client).await.unwrap();
    let mut connection = database.connect().await.unwrap();
    connection.execute("LOCK TABLES jobs_job WRITE").await.unwrap();
    let error = viewer.job(job.id()).state().await.unwrap_err();
    assert!(matches!(error, Error::Slow { .. }), "{error:?}");
    connection.execute("UNLOCK TABLES").await.unwrap();
    assert_eq!(viewer.job(job.id()).state().await.unwrap(), State::Enqueued, "its connections go on");
    assert_eq!((viewer.views(), client.views()), (2, 0));
}
