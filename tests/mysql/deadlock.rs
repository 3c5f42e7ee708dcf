//! Everything at once from eight servers: whoever the database lets wait for each other in a circle, no caller hears of it.

use std::{
    env, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use jobs::{Due, JobId, NewJob, OnExhausted, ServerId};
use jobs_runtime::storage::{Change, End, Finish, Note, NoteKind, SharedStorage};
use sqlx::Row;
use tokio::task::JoinSet;

use super::{Database, QUEUE, ask, assert_sound, beat, job, open};

const SERVERS: usize = 8;

/// Shortens the test for a look in between; seconds.
const SECONDS: &str = "JOBS_TEST_DEADLOCK_SECONDS";

/// Counts the lines of the log that tell of a transaction that runs again.
#[derive(Clone, Default)]
struct Again(Arc<AtomicU64>);

impl io::Write for Again {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(
            u64::from(String::from_utf8_lossy(line).contains("the transaction runs again")),
            Ordering::Relaxed,
        );
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One server's work, with jobs that it shares with the others.
async fn work(storage: SharedStorage, until: Instant, shared: Arc<Vec<JobId>>) -> jobs::Result<u64> {
    let server = ServerId::new();
    let mut heart = storage.heart().await?;
    let mut known: Vec<JobId> = shared.to_vec();
    let mut calls = 0;
    while Instant::now() < until {
        heart.beat(&beat(server)).await?;
        let mut new: Vec<NewJob> = (0..fastrand::usize(1..40)).map(|_| any_job()).collect();
        // A resend of somebody's jobs, in another order.
        new.extend((0..3).map(|_| NewJob { id: shared[fastrand::usize(..shared.len())], ..job() }));
        fastrand::shuffle(&mut new);
        known.extend(new.iter().map(|job| job.id));
        storage.job_insert(new.into()).await?;
        for chunk in storage.claim(ask(server, fastrand::usize(1..60))).await? {
            let mut ends: Vec<_> = chunk.jobs.iter().map(|job| end(job.id, chunk.fence)).collect();
            fastrand::shuffle(&mut ends);
            ends.truncate(fastrand::usize(..=ends.len()));
            let notes = ends.iter().take(3).map(|end| note(end.job, end.fence)).collect();
            storage.note(server, notes).await?;
            storage.finish(server, ends).await?;
        }
        for _ in 0..4 {
            let id = known[fastrand::usize(..known.len())];
            storage.job_change(id, any_change(), None).await?;
        }
        maintain(&storage, server).await?;
        calls += 1;
    }
    Ok(calls)
}

/// One of the things that servers do now and then.
async fn maintain(storage: &SharedStorage, server: ServerId) -> jobs::Result<()> {
    match fastrand::u8(..10) {
        0 => drop(storage.promote(100).await?),
        1 => drop(storage.park(100).await?),
        2 => drop(storage.clean(100).await?),
        3 => drop(storage.stat_roll().await?),
        4 => drop(storage.claims_release(server).await?),
        5 => drop(storage.server_sweep().await?),
        6 => {
            let chunks = storage.rescue_candidates().await?;
            storage.rescue(chunks, 3).await?;
        }
        7 => {
            // The next beat takes the lease back; in between others may rescue its jobs.
            storage.server_retire(server).await?;
        }
        8 => drop(storage.server_list().await?),
        _ => drop(storage.stat_totals().await?),
    }
    Ok(())
}

fn any_job() -> NewJob {
    let due = if fastrand::bool() { Due::Now } else { Due::In(Duration::from_millis(fastrand::u64(..500))) };
    let retain = [None, Some(Duration::ZERO), Some(Duration::from_millis(100))][fastrand::usize(..3)];
    let on_exhausted = if fastrand::bool() { OnExhausted::Fail } else { OnExhausted::Delete };
    NewJob { due, retain, on_exhausted, priority: fastrand::i16(-2..3), max_attempts: fastrand::u16(1..5), ..job() }
}

fn any_change() -> Change {
    match fastrand::u8(..4) {
        0 => Change::Delete { reason: "no longer needed".into() },
        1 => Change::Cancel { reason: "no longer needed".into() },
        2 => Change::Requeue,
        _ => Change::Reschedule(Due::In(Duration::from_millis(fastrand::u64(..500)))),
    }
}

fn end(job: JobId, fence: jobs::Fence) -> Finish {
    let delay = Duration::from_millis(fastrand::u64(..300));
    let end = match fastrand::u8(..6) {
        0 | 1 => End::Succeeded { output: Some(vec![1; 100]) },
        2 => End::Retry { delay, error: "no answer".into() },
        3 => End::Failed { error: "no such user".into(), attempted: true },
        4 => End::Snoozed { delay },
        _ => End::HandedBack,
    };
    Finish { job, fence, end, wait: delay, run: Duration::from_millis(3) }
}

fn note(job: JobId, fence: jobs::Fence) -> Note {
    Note { job, fence, attempt: 1, what: NoteKind::Progress(0.5, "half of it".into()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_servers_that_do_everything_at_once_hear_of_no_deadlock() {
    let Some(database) = Database::new() else { return };
    let again = Again::default();
    let log = tracing_subscriber::fmt().with_env_filter("jobs_runtime=debug").with_ansi(false);
    let log = log.with_writer({
        let again = again.clone();
        move || again.clone()
    });
    log.init();
    let seconds = env::var(SECONDS).ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(60);
    let until = Instant::now() + Duration::from_secs(seconds);
    let shared: Arc<Vec<JobId>> = Arc::new((0..50).map(|_| JobId::new()).collect());
    let first = open(&database).await;
    let mut servers = JoinSet::new();
    for _ in 0..SERVERS {
        servers.spawn(work(open(&database).await, until, Arc::clone(&shared)));
    }
    let rounds = servers.join_all().await.into_iter().collect::<jobs::Result<Vec<_>>>();
    let rounds: u64 = rounds.expect("no caller hears of a deadlock").into_iter().sum();
    let mut connection = database.connect().await.unwrap();
    let deadlocks =
        sqlx::query("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'").fetch_optional(&mut connection).await.unwrap();
    let deadlocks = deadlocks.map_or_else(|| "?".to_owned(), |row| row.get(1));
    println!(
        "{rounds} rounds of {SERVERS} servers in {seconds} s; {} transactions ran again; the server counts {deadlocks} deadlocks",
        again.0.load(Ordering::Relaxed),
    );
    assert!(rounds > 0);
    assert_sound(&first).await;
    assert!(first.stat_totals().await.unwrap().iter().all(|total| total.jobs >= 0 && total.queue == QUEUE));
}
