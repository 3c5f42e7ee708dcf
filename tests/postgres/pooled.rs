//! `notify=off`: what a pooler that gives each transaction another connection allows.

use jobs::prelude::*;
use sqlx::Connection;

use crate::{
    Schema,
    common::{assert_sound, until_count},
};

#[job]
async fn greet(_number: u32) {}

#[tokio::test]
async fn jobs_run_without_notifications_and_without_anything_that_a_session_keeps() {
    let Some(schema) = Schema::new() else { return };
    let name = format!("pooled_{}", schema.name);
    let client = Client::connect(&schema.url_with(&format!("&application_name={name}&notify=off"))).await.unwrap();
    let server = client.server().start().await.unwrap();
    client.enqueue_all((0..200).map(greet::new)).await.unwrap();
    let mut connection = schema.connection().await;
    let mut transaction = connection.begin().await.unwrap();
    greet::enqueue(200).on(&client).within(&mut transaction).await.unwrap();
    transaction.commit().await.unwrap();
    until_count(&client, State::Succeeded, 201).await;
    let listening = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}' AND (query LIKE 'LISTEN%' OR query LIKE '%notify%')"
    );
    assert_eq!(schema.ask(&listening).await, 0, "nobody listens, and nobody is told");
    server.stop().await;
    assert_sound(&client).await;
    assert_eq!(kept(&mut connection).await, 0, "the application's session keeps no statement of ours");
}

/// How many statements of ours the session keeps prepared.
async fn kept(connection: &mut sqlx::PgConnection) -> i64 {
    let kept =
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%total_delta%' OR statement LIKE '%.job %'";
    sqlx::query_scalar(kept).persistent(false).fetch_one(connection).await.unwrap()
}
