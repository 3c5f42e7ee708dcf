//! What operators and applications do to one stored job.

use std::collections::HashMap;

use sqlx::Row;

use super::{
    error::Res,
    finish::{self, Entry},
    insert::{self, Ready},
    stat::{HOUR, Line, PARKED},
    text::{clean, micros},
    write::Write,
};
use crate::{
    Fence, JobId, State,
    state::{Event, transition},
    storage::{Change, Changed, Due, EventKind, Measure, Revocation},
};

/// The job as it is found.
struct Found {
    id: JobId,
    /// The state, with [`PARKED`] told apart.
    home: i64,
    state: State,
    line: Line,
    priority: i64,
    due_at: i64,
    attempt: i64,
    max_attempts: i64,
    retain: Option<i64>,
    crashes: i64,
    /// The chunk that holds it.
    chunk: Option<Fence>,
    /// The fence from which on all earlier rights have ended: a new number, so that no late report of an earlier run is
    /// taken for a repetition of what is done here.
    fence: i64,
}

pub(super) async fn change(
    write: &mut Write<'_>,
    id: JobId,
    change: &Change,
    guard: Option<&[State]>,
) -> Res<Option<Changed>> {
    let Some(mut found) = find(write, id).await? else { return Ok(None) };
    let from = found.state;
    let allowed = guard.is_none_or(|states| states.contains(&from));
    let event = event_of(change);
    let Ok(to) = transition(from, event) else { return Ok(Some(Changed { took_effect: false, from })) };
    if !allowed {
        return Ok(Some(Changed { took_effect: false, from }));
    }
    found.fence = finish::next_fence(write).await?.0;
    match change {
        Change::Cancel { reason } if from == State::Processing => ask_to_stop(write, &found, reason).await?,
        Change::Delete { reason } | Change::Cancel { reason } => delete(write, &found, to, reason).await?,
        Change::Requeue => move_to(write, &found, write.now, EventKind::Requeued).await?,
        Change::Reschedule(due) => {
            let at = match due {
                Due::Now => write.now,
                Due::In(delay) => write.now.saturating_add(micros(*delay)),
                Due::At(at) => at.as_microsecond(),
            };
            move_to(write, &found, at, EventKind::Rescheduled).await?;
        }
    }
    Ok(Some(Changed { took_effect: true, from }))
}

const fn event_of(change: &Change) -> Event {
    match change {
        Change::Delete { .. } | Change::Cancel { .. } => Event::Delete,
        Change::Requeue => Event::Requeue,
        Change::Reschedule(_) => Event::Reschedule,
    }
}

async fn find(write: &mut Write<'_>, id: JobId) -> Res<Option<Found>> {
    let row = sqlx::query(include_str!("sql/change_row.sql"))
        .bind(id.as_bytes().to_vec())
        .fetch_optional(&mut *write.connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let home: i64 = row.try_get(0)?;
    let state = if home == PARKED { Some(State::Enqueued) } else { State::from_code(home) };
    Ok(Some(Found {
        id,
        home,
        state: state.ok_or_else(|| sqlx::Error::Decode(format!("no state has the number {home}").into()))?,
        line: Line { kind: row.try_get(1)?, queue: row.try_get(2)? },
        priority: row.try_get(3)?,
        due_at: row.try_get(4)?,
        attempt: row.try_get(5)?,
        max_attempts: row.try_get(6)?,
        retain: row.try_get(7)?,
        crashes: row.try_get(8)?,
        chunk: row.try_get::<Option<i64>, _>(9)?.map(Fence),
        fence: 0,
    }))
}

/// Takes the job out of where its state has it.
async fn leave(write: &mut Write<'_>, found: &Found) -> Res<()> {
    let id = found.id.as_bytes().to_vec();
    let (queue, priority) = (found.line.queue, found.priority);
    match found.home {
        PARKED => {
            sqlx::query(include_str!("sql/change_parked_delete.sql"))
                .bind(found.line.kind)
                .bind(queue)
                .bind(priority)
                .bind(id)
                .execute(&mut *write.connection)
                .await?;
        }
        _ => match found.state {
            State::Enqueued => {
                sqlx::query(include_str!("sql/change_ready_delete.sql"))
                    .bind(queue)
                    .bind(priority)
                    .bind(id)
                    .execute(&mut *write.connection)
                    .await?;
            }
            State::Scheduled => {
                sqlx::query(include_str!("sql/change_scheduled_delete.sql"))
                    .bind(found.due_at)
                    .bind(id)
                    .execute(&mut *write.connection)
                    .await?;
            }
            State::Awaiting => {
                sqlx::query(include_str!("sql/change_edges_delete.sql"))
                    .bind(id)
                    .execute(&mut *write.connection)
                    .await?;
            }
            State::Processing => {
                if let Some(chunk) = found.chunk {
                    finish::leave(write, HashMap::from([(chunk, 1)])).await?;
                }
                write.effects.revoked.push((found.id, Revocation::Lost));
            }
            State::Failed | State::Deleted => {
                sqlx::query(include_str!("sql/change_outcome_delete.sql"))
                    .bind(found.state.code())
                    .bind(id)
                    .execute(&mut *write.connection)
                    .await?;
            }
            State::Succeeded => {}
        },
    }
    Ok(())
}

async fn delete(write: &mut Write<'_>, found: &Found, to: State, reason: &str) -> Res<()> {
    leave(write, found).await?;
    sqlx::query(include_str!("sql/change_delete.sql"))
        .bind(found.id.as_bytes().to_vec())
        .bind(write.now)
        .bind(clean(reason))
        .bind(found.fence)
        .execute(&mut *write.connection)
        .await?;
    write.stats.moved(found.line, Some(found.home), Some(to.code()));
    write.stats.count(found.line, Measure::Deleted);
    write.effects.ended = true;
    finish::outcomes(write, &[(to, found.id, found.line)]).await?;
    tell(write, found, EventKind::Deleted, reason).await?;
    let keep = found.retain.unwrap_or_else(|| finish::default_retention(write, to));
    let until = write.now.saturating_add(keep);
    insert::expiry(write, &[(until, found.id)]).await
}

async fn ask_to_stop(write: &mut Write<'_>, found: &Found, reason: &str) -> Res<()> {
    sqlx::query(include_str!("sql/change_cancel.sql"))
        .bind(found.id.as_bytes().to_vec())
        .execute(&mut *write.connection)
        .await?;
    write.effects.revoked.push((found.id, Revocation::Cancel));
    tell(write, found, EventKind::CancelRequested, reason).await
}

/// Makes the job runnable at `due_at`. A requeue, and whatever happens to a final job, starts its life anew; else only its
/// time changes.
async fn move_to(write: &mut Write<'_>, found: &Found, due_at: i64, what: EventKind) -> Res<()> {
    leave(write, found).await?;
    let anew = what == EventKind::Requeued || found.state.is_final();
    let statement = if anew { include_str!("sql/change_revive.sql") } else { include_str!("sql/change_due.sql") };
    sqlx::query(statement)
        .bind(found.id.as_bytes().to_vec())
        .bind(due_at)
        .bind(found.fence)
        .execute(&mut *write.connection)
        .await?;
    let state = if due_at <= write.now { State::Enqueued } else { State::Scheduled };
    write.stats.moved(found.line, Some(found.home), Some(state.code()));
    if state == State::Enqueued {
        let row = Ready {
            line: found.line,
            priority: found.priority,
            id: found.id,
            once: found.max_attempts <= 1,
            suspect: !anew && found.crashes > 0,
        };
        insert::ready(write, &[row]).await?;
    } else {
        insert::scheduled(write, &[(due_at, found.id)]).await?;
    }
    if found.state.is_final() {
        // The walk of retention may have passed the job already.
        insert::expiry(write, &[(due_at.saturating_add(HOUR), found.id)]).await?;
    }
    tell(write, found, what, "").await
}

async fn tell(write: &mut Write<'_>, found: &Found, what: EventKind, text: &str) -> Res<()> {
    let attempt = if found.state == State::Processing { found.attempt + 1 } else { 0 };
    finish::events(write, &[Entry { job: found.id, what, attempt, text: clean(text) }]).await
}
