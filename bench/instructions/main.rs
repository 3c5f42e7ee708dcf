//! What `cargo xtask instructions` counts: the steps of a job's life on SQLite, each up to a call of [`end_of_step`].

#![expect(clippy::print_stdout, reason = "a command-line program speaks on its terminal")]

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use jobs::prelude::*;
use tokio::sync::Notify;

/// How many jobs are stored by single calls, and how many by one.
const SINGLE: u64 = 500;
const BULK: u64 = 2_500;

static RUNS: AtomicU64 = AtomicU64::new(0);
static ALL: Notify = Notify::const_new();

/// Does nothing.
#[job]
async fn noop(number: u64, text: String) {
    assert!(number < SINGLE + BULK && text.len() == 100, "the job's arguments came back changed");
    if RUNS.fetch_add(1, Ordering::Relaxed) + 1 == SINGLE + BULK {
        ALL.notify_one();
    }
}

fn text() -> String {
    "x".repeat(100)
}

/// The counter looks for this name: at each call it writes down what it has and begins anew.
#[inline(never)]
fn end_of_step(step: &str, jobs: u64) {
    println!("{step} {jobs}");
}

// One thread of ours, so that the count does not hang on who is awake when.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let client = Client::connect(&format!("sqlite://{}", folder.path().join("jobs.db").display())).await?;
    end_of_step("start", 1);

    for number in 0..SINGLE {
        noop::enqueue(number, text()).on(&client).await?;
    }
    end_of_step("enqueue", SINGLE);

    client.enqueue_all((SINGLE..SINGLE + BULK).map(|number| noop::new(number, text()))).await?;
    end_of_step("bulk", BULK);

    let server = client.server().workers(64).start().await?;
    ALL.notified().await;
    // Returns when all ends are stored.
    server.stop().await;
    end_of_step("run", SINGLE + BULK);
    Ok(())
}
