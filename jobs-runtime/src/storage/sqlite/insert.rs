//! Storing new jobs.

use std::collections::HashSet;

use sqlx::Row;

use super::{
    bulk::Bulk,
    error::{Fail, Res},
    names::Noun,
    stat::{HOUR, Line},
    text::{id_list, meta_text, micros, tags_text},
    write::Write,
};
use crate::{
    JobId, State,
    job::OnExhausted,
    storage::{Due, Measure, NewJob},
};

static JOB: Bulk = Bulk::new(include_str!("sql/job_insert.sql"), 16);
static READY: Bulk = Bulk::new(include_str!("sql/ready_insert.sql"), 6);
static SCHEDULED: Bulk = Bulk::new(include_str!("sql/scheduled_insert.sql"), 2);
static EXPIRY: Bulk = Bulk::new(include_str!("sql/expiry_insert.sql"), 2);

/// A row of `jobs_ready`.
pub(super) struct Ready {
    pub(super) line: Line,
    pub(super) priority: i64,
    pub(super) id: JobId,
    pub(super) once: bool,
    pub(super) suspect: bool,
}

/// A row of `jobs_job` in the making.
struct Row16<'j> {
    job: &'j NewJob,
    line: Line,
    due_at: i64,
}

/// Stores the jobs that are not known; says for each whether it was.
pub(super) async fn jobs(write: &mut Write<'_>, jobs: &[NewJob]) -> Res<Vec<bool>> {
    let fresh = if write.careful { fresh(write, jobs).await? } else { vec![true; jobs.len()] };
    let mut rows = Vec::with_capacity(jobs.len());
    for (job, _) in jobs.iter().zip(&fresh).filter(|(_, fresh)| **fresh) {
        let kind = write.number(Noun::Kind, &job.kind).await?;
        let queue = write.number(Noun::Queue, &job.queue).await?;
        rows.push(Row16 { job, line: Line { queue, kind }, due_at: due_at(job.due, write.now) });
    }
    let now = write.now;
    let inserted = JOB
        .execute(write.connection, &rows, |query, Row16 { job, line, due_at }| {
            query
                .bind(job.id.as_bytes().to_vec())
                .bind(line.kind)
                .bind(line.queue)
                .bind(i64::from(job.priority))
                .bind(job.payload.clone())
                .bind(now)
                .bind(*due_at)
                .bind(i64::from(job.max_attempts))
                .bind(exhausted_code(job.on_exhausted))
                .bind(job.timeout.map(micros))
                .bind(job.expires.map(|expires| due_at.saturating_add(micros(expires))))
                .bind(job.retain.map(micros))
                .bind(meta_text(&job.meta))
                .bind(tags_text(&job.tags))
                .bind(job.recurring.as_ref().map(|(id, _)| id.to_string()))
                .bind(job.recurring.as_ref().map(|(_, at)| at.as_microsecond()))
        })
        .await?;
    if inserted != rows.len() as u64 {
        return Err(Fail::Known);
    }
    place(write, &rows).await?;
    Ok(fresh)
}

/// Which of the jobs are not stored yet, the first of several with one id counting.
async fn fresh(write: &mut Write<'_>, jobs: &[NewJob]) -> Res<Vec<bool>> {
    let rows = sqlx::query(include_str!("sql/job_known.sql"))
        .bind(id_list(jobs.iter().map(|job| job.id)))
        .fetch_all(&mut *write.connection)
        .await?;
    let mut known = HashSet::with_capacity(rows.len());
    for row in rows {
        known.insert(id_at(&row, 0)?);
    }
    Ok(jobs.iter().map(|job| known.insert(job.id)).collect())
}

/// Puts inserted jobs where their state says.
async fn place(write: &mut Write<'_>, rows: &[Row16<'_>]) -> Res<()> {
    let (mut due, mut waiting, mut expiries) = (Vec::new(), Vec::new(), Vec::new());
    for Row16 { job, line, due_at } in rows {
        let state = if *due_at <= write.now { State::Enqueued } else { State::Scheduled };
        if state == State::Enqueued {
            due.push(Ready {
                line: *line,
                priority: i64::from(job.priority),
                id: job.id,
                once: job.max_attempts <= 1,
                suspect: false,
            });
        } else {
            waiting.push((*due_at, job.id));
        }
        if !is_of_this_hour(job.id, write.now) {
            expiries.push((due_at.saturating_add(HOUR), job.id));
        }
        write.stats.moved(*line, None, Some(state.code()));
        write.stats.count(*line, Measure::Created);
    }
    ready(write, &due).await?;
    scheduled(write, &waiting).await?;
    expiry(write, &expiries).await
}

/// Retention finds jobs by walking the ids in the order of their time; a caller's own id may lie off the walk's path.
fn is_of_this_hour(id: JobId, now: i64) -> bool {
    let at = |micros| JobId::floor(super::text::instant(micros));
    at(now - HOUR) < id && id < at(now + HOUR)
}

fn due_at(due: Due, now: i64) -> i64 {
    match due {
        Due::Now => now,
        Due::In(delay) => now.saturating_add(micros(delay)),
        Due::At(at) => at.as_microsecond(),
    }
}

pub(super) async fn ready(write: &mut Write<'_>, rows: &[Ready]) -> Res<()> {
    write.effects.work |= !rows.is_empty();
    READY
        .execute(write.connection, rows, |query, row| {
            query
                .bind(row.line.queue)
                .bind(row.priority)
                .bind(row.id.as_bytes().to_vec())
                .bind(row.line.kind)
                .bind(row.once)
                .bind(row.suspect)
        })
        .await?;
    Ok(())
}

/// Rows of (due time, job).
pub(super) async fn scheduled(write: &mut Write<'_>, rows: &[(i64, JobId)]) -> Res<()> {
    // The promoter may have to wake earlier than it planned.
    write.effects.work |= !rows.is_empty();
    SCHEDULED.execute(write.connection, rows, |query, (at, id)| query.bind(*at).bind(id.as_bytes().to_vec())).await?;
    Ok(())
}

/// Rows of (time to look at the job again, job).
pub(super) async fn expiry(write: &mut Write<'_>, rows: &[(i64, JobId)]) -> Res<()> {
    EXPIRY.execute(write.connection, rows, |query, (at, id)| query.bind(*at).bind(id.as_bytes().to_vec())).await?;
    Ok(())
}

pub(super) const fn exhausted_code(on_exhausted: OnExhausted) -> i64 {
    match on_exhausted {
        OnExhausted::Fail => 0,
        OnExhausted::Delete => 1,
    }
}

pub(super) const fn exhausted_from_code(code: i64) -> OnExhausted {
    if code == 1 { OnExhausted::Delete } else { OnExhausted::Fail }
}

/// The job id in a column.
pub(super) fn id_at(row: &sqlx::sqlite::SqliteRow, column: usize) -> sqlx::Result<JobId> {
    id_of(row.try_get::<&[u8], _>(column)?)
}

/// The job id in 16 bytes.
pub(super) fn id_of(bytes: &[u8]) -> sqlx::Result<JobId> {
    let bytes = bytes.try_into().map_err(|_| sqlx::Error::Decode("an id of other than 16 bytes".into()))?;
    Ok(JobId::from_bytes(bytes))
}
