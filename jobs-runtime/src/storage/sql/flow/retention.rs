//! Retention of batches: a batch goes with all its members, which stay as long as it does.

use super::{batches, gates::Child, step::forget};
use crate::{
    BatchId, JobId,
    storage::sql::{clean, fail::Res, insert, stat::HOUR, value::args, write::Write},
};

/// Looks at the batches among these ids, whose time may have come, and removes at most `limit` members.
pub(in crate::storage::sql) async fn expired(write: &mut Write<'_>, ids: &[JobId], limit: u32) -> Res<()> {
    let ids = ids.iter().map(|id| BatchId::from_bytes(*id.as_bytes())).collect();
    for batch in batches::rows(write, ids).await? {
        // One that has not ended, because it was opened once more, gets its time when it ends.
        let Some(until) = batch.kept_until(write) else { continue };
        let id = JobId::from_bytes(*batch.id.as_bytes());
        if until > write.now {
            insert::expiry(write, &[(until, id)]).await?;
            continue;
        }
        if write.optional(&write.sql.batch_waited, args![batch.id]).await?.is_some() {
            // What follows it has not ended, and may read what the members returned.
            insert::expiry(write, &[(write.now.saturating_add(HOUR), id)]).await?;
            continue;
        }
        let rows = write.rows(&write.sql.step_members, args![batch.id, super::BEGIN, i64::from(limit)]).await?;
        let members = rows.iter().map(Child::read).collect::<sqlx::Result<Vec<_>>>()?;
        let leaving = members.iter().any(|member| member.leaving || member.outcome.is_none());
        if leaving {
            insert::expiry(write, &[(write.now.saturating_add(HOUR), id)]).await?;
            continue;
        }
        for member in &members {
            write.stats.moved(member.line, member.outcome, None);
        }
        let removed: Vec<JobId> = members.iter().map(|member| member.id).collect();
        clean::remove(write, &removed).await?;
        if u32::try_from(removed.len()).unwrap_or(u32::MAX) < limit {
            forget(write, batch.id).await?;
        } else {
            insert::expiry(write, &[(until, id)]).await?;
        }
    }
    Ok(())
}
