//! Takes customers over from a CSV file. A line that cannot be used is named and left out; the others count.

use std::{fs, path::Path};

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
    let text = fs::read(file).with_context(|| format!("cannot open {shown}"))?;
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(&text[..]);
    let headers = reader.headers().with_context(|| format!("cannot read {shown}"))?.clone();
    if let Some(missing) =
        ["name", "email", "city"].into_iter().find(|name| !headers.iter().any(|header| header == *name))
    {
        bail!("{shown} has no column `{missing}`; its first line must be: name,email,city");
    }
    let (mut taken, mut left_out) = (0, 0);
    for record in reader.records() {
        let (line, row) = match record {
            Ok(record) => (line(&text, record.position()), record.deserialize::<Row>(Some(&headers))),
            Err(error) => (line(&text, error.position()), Err(error)),
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

/// The number of a line. A record begins, for the reader, right after the first character that ended the one before: where lines end
/// with two, as spreadsheets write them, one is still to be counted.
fn line(text: &[u8], position: Option<&Position>) -> u64 {
    let Some(position) = position else { return 0 };
    let rest = text.iter().skip(position.byte() as usize);
    let ends = rest.take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    position.line() + ends.count() as u64
}

fn why(error: &csv::Error) -> String {
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} columns instead of {expected_len}")
        }
        _ => error.to_string(),
    }
}
