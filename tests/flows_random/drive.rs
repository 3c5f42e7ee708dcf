//! Runs a graph: three servers over one database, upkeep, acts from outside, and servers that stop answering.
//!
//! Everything of a round happens at the same time, over handles that share nothing but the database.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    sync::Arc,
    time::Duration,
};

use fastrand::Rng;
use futures_util::future::join_all;
use jobs_runtime::{
    BatchId, Error, Fence, JobId, Result, ServerId,
    flow::{Ending, NodeId},
    storage::{
        Accepted, Beat, ClaimRequest, End, Finish, Heart, Revocation, ServerInfo, Settings, SharedStorage,
        conformance::{Ending as Close, Fixture},
    },
};
use tokio::sync::Mutex;

use crate::{
    model::Touched,
    plan::{Before, Graph, What},
};

pub(crate) const KIND: &str = "flow.node";
pub(crate) const SERVERS: usize = 3;
/// Longer than all graphs of a database take; a server that is to die gives it up.
const LEASE: Duration = Duration::from_secs(24 * 60 * 60);
/// How far the clock is moved when nothing is left to do now: farther than any wait of a graph, nearer than the hour after which an
/// unsealed batch is given up.
const IDLE: Duration = Duration::from_secs(40);
/// More rounds than any graph takes.
const MOST_ROUNDS: u32 = 2_000;

/// What went against the rules.
pub(crate) type Violation = String;

/// A violation, or an error of the database's that is one.
pub(crate) fn broken(what: &str) -> impl Fn(Error) -> Violation {
    move |error| format!("{what}: {error} ({error:?})")
}

/// What a node's handler returns.
pub(crate) fn output(node: usize) -> String {
    format!("output of node {node}")
}

/// The database of the graphs of one engine.
pub(crate) struct Ground<F> {
    pub(crate) fixture: F,
    pub(crate) handles: Vec<SharedStorage>,
    settings: Settings,
    heart: Mutex<Box<dyn Heart>>,
    number: Cell<u64>,
}

impl<F: Fixture> Ground<F> {
    pub(crate) async fn new(fixture: F) -> Result<Self> {
        let settings = Settings::default();
        let mut handles = Vec::new();
        for _ in 0..SERVERS {
            handles.push(fixture.open(settings.clone()).await?);
        }
        let heart = Mutex::new(handles[0].heart().await?);
        Ok(Self { fixture, handles, settings, heart, number: Cell::new(0) })
    }

    pub(crate) fn storage(&self) -> &SharedStorage {
        &self.handles[0]
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.settings.clock_offset.advance(by);
    }
}

/// What is known of a node from its runs and the answers of the storage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) stored: bool,
    pub(crate) touched: Touched,
    /// How often it was given to a server that was to run it.
    pub(crate) runs: u32,
    /// The ends that were accepted, and whether they came of a run rather than of a cancel.
    pub(crate) ends: Vec<(Ending, bool)>,
    /// How often it was allowed to run once more after an end.
    pub(crate) lives: u32,
    /// Attempts before the last that are behind it.
    before: usize,
}

/// A claimed job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    node: usize,
    fence: Fence,
    cancelled: bool,
    /// Its handler has ended it in a transaction of its own.
    ended: Option<Ending>,
}

pub(crate) struct Server {
    pub(crate) id: Cell<ServerId>,
    pub(crate) storage: SharedStorage,
    pub(crate) held: RefCell<Vec<Held>>,
    pub(crate) rng: RefCell<Rng>,
}

/// A graph that runs.
pub(crate) struct Drive<'g, F> {
    pub(crate) ground: &'g Ground<F>,
    pub(crate) graph: &'g Graph,
    pub(crate) ids: Vec<NodeId>,
    pub(crate) known: RefCell<Vec<Known>>,
    pub(crate) nodes: HashMap<JobId, usize>,
    pub(crate) servers: Vec<Server>,
    /// Servers that were given up, with what they held.
    pub(crate) dead: RefCell<Vec<(ServerId, Vec<Held>)>>,
    pub(crate) killed: Cell<bool>,
    /// Chunks of dead servers, as the round before has found them.
    pub(crate) rescuable: RefCell<Vec<Fence>>,
    pub(crate) queue: Arc<str>,
    /// Whether servers as applications run them execute the graph, rather than this one.
    pub(crate) by_servers: bool,
    pub(crate) rng: RefCell<Rng>,
    pub(crate) worked: Cell<bool>,
    pub(crate) round: Cell<u32>,
}

impl<'g, F: Fixture> Drive<'g, F> {
    pub(crate) fn new(ground: &'g Ground<F>, graph: &'g Graph, by_servers: bool) -> Self {
        let number = ground.number.replace(ground.number.get() + 1);
        let ids: Vec<_> = (0..graph.nodes.len())
            .map(|node| if graph.is_job(node) { JobId::new().into() } else { NodeId::from(BatchId::new()) })
            .collect();
        let nodes = ids.iter().enumerate().filter_map(|(node, id)| match id {
            NodeId::Job(id) => Some((*id, node)),
            NodeId::Batch(_) => None,
        });
        let servers = (0..SERVERS).map(|at| Server {
            id: Cell::new(ServerId::new()),
            storage: Arc::clone(&ground.handles[at]),
            held: RefCell::default(),
            rng: RefCell::new(Rng::with_seed(graph.seed.wrapping_add(at as u64 + 1))),
        });
        Self {
            nodes: nodes.collect(),
            servers: servers.collect(),
            known: RefCell::new(vec![Known::default(); graph.nodes.len()]),
            ids,
            ground,
            graph,
            dead: RefCell::default(),
            killed: Cell::new(false),
            rescuable: RefCell::default(),
            queue: if by_servers { "default".into() } else { format!("graph {number}").into() },
            by_servers,
            rng: RefCell::new(Rng::with_seed(graph.seed)),
            worked: Cell::new(false),
            round: Cell::new(0),
        }
    }

    pub(crate) fn job_id(&self, node: usize) -> JobId {
        match self.ids[node] {
            NodeId::Job(id) => id,
            NodeId::Batch(id) => panic!("{id} is a batch"),
        }
    }

    pub(crate) fn batch_id(&self, node: usize) -> BatchId {
        match self.ids[node] {
            NodeId::Batch(id) => id,
            NodeId::Job(id) => panic!("{id} is a job"),
        }
    }

    /// Runs the graph until nothing of it moves any more.
    pub(crate) async fn run(&self) -> Result<(), Violation> {
        for server in &self.servers {
            self.beat(server).await?;
        }
        self.store_first().await?;
        let last = self.last_round();
        let mut idle = 0;
        loop {
            self.worked.set(false);
            self.round().await?;
            let round = self.round.replace(self.round.get() + 1);
            // Everything in the database is looked at, which takes its time.
            if round % 8 == 2 {
                self.check().await?;
            }
            if round > MOST_ROUNDS {
                return Err(format!("after {round} rounds it still moves"));
            }
            idle = if self.worked.get() { 0 } else { idle + 1 };
            // Everything planned has happened, and a look after all waits finds nothing more.
            if idle > 1 && round > last {
                return self.check().await;
            }
            if idle > 0 {
                self.ground.advance(IDLE);
            }
        }
    }

    /// The round after which nothing comes from outside.
    pub(crate) fn last_round(&self) -> u32 {
        let seals = self.graph.nodes.iter().filter_map(|node| match node.what {
            What::Batch { sealed } => sealed,
            What::Job(_) => None,
        });
        let rounds = self.graph.nodes.iter().map(|node| node.round).chain(self.graph.acts.iter().map(|act| act.round));
        rounds.chain(seals).max().unwrap_or(0)
    }

    /// Nothing contradicts anything, at no moment.
    pub(crate) async fn check(&self) -> Result<(), Violation> {
        let found = self.ground.storage().check().await.map_err(broken("the check"))?;
        if found.is_empty() { Ok(()) } else { Err(format!("in round {}: {}", self.round.get(), found.join("; "))) }
    }

    pub(crate) async fn beat(&self, server: &Server) -> Result<(), Violation> {
        let info = ServerInfo {
            name: "host:1".into(),
            version: "1".into(),
            queues: vec![self.queue.to_string()],
            workers: 8,
            running: 0,
            lost: 0,
            stopping: false,
        };
        let (kinds, recurring) = (Arc::from([Arc::from(KIND)]), Arc::from([]));
        let beat = Beat { server: server.id.get(), lease: LEASE, info, kinds, recurring };
        let mut heart = self.ground.heart.lock().await;
        heart.beat(&beat).await.map(drop).map_err(broken("a beat"))
    }

    async fn round(&self) -> Result<(), Violation> {
        let upkeep = async {
            self.upkeep().await?;
            self.rescue().await
        };
        let servers = join_all(self.servers.iter().map(|server| self.serve(server)));
        let (served, kept, acted, buried) = tokio::join!(servers, upkeep, self.act_now(), self.answer_too_late());
        served.into_iter().collect::<Result<(), _>>()?;
        kept.and(acted).and(buried)
    }

    // What upkeep does.

    async fn upkeep(&self) -> Result<(), Violation> {
        let limit = [1, 3, 10, 1_000][self.rng.borrow_mut().usize(0..4)];
        let storage = &self.ground.handles[self.rng.borrow_mut().usize(0..SERVERS)];
        let promoted = storage.promote(limit).await.map_err(broken("promotion"))?;
        let stepped = storage.flow_step(limit).await.map_err(broken("a step of upkeep"))?;
        if promoted.jobs > 0 || stepped.members > 0 || stepped.next_in == Some(Duration::ZERO) {
            self.worked.set(true);
        }
        Ok(())
    }

    /// Rescues what the round before has found, though its servers may answer at this very moment, and looks for more.
    async fn rescue(&self) -> Result<(), Violation> {
        if !self.killed.get() {
            return Ok(());
        }
        let fences = self.rescuable.take();
        if !fences.is_empty() {
            self.worked.set(true);
            self.ground.storage().rescue(fences, u16::MAX).await.map_err(broken("a rescue"))?;
        }
        let candidates = self.ground.storage().rescue_candidates().await.map_err(broken("looking for the dead"))?;
        if !candidates.is_empty() {
            self.worked.set(true);
        }
        self.rescuable.replace(candidates);
        Ok(())
    }

    /// Some of what a server held that was given up it ends after all.
    async fn answer_too_late(&self) -> Result<(), Violation> {
        for (server, held) in self.dead.take() {
            self.worked.set(true);
            let late: Vec<_> = held.into_iter().filter(|_| self.rng.borrow_mut().bool()).collect();
            self.finish(server, self.ground.storage(), late, false).await?;
        }
        Ok(())
    }

    // What servers do.

    async fn serve(&self, server: &Server) -> Result<(), Violation> {
        let (slots, finishing) = {
            let mut rng = server.rng.borrow_mut();
            (rng.usize(0..6), rng.u8(0..4) > 0)
        };
        let id = server.id.get();
        if slots > server.held.borrow().len() {
            self.claim(server, slots).await?;
        }
        if server.id.get() != id {
            return Ok(());
        }
        let mut mine = server.held.take();
        if !mine.is_empty() {
            self.worked.set(true);
        }
        if server.rng.borrow_mut().u8(0..3) == 0 {
            self.hear(server, &mut mine).await?;
        }
        let mut kept = Vec::new();
        if !finishing {
            let from = mine.len() / 2;
            kept = mine.split_off(from);
        }
        let left = self.finish(id, &server.storage, mine, true).await?;
        if server.id.get() == id {
            server.held.borrow_mut().extend(kept.into_iter().chain(left));
        } else if let Some((_, held)) = self.dead.borrow_mut().iter_mut().find(|(dead, _)| *dead == id) {
            held.extend(kept.into_iter().chain(left));
        }
        Ok(())
    }

    async fn claim(&self, server: &Server, slots: usize) -> Result<(), Violation> {
        let id = server.id.get();
        let request = ClaimRequest {
            server: id,
            queues: vec![Arc::clone(&self.queue)],
            kinds: Arc::from([Arc::from(KIND)]),
            slots,
            prefetch: 0,
            slow: Arc::from([]),
            suspects: true,
            beside: false,
        };
        let chunks = server.storage.claim(request).await.map_err(broken("a claim"))?;
        let mut claimed = Vec::new();
        for chunk in &chunks {
            for job in &chunk.jobs {
                let Some(node) = self.nodes.get(&job.id).copied() else {
                    return Err(format!("{} is of no graph in this queue", job.id));
                };
                self.worked.set(true);
                if !job.cancel_requested {
                    self.may_run(server, node).await?;
                    self.known.borrow_mut()[node].runs += 1;
                }
                claimed.push(Held { node, fence: chunk.fence, cancelled: job.cancel_requested, ended: None });
            }
        }
        if server.id.get() == id {
            server.held.borrow_mut().extend(claimed);
        } else if let Some((_, held)) = self.dead.borrow_mut().iter_mut().find(|(dead, _)| *dead == id) {
            held.extend(claimed);
        }
        Ok(())
    }

    /// A job is given to a server only when its parents have ended as it asks, and when its batch has started.
    async fn may_run(&self, server: &Server, node: usize) -> Result<(), Violation> {
        if self.known.borrow()[node].touched.revived {
            return Ok(());
        }
        if !self.graph.nodes[node].waits.is_empty() {
            self.gate(&server.storage, node)
                .await?
                .then_some(())
                .ok_or_else(|| format!("node {node} was released early"))?;
        }
        if let Some(batch) = self.graph.nodes[node].inside {
            let record = server.storage.batch_get(self.batch_id(batch)).await.map_err(broken("reading a batch"))?;
            if record.is_none_or(|record| record.started_at.is_none()) {
                return Err(format!("node {node} was released before its batch {batch} has started"));
            }
        }
        Ok(())
    }

    /// Whether the parents, as they left their marks, let the node run.
    async fn gate(&self, storage: &SharedStorage, node: usize) -> Result<bool, Violation> {
        use jobs_runtime::flow::{Gate, Wait, gate};
        let inputs = storage.flow_inputs(self.ids[node]).await.map_err(broken("reading inputs"))?;
        let waits = inputs.iter().map(|input| Wait { condition: input.condition, ending: input.ending });
        Ok(gate(self.graph.nodes[node].rule, waits) == Gate::Open)
    }

    /// Asks whether any of its jobs must stop: one that was cancelled then does.
    async fn hear(&self, server: &Server, held: &mut [Held]) -> Result<(), Violation> {
        let running: Vec<_> = held.iter().map(|one| (self.job_id(one.node), one.fence)).collect();
        if running.is_empty() {
            return Ok(());
        }
        let revoked = server.storage.revoked(server.id.get(), running).await.map_err(broken("asking for orders"))?;
        for one in revoked {
            let Some(held) = held.iter_mut().find(|held| self.job_id(held.node) == one.job && held.fence == one.fence)
            else {
                return Err(format!("{} was revoked, which is not held", one.job));
            };
            if one.why == Revocation::Cancel {
                held.cancelled = true;
            }
        }
        Ok(())
    }

    fn verdict(&self, held: &Held) -> (End, Option<Ending>) {
        let known = &self.known.borrow()[held.node];
        let job = self.graph.job(held.node);
        if held.cancelled && held.ended.is_none() {
            return (End::Deleted { reason: "cancelled".into(), error: None }, Some(Ending::Deleted));
        }
        let ending = held.ended.unwrap_or(if known.lives == 0 { job.last } else { Ending::Succeeded });
        let short = Duration::from_secs(3);
        match job.before.get(known.before).filter(|_| held.ended.is_none()) {
            Some(Before::Retry) => (End::Retry { delay: short, error: "not yet".into() }, None),
            Some(Before::Snooze) => (End::Snoozed { delay: short }, None),
            Some(Before::HandBack) => (End::HandedBack, None),
            None => match ending {
                Ending::Succeeded => (End::Succeeded { output: Some(output(held.node).into_bytes()) }, Some(ending)),
                Ending::Failed => (End::Failed { error: "it failed".into(), attempted: true }, Some(ending)),
                Ending::Deleted => (End::Deleted { reason: "by itself".into(), error: None }, Some(ending)),
            },
        }
    }

    /// Ends attempts; returns those that are still held.
    async fn finish(
        &self,
        server: ServerId,
        storage: &SharedStorage,
        held: Vec<Held>,
        alive: bool,
    ) -> Result<Vec<Held>, Violation> {
        let (mut ends, mut left) = (Vec::new(), Vec::new());
        for mut one in held {
            let (end, ending) = self.verdict(&one);
            let finish = Finish {
                job: self.job_id(one.node),
                fence: one.fence,
                end,
                wait: Duration::from_millis(1),
                run: Duration::from_millis(1),
            };
            if self.graph.job(one.node).within && alive && one.ended.is_none() && ending.is_some() {
                match self.end_within(server, &finish).await? {
                    Some(Accepted::Yes) => {
                        one.ended = ending;
                        self.book(one, ending);
                        // The ordinary finish comes in a later round, or never.
                        left.push(one);
                    }
                    Some(_) if self.may_be_lost(one.node) => {}
                    Some(answer) => return Err(format!("the end of node {} was answered {answer:?}", one.node)),
                    None => left.push(one),
                }
                continue;
            }
            ends.push((one, finish, ending));
        }
        if ends.is_empty() {
            return Ok(left);
        }
        let finishes = ends.iter().map(|(_, finish, _)| finish.clone()).collect();
        let answers = storage.finish(server, finishes).await.map_err(broken("a finish"))?;
        for (answer, (one, _, ending)) in answers.into_iter().zip(ends) {
            match answer {
                Accepted::Yes if one.ended.is_some() => {
                    return Err(format!("node {} ended twice", one.node));
                }
                Accepted::Yes => self.book(one, ending),
                Accepted::Locked => left.push(one),
                Accepted::Again if one.ended.is_some() => {}
                // Its right has gone with a rescue, or with an act from outside.
                Accepted::Stale if !alive || self.may_be_lost(one.node) => {}
                answer => return Err(format!("the end of node {} was answered {answer:?}", one.node)),
            }
        }
        Ok(left)
    }

    /// Whether an act from outside may have taken the job from its server.
    fn may_be_lost(&self, node: usize) -> bool {
        let touched = self.known.borrow()[node].touched;
        touched.deleted || touched.revived
    }

    /// Ends an attempt in a transaction of the handler's; `None` where that could not be committed now.
    async fn end_within(&self, server: ServerId, end: &Finish) -> Result<Option<Accepted>, Violation> {
        let (storage, end) = (Arc::clone(self.ground.storage()), end.clone());
        let ended = self.ground.fixture.within(Close::Commit, move |tx| {
            Box::pin(async move { storage.finish_within(tx.connection(), server, end).await })
        });
        match ended.await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.is_transient() || matches!(error, Error::Storage { .. }) => Ok(None),
            Err(error) => Err(broken("an end in a transaction")(error)),
        }
    }

    fn book(&self, held: Held, ending: Option<Ending>) {
        let known = &mut self.known.borrow_mut()[held.node];
        match ending {
            Some(ending) => known.ends.push((ending, !held.cancelled || held.ended.is_some())),
            None => known.before += 1,
        }
    }
}
