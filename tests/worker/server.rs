//! The child process of the crash tests: a server that will be killed.
//!
//! `test-worker URL LEDGER short|default`

#[path = "jobs.rs"]
mod handlers;

use std::{fs::OpenOptions, time::Duration};

use handlers::Ledger;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(ledger), Some(lease)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: test-worker URL LEDGER short|default".into());
    };
    let client = jobs::Client::connect(&url).await?;
    let server = client.server().workers(8).state(Ledger(OpenOptions::new().create(true).append(true).open(ledger)?));
    let server = match lease.as_str() {
        "short" => server
            .lease(Duration::from_millis(1_500))
            .beat(Duration::from_millis(300))
            .sweep(Duration::from_millis(300)),
        _ => server,
    };
    server.run().await?;
    Ok(())
}
