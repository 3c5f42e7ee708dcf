//! Bad input and bad places: files that are none, disks that are full, payloads that nobody can read, handlers that misbehave.
//! Each gives a clear error and loses nothing.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it left out")]

#[path = "../common/mod.rs"]
mod common;
mod disk;
mod flows;
mod handlers;
mod input;
mod kinds;
mod locks;
mod opening;
mod payloads;

use std::{
    error::Error as _,
    sync::{Arc, Mutex},
};

use jobs::{Client, Error, RunningServer, Server};
use tokio::sync::Semaphore;

/// Lets as many runs pass as it has permits.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

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

/// What servers lend to the handlers of these tests.
#[derive(Clone)]
pub(crate) struct Lent {
    gate: Gate,
    diary: Diary,
}

impl Lent {
    fn new() -> Self {
        Self { gate: Gate(Arc::new(Semaphore::new(0))), diary: Diary::default() }
    }

    /// A server that runs every job of these tests.
    fn to(&self, client: &Client) -> Server {
        client.server().workers(2).state(self.gate.clone()).state(self.diary.clone())
    }
}

/// A server that runs every job of these tests, where nobody asks what they did.
pub(crate) async fn serve(client: &Client) -> RunningServer {
    Lent::new().to(client).start().await.unwrap()
}

/// An error and its causes, as an application shows them.
pub(crate) fn told(error: &Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Whether the text says all of this.
#[track_caller]
pub(crate) fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{text}` does not say `{part}`");
    }
}
