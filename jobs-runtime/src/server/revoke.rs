//! Learns which running jobs must stop: at once when this process did it, within a second otherwise.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::broadcast::error::RecvError,
    time::{MissedTickBehavior, interval},
};

use crate::{
    State,
    server::{
        attempt::Attempt,
        judge::Told,
        outage::{Outage, driven},
        shared::Shared,
    },
    storage::Revocation,
};

const PERIOD: Duration = Duration::from_secs(1);
/// Younger attempts are not asked about each second: most end before.
const ASKED_FROM: Duration = Duration::from_secs(1);

/// Asks until the task is dropped.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut revoked = shared.storage().hub().on_revoked();
    let mut outage = Outage::new("ask which running jobs must stop");
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // A hint names no fence, and the job may run here again under a new one: so the storage is asked in any case.
        let asked = tokio::select! {
            hint = revoked.recv() => match hint {
                Ok((job, _)) => shared.live.running_of(job),
                Err(RecvError::Lagged(_)) => shared.live.running(),
                // The hub lives as long as the storage, which this server holds.
                Err(RecvError::Closed) => return,
            },
            _ = ticks.tick() => shared.live.running_since(ASKED_FROM),
        };
        ask(&shared, asked, &mut outage).await;
    }
}

async fn ask(shared: &Arc<Shared>, mut asked: Vec<Arc<Attempt>>, outage: &mut Outage) {
    asked.retain(|attempt| !attempt.is_settled());
    if asked.is_empty() {
        return;
    }
    let keys = asked.iter().map(|attempt| attempt.key()).collect();
    let (storage, server) = (shared.storage().clone(), shared.id);
    match driven("ask which running jobs must stop", async move { storage.revoked(server, keys).await }).await {
        Ok(revoked) => {
            outage.recovered();
            for revoked in revoked {
                let told = asked.iter().find(|attempt| attempt.key() == (revoked.job, revoked.fence));
                if let Some(attempt) = told
                    && !(revoked.why == Revocation::Lost && ended_by_itself(shared, attempt).await)
                {
                    tell(shared, attempt, revoked.why);
                }
            }
        }
        // The next tick asks again; a late cancellation does no harm.
        Err(error) => {
            outage.failed(&error);
        }
    }
}

/// Whether the right over the job ended because its handler has ended it, in a transaction of its own that was committed. What
/// the handler does after that is not called off.
async fn ended_by_itself(shared: &Arc<Shared>, attempt: &Arc<Attempt>) -> bool {
    if !attempt.context().has_finished() {
        return false;
    }
    let (storage, (job, fence)) = (shared.storage().clone(), attempt.key());
    let by_itself = match driven("read a job", async move { storage.job_get(job).await }).await {
        Ok(Some(record)) => record.state == State::Succeeded && record.fence == fence,
        // It was not to be kept.
        Ok(None) => true,
        // The next tick asks again.
        Err(_) => return true,
    };
    if by_itself {
        attempt.settle();
    }
    by_itself
}

fn tell(shared: &Arc<Shared>, attempt: &Arc<Attempt>, why: Revocation) {
    match why {
        // The handler decides whether and when to end.
        Revocation::Cancel => {
            attempt.tell(Told::Cancel);
        }
        Revocation::Lost if attempt.tell(Told::Lost) => {
            tokio::spawn(attempt.clone().expel(shared.clone()));
        }
        Revocation::Lost => {}
    }
}
