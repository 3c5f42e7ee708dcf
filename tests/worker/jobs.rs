//! The jobs that the crash tests enqueue and that their child processes run.

use std::{fs::File, io::Write, time::Duration};

use jobs::{Fence, prelude::*};

/// A file that every process appends to, outside of the database: what really happened.
pub(crate) struct Ledger(pub(crate) File);

impl Ledger {
    /// One `write` a line, which the system keeps whole.
    pub(crate) fn note(&self, what: &str, number: u32, fence: Fence) -> std::io::Result<()> {
        let micros = Timestamp::now().as_microsecond();
        (&self.0).write_all(format!("{what} {number} {fence} {micros}\n").as_bytes())
    }
}

/// Takes a few milliseconds and says so in the ledger.
#[job(name = "tally", backoff = "constant(10ms)")]
pub(crate) async fn tally(ctx: &JobContext, #[state] ledger: &Ledger, number: u32) -> std::io::Result<u32> {
    ledger.note("start", number, ctx.fence())?;
    tokio::time::sleep(Duration::from_millis(u64::from(2 + number % 20))).await;
    ledger.note("end", number, ctx.fence())?;
    Ok(number)
}

/// Takes so long and says so in the ledger.
#[job(name = "haul", backoff = "constant(10ms)")]
pub(crate) async fn haul(ctx: &JobContext, #[state] ledger: &Ledger, number: u32, millis: u32) -> std::io::Result<()> {
    ledger.note("start", number, ctx.fence())?;
    tokio::time::sleep(Duration::from_millis(u64::from(millis))).await;
    ledger.note("end", number, ctx.fence())
}

/// Kills the process that runs it.
#[job(name = "poison")]
pub(crate) async fn poison(#[state] ledger: &Ledger) -> std::io::Result<()> {
    ledger.note("poison", 0, Fence(0))?;
    std::process::abort()
}

/// Does no harm, and takes long enough to be running when the process dies.
#[job(name = "neighbour")]
pub(crate) async fn neighbour(number: u32) {
    tokio::time::sleep(Duration::from_millis(u64::from(150 + number))).await;
}
