//! Batches: counting their members, and what follows when the last has ended.

use super::{BEGIN, Cascade, Change, END, HAS_CHILDREN, HAS_PARENTS, Over, batch_ids};
use crate::{
    BatchId, JobId, State,
    error::Error,
    flow::{BatchState, Counts, Ending, NodeId},
    storage::{
        BatchRecord,
        sql::{
            fail::{Fail, Res},
            insert,
            row::Row,
            text::{clean, instant},
            value::{Value, args, line},
            write::{Read, Write},
        },
    },
};

/// A batch as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) id: BatchId,
    pub(super) parent: Option<BatchId>,
    pub(super) depth: i64,
    pub(super) flow: i64,
    created_at: i64,
    pub(super) touched_at: i64,
    pub(super) started_at: Option<i64>,
    finished_at: Option<i64>,
    pub(super) ending: Option<Ending>,
    pub(super) sealed: bool,
    pub(super) cancelled: bool,
    pub(super) reason: Option<String>,
    retain: Option<i64>,
    /// Up to which member it has let go.
    pub(super) moved: JobId,
    /// Up to which member it was swept.
    pub(super) swept: JobId,
    pub(super) counts: Counts,
    description: String,
}

impl Batch {
    pub(super) fn read(row: &Row) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.batch(0)?,
            parent: row.opt_batch(1)?,
            depth: row.int(2)?,
            flow: row.int(3)?,
            created_at: row.time(4)?,
            touched_at: row.time(5)?,
            started_at: row.opt_time(6)?,
            finished_at: row.opt_time(7)?,
            ending: row.opt_int(8)?.and_then(State::from_code).and_then(Ending::of_job),
            sealed: row.int(9)? == 1,
            cancelled: row.flag(10)?,
            reason: row.opt_text(11)?,
            retain: row.opt_int(12)?,
            moved: row.job(13)?,
            swept: row.job(14)?,
            counts: Counts {
                total: row.int(15)?,
                pending: row.int(16)?,
                succeeded: row.int(17)?,
                failed: row.int(18)?,
                deleted: row.int(19)?,
            },
            description: row.text(20)?,
        })
    }

    /// Whether nothing has happened to it between two looks.
    pub(super) fn is_like(&self, before: &Self) -> bool {
        let facts = |batch: &Self| {
            let Self { moved, swept, sealed, cancelled, ending, started_at, touched_at, .. } = *batch;
            (moved, swept, sealed, cancelled, ending, started_at, touched_at)
        };
        facts(self) == facts(before)
    }

    fn state(&self) -> BatchState {
        match (self.ending, self.started_at) {
            (Some(ending), _) => ending.batch_state(),
            (None, Some(_)) => BatchState::Started,
            (None, None) => BatchState::Awaiting,
        }
    }

    pub(super) fn into_record(self) -> BatchRecord {
        BatchRecord {
            id: self.id,
            state: self.state(),
            description: self.description,
            parent: self.parent,
            sealed: self.sealed,
            cancelled: self.cancelled,
            reason: self.reason,
            created_at: instant(self.created_at),
            started_at: self.started_at.map(instant),
            finished_at: self.finished_at.map(instant),
            counts: self.counts,
        }
    }

    /// Until when it is kept, if it has ended.
    pub(super) fn kept_until(&self, write: &Write<'_>) -> Option<i64> {
        let (ending, finished_at) = (self.ending?, self.finished_at?);
        let default = || super::super::finish::default_retention(write, ending.state());
        // Of one that was never completed nobody knows.
        let retain = if self.sealed { self.retain.unwrap_or_else(default) } else { 0 };
        Some(finished_at.saturating_add(retain))
    }

    pub(super) fn over(&self, ending: Ending) -> Over {
        let has_children = self.flow & HAS_CHILDREN != 0;
        Over { node: NodeId::Batch(self.id), ending, has_children, batch: self.parent }
    }
}

/// Reads batches. In a transaction of the application's, which may see an older moment, they are held, so that they are seen as they
/// are.
pub(super) async fn rows(write: &mut Write<'_>, ids: Vec<BatchId>) -> Res<Vec<Batch>> {
    let statement = if write.borrowed { &write.sql.batch_lock } else { &write.sql.batch_rows };
    read(write, statement, ids).await
}

/// Reads batches, and holds them.
pub(super) async fn lock(write: &mut Write<'_>, ids: Vec<BatchId>) -> Res<Vec<Batch>> {
    read(write, &write.sql.batch_lock, ids).await
}

async fn read(
    write: &mut Write<'_>,
    statement: &crate::storage::sql::statement::Sql,
    ids: Vec<BatchId>,
) -> Res<Vec<Batch>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids = ids;
    // Everybody holds them in one order.
    ids.sort_unstable();
    let rows = write.rows(statement, args![batch_ids(ids)]).await?;
    Ok(rows.iter().map(Batch::read).collect::<sqlx::Result<_>>()?)
}

pub(super) async fn record(read: &mut Read<'_>, id: BatchId) -> sqlx::Result<Option<BatchRecord>> {
    let row = read.optional(&read.sql.batch_rows, args![batch_ids([id])]).await?;
    row.map(|row| Batch::read(&row).map(Batch::into_record)).transpose()
}

/// Counts a change in a batch; returns the batch's own end, if that was the last of its members.
pub(super) async fn count(write: &mut Write<'_>, id: BatchId, change: Change) -> Res<Option<Over>> {
    add(write, id, change).await?;
    // Its row may be gone: a batch that was never completed is removed with its members.
    let Some(batch) = lock(write, vec![id]).await?.pop() else { return Ok(None) };
    end(write, &batch).await
}

/// Counts a change in a batch that does not end by it.
pub(super) async fn add(write: &mut Write<'_>, id: BatchId, change: Change) -> Res<()> {
    let Change { total, pending, succeeded, failed, deleted } = change;
    let args = args![id, Value::time(write.now), total, pending, succeeded, failed, deleted];
    write.execute(&write.sql.batch_count, args).await?;
    Ok(())
}

/// Ends a batch whose members have all ended.
async fn end(write: &mut Write<'_>, batch: &Batch) -> Res<Option<Over>> {
    let may_end = batch.ending.is_none() && (batch.cancelled || batch.sealed && batch.started_at.is_some());
    let Some(ending) = batch.counts.ending(batch.cancelled).filter(|_| may_end) else { return Ok(None) };
    let now = write.now;
    write.execute(&write.sql.batch_end, args![batch.id, ending.state().code(), Value::time(now)]).await?;
    let ended = Batch { ending: Some(ending), finished_at: Some(now), ..batch.clone() };
    if let Some(until) = ended.kept_until(write).filter(|_| batch.parent.is_none()) {
        insert::expiry(write, &[(until, JobId::from_bytes(*batch.id.as_bytes()))]).await?;
    }
    write.effects.ended = true;
    Ok(Some(batch.over(ending)))
}

/// Lets the members of a batch run, unless something else keeps it from starting: the batch around it, or that it is not complete.
pub(super) async fn start(write: &mut Write<'_>, cascade: &mut Cascade, batch: Batch) -> Res<()> {
    if batch.started_at.is_some() || batch.cancelled || !batch.sealed || batch.ending.is_some() {
        return Ok(());
    }
    if let Some(around) = batch.parent
        && let Some(around) = rows(write, vec![around]).await?.pop()
        && around.started_at.is_none()
    {
        return Ok(());
    }
    let now = write.now;
    write.execute(&write.sql.batch_start, args![batch.id, Value::time(now)]).await?;
    let started = Batch { started_at: Some(now), ..batch };
    if let Some(over) = end(write, &started).await? {
        write.execute(&write.sql.batch_move, args![started.id, END]).await?;
        cascade.add(over);
        return Ok(());
    }
    plan(write, &[(now, started.id)]).await
}

/// Upkeep is to take a step on these batches at these times.
pub(super) async fn plan(write: &mut Write<'_>, steps: &[(i64, BatchId)]) -> Res<()> {
    write.effects.steps |= !steps.is_empty();
    let table = steps.iter().map(|(at, batch)| line![Value::time(*at), *batch]).collect();
    write.bulk(&write.sql.step_insert, table).await?;
    Ok(())
}

/// Keeps the members of a batch from running; upkeep ends them.
pub(super) async fn call_off(write: &mut Write<'_>, cascade: &mut Cascade, batch: &Batch, reason: &str) -> Res<()> {
    write.execute(&write.sql.batch_cancel, args![batch_ids([batch.id]), clean(reason)]).await?;
    let batch = Batch { cancelled: true, reason: Some(clean(reason)), ..batch.clone() };
    match end(write, &batch).await? {
        Some(over) => cascade.add(over),
        None => plan(write, &[(write.now, batch.id)]).await?,
    }
    Ok(())
}

/// Cancels a batch, if it has not ended.
pub(in crate::storage::sql) async fn cancel(write: &mut Write<'_>, id: BatchId, reason: &str) -> Res<Option<bool>> {
    let inner = levels(write, id).await?;
    let Some(batch) = lock(write, vec![id]).await?.pop() else { return Ok(None) };
    if batch.ending.is_some() || batch.cancelled {
        return Ok(Some(false));
    }
    // None that came in between is overlooked; from now on none comes.
    if levels(write, id).await?.len() != inner.len() {
        return Err(Fail::Raced);
    }
    let reason = if reason.trim().is_empty() { "the batch was cancelled" } else { reason };
    let mut cascade = Cascade::default();
    let inner: Vec<Batch> = inner.into_iter().filter(|inner| inner.ending.is_none() && !inner.cancelled).collect();
    // What they wait for does not matter any more. Those that never waited are not looked for: that may keep others from waiting.
    let waiting = inner.iter().chain([&batch]).filter(|batch| batch.flow & HAS_PARENTS != 0);
    super::gates::shut_edges(write, waiting.map(|batch| JobId::from_bytes(*batch.id.as_bytes())).collect()).await?;
    let ids: Vec<BatchId> = inner.iter().map(|inner| inner.id).collect();
    if !ids.is_empty() {
        // At once, so that none of their members is started; upkeep does the rest when it comes to them.
        write.execute(&write.sql.batch_cancel, args![batch_ids(ids), clean(reason)]).await?;
    }
    for inner in inner {
        if let Some(over) = end(write, &Batch { cancelled: true, ..inner }).await? {
            cascade.add(over);
        }
    }
    call_off(write, &mut cascade, &batch, reason).await?;
    cascade.run(write).await?;
    Ok(Some(true))
}

/// The batches inside a batch, held, inner ones first.
pub(super) async fn levels(write: &mut Write<'_>, id: BatchId) -> Res<Vec<Batch>> {
    let mut levels = vec![vec![id]];
    while let Some(level) = levels.last().filter(|level| !level.is_empty()) {
        let inner = nested(write, level).await?;
        levels.push(inner);
    }
    let mut found = Vec::new();
    for level in levels.into_iter().skip(1).rev() {
        found.append(&mut lock(write, level).await?);
    }
    Ok(found)
}

/// The batches in these batches.
pub(super) async fn nested(write: &mut Write<'_>, around: &[BatchId]) -> Res<Vec<BatchId>> {
    let rows = write.rows(&write.sql.batch_nested, args![batch_ids(around.iter().copied())]).await?;
    Ok(rows.iter().map(|row| row.batch(0)).collect::<sqlx::Result<_>>()?)
}

/// Whether a batch, which is held, waits for a parent.
pub(super) async fn is_waiting(write: &mut Write<'_>, id: BatchId) -> Res<bool> {
    for row in write.rows(&write.sql.edge_waits, args![batch_ids([id])]).await? {
        if row.int(4)? == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Completes the creation of a batch.
pub(in crate::storage::sql) async fn seal(write: &mut Write<'_>, id: BatchId) -> Res<()> {
    let Some(batch) = lock(write, vec![id]).await?.pop() else { return Err(Error::NoBatch(id).into()) };
    // Also where it was cancelled since: the answer to the first call may have been lost.
    if batch.sealed {
        return Ok(());
    }
    if batch.cancelled {
        let why = batch.reason.as_deref().unwrap_or("no reason was stored");
        return Err(Error::config(format!("batch {id} was cancelled ({why}), and cannot be completed any more")).into());
    }
    write.execute(&write.sql.batch_seal, args![id]).await?;
    if is_waiting(write, id).await? {
        return Ok(());
    }
    let mut cascade = Cascade::default();
    start(write, &mut cascade, Batch { sealed: true, ..batch }).await?;
    cascade.run(write).await
}

/// A member that had ended is pending again: its batch, and those around it, have not ended.
///
/// # Errors
/// [`Error::Config`] for a member of a batch that was cancelled.
pub(in crate::storage::sql) async fn revived(write: &mut Write<'_>, batch: BatchId, ending: Ending) -> Res<()> {
    reopen(write, batch, Change::revived(ending), "run again").await.map(drop)
}

/// A member that had ended in one way has now ended in another.
pub(in crate::storage::sql) async fn recounted(
    write: &mut Write<'_>,
    batch: BatchId,
    from: Ending,
    to: Ending,
) -> Res<()> {
    let mut change = Change::revived(from);
    change.end(to);
    count(write, batch, change).await.map(drop)
}

/// Members of these batches have been put back for later: where a batch was cancelled, upkeep has to find them again.
pub(in crate::storage::sql) async fn delayed(write: &mut Write<'_>, batches: Vec<BatchId>) -> Res<()> {
    for batch in rows(write, batches).await?.into_iter().filter(|batch| batch.cancelled && batch.ending.is_none()) {
        write.execute(&write.sql.batch_sweep, args![batch.id, BEGIN]).await?;
        plan(write, &[(write.now, batch.id)]).await?;
    }
    Ok(())
}

/// Counts members that are pending, new ones or such that had ended; returns the batches that had ended and have not any more.
pub(super) async fn reopen(write: &mut Write<'_>, batch: BatchId, change: Change, doing: &str) -> Res<Vec<NodeId>> {
    let mut reopened = Vec::new();
    let mut next = Some((batch, change));
    while let Some((id, change)) = next.take() {
        // A batch that ended before may be gone already, and this one stays.
        let Some(batch) = lock(write, vec![id]).await?.pop() else { break };
        if batch.cancelled {
            let why = batch.reason.as_deref().unwrap_or("no reason was stored");
            return Err(Error::config(format!(
                "batch {id} was cancelled ({why}), and none of its members can {doing}; make a new batch"
            ))
            .into());
        }
        add(write, id, change).await?;
        if let Some(ending) = batch.ending {
            write.execute(&write.sql.batch_reopen, args![id]).await?;
            reopened.push(NodeId::Batch(id));
            next = batch.parent.map(|around| (around, Change::revived(ending)));
        }
    }
    Ok(reopened)
}

/// The mark of a new batch: of one that has started, all members are free.
pub(super) const fn first_mark(started: bool) -> JobId {
    if started { END } else { BEGIN }
}
