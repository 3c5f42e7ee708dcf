//! Databases that cannot be opened: wrong addresses, files that are no databases, tables of another version.

use jobs::{Client, Error, prelude::*};
use sqlx::Connection;

use crate::{
    assert_says,
    common::{Database, assert_sound},
    serve, told,
};

#[job]
async fn nothing() {}

async fn refused(url: &str) -> Error {
    Client::connect(url).await.expect_err("it cannot be opened")
}

#[tokio::test]
async fn an_address_of_no_known_engine_is_refused_without_its_password() {
    for url in ["mongodb://shop:s3cret@example.org/jobs", "jobs.db", "", "sqlite", "://"] {
        let error = refused(url).await;
        assert!(matches!(error, Error::Config(_)), "{url}: {error:?}");
        let text = told(&error);
        assert_says(&text, &["sqlite://jobs.db"]);
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[tokio::test]
async fn a_database_that_dies_with_the_process_is_refused() {
    for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite://jobs.db?mode=memory", "sqlite://"] {
        let error = refused(url).await;
        assert!(matches!(error, Error::Config(_)), "{url}: {error:?}");
        assert_says(&told(&error), &[url, "sqlite://jobs.db"]);
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_named() {
    let database = Database::new();
    std::fs::write(database.path("file"), "a file").unwrap();
    std::fs::create_dir(database.path("folder")).unwrap();
    for path in ["absent/jobs.db", "file/jobs.db", "folder"] {
        let path = database.path(path);
        let error = refused(&format!("sqlite://{}", path.display())).await;
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        assert_says(&told(&error), &[path.to_str().unwrap(), "folder must exist and be writable", "unable to open"]);
    }
    assert!(!database.path("absent").exists(), "no folder is made");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let database = Database::new();
    let garbage: Vec<u8> = (0..10_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    std::fs::write(database.path("jobs.db"), &garbage).unwrap();
    let error = refused(&database.url).await;
    assert!(matches!(error, Error::Storage { .. }), "{error:?}");
    assert_says(&told(&error), &["jobs.db", "damaged or no database"]);
    assert_eq!(std::fs::read(database.path("jobs.db")).unwrap(), garbage);
}

#[tokio::test]
async fn without_leave_to_make_tables_their_absence_is_told() {
    let database = Database::new();
    let error = Client::options().migrate(false).connect(&database.url).await.unwrap_err();
    assert!(matches!(error, Error::Schema(_)), "{error:?}");
    assert_says(&told(&error), &["no tables of `jobs`", "migrations allowed"]);

    Client::connect(&database.url).await.unwrap();
    let client = Client::options().migrate(false).connect(&database.url).await.unwrap();
    nothing::enqueue().on(&client).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_program_are_refused_and_kept() {
    let database = Database::new();
    let job = nothing::enqueue().on(&database.client().await).await.unwrap();
    database.tamper("INSERT INTO jobs_migration (version, name, applied_at) VALUES (99, 'from the future', 0)").await;
    for migrate in [true, false] {
        let error = Client::options().migrate(migrate).connect(&database.url).await.unwrap_err();
        assert!(matches!(error, Error::Schema(_)), "{error:?}");
        assert_says(&told(&error), &["version 99", "up to 8", "update the program"]);
    }
    assert_eq!(database.tamper("DELETE FROM jobs_migration WHERE version = 99").await, 1, "it is left as it was");

    let client = database.client().await;
    let server = serve(&client).await;
    assert_eq!(client.job(job.id()).wait().await.unwrap(), State::Succeeded);
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn tables_of_an_older_program_are_not_used_as_they_are() {
    let database = Database::new();
    drop(database.client().await);
    database.tamper("UPDATE jobs_migration SET version = version - 2").await;
    let error = Client::options().migrate(false).connect(&database.url).await.unwrap_err();
    assert!(matches!(error, Error::Schema(_)), "{error:?}");
    assert_says(&told(&error), &["version 6", "needs version 8", "migrations allowed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_the_first_version_are_brought_up_to_date() {
    let database = Database::new();
    std::fs::File::create(database.path("jobs.db")).unwrap();
    database.tamper(include_str!("../../jobs-runtime/src/storage/sqlite/sql/migration_table.sql")).await;
    let mut connection = database.connection().await;
    let first = include_str!("../../jobs-runtime/src/storage/sqlite/migrations/0001_foundation.sql");
    sqlx::raw_sql(first).execute(&mut connection).await.unwrap();
    drop(connection);
    database.tamper("INSERT INTO jobs_migration (version, name, applied_at) VALUES (1, 'foundation', 0)").await;

    let client = database.client().await;
    let job = nothing::enqueue().on(&client).await.unwrap();
    let server = serve(&client).await;
    assert_eq!(client.job(job.id()).wait().await.unwrap(), State::Succeeded);
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_transaction_on_another_file_is_told_apart() {
    let (database, other) = (Database::new(), Database::new());
    let client = database.client().await;
    std::fs::File::create(other.path("jobs.db")).unwrap();
    let mut connection = other.connection().await;
    let mut tx = connection.begin().await.unwrap();
    let error = nothing::enqueue().on(&client).within(&mut tx).await.unwrap_err();
    assert!(matches!(error, Error::Schema(_)), "{error:?}");
    assert_says(&told(&error), &["the transaction's database has no tables", "`.within`"]);
}
