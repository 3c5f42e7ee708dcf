//! Measures how long a job waits, from the commit that stores it to the first line of its handler, what an idle server costs, and how
//! much memory one takes that runs a thousand jobs at once.
//!
//! ```sh
//! cargo run --release --example latency
//! cargo run --release --example latency --features postgres -- --jobs-url postgres://user:password@localhost/database
//! ```
//!
//! Jobs are stored one after the other, a few milliseconds apart, so that the server is idle each time and must be woken:
//! first in the process that stores them, then in another one, which this program starts of itself and which shares nothing
//! with it but the database. What is measured contains the server's claim, which is a commit of its own, so a slow disk shows.
//!
//! Times are read from the system's clock, which all processes of a host share. A step of that clock in the midst of a sample
//! would spoil that one sample; the median does not mind.

#![allow(clippy::print_stdout, reason = "a program talks to the one who runs it")]

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, ensure};
use clap::Parser;
use jobs::prelude::*;
use tokio::{
    process::{Child, Command},
    sync::Semaphore,
    time::sleep,
};

/// The median that we want, in microseconds.
const GOAL_P50: i64 = 1_000;
/// The share of a core that an idle server may take.
const GOAL_IDLE: f64 = 0.01;
const IDLE_TIME: Duration = Duration::from_secs(5);
/// How many jobs run at once while memory is measured, and how much of it they and everything else may take, in MiB.
const AT_ONCE: usize = 1_000;
const GOAL_MEMORY: u64 = 50;
/// Samples that are not counted, because caches are cold.
const WARM_UP: usize = 50;

/// Measures how long a job waits, and what an idle server costs.
#[derive(Debug, Parser)]
struct Options {
    /// How many jobs are measured in each part.
    #[arg(long, default_value_t = 1_000, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    samples: usize,

    /// Where the database is made; a temporary folder, unless said here.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// A database that nobody else uses; a new file in the folder, unless said here.
    #[arg(long, value_name = "URL", conflicts_with = "folder")]
    jobs_url: Option<String>,

    /// Runs the jobs of this database until the standard input ends: the other process.
    #[arg(long, value_name = "URL", hide = true)]
    serve: Option<String>,
}

/// Tells when it started.
#[job(attempts = 1)]
async fn probe() -> anyhow::Result<i64> {
    micros()
}

/// Runs until all of its kind may end.
#[job(attempts = 1)]
async fn wait_for_all() -> anyhow::Result<()> {
    RUNNING.fetch_add(1, Ordering::Relaxed);
    drop(END.acquire().await?);
    Ok(())
}

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static END: Semaphore = Semaphore::const_new(0);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let Some(url) = &options.serve {
        return serve(url).await;
    }
    if let Some(url) = &options.jobs_url {
        one_process(url, options.samples).await?;
        return two_processes(url, options.samples).await;
    }
    let folder = match &options.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let folder = folder.context("cannot make a folder for the database")?;
    one_process(&url(folder.path(), "one.db"), options.samples).await?;
    two_processes(&url(folder.path(), "two.db"), options.samples).await
}

fn url(folder: &Path, name: &str) -> String {
    format!("sqlite://{}", folder.join(name).display())
}

async fn one_process(url: &str, samples: usize) -> anyhow::Result<()> {
    let client = Client::connect(url).await?;
    let server = client.server().start().await?;
    print_waits("in one process", measure(&client, samples).await?);
    print_idle().await?;
    server.stop().await;
    print_memory(&client).await
}

async fn two_processes(url: &str, samples: usize) -> anyhow::Result<()> {
    let client = Client::connect(url).await?;
    let mut child = start_child(url)?;
    let waits = measure(&client, samples).await?;
    // The other process ends with its standard input; should this one die, it ends too.
    drop(child.stdin.take());
    let status = child.wait().await?;
    ensure!(status.success(), "the other process ended with {status}");
    print_waits("across two processes", waits);
    Ok(())
}

fn start_child(url: &str) -> anyhow::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--serve", url]).stdin(Stdio::piped()).kill_on_drop(true);
    command.spawn().context("cannot start the other process")
}

async fn serve(url: &str) -> anyhow::Result<()> {
    let client = Client::connect(url).await?;
    let end_of_input = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    client.server().run_until(end_of_input).await?;
    Ok(())
}

/// Stores jobs one by one and returns how long each waited, in microseconds, the shortest first.
async fn measure(client: &Client, samples: usize) -> anyhow::Result<Vec<i64>> {
    let mut waits = Vec::with_capacity(samples);
    for number in 0..WARM_UP + samples {
        // Not always the same, so that no rhythm of the server's falls in step.
        sleep(Duration::from_micros(3_000 + number as u64 * 377 % 4_000)).await;
        let job = probe::enqueue().on(client).await?;
        let committed = micros()?;
        let started = job.output().await?;
        if number >= WARM_UP {
            // In one process the handler may start before the caller hears that the job is stored: then nobody waited.
            waits.push((started - committed).max(0));
        }
    }
    waits.sort_unstable();
    Ok(waits)
}

fn micros() -> anyhow::Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?)
}

fn print_waits(title: &str, waits: Vec<i64>) {
    let p50 = waits[waits.len() / 2];
    let p99 = waits[waits.len() * 99 / 100];
    let max = waits[waits.len() - 1];
    println!("{title}: p50 {p50} µs, p99 {p99} µs, longest {max} µs, of {} jobs", waits.len());
    println!("goal: p50 under 1 ms: {}", verdict(p50 < GOAL_P50));
}

async fn print_idle() -> anyhow::Result<()> {
    // Whatever the last job left to be done is over by then.
    sleep(Duration::from_secs(1)).await;
    let Some(before) = cpu_time() else {
        println!("idle server: not measured, because this system has no /proc/self/stat");
        return Ok(());
    };
    sleep(IDLE_TIME).await;
    let used = cpu_time().context("cannot read /proc/self/stat")?.saturating_sub(before);
    let share = used.as_secs_f64() / IDLE_TIME.as_secs_f64();
    println!("idle server: {:.1} % of a core over {} s", share * 100.0, IDLE_TIME.as_secs());
    println!("goal: idle below 1 % of a core: {}", verdict(share < GOAL_IDLE));
    Ok(())
}

/// Runs a thousand jobs at once, and looks how much memory that takes.
async fn print_memory(client: &Client) -> anyhow::Result<()> {
    let server = client.server().workers(AT_ONCE).start().await?;
    client.enqueue_all((0..AT_ONCE).map(|_| wait_for_all::new())).await?;
    while RUNNING.load(Ordering::Relaxed) < AT_ONCE {
        sleep(Duration::from_millis(10)).await;
    }
    // As long as this all are asked for, watched and renewed.
    sleep(IDLE_TIME).await;
    let resident = resident_mib();
    END.add_permits(AT_ONCE);
    server.stop().await;
    match resident {
        Some(resident) => {
            println!("memory with {AT_ONCE} running jobs: {resident} MiB resident");
            println!("goal: at most {GOAL_MEMORY} MiB: {}", verdict(resident <= GOAL_MEMORY));
        }
        None => println!("memory: not measured, because this system has no /proc/self/status"),
    }
    Ok(())
}

/// The resident memory of this process; Linux only.
fn resident_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()?.div_ceil(1_024))
}

/// How long this process has computed, in user and kernel mode; Linux only.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field, the program's name in brackets, may hold anything, spaces too; the times are the 14th and the 15th.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    // A tick is 10 ms on every Linux, whatever the kernel counts by.
    Some(Duration::from_millis((ticks()? + ticks()?) * 10))
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}
