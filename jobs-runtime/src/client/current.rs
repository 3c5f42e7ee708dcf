//! Which client the short calls use: the scope's, else the installed one.

use std::{
    cell::Cell,
    future::{Future, IntoFuture},
    sync::{PoisonError, RwLock},
};

use crate::{Client, Error, Result};

static INSTALLED: RwLock<Option<Client>> = RwLock::new(None);

tokio::task_local! {
    static SCOPED: Client;
}

thread_local! {
    static MAY_BLOCK: Cell<bool> = const { Cell::new(false) };
}

impl Client {
    /// Makes this client the one that short calls such as `send_welcome::enqueue(..)` use in the whole process, outside any
    /// [`scope`](Self::scope). Returns the client that it replaces.
    ///
    /// A builder that was made before keeps the client of that moment.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[job] async fn greet() {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// assert!(Client::current().is_err());
    /// let client = Client::connect(&url).await?;
    /// assert!(client.install().is_none());
    /// tokio::spawn(async { greet::enqueue().await }).await.expect("no panic")?;
    /// assert!(client.install().is_some());
    /// # Ok(()) }
    /// ```
    pub fn install(&self) -> Option<Self> {
        INSTALLED.write().unwrap_or_else(PoisonError::into_inner).replace(self.clone())
    }

    /// The client that a short call would use here and now: that of the innermost [`scope`](Self::scope) or of the job that
    /// runs, else the [installed](Self::install) one.
    ///
    /// # Errors
    /// [`Error::NoClient`] where there is neither.
    pub fn current() -> Result<Self> {
        SCOPED
            .try_with(Self::clone)
            .or_else(|_| INSTALLED.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(Error::NoClient))
    }

    /// Runs a future whose short calls use this client, so that tests that run side by side each have their own.
    ///
    /// A task that the future spawns is outside: wrap it in a scope of its own, or make the builder here and
    /// [`spawn`](crate::Enqueue::spawn) it.
    ///
    /// # Cancel safety
    /// That of the future.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[job] async fn greet() {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// let client = Client::connect(&url).await?;
    /// client.scope(async { greet::enqueue().await }).await?;
    /// assert!(matches!(greet::enqueue().await, Err(jobs::Error::NoClient)));
    /// # Ok(()) }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        SCOPED.scope(self.clone(), future)
    }

    /// Runs a closure on this thread, whose short calls use this client and may wait with
    /// [`blocking`](crate::Enqueue::blocking). Call it where a thread may block: on the blocking pool, never in async code.
    pub fn scope_sync<R>(&self, closure: impl FnOnce() -> R) -> R {
        let _allowed = Allowed(MAY_BLOCK.replace(true));
        SCOPED.sync_scope(self.clone(), closure)
    }
}

impl Client {
    /// Waits on this thread: for code on the blocking pool, such as a job that is a plain `fn`, and for threads outside every
    /// runtime. It takes whatever this crate lets you await, such as `job.output()` or `job.delete()`.
    ///
    /// # Errors
    /// Those of the future, and [`Error::Config`] inside an async runtime, where a thread must not block. In a closure of your own
    /// on the blocking pool, call it inside [`scope_sync`](Self::scope_sync).
    ///
    /// # Panics
    /// In async code that runs inside [`scope_sync`](Self::scope_sync), which is not made for that.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[job] async fn greet() {}
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    /// let client = runtime.block_on(Client::connect(&url))?;
    /// let job = greet::enqueue().on(&client).blocking()?;
    /// assert_eq!(client.block_on(job.state())?, State::Enqueued);
    /// # Ok::<(), jobs::Error>(())
    /// ```
    pub fn block_on<T>(&self, future: impl IntoFuture<Output = Result<T>>) -> Result<T> {
        may_block()?;
        self.runtime().block_on(future.into_future())
    }
}

/// Puts back, also after a panic, whether the thread might block.
struct Allowed(bool);

impl Drop for Allowed {
    fn drop(&mut self) {
        MAY_BLOCK.set(self.0);
    }
}

/// A thread may block when it is outside every runtime or inside `scope_sync`: tokio does not tell its blocking pool from the
/// threads that poll.
fn may_block() -> Result<()> {
    if MAY_BLOCK.get() || tokio::runtime::Handle::try_current().is_err() {
        return Ok(());
    }
    Err(Error::config(
        "a call that blocks its thread was made inside an async runtime; await instead, or, in a closure on the blocking \
         pool, make it inside `client.scope_sync(|| ..)`",
    ))
}
