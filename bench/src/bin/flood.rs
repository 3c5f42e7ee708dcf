//! How much a dashboard that is flooded with requests slows the workers of its process: drains the same backlog by turns with and without
//! a flood, which comes from a process of its own, and compares the medians.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use jobs::{
    dashboard::{Dashboard, Policy},
    prelude::*,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What the flood asks for, in turn.
const PATHS: [&str; 8] =
    ["/", "/queues", "/kinds", "/errors", "/servers", "/jobs?state=succeeded", "/jobs?state=enqueued", "/nothing"];
/// A flooded drain may take so much longer.
const GOAL: f64 = 0.05;
/// How long the flood goes on before a drain is measured, so that what the dashboard has saved up is spent.
const AHEAD: Duration = Duration::from_secs(8);

#[derive(Debug, Parser)]
struct Options {
    /// An empty database.
    #[arg(long)]
    url: Option<String>,
    /// How many jobs one round drains.
    #[arg(long, default_value_t = 200_000)]
    jobs: u64,
    /// How many rounds are measured with a flood, and as many without.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many connections the flood has, each asking again as soon as it is answered.
    #[arg(long, default_value_t = 50)]
    connections: usize,
    /// How much of the machine the dashboard may take; what it takes by itself where nothing is said.
    #[arg(long)]
    share: Option<f64>,
    /// Be the flood, at this address.
    #[arg(long, hide = true)]
    at: Option<String>,
}

#[job]
async fn noop(number: u64) {
    let _ = number;
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    if let Some(at) = &options.at {
        return flood(at, options.connections).await;
    }
    let client = Client::connect(options.url.as_deref().context("--url names an empty database")?).await?;
    let mut dashboard = Dashboard::new(&client, Policy::dangerously_open());
    if let Some(share) = options.share {
        dashboard = dashboard.share(share);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?.to_string();
    let web = tokio::spawn(async move { axum::serve(listener, dashboard.router()).await });
    drain(&client, options.jobs).await?;
    let (mut quiet, mut flooded) = (Vec::new(), Vec::new());
    println!("{:>8} {:>10} {:>10} {:>8}", "round", "quiet", "flooded", "pages/s");
    for round in 1..=options.rounds {
        let rate = drain(&client, options.jobs).await?;
        let mut child = Flood::start(&at, options.connections)?;
        tokio::time::sleep(AHEAD).await;
        let begun = Instant::now();
        let hurt = drain(&client, options.jobs).await?;
        let lasted = AHEAD + begun.elapsed();
        let answered = child.stop()?;
        println!("{round:>8} {rate:>10.0} {hurt:>10.0} {:>8.0}", answered as f64 / lasted.as_secs_f64());
        quiet.push(rate);
        flooded.push(hurt);
    }
    web.abort();
    // Each pair by itself: a table that has held more jobs is slower by and by.
    let mut shares: Vec<_> = quiet.iter().zip(&flooded).map(|(quiet, flooded)| flooded / quiet).collect();
    let lost = 1.0 - median(&mut shares);
    let (quiet, flooded) = (median(&mut quiet), median(&mut flooded));
    println!(
        "median   {quiet:>10.0} {flooded:>10.0}   {:.1} % slower ({:.1} to {:.1})",
        lost * 100.0,
        (1.0 - shares[shares.len() - 1]) * 100.0,
        (1.0 - shares[0]) * 100.0
    );
    ensure!(lost <= GOAL, "the flood costs the workers more than {:.0} %", GOAL * 100.0);
    Ok(())
}

/// Drains a backlog; returns how many jobs a second.
async fn drain(client: &Client, jobs: u64) -> Result<f64> {
    client.enqueue_all((0..jobs).map(noop::new)).await?;
    let last = noop::enqueue(jobs).priority(Low).on(client).await?;
    let begun = Instant::now();
    let server = client.server().workers(64).start().await?;
    last.wait().await?;
    let rate = jobs as f64 / begun.elapsed().as_secs_f64();
    server.stop().await;
    Ok(rate)
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// The process of the flood. It ends with its input, and then says how often it was answered.
struct Flood(Child);

impl Flood {
    fn start(at: &str, connections: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--at", at, "--connections", &connections.to_string()]);
        Ok(Self(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?))
    }

    fn stop(&mut self) -> Result<u64> {
        drop(self.0.stdin.take());
        let mut said = String::new();
        let mut output = self.0.stdout.take().context("the flood speaks")?;
        std::io::Read::read_to_string(&mut output, &mut said)?;
        ensure!(self.0.wait()?.success(), "the flood has failed");
        Ok(said.trim().parse()?)
    }
}

async fn flood(at: &str, connections: usize) -> Result<()> {
    let answered = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let mut all = JoinSet::new();
    for number in 0..connections {
        let (at, answered) = (at.to_owned(), answered.clone());
        all.spawn(async move {
            loop {
                // A connection that is cut is opened anew.
                if let Err(error) = ask(&at, number, &answered).await {
                    eprintln!("flood: {error:#}");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        });
    }
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    all.abort_all();
    println!("{}", answered.load(std::sync::atomic::Ordering::Relaxed));
    Ok(())
}

async fn ask(at: &str, number: usize, answered: &std::sync::atomic::AtomicU64) -> Result<()> {
    let stream = TcpStream::connect(at).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    for path in PATHS.iter().cycle().skip(number) {
        let request = Request::builder().uri(*path).header("host", at).body(Empty::<Bytes>::new())?;
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let is_page = !response.status().is_server_error();
        response.into_body().collect().await?;
        if is_page {
            answered.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
    connection.abort();
    Ok(())
}
