//! The notes of what operators did: one row an act, in the act's own transaction.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{
    claim::server_text,
    fail::Res,
    row::{Row, damaged},
    text::{clean, from_json, instant},
    value::{Value, args},
    write::{Read, Write},
};
use crate::storage::{Acted, AuditFilter, AuditRecord, Signature, Target, Verb, Via};

/// The longest actor that is kept, in characters.
const ACTOR: usize = 200;
/// The longest text of a detail that is kept, in bytes.
const DETAIL: usize = 8 * 1024;
/// The most that one page holds.
const PAGE: u32 = 1_000;

/// What is noted of an act.
pub(super) struct Note {
    pub(super) act: Verb,
    pub(super) target: Target,
    pub(super) queue: Option<Arc<str>>,
    pub(super) outcome: Acted,
    /// What the storage has seen: an object with `before` and `after`.
    pub(super) detail: Option<Json>,
}

/// The small number that stands for the sort of a target in storage; never renumber.
const fn noun(target: &Target) -> i64 {
    match target {
        Target::Job(_) => 0,
        Target::Queue(_) => 1,
        Target::Kind(_) => 2,
        Target::Recurring(_) => 3,
        Target::Server(_) => 4,
        Target::Batch(_) => 5,
        Target::Operation(_) => 6,
    }
}

fn text(target: &Target) -> String {
    match target {
        Target::Job(id) => id.to_string(),
        Target::Queue(name) | Target::Kind(name) | Target::Recurring(name) => name.to_string(),
        Target::Server(id) => server_text(*id),
        Target::Batch(id) => id.to_string(),
        Target::Operation(id) => id.to_string(),
    }
}

fn target_of(noun: i64, text: &str) -> sqlx::Result<Target> {
    fn id<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(text: &str) -> sqlx::Result<T> {
        text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
    }
    Ok(match noun {
        0 => Target::Job(id(text)?),
        1 => Target::Queue(Arc::from(text)),
        2 => Target::Kind(Arc::from(text)),
        3 => Target::Recurring(Arc::from(text)),
        4 => Target::Server(id(text)?),
        5 => Target::Batch(id(text)?),
        6 => Target::Operation(id(text)?),
        _ => return Err(damaged(format!("no sort of target has the number {noun}"))),
    })
}

/// The detail as it is stored.
fn detail_text(detail: &Json) -> String {
    let text = detail.to_string();
    if text.len() > DETAIL { json!({ "cut": text.len() }).to_string() } else { text }
}

/// Notes an act.
pub(super) async fn note(write: &mut Write<'_>, by: &Signature, note: Note) -> Res<()> {
    let actor: String = clean(&by.actor).chars().take(ACTOR).collect();
    let args = args![
        Value::time(write.now),
        actor,
        by.via.code(),
        note.act.code(),
        noun(&note.target),
        text(&note.target),
        note.queue.map(|queue| queue.to_string()),
        clean(&by.reason),
        note.outcome.code(),
        by.detail.as_ref().or(note.detail.as_ref()).map(detail_text),
    ];
    write.execute(&write.sql.audit_insert, args).await?;
    Ok(())
}

/// Acts, newest first, by the index of what the filter asks for that few acts share.
pub(super) async fn list(read: &mut Read<'_>, filter: &AuditFilter) -> sqlx::Result<Vec<AuditRecord>> {
    let statement = match filter {
        AuditFilter { target: Some(_), .. } => &read.sql.audit_of_target,
        AuditFilter { actor: Some(_), .. } => &read.sql.audit_of_actor,
        AuditFilter { act: Some(_), .. } => &read.sql.audit_of_act,
        _ => &read.sql.audit_list,
    };
    let args = args![
        filter.before.unwrap_or(i64::MAX),
        filter.actor.clone(),
        filter.act.map(Verb::code),
        filter.target.as_ref().map(noun),
        filter.target.as_ref().map(text),
        i64::from(filter.limit.min(PAGE)),
    ];
    read.rows(statement, args).await?.iter().map(record).collect()
}

fn record(row: &Row) -> sqlx::Result<AuditRecord> {
    let unknown = |what: &str, code: i64| damaged(format!("no {what} has the number {code}"));
    let (via, act, outcome) = (row.int(3)?, row.int(4)?, row.int(9)?);
    Ok(AuditRecord {
        number: row.int(0)?,
        at: instant(row.time(1)?),
        actor: row.text(2)?,
        via: Via::from_code(via).ok_or_else(|| unknown("way of an act", via))?,
        act: Verb::from_code(act).ok_or_else(|| unknown("act", act))?,
        target: target_of(row.int(5)?, &row.text(6)?)?,
        queue: row.opt_text(7)?,
        reason: row.text(8)?,
        outcome: Acted::from_code(outcome).ok_or_else(|| unknown("end of an act", outcome))?,
        detail: row.opt_text(10)?.map(|text| from_json(&text)).transpose()?,
    })
}

/// Removes what has been kept for long enough, of the oldest `limit` acts. Returns how many.
pub(super) async fn sweep(write: &mut Write<'_>, before: i64, limit: i64) -> Res<u64> {
    Ok(write.execute(&write.sql.audit_sweep, args![Value::time(before), limit]).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_that_is_too_long_says_how_long_it_was() {
        let short = json!({ "before": { "queue": "mail" } });
        assert_eq!(detail_text(&short), short.to_string());
        let long = json!({ "after": { "args": "ü".repeat(DETAIL) } });
        assert_eq!(detail_text(&long), json!({ "cut": long.to_string().len() }).to_string());
    }
}
