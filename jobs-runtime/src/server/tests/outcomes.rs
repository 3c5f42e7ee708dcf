//! What becomes of a job by how its attempt ends.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use super::{Bench, until};
use crate::{
    job::{Descriptor, Failure, OnExhausted, Success, Verdict},
    retry::{self, Backoff},
    server::{
        fake::{ACT, Fake, job},
        judge::{Ended, Facts, Told, judge},
    },
    storage::{ClaimedJob, End, Revocation, Revoked, Storage},
};

const FACTS: Facts = Facts {
    descriptor: &ACT,
    on_exhausted: OnExhausted::Fail,
    attempt: 1,
    max_attempts: 3,
    timeout: Some(Duration::from_secs(30)),
    seed: 1,
    output_limit: 10,
    fatal: false,
};

fn retry(error: &str) -> Option<End> {
    Some(End::Retry { delay: Duration::from_secs(7), error: error.to_owned() })
}

fn failed(error: &str) -> Option<End> {
    Some(End::Failed { error: error.to_owned(), attempted: true })
}

fn deleted(reason: &str, error: Option<&str>) -> Option<End> {
    Some(End::Deleted { reason: reason.to_owned(), error: error.map(str::to_owned) })
}

fn succeeded(output: Option<Vec<u8>>) -> Option<End> {
    Some(End::Succeeded { output })
}

#[track_caller]
fn check(facts: Facts, ended: Ended, told: Told, expected: Option<End>) {
    assert_eq!(judge(&facts, ended, told), expected, "told {told:?}");
}

#[test]
fn the_table_of_outcomes() {
    let well = || Ended::Well(Success { output: Some(vec![1]) });
    let badly = |verdict| Ended::Badly("boom".to_owned(), verdict);
    let panicked = || Ended::Panicked("panicked: ouch".to_owned());
    let five = Duration::from_secs(5);
    let snoozed = Some(End::Snoozed { delay: five });
    let last = Facts { attempt: 3, ..FACTS };
    let last_deletes = Facts { on_exhausted: OnExhausted::Delete, ..last };
    let out_of_time = "timed out after 30s";

    check(FACTS, well(), Told::Nothing, succeeded(Some(vec![1])));
    check(FACTS, badly(Verdict::Retry), Told::Nothing, retry("boom"));
    check(FACTS, badly(Verdict::Fatal), Told::Nothing, failed("boom"));
    check(Facts { fatal: true, ..FACTS }, badly(Verdict::Retry), Told::Nothing, failed("boom"));
    check(FACTS, badly(Verdict::Snooze(five)), Told::Nothing, snoozed.clone());
    check(FACTS, panicked(), Told::Nothing, retry("panicked: ouch"));
    check(last, badly(Verdict::Retry), Told::Nothing, failed("boom"));
    check(last, panicked(), Told::Nothing, failed("panicked: ouch"));
    check(last, badly(Verdict::Snooze(five)), Told::Nothing, snoozed.clone());
    check(last_deletes, badly(Verdict::Retry), Told::Nothing, deleted("attempts used up", Some("boom")));

    check(FACTS, well(), Told::Stop, succeeded(Some(vec![1])));
    check(FACTS, badly(Verdict::Retry), Told::Stop, Some(End::HandedBack));
    check(last, badly(Verdict::Fatal), Told::Stop, Some(End::HandedBack));
    check(FACTS, badly(Verdict::Snooze(five)), Told::Stop, snoozed);
    check(FACTS, Ended::Unfinished, Told::Stop, Some(End::HandedBack));

    check(FACTS, well(), Told::Timeout, retry(out_of_time));
    check(FACTS, badly(Verdict::Fatal), Told::Timeout, retry("timed out after 30s: boom"));
    check(FACTS, Ended::Unfinished, Told::Timeout, retry(out_of_time));
    check(last, Ended::Unfinished, Told::Timeout, failed(out_of_time));
    check(last_deletes, Ended::Unfinished, Told::Timeout, deleted("attempts used up", Some(out_of_time)));

    check(FACTS, well(), Told::Cancel, succeeded(Some(vec![1])));
    check(FACTS, badly(Verdict::Retry), Told::Cancel, deleted("cancelled", Some("boom")));
    check(FACTS, badly(Verdict::Snooze(five)), Told::Cancel, deleted("cancelled", Some("boom")));
    check(FACTS, Ended::Unfinished, Told::Cancel, deleted("cancelled", None));

    let in_a_second = Some(End::Snoozed { delay: Duration::from_secs(1) });
    check(FACTS, Ended::NotStarted, Told::Nothing, in_a_second.clone());
    check(last_deletes, Ended::NotStarted, Told::Timeout, in_a_second);
    check(FACTS, Ended::NotStarted, Told::Stop, Some(End::HandedBack));
    check(FACTS, Ended::NotStarted, Told::Cancel, deleted("cancelled", None));

    for ended in [well(), badly(Verdict::Retry), panicked(), Ended::Unfinished, Ended::NotStarted] {
        check(FACTS, ended, Told::Lost, None);
    }
}

#[test]
fn a_later_reason_outweighs_an_earlier_one() {
    let order = [Told::Nothing, Told::Stop, Told::Timeout, Told::Cancel, Told::Lost];
    assert!(order.is_sorted());
    for told in order {
        assert_eq!(Told::from_code(told as u8), told);
    }
}

#[tokio::test(start_paused = true)]
async fn a_backoff_function_that_panics_is_replaced_by_the_default() {
    static CLUELESS: Descriptor =
        Descriptor { kind: "clueless", aliases: &[], backoff: Backoff::Custom(|_| panic!("no idea")), ..ACT };
    let bench = Bench::start_with(Fake::default(), |mut server| {
        server.wanted.explicit.push(&CLUELESS);
        server
    });
    let job = ClaimedJob { kind: "clueless".into(), ..job("error") };
    bench.fake.enqueue([job.clone()]);
    let End::Retry { delay, error } = bench.end_of(job.id).await else { panic!("it must be retried") };
    assert_eq!(delay, Backoff::DEFAULT.delay(1, retry::seed(job.id)));
    assert!(error.starts_with("boom\n") && error.contains("backoff function panicked: no idea"), "{error}");
}

/// Runs one job on a server and says how it ended.
async fn run(job: ClaimedJob) -> End {
    let bench = Bench::start(Fake::with_payload_limit(10));
    let id = job.id;
    bench.fake.enqueue([job]);
    bench.end_of(id).await
}

#[tokio::test(start_paused = true)]
async fn each_behaviour_has_its_end() {
    assert_eq!(Some(run(job("ok")).await), succeeded(None));
    assert_eq!(Some(run(job("output:10")).await), succeeded(Some(vec![0; 10])));
    assert_eq!(Some(run(job("error")).await), retry("boom"));
    assert_eq!(Some(run(job("fatal")).await), failed("boom"));
    assert_eq!(Some(run(job("ctx.fatal")).await), failed("boom"));
    assert_eq!(Some(run(job("panic")).await), retry("panicked: ouch"));
    assert_eq!(run(job("snooze:250")).await, End::Snoozed { delay: Duration::from_millis(250) });
    let End::Failed { error, .. } = run(job("output:11")).await else { panic!("too large an output is a failure") };
    assert!(error.contains("11 bytes") && error.contains("limit is 10"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_must_not_run_does_not() {
    let bench = Bench::start(Fake::default());
    let expired = ClaimedJob { expired: true, ..job("ok") };
    let cancelled = ClaimedJob { cancel_requested: true, ..job("ok") };
    let unknown = ClaimedJob { kind: "unknown".into(), ..job("ok") };
    let ids = [expired.id, cancelled.id, unknown.id];
    bench.fake.enqueue([expired, cancelled, unknown]);
    assert_eq!(Some(bench.end_of(ids[0]).await), deleted("expired", None));
    assert_eq!(Some(bench.end_of(ids[1]).await), deleted("cancelled", None));
    assert_eq!(bench.end_of(ids[2]).await, End::HandedBack);
    assert_eq!(bench.started(), []);
}

#[tokio::test(start_paused = true)]
async fn an_alias_runs_its_job() {
    assert_eq!(Some(run(ClaimedJob { kind: "act_before".into(), ..job("ok") }).await), succeeded(None));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_gives_five_seconds_to_end_and_then_drops_the_handler() {
    let limited = |behaviour| ClaimedJob { timeout: Some(Duration::from_secs(30)), ..job(behaviour) };
    for (behaviour, seconds, error) in [
        ("hang", 35, "timed out after 30s"),
        ("obey", 30, "timed out after 30s: boom"),
        ("sleep:32000", 32, "timed out after 30s"),
    ] {
        let begin = Instant::now();
        assert_eq!(Some(run(limited(behaviour)).await), retry(error), "{behaviour}");
        assert_eq!(begin.elapsed().as_secs(), seconds, "{behaviour}");
    }
    assert_eq!(Some(run(limited("sleep:29000")).await), succeeded(None));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_handler_frees_its_slot() {
    let bench = Bench::start_with(Fake::default(), |server| server.workers(1));
    let hangs = ClaimedJob { timeout: Some(Duration::from_secs(1)), ..job("hang") };
    let follows = job("ok");
    let follower = follows.id;
    bench.fake.enqueue([hangs, follows]);
    assert_eq!(Some(bench.end_of(follower).await), succeeded(None));
    assert_eq!(bench.shared.slots.lost(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_blocking_handler_that_does_not_end_keeps_its_slot_as_lost() {
    static BLOCKING: Descriptor = Descriptor { kind: "blocking", blocking: true, aliases: &[], ..ACT };
    let bench = Bench::start_with(Fake::default(), |mut server| {
        server.wanted.explicit.push(&BLOCKING);
        server.workers(1)
    });
    let stuck = ClaimedJob { kind: "blocking".into(), timeout: Some(Duration::from_secs(1)), ..job("gate") };
    let follows = job("ok");
    let (stuck_id, follower) = (stuck.id, follows.id);
    bench.fake.enqueue([stuck, follows]);
    assert_eq!(Some(bench.end_of(stuck_id).await), retry("timed out after 1s"));
    until(|| bench.shared.slots.lost() == 1).await;
    assert_eq!(bench.started(), [stuck_id]);
    bench.open_gate(1);
    assert_eq!(Some(bench.end_of(follower).await), succeeded(None));
    assert_eq!(bench.shared.slots.lost(), 0);
    assert_eq!(bench.fake.ends().len(), 2, "the late result is ignored");
}

/// Starts a job, revokes it, and returns the bench when the server was told.
async fn revoke(behaviour: &str, why: Revocation) -> (Bench, ClaimedJob) {
    revoke_job(job(behaviour), why).await
}

async fn revoke_job(job: ClaimedJob, why: Revocation) -> (Bench, ClaimedJob) {
    let bench = Bench::start(Fake::default());
    bench.fake.enqueue([job.clone()]);
    until(|| bench.started() == [job.id]).await;
    let fence = *bench.fake.world().chunks.keys().next().expect("it was claimed");
    bench.fake.world().revoked.push(Revoked { job: job.id, fence, why });
    bench.fake.hub().job_revoked(job.id, why);
    (bench, job)
}

#[tokio::test(start_paused = true)]
async fn an_operators_cancellation_lets_the_handler_decide() {
    let begin = Instant::now();
    let (bench, job) = revoke("obey", Revocation::Cancel).await;
    assert_eq!(Some(bench.end_of(job.id).await), deleted("cancelled", Some("boom")));
    let (bench, job) = revoke("finish when cancelled", Revocation::Cancel).await;
    assert_eq!(Some(bench.end_of(job.id).await), succeeded(None));
    let (bench, job) = revoke("sleep:20000", Revocation::Cancel).await;
    assert_eq!(Some(bench.end_of(job.id).await), succeeded(None));
    assert_eq!(begin.elapsed().as_secs(), 20, "hints are heard at once, and nobody is forced");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_job_still_ends_when_its_time_is_up() {
    let begin = Instant::now();
    let hanging = ClaimedJob { timeout: Some(Duration::from_secs(20)), ..job("hang") };
    let (bench, job) = revoke_job(hanging, Revocation::Cancel).await;
    assert_eq!(Some(bench.end_of(job.id).await), deleted("cancelled", None));
    assert_eq!(begin.elapsed().as_secs(), 25, "20 s of its own and 5 s to end");
    until(|| bench.shared.slots.taken() == 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_timeout_that_no_clock_can_count_to_is_none() {
    assert_eq!(Some(run(ClaimedJob { timeout: Some(Duration::MAX), ..job("sleep:10") }).await), succeeded(None));
}

#[tokio::test(start_paused = true)]
async fn the_result_of_a_lost_job_is_dropped() {
    let (bench, _) = revoke("finish when cancelled", Revocation::Lost).await;
    until(|| bench.shared.live.is_empty()).await;
    assert_eq!(bench.fake.ends(), []);
    let (bench, _) = revoke("hang", Revocation::Lost).await;
    until(|| bench.shared.slots.taken() == 0).await;
    assert_eq!(bench.fake.ends(), []);
}

#[tokio::test(start_paused = true)]
async fn a_hint_does_not_touch_a_newer_run_of_the_same_job() {
    let bench = Bench::start(Fake::default());
    let job = job("sleep:5000");
    bench.fake.enqueue([job.clone()]);
    until(|| bench.started() == [job.id]).await;
    // The storage knows nothing against this run: the hint was about an earlier one.
    bench.fake.hub().job_revoked(job.id, Revocation::Lost);
    assert_eq!(Some(bench.end_of(job.id).await), succeeded(None));
}

#[tokio::test(start_paused = true)]
async fn another_process_revokes_within_a_second_or_two() {
    let bench = Bench::start(Fake::default());
    let job = job("obey");
    bench.fake.enqueue([job.clone()]);
    until(|| bench.started() == [job.id]).await;
    let fence = *bench.fake.world().chunks.keys().next().expect("it was claimed");
    bench.fake.world().revoked.push(Revoked { job: job.id, fence, why: Revocation::Cancel });
    let begin = Instant::now();
    bench.end_of(job.id).await;
    assert!(begin.elapsed() <= Duration::from_millis(2_100), "after {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn layers_see_each_run_and_may_change_its_result() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let layer = |name: &'static str| {
        let seen = seen.clone();
        tower::util::MapRequestLayer::new(move |run: crate::Run| {
            seen.lock().expect("no panic inside").push(name);
            run
        })
    };
    let bench = Bench::start_with(Fake::default(), |server| {
        let swallow = tower::util::MapResultLayer::new(|_: Result<Success, Failure>| {
            Ok::<_, Failure>(Success { output: Some(vec![7]) })
        });
        server.layer(layer("inner")).layer(layer("outer")).layer(swallow)
    });
    let job = job("error");
    bench.fake.enqueue([job.clone()]);
    assert_eq!(Some(bench.end_of(job.id).await), succeeded(Some(vec![7])));
    assert_eq!(*seen.lock().expect("no panic inside"), ["outer", "inner"]);
}
