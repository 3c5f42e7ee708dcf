//! What a server does beside running jobs: promotion, recurring jobs, rescue, retention, statistics. Each service is a pure
//! step over the storage, repeated by one loop that never ends by an error.

mod cleaner;
mod parker;
mod promoter;
mod recurring;
mod rescuer;
mod roller;
#[cfg(test)]
mod tests;

use std::{future::pending, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::FutureExt;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

pub(crate) use self::recurring::Recurring;
use self::{cleaner::Cleaner, parker::Parker, promoter::Promoter, rescuer::Rescuer, roller::Roller};
use crate::{
    error::{Error, Result},
    server::{outage::Outage, shared::Shared, stop::Helpers},
};

/// One kind of upkeep.
#[async_trait]
pub(crate) trait Service: Send + Sync + 'static {
    /// What it does, for logs: "promote due jobs".
    fn doing(&self) -> &'static str;

    /// One step. Returns when the next is due.
    async fn run_once(&self) -> Result<Duration>;
}

/// Starts all services.
pub(crate) fn spawn(helpers: &mut Helpers, shared: &Arc<Shared>, recurring: Recurring) {
    let storage = || shared.storage().clone();
    let (lease, sweep) = (shared.options.lease, shared.options.sweep);
    let work = shared.storage().hub().on_work();
    helpers.spawn(supervise(Promoter::new(storage()), Some(work)));
    helpers.spawn(supervise(recurring, None));
    helpers.spawn(supervise(Rescuer::new(storage(), lease, sweep, shared.options.crash_limit), None));
    helpers.spawn(supervise(Parker::new(storage()), None));
    helpers.spawn(supervise(Cleaner::new(storage()), None));
    helpers.spawn(supervise(Roller::new(storage()), None));
}

/// A service that was woken rests so long before it may be woken again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// Repeats a service until the task is dropped; hints make it go on sooner.
async fn supervise(service: impl Service, mut hints: Option<watch::Receiver<u64>>) {
    let mut outage = Outage::new(service.doing());
    loop {
        let begin = Instant::now();
        // What comes after this moment may need another step.
        if let Some(hints) = &mut hints {
            hints.mark_unchanged();
        }
        let step = AssertUnwindSafe(service.run_once()).catch_unwind().await;
        match step.unwrap_or_else(|_| Err(panicked(service.doing()))) {
            Ok(pause) => {
                outage.recovered();
                tokio::select! {
                    () = sleep_until(begin + pause) => {}
                    () = hinted(&mut hints) => sleep_until(begin + SHORTEST_PAUSE).await,
                }
            }
            Err(error) => sleep(outage.failed(&error)).await,
        }
    }
}

async fn hinted(hints: &mut Option<watch::Receiver<u64>>) {
    match hints {
        Some(hints) if hints.changed().await.is_ok() => {}
        _ => pending().await,
    }
}

fn panicked(doing: &'static str) -> Error {
    Error::Unavailable { what: doing.to_owned(), source: "the service panicked".into() }
}
