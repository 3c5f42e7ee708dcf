//! A look at what waits, a page at a time: for jobs and batches that wait for nothing.

use super::{BEGIN, gates::node};
use crate::storage::sql::{fail::Res, row::Row, statement::Sql, value::args, write::Write};

const ARROWS: &str = "flow audit";
const BATCHES: &str = "batch audit";

/// Looks at the next page; a sentence for each that waits for nothing.
pub(in crate::storage::sql) async fn audit(write: &mut Write<'_>, limit: u32) -> Res<Vec<String>> {
    let mut found = Vec::new();
    for row in page(write, ARROWS, &write.sql.flow_audit, 2, limit).await? {
        let (parent, child) = (node(&row, 0, 1)?, node(&row, 2, 3)?);
        if row.int(4)? == 1 {
            found.push(format!("{child} waits for {parent}, which is not stored; requeue or delete it"));
        } else if row.int(5)? == 1 {
            found.push(format!("{child} waits for {parent}, which has ended; requeue or delete it"));
        }
    }
    for row in page(write, BATCHES, &write.sql.batch_audit, 0, limit).await? {
        let batch = row.batch(0)?;
        let faults = [
            (1, "waits for nothing and has not started"),
            (2, "has no pending member and has not ended"),
            (3, "has members that nobody will move"),
        ];
        for (column, fault) in faults {
            if row.int(column)? == 1 {
                found.push(format!("batch {batch} {fault}; cancel it, or requeue its members"));
            }
        }
    }
    Ok(found)
}

/// The next rows of a walk by the id in the column `key`, which begins anew after the last.
async fn page(write: &mut Write<'_>, walk: &'static str, statement: &Sql, key: usize, limit: u32) -> Res<Vec<Row>> {
    let position = write.optional(&write.sql.position_get, args![walk]).await?;
    let position = position.map_or(Ok(BEGIN), |row| row.job(0))?;
    let rows = write.rows(statement, args![position, i64::from(limit)]).await?;
    let is_full = u32::try_from(rows.len()).unwrap_or(u32::MAX) >= limit;
    let next = if is_full { rows.last().map_or(Ok(BEGIN), |row| row.job(key))? } else { BEGIN };
    if next != position {
        write.execute(&write.sql.position_set, args![walk, next]).await?;
    }
    Ok(rows)
}
