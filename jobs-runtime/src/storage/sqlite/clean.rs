//! Retention: a walk over the jobs by age, and a second look at those that it must leave behind.

use std::collections::HashSet;

use sqlx::{Row, sqlite::SqliteRow};

use super::{
    error::Res,
    finish,
    insert::{self, id_of},
    stat::{HOUR, Line},
    text::{id_list, instant, micros},
    write::Write,
};
use crate::{JobId, State};

const WALK: &str = "retention";

/// A job as retention sees it.
struct Seen {
    id: JobId,
    outcome: Option<State>,
    finished_at: Option<i64>,
    retain: Option<i64>,
    due_at: i64,
    line: Line,
}

/// What becomes of it.
enum Fate {
    Gone,
    /// Look again then.
    Later(i64),
}

/// One step: removes what may go. Returns how many jobs were looked at.
pub(super) async fn clean(write: &mut Write<'_>, limit: u32) -> Res<u64> {
    let looked = expired(write, limit).await?;
    if looked >= u64::from(limit) {
        return Ok(looked);
    }
    Ok(looked + walk(write, limit - u32::try_from(looked).unwrap_or(limit)).await?)
}

/// The jobs whose own time has come.
async fn expired(write: &mut Write<'_>, limit: u32) -> Res<u64> {
    let rows = sqlx::query(include_str!("sql/expiry_due.sql"))
        .bind(write.now)
        .bind(i64::from(limit))
        .fetch_all(&mut *write.connection)
        .await?;
    let Some(last) = rows.last() else { return Ok(0) };
    sqlx::query(include_str!("sql/expiry_delete_through.sql"))
        .bind(last.try_get::<i64, _>(0)?)
        .bind(last.try_get::<Vec<u8>, _>(1)?)
        .execute(&mut *write.connection)
        .await?;
    // A row may outlive its job, and a job that ended twice has two.
    let mut met = HashSet::with_capacity(rows.len());
    let mut seen = Vec::with_capacity(rows.len());
    for row in &rows {
        if row.try_get::<Option<&[u8]>, _>(2)?.is_some() {
            let job = see(row, 2)?;
            if met.insert(job.id) {
                seen.push(job);
            }
        }
    }
    settle(write, seen, true).await?;
    Ok(rows.len() as u64)
}

/// The next jobs by age: only those whose id is older than the shortest default retention are looked at, once.
async fn walk(write: &mut Write<'_>, limit: u32) -> Res<u64> {
    let position =
        sqlx::query(include_str!("sql/position_get.sql")).bind(WALK).fetch_optional(&mut *write.connection).await?;
    let position = match position {
        Some(row) => row.try_get::<Vec<u8>, _>(0)?,
        None => vec![0; 16],
    };
    let horizon = write.now.saturating_sub(micros(write.retention().succeeded));
    let rows = sqlx::query(include_str!("sql/clean_walk.sql"))
        .bind(position)
        .bind(JobId::floor(instant(horizon)).as_bytes().to_vec())
        .bind(i64::from(limit))
        .fetch_all(&mut *write.connection)
        .await?;
    let Some(last) = rows.last() else { return Ok(0) };
    sqlx::query(include_str!("sql/position_set.sql"))
        .bind(WALK)
        .bind(last.try_get::<Vec<u8>, _>(0)?)
        .execute(&mut *write.connection)
        .await?;
    let seen = rows.iter().map(|row| see(row, 0)).collect::<sqlx::Result<_>>()?;
    settle(write, seen, false).await?;
    Ok(rows.len() as u64)
}

/// Reads id, outcome, finished_at, retain, due_at, queue and kind from `column` on.
fn see(row: &SqliteRow, column: usize) -> sqlx::Result<Seen> {
    Ok(Seen {
        id: id_of(row.try_get::<&[u8], _>(column)?)?,
        outcome: row.try_get::<Option<i64>, _>(column + 1)?.and_then(State::from_code),
        finished_at: row.try_get(column + 2)?,
        retain: row.try_get(column + 3)?,
        due_at: row.try_get(column + 4)?,
        line: Line { queue: row.try_get(column + 5)?, kind: row.try_get(column + 6)? },
    })
}

/// Removes what may go and notes when to look at the rest. `by_row` says that the jobs come from `jobs_expiry`: those that
/// the walk meets and that have a row there are left to it.
async fn settle(write: &mut Write<'_>, seen: Vec<Seen>, by_row: bool) -> Res<()> {
    let (mut gone, mut later) = (Vec::new(), Vec::new());
    for job in seen {
        match fate(write, &job) {
            Fate::Gone => {
                let state = job.outcome.map(State::code);
                write.stats.moved(job.line, state, None);
                gone.push(job.id);
            }
            Fate::Later(_) if !by_row && has_own_row(write, &job) => {}
            Fate::Later(at) => later.push((at, job.id)),
        }
    }
    remove(write, &gone).await?;
    insert::expiry(write, &later).await
}

/// Whether the job got a row in `jobs_expiry` when it ended.
fn has_own_row(write: &Write<'_>, job: &Seen) -> bool {
    job.outcome.is_some_and(|state| state != State::Succeeded || job.retain.is_some() || !finish::walk_suffices(write))
}

fn fate(write: &Write<'_>, job: &Seen) -> Fate {
    let (Some(state), Some(finished_at)) = (job.outcome, job.finished_at) else {
        return Fate::Later(job.due_at.max(write.now).saturating_add(HOUR));
    };
    let keep = job.retain.unwrap_or_else(|| finish::default_retention(write, state));
    let until = finished_at.saturating_add(keep);
    if until <= write.now { Fate::Gone } else { Fate::Later(until) }
}

/// Removes jobs and everything that belongs to them.
pub(super) async fn remove(write: &mut Write<'_>, ids: &[JobId]) -> Res<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let list = id_list(ids.iter().copied());
    for statement in [
        include_str!("sql/clean_occurrences.sql"),
        include_str!("sql/clean_events.sql"),
        include_str!("sql/clean_progress.sql"),
        include_str!("sql/clean_outcomes.sql"),
        include_str!("sql/clean_jobs.sql"),
    ] {
        sqlx::query(statement).bind(list.clone()).execute(&mut *write.connection).await?;
    }
    Ok(())
}
