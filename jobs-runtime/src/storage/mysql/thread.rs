//! The thread that everything of the driver's runs on, but for what belongs to the application's transactions and to hearts: an
//! application whose runtime is blocked, or that has dropped a call, neither holds locks nor leaves a connection half used.

use std::future::Future;

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{
    runtime::Builder,
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use crate::error::{Error, Result};

type Call = BoxFuture<'static, ()>;

/// The way to the thread, which ends after the last call when this is dropped.
#[derive(Debug)]
pub(super) struct Thread {
    calls: mpsc::UnboundedSender<Call>,
}

impl Thread {
    /// Starts the thread; `last` is run before it ends.
    pub(super) fn start(last: impl Future<Output = ()> + Send + 'static) -> Result<Self> {
        let refused = |error| Error::config(format!("the thread of the database's connections cannot start: {error}"));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(refused)?;
        let (calls, queue) = mpsc::unbounded_channel();
        let run = move || runtime.block_on(work(queue, last));
        std::thread::Builder::new().name("jobs-mysql".to_owned()).spawn(run).map_err(refused)?;
        Ok(Self { calls })
    }

    /// Runs a call to its end, whether or not anyone waits for its answer.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: &'static str,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.spawn(async move {
            // The caller may have gone.
            let _ = reply.send(call.await);
        });
        answer.await.unwrap_or_else(|_| {
            Err(Error::Unavailable { what: what.to_owned(), source: "the call has panicked, or its thread has".into() })
        })
    }

    /// Runs something to its end.
    pub(super) fn spawn(&self, call: impl Future<Output = ()> + Send + 'static) {
        // Only a thread that has panicked hears nothing; who waits is told so.
        let _ = self.calls.send(call.boxed());
    }
}

async fn work(mut queue: mpsc::UnboundedReceiver<Call>, last: impl Future<Output = ()>) {
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            call = queue.recv() => match call {
                Some(call) => drop(tasks.spawn(call)),
                None => break,
            },
            Some(ended) = tasks.join_next() => tell_of_panic(ended),
        }
    }
    while let Some(ended) = tasks.join_next().await {
        tell_of_panic(ended);
    }
    last.await;
}

fn tell_of_panic(ended: std::result::Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a storage call has panicked");
    }
}
