//! What a server does beside running jobs: promotion, recurring jobs, rescue, retention, operations, statistics. Each service is a pure
//! step over the storage, repeated by one loop that never ends by an error, when the server's looks see something to do for it.

mod auditor;
mod batches;
mod cleaner;
mod operations;
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
    auditor::Auditor, batches::Batches, cleaner::Cleaner, operations::Operations, orphans::Orphans, parker::Parker,
    promoter::Promoter, rescuer::Rescuer, roller::Roller,
};
use crate::{
    error::{Error, Result},
    server::{
        lease::Trust,
        looker::{View, Viewer},
        outage::Outage,
        shared::Shared,
        stop::Background,
    },
};

/// One kind of upkeep.
#[async_trait]
pub(crate) trait Service: Send + Sync + 'static {
    /// What it does, for logs: "promote due jobs".
    fn doing(&self) -> &'static str;

    /// One step. Returns when the next is due.
    async fn run_once(&self) -> Result<Duration>;

    /// How long until there is something to do, as the server's last look has seen it; `None` when it has seen nothing.
    fn due_in(&self, _view: &View) -> Option<Duration> {
        None
    }
}

/// Starts all services.
pub(crate) fn spawn(background: &mut Background, shared: &Arc<Shared>, recurring: Recurring, trust: Trust) {
    let storage = || shared.storage().clone();
    let (lease, sweep) = (shared.options.lease, shared.options.sweep);
    let hub = shared.storage().hub();
    let seen = |rest| Hints { views: Some(shared.views.listen()), work: None, rest };
    let heard = |work, rest| Hints { work: Some(work), ..seen(rest) };
    background.spawn(supervise(Promoter::new(storage()), heard(hub.on_work(), promoter::REST)));
    background.spawn(supervise(recurring, heard(hub.on_work(), recurring::REST)));
    background.spawn(supervise(Batches::new(storage()), heard(hub.on_steps(), batches::REST)));
    background.spawn(supervise(Operations::new(storage()), heard(hub.on_steps(), operations::PAUSE)));
    let rescuer = Rescuer::new(storage(), trust, lease, sweep, shared.options.crash_limit);
    background.spawn(supervise(rescuer, seen(sweep)));
    background.spawn(supervise(Parker::new(storage()), seen(parker::PAUSE)));
    background.spawn(supervise(Roller::new(storage()), seen(roller::REST)));
    let orphans = Orphans::new(storage(), shared.options.keep_orphaned);
    background.spawn(supervise(orphans, Hints::default()));
    background.spawn(supervise(Cleaner::new(storage()), Hints::default()));
    background.spawn(supervise(Auditor::new(storage()), Hints::default()));
}

/// What makes a service go on before its time.
#[derive(Debug, Default)]
struct Hints {
    /// What the server's looks see.
    views: Option<Viewer>,
    /// Counts what there may be to do.
    work: Option<watch::Receiver<u64>>,
    /// The shortest time between two steps that hints bring about.
    rest: Duration,
}

impl Hints {
    /// What comes after this moment may need another step.
    fn mark_unchanged(&mut self) {
        if let Some(views) = &mut self.views {
            views.mark_unchanged();
        }
        if let Some(work) = &mut self.work {
            work.mark_unchanged();
        }
    }

    /// Waits after a step that has begun then, for so long or until there is more to do.
    async fn wait(&mut self, service: &impl Service, begin: Instant, pause: Duration) {
        let earliest = begin + self.rest;
        let mut wake = begin + pause;
        loop {
            tokio::select! {
                () = sleep_until(wake) => return,
                () = changed(&mut self.work) => wake = wake.min(earliest),
                () = changed(&mut self.views) => {
                    if let Some(due) = self.due(service) {
                        wake = wake.min(due.max(earliest));
                    }
                }
            }
        }
    }

    /// When there is something to do by the last look; now, when nothing is known.
    fn due(&self, service: &impl Service) -> Option<Instant> {
        match self.views.as_ref()?.borrow().as_ref() {
            Some(view) => view.at.checked_add(service.due_in(view)?),
            None => Some(Instant::now()),
        }
    }
}

async fn changed<T>(hint: &mut Option<watch::Receiver<T>>) {
    // Whoever gives hints lives as long as the server.
    let lives = match hint {
        Some(hint) => hint.changed().await.is_ok(),
        None => false,
    };
    if !lives {
        pending().await
    }
}

/// Repeats a service until the task is dropped.
async fn supervise(service: impl Service, mut hints: Hints) {
    let mut outage = Outage::new(service.doing());
    loop {
        let begin = Instant::now();
        hints.mark_unchanged();
        let step = AssertUnwindSafe(service.run_once()).catch_unwind().await;
        match step.unwrap_or_else(|_| Err(panicked(service.doing()))) {
            Ok(pause) => {
                outage.recovered();
                hints.wait(&service, begin, pause).await;
            }
            Err(error) => sleep(outage.failed(&error)).await,
        }
    }
}

fn panicked(doing: &'static str) -> Error {
    Error::Unavailable { what: doing.to_owned(), source: "the service panicked".into() }
}
