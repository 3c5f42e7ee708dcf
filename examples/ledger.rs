//! Transfers between accounts that happen exactly once, although the server that makes them is killed in the midst of it.
//!
//! ```sh
//! cargo run --example ledger
//! ```
//!
//! A job runs at least once: a server may die when the money has moved and before the end of the job is stored, and another
//! server then runs it again. Where the jobs live in the same database as the accounts, `ctx.finish_in(&mut tx)` ends the job in
//! the transaction that moves the money: both are committed, or neither is.
//!
//! This program starts a server as a process of its own, kills it halfway, starts another one, and then checks the books.
//! Without the line with `finish_in` it finds some transfers that were made twice. On PostgreSQL and MySQL the line is the same,
//! with a transaction of theirs.

#![allow(clippy::print_stdout, reason = "a program talks to the one who runs it")]

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, ensure};
use jobs::{JobFilter, prelude::*};
use sqlx::{
    SqlitePool, SqliteTransaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use tokio::{
    process::{Child, Command},
    time::sleep,
};

/// Nothing here would stop a transfer from being entered twice.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS entry (transfer INTEGER NOT NULL, account INTEGER NOT NULL, amount INTEGER NOT NULL);";
const ACCOUNTS: i64 = 10;
const TRANSFERS: i64 = 300;

/// Moves an amount from one account to another.
#[job]
async fn transfer(
    ctx: &JobContext,
    #[state] bank: &SqlitePool,
    number: i64,
    from: i64,
    to: i64,
    amount: i64,
) -> anyhow::Result<()> {
    let mut tx = bank.begin_with("BEGIN IMMEDIATE").await?;
    enter(&mut tx, number, from, -amount).await?;
    enter(&mut tx, number, to, amount).await?;
    // The last thing before the commit. Whoever has lost the job meanwhile gets an error here, and what it did is rolled back.
    ctx.finish_in(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn enter(tx: &mut SqliteTransaction<'_>, transfer: i64, account: i64, amount: i64) -> sqlx::Result<()> {
    let balance = sqlx::query("UPDATE account SET balance = balance + ?2 WHERE id = ?1").bind(account).bind(amount);
    balance.execute(&mut **tx).await?;
    let entry = sqlx::query("INSERT INTO entry (transfer, account, amount) VALUES (?1, ?2, ?3)");
    entry.bind(transfer).bind(account).bind(amount).execute(&mut **tx).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let temporary = tempfile::tempdir()?;
    let file = match &arguments[..] {
        [word, file] if word.as_os_str() == "serve" => return serve(file).await,
        [file] => file.clone(),
        _ => temporary.path().join("bank.db"),
    };
    let (bank, client) = open(&file).await?;
    for account in 1..=ACCOUNTS {
        sqlx::query("INSERT INTO account (id, balance) VALUES (?1, 0)").bind(account).execute(&bank).await?;
    }
    let transfers =
        (0..TRANSFERS).map(|n| transfer::new(n, 1 + n % ACCOUNTS, 1 + (n + 1 + n % 7) % ACCOUNTS, 1 + n % 90));
    client.enqueue_all(transfers).await?;

    let mut first = start_server(&file)?;
    while made(&bank).await? < TRANSFERS / 2 {
        sleep(Duration::from_millis(2)).await;
    }
    first.kill().await?;
    println!("killed the server after {} of {TRANSFERS} transfers", made(&bank).await?);

    let second = start_server(&file)?;
    while client.jobs(JobFilter::new(State::Succeeded).limit(TRANSFERS as u32)).await?.jobs.len() < TRANSFERS as usize {
        sleep(Duration::from_millis(20)).await;
    }
    end(second).await?;
    check(&bank, &client).await
}

/// The application and `jobs` each open the same file.
async fn open(file: &Path) -> anyhow::Result<(SqlitePool, Client)> {
    let options =
        SqliteConnectOptions::new().filename(file).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let bank = SqlitePool::connect_with(options).await?;
    sqlx::raw_sql(SCHEMA).execute(&bank).await?;
    Ok((bank, Client::connect(&format!("sqlite://{}", file.display())).await?))
}

/// The other process: runs jobs until its standard input ends.
async fn serve(file: &Path) -> anyhow::Result<()> {
    let (bank, client) = open(file).await?;
    let end_of_input = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    // Shorter than usual, so that nobody waits half a minute for the jobs of the one that is killed.
    let (lease, beat) = (Duration::from_millis(1_500), Duration::from_millis(300));
    client.server().state(bank).lease(lease).beat(beat).sweep(beat).run_until(end_of_input).await?;
    Ok(())
}

fn start_server(file: &Path) -> anyhow::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("serve").arg(file).stdin(Stdio::piped()).kill_on_drop(true);
    command.spawn().context("cannot start the other process")
}

async fn end(mut server: Child) -> anyhow::Result<()> {
    drop(server.stdin.take());
    let status = server.wait().await?;
    ensure!(status.success(), "the other process ended with {status}");
    Ok(())
}

/// How many transfers are in the books.
async fn made(bank: &SqlitePool) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) / 2 FROM entry").fetch_one(bank).await
}

async fn check(bank: &SqlitePool, client: &Client) -> anyhow::Result<()> {
    let ended = client.jobs(JobFilter::new(State::Succeeded).limit(TRANSFERS as u32)).await?.jobs;
    let rescued = ended.iter().filter(|job| job.crashes > 0).count();
    println!("another server took over {rescued} jobs that the first had claimed, and did the rest");

    let numbers: i64 = sqlx::query_scalar("SELECT count(DISTINCT transfer) FROM entry").fetch_one(bank).await?;
    let entered = made(bank).await?;
    ensure!(numbers == TRANSFERS && entered == TRANSFERS, "{numbers} transfers were entered {entered} times");
    let wrong: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM account WHERE balance <> (SELECT sum(amount) FROM entry WHERE account = account.id)",
    )
    .fetch_one(bank)
    .await?;
    let sum: i64 = sqlx::query_scalar("SELECT sum(balance) FROM account").fetch_one(bank).await?;
    ensure!(wrong == 0 && sum == 0, "{wrong} accounts differ from their entries, and {sum} came from nowhere");
    println!("the books are right: {entered} transfers, each made once; the accounts add up to {sum}");
    Ok(())
}
