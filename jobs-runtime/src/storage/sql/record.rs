//! Reading jobs with the state derived in the same snapshot.

use super::{
    insert::exhausted_from_code,
    row::{Row, damaged},
    stat::PARKED,
    text::{duration, from_optional_json, instant},
    value::args,
    write::Read,
};
use crate::{
    Fence, JobId, State,
    storage::{EventKind, EventRecord, JobRecord},
};

/// Reads one job.
pub(super) async fn get(read: &mut Read<'_>, id: JobId) -> sqlx::Result<Option<JobRecord>> {
    let row = read.optional(&read.sql.list_one, args![id]).await?;
    row.as_ref().map(record).transpose()
}

/// A row of the statements that read records.
pub(super) fn record(row: &Row) -> sqlx::Result<JobRecord> {
    let home = row.int(18)?;
    let state = if home == PARKED { State::Enqueued } else { State::from_code(home).unwrap_or(State::Processing) };
    let claimed_at = row.opt_time(28)?;
    Ok(JobRecord {
        id: row.job(0)?,
        kind: row.text(1)?,
        queue: row.text(2)?,
        priority: row.narrow(3)?,
        payload: row.bytes(4)?,
        created_at: instant(row.time(5)?),
        due_at: instant(row.time(6)?),
        expires_at: row.opt_time(7)?.map(instant),
        attempt: row.narrow(8)?,
        max_attempts: row.narrow(9)?,
        crashes: row.narrow(10)?,
        cancel_requested: row.flag(11)?,
        on_exhausted: exhausted_from_code(row.int(12)?),
        timeout: row.opt_int(13)?.map(duration),
        meta: from_optional_json(row.opt_text(14)?)?,
        tags: from_optional_json(row.opt_text(15)?)?,
        recurring: row.opt_text(16)?.zip(row.opt_time(17)?.map(instant)),
        batch: row.opt_batch(29)?,
        state,
        parked: home == PARKED,
        started_at: claimed_at.or(row.opt_time(19)?).map(instant),
        finished_at: row.opt_time(20)?.map(instant),
        fence: Fence(row.int(21)?),
        retain: row.opt_int(22)?.map(duration),
        output: row.opt_bytes(23)?,
        reason: row.opt_text(24)?,
        progress: row.opt_real(25)?.zip(row.opt_text(26)?),
        server: row.opt_server(27)?,
    })
}

/// A job's history.
pub(super) async fn events(read: &mut Read<'_>, id: JobId) -> sqlx::Result<Vec<EventRecord>> {
    let rows = read.rows(&read.sql.job_events, args![id]).await?;
    rows.iter()
        .map(|row| {
            let code = row.int(1)?;
            Ok(EventRecord {
                at: instant(row.time(0)?),
                what: EventKind::from_code(code).ok_or_else(|| damaged(format!("no event has the number {code}")))?,
                attempt: row.narrow(2)?,
                text: row.text(3)?,
            })
        })
        .collect()
}
