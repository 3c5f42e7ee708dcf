//! What a server claims, when, and what it gives back.

use std::time::Duration;

use tokio::time::Instant;

use super::{Bench, pass, until};
use crate::{
    JobId,
    job::Descriptor,
    server::{
        fake::{ACT, Fake, away, job},
        stage::Stage,
    },
    storage::{ClaimedJob, End},
};

fn in_queue(queue: &str) -> ClaimedJob {
    ClaimedJob { queue: queue.into(), ..job("ok") }
}

#[tokio::test(start_paused = true)]
async fn queues_are_read_in_strict_order() {
    let fake = Fake::default();
    let jobs = [in_queue("low"), in_queue("high"), in_queue("low"), in_queue("high")];
    let ids = [1, 3, 0, 2].map(|index: usize| jobs[index].id);
    fake.world().ready.extend(jobs);
    let bench = Bench::start_with(fake, |server| server.queues(["high", "low"]).workers(1));
    until(|| bench.started().len() == 4).await;
    assert_eq!(bench.started(), ids);
}

#[tokio::test(start_paused = true)]
async fn weighted_queues_are_all_asked_for_in_a_drawn_order() {
    let bench = Bench::start_with(Fake::default(), |server| server.weighted_queues([("a", 1), ("b", 1)]));
    let hint_until = || {
        bench.fake.enqueue([]);
        bench.fake.calls("claim") > 40
    };
    until(hint_until).await;
    let claims = std::mem::take(&mut bench.fake.world().claims);
    let first_of = |name: &str| claims.iter().filter(|claim| &*claim.queues[0] == name).count();
    assert!(claims.iter().all(|claim| claim.queues.len() == 2));
    // Of 41 draws all alike has a chance of 1 in 2^40.
    assert!(first_of("a") > 0 && first_of("b") > 0);
}

#[tokio::test(start_paused = true)]
async fn a_claim_asks_for_the_free_slots_and_takes_nothing_unknown_in_advance() {
    let bench = Bench::start(Fake::default());
    bench.fake.enqueue((0..10).map(|_| job("gate")));
    until(|| bench.started().len() == 4).await;
    pass(Duration::from_secs(5)).await;
    assert_eq!(bench.shared.slots.taken(), 4);
    assert_eq!(bench.fake.world().ready.len(), 6, "no more is claimed than can start");
    let world = bench.fake.world();
    assert!(world.claims.iter().all(|claim| claim.prefetch == 0 && claim.slots <= 4));
    assert!(world.claims.iter().all(|claim| claim.slow.len() == 2), "`act` and its alias are not known yet");
}

#[tokio::test(start_paused = true)]
async fn freed_slots_are_filled_at_once_while_there_is_work() {
    let bench = Bench::start(Fake::default());
    bench.fake.enqueue((0..100).map(|_| job("sleep:100")));
    let begin = Instant::now();
    until(|| bench.fake.ends().len() == 100).await;
    // 25 rounds of 100 ms, and a millisecond or two between them.
    assert!(begin.elapsed() < Duration::from_millis(2_700), "took {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_idle_server_claims_only_what_is_seen_and_hears_of_work_at_once() {
    let bench = Bench::start(Fake::default());
    pass(Duration::from_secs(60)).await;
    assert_eq!(bench.fake.calls("claim"), 1, "the first, which found nothing");
    bench.fake.world().outlook.ready = true;
    pass(Duration::from_secs(60)).await;
    let claims = bench.fake.calls("claim");
    assert!((57..=62).contains(&claims), "{claims} claims in a minute in which jobs of other kinds were seen");
    bench.fake.world().outlook.ready = false;
    let begin = Instant::now();
    let job = job("ok");
    bench.fake.enqueue([job.clone()]);
    until(|| bench.started() == [job.id]).await;
    assert!(begin.elapsed() <= Duration::from_millis(1), "after {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn work_of_another_process_is_found_by_the_poll() {
    let bench = Bench::start(Fake::default());
    pass(Duration::from_millis(100)).await;
    bench.fake.world().ready.push_back(job("ok"));
    let begin = Instant::now();
    until(|| bench.started().len() == 1).await;
    assert!(begin.elapsed() <= Duration::from_secs(1), "after {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn suspects_run_one_at_a_time() {
    let fake = Fake::default();
    let suspects: Vec<_> = (0..3).map(|_| job("gate")).collect();
    let ids: Vec<JobId> = suspects.iter().map(|job| job.id).collect();
    fake.world().suspects.extend(suspects);
    let bench = Bench::start(fake);
    for index in 0..3 {
        until(|| bench.started().len() == index + 1).await;
        pass(Duration::from_secs(3)).await;
        assert_eq!(bench.started(), ids[..=index]);
        bench.open_gate(1);
    }
    bench.end_of(ids[2]).await;
}

#[tokio::test(start_paused = true)]
async fn known_fast_kinds_are_taken_in_advance_and_what_does_not_start_goes_back() {
    let bench = Bench::start(Fake::default());
    bench.fake.enqueue((0..20).map(|_| job("sleep:1")));
    until(|| bench.fake.ends().len() == 20).await;
    assert!(bench.fake.world().claims.iter().any(|claim| claim.prefetch > 0 && claim.slow.len() == 1));

    // All slots are taken by jobs of the same kind that turn out to be slow.
    bench.fake.enqueue((0..10).map(|_| job("gate")));
    until(|| bench.fake.ends().len() == 26).await;
    let ends = bench.fake.ends();
    let handed_back: Vec<_> = ends.iter().filter(|(_, end)| *end == End::HandedBack).map(|(id, _)| *id).collect();
    assert_eq!(handed_back.len(), 6, "{ends:?}");
    assert!(handed_back.iter().all(|id| !bench.started().contains(id)));
}

/// A server that knows its jobs to be fast, on a storage with two lanes whose claims take their time.
async fn with_two_lanes(workers: usize) -> Bench {
    let fake = Fake::default();
    (fake.world().lanes, fake.world().claim_takes) = (2, Duration::from_millis(10));
    let bench = Bench::start_with(fake, |server| server.workers(workers));
    bench.fake.enqueue((0..20).map(|_| job("ok")));
    until(|| bench.fake.ends().len() == 20).await;
    bench
}

#[tokio::test(start_paused = true)]
async fn a_deep_backlog_is_claimed_by_two_claims_at_once_and_all_of_it_once() {
    let bench = with_two_lanes(4).await;
    bench.fake.enqueue((0..10_000).map(|_| job("ok")));
    until(|| bench.fake.ends().len() == 10_020).await;
    let started: std::collections::HashSet<_> = bench.started().into_iter().collect();
    assert_eq!((started.len(), bench.started().len()), (10_020, 10_020));
    until(|| bench.shared.is_idle()).await;
    let claims = std::mem::take(&mut bench.fake.world().claims);
    let beside: Vec<_> = claims.iter().filter(|claim| claim.beside).collect();
    assert!(beside.len() > 5, "{} of {} claims", beside.len(), claims.len());
    assert!(beside.iter().all(|claim| claim.slots == 0 && !claim.suspects && claim.prefetch <= 500));
    assert!(claims.last().is_some_and(|claim| !claim.beside), "what is nothing is seen by a claim that is alone");

    bench.fake.enqueue((0..50).map(|_| job("ok")));
    until(|| bench.fake.ends().len() == 10_070).await;
    assert!(bench.fake.world().claims.iter().all(|claim| !claim.beside), "one is enough for a few");
}

#[tokio::test(start_paused = true)]
async fn jobs_that_run_one_at_a_time_are_claimed_one_claim_at_a_time() {
    let bench = with_two_lanes(1).await;
    let jobs: Vec<_> = (0..3_000).map(|_| job("ok")).collect();
    let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    bench.fake.enqueue(jobs);
    until(|| bench.fake.ends().len() == 3_020).await;
    assert_eq!(bench.started()[20..], ids, "they keep their order");
    assert!(bench.fake.world().claims.iter().all(|claim| !claim.beside));
}

#[tokio::test(start_paused = true)]
async fn what_two_claims_bring_to_a_server_that_stops_goes_back() {
    let bench = with_two_lanes(4).await;
    bench.fake.enqueue((0..10_000).map(|_| job("ok")));
    until(|| bench.fake.world().claims.iter().any(|claim| claim.beside)).await;
    bench.shared.stages.advance(Stage::Draining);
    pass(Duration::from_secs(5)).await;
    let world = bench.fake.world();
    assert!(!world.ready.is_empty() && world.chunks.values().all(Vec::is_empty), "{:?}", world.chunks);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_taken_in_advance_is_claimed_when_the_slot_is_free() {
    static UNKNOWN: Descriptor = Descriptor { kind: "unknown yet", aliases: &[], ..ACT };
    let bench = Bench::start_with(Fake::default(), |mut server| {
        server.wanted.explicit.push(&UNKNOWN);
        server.workers(1).poll(Duration::from_secs(1_000))
    });
    bench.fake.enqueue((0..20).map(|_| job("sleep:1")));
    until(|| bench.fake.ends().len() == 20).await;
    bench.fake.enqueue([job("gate")]);
    until(|| bench.started().len() == 21).await;
    pass(Duration::from_millis(100)).await;
    bench.fake.enqueue([ClaimedJob { kind: "unknown yet".into(), ..job("ok") }]);
    pass(Duration::from_millis(100)).await;
    assert_eq!(bench.fake.world().ready.len(), 1, "it is not taken in advance");
    let begin = Instant::now();
    bench.open_gate(1);
    until(|| bench.started().len() == 22).await;
    assert!(begin.elapsed() < Duration::from_secs(1), "after {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_is_freed_while_a_claim_in_advance_is_on_its_way_is_not_forgotten() {
    static UNKNOWN: Descriptor = Descriptor { kind: "not known yet", aliases: &[], ..ACT };
    let bench = Bench::start_with(Fake::default(), |mut server| {
        server.wanted.explicit.push(&UNKNOWN);
        server.workers(1).poll(Duration::from_secs(1_000))
    });
    bench.fake.enqueue((0..20).map(|_| job("sleep:1")));
    until(|| bench.fake.ends().len() == 20).await;
    bench.fake.enqueue([job("gate")]);
    until(|| bench.started().len() == 21).await;
    pass(Duration::from_millis(100)).await;
    {
        let mut world = bench.fake.world();
        world.claim_takes = Duration::from_millis(500);
        world.ready.push_back(ClaimedJob { kind: "not known yet".into(), ..job("ok") });
    }
    bench.fake.enqueue([]);
    pass(Duration::from_millis(100)).await;
    bench.open_gate(1);
    let begin = Instant::now();
    until(|| bench.started().len() == 22).await;
    assert!(begin.elapsed() < Duration::from_secs(2), "after {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_storage_that_is_away_is_asked_ever_more_rarely_and_found_when_it_is_back() {
    let fake = Fake::default();
    fake.fail("claim", std::iter::repeat_with(away).take(20));
    fake.world().ready.push_back(job("ok"));
    let bench = Bench::start(fake);
    pass(Duration::from_secs(10)).await;
    let calls = bench.fake.calls("claim");
    assert!((5..=13).contains(&calls), "{calls} calls within 10 s");
    until(|| bench.fake.calls("claim") >= 20).await;
    let back = Instant::now();
    until(|| bench.started().len() == 1).await;
    assert!(back.elapsed() <= Duration::from_secs(5), "after {:?}", back.elapsed());
}

#[tokio::test(start_paused = true)]
async fn without_a_trusted_lease_nothing_is_claimed_and_what_runs_goes_on() {
    let bench = Bench::start(Fake::default());
    let first = job("sleep:3000");
    bench.fake.enqueue([first.clone()]);
    until(|| bench.started().len() == 1).await;
    bench.trust.send_replace(Some(Instant::now()));
    pass(Duration::from_millis(10)).await;
    let claims = bench.fake.calls("claim");
    bench.fake.enqueue([job("ok")]);
    assert_eq!(bench.end_of(first.id).await, End::Succeeded { output: None });
    pass(Duration::from_secs(10)).await;
    assert_eq!(bench.fake.calls("claim"), claims);
    bench.trust.send_replace(Some(Instant::now() + Duration::from_secs(9)));
    until(|| bench.started().len() == 2).await;
}

#[tokio::test(start_paused = true)]
async fn idle_means_that_the_last_look_after_the_last_hint_found_nothing() {
    let bench = Bench::start(Fake::default());
    assert!(!bench.shared.is_idle(), "it has not looked yet");
    until(|| bench.shared.is_idle()).await;
    bench.fake.enqueue([job("sleep:50")]);
    assert!(!bench.shared.is_idle(), "a hint is not looked after yet");
    until(|| bench.shared.is_idle()).await;
    assert_eq!(bench.fake.ends().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_answer_was_lost_is_handed_back() {
    let bench = Bench::start(Fake::default());
    let lost = JobId::new();
    let ended = JobId::new();
    {
        let mut world = bench.fake.world();
        let fence = crate::Fence(77);
        world.chunks.insert(fence, vec![lost, ended]);
        let why = crate::storage::Revocation::Lost;
        world.revoked.push(crate::storage::Revoked { job: ended, fence, why });
    }
    let begin = Instant::now();
    assert_eq!(bench.end_of(lost).await, End::HandedBack);
    assert!((10..=28).contains(&begin.elapsed().as_secs()), "after {:?}", begin.elapsed());
    pass(Duration::from_secs(60)).await;
    assert_eq!(bench.fake.ends().len(), 1, "a job that has ended in a chunk that others keep is left alone");
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_taken_in_advance_is_not_asked_for_each_time() {
    static UNKNOWN: Descriptor = Descriptor { kind: "unknown yet", aliases: &[], ..ACT };
    let bench = Bench::start_with(Fake::default(), |mut server| {
        server.wanted.explicit.push(&UNKNOWN);
        server.workers(1)
    });
    bench.fake.enqueue((0..20).map(|_| job("sleep:1")));
    until(|| bench.fake.ends().len() == 20).await;
    until(|| bench.shared.is_idle()).await;
    bench.fake.world().claims.clear();
    // Slow ones, of which none is ever taken in advance.
    bench.fake.enqueue((0..100).map(|_| ClaimedJob { kind: "unknown yet".into(), ..job("sleep:60") }));
    until(|| bench.fake.ends().len() == 120).await;
    let deep = bench.fake.world().claims.iter().filter(|claim| claim.prefetch > 0).count();
    assert!((1..=12).contains(&deep), "{deep} claims asked for more than could start");

    // What may be taken in advance is, soon after.
    until(|| bench.shared.is_idle()).await;
    bench.fake.world().claims.clear();
    bench.fake.enqueue((0..200).map(|_| job("sleep:1")));
    until(|| bench.fake.ends().len() == 320).await;
    let claims = bench.fake.world().claims.len();
    assert!(claims < 50, "{claims} claims for 200 jobs");
}
