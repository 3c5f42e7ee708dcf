//! Making the tables: by many at once, and after a crash in the middle.

use jobs_runtime::storage::{self, Settings};
use tokio::task::JoinSet;

use super::{
    Database, assert_sound,
    flow_races::{self, Server},
    job, open,
};

#[tokio::test]
async fn ten_may_make_the_tables_at_once() {
    let Some(database) = Database::new() else { return };
    let mut opening = JoinSet::new();
    for _ in 0..10 {
        let url = database.url();
        opening.spawn(async move { storage::open(&url, Settings::default()).await.unwrap() });
    }
    let storages = opening.join_all().await;
    for storage in &storages {
        storage.job_insert([job()].into()).await.unwrap();
    }
    let total: i64 = storages[0].stat_totals().await.unwrap().iter().map(|total| total.jobs).sum();
    assert_eq!(total, 10, "all ten have the same tables");
    assert_sound(&storages[0]).await;
}

#[tokio::test]
async fn a_crash_in_the_middle_is_mended_by_the_next_start() {
    let Some(database) = Database::new() else { return };
    let steps = include_str!("../../jobs-runtime/src/storage/mysql/migrations/0001_foundation.sql");
    let statements: Vec<_> = steps.split_inclusive(";\n").collect();
    let mut connection = database.connect().await.unwrap();
    for statement in &statements[..statements.len() / 2] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(*statement)).execute(&mut connection).await.unwrap();
    }
    let storage = open(&database).await;
    storage.job_insert([job()].into()).await.unwrap();
    assert_sound(&storage).await;
}

#[tokio::test]
async fn tables_from_before_flows_are_brought_up_with_their_jobs_also_after_a_crash() {
    let steps = include_str!("../../jobs-runtime/src/storage/mysql/migrations/0003_flows.sql");
    let statements: Vec<_> = steps.split_inclusive(";\n").collect();
    // The first four are one change of the jobs' table.
    for done in [0, 4, 5, 7, statements.len()] {
        let Some(database) = Database::new() else { return };
        let mut connection = database.connect().await.unwrap();
        for text in [
            include_str!("../../jobs-runtime/src/storage/mysql/sql/migration_table.sql"),
            include_str!("../../jobs-runtime/src/storage/mysql/migrations/0001_foundation.sql"),
            include_str!("../../jobs-runtime/src/storage/mysql/migrations/0002_pauses.sql"),
            include_str!("before_flows.sql"),
        ] {
            sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
        }
        for statement in &statements[..done] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(*statement)).execute(&mut connection).await.unwrap();
        }
        let server = Server::new(open(&database).await).await;
        let id: jobs::JobId = "0190a0b0-0000-7000-8000-000000000001".parse().unwrap();
        let child = flow_races::after(id, jobs::Condition::Success);
        flow_races::store(&server.storage, Vec::new(), vec![child.clone()]).await;
        server.succeed(server.take(id).await).await;
        server.succeed(server.take(child.id).await).await;
        assert_sound(&server.storage).await;
    }
}
