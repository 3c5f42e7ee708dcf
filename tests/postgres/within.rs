//! Jobs that are stored in the application's own transactions.

use jobs::{Error, prelude::*};
use sqlx::Connection;

use crate::{
    Schema,
    common::{assert_sound, count, until_count},
    told,
};

#[job]
async fn confirm(_order: u32) {}

#[tokio::test]
async fn a_transaction_of_another_schema_or_database_is_refused_and_goes_on() {
    let (Some(one), Some(other)) = (Schema::new(), Schema::new()) else { return };
    let database = format!("copy_{}", one.name);
    one.execute(&format!("CREATE DATABASE {database}")).await;
    let elsewhere = Schema { url: one.elsewhere(None, Some(&database)), name: one.name.clone() };
    {
        // The same schema's name in another database, with tables of its own.
        let (client, _) = (one.client().await, elsewhere.client().await);
        let (mut same, mut foreign) = (one.connection().await, elsewhere.connection().await);
        let mut transaction = foreign.begin().await.unwrap();
        let error = confirm::enqueue(1).on(&client).within(&mut transaction).await.expect_err("it is another database");
        assert!(matches!(error, Error::Config(_)), "{error:?}");
        assert!(told(&error).contains("does not belong to"), "{error:?}");
        sqlx::query("SELECT 1").execute(&mut *transaction).await.expect("the transaction goes on");
        transaction.commit().await.unwrap();
        assert_eq!(elsewhere.ask("SELECT count(*) FROM {schema}.job").await, 0);

        // A client of a schema that the transaction's database has not got.
        let unknown = other.client().await;
        let mut transaction = foreign.begin().await.unwrap();
        let error = confirm::enqueue(1).on(&unknown).within(&mut transaction).await.expect_err("it has no such tables");
        assert!(matches!(error, Error::Schema(_)), "{error:?}");
        sqlx::query("SELECT 1").execute(&mut *transaction).await.expect("the transaction goes on");
        transaction.commit().await.unwrap();

        let mut transaction = same.begin().await.unwrap();
        confirm::enqueue(1).on(&client).within(&mut transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(count(&client, State::Enqueued).await, 1);
        foreign.close().await.unwrap();
    }
    drop(elsewhere);
    one.execute(&format!("DROP DATABASE {database} WITH (FORCE)")).await;
}

#[tokio::test]
async fn every_isolation_level_stores_its_jobs_once() {
    let Some(schema) = Schema::new() else { return };
    let client = schema.client().await;
    let mut connection = schema.connection().await;
    let begins = ["BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE"];
    for (at, begin) in begins.into_iter().enumerate() {
        let mut transaction = connection.begin_with(begin).await.unwrap();
        // The snapshot is older than the names that the job needs.
        sqlx::query("SELECT txid_current()").execute(&mut *transaction).await.unwrap();
        let queue = format!("queue of {begin}");
        let job = confirm::enqueue(1).queue(&queue).on(&client).within(&mut transaction).await.unwrap();
        let again = confirm::enqueue(1).id(job.id()).queue(&queue).on(&client).within(&mut transaction).await.unwrap();
        assert!(job.is_new() && !again.is_new());
        client.job(job.id()).delete().within(&mut transaction).await.unwrap();
        confirm::enqueue(2).queue(&queue).on(&client).within(&mut transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(count(&client, State::Enqueued).await, at as i64 + 1);
    }
    let server = client.server().queues(begins.map(|begin| format!("queue of {begin}"))).start().await.unwrap();
    until_count(&client, State::Succeeded, 3).await;
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_conflict_that_only_the_application_can_cure_says_so() {
    let Some(schema) = Schema::new() else { return };
    let client = schema.client().await;
    let mut connection = schema.connection().await;
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    sqlx::query("SELECT txid_current()").execute(&mut *transaction).await.unwrap();
    let job = confirm::enqueue(1).on(&client).await.unwrap();
    let error =
        confirm::enqueue(1).id(job.id()).on(&client).within(&mut transaction).await.expect_err("it cannot see it");
    assert!(matches!(error, Error::Locked(_)), "{error:?}");
    assert!(told(&error).contains("rolled back and run again"), "{error:?}");
    drop(transaction);
    let mut transaction = connection.begin().await.unwrap();
    let again = confirm::enqueue(1).id(job.id()).on(&client).within(&mut transaction).await.unwrap();
    assert!(!again.is_new());
    transaction.rollback().await.unwrap();
    assert_sound(&client).await;
}

#[tokio::test]
async fn a_transaction_that_may_not_write_is_refused() {
    let Some(schema) = Schema::new() else { return };
    let client = schema.client().await;
    let mut connection = schema.connection().await;
    let mut transaction = connection.begin_with("BEGIN READ ONLY").await.unwrap();
    let error = confirm::enqueue(1).on(&client).within(&mut transaction).await.expect_err("it may only read");
    assert!(matches!(error, Error::ReadOnly(_)), "{error:?}");
    transaction.rollback().await.unwrap();
    assert_sound(&client).await;
}
