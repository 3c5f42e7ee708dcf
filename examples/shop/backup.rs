//! The nightly backup of the shop's database.

use std::fs;

use anyhow::{Context, ensure};
use jobs::prelude::*;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::data::Shop;

/// Copies the database while others use it, checks the copy, and returns where it is.
///
/// `overlap = "skip"`: should last night's backup still run, tonight's is left out.
#[recurring("30 3 * * *", tz = "Europe/Istanbul", overlap = "skip", id = "nightly-backup")]
#[job(attempts = 3, timeout = "10m")]
pub(crate) async fn back_up(ctx: &JobContext, #[state] shop: &Shop) -> anyhow::Result<String> {
    let night = ctx.occurrence().unwrap_or_else(Timestamp::now).in_tz("Europe/Istanbul")?.date();
    let path = shop.folder("backups")?.join(format!("shop-{night}.db"));
    let unfinished = path.with_extension(format!("{}.unfinished", ctx.id()));
    // An earlier attempt may have left one behind, and SQLite does not write over a file.
    let _ = fs::remove_file(&unfinished);
    sqlx::query("VACUUM INTO ?1")
        .bind(unfinished.to_str().context("the folder's name is not text")?)
        .execute(&shop.pool)
        .await
        .context("cannot copy the database")?;
    ctx.progress(0.5, "copied");

    let options = SqliteConnectOptions::new().filename(&unfinished).read_only(true);
    let mut copy = SqliteConnection::connect_with(&options).await.context("cannot open the copy")?;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut copy).await?;
    copy.close().await?;
    ensure!(found == "ok", "the copy is damaged: {found}");
    fs::rename(&unfinished, &path)?;
    Ok(path.display().to_string())
}
