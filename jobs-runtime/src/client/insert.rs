//! Sending jobs and flows to the storage, once more where the answer was lost.

use std::{future::Future, sync::Arc};

use super::{Client, enqueue::Transaction};
use crate::{
    BatchId, Error, Result,
    storage::{NewFlow, NewJob},
    wake::{Resends, wait},
};

/// Stores the jobs of one call: at once, or with the commit of `tx`, which is watched for. Says for each whether it is new;
/// `fresh` says that their ids were made for this call.
pub(super) async fn insert(
    client: &Client,
    jobs: Vec<NewJob>,
    fresh: bool,
    tx: &mut Option<Transaction<'_>>,
) -> Result<Vec<bool>> {
    let new = flow(client, NewFlow { batches: Vec::new(), jobs }, tx).await?;
    // Found under ids that nobody else has: an earlier try was carried out.
    Ok(if fresh { vec![true; new.len()] } else { new })
}

/// [`insert`] of jobs and batches.
pub(super) async fn flow(client: &Client, flow: NewFlow, tx: &mut Option<Transaction<'_>>) -> Result<Vec<bool>> {
    let is_plain = flow.batches.is_empty() && flow.jobs.iter().all(|job| job.waits.is_none() && job.batch.is_none());
    let storage = client.storage();
    if let Some(Transaction(tx)) = tx {
        let last = flow.jobs.last().map(|job| job.id);
        let new = if is_plain {
            storage.job_insert_within(tx.connection(), flow.jobs).await?
        } else {
            storage.flow_insert_within(tx.connection(), flow).await?
        };
        if let Some(last) = last {
            client.wake_at_commit(last);
        }
        return Ok(new);
    }
    if is_plain {
        let jobs: Arc<[NewJob]> = flow.jobs.into();
        return again("an enqueue", || storage.job_insert(Arc::clone(&jobs))).await;
    }
    again("an enqueue", || storage.flow_insert(flow.clone())).await
}

/// Completes the creation of a batch.
pub(super) async fn seal(client: &Client, batch: BatchId) -> Result<()> {
    again("the completion of a batch", || client.storage().batch_seal(batch)).await
}

/// A connection that breaks during a commit leaves open whether it was carried out. Sending a call again under the same ids
/// stores what is missing and nothing twice.
async fn again<T, F: Future<Output = Result<T>>>(what: &str, call: impl Fn() -> F) -> Result<T> {
    let mut resends = Resends::new();
    loop {
        match call().await {
            Err(error @ Error::Unavailable { .. }) => match resends.next() {
                Some(pause) => {
                    tracing::debug!(%error, "the answer to {what} was lost; sending it again");
                    wait(pause).await;
                }
                None => return Err(error),
            },
            answer => return answer,
        }
    }
}
