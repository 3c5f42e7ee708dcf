//! Retention of batches: everything in a batch is kept as long as the outermost one.

use super::{
    batches::{self, Batch},
    gates::Child,
    step::{forget, nested},
};
use crate::{
    BatchId, JobId,
    storage::sql::{clean, fail::Res, insert, stat::HOUR, value::args, write::Write},
};

/// Looks at the batches among these ids, whose time may have come, and removes at most `limit` members of each. Returns how many.
pub(in crate::storage::sql) async fn expired(write: &mut Write<'_>, ids: &[JobId], limit: u32) -> Res<u64> {
    let mut removed = 0;
    let ids = ids.iter().map(|id| BatchId::from_bytes(*id.as_bytes())).collect();
    // Held, so that none of them is opened once more while it goes.
    for batch in batches::lock(write, ids).await? {
        // One that has not ended, because it was opened once more, gets its time when it ends.
        let Some(until) = outermost(write, batch.clone()).await?.kept_until(write) else { continue };
        let now = write.now;
        let again = if until > now {
            Some(until)
        } else if write.optional(&write.sql.batch_waited, args![batch.id]).await?.is_some() {
            // What follows it has not ended, and may read what the members returned.
            Some(now.saturating_add(HOUR))
        } else {
            remove(write, &batch, limit, &mut removed).await?
        };
        if let Some(again) = again {
            insert::expiry(write, &[(again, JobId::from_bytes(*batch.id.as_bytes()))]).await?;
        }
    }
    Ok(removed)
}

async fn outermost(write: &mut Write<'_>, batch: Batch) -> Res<Batch> {
    let mut outermost = batch;
    while let Some(around) = outermost.parent {
        let Some(around) = batches::rows(write, vec![around]).await?.pop() else { break };
        outermost = around;
    }
    Ok(outermost)
}

/// Removes the next members of a batch, at last the batches in it and itself; returns when to look again.
async fn remove(write: &mut Write<'_>, batch: &Batch, limit: u32, removed: &mut u64) -> Res<Option<i64>> {
    let now = write.now;
    let rows = write.rows(&write.sql.step_members, args![batch.id, super::BEGIN, i64::from(limit)]).await?;
    let members = rows.iter().map(Child::read).collect::<sqlx::Result<Vec<_>>>()?;
    if members.iter().any(|member| member.leaving || member.outcome.is_none()) {
        return Ok(Some(now.saturating_add(HOUR)));
    }
    for member in &members {
        write.stats.moved(member.line, member.outcome, None);
    }
    let ids: Vec<JobId> = members.iter().map(|member| member.id).collect();
    clean::remove(write, &ids).await?;
    *removed += ids.len() as u64;
    if u32::try_from(ids.len()).unwrap_or(u32::MAX) >= limit {
        return Ok(Some(now));
    }
    let nested = nested(write, batch.id).await?;
    if nested.is_empty() {
        forget(write, batch.id).await?;
        return Ok(None);
    }
    let rows: Vec<_> = nested.iter().map(|nested| (now, JobId::from_bytes(*nested.id.as_bytes()))).collect();
    insert::expiry(write, &rows).await?;
    // After them.
    Ok(Some(now.saturating_add(1)))
}
