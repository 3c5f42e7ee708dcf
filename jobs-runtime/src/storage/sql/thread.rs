//! The thread of an engine that speaks with a server: it owns the connections, so that a job that blocks the application's runtime
//! can neither keep rows locked nor delay anyone, and a caller that goes away drops nothing of the driver's.

use std::{future::Future, thread};

use tokio::runtime::{Builder, Handle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::error::{Error, Result};

/// The way to the thread. When it is dropped, the thread finishes what is under way and ends.
#[derive(Debug)]
pub(crate) struct Thread {
    runtime: Handle,
    calls: TaskTracker,
    closing: CancellationToken,
}

impl Thread {
    /// Starts the thread, under that name; `last` is run when nothing else is under way any more.
    pub(crate) fn start(name: &'static str, last: impl Future<Output = ()> + Send + 'static) -> Result<Self> {
        let failed = |source| Error::Unavailable { what: "starting the engine's thread".to_owned(), source };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| failed(error.into()))?;
        let way =
            Self { runtime: runtime.handle().clone(), calls: TaskTracker::new(), closing: CancellationToken::new() };
        let (calls, closing) = (way.calls.clone(), way.closing.clone());
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    closing.cancelled().await;
                    calls.close();
                    calls.wait().await;
                    last.await;
                });
            })
            .map_err(|error| failed(error.into()))?;
        Ok(way)
    }

    /// Says when the engine closes.
    #[cfg(feature = "postgres")]
    pub(crate) fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// Runs `future` on the thread to its end, whether or not the caller waits for it.
    pub(crate) async fn run<T, F>(&self, what: &'static str, future: F) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        match self.calls.spawn_on(future, &self.runtime).await {
            Ok(done) => done,
            Err(stopped) => Err(Error::Unavailable { what: what.to_owned(), source: Box::new(stopped) }),
        }
    }

    /// Starts what goes on until the engine closes.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.calls.spawn_on(future, &self.runtime);
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}
