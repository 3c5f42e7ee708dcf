//! Jobs that are claimed in the transaction that stores them, for a server of this process that has nothing else to do.

use std::sync::Arc;

use super::{
    claim,
    fail::Res,
    insert::{self, Place, Placing},
    names::Noun,
    text::instant,
    value::{Value, args},
    write::Write,
};
use crate::{
    offer::Offer,
    storage::{Chunk, ClaimedJob, NewJob},
};

/// Stores jobs as [`insert::jobs`] does, and claims those that are offered a slot, which is all of them or none. None, where the lease
/// has ended, where they must not run now, or where a job that waits in one of their queues might go first.
pub(crate) async fn jobs(
    write: &mut Write<'_>,
    jobs: &[NewJob],
    offer: Option<&Offer>,
) -> Res<(Vec<bool>, Option<Chunk>)> {
    let Some(offer) = offer else { return Ok((insert::jobs(write, jobs).await?, None)) };
    if !stands(write, jobs, offer).await? {
        return Ok((insert::jobs(write, jobs).await?, None));
    }
    let fresh = insert::placed(write, jobs, offer).await?;
    let stored = jobs.iter().zip(&fresh).filter(|(job, fresh)| **fresh && offer.is_for(job));
    let claimed: Vec<ClaimedJob> = stored.map(|(job, _)| claimed(job, write.now)).collect();
    if claimed.is_empty() {
        return Ok((fresh, None));
    }
    let chunk = claim::chunk(write, offer.server(), claimed, false).await?;
    Ok((fresh, Some(chunk)))
}

async fn stands(write: &mut Write<'_>, jobs: &[NewJob], offer: &Offer) -> Res<bool> {
    let (kinds, queues) = lines(jobs, offer);
    let kinds = Value::ints(claim::numbers(write, Noun::Kind, &kinds).await?);
    let queues = Value::ints(claim::numbers(write, Noun::Queue, &queues).await?);
    let args = args![offer.server(), Value::time(write.now), claim::server_text(offer.server()), queues, kinds];
    Ok(write.optional(&write.sql.offer_stands, args).await?.is_some())
}

/// The kinds and the queues of the jobs that are offered a slot.
pub(crate) fn lines(jobs: &[NewJob], offer: &Offer) -> (Vec<Arc<str>>, Vec<Arc<str>>) {
    let firsts = jobs.iter().filter(|job| offer.is_for(job));
    let (mut kinds, mut queues): (Vec<_>, Vec<_>) = firsts.map(|job| (job.kind.clone(), job.queue.clone())).unzip();
    for names in [&mut kinds, &mut queues] {
        names.sort_unstable();
        names.dedup();
    }
    (kinds, queues)
}

impl Placing for Offer {
    fn place(&self, job: &NewJob) -> Place {
        Place { claimed: self.is_for(job), ..Place::default() }
    }
}

/// What a server is told of a job that was stored and claimed at that moment.
pub(crate) fn claimed(job: &NewJob, at: i64) -> ClaimedJob {
    ClaimedJob {
        id: job.id,
        kind: job.kind.clone(),
        queue: job.queue.clone(),
        priority: job.priority,
        payload: job.payload.clone(),
        attempt: 1,
        max_attempts: job.max_attempts,
        crashes: 0,
        created_at: instant(at),
        due_at: instant(at),
        expired: false,
        cancel_requested: false,
        on_exhausted: job.on_exhausted,
        timeout: job.timeout,
        meta: job.meta.clone(),
        tags: job.tags.clone(),
        recurring: None,
        batch: None,
    }
}
