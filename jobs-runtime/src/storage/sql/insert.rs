//! Storing new jobs.

use std::{collections::HashSet, sync::Arc};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use super::write::Shared;
use super::{
    fail::{Fail, Res},
    names::Noun,
    stat::{HOUR, Line},
    statement::Sql,
    text::{instant, meta_text, micros, tags_text},
    value::{Value, args, line},
    write::Write,
};
use crate::{
    JobId, State,
    job::OnExhausted,
    storage::{Due, NewJob},
};

/// A job that may be claimed.
pub(super) struct Ready {
    pub(super) line: Line,
    pub(super) priority: i64,
    pub(super) id: JobId,
    pub(super) once: bool,
    pub(super) suspect: bool,
}

/// A job in the making.
struct Fresh<'j> {
    job: &'j NewJob,
    line: Line,
    due_at: i64,
    place: Place,
}

/// Where a new job goes, which may have to do with others.
#[derive(Default)]
pub(super) struct Place {
    /// The bits of what it has to do with others.
    pub(super) flow: i64,
    /// Whether it waits for a parent or for its batch.
    pub(super) awaits: bool,
    /// Whether a server claims it at once.
    pub(super) claimed: bool,
}

/// Says where new jobs go.
pub(super) trait Placing: Sync {
    fn place(&self, job: &NewJob) -> Place;
}

/// Of jobs that have nothing to do with others.
struct Alone;

impl Placing for Alone {
    fn place(&self, _: &NewJob) -> Place {
        Place::default()
    }
}

/// Stores the jobs that are not known; says for each whether it was. None of them waits or belongs to a batch.
pub(crate) async fn jobs(write: &mut Write<'_>, jobs: &[NewJob]) -> Res<Vec<bool>> {
    placed(write, jobs, &Alone).await
}

/// Stores the jobs that are not known, each where `placing` says.
pub(super) async fn placed(write: &mut Write<'_>, jobs: &[NewJob], placing: &dyn Placing) -> Res<Vec<bool>> {
    let fresh = if write.careful {
        fresh(write, jobs, &write.sql.job_known).await?
    } else if !all_of_this_hour(jobs, write.now) {
        // Ids that callers make come twice on purpose: a look that locks nothing spares the known ones from being tried.
        fresh(write, jobs, &write.sql.job_seen).await?
    } else {
        vec![true; jobs.len()]
    };
    let mut rows = Vec::<Fresh<'_>>::with_capacity(jobs.len());
    for (job, _) in jobs.iter().zip(&fresh).filter(|(_, fresh)| **fresh) {
        let line = match rows.last() {
            Some(last) if are_named_alike(last.job, job) => last.line,
            _ => Line {
                kind: write.number(Noun::Kind, &job.kind).await?,
                queue: write.number(Noun::Queue, &job.queue).await?,
            },
        };
        rows.push(Fresh { job, line, due_at: due_at(job.due, write.now), place: placing.place(job) });
    }
    let now = write.now;
    let table = rows.iter().map(|Fresh { job, line, due_at, place }| {
        line![
            job.id,
            line.kind,
            line.queue,
            i64::from(job.priority),
            job.payload.clone(),
            Value::time(now),
            Value::time(*due_at),
            i64::from(job.max_attempts),
            exhausted_code(job.on_exhausted),
            job.timeout.map(micros),
            Value::time(job.expires.map(|expires| due_at.saturating_add(micros(expires)))),
            job.retain.map(micros),
            meta_text(&job.meta),
            tags_text(&job.tags),
            job.recurring.as_ref().map(|(id, _)| id.to_string()),
            Value::time(job.recurring.as_ref().map(|(_, at)| at.as_microsecond())),
            job.batch,
            place.flow,
        ]
    });
    let inserted = write.bulk(&write.sql.job_insert, table.collect()).await?;
    if inserted != rows.len() as u64 {
        return Err(Fail::Known);
    }
    place(write, &rows).await?;
    Ok(fresh)
}

/// Whether the jobs share the very texts of their names, as those of one call do.
pub(crate) fn are_named_alike(one: &NewJob, other: &NewJob) -> bool {
    Arc::ptr_eq(&one.kind, &other.kind) && Arc::ptr_eq(&one.queue, &other.queue)
}

/// The names of the jobs that the process knows no numbers of, each once, in an order that is the same for all calls: two that
/// give numbers at once do not wait for each other in a circle.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn unknown_names(shared: &Shared, jobs: &[NewJob]) -> Vec<(Noun, Arc<str>)> {
    let firsts = jobs.chunk_by(are_named_alike).filter_map(<[NewJob]>::first);
    let names = firsts.flat_map(|job| [(Noun::Kind, &job.kind), (Noun::Queue, &job.queue)]);
    let unknown = names.filter(|(noun, name)| shared.number(*noun, name).is_none());
    let mut unknown: Vec<_> = unknown.map(|(noun, name)| (noun, Arc::clone(name))).collect();
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}

/// Gives names their numbers.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) async fn names(write: &mut Write<'_>, names: &[(Noun, Arc<str>)]) -> Res<()> {
    for (noun, name) in names {
        write.number(*noun, name).await?;
    }
    Ok(())
}

/// Which of the jobs are not stored yet, the first of several with one id counting.
async fn fresh(write: &mut Write<'_>, jobs: &[NewJob], statement: &Sql) -> Res<Vec<bool>> {
    let ids = Value::ids(jobs.iter().map(|job| job.id));
    let mut known = HashSet::new();
    for row in write.rows(statement, args![ids]).await? {
        known.insert(row.job(0)?);
    }
    Ok(jobs.iter().map(|job| known.insert(job.id)).collect())
}

/// Puts inserted jobs where their state says.
async fn place(write: &mut Write<'_>, rows: &[Fresh<'_>]) -> Res<()> {
    let (mut due, mut waiting, mut expiries) = (Vec::with_capacity(rows.len()), Vec::new(), Vec::new());
    // In runs of the same line and state, which a call's jobs mostly are.
    let mut counts = Vec::<(Line, State, i64)>::new();
    let (from, to) = this_hour(write.now);
    for Fresh { job, line, due_at, place } in rows {
        let state = match place {
            Place { awaits: true, .. } => State::Awaiting,
            Place { claimed: true, .. } => State::Processing,
            _ if *due_at <= write.now => State::Enqueued,
            _ => State::Scheduled,
        };
        if state == State::Enqueued {
            due.push(Ready {
                line: *line,
                priority: i64::from(job.priority),
                id: job.id,
                once: job.max_attempts <= 1,
                suspect: false,
            });
        } else if state == State::Scheduled {
            waiting.push((*due_at, job.id));
        }
        // A member goes with its batch.
        if job.batch.is_none() && !(from < job.id && job.id < to) {
            expiries.push((due_at.saturating_add(HOUR), job.id));
        }
        match counts.last_mut() {
            Some((last, of, n)) if (&*last, &*of) == (line, &state) => *n += 1,
            _ => counts.push((*line, state, 1)),
        }
    }
    for (line, state, n) in counts {
        write.stats.created(line, state, n);
    }
    ready(write, &due).await?;
    scheduled(write, &waiting).await?;
    expiry(write, &expiries).await
}

/// Retention finds jobs by walking the ids in the order of their time; a caller's own id may lie off the walk's path.
pub(super) fn of_this_hour(id: JobId, now: i64) -> bool {
    let (from, to) = this_hour(now);
    from < id && id < to
}

fn all_of_this_hour(jobs: &[NewJob], now: i64) -> bool {
    let (from, to) = this_hour(now);
    jobs.iter().all(|job| from < job.id && job.id < to)
}

fn this_hour(now: i64) -> (JobId, JobId) {
    let at = |micros| JobId::floor(instant(micros));
    (at(now - HOUR), at(now + HOUR))
}

pub(super) fn due_at(due: Due, now: i64) -> i64 {
    match due {
        Due::Now => now,
        Due::In(delay) => now.saturating_add(micros(delay)),
        Due::At(at) => at.as_microsecond(),
    }
}

pub(super) async fn ready(write: &mut Write<'_>, rows: &[Ready]) -> Res<()> {
    write.effects.work |= !rows.is_empty();
    let table = rows
        .iter()
        .map(|row| line![row.line.queue, row.priority, row.id, row.line.kind, row.once, row.suspect])
        .collect();
    write.bulk(&write.sql.ready_insert, table).await?;
    Ok(())
}

/// Rows of (due time, job).
pub(super) async fn scheduled(write: &mut Write<'_>, rows: &[(i64, JobId)]) -> Res<()> {
    // The promoter may have to wake earlier than it planned.
    write.effects.work |= !rows.is_empty();
    let table = rows.iter().map(|(at, id)| line![Value::time(*at), *id]).collect();
    write.bulk(&write.sql.scheduled_insert, table).await?;
    Ok(())
}

/// Rows of (time to look at the job again, job).
pub(super) async fn expiry(write: &mut Write<'_>, rows: &[(i64, JobId)]) -> Res<()> {
    let table = rows.iter().map(|(at, id)| line![Value::time(*at), *id]).collect();
    write.bulk(&write.sql.expiry_insert, table).await?;
    Ok(())
}

pub(crate) const fn exhausted_code(on_exhausted: OnExhausted) -> i64 {
    match on_exhausted {
        OnExhausted::Fail => 0,
        OnExhausted::Delete => 1,
    }
}

pub(super) const fn exhausted_from_code(code: i64) -> OnExhausted {
    if code == 1 { OnExhausted::Delete } else { OnExhausted::Fail }
}
