//! Reading jobs with the state derived in the same snapshot.

use std::sync::LazyLock;

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    insert::{exhausted_from_code, id_at},
    stat::PARKED,
    text::{duration, from_optional_json, instant},
};
use crate::{
    Fence, JobId, ServerId, State,
    storage::{EventKind, EventRecord, JobFilter, JobRecord},
};

/// The statement for one job, and one for each state.
static ONE: LazyLock<&'static str> = LazyLock::new(|| over(include_str!("sql/list_one.sql")));
static BY_STATE: LazyLock<[&'static str; 7]> = LazyLock::new(|| {
    State::ALL.map(|state| {
        over(match state {
            State::Scheduled => include_str!("sql/list_scheduled.sql"),
            State::Awaiting => include_str!("sql/list_awaiting.sql"),
            State::Enqueued => include_str!("sql/list_enqueued.sql"),
            State::Processing => include_str!("sql/list_processing.sql"),
            State::Succeeded => include_str!("sql/list_succeeded.sql"),
            State::Failed => include_str!("sql/list_failed.sql"),
            State::Deleted => include_str!("sql/list_deleted.sql"),
        })
    })
});

/// The statement that reads the records of what `source` lists. Leaked once a process: the driver wants `'static`.
fn over(source: &str) -> &'static str {
    Box::leak(include_str!("sql/job_record.sql").replace("{source}", source.trim()).into_boxed_str())
}

pub(super) async fn get(connection: &mut SqliteConnection, id: JobId) -> sqlx::Result<Option<JobRecord>> {
    let row = sqlx::query(*ONE)
        .bind(None::<Vec<u8>>)
        .bind(None::<String>)
        .bind(None::<String>)
        .bind(1_i64)
        .bind(id.as_bytes().to_vec())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(record).transpose()
}

pub(super) async fn list(connection: &mut SqliteConnection, filter: &JobFilter) -> sqlx::Result<Vec<JobRecord>> {
    let statement = BY_STATE[usize::try_from(filter.state.code()).unwrap_or_default()];
    let rows = sqlx::query(statement)
        .bind(filter.before.map(|id| id.as_bytes().to_vec()))
        .bind(filter.kind.clone())
        .bind(filter.queue.clone())
        .bind(i64::from(filter.limit))
        .fetch_all(connection)
        .await?;
    rows.iter().map(record).collect()
}

fn record(row: &SqliteRow) -> sqlx::Result<JobRecord> {
    let home: i64 = row.try_get(18)?;
    let state = if home == PARKED { State::Enqueued } else { State::from_code(home).unwrap_or(State::Processing) };
    let recurring: Option<String> = row.try_get(16)?;
    let occurrence: Option<i64> = row.try_get(17)?;
    let fraction: Option<f64> = row.try_get(25)?;
    let server: Option<&[u8]> = row.try_get(27)?;
    let claimed_at: Option<i64> = row.try_get(28)?;
    Ok(JobRecord {
        id: id_at(row, 0)?,
        kind: row.try_get(1)?,
        queue: row.try_get(2)?,
        priority: row.try_get(3)?,
        payload: row.try_get(4)?,
        created_at: instant(row.try_get(5)?),
        due_at: instant(row.try_get(6)?),
        expires_at: row.try_get::<Option<i64>, _>(7)?.map(instant),
        attempt: row.try_get(8)?,
        max_attempts: row.try_get(9)?,
        crashes: row.try_get(10)?,
        cancel_requested: row.try_get(11)?,
        on_exhausted: exhausted_from_code(row.try_get(12)?),
        timeout: row.try_get::<Option<i64>, _>(13)?.map(duration),
        meta: from_optional_json(row.try_get(14)?)?,
        tags: from_optional_json(row.try_get(15)?)?,
        recurring: recurring.zip(occurrence.map(instant)),
        state,
        parked: home == PARKED,
        started_at: claimed_at.or(row.try_get(19)?).map(instant),
        finished_at: row.try_get::<Option<i64>, _>(20)?.map(instant),
        fence: Fence(row.try_get(21)?),
        retain: row.try_get::<Option<i64>, _>(22)?.map(duration),
        output: row.try_get(23)?,
        reason: row.try_get(24)?,
        progress: fraction.zip(row.try_get(26)?),
        server: server.map(server_of).transpose()?,
    })
}

pub(super) fn server_of(bytes: &[u8]) -> sqlx::Result<ServerId> {
    let bytes = bytes.try_into().map_err(|_| sqlx::Error::Decode("an id of other than 16 bytes".into()))?;
    Ok(ServerId::from_bytes(bytes))
}

pub(super) async fn events(connection: &mut SqliteConnection, id: JobId) -> sqlx::Result<Vec<EventRecord>> {
    let rows =
        sqlx::query(include_str!("sql/job_events.sql")).bind(id.as_bytes().to_vec()).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let code: i64 = row.try_get(1)?;
            Ok(EventRecord {
                at: instant(row.try_get(0)?),
                what: EventKind::from_code(code)
                    .ok_or_else(|| sqlx::Error::Decode(format!("no event has the number {code}").into()))?,
                attempt: row.try_get(2)?,
                text: row.try_get(3)?,
            })
        })
        .collect()
}
