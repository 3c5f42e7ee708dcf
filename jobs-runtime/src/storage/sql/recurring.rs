//! Recurring definitions and their occurrences.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use jobs_schedule::{Misfire, Overlap};

use super::{
    fail::Res,
    insert::{self, exhausted_code, exhausted_from_code},
    names::Noun,
    pauses::pause_at,
    row::Row,
    text::{duration, from_optional_json, instant, meta_text, micros, tags_text},
    value::{Value, args},
    write::{Read, Write},
};
use crate::{
    JobId,
    storage::{Acted, Due, Fire, NewJob, Owner, PauseTarget, RecurringRecord, RecurringRun, RecurringSpec},
};

pub(super) async fn upsert(write: &mut Write<'_>, spec: &RecurringSpec, next_at: Option<Timestamp>) -> Res<()> {
    let template = &spec.template;
    let kind = write.number(Noun::Kind, &template.kind).await?;
    let queue = write.number(Noun::Queue, &template.queue).await?;
    let (misfire, cap) = misfire_code(spec.misfire);
    let args = args![
        spec.id.to_string(),
        i64::from(spec.owner == Owner::Runtime),
        spec.cron.clone(),
        spec.zone.clone(),
        misfire,
        cap,
        i64::from(spec.overlap == Overlap::Skip),
        kind,
        queue,
        i64::from(template.priority),
        template.payload.clone(),
        i64::from(template.max_attempts),
        exhausted_code(template.on_exhausted),
        template.timeout.map(micros),
        template.expires.map(micros),
        template.retain.map(micros),
        meta_text(&template.meta),
        tags_text(&template.tags),
        Value::time(next_at.map(Timestamp::as_microsecond)),
        Value::time(write.now),
    ];
    write.execute(&write.sql.recurring_upsert, args).await?;
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

/// Reads the columns of `recurring_get.sql` and its like: the definition, its times, its pause, and whether it is orphaned.
fn record(row: &Row) -> sqlx::Result<RecurringRecord> {
    let id: Arc<str> = Arc::from(row.text(0)?);
    let cap = row.opt_int(5)?.and_then(|cap| u32::try_from(cap).ok());
    let (cron, zone) = (row.text(2)?, row.text(3)?);
    let of_code = row.opt_text(25)?.zip(row.opt_text(26)?);
    Ok(RecurringRecord {
        next_at: row.opt_time(18)?.map(instant),
        last_at: row.opt_time(19)?.map(instant),
        last_job: row.opt_job(20)?,
        pause: pause_at(row, 21, || PauseTarget::Recurring(Arc::clone(&id)))?,
        orphaned: row.flag(24)?,
        // A program of an older version stores what the code says and knows of no edit.
        of_code: of_code.filter(|of_code| (&of_code.0, &of_code.1) != (&cron, &zone)),
        spec: RecurringSpec {
            owner: if row.int(1)? == 1 { Owner::Runtime } else { Owner::Code },
            cron,
            zone,
            misfire: misfire_of(row.int(4)?, cap),
            overlap: if row.int(6)? == 1 { Overlap::Skip } else { Overlap::Allow },
            template: NewJob {
                // Each occurrence gets an id of its own.
                id: JobId::from_bytes([0; 16]),
                kind: Arc::from(row.text(7)?),
                queue: Arc::from(row.text(8)?),
                priority: row.narrow(9)?,
                payload: row.bytes(10)?,
                due: Due::Now,
                max_attempts: row.narrow(11)?,
                on_exhausted: exhausted_from_code(row.int(12)?),
                timeout: row.opt_int(13)?.map(duration),
                expires: row.opt_int(14)?.map(duration),
                retain: row.opt_int(15)?.map(duration),
                meta: from_optional_json(row.opt_text(16)?)?,
                tags: from_optional_json(row.opt_text(17)?)?,
                recurring: None,
                batch: None,
                waits: None,
            },
            id,
        },
    })
}

pub(super) async fn get(read: &mut Read<'_>, id: &str) -> sqlx::Result<Option<RecurringRecord>> {
    let now = read.now().await?;
    let row = read.optional(&read.sql.recurring_get, args![id, Value::time(now)]).await?;
    row.as_ref().map(record).transpose()
}

pub(super) async fn list(read: &mut Read<'_>) -> sqlx::Result<Vec<RecurringRecord>> {
    let now = read.now().await?;
    let rows = read.rows(&read.sql.recurring_list, args![Value::time(now)]).await?;
    rows.iter().map(record).collect()
}

/// The newest jobs that a definition made: a walk of the key of its occurrences.
pub(super) async fn runs(read: &mut Read<'_>, id: &str, limit: u32) -> sqlx::Result<Vec<RecurringRun>> {
    let rows = read.rows(&read.sql.recurring_runs, args![id, i64::from(limit)]).await?;
    rows.iter().map(|row| Ok(RecurringRun { at: instant(row.time(0)?), job: row.job(1)? })).collect()
}

pub(super) async fn remove(write: &mut Write<'_>, id: &str) -> Res<bool> {
    // A deletion of what is not there could keep others waiting.
    Ok(get(&mut write.read(), id).await?.is_some() && write.execute(&write.sql.recurring_remove, args![id]).await? > 0)
}

/// What is due now, and when the next becomes so.
pub(super) async fn due(
    read: &mut Read<'_>,
    declared: &[Arc<str>],
) -> sqlx::Result<(Timestamp, Vec<RecurringRecord>, Option<Timestamp>)> {
    let now = read.now().await?;
    let rows = read.rows(&read.sql.recurring_due, args![Value::time(now), Value::texts(declared)]).await?;
    let records = rows.iter().map(record).collect::<sqlx::Result<_>>()?;
    let next = read.one(&read.sql.recurring_next, args![Value::time(now), Value::texts(declared)]).await?;
    Ok((instant(now), records, next.opt_time(0)?.map(instant)))
}

pub(super) async fn fire(write: &mut Write<'_>, fire: &Fire) -> Res<u64> {
    let next = Value::time(fire.next.map(Timestamp::as_microsecond));
    let args = args![&*fire.id, Value::time(fire.expected.as_microsecond()), next];
    if write.execute(&write.sql.recurring_advance, args).await? == 0 {
        return Ok(0);
    }
    let mut fired = 0;
    for (at, job) in &fire.jobs {
        if fire.overlap == Overlap::Skip && is_busy(write, &fire.id).await? {
            break;
        }
        let args = args![&*fire.id, Value::time(at.as_microsecond()), job.id];
        if write.execute(&write.sql.occurrence_insert, args).await? > 0 {
            start(write, &fire.id, *at, job).await?;
            fired += 1;
        }
    }
    Ok(fired)
}

async fn is_busy(write: &mut Write<'_>, id: &str) -> Res<bool> {
    Ok(write.optional(&write.sql.recurring_busy, args![id]).await?.is_some())
}

/// Stores the job and notes it as the definition's last.
async fn start(write: &mut Write<'_>, id: &str, at: Timestamp, job: &NewJob) -> Res<()> {
    insert::jobs(write, std::slice::from_ref(job)).await?;
    let args = args![id, Value::time(at.as_microsecond()), job.id];
    write.execute(&write.sql.recurring_fired, args).await?;
    Ok(())
}

pub(super) async fn trigger(write: &mut Write<'_>, id: &str, job: &NewJob) -> Res<bool> {
    if get(&mut write.read(), id).await?.is_none() {
        return Ok(false);
    }
    by_hand(write, id, job).await?;
    Ok(true)
}

/// Stores a job that somebody has asked for, and notes it among the runs. It is not noted as the last job: the occurrence that may still
/// run is what `overlap` asks about.
async fn by_hand(write: &mut Write<'_>, id: &str, job: &NewJob) -> Res<()> {
    // Occurrences are whole seconds, so that an odd microsecond is never one of them and keeps none from firing.
    let mut at = write.now | 1;
    while write.execute(&write.sql.occurrence_insert, args![id, Value::time(at), job.id]).await? == 0 {
        at += 2;
    }
    let job = NewJob { recurring: Some((Arc::from(id), instant(at))), ..job.clone() };
    insert::jobs(write, std::slice::from_ref(&job)).await?;
    Ok(())
}

/// Makes a job from a definition beside its schedule, if there is one of this id.
pub(super) async fn make(write: &mut Write<'_>, id: &str, job: JobId) -> Res<bool> {
    let Some(stored) = get(&mut write.read(), id).await? else { return Ok(false) };
    by_hand(write, id, &NewJob { id: job, ..stored.spec.template }).await?;
    Ok(true)
}

/// Leaves the next occurrence out, if it is the expected one.
pub(super) async fn skip(write: &mut Write<'_>, id: &str, expected: Timestamp, next: Option<Timestamp>) -> Res<Acted> {
    let next = Value::time(next.map(Timestamp::as_microsecond));
    let args = args![id, Value::time(expected.as_microsecond()), next];
    let skipped = write.execute(&write.sql.recurring_advance, args).await?;
    acted(write, id, skipped).await
}

/// Gives a definition another expression and zone, if it has the expected ones. Of one that belongs to the code, what that says is kept
/// beside them.
pub(super) async fn alter(
    write: &mut Write<'_>,
    id: &str,
    seen: &(String, String),
    to: &(String, String),
    next: Option<Timestamp>,
) -> Res<Acted> {
    let next = Value::time(next.map(Timestamp::as_microsecond));
    let args = args![id, to.0.clone(), to.1.clone(), next, seen.0.clone(), seen.1.clone()];
    let altered = write.execute(&write.sql.recurring_alter, args).await?;
    // The scheduler may have to wake earlier than it planned.
    write.effects.work = true;
    acted(write, id, altered).await
}

async fn acted(write: &mut Write<'_>, id: &str, changed: u64) -> Res<Acted> {
    Ok(match changed {
        0 if get(&mut write.read(), id).await?.is_none() => Acted::Missing,
        0 => Acted::Refused,
        _ => Acted::Done,
    })
}

/// Notes which definitions live servers declare, and removes those of the code that none has declared for so long.
pub(super) async fn sweep(write: &mut Write<'_>, orphaned_for: Duration) -> Res<u64> {
    let now = write.now;
    write.execute(&write.sql.recurring_declared, args![Value::time(now)]).await?;
    let before = now.saturating_sub(micros(orphaned_for));
    Ok(write.execute(&write.sql.recurring_sweep, args![Value::time(before)]).await?)
}
