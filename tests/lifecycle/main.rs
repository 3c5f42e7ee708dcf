//! The life of a job on a real server and a real file, through the public interface only: attempts and their ends, what an
//! operator does to it, in which order jobs run, and what is left of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attempts;
#[path = "../common/mod.rs"]
mod common;
mod operators;
mod order;
mod results;

use std::sync::{Arc, Mutex};

use common::{Database, assert_sound};
use jobs::{Client, RunningServer, Server};
use tokio::sync::Semaphore;

/// Lets as many runs pass as it has permits.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    fn new() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    fn open(&self, runs: usize) {
        self.0.add_permits(runs);
    }

    async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}

/// What handlers say that they did, in order.
#[derive(Clone, Default)]
pub(crate) struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A database with what its servers lend to handlers.
pub(crate) struct Shop {
    _database: Database,
    pub(crate) client: Client,
    pub(crate) gate: Gate,
    pub(crate) diary: Diary,
}

impl Shop {
    async fn new() -> Self {
        let database = Database::new();
        let client = database.client().await;
        Self { _database: database, client, gate: Gate::new(), diary: Diary::default() }
    }

    /// A server that runs every job of these tests.
    fn server(&self) -> Server {
        self.client.server().workers(4).state(self.gate.clone()).state(self.diary.clone())
    }

    async fn serve(&self) -> RunningServer {
        self.server().start().await.unwrap()
    }

    /// Ends a test: the server stops, and the tables agree with each other.
    async fn close(&self, server: RunningServer) {
        server.stop().await;
        assert_sound(&self.client).await;
    }
}
