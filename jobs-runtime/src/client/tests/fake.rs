//! A storage in memory with just what the client's tests need, and job types made by hand.

pub(super) mod flows;
mod rest;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::{
    Client, Error, Fence, Job, JobId, Result, ServerId, State,
    codec::{self, Codec, Header},
    job::{Descriptor, Options, Place, Standalone, Takes},
    layout,
    parent::Free,
    retry::Backoff,
    state::transition,
    storage::*,
    wake::Hub,
};

const PLAIN: Descriptor = Descriptor {
    kind: "tests::plain",
    aliases: &[],
    place: Place { module: "tests", file: "fake.rs", line: 1 },
    params: &["name"],
    secret: &[],
    summary: None,
    blocking: false,
    options: Options { queue: "greetings", attempts: 4, ..Options::DEFAULT },
    backoff: Backoff::Constant(Duration::ZERO),
    codec: Codec::Json,
    version: 3,
    args_layout: layout::trace::<Greet>,
    output_layout: layout::trace::<String>,
    run: |_| Box::pin(async { Ok(Default::default()) }),
    args_to_json: |_| Ok(serde_json::Value::Null),
    args_from_json: |_| Ok(Vec::new()),
    output_to_json: |_| Ok(serde_json::Value::Null),
    states: Vec::new,
    takes: Takes::Nothing,
    recurring: &[],
};

/// A text as the output of [`Greet`] is stored.
pub(super) fn output(text: &str) -> Vec<u8> {
    let header = Header { codec: Codec::Json, version: 3, fingerprint: layout::of::<String>().fingerprint };
    codec::encode(&text, header, "an output").expect("a text can be written")
}

/// The job of the tests; it returns a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Greet {
    name: String,
}

pub(super) fn greet(name: &str) -> Greet {
    Greet { name: name.to_owned() }
}

impl Job for Greet {
    type Output = String;
    type Parent = Free;
    const DESCRIPTOR: &'static Descriptor = &Descriptor { kind: "tests::greet", ..PLAIN };
}

impl Standalone for Greet {}

/// A job that returns a number.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Count;

impl Job for Count {
    type Output = u64;
    type Parent = Free;
    const DESCRIPTOR: &'static Descriptor = &Descriptor { kind: "tests::count", ..PLAIN };
}

/// A job that returns nothing and whose args bincode could write but not read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Untagged(pub(super) Shape);

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Shape {
    Circle { radius: u32 },
    Square { side: u32 },
}

impl Job for Untagged {
    type Output = ();
    type Parent = Free;
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor { kind: "tests::untagged", codec: Codec::Bincode, args_layout: layout::trace::<Self>, ..PLAIN };
}

impl Standalone for Untagged {}

/// The storage.
#[derive(Default)]
pub(super) struct Fake {
    hub: Hub,
    settings: Settings,
    world: Mutex<World>,
}

#[derive(Default)]
pub(super) struct World {
    pub(super) jobs: BTreeMap<JobId, JobRecord>,
    /// What was stored in a transaction that is still open.
    pub(super) uncommitted: Vec<NewJob>,
    /// How many jobs each call stored.
    pub(super) inserts: Vec<usize>,
    /// How many calls that store jobs have begun.
    pub(super) begun: usize,
    /// What the next of them wait for, each for its own, before they store anything or fail.
    pub(super) gates: VecDeque<oneshot::Receiver<Result<()>>>,
    /// How many of them the storage likes at once.
    pub(super) lanes: usize,
    /// How often a job was read.
    pub(super) reads: usize,
    pub(super) recurring: BTreeMap<String, RecurringRecord>,
    pub(super) pauses: Vec<Pause>,
    pub(super) servers: Vec<ServerRecord>,
    pub(super) signals: Vec<(ServerId, Signal)>,
    /// What was called inside a transaction of the caller's.
    pub(super) within: Vec<&'static str>,
    /// How many answers to inserts get lost: before the jobs are stored, and after.
    pub(super) lost: (usize, usize),
    pub(super) flows: flows::Flows,
}

impl Fake {
    /// A storage of its own and a client of it.
    pub(super) fn open() -> (Arc<Self>, Client) {
        Self::open_with(Settings::default())
    }

    pub(super) fn open_with(settings: Settings) -> (Arc<Self>, Client) {
        let fake = Arc::new(Self { settings, ..Self::default() });
        let client = Client::over(Arc::clone(&fake) as SharedStorage).expect("tests run inside a runtime");
        (fake, client)
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn job(&self, id: JobId) -> JobRecord {
        self.world().jobs.get(&id).cloned().expect("the job is stored")
    }

    /// Commits the transaction that is open.
    pub(super) fn commit(&self) {
        let jobs = std::mem::take(&mut self.world().uncommitted);
        self.insert(jobs);
    }

    /// Ends a job, without a word to the hub.
    pub(super) fn end(&self, id: JobId, state: State, output: Option<Vec<u8>>, reason: Option<&str>) {
        let mut world = self.world();
        let job = world.jobs.get_mut(&id).expect("the job is stored");
        (job.state, job.output, job.reason) = (state, output, reason.map(str::to_owned));
    }

    /// Ends a job well with a text.
    pub(super) fn succeed(&self, id: JobId, text: &str) {
        self.end(id, State::Succeeded, Some(output(text)), None);
    }

    fn insert(&self, jobs: Vec<NewJob>) -> Vec<bool> {
        let mut world = self.world();
        world.inserts.push(jobs.len());
        let stored = jobs.into_iter().map(|job| {
            let (id, record) = (job.id, record(job));
            let new = !world.jobs.contains_key(&id);
            world.jobs.entry(id).or_insert(record);
            new
        });
        stored.collect()
    }
}

fn take_one(left: &mut usize) -> bool {
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

fn record(job: NewJob) -> JobRecord {
    let (state, due_at) = match job.due {
        Due::Now => (State::Enqueued, NOW),
        Due::In(delay) => (State::Scheduled, NOW + delay),
        Due::At(at) => (State::Scheduled, at),
    };
    JobRecord {
        id: job.id,
        kind: job.kind.to_string(),
        queue: job.queue.to_string(),
        priority: job.priority,
        state,
        parked: false,
        payload: job.payload,
        created_at: NOW,
        due_at,
        expires_at: job.expires.map(|expires| due_at + expires),
        started_at: None,
        finished_at: None,
        attempt: 0,
        max_attempts: job.max_attempts,
        crashes: 0,
        fence: Fence(0),
        server: None,
        on_exhausted: job.on_exhausted,
        timeout: job.timeout,
        retain: job.retain,
        output: None,
        reason: None,
        cancel_requested: false,
        progress: None,
        meta: job.meta,
        tags: job.tags,
        recurring: job.recurring.map(|(id, at)| (id.to_string(), at)),
        batch: job.batch,
    }
}

/// The time of the storage's clock, which stands.
pub(super) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn not_here<T>() -> Result<T> {
    Err(Error::config("the fake has no such method"))
}

impl Storage for Fake {
    fn engine(&self) -> &'static str {
        "fake"
    }

    fn hub(&self) -> &Hub {
        &self.hub
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn lanes(&self) -> usize {
        self.world().lanes.max(1)
    }

    fn viewer(self: Arc<Self>) -> SharedStorage {
        self
    }

    fn views(&self) -> u64 {
        0
    }
}

#[async_trait]
impl JobStorage for Fake {
    async fn job_insert(&self, jobs: Arc<[NewJob]>) -> Result<Vec<bool>> {
        let gate = {
            let mut world = self.world();
            world.begun += 1;
            world.gates.pop_front()
        };
        if let Some(gate) = gate {
            gate.await.expect("the test opens every gate that is waited at")?;
        }
        let away = || Err(Error::Unavailable { what: "test".to_owned(), source: "away".into() });
        if take_one(&mut self.world().lost.0) {
            return away();
        }
        let new = self.insert(jobs.to_vec());
        if take_one(&mut self.world().lost.1) { away() } else { Ok(new) }
    }

    async fn job_insert_within(&self, _: TxConnection<'_>, jobs: Vec<NewJob>) -> Result<Vec<bool>> {
        let new = vec![true; jobs.len()];
        self.world().uncommitted.extend(jobs);
        Ok(new)
    }

    async fn job_change_within(
        &self,
        _: TxConnection<'_>,
        id: JobId,
        change: Change,
        guard: Option<Vec<State>>,
    ) -> Result<Option<Changed>> {
        self.world().within.push("job_change");
        self.job_change(id, change, guard).await
    }

    async fn job_get(&self, id: JobId) -> Result<Option<JobRecord>> {
        let mut world = self.world();
        world.reads += 1;
        Ok(world.jobs.get(&id).cloned())
    }

    async fn job_events(&self, _: JobId) -> Result<Vec<EventRecord>> {
        Ok(Vec::new())
    }

    async fn job_walk(&self, filter: JobFilter) -> Result<Walked> {
        let world = self.world();
        let place = ListPlace { way: filter.way(), spot: None };
        let fitting = world.jobs.values().filter(|job| job.state == filter.state);
        Ok(Walked { ids: fitting.map(|job| (job.id, place)).collect(), ..Walked::default() })
    }

    async fn job_records(&self, ids: Vec<JobId>) -> Result<Vec<JobRecord>> {
        let world = self.world();
        Ok(ids.iter().filter_map(|id| world.jobs.get(id).cloned()).collect())
    }

    async fn job_texts(&self, ids: Vec<JobId>, _: u32) -> Result<Vec<JobTexts>> {
        let world = self.world();
        let texts = ids.iter().filter_map(|id| world.jobs.get(id)).map(|job| JobTexts {
            id: job.id,
            kind: job.kind.clone(),
            payload: Some(job.payload.clone()),
            meta: job.meta.clone(),
            tags: job.tags.clone(),
            reason: job.reason.clone(),
        });
        Ok(texts.collect())
    }

    async fn job_change(&self, id: JobId, change: Change, guard: Option<Vec<State>>) -> Result<Option<Changed>> {
        let mut world = self.world();
        let Some(job) = world.jobs.get_mut(&id) else { return Ok(None) };
        let event = change.event();
        let reason = match change {
            Change::Delete { reason } | Change::Cancel { reason } => Some(reason),
            _ => None,
        };
        let from = job.state;
        let next = transition(from, event).ok().filter(|_| guard.is_none_or(|guard| guard.contains(&from)));
        if let Some(next) = next {
            (job.state, job.reason) = (next, reason);
        }
        Ok(Some(Changed { took_effect: next.is_some(), from }))
    }
}

#[async_trait]
impl RecurringStorage for Fake {
    async fn recurring_upsert(&self, spec: RecurringSpec, next_at: Option<Timestamp>) -> Result<()> {
        let record = RecurringRecord {
            spec,
            next_at,
            last_at: None,
            last_job: None,
            pause: None,
            orphaned: false,
            of_code: None,
        };
        self.world().recurring.insert(record.spec.id.to_string(), record);
        Ok(())
    }

    async fn recurring_get(&self, id: &str) -> Result<Option<RecurringRecord>> {
        Ok(self.world().recurring.get(id).cloned())
    }

    async fn recurring_list(&self) -> Result<Vec<RecurringRecord>> {
        Ok(self.world().recurring.values().cloned().collect())
    }

    async fn recurring_runs(&self, _: &str, _: u32) -> Result<Vec<RecurringRun>> {
        not_here()
    }

    async fn recurring_remove(&self, id: &str) -> Result<bool> {
        Ok(self.world().recurring.remove(id).is_some())
    }

    async fn recurring_upsert_within(
        &self,
        _: TxConnection<'_>,
        spec: RecurringSpec,
        next_at: Option<Timestamp>,
    ) -> Result<()> {
        self.world().within.push("recurring_upsert");
        self.recurring_upsert(spec, next_at).await
    }

    async fn recurring_remove_within(&self, _: TxConnection<'_>, id: &str) -> Result<bool> {
        self.world().within.push("recurring_remove");
        self.recurring_remove(id).await
    }

    async fn recurring_trigger_within(&self, _: TxConnection<'_>, id: &str, job: NewJob) -> Result<bool> {
        self.world().within.push("recurring_trigger");
        self.recurring_trigger(id, job).await
    }

    async fn recurring_sweep(&self, _: Duration) -> Result<u64> {
        not_here()
    }

    async fn recurring_due(&self, _: &[Arc<str>]) -> Result<(Timestamp, Vec<RecurringRecord>, Option<Timestamp>)> {
        not_here()
    }

    async fn recurring_fire(&self, _: Fire) -> Result<u64> {
        not_here()
    }

    async fn recurring_trigger(&self, id: &str, job: NewJob) -> Result<bool> {
        let known = self.world().recurring.contains_key(id);
        if known {
            self.insert(vec![job]);
        }
        Ok(known)
    }
}

#[async_trait]
impl PauseStorage for Fake {
    async fn pause(&self, target: PauseTarget, reason: String, until: Option<Due>) -> Result<()> {
        let until = until.map(|until| match until {
            Due::Now => NOW,
            Due::In(time) => NOW + time,
            Due::At(at) => at,
        });
        self.world().pauses.push(Pause { target, reason, since: NOW, until });
        Ok(())
    }

    async fn pause_within(
        &self,
        _: TxConnection<'_>,
        target: PauseTarget,
        reason: String,
        until: Option<Due>,
    ) -> Result<()> {
        self.world().within.push("pause");
        self.pause(target, reason, until).await
    }

    async fn resume(&self, target: PauseTarget) -> Result<bool> {
        let mut world = self.world();
        let before = world.pauses.len();
        world.pauses.retain(|pause| pause.target != target);
        Ok(world.pauses.len() < before)
    }

    async fn resume_within(&self, _: TxConnection<'_>, target: PauseTarget) -> Result<bool> {
        self.world().within.push("resume");
        self.resume(target).await
    }

    async fn pauses(&self) -> Result<Vec<Pause>> {
        Ok(self.world().pauses.clone())
    }
}

#[async_trait]
impl ServerStorage for Fake {
    async fn heart(&self) -> Result<Box<dyn Heart>> {
        not_here()
    }

    async fn server_retire(&self, _: ServerId) -> Result<()> {
        not_here()
    }

    async fn server_signal(&self, server: ServerId, signal: Signal) -> Result<bool> {
        let mut world = self.world();
        world.signals.push((server, signal));
        Ok(world.servers.iter().any(|known| known.id == server))
    }

    async fn server_look(&self, _: Look) -> Result<Outlook> {
        not_here()
    }

    async fn server_list(&self) -> Result<Vec<ServerRecord>> {
        Ok(self.world().servers.clone())
    }

    async fn server_sweep(&self) -> Result<u64> {
        not_here()
    }
}
