//! A program with a dashboard: it stores jobs of several kinds, runs them, and shows how they fare.
//!
//! ```sh
//! cargo run --example dashboard --features dashboard
//! ```
//!
//! Then open <http://localhost:3000/jobs>. Only browsers of this machine are let in. Ctrl-C ends it.

#![allow(clippy::print_stdout, reason = "a program talks to the one who runs it")]

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use clap::Parser;
use jobs::{
    dashboard::{Dashboard, Policy, axum::Router},
    prelude::*,
};
use tokio::{
    net::TcpListener,
    time::{interval, sleep},
};

/// Runs jobs and shows them.
#[derive(Debug, Parser)]
struct Options {
    /// The port of the dashboard on this machine.
    #[arg(long, default_value_t = 3_000)]
    port: u16,

    /// The database; a new file in a temporary folder, unless said here.
    #[arg(long, value_name = "URL")]
    jobs_url: Option<String>,
}

/// Sends a welcome; the mail server of this example turns one in ten away.
#[job(queue = "mail", attempts = 3, backoff = "constant(10s)")]
async fn send_welcome(user: u32) -> anyhow::Result<()> {
    sleep(Duration::from_millis(u64::from(user % 300))).await;
    if user % 10 == 3 {
        bail!("mailbox of user {user} is full");
    }
    Ok(())
}

/// Charges a card.
#[job(queue = "payments", attempts = 1)]
async fn charge(order: u32) -> anyhow::Result<()> {
    sleep(Duration::from_millis(50)).await;
    if order.is_multiple_of(25) {
        bail!("card of order {order} was declined");
    }
    Ok(())
}

/// Draws a report, which takes a while.
#[job(queue = "reports")]
async fn draw_report(month: u8) {
    sleep(Duration::from_secs(u64::from(month % 12) + 5)).await;
}

/// A kind whose queue no server of this program reads.
#[job(queue = "archive")]
async fn archive(order: u32) {
    let _ = order;
}

#[recurring("*/5 * * * *")]
#[job(queue = "mail")]
async fn send_digest() {}

#[recurring("0 8 * * MON-FRI", tz = "Europe/Istanbul")]
#[job(queue = "reports")]
async fn morning_report() {}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let folder = tempfile::tempdir()?;
    let url = options.jobs_url.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("jobs.db").display()));
    let client = Client::connect(&url).await?;
    client.install();

    archive::enqueue(7).await?;
    for month in 1..=12 {
        draw_report::enqueue(month).delay(format!("{}s", u32::from(month) * 20)).await?;
    }
    let server = client.server().queues(["payments", "mail", "reports"]).workers(8).start().await?;
    let orders = tokio::spawn(order(client.clone()));

    let stopped = || async {
        // Without a handler for Ctrl-C the process ends at once, which is what was asked for.
        let _ = tokio::signal::ctrl_c().await;
    };
    let dashboard =
        Dashboard::new(&client, Policy::loopback()).title("shop").environment("example").shutdown(stopped());
    let app: Router = Router::new().nest_service("/jobs", dashboard.router());
    let address = SocketAddr::from(([127, 0, 0, 1], options.port));
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    println!("http://localhost:{}/jobs", listener.local_addr()?.port());
    // The policy asks for the visitor's address, which this passes on.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    jobs::dashboard::axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;

    orders.abort();
    server.stop().await;
    Ok(())
}

/// Stores a few jobs each second, until it is aborted.
async fn order(client: Client) -> jobs::Result<()> {
    let mut ticks = interval(Duration::from_millis(250));
    for number in 1_u32.. {
        ticks.tick().await;
        send_welcome::enqueue(number).on(&client).await?;
        charge::enqueue(number).on(&client).await?;
    }
    Ok(())
}
