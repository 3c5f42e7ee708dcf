//! What operators ask of the whole system.

use std::time::Duration;

use super::{
    row::damaged,
    stat::PARKED,
    text::{duration, instant},
    value::args,
    write::Read,
};
use crate::{
    State,
    storage::{LineTotal, Migration, SystemRecord, TableSize},
};

pub(super) async fn line_totals(read: &mut Read<'_>) -> sqlx::Result<Vec<LineTotal>> {
    let rows = read.rows(&read.sql.line_totals, args![]).await?;
    let totals = rows.iter().map(|row| {
        let code = row.int(2)?;
        let parked = code == PARKED;
        let state = if parked { Some(State::Enqueued) } else { State::from_code(code) };
        Ok(LineTotal {
            queue: row.text(0)?,
            kind: row.text(1)?,
            state: state.ok_or_else(|| damaged(format!("no state has the number {code}")))?,
            parked,
            jobs: row.int(3)?,
        })
    });
    totals.collect()
}

pub(super) async fn queue_waits(read: &mut Read<'_>) -> sqlx::Result<Vec<(String, Duration)>> {
    let now = read.now().await?;
    let rows = read.rows(&read.sql.queue_waits, args![]).await?;
    let mut waits = Vec::with_capacity(rows.len());
    for row in rows {
        let due = [row.opt_time(1)?, row.opt_time(2)?].into_iter().flatten().min();
        if let Some(due) = due {
            waits.push((row.text(0)?, duration(now.saturating_sub(due).max(0))));
        }
    }
    Ok(waits)
}

pub(super) async fn schema(read: &mut Read<'_>) -> sqlx::Result<Option<i64>> {
    read.one(&read.sql.system_schema, args![]).await?.opt_int(0)
}

pub(super) async fn system(read: &mut Read<'_>) -> sqlx::Result<SystemRecord> {
    let sizes = read.rows(&read.sql.system_sizes, args![]).await?;
    let sizes = sizes.iter().map(|row| Ok(TableSize { name: row.text(0)?, rows: row.opt_int(1)?, bytes: row.int(2)? }));
    let sizes = sizes.collect::<sqlx::Result<_>>()?;
    let migrations = read.rows(&read.sql.system_migrations, args![]).await?;
    let migrations = migrations
        .iter()
        .map(|row| Ok(Migration { version: row.int(0)?, name: row.text(1)?, applied_at: instant(row.time(2)?) }));
    let migrations = migrations.collect::<sqlx::Result<_>>()?;
    let row = read.one(&read.sql.system_version, args![]).await?;
    // The clock comes last, so that as little time as possible lies between its reading and the caller's.
    Ok(SystemRecord { version: row.text(0)?, schema: row.int(1)?, now: instant(read.now().await?), sizes, migrations })
}
