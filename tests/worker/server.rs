//! The child process of the crash tests: a server that will be killed.
//!
//! `test-worker URL LEDGER short|hardy|default [JOBS]`; a hardy one blames no job for its death; with JOBS it stores so many itself, eight
//! at a time, while it runs them.

#[path = "jobs.rs"]
mod handlers;

use std::{fs::OpenOptions, time::Duration};

use handlers::Ledger;
use jobs::Client;

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// How many jobs are on their way to the database at once.
const CALLERS: u32 = 8;

#[tokio::main]
async fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(ledger), Some(lease)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: test-worker URL LEDGER short|hardy|default [JOBS]".into());
    };
    let own: u32 = arguments.next().map_or(Ok(0), |number| number.parse())?;
    let client = Client::connect(&url).await?;
    let open = || OpenOptions::new().create(true).append(true).open(&ledger);
    let server = client.server().workers(8).state(Ledger(open()?));
    let server = if lease == "hardy" { server.crash_limit(1_000) } else { server };
    let server = match lease.as_str() {
        "short" | "hardy" => server
            .lease(Duration::from_millis(1_500))
            .beat(Duration::from_millis(300))
            .sweep(Duration::from_millis(300)),
        _ => server,
    };
    for caller in 0..CALLERS {
        tokio::spawn(store(client.clone(), Ledger(open()?), (caller..own).step_by(CALLERS as usize)));
    }
    server.run().await?;
    Ok(())
}

/// Stores jobs one at a time, and says in the ledger which it has been told are stored.
async fn store(client: Client, ledger: Ledger, numbers: impl Iterator<Item = u32>) -> Outcome {
    for number in numbers {
        handlers::tally::enqueue(number).on(&client).await?;
        ledger.note("stored", number, jobs::Fence(0))?;
    }
    Ok(())
}
