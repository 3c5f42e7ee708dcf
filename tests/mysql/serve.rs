//! A server of another process's jobs: nobody tells it of them, so that it looks.

use std::time::{Duration, Instant};

use jobs::prelude::*;
use sqlx::{MySqlConnection, Row};
use tokio::time;

use super::Database;

/// A look each second, and what a busy machine adds.
const WITHIN: Duration = Duration::from_secs(4);
const LOOKS: u32 = 5;

#[job]
async fn greet(name: String) -> jobs::Result<String> {
    Ok(format!("Hello, {name}!"))
}

#[job]
async fn double(number: u64) -> jobs::Result<u64> {
    Ok(number * 2)
}

async fn statements(connection: &mut MySqlConnection) -> u64 {
    let row = sqlx::raw_sql("SHOW GLOBAL STATUS LIKE 'Questions'").fetch_one(connection).await.unwrap();
    row.get::<String, _>(1).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_server_hears_of_anothers_job_within_about_a_second() {
    let Some(database) = Database::new() else { return };
    // Two clients share nothing but the database, as two processes would.
    let storing = Client::connect(&database.url()).await.unwrap();
    let serving = Client::connect(&database.url()).await.unwrap();
    let server = serving.server().start().await.unwrap();
    let mut waits = Vec::new();
    for _ in 0..LOOKS {
        let start = Instant::now();
        let job = greet::enqueue("Ada").on(&storing).await.unwrap();
        let said = job.output_within(WITHIN).await.unwrap();
        assert_eq!(said.as_deref(), Some("Hello, Ada!"));
        waits.push(start.elapsed());
    }
    waits.sort_unstable();
    println!("from enqueue to the output that another process reads: {waits:?}");

    let mut connection = database.connect().await.unwrap();
    let before = statements(&mut connection).await;
    time::sleep(Duration::from_secs(3)).await;
    let rate = (statements(&mut connection).await - before) / 3;
    println!("{rate} statements a second on the whole server, with one idle server of jobs and whatever else runs");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_runs_what_its_own_process_stores_at_once() {
    let Some(database) = Database::new() else { return };
    let client = Client::connect(&database.url()).await.unwrap();
    let server = client.server().start().await.unwrap();
    let start = Instant::now();
    let jobs = client.enqueue_all((0..500).map(double::new)).await.unwrap();
    for (number, job) in jobs.iter().enumerate() {
        assert_eq!(job.output().await.unwrap(), 2 * number as u64);
    }
    println!("500 jobs, stored, run and read one by one in {:?}", start.elapsed());
    server.stop().await;
    super::assert_sound(&super::open(&database).await).await;
}
