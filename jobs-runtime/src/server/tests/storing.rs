//! How results and notes are stored.

use std::time::Duration;

use tokio::time::Instant;

use super::{Bench, pass, until};
use crate::{
    server::fake::{Fake, away, job, refused},
    storage::{End, NoteKind},
};

#[tokio::test(start_paused = true)]
async fn a_lone_result_is_stored_at_once_and_many_are_stored_together() {
    let bench = Bench::start_with(Fake::default(), |server| server.workers(300));
    let lone = job("ok");
    let begin = Instant::now();
    bench.fake.enqueue([lone.clone()]);
    bench.end_of(lone.id).await;
    assert!(begin.elapsed() <= Duration::from_millis(1), "after {:?}", begin.elapsed());

    pass(Duration::from_millis(50)).await;
    bench.fake.enqueue((0..300).map(|_| job("sleep:20")));
    until(|| bench.fake.ends().len() == 301).await;
    assert!(bench.fake.calls("finish") <= 4, "{} calls", bench.fake.calls("finish"));
}

#[tokio::test(start_paused = true)]
async fn results_wait_for_a_storage_that_is_away_and_keep_their_order() {
    let fake = Fake::default();
    fake.fail("finish", std::iter::repeat_with(away).take(5));
    let bench = Bench::start_with(fake, |server| server.workers(1));
    let jobs: Vec<_> = (0..6).map(|_| job("sleep:10")).collect();
    let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    bench.fake.enqueue(jobs);
    until(|| bench.fake.ends().len() == 6).await;
    assert_eq!(bench.fake.ends().into_iter().map(|(id, _)| id).collect::<Vec<_>>(), ids);
    assert!(bench.fake.ends().iter().all(|(_, end)| *end == End::Succeeded { output: None }));
    until(|| bench.shared.live.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_refused_fails_the_job_and_a_hand_back_stays_one() {
    let fake = Fake::default();
    fake.fail("finish", [refused()]);
    let bench = Bench::start(fake);
    let job = job("ok");
    bench.fake.enqueue([job.clone()]);
    let End::Failed { error, attempted: true } = bench.end_of(job.id).await else { panic!("it must fail") };
    assert!(error.starts_with("result could not be stored: ") && error.ends_with(": refused"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_cannot_be_stored_at_all_is_given_up_and_the_server_goes_on() {
    let fake = Fake::default();
    fake.fail("finish", [refused(), refused()]);
    let bench = Bench::start(fake);
    bench.fake.enqueue([job("ok")]);
    until(|| bench.started().len() == 1 && bench.shared.live.is_empty()).await;
    let next = job("ok");
    bench.fake.enqueue([next.clone()]);
    assert_eq!(bench.end_of(next.id).await, End::Succeeded { output: None });
}

#[tokio::test(start_paused = true)]
async fn a_result_whose_job_is_locked_keeps_no_other_waiting() {
    let bench = Bench::start(Fake::default());
    let (locked, other) = (job("ok"), job("ok"));
    bench.fake.world().locked.insert(locked.id);
    bench.fake.enqueue([locked.clone(), other.clone()]);
    assert_eq!(bench.end_of(other.id).await, End::Succeeded { output: None });
    pass(Duration::from_secs(60)).await;
    assert!(!bench.shared.live.is_empty(), "the server still holds the locked job");
    bench.fake.world().locked.clear();
    assert_eq!(bench.end_of(locked.id).await, End::Succeeded { output: None });
    until(|| bench.shared.live.is_empty()).await;
    assert_eq!(bench.shared.finishes.backlog(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stale_result_is_let_go() {
    let bench = Bench::start(Fake::default());
    let job = job("ok");
    bench.fake.world().stale.insert(job.id);
    bench.fake.enqueue([job.clone()]);
    bench.end_of(job.id).await;
    until(|| bench.shared.live.is_empty()).await;
    pass(Duration::from_secs(10)).await;
    assert_eq!(bench.fake.calls("finish"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_full_backlog_stops_the_claims() {
    let fake = Fake::default();
    fake.fail("finish", std::iter::repeat_with(away).take(100));
    let bench = Bench::start_with(fake, |server| server.workers(64));
    bench.fake.enqueue((0..12_000).map(|_| job("ok")));
    pass(Duration::from_secs(60)).await;
    let started = bench.started().len();
    assert!((10_000..=11_000).contains(&started), "{started} jobs ran without a result stored");
    until(|| bench.fake.ends().len() == 12_000).await;
}

#[tokio::test(start_paused = true)]
async fn the_latest_progress_and_all_lines_are_stored_before_the_end() {
    let bench = Bench::start(Fake::default());
    let job = job("tell:50");
    bench.fake.fail("note", [away()]);
    bench.fake.enqueue([job.clone()]);
    bench.end_of(job.id).await;
    let world = bench.fake.world();
    let finish = world.calls.iter().position(|call| *call == "finish");
    let last_note = world.calls.iter().rposition(|call| *call == "note");
    assert!(last_note < finish, "{:?}", world.calls);
    let lines = world.notes.iter().filter(|note| matches!(note.what, NoteKind::Log(_))).count();
    let progress: Vec<_> = world.notes.iter().filter(|note| matches!(note.what, NoteKind::Progress(..))).collect();
    assert_eq!(lines, 50);
    assert_eq!(progress.len(), 1);
    assert_eq!(progress[0].what, NoteKind::Progress(1.0, "50".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_lines_is_counted_and_not_stored() {
    let bench = Bench::start(Fake::default());
    let job = job("tell:10000");
    bench.fake.enqueue([job.clone()]);
    bench.end_of(job.id).await;
    let world = bench.fake.world();
    let lines = world.notes.iter().filter_map(|note| match &note.what {
        NoteKind::Log(line) => Some(line.as_str()),
        NoteKind::Progress(..) => None,
    });
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), 201);
    assert!(lines[200].starts_with("9800 more lines"), "{}", lines[200]);
}
