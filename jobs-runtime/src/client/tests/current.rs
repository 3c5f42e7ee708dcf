//! Which client a builder takes, and where a thread may block.

use super::fake::{Fake, greet};
use crate::{Enqueue, Error};

#[tokio::test]
async fn the_innermost_scope_counts() {
    let (outer, outer_client) = Fake::open();
    let (inner, inner_client) = Fake::open();
    outer_client
        .scope(async {
            Enqueue::new(greet("outer")).await.expect("stored");
            inner_client.scope(async { Enqueue::new(greet("inner")).await.expect("stored") }).await;
            Enqueue::new(greet("outer")).await.expect("stored");
        })
        .await;
    assert_eq!(outer.world().inserts, [1, 1]);
    assert_eq!(inner.world().inserts, [1]);
}

#[tokio::test]
async fn the_client_is_taken_when_the_builder_is_made() {
    let (here, client) = Fake::open();
    let (elsewhere, other) = Fake::open();
    let builder = client.scope(async { Enqueue::new(greet("Ada")) }).await;
    other.scope(async { builder.await }).await.expect("stored");
    client.scope(async { Enqueue::new(greet("Ada")).on(&other).await }).await.expect("stored");
    assert_eq!((here.world().jobs.len(), elsewhere.world().jobs.len()), (1, 1));
}

#[tokio::test]
async fn a_spawned_task_is_outside_and_a_spawned_builder_is_not() {
    let (fake, client) = Fake::open();
    client
        .scope(async {
            let lost = tokio::spawn(async { Enqueue::new(greet("lost")).await }).await.expect("no panic");
            assert!(matches!(lost, Err(Error::NoClient)), "{lost:?}");
            Enqueue::new(greet("Ada")).spawn().await.expect("no panic").expect("stored");
        })
        .await;
    assert_eq!(fake.world().jobs.len(), 1);
}

#[tokio::test]
async fn blocking_is_refused_in_async_code() {
    let (fake, client) = Fake::open();
    let refused = client.scope(async { Enqueue::new(greet("Ada")).blocking() }).await.expect_err("async code");
    assert!(refused.to_string().contains("client.scope_sync"), "{refused}");
    assert!(fake.world().jobs.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn blocking_stores_on_the_blocking_pool_and_outside_the_runtime() {
    let (fake, client) = Fake::open();
    let pooled = client.clone();
    let job = tokio::task::spawn_blocking(move || pooled.scope_sync(|| Enqueue::new(greet("pool")).blocking()));
    job.await.expect("no panic").expect("stored");
    let outside = std::thread::spawn(move || Enqueue::new(greet("thread")).on(&client).blocking());
    outside.join().expect("no panic").expect("stored");
    assert_eq!(fake.world().jobs.len(), 2);
}

#[test]
fn the_leave_to_block_ends_with_its_scope() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _entered = runtime.enter();
    let (_, client) = Fake::open();
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        client.scope_sync(|| std::panic::resume_unwind(Box::new("a job that panics")))
    }));
    assert!(unwound.is_err());
    assert!(Enqueue::new(greet("Ada")).on(&client).blocking().is_err());
}
