//! Orders and jobs in one file: an order and its confirmation are stored together, or neither is.
//!
//! ```sh
//! cargo run --example outbox
//! ```
//!
//! A program that stores an order and then enqueues a job may die between the two, and an order that nobody confirms is left
//! behind. The other way round, a job may look for an order that was never stored. Where jobs live in the application's own
//! database, `.within(&mut tx)` makes them part of its transaction, and neither can happen.
//!
//! It is one line on every engine. On PostgreSQL, where the tables of `jobs` have a schema of their own beside yours, and on MySQL
//! or MariaDB, where their names begin with `jobs_`:
//!
//! ```ignore
//! let pool = PgPool::connect("postgres://shop@localhost/shop").await?; // or MySqlPool and mysql://…
//! let client = Client::connect("postgres://shop@localhost/shop").await?; // the same database
//!
//! let mut tx = pool.begin().await?;
//! let order = insert_order(&mut tx, "a kettle").await?;
//! confirm_order::enqueue(order).within(&mut tx).await?;
//! tx.commit().await?; // now there are both
//! ```

#![allow(clippy::print_stdout, reason = "a program talks to the one who runs it")]

use std::path::PathBuf;

use jobs::prelude::*;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, goods TEXT NOT NULL, is_confirmed INTEGER NOT NULL DEFAULT 0)";

/// Stands for a mail that confirms an order.
#[job]
async fn confirm_order(#[state] pool: &SqlitePool, order: i64) -> Result<(), sqlx::Error> {
    let query = sqlx::query("UPDATE orders SET is_confirmed = 1 WHERE id = ?1").bind(order);
    query.execute(pool).await.map(drop)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let file = std::env::args_os().nth(1).map_or_else(|| temporary.path().join("outbox.db"), PathBuf::from);

    // The application and `jobs` each open the same file.
    let options =
        SqliteConnectOptions::new().filename(&file).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePool::connect_with(options).await?;
    sqlx::query(SCHEMA).execute(&pool).await?;
    let client = Client::connect(&format!("sqlite://{}", file.display())).await?;
    client.install();
    let server = client.server().state(pool.clone()).start().await?;

    // `BEGIN IMMEDIATE` waits for other writers now, rather than failing in the midst of the transaction.
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let order = insert_order(&mut tx, "a kettle").await?;
    let job = confirm_order::enqueue(order).within(&mut tx).await?;
    tx.commit().await?;
    assert_eq!(job.wait().await?, State::Succeeded);
    assert_eq!(is_confirmed(&pool, order).await?, Some(true));
    println!("committed: the order is stored, and its job has confirmed it");

    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let order = insert_order(&mut tx, "a teapot").await?;
    let job = confirm_order::enqueue(order).within(&mut tx).await?;
    tx.rollback().await?;
    assert!(matches!(job.record().await, Err(jobs::Error::NoJob(_))));
    assert_eq!(is_confirmed(&pool, order).await?, None);
    println!("rolled back: there is neither an order nor a job");

    server.stop().await;
    pool.close().await;
    Ok(())
}

async fn insert_order(tx: &mut sqlx::SqliteTransaction<'_>, goods: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar("INSERT INTO orders (goods) VALUES (?1) RETURNING id").bind(goods).fetch_one(&mut **tx).await
}

/// Whether the order is confirmed; `None` where there is none.
async fn is_confirmed(pool: &SqlitePool, order: i64) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar("SELECT is_confirmed FROM orders WHERE id = ?1").bind(order).fetch_optional(pool).await
}
