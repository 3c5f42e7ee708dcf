//! The application's own transactions, which are REPEATABLE READ unless it says otherwise.

use std::time::Duration;

use jobs::{Condition, Error, State, Tx};
use jobs_runtime::storage::{Change, Due, NewFlow};
use sqlx::{Connection, MySql, MySqlConnection, Row, Transaction};
use tokio::time;

use super::{Database, ask, assert_sound, beat, flow_races, job, open};

/// Longer than anything here takes, and shorter than any wait for a lock.
const PROMPTLY: Duration = Duration::from_secs(4);

/// A transaction that has looked at the database, which it will see as it is now until its end.
async fn begin(connection: &mut MySqlConnection) -> Transaction<'_, MySql> {
    let mut tx = connection.begin().await.unwrap();
    let level =
        variable(&mut tx, "SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')").await;
    assert_eq!(level.as_deref(), Some("REPEATABLE-READ"));
    sqlx::query("SELECT COUNT(*) FROM jobs_job").fetch_one(&mut *tx).await.unwrap();
    tx
}

/// The value of the variable that the statement shows.
async fn variable(connection: &mut MySqlConnection, show: &'static str) -> Option<String> {
    let row = sqlx::raw_sql(show).fetch_optional(connection).await.unwrap();
    row.map(|row| row.get(1))
}

/// Whether InnoDB ends a transaction that locks what has changed since it began.
async fn refuses_to_see_changes(connection: &mut MySqlConnection) -> bool {
    variable(connection, "SHOW VARIABLES LIKE 'innodb_snapshot_isolation'").await.as_deref() == Some("ON")
}

fn assert_begin_anew(error: &Error) {
    assert!(matches!(error, Error::Locked(_)), "{error:?}");
    assert!(error.to_string().contains("anew"), "{error}");
}

#[tokio::test]
async fn a_job_that_came_after_the_first_look_is_known() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    let mut connection = database.connect().await.unwrap();
    let refuses = refuses_to_see_changes(&mut connection).await;
    let mut tx = begin(&mut connection).await;
    let (known, new) = (job(), job());
    storage.job_insert([known.clone()].into()).await.unwrap();
    let answer = storage.job_insert_within(tx.connection(), vec![known.clone(), new.clone()]).await;
    match answer {
        Err(error) if refuses => assert_begin_anew(&error),
        answer => {
            assert_eq!(answer.unwrap(), [false, true]);
            tx.commit().await.unwrap();
            assert!(storage.job_get(new.id).await.unwrap().is_some());
        }
    }
    assert_eq!(storage.job_get(known.id).await.unwrap().unwrap().crashes, 0);
    assert_sound(&storage).await;
}

#[tokio::test]
async fn open_transactions_keep_nobody_waiting() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    let mut connections = [database.connect().await.unwrap(), database.connect().await.unwrap()];
    let [one, other] = &mut connections;
    let (mut one, mut other) = (begin(one).await, begin(other).await);
    let all = async {
        for tx in [&mut one, &mut other] {
            storage.job_insert_within(tx.connection(), vec![job(), job()]).await.unwrap();
            let later = jobs::NewJob { due: Due::In(Duration::from_secs(3600)), ..job() };
            storage.job_insert_within(tx.connection(), vec![later]).await.unwrap();
        }
        let server = jobs::ServerId::new();
        storage.heart().await.unwrap().beat(&beat(server)).await.unwrap();
        let beside = job();
        storage.job_insert([beside.clone()].into()).await.unwrap();
        let chunks = storage.claim(ask(server, 10)).await.unwrap();
        assert_eq!(chunks[0].jobs.iter().map(|job| job.id).collect::<Vec<_>>(), [beside.id]);
        storage.promote(100).await.unwrap();
        storage.park(100).await.unwrap();
        storage.stat_roll().await.unwrap();
        other.commit().await.unwrap();
        one.commit().await.unwrap();
        assert_eq!(storage.claim(ask(server, 10)).await.unwrap()[0].jobs.len(), 4);
    };
    time::timeout(PROMPTLY, all).await.expect("something waited for an open transaction");
    assert_sound(&storage).await;
}

#[tokio::test]
async fn an_open_change_keeps_only_its_own_job() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    let jobs: Vec<_> = (0..3).map(|_| job()).collect();
    storage.job_insert(jobs.clone().into()).await.unwrap();
    let mut connection = database.connect().await.unwrap();
    let mut tx = begin(&mut connection).await;
    let delete = Change::Delete { reason: "no longer needed".into() };
    let changed = storage.job_change_within(tx.connection(), jobs[1].id, delete, None).await.unwrap().unwrap();
    assert!(changed.took_effect && changed.from == State::Enqueued);
    let all = async {
        let server = jobs::ServerId::new();
        storage.heart().await.unwrap().beat(&beat(server)).await.unwrap();
        storage.job_insert([job()].into()).await.unwrap();
        let taken: Vec<_> = storage.claim(ask(server, 10)).await.unwrap()[0].jobs.iter().map(|job| job.id).collect();
        assert_eq!(taken.len(), 3);
        assert!(!taken.contains(&jobs[1].id), "it belongs to the open transaction");
    };
    time::timeout(PROMPTLY, all).await.expect("something waited for the open transaction");
    tx.commit().await.unwrap();
    assert_eq!(storage.job_get(jobs[1].id).await.unwrap().unwrap().state, State::Deleted);
    assert_sound(&storage).await;
}

#[tokio::test]
async fn a_job_that_moved_after_the_first_look_is_changed_or_refused() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    let (moved, claimed) = (job(), job());
    storage.job_insert([moved.clone()].into()).await.unwrap();
    let mut connection = database.connect().await.unwrap();
    let refuses = refuses_to_see_changes(&mut connection).await;
    let mut tx = begin(&mut connection).await;
    let later = Change::Reschedule(Due::In(Duration::from_secs(3600)));
    storage.job_change(moved.id, later, None).await.unwrap();
    let requeued = storage.job_change_within(tx.connection(), moved.id, Change::Requeue, None).await;
    match requeued {
        Err(error) if refuses => assert_begin_anew(&error),
        requeued => {
            let changed = requeued.unwrap().unwrap();
            assert!(changed.took_effect && changed.from == State::Scheduled);
            tx.commit().await.unwrap();
        }
    }

    storage.job_insert([claimed.clone()].into()).await.unwrap();
    let mut connection = database.connect().await.unwrap();
    let mut tx = begin(&mut connection).await;
    let server = jobs::ServerId::new();
    storage.heart().await.unwrap().beat(&beat(server)).await.unwrap();
    storage.claim(ask(server, 10)).await.unwrap();
    let delete = Change::Delete { reason: "no longer needed".into() };
    // It sees no claim, and the job is nowhere else.
    assert_begin_anew(&storage.job_change_within(tx.connection(), claimed.id, delete, None).await.unwrap_err());
    drop(tx);
    assert_eq!(storage.job_get(claimed.id).await.unwrap().unwrap().state, State::Processing);
    assert_sound(&storage).await;
}

#[tokio::test]
async fn a_deadlock_is_said_to_have_ended_the_whole_transaction() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    let jobs = [job(), job()];
    storage.job_insert(jobs.to_vec().into()).await.unwrap();
    let mut connections = [database.connect().await.unwrap(), database.connect().await.unwrap()];
    let [one, other] = &mut connections;
    let (mut one, mut other) = (one.begin().await.unwrap(), other.begin().await.unwrap());
    let change = || Change::Reschedule(Due::In(Duration::from_secs(3600)));
    storage.job_change_within(one.connection(), jobs[0].id, change(), None).await.unwrap();
    storage.job_change_within(other.connection(), jobs[1].id, change(), None).await.unwrap();
    let (first, second) = tokio::join!(
        storage.job_change_within(one.connection(), jobs[1].id, change(), None),
        storage.job_change_within(other.connection(), jobs[0].id, change(), None),
    );
    let errors: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    let [error] = &errors[..] else { panic!("one of the two gives way: {errors:?}") };
    assert_begin_anew(error);
    assert!(error.to_string().contains("rolled the whole transaction back"), "{error}");
    one.rollback().await.unwrap();
    other.rollback().await.unwrap();
    assert_sound(&storage).await;
}

#[tokio::test]
async fn a_transaction_of_another_database_is_told_apart() {
    let (Some(database), Some(other)) = (Database::new(), Database::new()) else { return };
    let storage = open(&database).await;
    let mut connection = other.connect().await.unwrap();
    for _ in 0..2 {
        let mut tx = connection.begin().await.unwrap();
        let error = storage.job_insert_within(tx.connection(), vec![job()]).await.unwrap_err();
        assert!(matches!(error, Error::Schema(_)), "{error:?}");
        assert!(error.to_string().contains("connected to the database that the transaction belongs to"), "{error}");
        drop(tx);
        // The second time it has tables, of a client of its own.
        open(&other).await;
    }
    assert_sound(&storage).await;
}

#[tokio::test]
async fn open_transactions_that_store_flows_keep_nobody_waiting() {
    let Some(database) = Database::new() else { return };
    let storage = open(&database).await;
    let (parent, waited) = (job(), job());
    let known = flow_races::after(waited.id, Condition::Success);
    flow_races::store(&storage, Vec::new(), vec![parent.clone(), waited.clone(), known]).await;
    let flow = || {
        let around = flow_races::batch();
        let member = jobs::NewJob { batch: Some(around.id), ..job() };
        let next = flow_races::after(member.id, Condition::Success);
        let last = flow_races::after(around.id, Condition::Finished);
        NewFlow { batches: vec![around], jobs: vec![member, next, last] }
    };
    let unwanted = [flow(), flow()];
    for flow in &unwanted {
        storage.flow_insert(flow.clone()).await.unwrap();
    }
    let mut connections = [database.connect().await.unwrap(), database.connect().await.unwrap()];
    let [one, other] = &mut connections;
    let (mut one, mut other) = (begin(one).await, begin(other).await);
    let all = async {
        for (tx, parent, unwanted) in [(&mut one, parent.id, &unwanted[0]), (&mut other, waited.id, &unwanted[1])] {
            let child = flow_races::after(parent, Condition::Success);
            storage.job_insert_within(tx.connection(), vec![child]).await.unwrap();
            storage.flow_insert_within(tx.connection(), flow()).await.unwrap();
            let id = unwanted.batches[0].id;
            assert_eq!(storage.batch_cancel_within(tx.connection(), id, "sold out".into()).await.unwrap(), Some(true));
            storage.flow_insert(flow()).await.unwrap();
            let beside = job();
            let child = flow_races::after(beside.id, Condition::Success);
            storage.flow_insert(NewFlow { batches: Vec::new(), jobs: vec![beside, child] }).await.unwrap();
        }
        storage.flow_step(100).await.unwrap();
        other.commit().await.unwrap();
        one.commit().await.unwrap();
        flow_races::settle(&storage).await;
    };
    time::timeout(PROMPTLY, all).await.expect("something waited for an open transaction");
    assert_sound(&storage).await;
}
