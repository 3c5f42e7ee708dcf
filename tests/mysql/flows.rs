//! Flows: races between servers, and the application's transactions, which see an older moment.

use std::time::Duration;

use sqlx::{MySql, MySqlConnection, Row, Transaction, mysql::MySqlPoolOptions};

use super::{
    Database,
    flow_races::{self, Application, Ending, Server},
    open,
};

async fn servers<const N: usize>(database: &Database) -> [Server; N] {
    let mut servers = Vec::new();
    for _ in 0..N {
        servers.push(Server::new(open(database).await).await);
    }
    servers.try_into().ok().unwrap()
}

/// How many deadlocks the server has counted so far, if it counts them.
async fn deadlocks(connection: &mut MySqlConnection) -> Option<u64> {
    let row = sqlx::query("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'").fetch_optional(connection).await.unwrap();
    row.and_then(|row| row.get::<String, _>(1).parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_ends_at_once_on_two_servers_are_one_end_of_the_batch() {
    let Some(database) = Database::new() else { return };
    flow_races::two_ends_at_once(servers(&database).await, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_stuck_that_comes_while_its_parent_ends() {
    let Some(database) = Database::new() else { return };
    flow_races::attach_while_ending(servers(&database).await, 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flow_that_is_sent_twice_at_once_is_stored_once() {
    let Some(database) = Database::new() else { return };
    flow_races::sent_twice_at_once([open(&database).await, open(&database).await], 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_member_is_started_after_a_cancel_whoever_claims() {
    let Some(database) = Database::new() else { return };
    flow_races::cancel_while_claiming(servers(&database).await, 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_member_outlives_a_batch_that_is_removed() {
    let Some(database) = Database::new() else { return };
    flow_races::attach_while_removed(servers(&database).await, 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_use_flows_at_once_hear_of_no_deadlock() {
    let Some(database) = Database::new() else { return };
    let mut connection = database.connect().await.unwrap();
    let before = deadlocks(&mut connection).await;
    let servers: [Server; 5] = servers(&database).await;
    let rounds = flow_races::everything_at_once(servers.into(), Duration::from_secs(20)).await;
    let counted = deadlocks(&mut connection).await.zip(before).map(|(after, before)| after - before);
    // Other tests use the same server.
    println!("{rounds} rounds of 5 servers; the server counts {counted:?} deadlocks meanwhile");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_that_see_an_older_moment_overlook_nothing() {
    let Some(database) = Database::new() else { return };
    let [server] = servers(&database).await;
    let pool = MySqlPoolOptions::new().connect_with(database.options()).await.unwrap();
    let application = Application {
        begin: async || {
            let mut tx = pool.begin().await.unwrap();
            sqlx::query("SELECT COUNT(*) FROM jobs_job").fetch_one(&mut *tx).await.unwrap();
            tx
        },
        end: async |tx: Transaction<'static, MySql>, ending| match ending {
            Ending::Commit => tx.commit().await.unwrap(),
            Ending::Rollback => tx.rollback().await.unwrap(),
        },
    };
    let refused = application.older_moments(&server).await;
    println!("{refused} of 5 transactions were refused");
    application.open_delete(&server).await;
}
