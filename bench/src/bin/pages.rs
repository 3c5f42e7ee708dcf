//! How long the dashboard's pages take with millions of jobs: fills an empty database, and asks for each page many times.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use jobs::{
    JobFilter,
    dashboard::{
        Dashboard, Policy,
        axum::{
            Router,
            body::{Body, to_bytes},
            http::Request,
        },
    },
    prelude::*,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tower::ServiceExt;

/// So many rows one statement fills in.
const PART: u64 = 250_000;
/// What a page may take, in 19 of 20 cases.
const GOAL: Duration = Duration::from_millis(50);

#[derive(Debug, Parser)]
struct Options {
    /// An empty database: `postgres://…` or `sqlite://…`.
    #[arg(long)]
    url: String,
    /// How many jobs are filled in; with 0 what is there is measured.
    #[arg(long, default_value_t = 1_000_000)]
    jobs: u64,
    /// How often each page is asked for.
    #[arg(long, default_value_t = 40)]
    times: usize,
}

#[job(name = "bench::invite")]
async fn invite(campaign: String, customer: u64) {
    drop((campaign, customer));
}

#[job(name = "bench::resize")]
async fn resize(picture: String, width: u64) {
    drop((picture, width));
}

#[job(name = "bench::charge")]
async fn charge(order: u64, amount: u64) {
    let _ = (order, amount);
}

#[job(name = "bench::report")]
async fn report(month: String) {
    drop(month);
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let client = Client::connect(&options.url).await?;
    if options.jobs > 0 {
        fill(&client, &options).await.context("cannot fill the database")?;
    }
    // Deltas are folded, as they are wherever a server lives.
    let server = client.server().queues(["nobody stores here"]).workers(1).start().await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let scans = scans(&options.url).await?;
    let slow = measure(&client, options.times).await?;
    server.stop().await;
    // Sessions tell the server what they did when they are done, or after a while.
    tokio::time::sleep(Duration::from_secs(15)).await;
    let scans = self::scans(&options.url).await? - scans;
    println!("{scans} scans of the table of jobs");
    ensure!(scans == 0, "the table of jobs was read from its beginning to its end");
    ensure!(slow == 0, "{slow} pages take longer than {GOAL:?}");
    Ok(())
}

/// How often the table of jobs has been read whole, as PostgreSQL counts; for SQLite the tests look at the plans.
async fn scans(url: &str) -> Result<i64> {
    if url.starts_with("sqlite") {
        return Ok(0);
    }
    let mut link = PgConnection::connect(url).await?;
    let asked = "SELECT seq_scan FROM pg_stat_user_tables WHERE schemaname = 'jobs' AND relname = 'job'";
    Ok(sqlx::query_scalar(asked).fetch_one(&mut link).await?)
}

async fn fill(client: &Client, options: &Options) -> Result<()> {
    for queue in ["default", "mail", "pictures", "books"] {
        invite::enqueue("spring sale", 7).queue(queue).on(client).await?;
        resize::enqueue("cat.png", 640).queue(queue).on(client).await?;
        charge::enqueue(7, 4_999).queue(queue).on(client).await?;
        report::enqueue("2026-11").queue(queue).on(client).await?;
    }
    let (first, part) = match options.url.split(':').next() {
        Some("postgres" | "postgresql") => {
            (include_str!("../../sql/pages_postgres_first.sql"), include_str!("../../sql/pages_postgres.sql"))
        }
        Some("sqlite") => (include_str!("../../sql/pages_sqlite_first.sql"), include_str!("../../sql/pages_sqlite.sql")),
        _ => bail!("a database of PostgreSQL or SQLite is filled"),
    };
    let mut texts = vec![first.to_owned()];
    for from in (0..options.jobs).step_by(usize::try_from(PART)?) {
        let to = options.jobs.min(from + PART);
        let text = part.replace("{from}", &(from + 1).to_string()).replace("{to}", &to.to_string());
        texts.push(text.replace("{all}", &options.jobs.to_string()));
    }
    if options.url.starts_with("sqlite") {
        let mut link = SqliteConnection::connect(&options.url).await?;
        for text in texts {
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut link).await?;
        }
        sqlx::raw_sql("ANALYZE").execute(&mut link).await?;
    } else {
        let mut link = PgConnection::connect(&options.url).await?;
        for text in texts {
            // In one transaction, for the table that goes with it.
            sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {text}; COMMIT"))).execute(&mut link).await?;
        }
        sqlx::raw_sql("VACUUM ANALYZE").execute(&mut link).await?;
    }
    Ok(())
}

/// Prints what each page takes, and gives how many take too long.
async fn measure(client: &Client, times: usize) -> Result<usize> {
    let mut paths: Vec<String> = [
        "/", "/?range=1d", "/?range=30d", "/?range=1y", "/errors", "/recurring", "/queues", "/kinds", "/batches", "/servers", "/operations",
        "/operations/new?state=failed", "/operations/new?state=succeeded&from=2026-01-01T00:00", "/audit", "/system", "/metrics",
    ]
    .map(str::to_owned)
    .into();
    for state in [State::Scheduled, State::Awaiting, State::Enqueued, State::Processing, State::Succeeded, State::Failed, State::Deleted] {
        let list = format!("/jobs?state={}", state.as_str());
        paths.push(format!("{list}&kind=bench%3A%3Acharge&queue=mail"));
        paths.push(format!("{list}&q=spring"));
        paths.push(format!("{list}&q=nothing+has+this"));
        let page = client.jobs(JobFilter::new(state).limit(50)).await?;
        paths.extend(page.next.map(|next| format!("{list}&at={next}")));
        paths.extend(page.jobs.first().map(|job| format!("/jobs/{}", job.id)));
        paths.push(list);
    }
    println!("{:>9} {:>9} {:>9} {:>9} {:>9}  page", "cold", "95 %", "median", "95 %", "most");
    let mut slow = 0;
    for path in paths {
        let (mut cold, mut took) = (Vec::with_capacity(times), Vec::with_capacity(times));
        let running = dashboard(client);
        ask(&running, &path).await?;
        for _ in 0..times {
            // One that was just made has read nothing yet; one that runs keeps statistics for some seconds, and lists not at all.
            cold.push(ask(&dashboard(client), &path).await?);
            took.push(ask(&running, &path).await?);
        }
        cold.sort_unstable();
        took.sort_unstable();
        let at = |took: &[Duration], share: f64| took[((took.len() - 1) as f64 * share).round() as usize];
        let last = at(&took, 0.95);
        let mark = if last > GOAL { "  TOO SLOW" } else { "" };
        slow += usize::from(last > GOAL);
        println!(
            "{:>9.1?} {:>9.1?} {:>9.1?} {last:>9.1?} {:>9.1?}  {path}{mark}",
            at(&cold, 0.5),
            at(&cold, 0.95),
            at(&took, 0.5),
            at(&took, 1.0)
        );
    }
    Ok(slow)
}

fn dashboard(client: &Client) -> Router {
    // The limit on what a dashboard may take is not what is measured here.
    Dashboard::new(client, Policy::dangerously_open()).share(1.0).router()
}

/// Asks for a page; returns how long it took.
async fn ask(router: &Router, path: &str) -> Result<Duration> {
    let request = Request::builder().uri(path).body(Body::empty())?;
    let begin = Instant::now();
    let answer = router.clone().oneshot(request).await?;
    let status = answer.status();
    to_bytes(answer.into_body(), usize::MAX).await?;
    ensure!(status.is_success(), "{path}: {status}");
    Ok(begin.elapsed())
}
