//! What a job's parents left is read before its handler starts, and an attempt that cannot know it does not count.

use std::{future::pending, time::Duration};

use tokio::time::Instant;

use super::{Bench, until};
use crate::{
    JobId,
    error::Error,
    flow::{Condition, Ending, NodeId},
    job::{Descriptor, RunFuture, Success, Takes},
    private,
    run::Run,
    server::{
        fake::{ACT, Fake, away, job, refused},
        stage::Stage,
    },
    storage::{ClaimedJob, End, Input, Revocation, Revoked, Storage},
};

/// Returns the number of parents that it sees, and hangs with none.
fn count(run: Run) -> RunFuture {
    Box::pin(async move {
        let parents = run.inputs().len();
        if parents == 0 {
            pending::<()>().await;
        }
        Ok(Success { output: Some(vec![0; parents]) })
    })
}

static COUNT: Descriptor = Descriptor { kind: "count", aliases: &[], run: count, takes: Takes::Parents, ..ACT };

/// What `#[parent] text: String` becomes.
static TAKE: Descriptor = Descriptor {
    kind: "take",
    aliases: &[],
    run: |run| {
        Box::pin(async move {
            let text: String = private::parent(&run)?;
            Ok(Success { output: Some(text.into_bytes()) })
        })
    },
    takes: Takes::Parent,
    ..ACT
};

fn bench(fake: Fake) -> Bench {
    Bench::start_with(fake, |mut server| {
        server.wanted.explicit.extend([&COUNT, &TAKE]);
        server
    })
}

fn counting() -> ClaimedJob {
    ClaimedJob { kind: "count".into(), ..job("") }
}

fn input() -> Input {
    Input {
        parent: NodeId::Job(JobId::new()),
        condition: Condition::Success,
        ending: Some(Ending::Succeeded),
        output: None,
        reason: None,
    }
}

fn saw(parents: usize) -> End {
    End::Succeeded { output: Some(vec![0; parents]) }
}

const PUT_BACK: End = End::Snoozed { delay: Duration::from_secs(1) };

#[tokio::test(start_paused = true)]
async fn a_handler_sees_what_its_own_parents_left() {
    let bench = bench(Fake::default());
    let [one, three] = [counting(), counting()];
    bench.fake.world().inputs.insert(one.id, vec![input()]);
    bench.fake.world().inputs.insert(three.id, vec![input(), input(), input()]);
    let ids = [one.id, three.id];
    bench.fake.enqueue([one, three]);
    assert_eq!(bench.end_of(ids[0]).await, saw(1));
    assert_eq!(bench.end_of(ids[1]).await, saw(3));
    assert_eq!(bench.fake.calls("flow_inputs"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_nothing_costs_no_look() {
    let bench = bench(Fake::default());
    let job = job("ok");
    bench.fake.enqueue([job.clone()]);
    assert_eq!(bench.end_of(job.id).await, End::Succeeded { output: None });
    assert_eq!(bench.fake.calls("flow_inputs"), 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_taken_fails_for_good_and_says_why() {
    let bench = bench(Fake::default());
    let job = ClaimedJob { kind: "take".into(), ..job("") };
    bench.fake.enqueue([job.clone()]);
    let End::Failed { error, attempted: true } = bench.end_of(job.id).await else { panic!("nothing cures it") };
    assert!(error.contains("`#[parent]` of `take`") && error.contains(".after(&parent)"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_puts_the_job_back_uncharged() {
    let bench = bench(Fake::default());
    bench.fake.fail("flow_inputs", [away(), Error::Locked("held".to_owned())]);
    for _ in 0..2 {
        let job = counting();
        bench.fake.enqueue([job.clone()]);
        assert_eq!(bench.end_of(job.id).await, PUT_BACK);
    }
    let job = counting();
    bench.fake.world().inputs.insert(job.id, vec![input()]);
    bench.fake.enqueue([job.clone()]);
    assert_eq!(bench.end_of(job.id).await, saw(1));
}

#[tokio::test(start_paused = true)]
async fn a_database_that_refuses_makes_a_failed_attempt() {
    let bench = bench(Fake::default());
    bench.fake.fail("flow_inputs", [refused()]);
    let job = counting();
    bench.fake.enqueue([job.clone()]);
    let End::Retry { error, .. } = bench.end_of(job.id).await else { panic!("it must be tried again") };
    assert_eq!(error, "what the job's parents left cannot be read: the database refused: test: refused");
}

#[tokio::test(start_paused = true)]
async fn a_database_that_does_not_answer_is_waited_for_five_seconds() {
    for limit in [None, Some(Duration::from_millis(1)), Some(Duration::from_secs(60))] {
        let bench = bench(Fake::default());
        bench.fake.world().inputs_take = Duration::from_secs(3_600);
        let job = ClaimedJob { timeout: limit, ..counting() };
        let begin = Instant::now();
        bench.fake.enqueue([job.clone()]);
        assert_eq!(bench.end_of(job.id).await, PUT_BACK, "with the timeout {limit:?}");
        assert_eq!(begin.elapsed().as_secs(), 5, "with the timeout {limit:?}");
        until(|| bench.shared.slots.taken() == 0).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_that_a_slow_answer_uses_up_counts() {
    let bench = bench(Fake::default());
    bench.fake.world().inputs_take = Duration::from_secs(2);
    let job = ClaimedJob { timeout: Some(Duration::from_secs(1)), ..counting() };
    bench.fake.world().inputs.insert(job.id, vec![input()]);
    bench.fake.enqueue([job.clone()]);
    let End::Retry { error, .. } = bench.end_of(job.id).await else { panic!("else it would be put back for ever") };
    assert_eq!(error, "timed out after 1s");
}

/// Starts a job whose parents take two seconds to read, and waits until they are asked for.
async fn reading() -> (Bench, JobId) {
    let bench = bench(Fake::default());
    bench.fake.world().inputs_take = Duration::from_secs(2);
    let job = counting();
    bench.fake.world().inputs.insert(job.id, vec![input()]);
    bench.fake.enqueue([job.clone()]);
    until(|| bench.shared.slots.taken() == 1).await;
    (bench, job.id)
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_is_called_off_meanwhile_does_not_start() {
    let (bench, job) = reading().await;
    let fence = *bench.fake.world().chunks.keys().next().expect("it was claimed");
    bench.fake.world().revoked.push(Revoked { job, fence, why: Revocation::Cancel });
    bench.fake.hub().job_revoked(job, Revocation::Cancel);
    assert_eq!(bench.end_of(job).await, End::Deleted { reason: "cancelled".to_owned(), error: None });

    let (bench, job) = reading().await;
    bench.shared.stages.advance(Stage::Draining);
    assert_eq!(bench.end_of(job).await, saw(1), "a server that stops lets what it started go on");
}

#[tokio::test(start_paused = true)]
async fn a_handler_knows_its_batch_and_may_ask_for_its_parents() {
    static ASK: Descriptor = Descriptor {
        kind: "ask",
        aliases: &[],
        run: |run| {
            Box::pin(async move {
                let context = run.context();
                let parents = context.parents().await.map_err(|error| crate::job::Failure::from(Box::from(error)))?;
                Ok(Success { output: Some(format!("{} {:?}", parents.len(), context.batch()).into_bytes()) })
            })
        },
        ..ACT
    };
    let bench = Bench::start_with(Fake::default(), |mut server| {
        server.wanted.explicit.push(&ASK);
        server
    });
    let batch = crate::BatchId::new();
    let member = ClaimedJob { kind: "ask".into(), batch: Some(batch), ..job("") };
    let other = ClaimedJob { kind: "ask".into(), ..job("") };
    bench.fake.world().inputs.insert(member.id, vec![input(), input()]);
    let ids = [member.id, other.id];
    bench.fake.enqueue([member, other]);
    let text = |text: String| End::Succeeded { output: Some(text.into_bytes()) };
    assert_eq!(bench.end_of(ids[0]).await, text(format!("2 {:?}", Some(batch))));
    assert_eq!(bench.end_of(ids[1]).await, text("0 None".to_owned()));
    bench.fake.fail("flow_inputs", [away()]);
    let third = ClaimedJob { kind: "ask".into(), ..job("") };
    bench.fake.enqueue([third.clone()]);
    assert!(matches!(bench.end_of(third.id).await, End::Retry { error, .. } if error.contains("unavailable")));
}
