//! Jobs that are claimed in the transaction that stores them, by a server of the same process that has slots for them.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;

use super::{
    Ending, Fixture, REFUSED,
    kit::{CRASH_LIMIT, LEASE, Running, World, between, ids, jobs},
    make::{HOUR, KIND, MINUTE, QUEUE, ask, ends, finish, full_job, job, job_due, job_in, job_of, job_with, success},
};
use crate::{
    JobId, Result, ServerId, State,
    offer::Taker,
    storage::{Accepted, Change, Chunk, Due, Measure, NewJob, PauseTarget},
};

/// A server that takes jobs of every queue but `elsewhere`.
#[derive(Debug)]
struct Clerk {
    server: ServerId,
    desk: Mutex<Desk>,
}

#[derive(Debug, Default)]
struct Desk {
    free: usize,
    /// How many offers are out.
    out: usize,
    started: Vec<Chunk>,
}

impl Clerk {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it was given since it was asked last, of which the slots are free again.
    fn given(&self) -> Vec<Chunk> {
        let mut desk = self.desk();
        assert_eq!(desk.out, 0, "an offer is over when the call is");
        let given = std::mem::take(&mut desk.started);
        desk.free += jobs(&given).count();
        given
    }

    /// The same, and that all of its slots are free.
    fn given_of(&self, slots: usize) -> Vec<Chunk> {
        let given = self.given();
        assert_eq!(self.desk().free, slots, "slots that were not used are given back: {given:?}");
        given
    }
}

impl Taker for Clerk {
    fn server(&self) -> ServerId {
        self.server
    }

    fn serves(&self, job: &NewJob) -> bool {
        &*job.kind == KIND && &*job.queue != "elsewhere"
    }

    fn reserve(&self, slots: usize) -> bool {
        let mut desk = self.desk();
        let Some(free) = desk.free.checked_sub(slots) else { return false };
        desk.free = free;
        desk.out += 1;
        true
    }

    fn start(&self, chunk: Chunk) {
        self.desk().started.push(chunk);
    }

    fn settle(&self, unused: usize) {
        let mut desk = self.desk();
        desk.free += unused;
        desk.out -= 1;
    }
}

/// A server of the process that holds `w.storage`, with so many free slots. Its lease is valid.
async fn clerk(w: &World<impl Fixture>, slots: usize) -> Result<Arc<Clerk>> {
    let server = w.server().await?;
    Ok(attend(w, server, slots))
}

fn attend(w: &World<impl Fixture>, server: ServerId, slots: usize) -> Arc<Clerk> {
    let clerk = Arc::new(Clerk { server, desk: Mutex::new(Desk { free: slots, ..Desk::default() }) });
    let taker: Arc<dyn Taker> = Arc::clone(&clerk) as _;
    w.storage.hub().attend(&taker);
    clerk
}

/// Stores a job that the clerk is given.
async fn given(w: &World<impl Fixture>, clerk: &Clerk, job: NewJob) -> Result<Running> {
    let id = w.insert(job).await?;
    let chunks = clerk.given();
    assert_eq!(ids(&chunks), [id], "the job is given: {chunks:?}");
    Ok(Running { server: clerk.server, id, fence: chunks[0].fence })
}

pub(super) async fn a_job_with_a_slot_is_claimed_as_it_is_stored(w: &World<impl Fixture>) -> Result<()> {
    let clerk = clerk(w, 3).await?;
    let (new, before) = (full_job(), w.now().await?);
    w.insert_all(vec![new.clone(), job_in("mail"), job()]).await?;
    let chunks = clerk.given_of(3);
    assert_eq!((chunks.len(), chunks[0].jobs.len(), chunks[0].suspect), (1, 3, false), "{chunks:?}");
    between(before, chunks[0].claimed_at, w.now().await?);
    let (claimed, stored) = (&chunks[0].jobs[0], w.get(new.id).await?);
    assert_eq!((claimed.id, &claimed.kind, &claimed.queue, claimed.priority), (new.id, &new.kind, &new.queue, -7));
    assert_eq!((&claimed.payload, &claimed.meta, &claimed.tags), (&new.payload, &new.meta, &new.tags));
    assert_eq!((claimed.attempt, claimed.max_attempts, claimed.crashes), (1, 4, 0));
    assert_eq!((claimed.created_at, claimed.due_at), (stored.created_at, stored.due_at));
    assert_eq!((claimed.expired, claimed.cancel_requested), (false, false));
    assert_eq!((claimed.on_exhausted, claimed.timeout), (new.on_exhausted, new.timeout));
    assert_eq!((claimed.recurring.is_none(), claimed.batch), (true, None));
    assert_eq!((stored.state, stored.server, stored.attempt), (State::Processing, Some(clerk.server), 0));
    assert_eq!(stored.started_at, Some(chunks[0].claimed_at));
    let other = w.server().await?;
    assert_eq!(w.claim_ids(ask(other, 9)).await?, [], "nobody else gets them");
    let ends = chunks[0].jobs.iter().map(|job| finish(job.id, chunks[0].fence, success())).collect();
    assert_eq!(w.storage.finish(clerk.server, ends).await?, [Accepted::Yes; 3]);
    assert_eq!(w.state(new.id).await?, State::Succeeded);
    assert_eq!(w.storage.claims_of(clerk.server).await?, [], "the chunk goes with its last job");
    assert_eq!((w.count(Measure::Created).await?, w.count(Measure::Succeeded).await?), (3, 3));
    Ok(())
}

pub(super) async fn each_end_of_such_a_job_counts(w: &World<impl Fixture>) -> Result<()> {
    let clerk = clerk(w, 1).await?;
    for (end, state) in ends() {
        let queue: Arc<str> = format!("lane of {state} {end:?}").into();
        let run = given(w, &clerk, NewJob { queue, ..job() }).await?;
        w.end_well(run, end.clone()).await?;
        assert_eq!(w.state(run.id).await?, state, "after {end:?}");
        let again = w.end(run, end.clone()).await?;
        assert!(again != Accepted::Yes, "{end:?} sent again: {again:?}");
    }
    let run = given(w, &clerk, NewJob { retain: Some(Duration::ZERO), ..job() }).await?;
    w.end_well(run, success()).await?;
    assert_eq!(w.storage.job_get(run.id).await?, None, "what is not kept is gone");
    let run = given(w, &clerk, job()).await?;
    let within = w.end_within(run, success(), Ending::Commit).await?;
    assert_eq!((within, w.end(run, success()).await?), (Accepted::Yes, Accepted::Again));
    Ok(())
}

pub(super) async fn what_does_not_fit_waits_as_ever(w: &World<impl Fixture>) -> Result<()> {
    let clerk = clerk(w, 2).await?;
    let later = [Due::In(HOUR), Due::At(w.now().await? - HOUR)].map(job_due);
    let others = [job_of("other"), job_in("elsewhere"), NewJob { expires: Some(Duration::ZERO), ..job_in("x") }];
    let fits = [job_in("a"), job_in("b")];
    let call = later.iter().chain(&others).chain(&fits).cloned().collect();
    w.insert_all(call).await?;
    assert_eq!(ids(&clerk.given_of(2)), fits.map(|job| job.id), "what is due now and served");
    for (job, state) in later.iter().zip([State::Scheduled, State::Enqueued]) {
        assert_eq!(w.state(job.id).await?, state);
    }
    for job in &others {
        assert_eq!(w.state(job.id).await?, State::Enqueued, "{job:?}");
    }
    let many = w.insert_all(vec![job_in("c"), job_in("d"), job_in("e")]).await?;
    assert_eq!(ids(&clerk.given_of(2)), [], "all or none, so that their order is kept");
    for id in many {
        assert_eq!(w.state(id).await?, State::Enqueued);
    }
    w.another().await?.job_insert(vec![job_in("f")].into()).await?;
    assert_eq!(ids(&clerk.given_of(2)), [], "another process stores for itself");
    Ok(())
}

pub(super) async fn a_job_that_waits_goes_first(w: &World<impl Fixture>) -> Result<()> {
    let clerk = clerk(w, 9).await?;
    let first = job_with(-5);
    w.another().await?.job_insert(vec![first.clone()].into()).await?;
    let second = w.insert(job_with(5)).await?;
    assert_eq!(ids(&clerk.given_of(9)), [], "whatever its priority");
    let third = w.insert(job_in("mail")).await?;
    assert_eq!(ids(&clerk.given_of(9)), [third], "but only in its own queue");
    let both = w.insert_all(vec![job_in("mail"), job()]).await?;
    assert_eq!(ids(&clerk.given_of(9)), [], "what is stored together waits together");
    assert_eq!(w.claim_ids(ask(clerk.server, 9)).await?, [second, both[1], first.id]);
    let last = w.insert(job()).await?;
    assert_eq!(ids(&clerk.given_of(9)), [last], "the queue is empty again");
    Ok(())
}

pub(super) async fn a_suspect_that_waits_goes_first(w: &World<impl Fixture>) -> Result<()> {
    w.suspect(job()).await?;
    let clerk = clerk(w, 9).await?;
    w.insert(job()).await?;
    assert_eq!(ids(&clerk.given_of(9)), []);
    Ok(())
}

pub(super) async fn no_job_is_given_without_a_valid_lease(w: &World<impl Fixture>) -> Result<()> {
    let dead = clerk(w, 9).await?;
    w.advance(LEASE + MINUTE);
    let id = w.insert(job()).await?;
    assert_eq!((ids(&dead.given_of(9)), w.state(id).await?), (vec![], State::Enqueued));
    drop(dead);
    let unknown = attend(w, ServerId::new(), 9);
    let id = w.insert(job_in("mail")).await?;
    assert_eq!((ids(&unknown.given_of(9)), w.state(id).await?), (vec![], State::Enqueued));
    drop(unknown);
    let alive = clerk(w, 9).await?;
    let id = w.insert(job_in("third")).await?;
    assert_eq!(ids(&alive.given_of(9)), [id], "servers that are gone are asked no more");
    Ok(())
}

pub(super) async fn what_is_paused_is_not_given(w: &World<impl Fixture>) -> Result<()> {
    let clerk = clerk(w, 9).await?;
    w.insert_all(vec![NewJob { kind: "other".into(), ..job_in("mail") }, job_in("elsewhere")]).await?;
    for other in [
        PauseTarget::Queue("elsewhere".into()),
        PauseTarget::Kind("other".into()),
        PauseTarget::Server(ServerId::new()),
    ] {
        w.storage.pause(other, "testing".into(), None).await?;
    }
    given(w, &clerk, job()).await?;
    let own = [PauseTarget::Queue(QUEUE.into()), PauseTarget::Kind(KIND.into()), PauseTarget::Server(clerk.server)];
    for (at, target) in own.into_iter().enumerate() {
        // Another process's word counts at once.
        let until = (at == 1).then_some(Due::In(HOUR));
        w.another().await?.pause(target.clone(), "testing".into(), until).await?;
        let id = w.insert(job()).await?;
        assert_eq!((ids(&clerk.given_of(9)), w.state(id).await?), (vec![], State::Enqueued), "{target:?}");
        assert!(w.storage.resume(target).await?);
        assert_eq!(w.claim_ids(ask(clerk.server, 9)).await?, [id]);
        given(w, &clerk, job()).await?;
    }
    w.storage.pause(PauseTarget::Queue(QUEUE.into()), "testing".into(), Some(Due::In(MINUTE))).await?;
    w.advance(2 * MINUTE);
    given(w, &clerk, job()).await?;
    Ok(())
}

pub(super) async fn a_known_id_is_not_given(w: &World<impl Fixture>) -> Result<()> {
    let clerk = clerk(w, 9).await?;
    let twice = job();
    let call: Arc<[NewJob]> = vec![twice.clone(), job(), twice.clone()].into();
    assert_eq!(w.storage.job_insert(Arc::clone(&call)).await?, [true, true, false]);
    assert_eq!(ids(&clerk.given_of(9)), [call[0].id, call[1].id]);
    let call: Arc<[NewJob]> = vec![twice.clone(), job()].into();
    assert_eq!(w.storage.job_insert(Arc::clone(&call)).await?, [false, true]);
    assert_eq!(ids(&clerk.given_of(9)), [call[1].id]);
    assert_eq!(w.storage.job_insert(vec![twice].into()).await?, [false]);
    assert_eq!(ids(&clerk.given_of(9)), []);
    Ok(())
}

pub(super) async fn a_call_that_fails_gives_nothing(w: &World<impl Fixture>) -> Result<()> {
    w.fixture.refuse().await?;
    let clerk = clerk(w, 50).await?;
    let refused = || NewJob { payload: REFUSED.to_vec(), ..job() };
    let call: Arc<[NewJob]> = vec![job(), refused()].into();
    assert!(w.storage.job_insert(call).await.is_err());
    assert_eq!(ids(&clerk.given_of(50)), []);
    let calls: Vec<Arc<[NewJob]>> =
        (0..20).map(|at| if at % 7 == 3 { vec![job(), refused()] } else { vec![job(), job()] }.into()).collect();
    let answers = join_all(calls.iter().map(|call| w.storage.job_insert(Arc::clone(call)))).await;
    let stored = calls.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).flat_map(|(call, _)| call.iter());
    let stored: BTreeSet<JobId> = stored.map(|job| job.id).collect();
    assert_eq!(stored.len(), 34);
    let mut found: Vec<JobId> = ids(&clerk.given_of(50));
    found.extend(w.claim_ids(ask(w.server().await?, 99)).await?);
    assert_eq!(found.len(), 34, "none twice");
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), stored);
    Ok(())
}

pub(super) async fn calls_at_once_are_given_or_wait(w: &World<impl Fixture>) -> Result<()> {
    let clerk = clerk(w, 4).await?;
    let storing = async {
        for _ in 0..20 {
            let calls = (0..8).map(|at| w.storage.job_insert(vec![job(); 1 + at % 2].into()));
            for answer in join_all(calls).await {
                assert!(answer?[0]);
            }
        }
        Result::Ok(())
    };
    let taking = async {
        let mut taken = Vec::new();
        let server = w.server().await?;
        while taken.len() < 160 {
            let started = {
                let mut desk = clerk.desk();
                let started = std::mem::take(&mut desk.started);
                desk.free += jobs(&started).count();
                started
            };
            taken.extend(ids(&started));
            taken.extend(w.claim_ids(ask(server, 3)).await?);
        }
        Result::Ok(taken)
    };
    let (stored, taken) = futures_util::future::join(storing, taking).await;
    stored?;
    let taken = taken?;
    assert_eq!((taken.len(), taken.iter().collect::<BTreeSet<_>>().len()), (160, 160), "each once");
    clerk.given_of(4);
    Ok(())
}

pub(super) async fn such_a_job_may_be_cancelled_and_requeued(w: &World<impl Fixture>) -> Result<()> {
    let clerk = clerk(w, 1).await?;
    let run = given(w, &clerk, job()).await?;
    assert!(w.change(run.id, Change::Cancel { reason: "too late".into() }).await?);
    let revoked = w.storage.revoked(clerk.server, vec![(run.id, run.fence)]).await?;
    assert_eq!(revoked.len(), 1, "its server hears of it");
    w.end_well(run, success()).await?;
    let run = given(w, &clerk, job()).await?;
    assert!(w.change(run.id, Change::Requeue).await?);
    assert_eq!(w.end(run, success()).await?, Accepted::Stale, "the right to it has ended");
    let again = w.claim_one(clerk.server, run.id).await?;
    assert!(again.fence > run.fence);
    w.end_well(again, success()).await?;
    Ok(())
}

pub(super) async fn such_a_job_is_rescued_like_any(w: &World<impl Fixture>) -> Result<()> {
    let clerk = clerk(w, 2).await?;
    let ids = w.insert_many(2).await?;
    let chunks = clerk.given_of(2);
    assert_eq!(w.storage.claims_of(clerk.server).await?, [(chunks[0].fence, ids.clone())]);
    let ended = Running { server: clerk.server, id: ids[0], fence: chunks[0].fence };
    w.end_well(ended, success()).await?;
    w.advance(LEASE + MINUTE);
    let candidates = w.storage.rescue_candidates().await?;
    assert_eq!(candidates, [chunks[0].fence]);
    assert_eq!(w.storage.rescue(candidates, CRASH_LIMIT).await?.requeued, 1);
    let record = w.get(ids[1]).await?;
    assert_eq!((record.state, record.attempt, record.crashes), (State::Enqueued, 1, 1));
    assert_eq!(w.state(ids[0]).await?, State::Succeeded);
    Ok(())
}
