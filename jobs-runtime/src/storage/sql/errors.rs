//! Errors grouped by what is alike in them. A failure leaves a note; upkeep folds the notes into the groups.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    fail::Res,
    row::Row,
    text::{instant, micros},
    value::{Value, args, line},
    write::{Read, Write},
};
use crate::{
    ErrorId, JobId,
    fingerprint::title,
    storage::{ErrorFilter, ErrorRecord},
};

/// So many notes are folded in one transaction.
pub(super) const STEP: u64 = 1_000;
/// So many bytes of an error are kept as a sample.
const SAMPLE: usize = 4 * 1024;

/// An attempt that failed, or a job that failed without one.
pub(super) struct Failure {
    pub(super) job: JobId,
    /// The number of its kind.
    pub(super) kind: i64,
    pub(super) text: String,
}

/// Notes failures.
pub(super) async fn note(write: &mut Write<'_>, failures: &[Failure]) -> Res<()> {
    if failures.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(failures.len());
    for failure in failures {
        let kind = write.name(super::names::Noun::Kind, failure.kind).await?;
        let title = title(&failure.text);
        let error = Value::Id(Some(*ErrorId::titled(&kind, &title).as_bytes()));
        let sample = &failure.text[..failure.text.floor_char_boundary(SAMPLE)];
        rows.push(line![Value::time(write.now), error, failure.job, failure.kind, title, sample]);
    }
    write.bulk(&write.sql.error_note, rows.into_iter().collect()).await?;
    Ok(())
}

/// What the notes of one transaction tell of a group.
struct Sum {
    kind: i64,
    n: i64,
    first_at: i64,
    last_at: i64,
    last_job: JobId,
    title: String,
    sample: String,
}

/// Folds notes into groups, and removes groups whose time is over. Returns how many notes it took.
pub(super) async fn fold(write: &mut Write<'_>) -> Res<u64> {
    let rows = write.rows(&write.sql.error_notes, args![STEP as i64]).await?;
    // In the order of the ids, in which everybody locks the groups.
    let mut sums: BTreeMap<JobId, Sum> = BTreeMap::new();
    let mut notes = Vec::with_capacity(rows.len());
    for row in &rows {
        notes.push(row.int(0)?);
        let (at, job, sample) = (row.time(1)?, row.job(3)?, row.text(6)?);
        match sums.entry(row.job(2)?) {
            Entry::Vacant(vacant) => {
                let (kind, title) = (row.int(4)?, row.text(5)?);
                vacant.insert(Sum { kind, n: 1, first_at: at, last_at: at, last_job: job, title, sample });
            }
            Entry::Occupied(mut occupied) => {
                let sum = occupied.get_mut();
                sum.n += 1;
                sum.first_at = sum.first_at.min(at);
                if at >= sum.last_at {
                    (sum.last_at, sum.last_job, sum.sample) = (at, job, sample);
                }
            }
        }
    }
    if !notes.is_empty() {
        write.execute(&write.sql.error_notes_delete, args![Value::ints(notes)]).await?;
        let table = sums.into_iter().map(|(id, sum)| {
            let (first, last) = (Value::time(sum.first_at), Value::time(sum.last_at));
            line![id, sum.kind, sum.n, first, last, sum.last_job, sum.title, sum.sample]
        });
        write.bulk(&write.sql.error_add, table.collect()).await?;
    }
    let over = write.now.saturating_sub(micros(write.retention().failed));
    write.execute(&write.sql.error_expire, args![Value::time(over)]).await?;
    Ok(rows.len() as u64)
}

pub(super) async fn get(read: &mut Read<'_>, id: ErrorId) -> sqlx::Result<Option<ErrorRecord>> {
    let row = read.optional(&read.sql.error_get, args![Value::Id(Some(*id.as_bytes()))]).await?;
    row.as_ref().map(record).transpose()
}

pub(super) async fn list(read: &mut Read<'_>, filter: &ErrorFilter) -> sqlx::Result<Vec<ErrorRecord>> {
    // Later than every calendar's last instant that an engine holds.
    let end = (253_402_207_200_000_000, [u8::MAX; 16]);
    let (at, id) = filter.before.map_or(end, |(at, id)| (at.as_microsecond(), *id.as_bytes()));
    let mut args = args![Value::time(at), Value::Id(Some(id)), i64::from(filter.limit)];
    let statement = match &filter.kind {
        None => &read.sql.error_list,
        Some(kind) => {
            args.push(Value::from(kind.as_str()));
            &read.sql.error_list_kind
        }
    };
    read.rows(statement, args).await?.iter().map(record).collect()
}

fn record(row: &Row) -> sqlx::Result<ErrorRecord> {
    Ok(ErrorRecord {
        id: ErrorId::from_bytes(*row.job(0)?.as_bytes()),
        kind: row.text(1)?,
        count: row.int(2)?,
        first_at: instant(row.time(3)?),
        last_at: instant(row.time(4)?),
        last_job: row.job(5)?,
        title: row.text(6)?,
        sample: row.text(7)?,
    })
}
