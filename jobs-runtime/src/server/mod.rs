//! The process that claims jobs and runs them. Knows the storage's traits only, no engine.

mod attempt;
mod desk;
mod executor;
#[cfg(test)]
pub(crate) mod fake;
mod fetcher;
mod flusher;
mod judge;
pub(crate) mod lease;
mod line;
mod live;
pub(crate) mod looker;
mod means;
pub(crate) mod notes;
mod options;
mod orders;
pub(crate) mod outage;
mod panics;
mod queues;
mod reconcile;
mod revoke;
mod running;
mod service;
pub(crate) mod shared;
mod signals;
mod slots;
mod stage;
mod start;
pub(crate) mod stop;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use tower::{
    Layer, Service,
    util::{BoxCloneSyncService, MapErr},
};

pub use self::running::RunningServer;
use self::{
    desk::Desk,
    fetcher::Fetcher,
    flusher::Finishes,
    lease::{LeaseThread, Pulse, Trust},
    options::Options,
    queues::Queues,
    reconcile::Reconciler,
    service::{Handler, RunService},
    shared::Shared,
    signals::Signals,
    slots::Slots,
    stage::Stages,
    start::Wanted,
    stop::{Background, Parts, supervise},
};
use crate::{
    ServerId,
    client::Client,
    context::States,
    error::{Error, Result},
    job::{Failure, Job, Success},
    maintenance::{self, Recurring},
    run::Run,
    storage::Finish,
};

/// Claims jobs and runs them, and does the upkeep of the database: made by [`Client::server`], changed by its methods, started
/// by [`run`](Self::run) or [`start`](Self::start).
///
/// Any number of servers may share a database, in one process or in many. Each claims for its free slots, renews its lease on a
/// thread of its own, promotes due jobs, fires recurring ones, puts back the jobs of servers that died, and removes old ones.
///
/// ```no_run
/// # async fn demo(client: jobs_runtime::Client) -> jobs_runtime::Result<()> {
/// struct Mailer;
///
/// client.server().queues(["critical", "default"]).workers(32).state(Mailer).run().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a server does nothing until `run` or `start` is awaited"]
pub struct Server {
    client: Client,
    options: Options,
    wanted: Wanted,
    states: States,
    service: Option<RunService>,
}

impl Client {
    /// A server that runs the jobs of this client's database.
    pub fn server(&self) -> Server {
        Server::new(self.clone())
    }
}

impl Server {
    /// A server with the defaults, that runs every kind of the program.
    pub(crate) fn new(client: Client) -> Self {
        let (options, wanted, states) = Default::default();
        Self { client, options, wanted, states, service: None }
    }

    /// The queues to read, in this order: a later one is read when all earlier ones are empty. Only `default`, unless said here.
    pub fn queues<Q: Into<String>>(mut self, queues: impl IntoIterator<Item = Q>) -> Self {
        let names = queues.into_iter().map(|name| Arc::from(name.into())).collect();
        self.options.queues = Queues::Strict(names);
        self
    }

    /// The queues to read, each with a weight: a queue of weight 3 is read first three times as often as one of weight 1, so
    /// that none starves.
    pub fn weighted_queues<Q: Into<String>>(mut self, queues: impl IntoIterator<Item = (Q, u32)>) -> Self {
        let weighted = queues.into_iter().map(|(name, weight)| (Arc::from(name.into()), weight)).collect();
        self.options.queues = Queues::Weighted(weighted);
        self
    }

    /// How many jobs run at once; four for each processor, unless said here.
    pub fn workers(mut self, workers: usize) -> Self {
        self.options.workers = workers;
        self
    }

    /// A value that handlers borrow as `#[state]`, one for each type; a second one of a type replaces the first.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.states.insert(value);
        self
    }

    /// Puts a `tower` layer round each run. A later layer is outside the earlier ones.
    ///
    /// A layer sees each attempt as a [`Run`]; what it returns decides as if the handler had returned it. It may fail with
    /// [`Failure`] or with a boxed error, as the layers of `tower` do: such an error is a failed attempt.
    ///
    /// ```no_run
    /// # fn demo(client: jobs_runtime::Client) -> jobs_runtime::Server {
    /// use jobs_runtime::Run;
    /// use tower::util::MapRequestLayer;
    ///
    /// client.server().layer(MapRequestLayer::new(|run: Run| {
    ///     tracing::info!(job = %run.context().id(), "starts");
    ///     run
    /// }))
    /// # }
    /// ```
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<RunService>,
        L::Service: Service<Run, Response = Success, Error: Into<Failure>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Run>>::Future: Send + 'static,
    {
        let inner = self.service.unwrap_or_else(|| BoxCloneSyncService::new(Handler));
        self.service = Some(BoxCloneSyncService::new(MapErr::new(layer.layer(inner), Into::into)));
        self
    }

    /// Names a job type, so that its crate is linked even if nothing else names it.
    pub fn register<J: Job>(mut self) -> Self {
        self.wanted.explicit.push(J::DESCRIPTOR);
        self
    }

    /// Kinds that the program must know; the server does not start without them.
    pub fn expect<K: Into<String>>(mut self, kinds: impl IntoIterator<Item = K>) -> Self {
        self.wanted.expected.extend(kinds.into_iter().map(Into::into));
        self
    }

    /// Runs these kinds only, by name or alias; every kind of the program, unless said here.
    pub fn only_kinds<K: Into<String>>(mut self, kinds: impl IntoIterator<Item = K>) -> Self {
        let only = self.wanted.only.get_or_insert_with(BTreeSet::new);
        only.extend(kinds.into_iter().map(Into::into));
        self
    }

    /// The server's name for people; the host and the process id, unless said here.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.options.name = name.into();
        self
    }

    /// How long the lease is valid after each beat, and so how long the jobs of a killed server wait at least; 12 seconds,
    /// unless said here. At least three beats.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.options.lease = lease;
        self
    }

    /// The time between two renewals of the lease; 3 seconds, unless said here.
    pub fn beat(mut self, beat: Duration) -> Self {
        self.options.beat = beat;
        self
    }

    /// The time between the two looks that must agree before the jobs of a server that died are put back; 3 seconds, unless said here.
    pub fn sweep(mut self, sweep: Duration) -> Self {
        self.options.sweep = sweep;
        self
    }

    /// How often to look for work that nobody told this process of; each second, unless said here. A shorter time makes the server look
    /// more often for everything else too; a longer one does not make it look less often.
    pub fn poll(mut self, poll: Duration) -> Self {
        self.options.poll = poll;
        self
    }

    /// How long a stop waits for running jobs before it cancels them; 25 seconds, unless said here.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.options.grace = grace;
        self
    }

    /// How long a recurring job that the code of no live server defines any more is kept, without firing, before it is removed;
    /// 24 hours, unless said here. At least a minute. Shown as [`orphaned`](crate::storage::RecurringRecord::orphaned) until then.
    /// What applications that share the database define is touched by none of them while one of its servers lives.
    pub fn keep_orphaned(mut self, time: Duration) -> Self {
        self.options.keep_orphaned = time;
        self
    }

    /// How often servers may die with a job before it fails; 3, unless said here.
    pub fn crash_limit(mut self, crashes: u16) -> Self {
        self.options.crash_limit = crashes;
        self
    }

    /// Runs until the process gets SIGTERM or SIGINT, or an operator [tells](crate::ServerRef::stop) the server to stop; then stops
    /// as [`RunningServer::stop`] does. A further signal stops at once.
    ///
    /// # Errors
    /// Those of [`start`](Self::start), and [`Error::Config`] when signals cannot be listened to.
    ///
    /// # Cancel safety
    /// Dropping the future stops the server gracefully in the background.
    pub async fn run(self) -> Result<()> {
        let mut running = self.start().await?;
        // Only now, because it changes for good what a signal does to the process.
        let mut signals =
            Signals::listen().map_err(|error| Error::config(format!("signals cannot be listened to: {error}")))?;
        tokio::select! {
            signal = signals.next() => {
                tracing::info!(signal, "stopping; a second signal stops at once");
                running.drain();
            }
            () = running.told_to_stop() => {}
        }
        tokio::select! {
            () = running.stopped() => return Ok(()),
            signal = signals.next() => tracing::warn!(signal, "stopping at once"),
        }
        running.stop_now().await;
        Ok(())
    }

    /// Runs until `until` resolves, or an operator [tells](crate::ServerRef::stop) the server to stop; then stops as
    /// [`RunningServer::stop`] does.
    ///
    /// # Errors
    /// Those of [`start`](Self::start).
    ///
    /// # Cancel safety
    /// Dropping the future stops the server gracefully in the background.
    pub async fn run_until(self, until: impl Future) -> Result<()> {
        let running = self.start().await?;
        tokio::select! {
            _ = until => {}
            () = running.told_to_stop() => {}
        }
        running.stop().await;
        Ok(())
    }

    /// Starts the server in the background of the current runtime.
    ///
    /// It returns when the first renewal of its lease has succeeded or failed: a server that starts while its database is away
    /// waits for it.
    ///
    /// # Errors
    /// [`Error::Startup`] naming all at once: bad options, kinds that are there twice, missing state, expected kinds that are
    /// not linked, args that cannot be read back; [`Error::Config`] when the system refuses a thread; what the engine says
    /// when it refuses the recurring jobs of the code.
    ///
    /// # Cancel safety
    /// Dropping the future starts nothing, or stops what it has started.
    pub async fn start(self) -> Result<RunningServer> {
        self.starting().await
    }

    /// Boxed, so that a server is compiled here and not anew in each program that starts one.
    #[inline(never)]
    fn starting(self) -> BoxFuture<'static, Result<RunningServer>> {
        Box::pin(self.start_here())
    }

    async fn start_here(self) -> Result<RunningServer> {
        let (shared, finishes) = self.build()?;
        let recurring = Recurring::new(shared.storage().clone(), &shared.registry, shared.views.listen())?;
        recurring.declare_or_leave().await?;
        tracing::info!(server = %shared.id, name = shared.options.name, queues = ?shared.options.queues.names(),
            workers = shared.options.workers, kinds = ?shared.kinds, "the server starts");
        let speaker = shared.clone();
        let (lease, mut trust) = LeaseThread::start(Pulse {
            storage: shared.storage().clone(),
            beat: shared.options.beat,
            lease: shared.options.lease,
            say: Box::new(move || speaker.beat()),
        })?;
        trust.first_beat().await;
        let mut background = Background::default();
        maintenance::spawn(&mut background, &shared, recurring, trust.clone());
        let parts = spawn(&shared, finishes, trust, background, Some(lease));
        let supervisor = tokio::spawn(supervise(shared.clone(), parts));
        Ok(RunningServer::new(shared, supervisor))
    }

    /// Checks everything and makes what the parts share.
    fn build(self) -> Result<(Arc<Shared>, UnboundedReceiver<Finish>)> {
        let Self { client, options, wanted, states, service } = self;
        let registry = start::kinds(&wanted, &states, options.problems())?;
        let kinds = registry.names().map(|(name, _)| Arc::from(name)).collect();
        let recurring = maintenance::declared(&registry);
        let (finishes, receiver) = Finishes::new();
        let shared = Shared {
            id: ServerId::new(),
            slots: Slots::new(options.workers),
            client,
            options,
            registry,
            kinds,
            recurring,
            states,
            service,
            stages: Stages::new(),
            live: Default::default(),
            line: Default::default(),
            means: Default::default(),
            notes: Default::default(),
            finishes,
            nothing_at: Default::default(),
            views: Default::default(),
        };
        Ok((Arc::new(shared), receiver))
    }
}

/// Starts the parts that claim, run and store.
fn spawn(
    shared: &Arc<Shared>,
    finishes: UnboundedReceiver<Finish>,
    trust: Trust,
    mut background: Background,
    lease: Option<LeaseThread>,
) -> Parts {
    background.spawn(notes::run(shared.clone()));
    background.spawn(revoke::run(shared.clone()));
    background.spawn(looker::run(shared.clone()));
    background.spawn(Reconciler::new(shared.clone()).run());
    let flush_rest = CancellationToken::new();
    let desk = Desk::open(shared, trust.clone());
    Parts {
        fetcher: tokio::spawn(Fetcher::new(shared.clone(), trust, desk).run()),
        flusher: tokio::spawn(flusher::run(shared.clone(), finishes, flush_rest.clone())),
        flush_rest,
        background,
        lease,
    }
}
