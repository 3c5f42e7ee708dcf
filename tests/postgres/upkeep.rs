//! What a busy queue leaves behind.

use jobs::prelude::*;

use crate::{
    Schema,
    common::{assert_sound, until, until_count},
};

#[job]
async fn nothing() {}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_claims_leave_behind_is_cleared_away_before_the_server_would() {
    let Some(schema) = Schema::new() else { return };
    schema.client().await;
    // The server's own vacuum must not be what is seen.
    schema.execute("ALTER TABLE {schema}.ready SET (autovacuum_enabled = off)").await;
    let client = schema.client().await;
    client.enqueue_all((0..21_000).map(|_| nothing::new())).await.unwrap();
    let server = client.server().workers(64).start().await.unwrap();
    until_count(&client, State::Succeeded, 21_000).await;
    let vacuumed = "SELECT count(*) FROM pg_stat_user_tables \
                    WHERE schemaname = '{schema}' AND relname = 'ready' AND vacuum_count > 0";
    until("a vacuum", || async { (schema.ask(vacuumed).await == 1).then_some(()) }).await;
    server.stop().await;
    assert_sound(&client).await;
}
