//! Puts back the jobs of servers that died, and only of those: a false rescue runs a job twice.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    Fence,
    error::Result,
    maintenance::Service,
    server::{
        lease::Trust,
        looker::{QUIET, View},
        outage::error_chain,
    },
    storage::SharedStorage,
};

/// The database's clock and this process's may drift apart so far between two looks; more is a jump of one of them.
const LARGEST_DRIFT: Duration = Duration::from_secs(5);
/// With fewer servers, the death of most is nothing strange.
const FEW_SERVERS: usize = 3;

/// Looks for chunks without a lease; what two looks in a row find is put back.
pub(crate) struct Rescuer {
    storage: SharedStorage,
    /// In the own lease: a server without one would put back its own running jobs.
    trust: Trust,
    lease: Duration,
    sweep: Duration,
    crash_limit: u16,
    seen: Mutex<Seen>,
}

/// What the looks before have found.
#[derive(Debug, Default)]
struct Seen {
    last: Option<Look>,
    /// Nothing is put back before, because the servers may have had no chance to renew their leases.
    not_before: Option<Instant>,
    /// Whether the own lease was not trusted at the last look.
    lapsed: bool,
    /// Whether most servers looked dead at the last look.
    most_dead: bool,
}

#[derive(Debug)]
struct Look {
    at: Instant,
    database: Timestamp,
    dead: BTreeSet<Fence>,
}

impl Rescuer {
    pub(crate) fn new(
        storage: SharedStorage,
        trust: Trust,
        lease: Duration,
        sweep: Duration,
        crash_limit: u16,
    ) -> Self {
        Self { storage, trust, lease, sweep, crash_limit, seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look_and_rescue(&self) -> Result<()> {
        if !self.is_trusted() {
            return Ok(());
        }
        let at = Instant::now();
        let database = self.storage.now().await?;
        let dead: BTreeSet<Fence> = self.storage.rescue_candidates().await?.into_iter().collect();
        let most_dead = !dead.is_empty() && self.most_look_dead().await?;
        let confirmed = self.seen().confirm(Look { at, database, dead }, most_dead, self.lease);
        // Asked again, because the answers may have taken long.
        if !confirmed.is_empty() && self.is_trusted() {
            let chunks = confirmed.len();
            let rescued = self.storage.rescue(confirmed, self.crash_limit).await?;
            if rescued.requeued + rescued.failed > 0 {
                tracing::warn!(
                    chunks,
                    requeued = rescued.requeued,
                    failed = rescued.failed,
                    "put back the jobs of servers that died"
                );
            }
        }
        // Of no weight for the looks, which must not be thrown away for it.
        if let Err(error) = self.storage.server_sweep().await {
            tracing::warn!(error = %error_chain(&error), "the rows of dead servers could not be removed");
        }
        Ok(())
    }

    /// Whether the own lease is trusted; if it was not, nothing is put back for a whole lease from now on.
    fn is_trusted(&self) -> bool {
        let holds = self.trust.holds();
        let mut seen = self.seen();
        if !holds && !seen.lapsed {
            tracing::warn!("this server's own lease is not renewed; no jobs of dead servers are put back until it is");
        }
        if seen.lapsed {
            // The others may have been cut off as well and get one lease to come back.
            seen.last = None;
            seen.wait_until(Instant::now() + self.lease);
        }
        seen.lapsed = !holds;
        holds
    }

    async fn most_look_dead(&self) -> Result<bool> {
        let servers = self.storage.server_list().await?;
        let dead = servers.iter().filter(|server| !server.alive).count();
        Ok(servers.len() >= FEW_SERVERS && dead * 2 > servers.len())
    }
}

impl Seen {
    /// Notes a look and says which chunks may be put back now.
    fn confirm(&mut self, look: Look, most_dead: bool, lease: Duration) -> Vec<Fence> {
        if most_dead && !self.most_dead {
            tracing::warn!("most servers look dead at once; waiting one more lease before their jobs are put back");
            self.wait_until(look.at + lease);
        }
        self.most_dead = most_dead;
        if self.not_before.is_some_and(|time| look.at < time) {
            // What is seen in this time does not count as a first look.
            self.last = None;
            return Vec::new();
        }
        self.not_before = None;
        let before = self.last.take().filter(|before| before.agrees_with(&look));
        let confirmed = before.map_or_else(Vec::new, |before| before.dead.intersection(&look.dead).copied().collect());
        self.last = Some(look);
        confirmed
    }

    /// Whether the last look has left nothing to look at again.
    fn is_quiet(&self) -> bool {
        let clear = self.last.as_ref().is_some_and(|look| look.dead.is_empty());
        clear && !self.lapsed && self.not_before.is_none()
    }

    fn wait_until(&mut self, time: Instant) {
        self.not_before = Some(self.not_before.map_or(time, |set| set.max(time)));
    }
}

impl Look {
    /// Whether both clocks have moved alike since this look.
    fn agrees_with(&self, later: &Self) -> bool {
        let own = later.at.duration_since(self.at);
        let drift = later.database.duration_since(self.database).as_secs_f64() - own.as_secs_f64();
        let agrees = drift.abs() <= LARGEST_DRIFT.as_secs_f64();
        if !agrees {
            tracing::warn!(drift_seconds = drift, "the database's clock has jumped; looking for dead servers anew");
        }
        agrees
    }
}

#[async_trait]
impl Service for Rescuer {
    fn doing(&self) -> &'static str {
        "look for the jobs of dead servers"
    }

    async fn run_once(&self) -> Result<Duration> {
        let done = self.look_and_rescue().await;
        if done.is_err() {
            // The others may have been cut off as well and get one lease to come back.
            let mut seen = self.seen();
            seen.last = None;
            seen.wait_until(Instant::now() + self.lease);
        }
        done?;
        // A whole sweep, so that a server whose beat was due has beaten before the second of the two looks that must agree.
        Ok(if self.seen().is_quiet() { QUIET } else { self.sweep })
    }

    fn due_in(&self, view: &View) -> Option<Duration> {
        // That the own lease was lost for a while is noted as well.
        let due = view.outlook.rescue || view.outlook.sweep || !self.trust.holds();
        due.then_some(Duration::ZERO)
    }
}
