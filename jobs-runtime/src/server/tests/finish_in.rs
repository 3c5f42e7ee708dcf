//! Handlers that end their job in a transaction of their own.

use std::time::Duration;

use super::{
    super::fake::{Fake, NOW, job},
    Bench, pass, until,
};
use crate::{
    Fence, JobId, State,
    job::OnExhausted,
    storage::{End, JobRecord, NoteKind, Revocation, Revoked},
};

#[tokio::test(start_paused = true)]
async fn the_end_is_written_with_what_was_told_and_then_reported() {
    let bench = Bench::start(Fake::default());
    let job = job("finish in");
    bench.fake.enqueue([job.clone()]);
    assert!(matches!(bench.end_of(job.id).await, End::Succeeded { output: None }));
    let fake = bench.stop().await;
    let world = fake.world();
    assert_eq!(world.within.len(), 1);
    assert!(matches!(world.within[0].end, End::Succeeded { output: None }));
    assert_eq!(world.within[0].job, job.id);
    assert!(world.notes_within.iter().any(|note| note.what == NoteKind::Log("nearly".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn an_error_after_it_is_the_runs_end() {
    let bench = Bench::start(Fake::default());
    let job = job("finish in and fail");
    bench.fake.enqueue([job.clone()]);
    assert!(matches!(bench.end_of(job.id).await, End::Retry { .. }), "its transaction may have been rolled back");
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_second_call_and_a_lost_right_are_errors() {
    let bench = Bench::start(Fake::default());
    let [twice, lost] = ["finish in twice", "finish in"].map(job);
    bench.fake.world().stale.insert(lost.id);
    bench.fake.enqueue([twice.clone(), lost.clone()]);
    let End::Failed { error, .. } = bench.end_of(twice.id).await else { panic!("a second call is an error") };
    assert!(error.contains("call `finish_in` once"), "{error}");
    let End::Retry { error, .. } = bench.end_of(lost.id).await else { panic!("a lost right is an error") };
    assert!(error.contains("roll the transaction back"), "{error}");
    bench.stop().await;
}

/// The job as it is read while the handler goes on.
fn record(id: JobId, state: State, fence: Fence) -> JobRecord {
    JobRecord {
        id,
        kind: "act".to_owned(),
        queue: "default".to_owned(),
        priority: 0,
        state,
        parked: false,
        payload: Vec::new(),
        created_at: NOW,
        due_at: NOW,
        expires_at: None,
        started_at: None,
        finished_at: None,
        attempt: 1,
        max_attempts: 10,
        crashes: 0,
        fence,
        server: None,
        on_exhausted: OnExhausted::Fail,
        timeout: None,
        retain: None,
        output: None,
        reason: None,
        cancel_requested: false,
        progress: None,
        meta: Default::default(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_goes_on_after_its_commit_is_not_called_off() {
    for (state, fence, called_off) in
        [(State::Succeeded, 1, false), (State::Enqueued, 2, true), (State::Succeeded, 2, true)]
    {
        let bench = Bench::start(Fake::default());
        let job = job("finish in and go on:20000");
        bench.fake.enqueue([job.clone()]);
        until(|| bench.fake.calls("finish_within") == 1).await;
        bench.fake.world().records.insert(job.id, record(job.id, state, Fence(fence)));
        bench.fake.world().revoked.push(Revoked { job: job.id, fence: Fence(1), why: Revocation::Lost });
        pass(Duration::from_secs(10)).await;
        assert_eq!(bench.shared.slots.taken() == 0, called_off, "{state} under {fence}");
        if !called_off {
            assert_eq!(bench.fake.calls("job_get"), 1, "once is enough");
            assert!(matches!(bench.end_of(job.id).await, End::Succeeded { .. }));
        }
        bench.stop().await;
    }
}
