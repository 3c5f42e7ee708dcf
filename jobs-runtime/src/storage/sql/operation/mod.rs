//! Operations on many jobs: begun by an act, carried out in steps, each of which is a transaction that keeps the place.
//!
//! What an operation changes gets a fence that is greater than the one that was drawn when it was begun, and so has whatever
//! somebody changes or a server claims meanwhile: such a job is left alone. So none is changed twice, in whatever order and however often it is met.

mod spec;
mod step;
mod walk;

pub(super) use self::step::{Refused, step};
use self::{
    spec::Spec,
    walk::{Filter, Place, Source},
};
use super::{
    fail::Res,
    finish,
    row::{Row, damaged},
    text::{clean, instant},
    upkeep,
    value::{Value, args},
    write::{Read, Write},
};
use crate::{
    OperationId,
    storage::{
        Acted, JobFilter, Matching, NewOperation, OperationFilter, OperationRecord, OperationState, Signature, Via,
    },
};

/// The most that one page holds.
const PAGE: u32 = 1_000;

fn id_value(id: OperationId) -> Value {
    Value::Id(Some(*id.as_bytes()))
}

/// Begins an operation. Returns how many jobs it is for, where the totals tell that.
pub(super) async fn begin(write: &mut Write<'_>, new: &NewOperation, by: &Signature) -> Res<Option<i64>> {
    let fence = finish::next_fence(write).await?;
    let expected = counted(&mut write.read(), &new.filter).await?;
    let spec = Spec::new(&new.filter, &new.act, write.now);
    let args = args![
        id_value(new.id),
        OperationState::Running.code(),
        Value::time(write.now),
        &*by.actor,
        by.via.code(),
        clean(&by.reason),
        spec::VERSION,
        spec.text(),
        expected,
        fence.0,
        Place::default().text(),
    ];
    write.execute(&write.sql.operation_begin, args).await?;
    // Other processes see it by their looks.
    write.effects.steps = true;
    Ok(expected)
}

/// What is done, as the audit tells it.
pub(super) fn told(new: &NewOperation, now: i64) -> serde_json::Value {
    Spec::new(&new.filter, &new.act, now).told()
}

/// Stops an operation that runs.
pub(super) async fn halt(write: &mut Write<'_>, id: OperationId) -> Res<Acted> {
    if end(write, id, OperationState::Cancelled, None).await? > 0 {
        return Ok(Acted::Done);
    }
    Ok(if get(&mut write.read(), id).await?.is_some() { Acted::Refused } else { Acted::Missing })
}

async fn end(write: &mut Write<'_>, id: OperationId, state: OperationState, error: Option<String>) -> Res<u64> {
    let args = args![id_value(id), state.code(), Value::time(write.now), error];
    Ok(write.execute(&write.sql.operation_end, args).await?)
}

/// Reads the columns of `operation_get.sql` and its like.
fn record(row: &Row) -> sqlx::Result<OperationRecord> {
    let (state, via) = (row.int(1)?, row.int(6)?);
    let spec = Spec::read(&row.text(8)?)?;
    Ok(OperationRecord {
        id: operation_id(row)?,
        state: OperationState::from_code(state)
            .ok_or_else(|| damaged(format!("no state of an operation has the number {state}")))?,
        created_at: instant(row.time(2)?),
        touched_at: instant(row.time(3)?),
        finished_at: row.opt_time(4)?.map(instant),
        actor: row.text(5)?,
        via: Via::from_code(via).ok_or_else(|| damaged(format!("no way of an act has the number {via}")))?,
        reason: row.text(7)?,
        act: spec.act(),
        filter: spec.filter()?,
        expected: row.opt_int(9)?,
        looked: row.int(10)?,
        done: row.int(11)?,
        skipped: row.int(12)?,
        failed: row.int(13)?,
        error: row.opt_text(14)?,
    })
}

fn operation_id(row: &Row) -> sqlx::Result<OperationId> {
    Ok(OperationId::from_bytes(*row.job(0)?.as_bytes()))
}

pub(super) async fn get(read: &mut Read<'_>, id: OperationId) -> sqlx::Result<Option<OperationRecord>> {
    let row = read.optional(&read.sql.operation_get, args![id_value(id)]).await?;
    row.as_ref().map(record).transpose()
}

/// Operations, newest first.
pub(super) async fn list(read: &mut Read<'_>, filter: &OperationFilter) -> sqlx::Result<Vec<OperationRecord>> {
    let before = Value::Id(filter.before.map(|id| *id.as_bytes()));
    let state = filter.state.map(OperationState::code);
    let rows = read.rows(&read.sql.operation_list, args![state, before, i64::from(filter.limit.min(PAGE))]).await?;
    rows.iter().map(record).collect()
}

/// How many jobs the totals count for the filter, where they can.
async fn counted(read: &mut Read<'_>, filter: &JobFilter) -> sqlx::Result<Option<i64>> {
    if !filter.is_counted() {
        return Ok(None);
    }
    let sql = read.sql;
    let totals = upkeep::totals(read, &sql.stat_totals).await?;
    let is_meant = |asked: &[String], name: &String| asked.is_empty() || asked.contains(name);
    let meant = totals.iter().filter(|total| {
        filter.is_of(total.state) && is_meant(&filter.queues, &total.queue) && is_meant(&filter.kinds, &total.kind)
    });
    Ok(Some(meant.map(|total| total.jobs).sum()))
}

/// How many jobs match: by the totals, or by looking at no more than `limit`.
pub(super) async fn count(read: &mut Read<'_>, filter: &JobFilter, limit: u32) -> sqlx::Result<Matching> {
    if let Some(jobs) = counted(read, filter).await? {
        return Ok(Matching { jobs, is_exact: true, looked: 0 });
    }
    let now = read.now().await?;
    let (mut jobs, mut looked) = (0, 0);
    let Some(filter) = Filter::new(read, filter, now, i64::MAX).await? else {
        return Ok(Matching { jobs, is_exact: true, looked });
    };
    let mut place = Place::default();
    while let Some(source) = filter.source(&mut place) {
        // The same rows once more would be the same jobs, and here nothing tells that they were met.
        if source == Source::ParkedSince {
            place.go_on(None);
            continue;
        }
        let room = i64::from(limit).saturating_sub(looked);
        if room <= 0 {
            return Ok(Matching { jobs, is_exact: false, looked });
        }
        let page = walk::page(read, source, &filter, &place.key, room.min(walk::LOOK)).await?;
        looked += i64::try_from(page.rows.len()).unwrap_or(i64::MAX);
        jobs += i64::try_from(page.rows.iter().filter(|met| filter.matches(met)).count()).unwrap_or(i64::MAX);
        place.go_on(page.next);
    }
    Ok(Matching { jobs, is_exact: true, looked })
}

/// Removes what ended long enough ago, of the oldest `limit` operations. Returns how many.
pub(super) async fn sweep(write: &mut Write<'_>, before: i64, limit: i64) -> Res<u64> {
    Ok(write.execute(&write.sql.operation_sweep, args![Value::time(before), limit]).await?)
}
