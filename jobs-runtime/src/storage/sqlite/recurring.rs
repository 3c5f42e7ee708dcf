//! Recurring definitions and their occurrences.

use std::sync::Arc;

use jiff::Timestamp;
use jobs_schedule::{Misfire, Overlap};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    error::Res,
    insert::{self, exhausted_code, exhausted_from_code, id_of},
    names::Noun,
    text::{duration, from_optional_json, instant, meta_text, micros, tags_text},
    write::Write,
};
use crate::{
    JobId,
    storage::{Due, Fire, NewJob, Owner, RecurringRecord, RecurringSpec},
};

pub(super) async fn upsert(write: &mut Write<'_>, spec: &RecurringSpec, next_at: Option<Timestamp>) -> Res<()> {
    let template = &spec.template;
    let kind = write.number(Noun::Kind, &template.kind).await?;
    let queue = write.number(Noun::Queue, &template.queue).await?;
    let (misfire, cap) = misfire_code(spec.misfire);
    sqlx::query(include_str!("sql/recurring_upsert.sql"))
        .bind(spec.id.to_string())
        .bind(i64::from(spec.owner == Owner::Runtime))
        .bind(spec.cron.clone())
        .bind(spec.zone.clone())
        .bind(misfire)
        .bind(cap)
        .bind(i64::from(spec.overlap == Overlap::Skip))
        .bind(kind)
        .bind(queue)
        .bind(i64::from(template.priority))
        .bind(template.payload.clone())
        .bind(i64::from(template.max_attempts))
        .bind(exhausted_code(template.on_exhausted))
        .bind(template.timeout.map(micros))
        .bind(template.expires.map(micros))
        .bind(template.retain.map(micros))
        .bind(meta_text(&template.meta))
        .bind(tags_text(&template.tags))
        .bind(next_at.map(Timestamp::as_microsecond))
        .execute(&mut *write.connection)
        .await?;
    // The scheduler may have to wake earlier than it planned.
    write.effects.work = true;
    Ok(())
}

const fn misfire_code(misfire: Misfire) -> (i64, Option<i64>) {
    match misfire {
        Misfire::Once => (0, None),
        Misfire::Skip => (1, None),
        Misfire::All { cap } => (2, Some(cap as i64)),
    }
}

fn misfire_of(code: i64, cap: Option<u32>) -> Misfire {
    match code {
        1 => Misfire::Skip,
        2 => Misfire::All { cap: cap.unwrap_or(1) },
        _ => Misfire::Once,
    }
}

fn record(row: &SqliteRow) -> sqlx::Result<RecurringRecord> {
    let last_job: Option<&[u8]> = row.try_get(20)?;
    Ok(RecurringRecord {
        spec: RecurringSpec {
            id: Arc::from(row.try_get::<&str, _>(0)?),
            owner: if row.try_get(1)? { Owner::Runtime } else { Owner::Code },
            cron: row.try_get(2)?,
            zone: row.try_get(3)?,
            misfire: misfire_of(row.try_get(4)?, row.try_get(5)?),
            overlap: if row.try_get(6)? { Overlap::Skip } else { Overlap::Allow },
            template: NewJob {
                // Each occurrence gets an id of its own.
                id: JobId::from_bytes([0; 16]),
                kind: Arc::from(row.try_get::<&str, _>(7)?),
                queue: Arc::from(row.try_get::<&str, _>(8)?),
                priority: row.try_get(9)?,
                payload: row.try_get(10)?,
                due: Due::Now,
                max_attempts: row.try_get(11)?,
                on_exhausted: exhausted_from_code(row.try_get(12)?),
                timeout: row.try_get::<Option<i64>, _>(13)?.map(duration),
                expires: row.try_get::<Option<i64>, _>(14)?.map(duration),
                retain: row.try_get::<Option<i64>, _>(15)?.map(duration),
                meta: from_optional_json(row.try_get(16)?)?,
                tags: from_optional_json(row.try_get(17)?)?,
                recurring: None,
            },
        },
        next_at: row.try_get::<Option<i64>, _>(18)?.map(instant),
        last_at: row.try_get::<Option<i64>, _>(19)?.map(instant),
        last_job: last_job.map(id_of).transpose()?,
    })
}

pub(super) async fn get(connection: &mut SqliteConnection, id: &str) -> sqlx::Result<Option<RecurringRecord>> {
    let row = sqlx::query(include_str!("sql/recurring_get.sql")).bind(id.to_owned()).fetch_optional(connection).await?;
    row.as_ref().map(record).transpose()
}

pub(super) async fn list(connection: &mut SqliteConnection) -> sqlx::Result<Vec<RecurringRecord>> {
    let rows = sqlx::query(include_str!("sql/recurring_list.sql")).fetch_all(connection).await?;
    rows.iter().map(record).collect()
}

pub(super) async fn remove(write: &mut Write<'_>, id: &str) -> Res<bool> {
    let done = sqlx::query(include_str!("sql/recurring_remove.sql"))
        .bind(id.to_owned())
        .execute(&mut *write.connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// What is due at `now`, and when the next becomes so.
pub(super) async fn due(
    connection: &mut SqliteConnection,
    now: i64,
    declared: &[Arc<str>],
) -> sqlx::Result<(Timestamp, Vec<RecurringRecord>, Option<Timestamp>)> {
    let declared = serde_json::Value::from_iter(declared.iter().map(|id| id.to_string())).to_string();
    let rows = sqlx::query(include_str!("sql/recurring_due.sql"))
        .bind(now)
        .bind(declared.clone())
        .fetch_all(&mut *connection)
        .await?;
    let records = rows.iter().map(record).collect::<sqlx::Result<_>>()?;
    let next: Option<i64> = sqlx::query(include_str!("sql/recurring_next.sql"))
        .bind(now)
        .bind(declared)
        .fetch_one(connection)
        .await?
        .try_get(0)?;
    Ok((instant(now), records, next.map(instant)))
}

pub(super) async fn fire(write: &mut Write<'_>, fire: &Fire) -> Res<u64> {
    let moved = sqlx::query(include_str!("sql/recurring_advance.sql"))
        .bind(fire.id.to_string())
        .bind(fire.expected.as_microsecond())
        .bind(fire.next.map(Timestamp::as_microsecond))
        .execute(&mut *write.connection)
        .await?;
    if moved.rows_affected() == 0 {
        return Ok(0);
    }
    let mut fired = 0;
    for (at, job) in &fire.jobs {
        if fire.overlap == Overlap::Skip && is_busy(write, &fire.id).await? {
            break;
        }
        let fresh = sqlx::query(include_str!("sql/occurrence_insert.sql"))
            .bind(fire.id.to_string())
            .bind(at.as_microsecond())
            .bind(job.id.as_bytes().to_vec())
            .execute(&mut *write.connection)
            .await?;
        if fresh.rows_affected() > 0 {
            start(write, &fire.id, *at, job).await?;
            fired += 1;
        }
    }
    Ok(fired)
}

async fn is_busy(write: &mut Write<'_>, id: &str) -> Res<bool> {
    let busy = sqlx::query(include_str!("sql/recurring_busy.sql"))
        .bind(id.to_owned())
        .fetch_optional(&mut *write.connection)
        .await?;
    Ok(busy.is_some())
}

/// Stores the job and notes it as the definition's last.
async fn start(write: &mut Write<'_>, id: &str, at: Timestamp, job: &NewJob) -> Res<()> {
    insert::jobs(write, std::slice::from_ref(job)).await?;
    sqlx::query(include_str!("sql/recurring_fired.sql"))
        .bind(id.to_owned())
        .bind(at.as_microsecond())
        .bind(job.id.as_bytes().to_vec())
        .execute(&mut *write.connection)
        .await?;
    Ok(())
}

pub(super) async fn trigger(write: &mut Write<'_>, id: &str, job: &NewJob) -> Res<bool> {
    if get(write.connection, id).await?.is_none() {
        return Ok(false);
    }
    // Not noted as the last job: the occurrence that may still run is what `overlap` asks about.
    insert::jobs(write, std::slice::from_ref(job)).await?;
    Ok(true)
}
