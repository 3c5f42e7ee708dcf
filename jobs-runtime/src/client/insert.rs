//! Sending jobs to the storage, once more where the answer was lost.

use super::{Client, enqueue::Transaction};
use crate::{
    Error, Result,
    storage::NewJob,
    wake::{Resends, wait},
};

/// Stores the jobs of one call: at once, or with the commit of `tx`, which is watched for. Says for each whether it is new;
/// `fresh` says that their ids were made for this call.
///
/// A connection that breaks during a commit leaves open whether the jobs are stored. Sending them again under the same ids
/// stores what is missing and nothing twice.
pub(super) async fn insert(
    client: &Client,
    jobs: Vec<NewJob>,
    fresh: bool,
    tx: &mut Option<Transaction<'_>>,
) -> Result<Vec<bool>> {
    if let Some(Transaction(tx)) = tx {
        let last = jobs.last().map(|job| job.id);
        let new = client.storage().job_insert_within(tx.connection(), jobs).await?;
        if let Some(last) = last {
            client.wake_at_commit(last);
        }
        return Ok(new);
    }
    let mut resends = Resends::new();
    loop {
        match client.storage().job_insert(jobs.clone()).await {
            Err(error @ Error::Unavailable { .. }) => match resends.next() {
                Some(pause) => {
                    tracing::debug!(%error, jobs = jobs.len(), "the answer to an enqueue was lost; sending it again");
                    wait(pause).await;
                }
                None => return Err(error),
            },
            // Found under ids that nobody else has: the call before was carried out.
            Ok(new) if fresh => return Ok(vec![true; new.len()]),
            answer => return answer,
        }
    }
}
