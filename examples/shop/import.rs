//! Takes customers over from a CSV file. A line that cannot be used is named and left out; the others count.

use std::path::Path;

use anyhow::{Context, bail};
use csv::{ErrorKind, Position, ReaderBuilder, Trim};
use lettre::Address;
use serde::Deserialize;
use sqlx::SqliteConnection;

#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    email: String,
    city: String,
}

pub(crate) async fn customers(connection: &mut SqliteConnection, file: &Path) -> anyhow::Result<()> {
    let shown = file.display();
    let mut reader =
        ReaderBuilder::new().trim(Trim::All).from_path(file).with_context(|| format!("cannot open {shown}"))?;
    let headers = reader.headers().with_context(|| format!("cannot read {shown}"))?.clone();
    if let Some(missing) =
        ["name", "email", "city"].into_iter().find(|name| !headers.iter().any(|header| header == *name))
    {
        bail!("{shown} has no column `{missing}`; its first line must be: name,email,city");
    }
    let (mut taken, mut left_out) = (0, 0);
    for record in reader.records() {
        let (line, row) = match record {
            Ok(record) => (line(record.position()), record.deserialize::<Row>(Some(&headers))),
            Err(error) if error.is_io_error() => return Err(error).with_context(|| format!("cannot read {shown}")),
            Err(error) => (line(error.position()), Err(error)),
        };
        let outcome = match row {
            Ok(row) => take(connection, row).await?,
            Err(error) => Err(why(&error)),
        };
        match outcome {
            Ok(()) => taken += 1,
            Err(why) => {
                left_out += 1;
                eprintln!("shop: {shown}, line {line} is left out: {why}");
            }
        }
    }
    println!("shop: took {taken} customers from {shown}, left out {left_out} lines");
    Ok(())
}

/// Stores a customer, or says why not.
async fn take(connection: &mut SqliteConnection, row: Row) -> sqlx::Result<Result<(), String>> {
    if row.name.is_empty() {
        return Ok(Err("it has no name".to_owned()));
    }
    if let Err(error) = row.email.parse::<Address>() {
        return Ok(Err(format!("`{}` is not a mail address ({error})", row.email)));
    }
    let query =
        sqlx::query("INSERT INTO customer (name, email, city) VALUES (?1, ?2, ?3) ON CONFLICT (email) DO NOTHING");
    let stored = query.bind(row.name).bind(&row.email).bind(row.city).execute(connection).await?;
    Ok(if stored.rows_affected() == 1 { Ok(()) } else { Err(format!("`{}` is a customer already", row.email)) })
}

fn line(position: Option<&Position>) -> u64 {
    position.map_or(0, Position::line)
}

fn why(error: &csv::Error) -> String {
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} columns instead of {expected_len}")
        }
        _ => error.to_string(),
    }
}
