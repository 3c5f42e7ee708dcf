//! The upkeep of flows, in bounded steps: members of batches that have started are let go, those of cancelled ones deleted, and batches
//! that were never sealed removed.

use std::collections::HashSet;

use super::{
    Cascade, END, HAS_PARENTS, LOOSE, Over,
    batches::{self, Batch},
    gates::{self, Child},
    insert::CREATION,
};
use crate::{
    BatchId, JobId, State,
    flow::Ending,
    storage::{
        Change, Stepped,
        sql::{
            change, clean,
            fail::Res,
            text::duration,
            value::{Value, args},
            write::Write,
        },
    },
};

/// How many members that may run at any moment are deleted in one step.
const ONE_BY_ONE: u32 = 100;

/// Takes the first step that is due.
pub(in crate::storage::sql) async fn step(write: &mut Write<'_>, limit: u32) -> Res<Stepped> {
    let due = write.optional(&write.sql.step_due, args![Value::time(write.now)]).await?;
    let Some(row) = due else { return Ok(Stepped { members: 0, next_in: next_in(write).await? }) };
    let (at, id) = (row.time(0)?, row.batch(1)?);
    let mut cascade = Cascade::default();
    let batch = batches::rows(write, vec![id]).await?.pop();
    let (members, more) = match batch {
        None => (0, false),
        Some(batch) if batch.ending.is_some() => {
            // None of its members waits for it; those that come when it is opened again do not either.
            if batch.started_at.is_some() && batch.moved < END {
                write.execute(&write.sql.batch_move, args![batch.id, END]).await?;
            }
            (0, false)
        }
        Some(batch) if batch.cancelled => sweep(write, &mut cascade, &batch, limit).await?,
        Some(batch) if !batch.sealed => abandon(write, &mut cascade, &batch, limit).await?,
        Some(batch) if batch.started_at.is_some() && batch.moved < END => {
            let_go(write, &mut cascade, &batch, limit).await?
        }
        Some(_) => (0, false),
    };
    cascade.run(write).await?;
    if !more {
        write.execute(&write.sql.step_delete, args![Value::time(at), id]).await?;
    }
    Ok(Stepped { members, next_in: next_in(write).await? })
}

async fn next_in(write: &mut Write<'_>) -> Res<Option<std::time::Duration>> {
    let next = write.one(&write.sql.step_next, args![]).await?.opt_time(0)?;
    Ok(next.map(|at| duration(at.saturating_sub(write.now).max(0))))
}

/// The next members after one, held.
async fn members(write: &mut Write<'_>, batch: BatchId, after: JobId, limit: u32) -> Res<Vec<Child>> {
    let rows = write.rows(&write.sql.step_members, args![batch, after, i64::from(limit)]).await?;
    Ok(rows.iter().map(Child::read).collect::<sqlx::Result<_>>()?)
}

fn is_last(members: &[Child], limit: u32) -> bool {
    u32::try_from(members.len()).unwrap_or(u32::MAX) < limit
}

/// Lets the next members of a batch that has started run; after the last of them, the batches in it.
async fn let_go(write: &mut Write<'_>, cascade: &mut Cascade, batch: &Batch, limit: u32) -> Res<(u64, bool)> {
    let members = members(write, batch.id, batch.moved, limit).await?;
    let last = members.last().map(|member| member.id).filter(|_| !is_last(&members, limit));
    let mut free: Vec<Child> =
        members.into_iter().filter(|member| member.outcome.is_none() && member.flow & LOOSE == 0).collect();
    let waiting = waiting(write, &free).await?;
    free.retain(|member| !waiting.contains(&member.id));
    let moved = free.len() as u64;
    // They are not held back by their batch any more, whose mark says so.
    write.execute(&write.sql.batch_move, args![batch.id, last.unwrap_or(END)]).await?;
    // The time of one that has waited for others begins now; of one that waited for its batch to be complete it has begun.
    let has_waited = batch.flow & HAS_PARENTS != 0 || batch.parent.is_some();
    gates::place(write, free, has_waited).await?;
    if last.is_some() {
        return Ok((moved, true));
    }
    for nested in nested(write, batch.id).await? {
        if !is_waiting(write, nested.id).await? {
            batches::start(write, cascade, nested).await?;
        }
    }
    Ok((moved, false))
}

pub(super) async fn nested(write: &mut Write<'_>, batch: BatchId) -> Res<Vec<Batch>> {
    let mut ids = Vec::new();
    for row in write.rows(&write.sql.batch_nested, args![batch]).await? {
        ids.push(row.batch(0)?);
    }
    batches::lock(write, ids).await
}

async fn is_waiting(write: &mut Write<'_>, batch: BatchId) -> Res<bool> {
    for row in write.rows(&write.sql.edge_waits, args![super::batch_ids([batch])]).await? {
        if row.int(4)? == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Of these jobs, those that wait for a parent.
async fn waiting(write: &mut Write<'_>, members: &[Child]) -> Res<HashSet<JobId>> {
    let ids: Vec<JobId> = members.iter().filter(|job| job.flow & HAS_PARENTS != 0).map(|job| job.id).collect();
    let mut waiting = HashSet::new();
    if ids.is_empty() {
        return Ok(waiting);
    }
    for row in write.rows(&write.sql.edge_waits, args![Value::Ids(ids)]).await? {
        if row.int(4)? == 1 {
            waiting.insert(row.job(0)?);
        }
    }
    Ok(waiting)
}

/// Deletes the next members of a cancelled batch that do not run; after the last of them, cancels the batches in it. Members that
/// run are asked to stop by their servers, and those that come to be claimed are ended so.
async fn sweep(write: &mut Write<'_>, cascade: &mut Cascade, batch: &Batch, limit: u32) -> Res<(u64, bool)> {
    let reason = batch.reason.clone().unwrap_or_default();
    let reason = format!("batch {}: {reason}", batch.id);
    let is_held = |member: &Child| member.flow & LOOSE == 0 && batch.moved < member.id;
    let mut found = members(write, batch.id, batch.swept, limit).await?;
    let mut limit = limit;
    if found.iter().any(|member| member.outcome.is_none() && !is_held(member)) && limit > ONE_BY_ONE {
        limit = ONE_BY_ONE;
        found.truncate(ONE_BY_ONE as usize);
    }
    let last = found.last().map(|member| member.id).filter(|_| !is_last(&found, limit));
    write.execute(&write.sql.batch_sweep, args![batch.id, last.unwrap_or(END)]).await?;
    let pending = found.into_iter().filter(|member| member.outcome.is_none());
    let (held, others): (Vec<_>, Vec<_>) = pending.partition(is_held);
    let mut deleted = held.len() as u64;
    let with_parents = held.iter().filter(|member| member.flow & HAS_PARENTS != 0);
    gates::shut_edges(write, with_parents.map(|member| member.id).collect()).await?;
    gates::delete(write, cascade, held.into_iter().map(|member| (member, reason.clone())).collect()).await?;
    let idle = [State::Scheduled, State::Awaiting, State::Enqueued];
    for member in others {
        let delete = Change::Delete { reason: reason.clone() };
        let changed = Box::pin(change::change(write, member.id, &delete, Some(&idle))).await?;
        deleted += u64::from(changed.is_some_and(|changed| changed.took_effect));
    }
    if last.is_some() {
        return Ok((deleted, true));
    }
    for nested in nested(write, batch.id).await? {
        if nested.ending.is_none() {
            gates::shut_edges(write, vec![JobId::from_bytes(*nested.id.as_bytes())]).await?;
            batches::call_off(write, cascade, &nested, &reason).await?;
        }
    }
    Ok((deleted, false))
}

/// Removes the next members of a batch that was never sealed, and at last the batch; looks again later where one has come in of late.
async fn abandon(write: &mut Write<'_>, cascade: &mut Cascade, batch: &Batch, limit: u32) -> Res<(u64, bool)> {
    let until = batch.touched_at.saturating_add(CREATION);
    if until > write.now {
        batches::plan(write, &[(until, batch.id)]).await?;
        return Ok((0, false));
    }
    let members = members(write, batch.id, JobId::from_bytes([0; 16]), limit).await?;
    let all = is_last(&members, limit);
    let ids: Vec<JobId> = members.iter().map(|member| member.id).collect();
    for member in &members {
        let state = member.outcome.unwrap_or(State::Awaiting.code());
        write.stats.moved(member.line, Some(state), None);
    }
    let ended = members.iter().filter(|member| member.outcome.is_none());
    for over in ended.filter_map(|member| Over::job(member.id, State::Deleted, member.flow, None)) {
        cascade.add(over);
    }
    // What waits for one of them is told before it is gone.
    let deleted = members.into_iter().filter(|member| member.outcome.is_none()).map(|member| member.id).collect();
    gates::shut_edges(write, deleted).await?;
    Cascade::run(std::mem::take(cascade), write).await?;
    clean::remove(write, &ids).await?;
    if !all {
        return Ok((ids.len() as u64, true));
    }
    let nested = nested(write, batch.id).await?;
    if !nested.is_empty() {
        // They go first, as batches that nobody has sealed.
        write.execute(&write.sql.batch_abandon, args![batch.id]).await?;
        let steps: Vec<_> = nested.iter().map(|nested| (write.now, nested.id)).collect();
        batches::plan(write, &steps).await?;
        batches::plan(write, &[(write.now.saturating_add(1), batch.id)]).await?;
        return Ok((ids.len() as u64, false));
    }
    remove(write, cascade, batch).await?;
    Ok((ids.len() as u64, false))
}

async fn remove(write: &mut Write<'_>, cascade: &mut Cascade, batch: &Batch) -> Res<()> {
    let now = write.now;
    tracing::warn!(batch = %batch.id, "a batch was removed, because its creation was not completed within an hour");
    write.execute(&write.sql.batch_end, args![batch.id, Ending::Deleted.state().code(), Value::time(now)]).await?;
    cascade.add(batch.over(Ending::Deleted));
    Cascade::run(std::mem::take(cascade), write).await?;
    forget(write, batch.id).await
}

/// Removes a batch without members.
pub(super) async fn forget(write: &mut Write<'_>, batch: BatchId) -> Res<()> {
    write.execute(&write.sql.edge_delete, args![super::batch_ids([batch])]).await?;
    write.execute(&write.sql.batch_delete, args![batch]).await?;
    Ok(())
}
