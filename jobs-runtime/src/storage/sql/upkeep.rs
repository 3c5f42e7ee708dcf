//! Promotion of due jobs, parking, the statistics over time, and the checks.

use std::{collections::HashSet, time::Duration};

use super::{
    fail::Res,
    insert::{self, Ready},
    names::Noun,
    row::{Row, damaged},
    servers::name_list,
    stat::{DAY, HOUR, Line, MINUTE, PARKED},
    statement::Sql,
    text::{duration, instant},
    value::{Value, args, line},
    write::{Read, Write},
};
use crate::{
    JobId, State,
    storage::{Grain, Measure, Promoted, StatPoint, StateTotal},
};

/// How long minutes and hours are kept before they are rolled up, in microseconds.
const MINUTES_KEPT: i64 = 75 * MINUTE;
const HOURS_KEPT: i64 = 15 * DAY;

/// Moves due jobs to where they can be claimed.
pub(crate) async fn promote(write: &mut Write<'_>, limit: u32) -> Res<Promoted> {
    let rows = write.rows(&write.sql.promote_due, args![Value::time(write.now), i64::from(limit)]).await?;
    let (mut keys, mut due) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        let (id, line) = (row.job(1)?, Line { queue: row.int(2)?, kind: row.int(3)? });
        let (once, suspect) = (row.int(5)? <= 1, row.int(6)? > 0);
        keys.push(line![Value::time(row.time(0)?), id]);
        due.push(Ready { line, priority: row.int(4)?, id, once, suspect });
        write.stats.transit(line, State::Scheduled, State::Enqueued);
    }
    write.bulk(&write.sql.scheduled_delete, keys.into_iter().collect()).await?;
    insert::ready(write, &due).await?;
    Ok(Promoted { jobs: due.len() as u64, next_in: next_in(write).await? })
}

/// How long until the next scheduled job is due.
pub(crate) async fn next_in(write: &mut Write<'_>) -> Res<Option<Duration>> {
    let next = write.one(&write.sql.scheduled_next, args![]).await?.opt_time(0)?;
    Ok(next.map(|at| duration(at.saturating_sub(write.now))))
}

/// Sets aside the runnable jobs of kinds that are paused or that no live server can run, and brings back the others. Which lines
/// have any is read from the totals, so that the usual case reads no job.
pub(super) async fn park(write: &mut Write<'_>, limit: u32) -> Res<u64> {
    let mut alive = HashSet::new();
    for row in write.rows(&write.sql.park_servers, args![Value::time(write.now)]).await? {
        alive.extend(name_list(&row.text(0)?)?);
    }
    let mut paused = HashSet::new();
    for row in write.rows(&write.sql.pause_kinds, args![Value::time(write.now)]).await? {
        paused.insert(row.int(0)?);
    }
    let mut moved = 0;
    for row in write.rows(&write.sql.park_totals, args![]).await? {
        let line = Line { queue: row.int(0)?, kind: row.int(1)? };
        let parked = row.int(2)? == PARKED;
        let room = i64::from(limit) - i64::try_from(moved).unwrap_or(i64::MAX);
        if room <= 0 {
            break;
        }
        let runnable = !paused.contains(&line.kind) && alive.contains(&*write.name(Noun::Kind, line.kind).await?);
        moved += match (runnable, parked) {
            (true, true) => bring_back(write, line, room).await?,
            (false, false) => set_aside(write, line, room).await?,
            _ => 0,
        };
    }
    Ok(moved)
}

async fn set_aside(write: &mut Write<'_>, Line { queue, kind }: Line, limit: i64) -> Res<u64> {
    let mut jobs: Vec<(i64, JobId)> = Vec::new();
    for row in write.rows(&write.sql.park_ready, args![queue, kind, limit]).await? {
        jobs.push((row.int(0)?, row.job(1)?));
        write.stats.moved(Line { queue, kind }, Some(State::Enqueued.code()), Some(PARKED));
    }
    let keys = jobs.iter().map(|(priority, id)| line![queue, *priority, *id]).collect();
    write.bulk(&write.sql.ready_delete, keys).await?;
    let rows = jobs.iter().map(|(priority, id)| line![kind, queue, *priority, *id]).collect();
    write.bulk(&write.sql.parked_insert, rows).await?;
    Ok(jobs.len() as u64)
}

async fn bring_back(write: &mut Write<'_>, line: Line, limit: i64) -> Res<u64> {
    let mut jobs = Vec::new();
    for row in write.rows(&write.sql.unpark_rows, args![line.kind, line.queue, limit]).await? {
        let (once, suspect) = (row.int(2)? <= 1, row.int(3)? > 0);
        jobs.push(Ready { line, priority: row.int(0)?, id: row.job(1)?, once, suspect });
        write.stats.moved(line, Some(PARKED), Some(State::Enqueued.code()));
    }
    let keys = jobs.iter().map(|job| line![line.kind, line.queue, job.priority, job.id]).collect();
    write.bulk(&write.sql.parked_delete, keys).await?;
    insert::ready(write, &jobs).await?;
    Ok(jobs.len() as u64)
}

/// Rolls minutes into hours and hours into days; only whole hours and days are rolled.
pub(super) async fn roll(write: &mut Write<'_>) -> Res<u64> {
    let mut taken = 0;
    for (grain, kept, unit) in [(0_i64, MINUTES_KEPT, HOUR), (1, HOURS_KEPT, DAY)] {
        let before = write.now.saturating_sub(kept);
        let before = before - before.rem_euclid(unit);
        write.execute(&write.sql.stat_roll_insert, args![grain, before, unit]).await?;
        taken += write.execute(&write.sql.stat_roll_delete, args![grain, before]).await?;
    }
    Ok(taken)
}

/// The totals, from the statistics or by counting.
pub(super) async fn totals(read: &mut Read<'_>, statement: &Sql) -> sqlx::Result<Vec<StateTotal>> {
    let rows = read.rows(statement, args![]).await?;
    rows.iter()
        .map(|row| {
            let code = row.int(2)?;
            Ok(StateTotal {
                queue: row.text(0)?,
                kind: row.text(1)?,
                state: State::from_code(code).ok_or_else(|| damaged(format!("no state has the number {code}")))?,
                jobs: row.int(3)?,
            })
        })
        .collect()
}

/// The code of a grain, and its length in microseconds.
fn unit(grain: Grain) -> (i64, i64) {
    match grain {
        Grain::Minute => (0, MINUTE),
        Grain::Hour => (1, HOUR),
        Grain::Day => (2, DAY),
    }
}

pub(super) async fn points(read: &mut Read<'_>, grain: Grain, since: i64) -> sqlx::Result<Vec<StatPoint>> {
    let (code, unit) = unit(grain);
    read_points(&read.rows(&read.sql.stat_points, args![code, since, unit]).await?)
}

pub(super) async fn counts(read: &mut Read<'_>, grain: Grain, since: i64) -> sqlx::Result<Vec<StatPoint>> {
    let (code, unit) = unit(grain);
    read_points(&read.rows(&read.sql.stat_counts, args![code, since, unit]).await?)
}

pub(super) async fn sums(read: &mut Read<'_>, grain: Grain, since: i64) -> sqlx::Result<Vec<StatPoint>> {
    let (code, _) = unit(grain);
    read_points(&read.rows(&read.sql.stat_sums, args![code, since]).await?)
}

fn read_points(rows: &[Row]) -> sqlx::Result<Vec<StatPoint>> {
    let mut points = Vec::with_capacity(rows.len());
    for row in rows {
        // A measure of a later version is not for this one to show.
        if let Some(measure) = Measure::from_code(row.int(3)?) {
            points.push(StatPoint {
                at: instant(row.int(0)?),
                queue: row.text(1)?,
                kind: row.text(2)?,
                measure,
                bucket: row.narrow(4)?,
                count: row.int(5)?,
            });
        }
    }
    Ok(points)
}

/// Looks for rows that contradict each other and for totals that differ from a count, all in one snapshot.
pub(super) async fn check(read: &mut Read<'_>) -> sqlx::Result<Vec<String>> {
    read.connection.begin_snapshot().await?;
    let found = check_snapshot(read).await;
    read.connection.command("ROLLBACK").await?;
    found
}

async fn check_snapshot(read: &mut Read<'_>) -> sqlx::Result<Vec<String>> {
    let mut found = Vec::new();
    let sql = read.sql;
    for statement in [&sql.check_homes, &sql.check_claims, &sql.check_outcomes, &sql.check_leftovers, &sql.check_flows]
    {
        for row in read.rows(statement, args![]).await? {
            found.push(row.text(0)?);
        }
    }
    let kept = totals(read, &sql.stat_totals).await?;
    let counted = totals(read, &sql.recount).await?;
    if kept != counted {
        found.push(format!("the totals are {kept:?}, but a count gives {counted:?}"));
    }
    Ok(found)
}
