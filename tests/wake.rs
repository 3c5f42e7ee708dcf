//! A server hears of jobs that others store in its file, without waiting for its poll.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{Database, until};
use jobs::prelude::*;

/// So long that a test which needs the poll, or any other periodic look, runs out of patience.
const NEVER: Duration = Duration::from_secs(3_600);

#[job]
async fn greet() {}

#[tokio::test]
async fn a_job_stored_by_another_connection_to_the_file_starts_without_the_poll() {
    let database = Database::new();
    // Two clients share nothing but the file, as two processes would.
    let (storing, serving) = (database.client().await, database.client().await);
    let server = serving.server().poll(NEVER).lease(3 * NEVER).beat(NEVER).sweep(NEVER).start().await.unwrap();
    // One after the other, so that the server is idle each time.
    for number in 0..20 {
        let job = greet::enqueue().on(&storing).await.unwrap();
        until(&format!("job {number} to run"), || async {
            (job.state().await.unwrap() == State::Succeeded).then_some(())
        })
        .await;
    }
    server.stop().await;
}
