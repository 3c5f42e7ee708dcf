//! What operators ask of the whole system.

use std::time::Duration;

use super::{row::damaged, stat::PARKED, text::duration, value::args, write::Read};
use crate::{State, storage::LineTotal};

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
