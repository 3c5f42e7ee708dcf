//! Handlers that panic, block, or fail with texts that nobody wants to store.

use std::{
    fmt,
    sync::{
        Barrier,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use jobs::prelude::*;

use crate::{
    Lent,
    common::{Database, assert_sound, until_is},
    serve,
};

/// Panics again when it is dropped.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic!("the payload's destructor");
    }
}

/// Panics when it is shown.
#[derive(Debug)]
struct Shy;

impl fmt::Display for Shy {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("not in front of people")
    }
}

impl std::error::Error for Shy {}

#[job(attempts = 1)]
async fn panic_with(what: String) -> Result<(), Shy> {
    match what.as_str() {
        "text" => panic!("a text"),
        "formatted" => panic!("a {what} text"),
        "number" => std::panic::panic_any(7),
        "grenade" => std::panic::panic_any(Grenade),
        "late" => {
            tokio::task::yield_now().await;
            panic!("after an await")
        }
        _ => Err(Shy),
    }
}

#[job(attempts = 1)]
fn panic_blocking() {
    panic!("on the blocking pool");
}

#[job]
async fn well() {}

#[job(attempts = 1)]
async fn rave() -> Result<(), String> {
    Err(format!("\u{1b}[31mred\u{1b}[0m nul\0 bell\u{7} line\nline\ttab {}", "ü".repeat(500_000)))
}

#[job(attempts = 1)]
async fn log_ravings(ctx: &JobContext) -> Result<(), String> {
    ctx.log("\u{1b}]0;title\u{7}a\0b");
    ctx.progress(0.5, "\u{1b}[2Jgone\0");
    Err(String::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_any_sort_fails_the_attempt_and_the_worker_goes_on() {
    let database = Database::new();
    let client = database.client().await;
    let server = Lent::new().to(&client).workers(1).start().await.unwrap();
    for (what, reason) in [
        ("text", "panicked: a text"),
        ("formatted", "panicked: a formatted text"),
        ("number", "panicked with a value that is no text"),
        ("grenade", "panicked with a value that is no text"),
        ("late", "panicked: after an await"),
        ("error", "panicked: not in front of people"),
    ] {
        let job = panic_with::enqueue(what).on(&client).await.unwrap();
        let record = until_is(&client, job.id(), State::Failed).await;
        assert_eq!((record.reason.as_deref(), record.attempt, record.crashes), (Some(reason), 1, 0));
    }
    let job = panic_blocking::enqueue().on(&client).await.unwrap();
    let record = until_is(&client, job.id(), State::Failed).await;
    assert_eq!(record.reason.as_deref(), Some("panicked: on the blocking pool"));
    assert_eq!(well::enqueue().on(&client).await.unwrap().wait().await.unwrap(), State::Succeeded);
    assert_eq!((server.running(), server.lost_slots()), (0, 0));
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_and_wild_texts_are_cut_and_cleaned() {
    let database = Database::new();
    let client = database.client().await;
    let server = serve(&client).await;
    let job = rave::enqueue().on(&client).await.unwrap();
    let reason = until_is(&client, job.id(), State::Failed).await.reason.unwrap();
    assert!(reason.starts_with("red nul\u{fffd} bell\u{fffd} line\nline\ttab üüü"), "{:?}", &reason[..60]);
    assert!(reason.len() <= 8 * 1024 && reason.ends_with("ü [cut]"), "{} bytes", reason.len());
    assert_eq!(job.history().await.unwrap()[0].text, reason);

    let job = log_ravings::enqueue().on(&client).await.unwrap();
    let record = until_is(&client, job.id(), State::Failed).await;
    assert_eq!(record.progress, Some((0.5, "gone\u{fffd}".to_owned())));
    let line = &job.history().await.unwrap()[0].text;
    assert!(!line.contains(['\u{1b}', '\0', '\u{7}']) && line.ends_with("a\u{fffd}b"), "{line:?}");
    server.stop().await;
    assert_sound(&client).await;
}

const LEASE: Duration = Duration::from_secs(2);
static BLOCKED: Barrier = Barrier::new(2);
static BLOCKINGS: AtomicU32 = AtomicU32::new(0);

/// Takes a thread of the runtime, together with another one of its sort, for three leases.
#[job]
async fn block_the_runtime() {
    BLOCKINGS.fetch_add(1, Ordering::SeqCst);
    BLOCKED.wait();
    std::thread::sleep(LEASE * 3);
}

/// Another process, as far as the runtime goes: it looks on, and would rescue the jobs.
async fn onlooker(database: Database) -> Database {
    let client = database.client().await;
    let server = Lent::new().to(&client).workers(1).queues(["none"]).lease(LEASE).beat(LEASE / 10).sweep(LEASE / 10);
    let server = server.start().await.unwrap();
    let start = Instant::now();
    let mut beats = std::collections::BTreeSet::new();
    while BLOCKINGS.load(Ordering::SeqCst) < 2
        || client.jobs(jobs::JobFilter::new(State::Succeeded)).await.unwrap().jobs.len() < 2
    {
        assert!(start.elapsed() < Duration::from_secs(60), "the jobs do not end");
        let servers = client.servers().await.unwrap();
        for other in servers.iter().filter(|other| other.id != server.id()) {
            assert!(other.alive, "its lease has run out");
            beats.insert(other.beat_at);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(beats.len() > 3, "the lease was renewed {} times", beats.len());
    server.stop().await;
    database
}

#[test]
fn jobs_that_block_every_thread_of_the_runtime_keep_their_lease_and_run_once() {
    let database = Database::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let looker_on = tokio::runtime::Runtime::new().unwrap();
    let (client, server, jobs) = runtime.block_on(async {
        let client = database.client().await;
        let server = Lent::new().to(&client).lease(LEASE).beat(LEASE / 10).sweep(LEASE / 10).start().await.unwrap();
        let jobs = client.enqueue_all([block_the_runtime::new(), block_the_runtime::new()]).await.unwrap();
        (client, server, jobs)
    });
    let _database = looker_on.block_on(onlooker(database));
    runtime.block_on(async {
        for job in jobs {
            let record = until_is(&client, job.id(), State::Succeeded).await;
            assert_eq!((record.attempt, record.crashes), (1, 0));
            assert_eq!(job.history().await.unwrap(), [], "nobody rescued it");
        }
        server.stop().await;
        assert_sound(&client).await;
    });
    assert_eq!(BLOCKINGS.load(Ordering::SeqCst), 2, "each ran once");
}
