//! How a server stops.

use std::time::Duration;

use tokio::time::Instant;

use super::{Bench, pass, until};
use crate::{
    server::{
        fake::{Fake, away, job},
        stage::Stage,
    },
    storage::End,
};

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_what_runs_and_retires_last() {
    let bench = Bench::start(Fake::default());
    let job = job("sleep:20000");
    bench.fake.enqueue([job.clone()]);
    until(|| bench.started().len() == 1).await;
    let (begin, id) = (Instant::now(), bench.shared.id);
    let fake = bench.stop().await;
    assert_eq!(begin.elapsed().as_secs(), 19, "as soon as the job has ended");
    assert_eq!(fake.ends(), [(job.id, End::Succeeded { output: None })]);
    assert_eq!(fake.world().retired, [id]);
    assert_eq!(fake.world().calls.last(), Some(&"server_retire"));
}

#[tokio::test(start_paused = true)]
async fn an_idle_server_stops_at_once() {
    let bench = Bench::start(Fake::default());
    pass(Duration::from_secs(1)).await;
    let begin = Instant::now();
    bench.stop().await;
    assert!(begin.elapsed() < Duration::from_millis(10), "after {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn after_the_grace_jobs_are_asked_to_end_and_then_handed_back() {
    let bench = Bench::start(Fake::default());
    let jobs = ["obey", "finish when cancelled", "hang"].map(job);
    bench.fake.enqueue(jobs.clone());
    until(|| bench.started().len() == 3).await;
    let begin = Instant::now();
    let fake = bench.stop().await;
    assert_eq!(begin.elapsed().as_secs(), 30, "25 s of grace and 5 s to end");
    let ends = fake.ends();
    let end_of = |index: usize| &ends.iter().find(|(id, _)| *id == jobs[index].id).expect("it ended").1;
    assert_eq!(*end_of(0), End::HandedBack);
    assert_eq!(*end_of(1), End::Succeeded { output: None });
    assert_eq!(*end_of(2), End::HandedBack);
    assert_eq!(ends.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_has_not_started_is_handed_back_at_once() {
    let fake = Fake::default();
    fake.world().claim_takes = Duration::from_millis(500);
    let bench = Bench::start(fake);
    let job = job("ok");
    bench.fake.enqueue([job.clone()]);
    pass(Duration::from_millis(1)).await;
    // The claim is on its way while the server begins to stop.
    let fake = bench.stop().await;
    assert_eq!(fake.ends(), [(job.id, End::HandedBack)]);
    assert_eq!(fake.calls("claim"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_in_advance_goes_back_though_a_claim_hangs() {
    for stage in [Stage::Stopping, Stage::Draining] {
        let bench = Bench::start(Fake::default());
        bench.fake.enqueue((0..20).map(|_| job("sleep:1")));
        until(|| bench.fake.ends().len() == 20).await;
        let jobs: Vec<_> = (0..5).map(|_| job("obey")).collect();
        let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
        bench.fake.enqueue(jobs);
        until(|| ids.iter().all(|id| bench.fake.world().chunks.values().flatten().any(|held| held == id))).await;
        bench.fake.world().claim_takes = Duration::from_secs(60);
        bench.fake.enqueue([]);
        pass(Duration::from_millis(1)).await;
        assert_eq!(bench.started().len(), 24, "one waits for a slot");
        let (begin, grace) = (Instant::now(), bench.shared.options.grace);
        bench.shared.stages.advance(stage);
        assert_eq!(bench.end_of(ids[4]).await, End::HandedBack);
        assert!(begin.elapsed() <= Duration::from_millis(1), "{stage:?}: after {:?}", begin.elapsed());
        let fake = bench.stop().await;
        assert_eq!(fake.ends().iter().filter(|(id, end)| ids.contains(id) && *end == End::HandedBack).count(), 5);
        let most = if stage == Stage::Stopping { Duration::ZERO } else { grace };
        assert!(begin.elapsed() <= most + Duration::from_millis(10), "{stage:?}: after {:?}", begin.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_stops_at_once() {
    let bench = Bench::start(Fake::default());
    let job = job("hang");
    bench.fake.enqueue([job.clone()]);
    until(|| bench.started().len() == 1).await;
    bench.shared.stages.advance(Stage::Draining);
    pass(Duration::from_secs(2)).await;
    let begin = Instant::now();
    bench.shared.stages.advance(Stage::Stopping);
    let fake = bench.stop().await;
    assert!(begin.elapsed() < Duration::from_millis(10), "after {:?}", begin.elapsed());
    assert_eq!(fake.ends(), [(job.id, End::HandedBack)]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_though_the_storage_is_away() {
    let fake = Fake::default();
    fake.fail("finish", std::iter::repeat_with(away).take(1_000));
    fake.fail("server_retire", [away()]);
    let bench = Bench::start(fake);
    bench.fake.enqueue([job("ok")]);
    until(|| bench.started().len() == 1).await;
    let begin = Instant::now();
    bench.stop().await;
    assert!(begin.elapsed() <= Duration::from_secs(6), "after {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_quiet_server_claims_nothing_and_finishes_what_it_has() {
    let bench = Bench::start(Fake::default());
    let job = job("sleep:1000");
    bench.fake.enqueue([job.clone()]);
    until(|| bench.started().len() == 1).await;
    bench.shared.stages.advance(Stage::Quiet);
    let claims = bench.fake.calls("claim");
    bench.fake.enqueue([super::super::fake::job("ok")]);
    assert_eq!(bench.end_of(job.id).await, End::Succeeded { output: None });
    pass(Duration::from_secs(5)).await;
    assert_eq!(bench.fake.calls("claim"), claims);
}
