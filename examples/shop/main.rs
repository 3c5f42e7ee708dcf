//! The back office of a web shop: a whole program whose work is done by jobs.
//!
//! ```sh
//! cargo run --release --example shop -- --exit-when-idle
//! ```
//!
//! A good order to read it in:
//!
//! 1. this file: connect, start a server, stop it
//! 2. `letters.rs`: jobs that send mail
//! 3. `day.rs`: storing jobs, to run now or later
//! 4. `feed.rs`: a job that fails now and then and is run again
//! 5. `report.rs` and `backup.rs`: jobs that run by the calendar
//!
//! The other files are the shop itself, and know nothing of jobs.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to the one who runs it")]

mod backup;
mod data;
mod day;
mod feed;
mod import;
mod letters;
mod mail;
mod options;
mod progress;
mod report;
mod seed;

use std::{io, process::ExitCode, time::Instant};

use anyhow::Context;
use clap::Parser;
use jobs::prelude::*;
use tracing_subscriber::EnvFilter;

use crate::{data::Shop, feed::Suppliers, mail::Mailer, options::Options, progress::Counts};

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();

    let shop = Shop::open(&options.folder).await?;
    seed::fill(&shop, options.customers.as_deref()).await?;
    let mailer = Mailer::new(&shop, &options)?;

    // The jobs have a database of their own, whose tables are made when it is first connected to. `install` lets every
    // `some_job::enqueue(..)` in this program find it.
    let client = Client::connect(&options.jobs_url()).await.context("cannot open the database of the jobs")?;
    client.install();
    let before = Counts::read(&client).await?;
    let start = Instant::now();

    // A server runs jobs. What they borrow as `#[state]` is handed over here; a job whose state is missing would be an error
    // of `start`, not of the night in which it first runs.
    let server = client
        .server()
        .queues(["default", "mail"])
        .state(shop.clone())
        .state(mailer)
        .state(Suppliers { are_down: options.feed_always_fails })
        .start()
        .await?;

    day::run(&client, &shop, options.new_customers).await?;

    tokio::select! {
        idle = progress::until_idle(&client), if options.exit_when_idle => idle?,
        signal = tokio::signal::ctrl_c() => {
            signal?;
            println!("shop: stopping; jobs that run are waited for, the others stay stored");
        }
    }
    // A program that does nothing but serve writes `client.server().run().await?` instead of `start`, `ctrl_c` and `stop`.
    server.stop().await;
    shop.pool.close().await;

    let counts = Counts::read(&client).await?.since(before);
    progress::print_failed(&client, counts.failed).await?;
    println!("shop: {counts} in {:.1} s", start.elapsed().as_secs_f64());
    Ok(if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
