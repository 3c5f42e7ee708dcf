//! Promotion of due jobs, parking, the statistics over time, and the checks.

use std::collections::HashSet;

use sqlx::{Connection, Row, SqliteConnection};

use super::{
    bulk::Bulk,
    claim::name_list,
    error::Res,
    insert::{self, Ready, id_at},
    names::Noun,
    stat::{DAY, HOUR, Line, MINUTE, PARKED},
    text::{duration, instant},
    write::Write,
};
use crate::{
    JobId, State,
    storage::{Grain, Measure, Promoted, StatPoint, StateTotal},
};

/// How long minutes and hours are kept before they are rolled up, in microseconds.
const MINUTES_KEPT: i64 = 3 * HOUR;
const HOURS_KEPT: i64 = 15 * DAY;

/// Moves due jobs to where they can be claimed.
pub(super) async fn promote(write: &mut Write<'_>, limit: u32) -> Res<Promoted> {
    let rows = sqlx::query(include_str!("sql/promote_due.sql"))
        .bind(write.now)
        .bind(i64::from(limit))
        .fetch_all(&mut *write.connection)
        .await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        let line = Line { queue: row.try_get(2)?, kind: row.try_get(3)? };
        due.push(Ready {
            line,
            priority: row.try_get(4)?,
            id: id_at(row, 1)?,
            once: row.try_get::<i64, _>(5)? <= 1,
            suspect: row.try_get::<i64, _>(6)? > 0,
        });
        write.stats.transit(line, State::Scheduled, State::Enqueued);
    }
    insert::ready(write, &due).await?;
    if let Some(last) = rows.last() {
        sqlx::query(include_str!("sql/scheduled_delete_through.sql"))
            .bind(last.try_get::<i64, _>(0)?)
            .bind(last.try_get::<Vec<u8>, _>(1)?)
            .execute(&mut *write.connection)
            .await?;
    }
    let next: Option<i64> =
        sqlx::query(include_str!("sql/scheduled_next.sql")).fetch_one(&mut *write.connection).await?.try_get(0)?;
    Ok(Promoted { jobs: due.len() as u64, next_in: next.map(|at| duration(at.saturating_sub(write.now))) })
}

/// Sets aside the runnable jobs of kinds that no live server can run, and brings back the others. Which lines have any is
/// read from the totals, so that the usual case reads no job.
pub(super) async fn park(write: &mut Write<'_>, limit: u32) -> Res<u64> {
    let mut alive = HashSet::new();
    let servers =
        sqlx::query(include_str!("sql/park_servers.sql")).bind(write.now).fetch_all(&mut *write.connection).await?;
    for row in servers {
        alive.extend(name_list(row.try_get(0)?)?);
    }
    let totals = sqlx::query(include_str!("sql/park_totals.sql")).fetch_all(&mut *write.connection).await?;
    let mut moved = 0;
    for row in totals {
        let line = Line { queue: row.try_get(0)?, kind: row.try_get(1)? };
        let parked = row.try_get::<i64, _>(2)? == PARKED;
        let room = i64::from(limit) - i64::try_from(moved).unwrap_or(i64::MAX);
        if room <= 0 {
            break;
        }
        let runnable = alive.contains(&*write.name(Noun::Kind, line.kind).await?);
        moved += match (runnable, parked) {
            (true, true) => bring_back(write, line, room).await?,
            (false, false) => set_aside(write, line, room).await?,
            _ => 0,
        };
    }
    Ok(moved)
}

async fn set_aside(write: &mut Write<'_>, line: Line, limit: i64) -> Res<u64> {
    static PARKED_ROW: Bulk = Bulk::new(include_str!("sql/parked_insert.sql"), 4);
    let rows = sqlx::query(include_str!("sql/park_ready.sql"))
        .bind(line.queue)
        .bind(line.kind)
        .bind(limit)
        .fetch_all(&mut *write.connection)
        .await?;
    let mut jobs: Vec<(i64, JobId)> = Vec::with_capacity(rows.len());
    for row in &rows {
        jobs.push((row.try_get(0)?, id_at(row, 1)?));
        write.stats.moved(line, Some(State::Enqueued.code()), Some(PARKED));
    }
    let keys = serde_json::Value::from_iter(
        jobs.iter().map(|(priority, id)| serde_json::json!([line.queue, priority, id.as_uuid().simple().to_string()])),
    );
    sqlx::query(include_str!("sql/ready_delete.sql")).bind(keys.to_string()).execute(&mut *write.connection).await?;
    PARKED_ROW
        .execute(write.connection, &jobs, |query, (priority, id)| {
            query.bind(line.kind).bind(line.queue).bind(*priority).bind(id.as_bytes().to_vec())
        })
        .await?;
    Ok(jobs.len() as u64)
}

async fn bring_back(write: &mut Write<'_>, line: Line, limit: i64) -> Res<u64> {
    let rows = sqlx::query(include_str!("sql/unpark_rows.sql"))
        .bind(line.kind)
        .bind(line.queue)
        .bind(limit)
        .fetch_all(&mut *write.connection)
        .await?;
    let mut jobs = Vec::with_capacity(rows.len());
    for row in &rows {
        jobs.push(Ready {
            line,
            priority: row.try_get(0)?,
            id: id_at(row, 1)?,
            once: row.try_get::<i64, _>(2)? <= 1,
            suspect: row.try_get::<i64, _>(3)? > 0,
        });
        write.stats.moved(line, Some(PARKED), Some(State::Enqueued.code()));
    }
    let keys = serde_json::Value::from_iter(
        jobs.iter().map(|job| serde_json::json!([job.priority, job.id.as_uuid().simple().to_string()])),
    );
    sqlx::query(include_str!("sql/parked_delete.sql"))
        .bind(line.kind)
        .bind(line.queue)
        .bind(keys.to_string())
        .execute(&mut *write.connection)
        .await?;
    insert::ready(write, &jobs).await?;
    Ok(jobs.len() as u64)
}

/// Rolls minutes into hours and hours into days; only whole hours and days are rolled.
pub(super) async fn roll(write: &mut Write<'_>) -> Res<u64> {
    let mut taken = 0;
    for (grain, kept, unit) in [(0_i64, MINUTES_KEPT, HOUR), (1, HOURS_KEPT, DAY)] {
        let before = write.now.saturating_sub(kept);
        let before = before - before.rem_euclid(unit);
        sqlx::query(include_str!("sql/stat_roll_insert.sql"))
            .bind(grain)
            .bind(before)
            .bind(unit)
            .execute(&mut *write.connection)
            .await?;
        taken += sqlx::query(include_str!("sql/stat_roll_delete.sql"))
            .bind(grain)
            .bind(before)
            .execute(&mut *write.connection)
            .await?
            .rows_affected();
    }
    Ok(taken)
}

/// The totals, from the statistics or by counting.
pub(super) async fn totals(
    connection: &mut SqliteConnection,
    statement: &'static str,
) -> sqlx::Result<Vec<StateTotal>> {
    let rows = sqlx::query(statement).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let code: i64 = row.try_get(2)?;
            Ok(StateTotal {
                queue: row.try_get(0)?,
                kind: row.try_get(1)?,
                state: State::from_code(code)
                    .ok_or_else(|| sqlx::Error::Decode(format!("no state has the number {code}").into()))?,
                jobs: row.try_get(3)?,
            })
        })
        .collect()
}

pub(super) async fn points(
    connection: &mut SqliteConnection,
    grain: Grain,
    since: i64,
) -> sqlx::Result<Vec<StatPoint>> {
    let (code, unit) = match grain {
        Grain::Minute => (0_i64, MINUTE),
        Grain::Hour => (1, HOUR),
        Grain::Day => (2, DAY),
    };
    let rows = sqlx::query(include_str!("sql/stat_points.sql"))
        .bind(code)
        .bind(since)
        .bind(unit)
        .fetch_all(connection)
        .await?;
    let mut points = Vec::with_capacity(rows.len());
    for row in rows {
        // A measure of a later version is not for this one to show.
        if let Some(measure) = Measure::from_code(row.try_get(3)?) {
            points.push(StatPoint {
                at: instant(row.try_get(0)?),
                queue: row.try_get(1)?,
                kind: row.try_get(2)?,
                measure,
                bucket: row.try_get(4)?,
                count: row.try_get(5)?,
            });
        }
    }
    Ok(points)
}

/// Looks for rows that contradict each other and for totals that differ from a count, all in one snapshot.
pub(super) async fn check(connection: &mut SqliteConnection) -> sqlx::Result<Vec<String>> {
    let mut snapshot = connection.begin().await?;
    let mut found = Vec::new();
    for statement in [
        include_str!("sql/check_homes.sql"),
        include_str!("sql/check_claims.sql"),
        include_str!("sql/check_outcomes.sql"),
        include_str!("sql/check_leftovers.sql"),
    ] {
        for row in sqlx::query(statement).fetch_all(&mut *snapshot).await? {
            found.push(row.try_get(0)?);
        }
    }
    let kept = totals(&mut snapshot, include_str!("sql/stat_totals.sql")).await?;
    let counted = totals(&mut snapshot, include_str!("sql/recount.sql")).await?;
    if kept != counted {
        found.push(format!("the totals are {kept:?}, but a count gives {counted:?}"));
    }
    snapshot.rollback().await?;
    Ok(found)
}
