//! A write other than an enqueue, done when it is awaited, by itself or in a transaction of the caller's.

use std::{fmt, future::IntoFuture};

use futures_util::future::BoxFuture;

use super::enqueue::Transaction;
use crate::{Client, Result, storage::Tx};

/// What an [`Act`] does, in the caller's transaction if it is given one.
type Work<T> =
    Box<dyn for<'x> FnOnce(Client, Option<&'x mut (dyn Tx + 'x)>) -> BoxFuture<'x, Result<T>> + Send + 'static>;

/// A write that is done when this is awaited, and what that gives: what `client.queue("mail").resume()`,
/// `client.recurring("digest").remove()` and their like return.
///
/// # Errors
/// Awaiting gives what the method that returned it says, else what the engine says.
///
/// # Cancel safety
/// Dropping the future before its first poll changes nothing; later the write is done wholly or not at all. After
/// [`within`](Self::within), roll the transaction back.
///
/// ```
/// # use jobs::prelude::*;
/// # use sqlx::{Connection, SqliteConnection};
/// # #[job] async fn digest(tenant: u64) {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # let mut connection = SqliteConnection::connect(&url).await?;
/// let mut tx = connection.begin().await?;
/// client.recurring("digest:42").cron("0 8 * * MON").upsert(digest::new(42)).within(&mut tx).await?;
/// tx.rollback().await?;
/// assert!(client.recurring_jobs().await?.is_empty());
/// # Ok(()) }
/// ```
#[must_use = "nothing is done until it is awaited"]
pub struct Act<'t, T> {
    client: Client,
    work: Work<T>,
    tx: Option<Transaction<'t>>,
}

impl<T> fmt::Debug for Act<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Act").field("tx", &self.tx).finish_non_exhaustive()
    }
}

impl<T> Act<'static, T> {
    pub(super) fn new(
        client: Client,
        work: impl for<'x> FnOnce(Client, Option<&'x mut (dyn Tx + 'x)>) -> BoxFuture<'x, Result<T>> + Send + 'static,
    ) -> Self {
        Self { client, work: Box::new(work), tx: None }
    }
}

impl<T> Act<'_, T> {
    /// Does it in the caller's own transaction: it counts when that commits, and was never done when it is rolled back.
    ///
    /// The tables of `jobs` must be in the database of the transaction. Servers learn of it within a second after the commit.
    pub fn within<'n, X: Tx + 'n>(self, tx: &'n mut X) -> Act<'n, T> {
        let Self { client, work, tx: _ } = self;
        Act { client, work, tx: Some(Transaction(tx)) }
    }
}

impl<'t, T> IntoFuture for Act<'t, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'t, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, work, tx } = self;
        work(client, tx.map(|Transaction(tx)| tx))
    }
}
