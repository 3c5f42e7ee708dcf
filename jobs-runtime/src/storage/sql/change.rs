//! What operators and applications do to one stored job.

use std::collections::HashMap;

use super::{
    fail::{Fail, Res},
    finish::{self, Entry},
    flow::{self, Over},
    insert::{self, Ready, due_at},
    names::Noun,
    row::damaged,
    stat::{HOUR, Line, PARKED},
    text::clean,
    value::{Value, args, line},
    write::Write,
};
use crate::{
    BatchId, Fence, JobId, State,
    flow::Ending,
    state::transition,
    storage::{Change, Changed, EventKind, Measure, Revocation},
};

/// What a job was before it was changed.
pub(super) struct Was {
    pub(super) line: Line,
    pub(super) priority: i64,
    pub(super) due_at: i64,
}

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
    /// Whether its handler has ended it, and it has not yet left the chunk.
    leaving: bool,
    batch: Option<BatchId>,
    /// The bits of what it has to do with others.
    flow: i64,
    /// The fence that the job has.
    read_fence: i64,
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
    Ok(change_told(write, id, change, guard).await?.map(|(changed, _)| changed))
}

/// The same for a job that was met with this fence, without a lock: nothing is done where it has another by the time that it is locked,
/// for then it may be in another queue, or in another of its lives.
pub(super) async fn change_met(
    write: &mut Write<'_>,
    id: JobId,
    change: &Change,
    guard: &[State],
    fence: i64,
) -> Res<Option<Changed>> {
    Ok(change_if(write, id, change, Some(guard), Some(fence)).await?.map(|(changed, _)| changed))
}

/// The same, with what the job was.
pub(super) async fn change_told(
    write: &mut Write<'_>,
    id: JobId,
    change: &Change,
    guard: Option<&[State]>,
) -> Res<Option<(Changed, Was)>> {
    change_if(write, id, change, guard, None).await
}

async fn change_if(
    write: &mut Write<'_>,
    id: JobId,
    change: &Change,
    guard: Option<&[State]>,
    met: Option<i64>,
) -> Res<Option<(Changed, Was)>> {
    // Whoever only asks a run to stop leaves its chunk alone: in an application's transaction it would stay locked for as long as that
    // stays open, and keep the server's other results from being stored.
    // Nor does who wants nothing of a job that runs.
    let wants_running =
        guard.is_none_or(|states| states.iter().any(|state| *state == State::Processing || state.is_final()));
    let leaves_running =
        matches!(change, Change::Cancel { .. } | Change::Move { .. } | Change::Prioritize(_) | Change::Edit { .. });
    let holds_chunk = !leaves_running && wants_running;
    let Some(mut found) = find(write, id, holds_chunk).await? else { return Ok(None) };
    let from = found.state;
    let was = Was { line: found.line, priority: found.priority, due_at: found.due_at };
    let allowed =
        guard.is_none_or(|states| states.contains(&from)) && met.is_none_or(|fence| fence == found.read_fence);
    let to = transition(from, change.event()).ok().filter(|_| allowed && is_as_read(&found, change));
    let Some(to) = to else { return Ok(Some((Changed { took_effect: false, from }, was))) };
    found.fence = finish::next_fence(write).await?.0;
    match change {
        Change::Cancel { reason } if from == State::Processing => ask_to_stop(write, &found, reason).await?,
        Change::Delete { reason } | Change::Cancel { reason } => delete(write, &found, to, reason).await?,
        Change::Requeue => move_to(write, &found, write.now, EventKind::Requeued).await?,
        Change::Reschedule(due) => {
            let at = due_at(*due, write.now);
            move_to(write, &found, at, EventKind::Rescheduled).await?;
        }
        Change::Move { queue } => {
            let line = Line { queue: write.number(Noun::Queue, queue).await?, ..found.line };
            let told = format!("from {} to {queue}", write.name(Noun::Queue, found.line.queue).await?);
            lay(write, &found, line, found.priority).await?;
            tell(write, &found, EventKind::Moved, &told).await?;
        }
        Change::Prioritize(priority) => {
            lay(write, &found, found.line, i64::from(*priority)).await?;
            let told = format!("from {} to {priority}", found.priority);
            tell(write, &found, EventKind::Prioritized, &told).await?;
        }
        Change::Edit { payload, .. } => {
            edit(write, &found, payload).await?;
            tell(write, &found, EventKind::Edited, "").await?;
        }
    }
    Ok(Some((Changed { took_effect: true, from }, was)))
}

/// Whether the job is what the change was made for. One that has yet to leave its chunk is not: its fence says which that is.
fn is_as_read(found: &Found, change: &Change) -> bool {
    match change {
        Change::Edit { fence, .. } => found.read_fence == fence.0 && !found.leaving,
        _ => true,
    }
}

/// Finds the job and holds it, so that no finish, rescue or retention changes it meanwhile; the chunk first, as everywhere. Claims and
/// promotions do not hold jobs: whoever takes the row that the state lives in was first.
async fn find(write: &mut Write<'_>, id: JobId, holds_chunk: bool) -> Res<Option<Found>> {
    let chunk = write.optional(&write.sql.change_chunk, args![id]).await?.map(|row| row.int(0)).transpose()?;
    if let Some(chunk) = chunk.filter(|_| holds_chunk) {
        write.rows(&write.sql.claim_lock, args![chunk]).await?;
    }
    write.rows(&write.sql.change_lock, args![id]).await?;
    let Some(row) = write.optional(&write.sql.change_row, args![id]).await? else { return Ok(None) };
    let home = row.int(0)?;
    // One that its handler has ended has still to leave its chunk.
    let leaving = row.int(10)? == 1;
    let held_by = if leaving { Some(row.int(11)?) } else { row.opt_int(9)? };
    if held_by != chunk {
        return Err(Fail::Raced);
    }
    let state = if home == PARKED { Some(State::Enqueued) } else { State::from_code(home) };
    let state = state.ok_or_else(|| damaged(format!("no state has the number {home}")))?;
    if state == State::Processing && chunk.is_none() {
        return Err(Fail::Raced);
    }
    Ok(Some(Found {
        id,
        home,
        state,
        line: Line { kind: row.int(1)?, queue: row.int(2)? },
        priority: row.int(3)?,
        due_at: row.time(4)?,
        attempt: row.int(5)?,
        max_attempts: row.int(6)?,
        retain: row.opt_int(7)?,
        crashes: row.int(8)?,
        chunk: chunk.map(Fence),
        leaving,
        batch: row.opt_batch(12)?,
        flow: row.int(13)?,
        read_fence: row.int(11)?,
        fence: 0,
    }))
}

/// Takes the job out of where its state has it.
async fn leave(write: &mut Write<'_>, found: &Found) -> Res<()> {
    let (id, Line { queue, kind }, priority) = (found.id, found.line, found.priority);
    let left = match found.home {
        PARKED => write.execute(&write.sql.change_parked_delete, args![kind, queue, priority, id]).await?,
        _ => match found.state {
            State::Enqueued => write.execute(&write.sql.change_ready_delete, args![queue, priority, id]).await?,
            State::Scheduled => {
                write.execute(&write.sql.change_scheduled_delete, args![Value::time(found.due_at), id]).await?
            }
            State::Awaiting => {
                // One that waits for its batch alone is not looked for: that may keep others from waiting.
                if found.flow & flow::HAS_PARENTS != 0 {
                    write.execute(&write.sql.edge_shut, args![Value::ids([id])]).await?;
                }
                1
            }
            State::Processing => {
                if let Some(chunk) = found.chunk {
                    finish::leave(write, HashMap::from([(chunk, 1)])).await?;
                }
                write.effects.revoked.push((found.id, Revocation::Lost));
                1
            }
            State::Failed | State::Deleted => {
                write.execute(&write.sql.change_outcome_delete, args![found.state.code(), id]).await?
            }
            State::Succeeded => 1,
        },
    };
    if left == 0 {
        return Err(Fail::Raced);
    }
    match found.chunk.filter(|_| found.leaving) {
        Some(chunk) => finish::leave(write, HashMap::from([(chunk, 1)])).await,
        None => Ok(()),
    }
}

async fn delete(write: &mut Write<'_>, found: &Found, to: State, reason: &str) -> Res<()> {
    leave(write, found).await?;
    let args = args![found.id, Value::time(write.now), clean(reason), found.fence];
    write.execute(&write.sql.change_delete, args).await?;
    write.stats.moved(found.line, Some(found.home), Some(to.code()));
    write.stats.count(found.line, Measure::Deleted);
    write.effects.ended = true;
    finish::outcomes(write, &[(to, found.id, found.line)]).await?;
    tell(write, found, EventKind::Deleted, reason).await?;
    let keep = found.retain.unwrap_or_else(|| finish::default_retention(write, to));
    if found.batch.is_none() {
        let until = write.now.saturating_add(keep);
        insert::expiry(write, &[(until, found.id)]).await?;
    }
    match (Ending::of_job(found.state).filter(|_| !found.leaving), found.batch) {
        // It had ended before, and whatever follows from that has happened.
        (Some(ending), Some(batch)) => flow::recounted(write, batch, ending, Ending::Deleted).await,
        (Some(_), None) => Ok(()),
        (None, _) => flow::ended(write, Over::job(found.id, to, found.flow, found.batch)).await,
    }
}

/// Puts a job that waits into another lane.
async fn lay(write: &mut Write<'_>, found: &Found, line: Line, priority: i64) -> Res<()> {
    lift(write, found).await?;
    let args = args![found.id, line.queue, priority, found.fence];
    write.execute(&write.sql.change_lane, args).await?;
    put_back(write, found, line, priority).await
}

/// Gives the job other args.
async fn edit(write: &mut Write<'_>, found: &Found, payload: &[u8]) -> Res<()> {
    lift(write, found).await?;
    write.execute(&write.sql.change_payload, args![found.id, payload.to_vec(), found.fence]).await?;
    put_back(write, found, found.line, found.priority).await
}

/// Takes the job from where it waits, so that a claim or a promotion at the same moment finds it as it was or as it will be.
async fn lift(write: &mut Write<'_>, found: &Found) -> Res<()> {
    match found.state {
        State::Scheduled | State::Enqueued => leave(write, found).await,
        // Nothing takes them from where they are without holding the job.
        _ => Ok(()),
    }
}

/// Puts the job back to where it waited, in its lane.
async fn put_back(write: &mut Write<'_>, found: &Found, line: Line, priority: i64) -> Res<()> {
    match found.state {
        State::Scheduled => insert::scheduled(write, &[(found.due_at, found.id)]).await?,
        State::Enqueued if found.home == PARKED => {
            let row = line![line.kind, line.queue, priority, found.id];
            write.bulk(&write.sql.parked_insert, [row].into_iter().collect()).await?;
        }
        State::Enqueued => {
            let (once, suspect) = (found.max_attempts <= 1, found.crashes > 0);
            insert::ready(write, &[Ready { line, priority, id: found.id, once, suspect }]).await?;
        }
        _ => {}
    }
    write.stats.moved(found.line, Some(found.home), None);
    write.stats.moved(line, None, Some(found.home));
    Ok(())
}

async fn ask_to_stop(write: &mut Write<'_>, found: &Found, reason: &str) -> Res<()> {
    write.execute(&write.sql.change_cancel, args![found.id]).await?;
    write.effects.revoked.push((found.id, Revocation::Cancel));
    tell(write, found, EventKind::CancelRequested, reason).await
}

/// Makes the job runnable at `due_at`. A requeue, and whatever happens to a final job, starts its life anew; else only its
/// time changes.
async fn move_to(write: &mut Write<'_>, found: &Found, due_at: i64, what: EventKind) -> Res<()> {
    leave(write, found).await?;
    let anew = what == EventKind::Requeued || found.state.is_final();
    let statement = if anew { &write.sql.change_revive } else { &write.sql.change_due };
    write.execute(statement, args![found.id, Value::time(due_at), found.fence]).await?;
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
        match found.batch {
            // The walk of retention may have passed the job already.
            None => insert::expiry(write, &[(due_at.saturating_add(HOUR), found.id)]).await?,
            // Of one that has yet to leave its chunk, nobody has been told that it had ended.
            Some(_) if found.leaving => {}
            Some(batch) => {
                if let Some(ending) = Ending::of_job(found.state) {
                    flow::revived(write, batch, ending).await?;
                }
            }
        }
    }
    tell(write, found, what, "").await
}

async fn tell(write: &mut Write<'_>, found: &Found, what: EventKind, text: &str) -> Res<()> {
    let attempt = if found.state == State::Processing { found.attempt + 1 } else { 0 };
    finish::events(write, &[Entry { job: found.id, what, attempt, text: clean(text) }]).await
}
