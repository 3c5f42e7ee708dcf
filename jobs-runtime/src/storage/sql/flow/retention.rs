//! Retention of batches: everything in a batch is kept as long as the outermost one.

use super::{
    batches::{self, Batch},
    gates::Child,
    step::nested,
};
use crate::{
    BatchId, JobId,
    storage::sql::{
        clean,
        fail::{Fail, Res},
        insert,
        stat::HOUR,
        value::args,
        write::Write,
    },
};

/// Looks at the batches among these ids, whose time may have come, and removes at most `limit` members in all. Returns how many.
pub(in crate::storage::sql) async fn expired(write: &mut Write<'_>, ids: &[JobId], limit: u32) -> Res<u64> {
    let mut removed = 0;
    let ids = ids.iter().map(|id| BatchId::from_bytes(*id.as_bytes())).collect();
    for batch in batches::rows(write, ids).await? {
        // One that has not ended, because it was opened once more, gets its time when it ends.
        let outermost = outermost(write, batch.clone()).await?;
        let Some(until) = outermost.kept_until(write) else { continue };
        let now = write.now;
        let room = limit.saturating_sub(u32::try_from(removed).unwrap_or(u32::MAX));
        let again = if until > now {
            Some(until)
        } else if room == 0 {
            Some(now)
        } else if outermost.sealed && write.optional(&write.sql.batch_waited, args![batch.id]).await?.is_some() {
            // What follows it has not ended, and may read what the members returned.
            Some(now.saturating_add(HOUR))
        } else {
            remove(write, &batch, room, &mut removed).await?
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
    let is_full = u32::try_from(members.len()).unwrap_or(u32::MAX) >= limit;
    let nested = if is_full { Vec::new() } else { nested(write, batch.id).await? };
    // Held, so that it is not opened once more while it goes.
    if !batches::lock(write, vec![batch.id]).await?.iter().any(|held| held.is_like(batch)) {
        return Err(Fail::Raced);
    }
    if members.iter().any(|member| member.leaving || member.outcome.is_none()) {
        return Ok(Some(now.saturating_add(HOUR)));
    }
    for member in &members {
        write.stats.moved(member.line, member.outcome, None);
    }
    let ids: Vec<JobId> = members.iter().map(|member| member.id).collect();
    clean::remove(write, &ids).await?;
    *removed += ids.len() as u64;
    if is_full {
        return Ok(Some(now));
    }
    if !nested.is_empty() {
        // They go first; the last of them leads back here.
        let rows: Vec<_> = nested.iter().map(|nested| (now, JobId::from_bytes(*nested.id.as_bytes()))).collect();
        insert::expiry(write, &rows).await?;
        return Ok(None);
    }
    write.execute(&write.sql.edge_delete, args![super::batch_ids([batch.id])]).await?;
    write.execute(&write.sql.batch_delete, args![batch.id]).await?;
    if let Some(around) = batch.parent {
        // Held, so that of two who remove the last two batches in it at once, one sees that there is none left.
        batches::lock(write, vec![around]).await?;
        if batches::nested(write, &[around]).await?.is_empty() {
            insert::expiry(write, &[(now, JobId::from_bytes(*around.as_bytes()))]).await?;
        }
    }
    Ok(None)
}
