//! Learns which running jobs must stop: at once when this process did it, within a second otherwise.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::broadcast::error::RecvError,
    time::{MissedTickBehavior, interval},
};

use crate::{
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

async fn ask(shared: &Arc<Shared>, asked: Vec<Arc<Attempt>>, outage: &mut Outage) {
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
                if let Some(attempt) = told {
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
