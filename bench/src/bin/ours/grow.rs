//! What `bench grow` lets us do: store a backlog, and run servers for a while, telling each second how many jobs have run.

use std::{
    io::{Write, stdout},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::Result;
use clap::{Parser, Subcommand};
use jobs::prelude::*;
use jobs_bench_kit::text;
use serde_json::json;
use tokio::{
    sync::Notify,
    time::{Instant, interval, timeout},
};

/// The first word of the command line that leads here.
pub(crate) const NAME: &str = "grow";

#[derive(Debug, Parser)]
struct Options {
    /// Always `grow`.
    name: String,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Stores jobs.
    Seed {
        #[arg(long)]
        url: String,
        #[arg(long)]
        jobs: u64,
        /// Over so many queues.
        #[arg(long, default_value_t = 1)]
        queues: u64,
        /// Of the kind that is claimed one at a time by a server with one worker.
        #[arg(long)]
        once: bool,
    },
    /// Runs a server.
    Serve {
        #[arg(long)]
        url: String,
        #[arg(long, default_value_t = 64)]
        workers: usize,
        #[arg(long, default_value_t = 1)]
        queues: u64,
        /// Ends after so many jobs.
        #[arg(long, default_value_t = u64::MAX)]
        jobs: u64,
        /// Ends after so many seconds.
        #[arg(long)]
        seconds: u64,
        /// Stores so many jobs a second meanwhile.
        #[arg(long, default_value_t = 0)]
        rate: u64,
    },
}

static RAN: AtomicU64 = AtomicU64::new(0);
static MOST: AtomicU64 = AtomicU64::new(u64::MAX);
static ALL: Notify = Notify::const_new();

fn arrived() {
    if RAN.fetch_add(1, Ordering::Relaxed) + 1 == MOST.load(Ordering::Relaxed) {
        ALL.notify_one();
    }
}

/// Does nothing.
#[job]
async fn grown(number: u64, text: String) {
    drop((number, text));
    arrived();
}

/// Does nothing, and is never claimed before a worker is free for it.
#[job(attempts = 1)]
async fn single(number: u64, text: String) {
    drop((number, text));
    arrived();
}

pub(crate) async fn run() -> Result<()> {
    match Options::parse().command {
        Command::Seed { url, jobs, queues, once } => {
            let client = Client::connect(&url).await?;
            if once {
                client.enqueue_all((0..jobs).map(|number| single::new(number, text()))).await?;
            } else if queues == 1 {
                client.enqueue_all((0..jobs).map(|number| grown::new(number, text()))).await?;
            } else {
                for queue in 0..queues {
                    let numbers = (0..jobs).skip(usize::try_from(queue)?).step_by(usize::try_from(queues)?);
                    let jobs = numbers.map(|number| grown::new(number, text()));
                    client.enqueue_all(jobs).queue(name(queue)).await?;
                }
            }
            say(&json!({ "seeded": jobs }))
        }
        Command::Serve { url, workers, queues, jobs, seconds, rate } => {
            let client = Client::connect(&url).await?;
            MOST.store(jobs, Ordering::Relaxed);
            let mut server = client.server().workers(workers);
            if queues > 1 {
                server = server.queues((0..queues).map(name));
            }
            let server = server.start().await?;
            let begin = Instant::now();
            let told = tokio::spawn(tell(begin));
            let offering = tokio::spawn(offer(client.clone(), rate));
            let _ = timeout(Duration::from_secs(seconds), ALL.notified()).await;
            let (total, took) = (RAN.load(Ordering::Relaxed), begin.elapsed().as_secs_f64());
            offering.abort();
            told.abort();
            say(&json!({ "total": total, "seconds": took }))?;
            server.stop().await;
            Ok(())
        }
    }
}

fn name(queue: u64) -> String {
    format!("queue{queue}")
}

async fn tell(begin: Instant) -> Result<()> {
    let mut ticks = interval(Duration::from_secs(1));
    ticks.tick().await;
    loop {
        ticks.tick().await;
        say(&json!({ "second": begin.elapsed().as_secs_f64(), "ran": RAN.load(Ordering::Relaxed) }))?;
    }
}

/// Stores jobs in 50 small groups a second.
async fn offer(client: Client, rate: u64) -> Result<()> {
    if rate == 0 {
        return Ok(());
    }
    let mut ticks = interval(Duration::from_millis(20));
    let mut stored = 0;
    let begin = Instant::now();
    loop {
        ticks.tick().await;
        let due = (begin.elapsed().as_secs_f64() * rate as f64) as u64;
        client.enqueue_all((stored..due).map(|number| grown::new(number, text()))).await?;
        stored = due;
    }
}

fn say(line: &serde_json::Value) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
