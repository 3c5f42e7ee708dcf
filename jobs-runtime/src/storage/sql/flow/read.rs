//! What is read of flows: batches, their members, what parents left, and the arrows.

use super::{
    batches::{Batch, record},
    gates::{condition, node},
};
use crate::{
    BatchId, JobId, State,
    flow::{BatchState, Ending, NodeId},
    storage::{
        BatchFilter, BatchRecord, EdgeRecord, Input, MemberOutput,
        sql::{
            row::{Row, damaged},
            value::{Value, args},
            write::Read,
        },
    },
};

pub(in crate::storage::sql) async fn get(read: &mut Read<'_>, id: BatchId) -> sqlx::Result<Option<BatchRecord>> {
    record(read, id).await
}

pub(in crate::storage::sql) async fn batches(
    read: &mut Read<'_>,
    filter: &BatchFilter,
) -> sqlx::Result<Vec<BatchRecord>> {
    let state = filter.state.map(|state| match state {
        BatchState::Awaiting => 0,
        BatchState::Started => 1,
        BatchState::Succeeded => State::Succeeded.code(),
        BatchState::Completed => State::Failed.code(),
        BatchState::Deleted => State::Deleted.code(),
    });
    let args = args![state, filter.parent, filter.before, i64::from(filter.limit)];
    let rows = read.rows(&read.sql.batch_list, args).await?;
    rows.iter().map(|row| Batch::read(row).map(Batch::into_record)).collect()
}

pub(in crate::storage::sql) async fn jobs(
    read: &mut Read<'_>,
    id: BatchId,
    after: Option<JobId>,
    limit: u32,
) -> sqlx::Result<Vec<JobId>> {
    let rows = read.rows(&read.sql.batch_jobs, page(id, after, limit)).await?;
    rows.iter().map(|row| row.job(0)).collect()
}

fn page(id: BatchId, after: Option<JobId>, limit: u32) -> Vec<Value> {
    args![id, after.unwrap_or(super::BEGIN), i64::from(limit)]
}

pub(in crate::storage::sql) async fn outputs(
    read: &mut Read<'_>,
    id: BatchId,
    after: Option<JobId>,
    limit: u32,
) -> sqlx::Result<Vec<MemberOutput>> {
    let rows = read.rows(&read.sql.batch_outputs, page(id, after, limit)).await?;
    rows.iter()
        .map(|row| {
            let code = row.int(1)?;
            let state = State::from_code(code).ok_or_else(|| damaged(format!("no state has the number {code}")))?;
            Ok(MemberOutput { job: row.job(0)?, state, output: row.opt_bytes(2)? })
        })
        .collect()
}

pub(in crate::storage::sql) async fn inputs(read: &mut Read<'_>, child: NodeId) -> sqlx::Result<Vec<Input>> {
    let rows = read.rows(&read.sql.flow_inputs, args![JobId::from_bytes(*child.as_bytes())]).await?;
    rows.iter()
        .map(|row| {
            Ok(Input {
                parent: node(row, 0, 1)?,
                condition: condition(row, 2)?,
                ending: ending(row, 3)?,
                output: row.opt_bytes(4)?,
                reason: row.opt_text(5)?,
            })
        })
        .collect()
}

fn ending(row: &Row, column: usize) -> sqlx::Result<Option<Ending>> {
    Ok(row.opt_int(column)?.and_then(State::from_code).and_then(Ending::of_job))
}

pub(in crate::storage::sql) async fn edges(read: &mut Read<'_>, nodes: &[NodeId]) -> sqlx::Result<Vec<EdgeRecord>> {
    let ids = Value::ids(nodes.iter().map(|node| JobId::from_bytes(*node.as_bytes())));
    let rows = read.rows(&read.sql.flow_edges, args![ids]).await?;
    rows.iter()
        .map(|row| {
            Ok(EdgeRecord {
                parent: node(row, 0, 1)?,
                child: node(row, 2, 3)?,
                condition: condition(row, 4)?,
                ending: ending(row, 5)?,
            })
        })
        .collect()
}
