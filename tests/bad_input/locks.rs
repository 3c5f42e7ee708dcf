//! Files that others lock, move or delete while a program uses them.

use std::{future::IntoFuture, time::Duration};

use jobs::{Error, prelude::*};
use sqlx::Connection;

use crate::{
    assert_says,
    common::{Database, assert_sound},
    serve, told,
};

#[job]
async fn nothing() {}

#[tokio::test(flavor = "multi_thread")]
async fn an_enqueue_waits_while_another_program_holds_the_file() {
    let database = Database::new();
    let client = database.client().await;
    let server = serve(&client).await;
    let mut other = database.connection().await;
    let lock = other.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    let enqueue = tokio::spawn(nothing::enqueue().on(&client).into_future());
    // Long enough for the writer to try more than once.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!enqueue.is_finished(), "nobody writes while the file is locked");
    lock.rollback().await.unwrap();
    let job = enqueue.await.unwrap().unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Succeeded);
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enqueue_outside_of_an_open_within_fails_instead_of_waiting_for_itself() {
    let database = Database::new();
    let client = database.client().await;
    let mut own = database.connection().await;
    let mut tx = own.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let inside = nothing::enqueue().on(&client).within(&mut tx).await.unwrap();
    let error = nothing::enqueue().on(&client).await.unwrap_err();
    assert!(matches!(error, Error::Locked(_)) && error.is_transient(), "{error:?}");
    assert_says(&told(&error), &["this very process", "`.within`", "commit it or roll it back"]);
    tx.commit().await.unwrap();
    let outside = nothing::enqueue().on(&client).await.unwrap();
    let server = serve(&client).await;
    assert_eq!((inside.wait().await.unwrap(), outside.wait().await.unwrap()), (State::Succeeded, State::Succeeded));
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_within_that_has_ended_is_not_blamed_for_a_later_lock() {
    let database = Database::new();
    let client = database.client().await;
    let mut own = database.connection().await;
    let mut tx = own.begin_with("BEGIN IMMEDIATE").await.unwrap();
    nothing::enqueue().on(&client).within(&mut tx).await.unwrap();
    tx.rollback().await.unwrap();
    nothing::enqueue().on(&client).await.unwrap();

    let mut other = database.connection().await;
    let lock = other.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    let mut enqueue = Box::pin(nothing::enqueue().on(&client).into_future());
    tokio::select! {
        done = &mut enqueue => panic!("it did not wait: {done:?}"),
        () = tokio::time::sleep(Duration::from_secs(2)) => {}
    }
    lock.rollback().await.unwrap();
    enqueue.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_deleted_or_replaced_takes_no_jobs() {
    let database = Database::new();
    let client = database.client().await;
    let job = nothing::enqueue().on(&client).await.unwrap();
    let (file, aside) = (database.path("jobs.db"), database.path("aside.db"));
    std::fs::rename(&file, &aside).unwrap();
    for replaced in [false, true] {
        if replaced {
            std::fs::write(&file, "").unwrap();
        }
        let error = nothing::enqueue().on(&client).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        assert_says(
            &told(&error),
            &[file.to_str().unwrap(), "was moved, deleted or replaced", "start the program again"],
        );
    }
    std::fs::rename(&aside, &file).unwrap();
    let server = serve(&client).await;
    nothing::enqueue().on(&client).await.unwrap().wait().await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Succeeded, "nothing is lost when the file is back");
    server.stop().await;
    assert_sound(&client).await;
}
