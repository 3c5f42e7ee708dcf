//! Flows: races between servers, isolation levels of the application's transactions, and tables of an older program.

use std::time::Duration;

use jobs_runtime::storage::{self, Settings, SharedStorage};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction, postgres::PgPoolOptions};

use crate::{
    Schema,
    flow_races::{self, Application, Ending, Server, assert_sound},
};

async fn open(schema: &Schema) -> SharedStorage {
    storage::open(&schema.url(), Settings::default()).await.unwrap()
}

async fn servers<const N: usize>(schema: &Schema) -> [Server; N] {
    let mut servers = Vec::new();
    for _ in 0..N {
        servers.push(Server::new(open(schema).await).await);
    }
    servers.try_into().ok().unwrap()
}

/// How many deadlocks the server has counted in this database so far.
async fn deadlocks(schema: &Schema) -> i64 {
    schema.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_ends_at_once_on_two_servers_are_one_end_of_the_batch() {
    let Some(schema) = Schema::new() else { return };
    flow_races::two_ends_at_once(servers(&schema).await, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_stuck_that_comes_while_its_parent_ends() {
    let Some(schema) = Schema::new() else { return };
    flow_races::attach_while_ending(servers(&schema).await, 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flow_that_is_sent_twice_at_once_is_stored_once() {
    let Some(schema) = Schema::new() else { return };
    flow_races::sent_twice_at_once([open(&schema).await, open(&schema).await], 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_member_is_started_after_a_cancel_whoever_claims() {
    let Some(schema) = Schema::new() else { return };
    flow_races::cancel_while_claiming(servers(&schema).await, 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_member_outlives_a_batch_that_is_removed() {
    let Some(schema) = Schema::new() else { return };
    flow_races::attach_while_removed(servers(&schema).await, 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_use_flows_at_once_hear_of_no_deadlock() {
    let Some(schema) = Schema::new() else { return };
    let before = deadlocks(&schema).await;
    let servers: [Server; 5] = servers(&schema).await;
    let rounds = flow_races::everything_at_once(servers.into(), Duration::from_secs(20)).await;
    // Other tests use the same database.
    println!(
        "{rounds} rounds of 5 servers; the server counts {} deadlocks meanwhile",
        deadlocks(&schema).await - before
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_that_see_an_older_moment_overlook_nothing() {
    let Some(schema) = Schema::new() else { return };
    let [server] = servers(&schema).await;
    let pool = PgPoolOptions::new().connect(&schema.url).await.unwrap();
    let levels =
        [("BEGIN", 0), ("BEGIN ISOLATION LEVEL REPEATABLE READ", 5), ("BEGIN ISOLATION LEVEL SERIALIZABLE", 5)];
    for (begin, expected) in levels {
        let application = Application {
            begin: async || {
                let mut tx = pool.begin_with(begin).await.unwrap();
                sqlx::query("SELECT txid_current()").execute(&mut *tx).await.unwrap();
                tx
            },
            end: async |tx: Transaction<'static, Postgres>, ending| match ending {
                Ending::Commit => tx.commit().await.unwrap(),
                Ending::Rollback => tx.rollback().await.unwrap(),
            },
        };
        assert_eq!(application.older_moments(&server).await, expected, "refused in {begin}");
        application.open_delete(&server).await;
    }
}

async fn run(connection: &mut PgConnection, schema: &Schema, text: &str) {
    let text = AssertSqlSafe(text.replace("{schema}", &schema.name));
    sqlx::raw_sql(text).execute(connection).await.unwrap();
}

#[tokio::test]
async fn tables_from_before_flows_are_brought_up_with_their_jobs() {
    let Some(schema) = Schema::new() else { return };
    let mut connection = schema.connection().await;
    for text in [
        "CREATE SCHEMA {schema}",
        include_str!("../../jobs-runtime/src/storage/postgres/sql/migration_table.sql"),
        include_str!("../../jobs-runtime/src/storage/postgres/migrations/0001_foundation.sql"),
        include_str!("../../jobs-runtime/src/storage/postgres/migrations/0002_pauses.sql"),
        include_str!("before_flows.sql"),
    ] {
        run(&mut connection, &schema, text).await;
    }
    let [server] = servers(&schema).await;
    let id: jobs::JobId = "0190a0b0-0000-7000-8000-000000000001".parse().unwrap();
    let child = flow_races::after(id, jobs::Condition::Success);
    flow_races::store(&server.storage, Vec::new(), vec![child.clone()]).await;
    server.succeed(server.take(id).await).await;
    server.succeed(server.take(child.id).await).await;
    assert_sound(&server.storage).await;
}
