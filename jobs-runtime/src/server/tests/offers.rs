//! Jobs that a server is given as they are stored.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Bench, pass, until};
use crate::{
    offer::Offer,
    server::{
        fake::{Fake, job},
        stage::Stage,
    },
    storage::{ClaimedJob, Due, End, NewJob},
};

/// The same job, as it is to be stored.
fn new(job: &ClaimedJob) -> NewJob {
    NewJob {
        id: job.id,
        kind: job.kind.clone(),
        queue: job.queue.clone(),
        priority: 0,
        payload: job.payload.clone(),
        due: Due::Now,
        max_attempts: 10,
        on_exhausted: job.on_exhausted,
        timeout: None,
        expires: None,
        retain: None,
        meta: BTreeMap::new(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
        waits: None,
    }
}

impl Bench {
    /// A server of four workers that has found nothing to do.
    async fn idle() -> Self {
        let bench = Self::start(Fake::default());
        until(|| bench.shared.is_idle()).await;
        bench
    }

    fn offer(&self, jobs: &[ClaimedJob]) -> Option<Arc<Offer>> {
        let jobs: Vec<NewJob> = jobs.iter().map(new).collect();
        self.shared.storage().hub().offer(&jobs)
    }

    /// The jobs are stored and claimed.
    fn give(&self, offer: &Offer, jobs: &[ClaimedJob]) {
        let chunk = self.fake.world().chunk(jobs.to_vec(), false);
        offer.take(chunk);
    }

    fn taken(&self) -> usize {
        self.shared.slots.taken()
    }
}

#[tokio::test(start_paused = true)]
async fn jobs_that_are_given_run_without_a_claim() {
    let bench = Bench::idle().await;
    let (claims, begin) = (bench.fake.calls("claim"), Instant::now());
    let jobs = ["ok", "sleep:5", "error"].map(job);
    let offer = bench.offer(&jobs).expect("it has four free slots");
    assert_eq!((offer.server(), bench.taken()), (bench.shared.id, 3));
    bench.give(&offer, &jobs);
    drop(offer);
    assert!(!bench.shared.is_idle(), "at once, so that who stored a job may wait until it has run");
    until(|| bench.fake.ends().len() == 3).await;
    assert!(begin.elapsed() < Duration::from_millis(20), "after {:?}", begin.elapsed());
    assert_eq!(bench.end_of(jobs[1].id).await, End::Succeeded { output: None });
    assert!(matches!(bench.end_of(jobs[2].id).await, End::Retry { .. }));
    assert_eq!((bench.fake.calls("claim"), bench.taken()), (claims, 0));
    until(|| bench.shared.is_idle()).await;
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn slots_that_are_not_used_are_free_again() {
    let bench = Bench::idle().await;
    let jobs = ["ok", "ok", "ok", "ok"].map(job);
    let offer = bench.offer(&jobs).expect("it has four free slots");
    assert!(bench.offer(&jobs[..1]).is_none(), "all are taken");
    // While they are, a job that is stored elsewhere waits; it is claimed when one is free.
    let waits = job("ok");
    bench.fake.enqueue([waits.clone()]);
    pass(Duration::from_millis(5)).await;
    assert!(bench.started().is_empty());
    bench.give(&offer, &jobs[..1]);
    drop(offer);
    bench.end_of(waits.id).await;
    bench.end_of(jobs[0].id).await;
    assert_eq!(bench.taken(), 0);
    until(|| bench.shared.is_idle()).await;
    drop(bench.offer(&jobs).expect("all are free again"));
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_it_does_not_run_is_not_asked_for() {
    let bench = Bench::idle().await;
    let alias = ClaimedJob { kind: "act_before".into(), ..job("ok") };
    assert!(bench.offer(&[alias]).is_some());
    assert!(bench.offer(&[ClaimedJob { kind: "other".into(), ..job("ok") }]).is_none());
    assert!(bench.offer(&[ClaimedJob { queue: "other".into(), ..job("ok") }]).is_none());
    assert!(bench.offer(&[]).is_none());
    let (mine, other) = (job("ok"), ClaimedJob { queue: "other".into(), ..job("ok") });
    let offer = bench.offer(&[other.clone(), mine.clone()]).expect("one of them");
    assert_eq!((offer.is_for(&new(&mine)), offer.is_for(&new(&other)), bench.taken()), (true, false, 1));
    drop(offer);
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn there_is_no_offer_while_there_may_be_work() {
    let jobs = [job("ok")];
    let bench = Bench::idle().await;
    bench.fake.enqueue([]);
    assert!(bench.offer(&jobs).is_none(), "a hint says so");
    until(|| bench.offer(&jobs).is_some()).await;
    let five: Vec<_> = (0..5).map(|_| job("gate")).collect();
    bench.fake.enqueue(five);
    until(|| bench.taken() == 4).await;
    bench.open_gate(3);
    until(|| bench.taken() == 2).await;
    until(|| bench.offer(&jobs).is_some()).await;
    bench.open_gate(2);
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn there_is_no_offer_of_a_server_that_must_not_claim() {
    let jobs = [job("ok")];
    let bench = Bench::idle().await;
    bench.trust.send_replace(None);
    pass(Duration::from_millis(1)).await;
    assert!(bench.offer(&jobs).is_none(), "its lease has ended");
    bench.trust.send_replace(Some(Instant::now() + Duration::from_secs(100)));
    pass(Duration::from_millis(1)).await;
    assert!(bench.offer(&jobs).is_some());
    bench.shared.stages.advance(Stage::Quiet);
    assert!(bench.offer(&jobs).is_none(), "it is quiet");
    let fake = bench.stop().await;
    let hub = crate::storage::Storage::hub(&*fake);
    assert!(hub.offer(&[new(&jobs[0])]).is_none(), "it has stopped");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_waits_for_its_offers() {
    for used in [true, false] {
        let bench = Bench::idle().await;
        let jobs = [job("ok")];
        let offer = bench.offer(&jobs).expect("it has a free slot");
        bench.shared.stages.advance(Stage::Draining);
        pass(Duration::from_millis(500)).await;
        assert!(!bench.supervisor.is_finished());
        if used {
            bench.give(&offer, &jobs);
        }
        drop(offer);
        let begin = Instant::now();
        let fake = bench.stop().await;
        assert!(begin.elapsed() < Duration::from_millis(10), "after {:?}", begin.elapsed());
        let expected: &[_] = if used { &[(jobs[0].id, End::HandedBack)] } else { &[] };
        assert_eq!(fake.ends(), expected, "what it is given now goes back, uncharged");
    }
}

#[tokio::test(start_paused = true)]
async fn an_offer_without_an_end_holds_up_no_stop_for_long() {
    for (stage, most) in [(Stage::Stopping, Duration::ZERO), (Stage::Draining, Duration::from_secs(3))] {
        let bench = Bench::idle().await;
        let jobs = [job("ok")];
        let offer = bench.offer(&jobs).expect("it has a free slot");
        let begin = Instant::now();
        bench.shared.stages.advance(stage);
        let fake = bench.stop().await;
        assert!(begin.elapsed() <= most + Duration::from_millis(10), "{stage:?}: after {:?}", begin.elapsed());
        assert_eq!(fake.calls("claims_release"), 1, "what comes of it is released");
        drop(offer);
    }
}
