//! Connections that are killed and calls that are dropped, at any point.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use jobs::{Error, JobId, NewJob};
use jobs_runtime::storage::SharedStorage;
use sqlx::{MySqlConnection, Row};
use tokio::{task::JoinSet, time};

use super::{Database, LEASE, ask, assert_sound, beat, job, open};

/// Only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many connections are killed at least.
const KILLS: u32 = 60;

/// Kills every connection of other sessions to this database; returns how many there were.
async fn kill_all(admin: &mut MySqlConnection) -> u32 {
    let others = "SELECT CONCAT('KILL ', id) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    let kills = sqlx::query(others).fetch_all(&mut *admin).await.unwrap();
    let mut killed = 0;
    for kill in kills {
        let kill: String = kill.get(0);
        // It may have ended by itself.
        killed += u32::from(sqlx::raw_sql(sqlx::AssertSqlSafe(kill)).execute(&mut *admin).await.is_ok());
    }
    killed
}

/// How many transactions of other sessions of this database are open, and how many connections there are.
async fn open_transactions(admin: &mut MySqlConnection) -> (i64, i64) {
    // The server renews its list only after a pause.
    time::sleep(Duration::from_millis(150)).await;
    let statement = "SELECT COUNT(trx.trx_id), COUNT(*) FROM information_schema.processlist AS process \
                     LEFT JOIN information_schema.innodb_trx AS trx ON trx.trx_mysql_thread_id = process.id \
                     WHERE process.db = DATABASE() AND process.id <> CONNECTION_ID()";
    let row = sqlx::query(statement).fetch_one(admin).await.unwrap();
    (row.get(0), row.get(1))
}

async fn total(storage: &SharedStorage) -> i64 {
    storage.stat_totals().await.unwrap().iter().map(|total| total.jobs).sum()
}

/// Stores the jobs, with the same ids again where nobody can know whether they were stored.
async fn store(storage: &SharedStorage, jobs: Vec<NewJob>, unknown: &AtomicU32) {
    let start = Instant::now();
    loop {
        match storage.job_insert(jobs.clone().into()).await {
            Ok(_) => return,
            Err(Error::Unavailable { .. }) if start.elapsed() < PATIENCE => {
                unknown.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_connections_lose_nothing_and_store_nothing_twice() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    let done = Arc::new(AtomicBool::new(false));
    let (killed, unknown) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut admin = database.connect().await.unwrap();
    let (stop, kills) = (Arc::clone(&done), Arc::clone(&killed));
    let killer = tokio::spawn(async move {
        while !stop.load(Ordering::Relaxed) {
            time::sleep(Duration::from_micros(fastrand::u64(500..60_000))).await;
            kills.fetch_add(kill_all(&mut admin).await, Ordering::Relaxed);
        }
    });
    let mut callers = JoinSet::new();
    for _ in 0..6 {
        let (storage, killed, unknown) = (Arc::clone(&storage), Arc::clone(&killed), Arc::clone(&unknown));
        callers.spawn(async move {
            let mut ids = Vec::new();
            let mut round = 0;
            while round < 60 || killed.load(Ordering::Relaxed) < KILLS {
                let jobs: Vec<_> = (0..if round % 3 == 0 { 20 } else { 1 }).map(|_| job()).collect();
                ids.extend(jobs.iter().map(|job| job.id));
                store(&storage, jobs, &unknown).await;
                round += 1;
            }
            ids
        });
    }
    let ids: Vec<JobId> = callers.join_all().await.into_iter().flatten().collect();
    done.store(true, Ordering::Relaxed);
    killer.await.unwrap();
    let (killed, unknown) = (killed.load(Ordering::Relaxed), unknown.load(Ordering::Relaxed));
    println!("{killed} connections were killed, and {unknown} calls had to be repeated");
    assert_eq!(total(&storage).await, ids.len() as i64);
    for id in ids.iter().step_by(7) {
        assert!(storage.job_get(*id).await.unwrap().is_some(), "{id} was answered for, and is not there");
    }
    assert_sound(&storage).await;
}

#[tokio::test]
async fn no_call_fails_because_idle_connections_have_died() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    let mut heart = storage.heart().await.unwrap();
    let server = jobs::ServerId::new();
    let mut admin = database.connect().await.unwrap();
    for _ in 0..5 {
        let given = job();
        let id = given.id;
        storage.job_insert([given].into()).await.unwrap();
        heart.beat(&beat(server)).await.unwrap();
        assert!(storage.job_get(id).await.unwrap().is_some());
        assert!(kill_all(&mut admin).await >= 3, "of the writers, of the readers, and the heart's");
        // Whoever has used a connection a moment ago takes it to be alive.
        time::sleep(Duration::from_millis(150)).await;
        assert!(storage.job_get(id).await.unwrap().is_some());
        heart.beat(&beat(server)).await.unwrap();
        let chunks = storage.claim(ask(server, 1)).await.unwrap();
        assert_eq!(chunks[0].jobs[0].id, id);
    }
    assert!(LEASE > Duration::from_secs(5), "the lease outlives the test");
    assert_sound(&storage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_calls_leave_no_transaction_and_no_half_job() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    let mut answered = 0;
    for _ in 0..2_000 {
        let call = storage.job_insert([job()].into());
        answered += u32::from(time::timeout(Duration::from_micros(fastrand::u64(0..8_000)), call).await.is_ok());
    }
    println!("{answered} of 2000 calls were not dropped");
    assert!(answered < 2_000, "no call was dropped");
    let mut admin = database.connect().await.unwrap();
    let start = Instant::now();
    loop {
        let (transactions, connections) = open_transactions(&mut admin).await;
        assert!(connections <= 8, "{connections} connections");
        if transactions == 0 {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "{transactions} transactions stay open");
    }
    let last = job();
    storage.job_insert([last.clone()].into()).await.unwrap();
    assert!(storage.job_get(last.id).await.unwrap().is_some());
    assert!(total(&storage).await > i64::from(answered));
    assert_sound(&storage).await;
}

#[tokio::test]
async fn a_dropped_storage_ends_what_it_has_begun_and_its_connections() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    for _ in 0..20 {
        let call = storage.job_insert([job()].into());
        // The call is on its way when its caller and the storage go.
        let _ = time::timeout(Duration::from_micros(300), call).await;
    }
    drop(storage);
    let mut admin = database.connect().await.unwrap();
    let start = Instant::now();
    while open_transactions(&mut admin).await != (0, 0) {
        assert!(start.elapsed() < PATIENCE, "connections stay open");
    }
    assert_sound(&open(&database).await).await;
}
