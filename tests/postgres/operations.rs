//! Operations beside transactions that hold rows.

use jobs::{Actor, OperationState, Via, prelude::*};
use sqlx::Connection;

use crate::{Schema, common::until};

#[job]
async fn greet() {}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_moved_while_an_operation_waits_for_it_is_left_alone() {
    let Some(schema) = Schema::new() else { return };
    let client = schema.client().await;
    let job = greet::enqueue().queue("old").on(&client).await.unwrap();
    let mut connection = schema.connection().await;
    let mut tx = connection.begin().await.unwrap();
    assert!(client.job(job.id()).move_to("new").within(&mut tx).await.unwrap());

    let id = client.by(Actor::new("ann", Via::Code)).clear_queue("old").await.unwrap();
    let name = format!("{}_step", schema.name);
    let stepping = schema.client_named(&name).await;
    let server = stepping.server().queues(["nobody's"]).start().await.unwrap();
    let waiting =
        format!("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '{name}'");
    until("the operation to wait for the job", || async { (schema.ask(&waiting).await > 0).then_some(()) }).await;
    tx.commit().await.unwrap();

    let record = until("the end of the operation", || async {
        let record = client.operation(id).await.unwrap();
        (record.state != OperationState::Running).then_some(record)
    })
    .await;
    assert_eq!((record.state, record.done), (OperationState::Done, 0), "{record:?}");
    let job = job.record().await.unwrap();
    assert_eq!((job.state, job.queue.as_str()), (State::Enqueued, "new"));
    server.stop().await;
}
