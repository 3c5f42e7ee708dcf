//! A storage in memory with just what the tests of servers and maintenance need: jobs to claim, answers that fail on demand,
//! and a record of every call.

mod act;
mod flows;
mod rest;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::sleep;

pub(crate) use self::act::{ACT, Started};

use crate::{
    error::{Error, Result},
    id::{Fence, JobId, ServerId},
    job::OnExhausted,
    storage::*,
    wake::Hub,
};

/// The time of the database's clock at the start of a test.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// A runnable job that behaves so.
pub(crate) fn job(behaviour: &str) -> ClaimedJob {
    ClaimedJob {
        id: JobId::new(),
        kind: "act".into(),
        queue: "default".into(),
        priority: 0,
        payload: behaviour.as_bytes().to_vec(),
        attempt: 1,
        max_attempts: 10,
        crashes: 0,
        created_at: NOW,
        due_at: NOW,
        expired: false,
        cancel_requested: false,
        on_exhausted: OnExhausted::Fail,
        timeout: None,
        meta: BTreeMap::new(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
    }
}

/// An error after which the same call may succeed.
pub(crate) fn away() -> Error {
    Error::Unavailable { what: "test".to_owned(), source: "away".into() }
}

/// An error that stays.
pub(crate) fn refused() -> Error {
    Error::Storage { what: "test".to_owned(), source: "refused".into() }
}

/// The storage.
#[derive(Debug, Default)]
pub(crate) struct Fake {
    hub: Hub,
    settings: Settings,
    world: Arc<Mutex<World>>,
}

/// What the storage holds and what it was asked.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) ready: VecDeque<ClaimedJob>,
    pub(crate) suspects: Vec<ClaimedJob>,
    pub(crate) chunks: BTreeMap<Fence, Vec<JobId>>,
    pub(crate) last_fence: i64,
    pub(crate) claims: Vec<ClaimRequest>,
    /// Groups of finishes that were accepted.
    pub(crate) finishes: Vec<Vec<Finish>>,
    pub(crate) stale: BTreeSet<JobId>,
    /// Jobs that somebody's transaction keeps locked.
    pub(crate) locked: BTreeSet<JobId>,
    pub(crate) notes: Vec<Note>,
    pub(crate) revoked: Vec<Revoked>,
    pub(crate) retired: Vec<ServerId>,
    pub(crate) dead: Vec<Fence>,
    pub(crate) rescued: Vec<Fence>,
    pub(crate) servers: Vec<ServerRecord>,
    pub(crate) clock: Duration,
    pub(crate) recurring: Vec<RecurringRecord>,
    pub(crate) fired: Vec<Fire>,
    /// What looks tell of what is not here.
    pub(crate) outlook: Outlook,
    /// How long a look takes.
    pub(crate) look_takes: Duration,
    /// What the server has been told.
    pub(crate) orders: Orders,
    /// The least ages of the orphans that were removed.
    pub(crate) swept: Vec<Duration>,
    /// The ends that handlers wrote in transactions of their own.
    pub(crate) within: Vec<Finish>,
    pub(crate) notes_within: Vec<Note>,
    /// Jobs as they are read.
    pub(crate) records: BTreeMap<JobId, JobRecord>,
    /// What jobs' parents left for them.
    pub(crate) inputs: BTreeMap<JobId, Vec<Input>>,
    /// How long a look at it takes.
    pub(crate) inputs_take: Duration,
    /// What the next calls of these methods answer in place of doing anything.
    pub(crate) failures: BTreeMap<&'static str, VecDeque<Error>>,
    /// Every call, by name.
    pub(crate) calls: Vec<&'static str>,
    pub(crate) cleaned: VecDeque<u64>,
    pub(crate) promoted: VecDeque<Promoted>,
    /// How long a claim takes.
    pub(crate) claim_takes: Duration,
    /// What the storage says of itself, if more than one.
    pub(crate) lanes: usize,
    /// How long a look at the clock takes.
    pub(crate) clock_takes: Duration,
    /// How long a beat takes.
    pub(crate) beat_takes: Duration,
}

impl Fake {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn with_payload_limit(limit: usize) -> Self {
        Self { settings: Settings { payload_limit: limit, ..Settings::default() }, ..Self::default() }
    }

    /// Makes jobs runnable, as an enqueue of this process does.
    pub(crate) fn enqueue(&self, jobs: impl IntoIterator<Item = ClaimedJob>) {
        self.world().ready.extend(jobs);
        self.hub.work_arrived();
    }

    /// Makes the next calls of a method fail.
    pub(crate) fn fail(&self, method: &'static str, errors: impl IntoIterator<Item = Error>) {
        self.world().failures.entry(method).or_default().extend(errors);
    }

    /// How the jobs ended, in order.
    pub(crate) fn ends(&self) -> Vec<(JobId, End)> {
        self.world().finishes.iter().flatten().map(|finish| (finish.job, finish.end.clone())).collect()
    }

    /// How often a method was called.
    pub(crate) fn calls(&self, method: &str) -> usize {
        self.world().calls.iter().filter(|call| **call == method).count()
    }

    fn call(&self, method: &'static str) -> Result<MutexGuard<'_, World>> {
        call(&self.world, method)
    }
}

/// Notes a call and lets it fail where the test says so.
fn call<'w>(world: &'w Mutex<World>, method: &'static str) -> Result<MutexGuard<'w, World>> {
    let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
    world.calls.push(method);
    match world.failures.get_mut(method).and_then(VecDeque::pop_front) {
        Some(error) => Err(error),
        None => Ok(world),
    }
}

impl World {
    /// The jobs are claimed.
    pub(crate) fn chunk(&mut self, jobs: Vec<ClaimedJob>, suspect: bool) -> Chunk {
        self.last_fence += 1;
        let fence = Fence(self.last_fence);
        self.chunks.insert(fence, jobs.iter().map(|job| job.id).collect());
        Chunk { fence, claimed_at: NOW, suspect, jobs }
    }
}

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
impl ClaimStorage for Fake {
    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Chunk>> {
        let takes = self.world().claim_takes;
        if !takes.is_zero() {
            sleep(takes).await;
        }
        let mut world = self.call("claim")?;
        world.claims.push(request.clone());
        let mut chunks = Vec::new();
        let mut slots = request.slots;
        if request.suspects && slots > 0 && !world.suspects.is_empty() {
            let suspect = world.suspects.remove(0);
            chunks.push(world.chunk(vec![suspect], true));
            slots -= 1;
        }
        let mut taken = Vec::new();
        for queue in &request.queues {
            let mut index = 0;
            while index < world.ready.len() && taken.len() < slots + request.prefetch {
                let job = &world.ready[index];
                let may_wait = !request.slow.contains(&job.kind);
                if job.queue == *queue && (taken.len() < slots || may_wait) {
                    taken.extend(world.ready.remove(index));
                } else {
                    index += 1;
                }
            }
        }
        if !taken.is_empty() {
            chunks.push(world.chunk(taken, false));
        }
        Ok(chunks)
    }

    async fn finish(&self, _: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
        let mut world = self.call("finish")?;
        let (mut answers, mut stored) = (Vec::new(), Vec::new());
        for finish in ends {
            if world.locked.contains(&finish.job) {
                answers.push(Accepted::Locked);
                continue;
            }
            let is_live = world.chunks.get_mut(&finish.fence).is_some_and(|jobs| {
                let before = jobs.len();
                jobs.retain(|job| *job != finish.job);
                jobs.len() < before
            });
            let accepted = is_live && !world.stale.contains(&finish.job);
            answers.push(if accepted { Accepted::Yes } else { Accepted::Stale });
            stored.push(finish);
        }
        world.finishes.push(stored);
        Ok(answers)
    }

    async fn finish_within(&self, _: TxConnection<'_>, _: ServerId, end: Finish) -> Result<Accepted> {
        let mut world = self.call("finish_within")?;
        if world.stale.contains(&end.job) {
            return Ok(Accepted::Stale);
        }
        if world.within.iter().any(|before| (before.job, before.fence) == (end.job, end.fence)) {
            return Ok(Accepted::Again);
        }
        world.within.push(end);
        Ok(Accepted::Yes)
    }

    async fn revoked(&self, _: ServerId, running: Vec<(JobId, Fence)>) -> Result<Vec<Revoked>> {
        let world = self.call("revoked")?;
        Ok(world.revoked.iter().filter(|gone| running.contains(&(gone.job, gone.fence))).copied().collect())
    }

    async fn note(&self, _: ServerId, notes: Vec<Note>) -> Result<()> {
        self.call("note")?.notes.extend(notes);
        Ok(())
    }

    async fn note_within(&self, _: TxConnection<'_>, _: ServerId, notes: Vec<Note>) -> Result<()> {
        self.call("note_within")?.notes_within.extend(notes);
        Ok(())
    }

    async fn claims_of(&self, _: ServerId) -> Result<Vec<(Fence, Vec<JobId>)>> {
        let world = self.call("claims_of")?;
        Ok(world.chunks.iter().map(|(fence, jobs)| (*fence, jobs.clone())).collect())
    }

    async fn claims_release(&self, _: ServerId) -> Result<u64> {
        drop(self.call("claims_release")?);
        Ok(0)
    }

    async fn rescue_candidates(&self) -> Result<Vec<Fence>> {
        Ok(self.call("rescue_candidates")?.dead.clone())
    }

    async fn rescue(&self, chunks: Vec<Fence>, _: u16) -> Result<Rescued> {
        let mut world = self.call("rescue")?;
        let requeued = chunks.len() as u64;
        world.dead.retain(|fence| !chunks.contains(fence));
        world.rescued.extend(chunks);
        Ok(Rescued { requeued, failed: 0 })
    }
}

/// Beats into the storage's record of calls.
struct FakeHeart(Arc<Mutex<World>>);

#[async_trait]
impl Heart for FakeHeart {
    async fn beat(&mut self, _: &Beat) -> Result<Timestamp> {
        let takes = self.0.lock().unwrap_or_else(PoisonError::into_inner).beat_takes;
        sleep(takes).await;
        call(&self.0, "beat").map(|world| NOW + world.clock)
    }
}

#[async_trait]
impl ServerStorage for Fake {
    async fn heart(&self) -> Result<Box<dyn Heart>> {
        drop(self.call("heart")?);
        Ok(Box::new(FakeHeart(self.world.clone())))
    }

    async fn server_retire(&self, server: ServerId) -> Result<()> {
        self.call("server_retire")?.retired.push(server);
        Ok(())
    }

    async fn server_signal(&self, _: ServerId, _: Signal) -> Result<bool> {
        not_here()
    }

    async fn server_look(&self, look: Look) -> Result<Outlook> {
        let takes = self.world().look_takes;
        sleep(takes).await;
        let world = self.call("server_look")?;
        let now = NOW + world.clock;
        let ready = world.outlook.ready
            || !world.suspects.is_empty()
            || world.ready.iter().any(|job| look.queues.contains(&job.queue));
        let next = world.recurring.iter().filter_map(|record| record.next_at).min();
        let recurring_in = next
            .map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default())
            .or(world.outlook.recurring_in);
        let (rescue, holds) = (!world.dead.is_empty(), !world.chunks.is_empty());
        Ok(Outlook { now, orders: world.orders, ready, recurring_in, rescue, holds, ..world.outlook.clone() })
    }

    async fn server_list(&self) -> Result<Vec<ServerRecord>> {
        Ok(self.call("server_list")?.servers.clone())
    }

    async fn server_sweep(&self) -> Result<u64> {
        self.call("server_sweep").map(|_| 0)
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
        self.call("recurring_upsert")?.recurring.push(record);
        Ok(())
    }

    async fn recurring_get(&self, id: &str) -> Result<Option<RecurringRecord>> {
        let world = self.call("recurring_get")?;
        Ok(world.recurring.iter().find(|record| &*record.spec.id == id).cloned())
    }

    async fn recurring_upsert_within(&self, _: TxConnection<'_>, _: RecurringSpec, _: Option<Timestamp>) -> Result<()> {
        not_here()
    }

    async fn recurring_remove_within(&self, _: TxConnection<'_>, _: &str) -> Result<bool> {
        not_here()
    }

    async fn recurring_sweep(&self, orphaned_for: Duration) -> Result<u64> {
        self.call("recurring_sweep")?.swept.push(orphaned_for);
        Ok(1)
    }

    async fn recurring_list(&self) -> Result<Vec<RecurringRecord>> {
        not_here()
    }

    async fn recurring_runs(&self, _: &str, _: u32) -> Result<Vec<RecurringRun>> {
        not_here()
    }

    async fn recurring_remove(&self, _: &str) -> Result<bool> {
        not_here()
    }

    async fn recurring_due(
        &self,
        declared: &[Arc<str>],
    ) -> Result<(Timestamp, Vec<RecurringRecord>, Option<Timestamp>)> {
        let world = self.call("recurring_due")?;
        let now = NOW + world.clock;
        let mine =
            |record: &&RecurringRecord| record.spec.owner == Owner::Runtime || declared.contains(&record.spec.id);
        let (due, later): (Vec<_>, Vec<_>) =
            world.recurring.iter().filter(mine).cloned().partition(|record| record.next_at.is_some_and(|at| at <= now));
        Ok((now, due, later.iter().filter_map(|record| record.next_at).min()))
    }

    async fn recurring_fire(&self, fire: Fire) -> Result<u64> {
        let mut world = self.call("recurring_fire")?;
        let record = world.recurring.iter_mut().find(|record| record.spec.id == fire.id);
        record.expect("the definition is stored").next_at = fire.next;
        let jobs = fire.jobs.len() as u64;
        world.fired.push(fire);
        Ok(jobs)
    }

    async fn recurring_trigger(&self, _: &str, _: NewJob) -> Result<bool> {
        not_here()
    }

    async fn recurring_trigger_within(&self, _: TxConnection<'_>, _: &str, _: NewJob) -> Result<bool> {
        not_here()
    }
}

#[async_trait]
impl UpkeepStorage for Fake {
    async fn now(&self) -> Result<Timestamp> {
        let takes = self.world().clock_takes;
        sleep(takes).await;
        self.call("now").map(|world| NOW + world.clock)
    }

    async fn promote(&self, _: u32) -> Result<Promoted> {
        self.call("promote").map(|mut world| world.promoted.pop_front().unwrap_or_default())
    }

    async fn park(&self, _: u32) -> Result<u64> {
        self.call("park").map(|_| 0)
    }

    async fn clean(&self, _: u32) -> Result<u64> {
        self.call("clean").map(|mut world| world.cleaned.pop_front().unwrap_or(0))
    }

    async fn stat_roll(&self) -> Result<u64> {
        self.call("stat_roll").map(|_| 0)
    }

    async fn stat_totals(&self) -> Result<Vec<StateTotal>> {
        not_here()
    }

    async fn recount(&self) -> Result<Vec<StateTotal>> {
        not_here()
    }

    async fn stat_points(&self, _: Grain, _: Timestamp) -> Result<Vec<StatPoint>> {
        not_here()
    }

    async fn stat_counts(&self, _: Grain, _: Timestamp) -> Result<Vec<StatPoint>> {
        not_here()
    }

    async fn stat_sums(&self, _: Grain, _: Timestamp) -> Result<Vec<StatPoint>> {
        not_here()
    }

    async fn check(&self) -> Result<Vec<String>> {
        not_here()
    }
}
