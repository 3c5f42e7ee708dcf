//! What a server does beside running jobs: promotion, recurring jobs, rescue, retention, statistics. Each service is a pure
//! step over the storage, repeated by one loop that never ends by an error.

mod auditor;
mod batches;
mod cleaner;
mod orphans;
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

pub(crate) use self::recurring::{Recurring, declared};
use self::{
    auditor::Auditor, batches::Batches, cleaner::Cleaner, orphans::Orphans, parker::Parker, promoter::Promoter,
    rescuer::Rescuer, roller::Roller,
};
use crate::{
    error::{Error, Result},
    server::{lease::Trust, outage::Outage, shared::Shared, stop::Background},
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
pub(crate) fn spawn(background: &mut Background, shared: &Arc<Shared>, recurring: Recurring, trust: Trust) {
    let storage = || shared.storage().clone();
    let (lease, sweep) = (shared.options.lease, shared.options.sweep);
    let hints = |rest| Some(Hints { work: shared.storage().hub().on_work(), rest });
    background.spawn(supervise(Promoter::new(storage()), hints(promoter::REST)));
    background.spawn(supervise(recurring, hints(recurring::REST)));
    let steps = Hints { work: shared.storage().hub().on_steps(), rest: batches::REST };
    background.spawn(supervise(Batches::new(storage()), Some(steps)));
    let rescuer = Rescuer::new(storage(), trust, lease, sweep, shared.options.crash_limit);
    background.spawn(supervise(rescuer, None));
    background.spawn(supervise(Orphans::new(storage(), shared.options.keep_orphaned), None));
    background.spawn(supervise(Parker::new(storage()), None));
    background.spawn(supervise(Cleaner::new(storage()), None));
    background.spawn(supervise(Roller::new(storage()), None));
    background.spawn(supervise(Auditor::new(storage()), None));
}

/// What makes a service go on before its time.
#[derive(Debug)]
struct Hints {
    /// Counts what there may be to do.
    work: watch::Receiver<u64>,
    /// The shortest time between two steps.
    rest: Duration,
}

/// Repeats a service until the task is dropped.
async fn supervise(service: impl Service, mut hints: Option<Hints>) {
    let mut outage = Outage::new(service.doing());
    loop {
        let begin = Instant::now();
        if let Some(hints) = &mut hints {
            // What comes after this moment may need another step.
            hints.work.mark_unchanged();
        }
        let step = AssertUnwindSafe(service.run_once()).catch_unwind().await;
        match step.unwrap_or_else(|_| Err(panicked(service.doing()))) {
            Ok(pause) => {
                outage.recovered();
                tokio::select! {
                    () = sleep_until(begin + pause) => {}
                    rest = hinted(&mut hints) => sleep_until(begin + rest).await,
                }
            }
            Err(error) => sleep(outage.failed(&error)).await,
        }
    }
}

async fn hinted(hints: &mut Option<Hints>) -> Duration {
    let Some(Hints { work, rest }) = hints else { return pending().await };
    match work.changed().await {
        Ok(()) => *rest,
        // The hub lives as long as the storage, which the service holds.
        Err(_) => pending().await,
    }
}

fn panicked(doing: &'static str) -> Error {
    Error::Unavailable { what: doing.to_owned(), source: "the service panicked".into() }
}
