//! A dashboard of the test's own, with jobs in each state, that counts the streams which browsers have open.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
};
use futures_util::{StreamExt, stream::poll_fn};
use jobs::{
    Actor, BulkAct, ErrorFilter, JobFilter, RunningServer, Via,
    dashboard::{Dashboard, Policy},
    prelude::*,
};
use jobs_test_servers::{Driver, find_chromium};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    common::{Database, until},
    session::Session,
};

/// Where it is mounted.
const PATH: &str = "/ops";
/// The queue that the server reads, and one that nobody does.
pub(crate) const WORK: &str = "work";
pub(crate) const STILL: &str = "still";

#[job]
pub(crate) async fn greet(ctx: &JobContext, name: String) -> Result<String, Infallible> {
    ctx.log(format!("greeting {name}"));
    Ok(format!("hello {name}"))
}

#[job(attempts = 1)]
pub(crate) async fn fail(name: String) -> Result<(), String> {
    Err(format!("no mailbox of {name}\ncaused by: the server mail.example.org refused it\ncaused by: 550 unknown user"))
}

#[job]
pub(crate) async fn hold(ctx: &JobContext, name: String) -> Result<(), String> {
    ctx.progress(0.4, format!("almost half of {name}"));
    ctx.cancelled().await;
    Err("stopped".to_owned())
}

/// The dashboard while it is served.
pub(crate) struct Site {
    driver: Driver,
    pub(crate) client: Client,
    /// How many streams are open.
    pub(crate) streams: Arc<AtomicUsize>,
    address: SocketAddr,
    web: JoinHandle<()>,
    server: RunningServer,
    _database: Database,
}

impl Site {
    /// Serves it; `None`, with a word about it, where no browser is installed.
    pub(crate) async fn open(test: &str) -> Option<Self> {
        let Some(chromium) = find_chromium() else {
            println!("LEFT OUT: {test}: no chromium with chromedriver is installed");
            return None;
        };
        let database = Database::new();
        let client = database.client().await;
        let server = client.server().queues([WORK]).workers(4).start().await.unwrap();
        let streams = Arc::new(AtomicUsize::new(0));
        let counted = streams.clone();
        let count = from_fn(move |request: Request, next: Next| count(counted.clone(), request, next));
        let dashboard = Dashboard::new(&client, Policy::dangerously_open()).title("ops").router();
        let app = Router::new().nest_service(PATH, dashboard).layer(count);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let web = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let driver = tokio::task::spawn_blocking(move || chromium.start()).await.unwrap().unwrap();
        Some(Self { driver, client, streams, address, web, server, _database: database })
    }

    /// A new browser at the dashboard.
    pub(crate) async fn browser(&self) -> Session {
        Session::open(&self.driver, format!("http://{}{PATH}", self.address)).await
    }

    /// A job in each state, and the batch that one of them is in.
    pub(crate) async fn fill(&self) -> ([(State, JobId); 7], BatchId) {
        let client = &self.client;
        let done = greet::enqueue("Ada").queue(WORK).tag("first").meta("tenant", "17").on(client).await.unwrap();
        assert_eq!(done.wait().await.unwrap(), State::Succeeded);
        let failed = fail::enqueue("Grace").queue(WORK).on(client).await.unwrap();
        assert_eq!(failed.wait().await.unwrap(), State::Failed);
        let held = hold::enqueue("the way").queue(WORK).on(client).await.unwrap();
        until("it runs", async || client.job(held.id()).record().await.unwrap().progress).await;
        let scheduled = greet::enqueue("Later").queue(STILL).delay("30d").priority(7).on(client).await.unwrap();
        let awaiting = greet::enqueue("After").queue(STILL).after(&scheduled).on(client).await.unwrap();
        let deleted = greet::enqueue("Nobody").queue(STILL).on(client).await.unwrap();
        assert!(deleted.delete().reason("it was a mistake").await.unwrap());
        let members = ["Ada", "Grace", "Adele"].map(|name| greet::enqueue(name).queue(STILL));
        let batch = Batch::new("spring sale").jobs(members).then(greet::enqueue("all").queue(STILL));
        let batch = batch.on(client).enqueue().await.unwrap().id();
        let enqueued = client.batch(batch).jobs(None, 1).await.unwrap()[0];
        client.queue(STILL).pause().reason("the warehouse moves").await.unwrap();
        let ann = client.by(Actor::new("ann", Via::Page)).because("the customer asked for it");
        ann.prioritize(scheduled.id(), 9).await.unwrap();
        let act = BulkAct::Move { queue: WORK.into() };
        ann.begin(JobFilter::new(State::Scheduled).queue("nowhere"), act).await.unwrap();
        let errors = async || client.errors(ErrorFilter::new()).await.unwrap().into_iter().next();
        until("the error is counted", errors).await;
        let jobs = [
            (State::Scheduled, scheduled.id()),
            (State::Awaiting, awaiting.id()),
            (State::Enqueued, enqueued),
            (State::Processing, held.id()),
            (State::Succeeded, done.id()),
            (State::Failed, failed.id()),
            (State::Deleted, deleted.id()),
        ];
        (jobs, batch)
    }

    pub(crate) async fn close(self) {
        self.web.abort();
        self.server.stop_now().await;
    }
}

/// Counts the answers that are streams, while they are open.
fn count(streams: Arc<AtomicUsize>, request: Request, next: Next) -> impl Future<Output = Response> {
    let is_stream = request.uri().path().ends_with("/live");
    async move {
        let answer = next.run(request).await;
        if !is_stream {
            return answer;
        }
        let counted = Counted::new(streams);
        answer.map(|body| {
            let mut chunks = body.into_data_stream();
            Body::from_stream(poll_fn(move |context| {
                // It is counted as long as the body is there.
                let _ = &counted;
                chunks.poll_next_unpin(context)
            }))
        })
    }
}

/// One that is counted until it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
