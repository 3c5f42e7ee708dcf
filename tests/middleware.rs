//! `tower` layers round the runs of a server's jobs: what they see, what they may decide, how they nest.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use common::{Database, assert_sound, until_count, until_is};
use jobs::{Failure, Run, Success, Verdict, prelude::*};
use tower::{
    Layer, Service, ServiceBuilder,
    layer::layer_fn,
    limit::ConcurrencyLimitLayer,
    timeout::TimeoutLayer,
    util::{MapRequestLayer, MapResultLayer},
};

type Lines = Arc<Mutex<Vec<String>>>;

/// A layer as an application writes it: it notes each run and how it ended.
#[derive(Clone)]
struct Watch {
    name: &'static str,
    lines: Lines,
}

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched { inner, watch: self.clone() }
    }
}

#[derive(Clone)]
struct Watched<S> {
    inner: S,
    watch: Watch,
}

impl<S> Service<Run> for Watched<S>
where
    S: Service<Run, Response = Success, Error = Failure>,
    S::Future: Send + 'static,
{
    type Response = Success;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Success, Failure>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, run: Run) -> Self::Future {
        let Watch { name, lines } = self.watch.clone();
        let context = run.context();
        let what = format!("{name}: {} {}", context.kind(), context.attempt());
        lines.lock().unwrap().push(what.clone());
        let inner = self.inner.call(run);
        Box::pin(async move {
            let end = inner.await;
            let how = match &end {
                Ok(success) => format!("ok, {} bytes", success.output.as_ref().map_or(0, Vec::len)),
                Err(failure) => format!("{failure} ({:?})", failure.verdict),
            };
            lines.lock().unwrap().push(format!("{what} {how}"));
            end
        })
    }
}

#[derive(Clone, Default)]
struct Crowd {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

#[job(name = "second_time", backoff = "constant(10ms)")]
async fn second_time(ctx: &JobContext) -> Result<(), &'static str> {
    if ctx.attempt() == 1 { Err("not yet") } else { Ok(()) }
}

#[job(name = "put_off")]
async fn put_off(ctx: &JobContext) -> anyhow::Result<()> {
    if ctx.meta("ready").is_none() { Err(snooze("1h")) } else { Ok(()) }
}

#[job(name = "refused", attempts = 2, backoff = "constant(10ms)")]
async fn refused() {
    panic!("a layer lets nobody in");
}

#[job(name = "crowded")]
async fn crowded(#[state] crowd: &Crowd) {
    let now = crowd.now.fetch_add(1, Ordering::SeqCst) + 1;
    crowd.most.fetch_max(now, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(5)).await;
    crowd.now.fetch_sub(1, Ordering::SeqCst);
}

#[job(name = "endless", attempts = 1)]
async fn endless() {
    std::future::pending().await
}

#[job(name = "fatally", backoff = "constant(1h)")]
async fn fatally() -> anyhow::Result<()> {
    Err(fatal::<anyhow::Error>("there is no such customer"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_sees_each_attempt_and_how_it_ended() {
    let (database, lines) = (Database::new(), Lines::default());
    let client = database.client().await;
    let watch = Watch { name: "watch", lines: lines.clone() };
    let server = client.server().state(Crowd::default()).layer(watch).start().await.unwrap();
    second_time::enqueue().on(&client).await.unwrap().wait().await.unwrap();
    let snoozed = put_off::enqueue().on(&client).await.unwrap();
    until_is(&client, snoozed.id(), State::Scheduled).await;
    server.stop().await;
    let expected = [
        "watch: second_time 1",
        "watch: second_time 1 not yet (Retry)",
        "watch: second_time 2",
        "watch: second_time 2 ok, 0 bytes",
        "watch: put_off 1",
        "watch: put_off 1 put back for 3600s (Snooze(3600s))",
    ];
    assert_eq!(*lines.lock().unwrap(), expected);
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_layer_is_outside_the_earlier_ones_and_a_stack_keeps_its_order() {
    let (database, lines) = (Database::new(), Lines::default());
    let client = database.client().await;
    let watch = |name| Watch { name, lines: lines.clone() };
    let stack = ServiceBuilder::new().layer(watch("outer")).layer(watch("middle"));
    let server = client.server().state(Crowd::default()).layer(watch("inner")).layer(stack).start().await.unwrap();
    second_time::enqueue().on(&client).await.unwrap().wait().await.unwrap();
    server.stop().await;
    let lines = lines.lock().unwrap();
    let names: Vec<_> = lines.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(names, ["outer", "middle", "inner", "inner", "middle", "outer"].repeat(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_may_refuse_and_that_is_a_failed_attempt() {
    let database = Database::new();
    let client = database.client().await;
    let refuse = layer_fn(|_| {
        tower::service_fn(|run: Run| async move {
            let kind = run.context().kind().to_owned();
            Err::<Success, _>(Failure { error: format!("`{kind}` is closed").into(), verdict: Verdict::Retry })
        })
    });
    let server = client.server().state(Crowd::default()).layer(refuse).start().await.unwrap();
    let job = refused::enqueue().on(&client).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Failed);
    let texts: Vec<_> = job.history().await.unwrap().into_iter().map(|event| (event.attempt, event.text)).collect();
    assert_eq!(texts, [1, 2].map(|attempt| (attempt, "`refused` is closed".to_owned())));
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_panics_fails_the_attempt_and_not_the_server() {
    let database = Database::new();
    let client = database.client().await;
    let panics = MapRequestLayer::new(|run: Run| match run.context().attempt() {
        1 => panic!("the layer is broken"),
        _ => run,
    });
    let server = client.server().workers(1).state(Crowd::default()).layer(panics).start().await.unwrap();
    let job = second_time::enqueue().on(&client).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Succeeded);
    assert_eq!(job.history().await.unwrap()[0].text, "panicked: the layer is broken");
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_may_make_a_failure_good() {
    let database = Database::new();
    let client = database.client().await;
    let forgive = MapResultLayer::new(|_: Result<Success, Failure>| Ok::<_, Failure>(Success::default()));
    let server = client.server().state(Crowd::default()).layer(forgive).start().await.unwrap();
    let job = fatally::enqueue().on(&client).await.unwrap();
    assert_eq!(job.wait().await.unwrap(), State::Succeeded);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn towers_own_limit_holds_over_all_workers() {
    const JOBS: usize = 20;
    let (database, crowd) = (Database::new(), Crowd::default());
    let client = database.client().await;
    client.enqueue_all((0..JOBS).map(|_| crowded::new())).await.unwrap();
    let server = client.server().workers(8).state(crowd.clone()).layer(ConcurrencyLimitLayer::new(2));
    let server = server.start().await.unwrap();
    until_count(&client, State::Succeeded, JOBS as i64).await;
    server.stop().await;
    assert!((1..=2).contains(&crowd.most.load(Ordering::SeqCst)), "{crowd:?}", crowd = crowd.most);
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn towers_own_time_limit_is_a_failed_attempt_and_leaves_other_errors_what_they_are() {
    let database = Database::new();
    let client = database.client().await;
    let server = client.server().state(Crowd::default()).layer(TimeoutLayer::new(Duration::from_secs(1)));
    let server = server.start().await.unwrap();
    let late = endless::enqueue().on(&client).await.unwrap();
    let wrong = fatally::enqueue().on(&client).await.unwrap();
    assert_eq!((late.wait().await.unwrap(), wrong.wait().await.unwrap()), (State::Failed, State::Failed));
    let reason = late.record().await.unwrap().reason.unwrap();
    assert!(reason.contains("timed out"), "{reason}");
    let record = wrong.record().await.unwrap();
    assert_eq!((record.attempt, record.reason.as_deref()), (1, Some("there is no such customer")));
    server.stop().await;
    assert_sound(&client).await;
}
