//! Measures what a big batch costs: storing it, the client's memory meanwhile, and running it, against the same jobs without a batch.
//!
//! ```sh
//! cargo run --release --manifest-path bench/Cargo.toml --bin batch -- --engine sqlite|postgres|mysql
//! ```
//!
//! Each round runs both ways on one database, one after the other, in changing order: the jobs alone by `enqueue_all`, and the jobs as a
//! batch with a continuation. *Storing* ends with the call; *running* begins with the server's start and ends when it has stopped after
//! the last job, so that all ends are stored. Durable defaults; a private server of the machine's own for the server engines.

#![expect(clippy::print_stdout, reason = "a command-line program speaks on its terminal")]

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use jobs::prelude::*;
use jobs_test_servers::{Installation, Server as Database, find_mysql, find_postgres};
use tokio::{sync::Notify, time::timeout};

/// A round that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(300);
/// How many jobs a server runs at once.
const WORKERS: usize = 64;

/// Measures what a big batch costs.
#[derive(Debug, Parser)]
struct Options {
    /// The database: sqlite, postgres or mysql.
    #[arg(long, default_value = "sqlite")]
    engine: String,

    /// How many members the batch has.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(10..))]
    jobs: u64,

    /// How many rounds are run.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    rounds: u64,

    /// Writes the figures to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<std::path::PathBuf>,
}

static DONE: AtomicU64 = AtomicU64::new(0);
static LAST: Notify = Notify::const_new();
static GOAL: AtomicU64 = AtomicU64::new(u64::MAX);

/// Does nothing, with arguments of about a hundred bytes.
#[job]
async fn member(number: u64, text: String) {
    drop((number, text));
    arrived();
}

/// Runs after the batch.
#[job]
async fn after_all() {
    arrived();
}

fn arrived() {
    if DONE.fetch_add(1, Ordering::Relaxed) + 1 == GOAL.load(Ordering::Relaxed) {
        LAST.notify_one();
    }
}

fn members(jobs: u64) -> impl Iterator<Item = member> + Send + 'static {
    (0..jobs).map(|number| member::new(number, "x".repeat(96)))
}

/// What one way of one round took, in seconds.
#[derive(Clone, Copy, Debug)]
struct Times {
    store: f64,
    run: f64,
}

impl Times {
    fn total(self) -> f64 {
        self.store + self.run
    }
}

/// Where the databases come from, a new one for each use.
struct Place {
    folder: tempfile::TempDir,
    installation: Option<Installation>,
    server: Option<Database>,
    count: u64,
}

impl Place {
    fn new(engine: &str) -> Result<Self> {
        let installed = match engine {
            "sqlite" => None,
            "postgres" => Some(find_postgres()),
            "mysql" => Some(find_mysql()),
            other => bail!("`{other}` is no engine; write sqlite, postgres or mysql"),
        };
        let installation = match installed {
            None => None,
            Some(installed) => {
                Some(installed.into_iter().next().context("no such server is installed on this machine")?)
            }
        };
        Ok(Self { folder: tempfile::tempdir()?, installation, server: None, count: 0 })
    }

    async fn client(&mut self) -> Result<Client> {
        self.count += 1;
        let url = match &self.installation {
            None => format!("sqlite://{}", self.folder.path().join(format!("use{}.db", self.count)).display()),
            Some(installation) => {
                // The one before is stopped first.
                self.server = None;
                self.server.insert(installation.start(&[])?).url()
            }
        };
        Ok(Client::connect(&url).await?)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let mut place = Place::new(&options.engine)?;
    let few = memory(&mut place, options.jobs / 10).await?;
    let many = memory(&mut place, options.jobs).await?;
    println!(
        "{}: the client's memory grows by {few:.1} MiB while it stores {} members, and by {many:.1} MiB for {}",
        options.engine,
        options.jobs / 10,
        options.jobs
    );

    let (mut plain, mut batch) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        for step in 0..2 {
            let client = place.client().await?;
            if (round + step) % 2 == 0 {
                plain.push(alone(&client, options.jobs).await?);
            } else {
                batch.push(together(&client, options.jobs).await?);
            }
        }
        println!("round {}: alone {:?}, as a batch {:?}", round + 1, plain.last(), batch.last());
    }
    let figures = [
        ("store", figure(&plain, &batch, |times| times.store)),
        ("run", figure(&plain, &batch, |times| times.run)),
        ("total", figure(&plain, &batch, |times| times.total())),
    ];
    println!(
        "\n{} jobs on {}; seconds, median [least, greatest] of {} rounds",
        options.jobs, options.engine, options.rounds
    );
    for (name, [alone, batch, ratio]) in &figures {
        println!("{name:6} alone {}   as a batch {}   ratio {}", text(alone), text(batch), text(ratio));
    }
    if let Some(file) = options.json {
        let rows = figures.map(|(name, [alone, batch, ratio])| {
            serde_json::json!({ "measure": name, "engine": options.engine, "jobs": options.jobs, "alone": alone, "batch": batch, "ratio": ratio })
        });
        let memory = serde_json::json!({ "measure": "memory_mib", "engine": options.engine, "jobs": options.jobs, "tenth": few, "all": many });
        let all = serde_json::Value::from_iter(rows.into_iter().chain([memory]));
        fs::write(file, serde_json::to_string_pretty(&all)?)?;
    }
    Ok(())
}

/// The median, the least and the greatest of both ways, and of their ratio in each round.
fn figure(plain: &[Times], batch: &[Times], of: impl Fn(&Times) -> f64) -> [[f64; 3]; 3] {
    let ratios = plain.iter().zip(batch).map(|(plain, batch)| of(batch) / of(plain));
    [spread(plain.iter().map(&of).collect()), spread(batch.iter().map(&of).collect()), spread(ratios.collect())]
}

fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [values[values.len() / 2], values[0], values[values.len() - 1]]
}

fn text([median, least, greatest]: &[f64; 3]) -> String {
    format!("{median:.2} [{least:.2}, {greatest:.2}]")
}

async fn alone(client: &Client, jobs: u64) -> Result<Times> {
    let begin = Instant::now();
    client.enqueue_all(members(jobs)).await?;
    let store = begin.elapsed().as_secs_f64();
    Ok(Times { store, run: run(client, jobs).await? })
}

async fn together(client: &Client, jobs: u64) -> Result<Times> {
    let begin = Instant::now();
    let batch = Batch::new("bench").jobs(members(jobs)).then(after_all::new()).on(client).enqueue().await?;
    let store = begin.elapsed().as_secs_f64();
    // One more: the continuation.
    let run = run(client, jobs + 1).await?;
    let counts = batch.counts().await?;
    ensure!(counts.succeeded == i64::try_from(jobs)?, "all members succeeded, but the batch says {counts:?}");
    Ok(Times { store, run })
}

async fn run(client: &Client, jobs: u64) -> Result<f64> {
    DONE.store(0, Ordering::Relaxed);
    GOAL.store(jobs, Ordering::Relaxed);
    let begin = Instant::now();
    let server = client.server().workers(WORKERS).start().await?;
    timeout(LIMIT, LAST.notified())
        .await
        .with_context(|| format!("after {LIMIT:?}, {DONE:?} of {jobs} jobs have run"))?;
    server.stop().await;
    let ran = DONE.load(Ordering::Relaxed);
    ensure!(ran == jobs, "{ran} runs of {jobs} jobs");
    Ok(begin.elapsed().as_secs_f64())
}

/// By how many MiB the process grows at most while it stores a batch.
async fn memory(place: &mut Place, jobs: u64) -> Result<f64> {
    let client = place.client().await?;
    let stop = Arc::new(AtomicBool::new(false));
    let before = resident()?;
    let watch = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            let mut most = before;
            while !stop.load(Ordering::Relaxed) {
                most = most.max(resident().unwrap_or(0));
                thread::sleep(Duration::from_millis(2));
            }
            most
        }
    });
    Batch::new("memory").jobs(members(jobs)).then(after_all::new()).on(&client).enqueue().await?;
    stop.store(true, Ordering::Relaxed);
    let Ok(most) = watch.join() else { bail!("the watch of the memory broke") };
    Ok(most.saturating_sub(before) as f64 / 1024.0)
}

/// The resident memory in KiB, as Linux tells it.
fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("only Linux tells a process its memory this way")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS in /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
