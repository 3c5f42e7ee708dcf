//! The back office of a web shop: a whole program whose work is done by jobs.
//!
//! ```sh
//! cargo run --release --example shop -- --exit-when-idle
//! ```
//!
//! As many processes as you like share the work, if they share the database of the jobs and the shop's folder:
//!
//! ```sh
//! cargo run --release --example shop -- --role worker --exit-when-idle &
//! cargo run --release --example shop -- --role worker --exit-when-idle &
//! cargo run --release --example shop -- --role web --exit-when-idle
//! ```
//!
//! For jobs on PostgreSQL or MySQL nothing but their URL changes: `--features postgres`, and after the second `--` add
//! `--jobs-url postgres://user:password@host/database`.
//!
//! A good order to read it in:
//!
//! 1. this file: connect, start a server, stop it
//! 2. `letters.rs`: a job that sends a mail
//! 3. `day.rs`: storing jobs
//! 4. `feed.rs`: a job that fails now and then and is run again
//! 5. `report.rs` and `backup.rs`: jobs that run by the calendar
//! 6. `registration.rs`: a job after another, which takes what that returned
//! 7. `campaign.rs`: a mail to every customer, later, and a summary after the last of them
//! 8. `regions.rs`: many jobs side by side, and one that joins what they returned
//! 9. `catalogue.rs`: what runs because a job has failed
//! 10. `dashboard.rs`: the pages on which all of it is watched and steered
//!
//! The other files are the shop itself, and know nothing of jobs.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to the one who runs it")]

mod backup;
mod campaign;
mod catalogue;
mod dashboard;
mod data;
mod day;
mod feed;
mod import;
mod letters;
mod mail;
mod options;
mod progress;
mod regions;
mod registration;
mod report;
mod seed;
mod signal;

use std::{
    io,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Parser;
use jobs::{Run, prelude::*};
use tower::util::MapRequestLayer;
use tracing_subscriber::EnvFilter;

use crate::{
    data::Shop,
    feed::Suppliers,
    mail::Mailer,
    options::{Options, Role},
    progress::Counts,
};

/// How long a worker that shall end when it is idle waits for something to do.
const WORKER_PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();

    let shop = Shop::open(&options.folder, options.customers.as_deref()).await?;

    // The jobs have a database of their own, whose tables are made when it is first connected to. `install` lets every
    // `some_job::enqueue(..)` in this program find it.
    let client = Client::connect(&options.jobs_url()).await.context("cannot open the database of the jobs")?;
    client.install();

    let is_open = options.role != Role::Worker && !options.no_dashboard;
    let doors = if is_open { dashboard::open(&client, options.dashboard).await? } else { None };
    let start = Instant::now();
    let closing = match options.role {
        Role::Web => {
            open_doors(&client, &shop, &options).await?;
            None
        }
        Role::Worker | Role::All => Some(run_jobs(&client, &shop, &options).await?),
    };
    let seconds = start.elapsed().as_secs_f64();
    if let Some(doors) = doors {
        doors.close().await;
    }
    shop.pool.close().await;

    let Some(Closing { counts, attempts }) = closing else { return Ok(ExitCode::SUCCESS) };
    progress::print_failed(&client, &counts).await?;
    if options.role == Role::Worker {
        println!("shop: this worker ran {attempts} attempts; in all processes, since it started:");
    }
    println!("shop: {counts} in {seconds:.1} s");
    Ok(if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a process that ran jobs says at its end.
struct Closing {
    /// Of all processes on this database.
    counts: Counts,
    /// How often this one ran a job.
    attempts: usize,
}

/// A day of a process that enqueues jobs and runs none: it needs nothing of what they borrow.
async fn open_doors(client: &Client, shop: &Shop, options: &Options) -> anyhow::Result<()> {
    let day = async {
        serve_customers(client, shop, options).await?;
        if !options.exit_when_idle {
            std::future::pending::<()>().await;
        }
        anyhow::Ok(())
    };
    tokio::select! {
        day = day => day?,
        signal = signal::stop() => println!("shop: {}; the doors close", signal?),
    }
    Ok(())
}

/// Runs jobs until there are none, or somebody says stop.
async fn run_jobs(client: &Client, shop: &Shop, options: &Options) -> anyhow::Result<Closing> {
    let before = Counts::read(client).await?;
    let attempts = Arc::new(AtomicUsize::new(0));
    let counter = attempts.clone();

    // A server runs jobs. What they borrow as `#[state]` is handed over here; a job whose state is missing would be an error
    // of `start`, not of the night in which it first runs. A layer of `tower` sees each run.
    let server = client
        .server()
        .queues(["default", "mail"])
        .state(shop.clone())
        .state(Mailer::new(shop, options)?)
        .state(Suppliers { are_down: options.feed_always_fails })
        .layer(MapRequestLayer::new(move |run: Run| {
            counter.fetch_add(1, Ordering::Relaxed);
            run
        }))
        .start()
        .await?;

    let work = async {
        if options.role == Role::All {
            serve_customers(client, shop, options).await?;
        }
        if options.exit_when_idle {
            let patience = if options.role == Role::Worker { WORKER_PATIENCE } else { Duration::ZERO };
            return progress::until_idle(client, shop, server.id(), &attempts, patience).await;
        }
        std::future::pending().await
    };
    tokio::select! {
        done = work => done?,
        signal = signal::stop() => {
            println!("shop: {}; jobs that run are waited for, the others stay stored", signal?);
        }
    }
    // A program that does nothing but serve writes `client.server().run().await?` instead of `start`, signals and `stop`.
    server.stop().await;
    let counts = Counts::read(client).await?.since(before);
    Ok(Closing { counts, attempts: attempts.load(Ordering::Relaxed) })
}

async fn serve_customers(client: &Client, shop: &Shop, options: &Options) -> anyhow::Result<()> {
    let start = Instant::now();
    // Workers that end when nothing is left to do wait for the end of the day.
    let _day = shop.begin_day()?;
    let enqueued = day::run(client, shop, options).await?;
    println!("shop: enqueued {enqueued} jobs in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
