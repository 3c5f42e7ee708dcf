//! The upkeep of flows, in bounded steps: members of batches that have started are let go, those of cancelled ones deleted, and batches
//! that were never sealed cancelled.
//!
//! A step reads the batch, holds the members, and then the batch: where that has changed meanwhile, the step begins anew.

use std::collections::HashSet;

use super::{
    Cascade, END, HAS_PARENTS, LOOSE,
    batches::{self, Batch},
    gates::{self, Child},
    insert::CREATION,
};
use crate::{
    BatchId, JobId, State,
    storage::{
        Change, Stepped,
        sql::{
            change,
            fail::{Fail, Res},
            text::duration,
            value::{Value, args},
            write::Write,
        },
    },
};

/// How many members that may run at any moment are deleted in one step.
const ONE_BY_ONE: u32 = 100;

/// Why a batch is cancelled that nobody has sealed.
const ABANDONED: &str = "its creation was not completed within an hour";

/// Takes the first step that is due.
pub(in crate::storage::sql) async fn step(write: &mut Write<'_>, limit: u32) -> Res<Stepped> {
    let due = write.optional(&write.sql.step_due, args![Value::time(write.now)]).await?;
    let Some(row) = due else { return Ok(Stepped { members: 0, next_in: next_in(write).await? }) };
    let (at, id) = (row.time(0)?, row.batch(1)?);
    let mut cascade = Cascade::default();
    let (members, more) = match batches::rows(write, vec![id]).await?.pop() {
        None => (0, false),
        Some(batch) if batch.ending.is_some() => {
            // None of its members waits for it; those that come when it is opened again do not either.
            if batch.started_at.is_some() && batch.moved < END {
                confirm(write, &batch).await?;
                write.execute(&write.sql.batch_move, args![batch.id, END]).await?;
            }
            (0, false)
        }
        Some(batch) if batch.cancelled => sweep(write, &mut cascade, &batch, limit).await?,
        Some(batch) if !batch.sealed => abandon(write, &mut cascade, &batch).await?,
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

/// The mark to continue from; `None` after the last member.
fn mark(members: &[Child], limit: u32) -> Option<JobId> {
    let is_full = u32::try_from(members.len()).unwrap_or(u32::MAX) >= limit;
    members.last().map(|member| member.id).filter(|_| is_full)
}

/// Holds the batch, which must be as it was read.
async fn confirm(write: &mut Write<'_>, batch: &Batch) -> Res<()> {
    let held = batches::lock(write, vec![batch.id]).await?.pop();
    if held.is_some_and(|held| held.is_like(batch)) { Ok(()) } else { Err(Fail::Raced) }
}

/// Lets the next members of a batch that has started run; after the last of them, the batches in it.
async fn let_go(write: &mut Write<'_>, cascade: &mut Cascade, batch: &Batch, limit: u32) -> Res<(u64, bool)> {
    let members = members(write, batch.id, batch.moved, limit).await?;
    let mark = mark(&members, limit);
    let nested = if mark.is_none() { nested(write, batch.id).await? } else { Vec::new() };
    confirm(write, batch).await?;
    let mut free: Vec<Child> =
        members.into_iter().filter(|member| member.outcome.is_none() && member.flow & LOOSE == 0).collect();
    let waiting = waiting(write, &free).await?;
    free.retain(|member| !waiting.contains(&member.id));
    let moved = free.len() as u64;
    // They are not held back by their batch any more, whose mark says so.
    write.execute(&write.sql.batch_move, args![batch.id, mark.unwrap_or(END)]).await?;
    // The time of one that has waited for others begins now; of one that waited for its batch to be complete it has begun.
    let has_waited = batch.flow & HAS_PARENTS != 0 || batch.parent.is_some();
    gates::place(write, free, has_waited).await?;
    for nested in nested {
        if !batches::is_waiting(write, nested.id).await? {
            batches::start(write, cascade, nested).await?;
        }
    }
    Ok((moved, mark.is_some()))
}

/// The batches in a batch, held.
pub(super) async fn nested(write: &mut Write<'_>, batch: BatchId) -> Res<Vec<Batch>> {
    let ids = batches::nested(write, &[batch]).await?;
    batches::lock(write, ids).await
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

/// Deletes the next members of a cancelled batch that do not run; after the last of them, goes on with the batches in it. Members that
/// run are asked to stop by their servers, and those that come to be claimed are ended so.
async fn sweep(write: &mut Write<'_>, cascade: &mut Cascade, batch: &Batch, limit: u32) -> Res<(u64, bool)> {
    let reason = format!("batch {}: {}", batch.id, batch.reason.as_deref().unwrap_or_default());
    let is_held = |member: &Child| member.flow & LOOSE == 0 && batch.moved < member.id;
    let limit = if batch.started_at.is_some() { limit.min(ONE_BY_ONE) } else { limit };
    let found = members(write, batch.id, batch.swept, limit).await?;
    let mark = mark(&found, limit);
    let nested = if mark.is_none() { nested(write, batch.id).await? } else { Vec::new() };
    confirm(write, batch).await?;
    write.execute(&write.sql.batch_sweep, args![batch.id, mark.unwrap_or(END)]).await?;
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
    for nested in nested.into_iter().filter(|nested| nested.ending.is_none()) {
        gates::shut_edges(write, vec![JobId::from_bytes(*nested.id.as_bytes())]).await?;
        batches::call_off(write, cascade, &nested, &reason).await?;
    }
    Ok((deleted, mark.is_some()))
}

/// Cancels a batch that was never sealed; looks again later where a member has come in of late, into it or into a batch inside it.
async fn abandon(write: &mut Write<'_>, cascade: &mut Cascade, batch: &Batch) -> Res<(u64, bool)> {
    let inner = batches::levels(write, batch.id).await?;
    confirm(write, batch).await?;
    let touched = inner.iter().map(|inner| inner.touched_at).max().unwrap_or(0).max(batch.touched_at);
    let until = touched.saturating_add(CREATION);
    if until > write.now {
        batches::plan(write, &[(until, batch.id)]).await?;
        return Ok((0, false));
    }
    tracing::warn!(batch = %batch.id, "a batch is removed, because {ABANDONED}");
    batches::call_off(write, cascade, batch, ABANDONED).await?;
    Ok((0, false))
}
