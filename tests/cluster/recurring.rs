//! Four servers, a definition that is due each second, and connections that are cut all the time: each occurrence fires once.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use jobs::{Client, JobFilter, RunningServer, State, prelude::*};
use jobs_test_servers::{Product, Server};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, Row};

use crate::{
    Ground,
    common::{all_jobs, assert_sound, until},
    fleet::pause,
    handlers,
};

const OCCURRENCES: usize = 20;

static CUT: AtomicU64 = AtomicU64::new(0);

#[job(name = "each-second")]
async fn each_second() -> Result<(), Infallible> {
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_each_occurrence_fires_once() {
    each_occurrence_fires_once(Product::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_each_occurrence_fires_once() {
    each_occurrence_fires_once(Product::MariaDb).await;
}

async fn serve(url: &str) -> RunningServer {
    let client = Client::connect(url).await.unwrap();
    // What the other tests' jobs borrow, which stand in this program as well.
    let ledger = handlers::Ledger(tempfile::tempfile().unwrap());
    client.server().state(ledger).lease(Duration::from_secs(4)).beat(Duration::from_millis(500)).start().await.unwrap()
}

async fn each_occurrence_fires_once(product: Product) {
    let Some(ground) = Ground::new(product, "cluster recurring").await else { return };
    let client = Client::connect(&ground.url).await.unwrap();
    client
        .recurring("seconds")
        .cron("* * * * * *")
        .misfire(Misfire::All { cap: 1_000 })
        .upsert(each_second::new())
        .await
        .unwrap();
    let mut servers = Vec::new();
    for _ in 0..4 {
        servers.push(serve(&ground.url).await);
    }
    CUT.store(0, Ordering::Relaxed);
    let filter = JobFilter::new(State::Succeeded);
    loop {
        CUT.fetch_add(cut_connections(&ground.server).await, Ordering::Relaxed);
        pause(300).await;
        // This client's connections are cut as well.
        if all_jobs(&client, filter.clone()).await.is_ok_and(|jobs| jobs.len() >= OCCURRENCES) {
            break;
        }
    }
    let removed =
        until("the definition to be removed", || async { client.recurring("seconds").remove().await.ok() }).await;
    assert!(removed);
    for server in servers {
        server.stop().await;
    }
    let mut fired: Vec<_> = Vec::new();
    for state in State::ALL {
        let jobs = all_jobs(&client, JobFilter::new(state)).await.unwrap();
        fired.extend(jobs.into_iter().filter_map(|job| job.recurring).map(|(_, at)| at.as_second()));
    }
    fired.sort_unstable();
    let expected: Vec<_> = (fired[0]..=fired[fired.len() - 1]).collect();
    assert_eq!(fired, expected, "each second's occurrence, once");
    assert_sound(&client).await;
    let cut = CUT.load(Ordering::Relaxed);
    println!("{product}: {} occurrences on 4 servers, {cut} connections cut", fired.len());
    assert!(cut > 20, "only {cut} connections were cut: the test shows little");
}

/// Ends every connection but its own; returns how many there were.
async fn cut_connections(server: &Server) -> u64 {
    if server.product() == Product::Postgres {
        let mut connection = PgConnection::connect(&server.url()).await.unwrap();
        let statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
        return sqlx::query(statement).fetch_all(&mut connection).await.unwrap().len() as u64;
    }
    let mut connection = MySqlConnection::connect(&server.url()).await.unwrap();
    let rows = sqlx::query(
        "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND user <> 'system user'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut cut = 0;
    for row in rows {
        let id: i64 = row.try_get::<i64, _>(0).or_else(|_| row.try_get::<u64, _>(0).map(u64::cast_signed)).unwrap();
        // It may have gone by itself.
        let killed = sqlx::raw_sql(AssertSqlSafe(format!("KILL {id}"))).execute(&mut connection).await;
        cut += u64::from(killed.is_ok());
    }
    cut
}
