//! Random histories of three servers and an operator, compared with the model step by step.
//!
//! What is checked: a final state is never overwritten but by an operator (S2); every accepted verdict carries the fence
//! of the job's latest claim, and fences only grow (S3); a job runs at most once for each time it was given leave to (S5);
//! its history is a path in the graph, and its times do not decrease (S14).

use std::{ops::RangeInclusive, sync::Arc};

use fastrand::Rng;

use super::{
    Fixture,
    kit::{CRASH_LIMIT, World, beat},
    make::{HOUR, KIND, MINUTE, ask, deletion, failure, finish, job, success},
    model::{Life, Model},
};
use crate::{
    Fence, JobId, Result, ServerId, State,
    storage::{Accepted, Change, ClaimRequest, Due, End, Finish, NewJob, Revocation, SharedStorage},
};

const STEPS: u32 = 200;

pub(super) async fn histories_of_seeds_1_to_5_follow_the_model(w: &World<impl Fixture>) -> Result<()> {
    histories(w, 1..=5).await
}

pub(super) async fn histories_of_seeds_6_to_10_follow_the_model(w: &World<impl Fixture>) -> Result<()> {
    histories(w, 6..=10).await
}

pub(super) async fn histories_of_seeds_11_to_15_follow_the_model(w: &World<impl Fixture>) -> Result<()> {
    histories(w, 11..=15).await
}

pub(super) async fn histories_of_seeds_16_to_20_follow_the_model(w: &World<impl Fixture>) -> Result<()> {
    histories(w, 16..=20).await
}

/// One history a seed, each of which starts when the jobs of the one before have ended.
async fn histories(w: &World<impl Fixture>, seeds: RangeInclusive<u64>) -> Result<()> {
    for seed in seeds {
        let told = Told { seed, step: 0, act: "start" };
        let mut history = History::new(w, told).await?;
        for step in 1..=STEPS {
            history.told.0.step = step;
            history.step().await?;
            if step % 10 == 0 {
                history.compare().await?;
            }
        }
        history.drain().await?;
        w.inspect().await?;
    }
    Ok(())
}

/// Where a history is; a panic shows it, so that the seed can be run again.
#[derive(Clone, Copy, Debug)]
struct Told {
    seed: u64,
    step: u32,
    act: &'static str,
}

/// Tells where the history was when a check failed.
struct OnPanic(Told);

impl Drop for OnPanic {
    #[allow(clippy::print_stderr, reason = "the seed of a failed history is what its reader needs")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the history stood at {:?}", self.0);
        }
    }
}

/// A history in progress.
struct History<'w, F> {
    world: &'w World<F>,
    handles: [SharedStorage; 2],
    told: OnPanic,
    rng: Rng,
    model: Model,
    given: Vec<NewJob>,
    /// The servers with valid leases.
    alive: Vec<ServerId>,
    /// Every claim that was ever made, for verdicts on time and too late.
    claims: Vec<(ServerId, JobId, Fence)>,
    /// Verdicts that were sent, for sending them again.
    sent: Vec<(ServerId, Finish)>,
}

impl<'w, F: Fixture> History<'w, F> {
    async fn new(world: &'w World<F>, told: Told) -> Result<Self> {
        let handles = [Arc::clone(&world.storage), world.another().await?];
        let alive = vec![world.server().await?, world.server().await?, world.server().await?];
        Ok(Self {
            world,
            handles,
            told: OnPanic(told),
            rng: Rng::with_seed(told.seed),
            model: Model::default(),
            given: Vec::new(),
            alive,
            claims: Vec::new(),
            sent: Vec::new(),
        })
    }

    /// One of the two processes that share the database.
    fn storage(&mut self) -> SharedStorage {
        Arc::clone(&self.handles[self.rng.usize(0..2)])
    }

    async fn step(&mut self) -> Result<()> {
        match self.rng.u32(0..100) {
            0..15 => self.insert().await,
            15..18 => self.insert_again().await,
            18..43 => self.claim().await,
            43..68 => self.finish().await,
            68..72 => self.finish_again().await,
            72..82 => self.change().await,
            82..89 => self.wait().await,
            89..93 => self.kill().await,
            93..97 => self.rescue().await,
            _ => self.ask_revoked().await,
        }
    }

    async fn insert(&mut self) -> Result<()> {
        self.told.0.act = "insert";
        let mut call = Vec::new();
        for _ in 0..self.rng.usize(1..5) {
            let waits = self.rng.u8(0..4) == 0;
            let due = if waits { Due::In(self.rng.u32(1..60) * MINUTE) } else { Due::Now };
            let max_attempts = self.rng.u16(1..6);
            call.push(NewJob { due, max_attempts, priority: self.rng.i16(-2..3), ..job() });
            let state = if waits { State::Scheduled } else { State::Enqueued };
            self.model.jobs.insert(call[call.len() - 1].id, Life::new(state, max_attempts));
        }
        self.given.extend(call.iter().cloned());
        let stored = vec![true; call.len()];
        assert_eq!(self.storage().job_insert(call.into()).await?, stored);
        Ok(())
    }

    async fn insert_again(&mut self) -> Result<()> {
        self.told.0.act = "insert again";
        if self.given.is_empty() {
            return Ok(());
        }
        let known = self.given[self.rng.usize(0..self.given.len())].clone();
        assert_eq!(self.storage().job_insert([known].into()).await?, [false]);
        Ok(())
    }

    async fn claim(&mut self) -> Result<()> {
        self.told.0.act = "claim";
        let server = self.alive[self.rng.usize(0..self.alive.len())];
        let mut holders = self.model.jobs.values().filter_map(|life| life.holder);
        let suspects = !holders.any(|holder| holder.server == server && holder.suspect);
        let request = ClaimRequest { suspects, ..ask(server, self.rng.usize(1..5)) };
        let slots = request.slots;
        let chunks = self.storage().claim(request).await?;
        let number: usize = chunks.iter().map(|chunk| chunk.jobs.len()).sum();
        assert!(number <= slots, "{number} jobs for {slots} slots");
        for chunk in &chunks {
            assert!(suspects || !chunk.suspect, "{chunk:?}");
            self.model.claim(server, chunk);
            self.claims.extend(chunk.jobs.iter().map(|job| (server, job.id, chunk.fence)));
        }
        if number < slots {
            let left = self.model.in_state(State::Enqueued);
            let starved: Vec<_> = left.into_iter().filter(|id| self.model.jobs[id].crashes == 0).collect();
            assert_eq!(starved, [], "slots stay free while jobs wait");
        }
        Ok(())
    }

    fn random_end(&mut self) -> End {
        let delay = self.rng.u32(1..60) * MINUTE;
        match self.rng.u8(0..10) {
            0..4 => success(),
            4..6 => End::Retry { delay, error: "no answer".into() },
            6 => failure(),
            7 => deletion(),
            8 => End::Snoozed { delay },
            _ => End::HandedBack,
        }
    }

    /// Verdicts of one server, most of them about what it holds, some about what it held once.
    async fn finish(&mut self) -> Result<()> {
        self.told.0.act = "finish";
        if self.claims.is_empty() {
            return Ok(());
        }
        let recent = self.claims.len().saturating_sub(12);
        let from = if self.rng.u8(0..5) == 0 { 0 } else { recent };
        let (server, ..) = self.claims[self.rng.usize(from..self.claims.len())];
        let mine: Vec<_> = self.claims[from..].iter().filter(|claim| claim.0 == server).copied().collect();
        let mut ends = Vec::new();
        for _ in 0..self.rng.usize(1..4) {
            let (_, id, fence) = mine[self.rng.usize(0..mine.len())];
            ends.push(finish(id, fence, self.random_end()));
        }
        self.send(server, ends).await
    }

    async fn finish_again(&mut self) -> Result<()> {
        self.told.0.act = "finish again";
        if self.sent.is_empty() {
            return Ok(());
        }
        let (server, end) = self.sent[self.rng.usize(0..self.sent.len())].clone();
        self.send(server, vec![end]).await
    }

    async fn send(&mut self, server: ServerId, ends: Vec<Finish>) -> Result<()> {
        let answers = self.storage().finish(server, ends.clone()).await?;
        assert_eq!(answers.len(), ends.len());
        for (answer, end) in answers.into_iter().zip(ends) {
            let allowed = self.model.finish(server, end.job, end.fence, &end.end);
            assert!(allowed.contains(&answer), "{answer:?} to {end:?}, not one of {allowed:?}");
            if answer == Accepted::Yes {
                self.sent.push((server, end));
            }
        }
        Ok(())
    }

    async fn change(&mut self) -> Result<()> {
        self.told.0.act = "change";
        if self.given.is_empty() {
            return Ok(());
        }
        let id = self.given[self.rng.usize(0..self.given.len())].id;
        let reason = || "not wanted".to_owned();
        let change = match self.rng.u8(0..6) {
            0 => Change::Delete { reason: reason() },
            1 | 2 => Change::Cancel { reason: reason() },
            3 => Change::Reschedule(Due::In(self.rng.u32(1..60) * MINUTE)),
            _ => Change::Requeue,
        };
        let guard = (self.rng.u8(0..3) == 0).then(|| vec![State::Processing, State::Failed, State::Scheduled]);
        let from = self.model.jobs[&id].state;
        let effect = self.model.change(id, &change, guard.as_deref());
        let changed = self.storage().job_change(id, change.clone(), guard).await?;
        let changed = changed.unwrap_or_else(|| panic!("{id} was stored"));
        assert_eq!((changed.from, changed.took_effect), (from, effect), "{change:?} of {id}");
        Ok(())
    }

    /// Time passes, leases are renewed, and what is due becomes runnable.
    async fn wait(&mut self) -> Result<()> {
        self.told.0.act = "wait";
        self.world.advance(self.rng.u32(1..14) * MINUTE);
        for server in &self.alive {
            self.world.beat(*server, &[KIND]).await?;
        }
        let storage = self.storage();
        let before = self.world.now().await?;
        let promoted = storage.promote(1_000).await?;
        let after = self.world.now().await?;
        let mut moved = 0;
        for id in self.model.in_state(State::Scheduled) {
            let record = self.world.get(id).await?;
            if record.state == State::Enqueued {
                assert!(record.due_at <= after, "{id} became runnable before its time");
                moved += 1;
                self.model.jobs.entry(id).and_modify(|life| life.state = State::Enqueued);
            } else {
                assert!(record.due_at > before, "{id} was left behind");
            }
        }
        assert_eq!(promoted.jobs, moved);
        Ok(())
    }

    /// A server's lease ends, whatever it holds, and another server takes its place.
    async fn kill(&mut self) -> Result<()> {
        self.told.0.act = "kill";
        let at = self.rng.usize(0..self.alive.len());
        let dead = std::mem::replace(&mut self.alive[at], ServerId::new());
        self.storage().server_retire(dead).await?;
        let mut heart = self.storage().heart().await?;
        heart.beat(&beat(self.alive[at], &[KIND])).await?;
        Ok(())
    }

    async fn rescue(&mut self) -> Result<()> {
        self.told.0.act = "rescue";
        let candidates = self.storage().rescue_candidates().await?;
        for fence in self.model.orphans(&self.alive) {
            assert!(candidates.contains(&fence), "{fence} is held by a dead server: {candidates:?}");
        }
        let expected = self.model.rescue(&self.alive, CRASH_LIMIT);
        assert_eq!(self.storage().rescue(candidates, CRASH_LIMIT).await?, expected);
        self.storage().server_sweep().await?;
        Ok(())
    }

    async fn ask_revoked(&mut self) -> Result<()> {
        self.told.0.act = "revoked";
        let server = self.alive[self.rng.usize(0..self.alive.len())];
        let mine: Vec<_> =
            self.claims.iter().filter(|claim| claim.0 == server).map(|claim| (claim.1, claim.2)).collect();
        let revoked = self.storage().revoked(server, mine.clone()).await?;
        for (id, fence) in mine {
            let holder = self.model.jobs[&id].holder;
            let live = holder.is_some_and(|holder| (holder.server, holder.fence) == (server, fence));
            let asked = self.world.get(id).await?.cancel_requested;
            let expected = match (live, asked) {
                (false, _) => Some(Revocation::Lost),
                (true, true) => Some(Revocation::Cancel),
                (true, false) => None,
            };
            let heard = revoked.iter().find(|revoked| (revoked.job, revoked.fence) == (id, fence));
            assert_eq!(heard.map(|revoked| revoked.why), expected, "{id} under {fence}");
        }
        Ok(())
    }

    /// Compares every record with the model.
    async fn compare(&mut self) -> Result<()> {
        let storage = self.storage();
        for (id, life) in &self.model.jobs {
            let record = storage.job_get(*id).await?.unwrap_or_else(|| panic!("{id} was stored"));
            let server = life.holder.map(|holder| holder.server);
            let stored = (record.state, record.attempt, record.crashes, record.server);
            assert_eq!(stored, (life.state, life.attempt, life.crashes, server), "{id}: {life:?}");
            if let Some(holder) = life.holder {
                assert!(record.fence < holder.fence, "{id} is live: {record:?}");
            } else if life.runs > 0 {
                assert!(record.fence >= life.fence, "{id} is not live: {record:?}");
            }
            assert_eq!(record.finished_at.is_some(), life.state.is_final(), "{id}");
            assert!(record.started_at.is_none_or(|at| at >= record.created_at), "{record:?}");
            assert!(record.finished_at.is_none_or(|at| Some(at) >= record.started_at), "{record:?}");
        }
        Ok(())
    }

    /// Lets all servers die and a last one end what is left; every job must end.
    async fn drain(&mut self) -> Result<()> {
        for server in std::mem::take(&mut self.alive) {
            self.world.storage.server_retire(server).await?;
        }
        self.rescue().await?;
        let last = self.world.server().await?;
        self.alive.push(last);
        for _ in 0..10_000 {
            self.told.0.act = "drain";
            let chunks = self.storage().claim(ask(last, 50)).await?;
            for chunk in &chunks {
                self.model.claim(last, chunk);
                let ends = chunk.jobs.iter().map(|job| finish(job.id, chunk.fence, success())).collect();
                self.send(last, ends).await?;
            }
            if chunks.is_empty() {
                if self.model.jobs.values().all(|life| life.state.is_final()) {
                    break;
                }
                self.world.advance(HOUR);
                self.wait().await?;
            }
        }
        self.compare().await?;
        for (id, life) in &self.model.jobs {
            assert!(life.state.is_final(), "{id} has not ended: {life:?}");
            let events = self.world.storage.job_events(*id).await?;
            assert!(events.is_sorted_by_key(|event| event.at), "{id}: {events:?}");
        }
        Ok(())
    }
}
