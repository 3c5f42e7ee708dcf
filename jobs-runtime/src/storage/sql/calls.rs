//! The storage traits over any engine: which write or read each call is.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::FutureExt;
use jiff::Timestamp;

use super::{
    change, claim, clean,
    engine::{Backend, Engine},
    errors, finish, insert,
    names::Noun,
    pauses, record, recurring, rescue, servers,
    text::instant,
    upkeep, walk,
};
use crate::{
    Fence, JobId, ServerId, State,
    error::{Error, Result},
    storage::{
        Accepted, Change, Changed, Chunk, ClaimRequest, ClaimStorage, Due, EventRecord, Finish, Fire, FlowStorage,
        Grain, Heart, JobFilter, JobRecord, JobStorage, JobTexts, Look, NewFlow, NewJob, Note, Outlook, Pause,
        PauseStorage, PauseTarget, Promoted, RecurringRecord, RecurringRun, RecurringSpec, RecurringStorage, Rescued,
        Revoked, ServerRecord, ServerStorage, Settings, SharedStorage, Signal, StatPoint, StateTotal, Storage,
        TxConnection, UpkeepStorage, Walked,
    },
    wake::Hub,
};

/// So many steps of noted errors are folded at once at most.
const ROUNDS: u32 = 50;

/// Whether the job has to do with others.
fn is_in_flow(job: &NewJob) -> bool {
    job.batch.is_some() || job.waits.is_some()
}

pub(super) fn names_of(job: &NewJob) -> [(Noun, Arc<str>); 2] {
    [(Noun::Kind, Arc::clone(&job.kind)), (Noun::Queue, Arc::clone(&job.queue))]
}

#[async_trait]
impl<B: Backend> JobStorage for Engine<B> {
    async fn job_insert(&self, jobs: Arc<[NewJob]>) -> Result<Vec<bool>> {
        if jobs.iter().any(is_in_flow) {
            return self.flow_insert(NewFlow { batches: Vec::new(), jobs: jobs.to_vec() }).await;
        }
        self.0.insert(jobs).await
    }

    async fn job_insert_within(&self, tx: TxConnection<'_>, jobs: Vec<NewJob>) -> Result<Vec<bool>> {
        if jobs.iter().any(is_in_flow) {
            return self.flow_insert_within(tx, NewFlow { batches: Vec::new(), jobs }).await;
        }
        self.introduce(jobs.iter().flat_map(names_of).collect::<Vec<_>>()).await?;
        let last = jobs.last().map(|job| job.id);
        let inserted = self
            .within(tx, "storing a job in the caller's transaction", move |write| {
                let jobs = jobs.clone();
                async move { insert::jobs(write, &jobs).await }.boxed()
            })
            .await?;
        // The client watches for the last of them.
        if let Some(job) = last {
            self.0.entered(job);
        }
        Ok(inserted)
    }

    async fn job_get(&self, id: JobId) -> Result<Option<JobRecord>> {
        let record = self.0.read("reading a job", move |read| record::get(read, id).boxed()).await?;
        if record.is_some() {
            self.0.seen(id);
        }
        Ok(record)
    }

    async fn job_events(&self, id: JobId) -> Result<Vec<EventRecord>> {
        self.0.read("reading a job's history", move |read| record::events(read, id).boxed()).await
    }

    async fn job_walk(&self, filter: JobFilter) -> Result<Walked> {
        filter.check()?;
        self.0.read("listing jobs", move |read| async move { walk::walk(read, &filter).await }.boxed()).await
    }

    async fn job_records(&self, ids: Vec<JobId>) -> Result<Vec<JobRecord>> {
        self.0.read("reading jobs", move |read| walk::records(read, ids).boxed()).await
    }

    async fn job_texts(&self, ids: Vec<JobId>, longest: u32) -> Result<Vec<JobTexts>> {
        self.0.read("searching jobs", move |read| walk::texts(read, ids, longest).boxed()).await
    }

    async fn job_change(&self, id: JobId, change: Change, guard: Option<Vec<State>>) -> Result<Option<Changed>> {
        self.0
            .write("changing a job", move |write| {
                let (change, guard) = (change.clone(), guard.clone());
                async move { change::change(write, id, &change, guard.as_deref()).await }.boxed()
            })
            .await
    }

    async fn job_change_within(
        &self,
        tx: TxConnection<'_>,
        id: JobId,
        change: Change,
        guard: Option<Vec<State>>,
    ) -> Result<Option<Changed>> {
        if let Change::Move { queue } = &change {
            self.introduce([(Noun::Queue, Arc::clone(queue))]).await?;
        }
        let changed = self.within(tx, "changing a job in the caller's transaction", move |write| {
            let (change, guard) = (change.clone(), guard.clone());
            async move { change::change(write, id, &change, guard.as_deref()).await }.boxed()
        });
        let changed = changed.await?;
        self.0.entered(id);
        Ok(changed)
    }
}

#[async_trait]
impl<B: Backend> ClaimStorage for Engine<B> {
    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Chunk>> {
        self.0.claim(request).await
    }

    async fn finish(&self, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
        self.0.finish(server, ends).await
    }

    async fn finish_within(&self, tx: TxConnection<'_>, server: ServerId, end: Finish) -> Result<Accepted> {
        let id = end.job;
        let accepted = self.within(tx, "ending a job in its handler's transaction", move |write| {
            let end = end.clone();
            async move { finish::finish_within(write, server, &end).await }.boxed()
        });
        let accepted = accepted.await?;
        self.0.entered(id);
        Ok(accepted)
    }

    async fn revoked(&self, _server: ServerId, running: Vec<(JobId, Fence)>) -> Result<Vec<Revoked>> {
        self.0
            .read("looking for revoked jobs", move |read| async move { claim::revoked(read, &running).await }.boxed())
            .await
    }

    async fn note(&self, server: ServerId, notes: Vec<Note>) -> Result<()> {
        self.0.noted(&notes);
        self.0
            .write("storing what handlers tell", move |write| {
                let notes = notes.clone();
                async move { claim::note(write, server, &notes).await }.boxed()
            })
            .await
    }

    async fn note_within(&self, tx: TxConnection<'_>, server: ServerId, notes: Vec<Note>) -> Result<()> {
        self.0.noted(&notes);
        self.within(tx, "storing what a handler tells in its transaction", move |write| {
            let notes = notes.clone();
            async move { claim::note(write, server, &notes).await }.boxed()
        })
        .await
    }

    async fn claims_of(&self, server: ServerId) -> Result<Vec<(Fence, Vec<JobId>)>> {
        self.0.read("listing a server's claims", move |read| claim::claims_of(read, server).boxed()).await
    }

    async fn claims_release(&self, server: ServerId) -> Result<u64> {
        self.0.write("giving jobs back", move |write| rescue::release(write, server).boxed()).await
    }

    async fn rescue_candidates(&self) -> Result<Vec<Fence>> {
        self.0.read("looking for dead servers' claims", |read| rescue::candidates(read).boxed()).await
    }

    async fn rescue(&self, chunks: Vec<Fence>, crash_limit: u16) -> Result<Rescued> {
        let mut rescued = Rescued::default();
        for chunk in chunks {
            // Each in a transaction of its own: a row that somebody keeps locked keeps no other chunk from being rescued.
            let done =
                self.0.write("rescuing jobs", move |write| rescue::rescue(write, chunk, crash_limit).boxed()).await;
            match done {
                Ok(done) => {
                    rescued.requeued += done.requeued;
                    rescued.failed += done.failed;
                }
                Err(Error::Locked(why)) => {
                    tracing::warn!(%chunk, why, "a dead server's jobs are locked; they are rescued later")
                }
                Err(error) => return Err(error),
            }
        }
        Ok(rescued)
    }
}

#[async_trait]
impl<B: Backend> ServerStorage for Engine<B> {
    async fn heart(&self) -> Result<Box<dyn Heart>> {
        self.0.heart().await
    }

    async fn server_retire(&self, server: ServerId) -> Result<()> {
        self.0.write("retiring a server", move |write| servers::retire(write, server).boxed()).await
    }

    async fn server_signal(&self, server: ServerId, signal: Signal) -> Result<bool> {
        self.0.write("telling a server", move |write| servers::signal(write, server, signal).boxed()).await
    }

    async fn server_look(&self, look: Look) -> Result<Outlook> {
        self.0
            .ask("looking for what there is to do", move |read| {
                let look = look.clone();
                async move { servers::look(read, &look).await }.boxed()
            })
            .await
    }

    async fn server_list(&self) -> Result<Vec<ServerRecord>> {
        self.0.read("listing servers", |read| servers::list(read).boxed()).await
    }

    async fn server_sweep(&self) -> Result<u64> {
        self.0.write("sweeping servers", |write| servers::sweep(write).boxed()).await
    }
}

#[async_trait]
impl<B: Backend> RecurringStorage for Engine<B> {
    async fn recurring_upsert(&self, spec: RecurringSpec, next_at: Option<Timestamp>) -> Result<()> {
        self.0
            .write("storing a recurring job", move |write| {
                let spec = spec.clone();
                async move { recurring::upsert(write, &spec, next_at).await }.boxed()
            })
            .await
    }

    async fn recurring_upsert_within(
        &self,
        tx: TxConnection<'_>,
        spec: RecurringSpec,
        next_at: Option<Timestamp>,
    ) -> Result<()> {
        self.introduce(names_of(&spec.template)).await?;
        self.within(tx, "storing a recurring job in the caller's transaction", move |write| {
            let spec = spec.clone();
            async move { recurring::upsert(write, &spec, next_at).await }.boxed()
        })
        .await
    }

    async fn recurring_get(&self, id: &str) -> Result<Option<RecurringRecord>> {
        let id = id.to_owned();
        self.0.read("reading a recurring job", move |read| async move { recurring::get(read, &id).await }.boxed()).await
    }

    async fn recurring_list(&self) -> Result<Vec<RecurringRecord>> {
        self.0.read("listing recurring jobs", |read| recurring::list(read).boxed()).await
    }

    async fn recurring_runs(&self, id: &str, limit: u32) -> Result<Vec<RecurringRun>> {
        let id = id.to_owned();
        self.0
            .read("listing what a recurring job made", move |read| {
                async move { recurring::runs(read, &id, limit).await }.boxed()
            })
            .await
    }

    async fn recurring_remove(&self, id: &str) -> Result<bool> {
        let id = id.to_owned();
        self.0
            .write("removing a recurring job", move |write| {
                let id = id.clone();
                async move { recurring::remove(write, &id).await }.boxed()
            })
            .await
    }

    async fn recurring_remove_within(&self, tx: TxConnection<'_>, id: &str) -> Result<bool> {
        let id = id.to_owned();
        self.within(tx, "removing a recurring job in the caller's transaction", move |write| {
            let id = id.clone();
            async move { recurring::remove(write, &id).await }.boxed()
        })
        .await
    }

    async fn recurring_sweep(&self, orphaned_for: Duration) -> Result<u64> {
        self.0.write("sweeping recurring jobs", move |write| recurring::sweep(write, orphaned_for).boxed()).await
    }

    async fn recurring_due(
        &self,
        declared: &[Arc<str>],
    ) -> Result<(Timestamp, Vec<RecurringRecord>, Option<Timestamp>)> {
        let declared = declared.to_vec();
        self.0
            .read("looking for due recurring jobs", move |read| {
                async move { recurring::due(read, &declared).await }.boxed()
            })
            .await
    }

    async fn recurring_fire(&self, fire: Fire) -> Result<u64> {
        self.0
            .write("firing a recurring job", move |write| {
                let fire = fire.clone();
                async move { recurring::fire(write, &fire).await }.boxed()
            })
            .await
    }

    async fn recurring_trigger(&self, id: &str, job: NewJob) -> Result<bool> {
        let id = id.to_owned();
        self.0
            .write("triggering a recurring job", move |write| {
                let (id, job) = (id.clone(), job.clone());
                async move { recurring::trigger(write, &id, &job).await }.boxed()
            })
            .await
    }

    async fn recurring_trigger_within(&self, tx: TxConnection<'_>, id: &str, job: NewJob) -> Result<bool> {
        let (id, last) = (id.to_owned(), job.id);
        self.introduce(names_of(&job)).await?;
        let triggered = self
            .within(tx, "triggering a recurring job in the caller's transaction", move |write| {
                let (id, job) = (id.clone(), job.clone());
                async move { recurring::trigger(write, &id, &job).await }.boxed()
            })
            .await?;
        self.0.entered(last);
        Ok(triggered)
    }
}

#[async_trait]
impl<B: Backend> PauseStorage for Engine<B> {
    async fn pause(&self, target: PauseTarget, reason: String, until: Option<Due>) -> Result<()> {
        self.0
            .write("pausing", move |write| {
                let (target, reason) = (target.clone(), reason.clone());
                async move { pauses::pause(write, &target, &reason, until).await }.boxed()
            })
            .await
    }

    async fn pause_within(
        &self,
        tx: TxConnection<'_>,
        target: PauseTarget,
        reason: String,
        until: Option<Due>,
    ) -> Result<()> {
        let name = match &target {
            PauseTarget::Queue(name) => Some((Noun::Queue, Arc::clone(name))),
            PauseTarget::Kind(name) => Some((Noun::Kind, Arc::clone(name))),
            PauseTarget::Recurring(_) | PauseTarget::Server(_) => None,
        };
        self.introduce(name).await?;
        self.within(tx, "pausing in the caller's transaction", move |write| {
            let (target, reason) = (target.clone(), reason.clone());
            async move { pauses::pause(write, &target, &reason, until).await }.boxed()
        })
        .await
    }

    async fn resume(&self, target: PauseTarget) -> Result<bool> {
        self.0
            .write("resuming", move |write| {
                let target = target.clone();
                async move { pauses::resume(write, &target).await }.boxed()
            })
            .await
    }

    async fn resume_within(&self, tx: TxConnection<'_>, target: PauseTarget) -> Result<bool> {
        self.within(tx, "resuming in the caller's transaction", move |write| {
            let target = target.clone();
            async move { pauses::resume(write, &target).await }.boxed()
        })
        .await
    }

    async fn pauses(&self) -> Result<Vec<Pause>> {
        self.0.read("listing pauses", |read| pauses::list(read).boxed()).await
    }
}

#[async_trait]
impl<B: Backend> UpkeepStorage for Engine<B> {
    async fn now(&self) -> Result<Timestamp> {
        self.0.read("reading the database's clock", |read| async move { read.now().await.map(instant) }.boxed()).await
    }

    async fn promote(&self, limit: u32) -> Result<Promoted> {
        self.0.promote(limit).await
    }

    async fn park(&self, limit: u32) -> Result<u64> {
        self.0.write("setting jobs aside", move |write| upkeep::park(write, limit).boxed()).await
    }

    async fn clean(&self, limit: u32) -> Result<u64> {
        self.0.write("removing old jobs", move |write| clean::clean(write, limit).boxed()).await
    }

    async fn stat_roll(&self) -> Result<u64> {
        let mut taken = self.0.fold().await?;
        let mut more = true;
        for round in 0..ROUNDS {
            let errors = self.0.write("rolling up the statistics", move |write| {
                async move {
                    let errors = errors::fold(write).await?;
                    // What is rolled up is little, and seldom: once is enough.
                    let rolled = if round == 0 { upkeep::roll(write).await? } else { 0 };
                    Ok((errors, rolled))
                }
                .boxed()
            });
            let (errors, rolled) = errors.await?;
            taken += errors + rolled;
            more = errors >= errors::STEP;
            if !more {
                break;
            }
        }
        if more {
            tracing::warn!("jobs fail faster than their errors are counted; the rest is counted later");
        }
        Ok(taken)
    }

    async fn stat_totals(&self) -> Result<Vec<StateTotal>> {
        self.0
            .read("reading the totals", |read| {
                let sql = read.sql;
                upkeep::totals(read, &sql.stat_totals).boxed()
            })
            .await
    }

    async fn recount(&self) -> Result<Vec<StateTotal>> {
        self.0
            .read("counting all jobs", |read| {
                let sql = read.sql;
                upkeep::totals(read, &sql.recount).boxed()
            })
            .await
    }

    async fn stat_points(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>> {
        let since = since.as_microsecond();
        self.0.read("reading the statistics", move |read| upkeep::points(read, grain, since).boxed()).await
    }

    async fn stat_counts(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>> {
        let since = since.as_microsecond();
        self.0.read("reading the counts", move |read| upkeep::counts(read, grain, since).boxed()).await
    }

    async fn stat_sums(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>> {
        let since = since.as_microsecond();
        self.0.read("adding up the statistics", move |read| upkeep::sums(read, grain, since).boxed()).await
    }

    async fn check(&self) -> Result<Vec<String>> {
        self.0.read("checking the tables", |read| upkeep::check(read).boxed()).await
    }
}

impl<B: Backend> Storage for Engine<B> {
    fn engine(&self) -> &'static str {
        B::NAME
    }

    fn hub(&self) -> &Hub {
        &self.0.shared().hub
    }

    fn settings(&self) -> &Settings {
        &self.0.shared().settings
    }

    fn lanes(&self) -> usize {
        B::LANES
    }

    fn viewer(self: Arc<Self>) -> SharedStorage {
        B::aside(self)
    }

    fn views(&self) -> u64 {
        self.0.views()
    }
}
