//! Retention: a walk over the jobs by age, and a second look at those that it must leave behind.

use super::{
    audit,
    fail::Res,
    finish, flow, insert, operation,
    row::Row,
    stat::{HOUR, Line},
    text::{instant, micros},
    value::{Value, args, line},
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
    /// Whether it has yet to leave its chunk.
    leaving: bool,
    /// Whether it goes with its batch.
    is_member: bool,
}

/// What becomes of it.
enum Fate {
    Gone,
    /// Look again then.
    Later(i64),
}

/// One step: removes what may go. Returns how many jobs were looked at, and acts of operators and operations removed.
pub(super) async fn clean(write: &mut Write<'_>, limit: u32) -> Res<u64> {
    let looked = expired(write, limit).await?;
    if looked >= u64::from(limit) {
        return Ok(looked);
    }
    let looked = looked + walk(write, limit.saturating_sub(u32::try_from(looked).unwrap_or(limit))).await?;
    let room = i64::from(limit).saturating_sub(i64::try_from(looked).unwrap_or(i64::MAX));
    if room <= 0 {
        return Ok(looked);
    }
    let before = write.now.saturating_sub(micros(write.retention().audit));
    Ok(looked + audit::sweep(write, before, room).await? + operation::sweep(write, before, room).await?)
}

/// The jobs whose own time has come.
async fn expired(write: &mut Write<'_>, limit: u32) -> Res<u64> {
    let rows = write.rows(&write.sql.expiry_due, args![Value::time(write.now), i64::from(limit)]).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut keys = Vec::with_capacity(rows.len());
    for row in &rows {
        keys.push((row.time(0)?, row.job(1)?));
    }
    let table = keys.iter().map(|(at, id)| line![Value::time(*at), *id]).collect();
    write.bulk(&write.sql.expiry_delete, table).await?;
    // A row may outlive its job, and a job that ended twice has two.
    let ids = Value::ids(keys.iter().map(|(_, id)| *id));
    let seen = write.rows(&write.sql.clean_seen, args![ids]).await?;
    settle(write, seen.iter().map(see).collect::<sqlx::Result<_>>()?, true).await?;
    let removed = flow::expired(write, &keys.iter().map(|(_, id)| *id).collect::<Vec<_>>(), limit).await?;
    Ok(keys.len() as u64 + removed)
}

/// The next jobs by age: only those whose id is older than the shortest default retention are looked at, once.
async fn walk(write: &mut Write<'_>, limit: u32) -> Res<u64> {
    let position = write.optional(&write.sql.position_get, args![WALK]).await?;
    let position = position.map_or_else(|| Ok(JobId::from_bytes([0; 16])), |row| row.job(0))?;
    let horizon = JobId::floor(instant(write.now.saturating_sub(micros(write.retention().succeeded))));
    let rows = write.rows(&write.sql.clean_walk, args![position, horizon, i64::from(limit)]).await?;
    let Some(last) = rows.last() else { return Ok(0) };
    write.execute(&write.sql.position_set, args![WALK, last.job(0)?]).await?;
    settle(write, rows.iter().map(see).collect::<sqlx::Result<_>>()?, false).await?;
    Ok(rows.len() as u64)
}

/// Reads id, outcome, finished_at, retain, due_at, queue, kind and leaving.
fn see(row: &Row) -> sqlx::Result<Seen> {
    Ok(Seen {
        id: row.job(0)?,
        outcome: row.opt_int(1)?.and_then(State::from_code),
        finished_at: row.opt_time(2)?,
        retain: row.opt_int(3)?,
        due_at: row.time(4)?,
        line: Line { queue: row.int(5)?, kind: row.int(6)? },
        leaving: row.int(7)? == 1,
        is_member: row.opt_batch(8)?.is_some(),
    })
}

/// Removes what may go and notes when to look at the rest. `by_row` says that the jobs come from `jobs_expiry`: those that
/// the walk meets and that have a row there are left to it.
async fn settle(write: &mut Write<'_>, seen: Vec<Seen>, by_row: bool) -> Res<()> {
    let (mut gone, mut later) = (Vec::new(), Vec::new());
    for job in seen.into_iter().filter(|job| !job.is_member) {
        match fate(write, &job) {
            Fate::Gone => {
                let state = job.outcome.map(State::code);
                write.stats.moved(job.line, state, None);
                gone.push(job.id);
            }
            Fate::Later(_) if !by_row && !job.leaving && has_own_row(write, &job) => {}
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
    match until <= write.now {
        // Its chunk would wait for it.
        true if job.leaving => Fate::Later(write.now.saturating_add(HOUR)),
        true => Fate::Gone,
        false => Fate::Later(until),
    }
}

/// Removes jobs and everything that belongs to them.
pub(super) async fn remove(write: &mut Write<'_>, ids: &[JobId]) -> Res<()> {
    if ids.is_empty() {
        return Ok(());
    }
    for statement in [
        &write.sql.clean_occurrences,
        &write.sql.clean_events,
        &write.sql.clean_progress,
        &write.sql.clean_outcomes,
        &write.sql.edge_delete,
        &write.sql.clean_jobs,
    ] {
        write.execute(statement, args![Value::ids(ids.iter().copied())]).await?;
    }
    Ok(())
}
