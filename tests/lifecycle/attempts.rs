//! How attempts end: errors with their causes, backoff, fatal errors, used-up attempts, snoozing, time limits, expiry.

use std::{fmt, time::Duration};

use jobs::{BoxError, EventKind, JobRef, Timestamp, prelude::*};

use crate::{
    Diary, Shop,
    common::{until, until_is},
};

#[derive(Debug)]
enum MailError {
    Busy,
    NoSuchUser,
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for MailError {}

impl MailError {
    fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }

    fn is_fatal(&self) -> bool {
        matches!(self, Self::NoSuchUser)
    }
}

#[job(attempts = 3, backoff = "constant(10ms)")]
async fn connect(ctx: &JobContext) -> anyhow::Result<()> {
    let cause = anyhow::anyhow!("connection refused").context("no route to the mail server");
    Err(cause.context(format!("attempt {} of {} is lost", ctx.attempt(), ctx.max_attempts())))
}

fn by_the_hour(failed: u32) -> Duration {
    Duration::from_secs(u64::from(failed) * 3_600)
}

#[job(backoff = by_the_hour)]
async fn wait_hours() -> Result<(), MailError> {
    Err(MailError::Busy)
}

#[job(attempts = 2, backoff = "linear(2h, 9h)")]
async fn wait_longer() -> Result<(), MailError> {
    Err(MailError::Busy)
}

#[job]
async fn fatal_boxed() -> Result<(), BoxError> {
    Err(fatal(MailError::NoSuchUser))
}

#[job]
async fn fatal_anyhow() -> anyhow::Result<()> {
    Err(fatal::<anyhow::Error>(MailError::NoSuchUser).context("sending"))
}

#[job(fatal = MailError::is_fatal)]
async fn fatal_by_rule() -> Result<(), MailError> {
    Err(MailError::NoSuchUser)
}

#[job]
async fn fatal_by_context(ctx: &JobContext) -> Result<(), MailError> {
    ctx.fatal();
    Err(MailError::NoSuchUser)
}

#[job(retry_if = MailError::is_busy, backoff = "constant(10ms)")]
async fn retry_while_busy(ctx: &JobContext) -> Result<(), MailError> {
    Err(if ctx.attempt() < 3 { MailError::Busy } else { MailError::NoSuchUser })
}

#[job(attempts = 2, backoff = "constant(10ms)", on_exhausted = "delete")]
async fn give_up_quietly() -> Result<(), MailError> {
    Err(MailError::Busy)
}

#[job(attempts = 1)]
async fn snooze_twice(#[state] diary: &Diary) -> anyhow::Result<usize> {
    diary.note("run");
    match diary.lines().len() {
        runs @ 0..3 => Err(snooze::<anyhow::Error>(Duration::from_millis(runs as u64))),
        runs => Ok(runs),
    }
}

#[job(timeout = "50ms", attempts = 2, backoff = "constant(10ms)")]
async fn too_slow(ctx: &JobContext) -> Result<(), &'static str> {
    ctx.cancelled().await;
    assert_eq!(ctx.time_left(), Some(Duration::ZERO));
    Err("gave up")
}

#[job]
async fn in_time(#[state] diary: &Diary) {
    diary.note("run");
}

/// The entries of this kind, each with the number of its attempt.
async fn history(job: &JobRef, what: EventKind) -> Vec<(u16, String)> {
    let events = job.history().await.unwrap().into_iter().filter(|event| event.what == what);
    events.map(|event| (event.attempt, event.text)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failed_attempt_stands_in_the_history_with_its_causes() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = connect::enqueue().on(&shop.client).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Failed);
    let text = |attempt| {
        let head = format!("attempt {attempt} of 3 is lost");
        format!("{head}\ncaused by: no route to the mail server\ncaused by: connection refused")
    };
    let expected: Vec<_> = (1..=3).map(|attempt| (attempt, text(attempt))).collect();
    assert_eq!(history(&job, EventKind::AttemptFailed).await, expected);
    let record = job.record().await.unwrap();
    assert_eq!((record.attempt, record.reason), (3, Some(text(3))));
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backoff_of_the_job_decides_when_a_retry_is_due() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let hours = wait_hours::enqueue().on(&shop.client).await.unwrap();
    let longer = wait_longer::enqueue().on(&shop.client).await.unwrap();
    for (job, wait) in [(hours.id(), 3_600), (longer.id(), 7_200)] {
        let record = until_is(&shop.client, job, State::Scheduled).await;
        let failed_at = shop.client.job(job).history().await.unwrap()[0].at;
        assert_eq!((record.attempt, record.due_at.duration_since(failed_at).as_secs()), (1, wait));
        assert_eq!(record.reason.as_deref(), Some("Busy"));
    }
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fatal_error_ends_the_job_at_its_first_attempt() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let jobs = [
        fatal_boxed::enqueue().on(&shop.client).await.unwrap().id(),
        fatal_anyhow::enqueue().on(&shop.client).await.unwrap().id(),
        fatal_by_rule::enqueue().on(&shop.client).await.unwrap().id(),
        fatal_by_context::enqueue().on(&shop.client).await.unwrap().id(),
    ];
    for job in jobs {
        let record = until_is(&shop.client, job, State::Failed).await;
        assert_eq!((record.attempt, record.max_attempts), (1, 10), "{}", record.kind);
        assert!(record.reason.as_deref().unwrap().ends_with("NoSuchUser"), "{record:?}");
    }
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_if_tells_errors_apart() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = retry_while_busy::enqueue().on(&shop.client).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Failed);
    let errors = history(&job, EventKind::AttemptFailed).await;
    assert_eq!(errors, [(1, "Busy".into()), (2, "Busy".into()), (3, "NoSuchUser".into())]);
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_may_be_deleted_when_its_attempts_are_used_up() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = give_up_quietly::enqueue().on(&shop.client).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Deleted);
    assert_eq!(history(&job, EventKind::AttemptFailed).await, [(1, "Busy".into()), (2, "Busy".into())]);
    assert_eq!(job.record().await.unwrap().reason.as_deref(), Some("attempts used up"));
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_uses_no_attempt() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = snooze_twice::enqueue().on(&shop.client).await.unwrap();
    assert_eq!(job.output().await.unwrap(), 3);
    let snoozes = history(&job, EventKind::Snoozed).await;
    assert_eq!(snoozes, [(0, "for 2ms".to_owned())], "of snoozes in a row the last stands there");
    assert_eq!(job.record().await.unwrap().attempt, 1);
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_takes_too_long_has_failed_and_the_next_one_follows() {
    let shop = Shop::new().await;
    let server = shop.serve().await;
    let job = too_slow::enqueue().on(&shop.client).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Failed);
    let text = "timed out after 50ms: gave up".to_owned();
    assert_eq!(history(&job, EventKind::AttemptFailed).await, [(1, text.clone()), (2, text)]);
    shop.close(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_no_longer_worth_starting_is_not_started() {
    let shop = Shop::new().await;
    let late = in_time::enqueue().expires("1ms").on(&shop.client).await.unwrap();
    let timely = in_time::enqueue().expires("1h").on(&shop.client).await.unwrap();
    let expires_at = late.record().await.unwrap().expires_at.unwrap();
    until("the job to expire", || async { (Timestamp::now() > expires_at).then_some(()) }).await;
    let server = shop.serve().await;
    assert_eq!((late.wait().await.unwrap(), timely.wait().await.unwrap()), (State::Deleted, State::Succeeded));
    let record = late.record().await.unwrap();
    assert_eq!((record.reason.as_deref(), record.attempt), (Some("expired"), 0));
    assert_eq!(shop.diary.lines(), ["run"]);
    shop.close(server).await;
}
