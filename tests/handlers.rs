//! What handlers may take and return, and what becomes of the job: states, blocking functions, fatal errors, snoozes, changed
//! parameters.

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use common::{Database, until};
use jobs::{Descriptor, JobHandle, JobRecord, Stored, prelude::*};

struct Greeting(&'static str);

trait Counter: Send + Sync {
    fn next(&self) -> u32;
}

impl Counter for AtomicU32 {
    fn next(&self) -> u32 {
        self.fetch_add(1, Ordering::SeqCst) + 1
    }
}

type Shared = Arc<dyn Counter>;

#[job(secret(code))]
async fn greet(
    ctx: &JobContext,
    #[state] greeting: &Greeting,
    name: &str,
    list: &[u8],
    code: String,
) -> anyhow::Result<String> {
    tokio::task::yield_now().await;
    anyhow::ensure!(ctx.attempt() == 1, "this is attempt {}", ctx.attempt());
    Ok(format!("{} {name} {list:?} {code}", greeting.0))
}

#[job]
fn blocking(#[state] counter: &Shared, times: u32) -> Result<u32, String> {
    for _ in 1..times {
        counter.next();
    }
    tick::enqueue().blocking().map_err(|error| error.to_string())?;
    Ok(counter.next())
}

#[job]
async fn tick() {}

#[job(backoff = "constant(1ms)")]
fn panics() {
    panic!("out of paper");
}

#[job(backoff = "constant(1ms)", attempts = 3)]
async fn ends(how: String) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    match how.as_str() {
        "fatal" => Err(fatal("no such user")),
        "bad snooze" => Err(snooze("soon")),
        _ => Err(how.into()),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("mail error {0}")]
struct MailError(u8);

impl MailError {
    fn is_fatal(&self) -> bool {
        self.0 == 1
    }
}

fn is_transient(error: &MailError) -> bool {
    error.0 > 2
}

#[job(backoff = "constant(1ms)", attempts = 3, fatal = MailError::is_fatal, retry_if = is_transient)]
async fn own_error(code: u8) -> Result<(), MailError> {
    Err(MailError(code))
}

#[job]
async fn later(#[state] counter: &Shared) -> anyhow::Result<u32> {
    match counter.next() {
        1 => Err(snooze(Duration::from_millis(1))),
        seen => Ok(seen),
    }
}

#[job]
async fn without_state(#[state] _missing: &u8) {}

/// The job as an earlier program had it; no server here runs it.
#[job(name = "welcome.before")]
async fn welcome_before(user: u64) {
    let _ = user;
}

#[derive(serde::Deserialize)]
struct Before {
    user: u64,
}

fn upgrade(stored: Stored) -> anyhow::Result<welcome> {
    anyhow::ensure!(stored.version() == 1, "version {}", stored.version());
    let before: Before = stored.read()?;
    if before.user == 0 {
        anyhow::bail!("nobody has the number 0");
    }
    Ok(welcome::new(before.user, "stranger"))
}

#[job(name = "welcome", alias = "welcome.before", version = 2, upgrade = upgrade)]
async fn welcome(user: u64, name: String) -> Result<String, String> {
    Ok(format!("{user} {name}"))
}

#[job(name = "changed.before")]
async fn changed_before(user: u64) {
    let _ = user;
}

#[job(name = "changed", alias = "changed.before")]
async fn changed(user: u32) {
    let _ = user;
}

#[job(name = "newer.before", version = 2, attempts = 2)]
async fn newer_before(user: u64) {
    let _ = user;
}

#[job(name = "newer", alias = "newer.before", backoff = "constant(1ms)")]
async fn newer(user: u32) {
    let _ = user;
}

/// What the servers run: all but the jobs of earlier programs, and one without its state.
const KINDS: [&Descriptor; 10] = [
    greet::DESCRIPTOR,
    blocking::DESCRIPTOR,
    tick::DESCRIPTOR,
    panics::DESCRIPTOR,
    ends::DESCRIPTOR,
    own_error::DESCRIPTOR,
    later::DESCRIPTOR,
    welcome::DESCRIPTOR,
    changed::DESCRIPTOR,
    newer::DESCRIPTOR,
];

/// Runs a server until `work` is done.
async fn with_server<F: Future>(work: impl FnOnce(Client) -> F) -> F::Output {
    let database = Database::new();
    let client = database.client().await;
    let counter: Shared = Arc::new(AtomicU32::new(0));
    let server = client.server().only_kinds(KINDS.map(|kind| kind.kind)).state(Greeting("hello")).state(counter);
    tokio::select! {
        end = server.run() => panic!("the server ended: {end:?}"),
        done = client.scope(work(client.clone())) => done,
    }
}

async fn ended<T: serde::de::DeserializeOwned + Send + 'static>(job: &JobHandle<T>) -> JobRecord {
    until("the end of the job", || async {
        Some(job.record().await.expect("it is stored")).filter(|job| job.state.is_final())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn context_state_and_borrowed_parameters_arrive() {
    with_server(async |client| {
        let job = greet::enqueue("Ada", vec![1, 2], "secret").await.unwrap();
        assert_eq!(job.output().await.unwrap(), "hello Ada [1, 2] secret");
        let args = client.args_json(&job.record().await.unwrap()).unwrap();
        assert_eq!(args["name"], "Ada");
        assert_ne!(args["code"], "secret");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocking_job_enqueues_through_the_client_of_its_run() {
    with_server(async |_| {
        let job = blocking::enqueue(3).await.unwrap();
        assert_eq!(job.output().await.unwrap(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_a_blocking_job_is_a_failed_attempt() {
    with_server(async |_| {
        let job = ended(&panics::enqueue().attempts(2).await.unwrap()).await;
        assert_eq!((job.state, job.attempt), (State::Failed, 2));
        assert!(job.reason.as_ref().is_some_and(|reason| reason.contains("out of paper")), "{job:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_decide_what_follows() {
    with_server(async |_| {
        for (how, attempts) in [("fatal", 1), ("bad snooze", 1), ("the printer is on fire", 3)] {
            let job = ended(&ends::enqueue(how).await.unwrap()).await;
            assert_eq!((job.state, job.attempt), (State::Failed, attempts), "{how}: {job:?}");
        }
        for (code, attempts) in [(1, 1), (2, 1), (3, 3)] {
            let job = ended(&own_error::enqueue(code).await.unwrap()).await;
            assert_eq!((job.state, job.attempt), (State::Failed, attempts), "{code}: {job:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_uses_no_attempt() {
    with_server(async |_| {
        let job = later::enqueue().attempts(1).await.unwrap();
        assert_eq!(job.output().await.unwrap(), 2);
        assert_eq!(job.record().await.unwrap().attempt, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn args_of_an_earlier_version_run_through_the_upgrade() {
    with_server(async |_| {
        let stored = welcome_before::enqueue(7).await.unwrap();
        assert_eq!(stored.typed::<welcome>().output().await.unwrap(), "7 stranger");

        let job = ended(&welcome_before::enqueue(0).await.unwrap()).await;
        assert_eq!((job.state, job.attempt), (State::Failed, 1));
        assert!(job.reason.as_ref().is_some_and(|reason| reason.contains("nobody has the number 0")), "{job:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn args_of_another_layout_are_never_decoded() {
    with_server(async |_| {
        let job = ended(&changed_before::enqueue(7).await.unwrap()).await;
        assert_eq!((job.state, job.attempt), (State::Failed, 1));
        assert!(job.reason.as_ref().is_some_and(|reason| reason.contains("version = 2, upgrade")), "{job:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn args_of_a_newer_program_wait_for_it_and_are_not_charged() {
    with_server(async |_| {
        let job = newer_before::enqueue(7).attempts(1).await.unwrap();
        until("the job to be put back", || async { (job.state().await.unwrap() == State::Scheduled).then_some(()) })
            .await;
        assert_eq!(job.record().await.unwrap().attempt, 0);
    })
    .await;
}

#[tokio::test]
async fn a_missing_state_stops_a_server_at_its_start() {
    let database = Database::new();
    let client = database.client().await;
    let error =
        client.server().only_kinds([without_state::DESCRIPTOR.kind]).run().await.expect_err("no state was given");
    assert!(error.to_string().contains("u8") && error.to_string().contains("without_state"), "{error}");
}
