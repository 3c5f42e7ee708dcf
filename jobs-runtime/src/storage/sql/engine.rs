//! What an engine brings beside its statements, and how calls run inside the application's transactions.

use std::{future::Future, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    aside::Aside,
    claim,
    connection::Connection,
    fail::{Fail, Res},
    names::Noun,
    upkeep,
    write::{Read, Shared, Write},
};
use crate::{
    JobId, ServerId,
    error::{Error, Result},
    storage::{Accepted, Chunk, ClaimRequest, Finish, Heart, NewJob, Note, Promoted, SharedStorage, TxConnection},
};

/// How often a write is begun anew because another transaction was first.
pub(crate) const RACES: u32 = 20;

/// What [`Backend::promote`] does.
pub(crate) const PROMOTING: &str = "promoting due jobs";

/// How long a read may take that is for people who look on; the engines' `view.sql` say the same to the servers.
pub(crate) const VIEW: Duration = Duration::from_secs(2);
/// How many connections those have who look on.
pub(crate) const VIEWERS: u8 = 2;

/// Such a read took longer.
pub(crate) fn too_slow(what: &str) -> Error {
    Error::Slow { what: what.to_owned(), limit: VIEW }
}

/// What an engine brings beside its statements.
pub(crate) trait Backend: Send + Sync + 'static {
    /// The engine's word.
    const NAME: &'static str;
    /// The version of the tables that this program works with.
    const SCHEMA: i64;
    /// Whether names of kinds and queues can be stored beside an open transaction of the application's.
    const NAMES_BESIDE: bool;
    /// What [`Storage::lanes`](crate::storage::Storage::lanes) answers.
    const LANES: usize;

    fn shared(&self) -> &Shared;

    /// Runs a write in a transaction, and from its start again where the engine had to give up or another was first. It runs to
    /// its end, whether or not the caller waits.
    fn write<T, F>(&self, what: &'static str, run: F) -> impl Future<Output = Result<T>> + Send
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static;

    /// Runs a write that changes nothing when it is carried out a second time: also once more where nobody can know whether the first
    /// time was committed.
    fn repeat<T, F>(&self, what: &'static str, run: F) -> impl Future<Output = Result<T>> + Send
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.write(what, run)
    }

    /// Runs a read, to its end, whether or not the caller waits.
    fn read<T, F>(&self, what: &'static str, run: F) -> impl Future<Output = Result<T>> + Send
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static;

    /// Runs a read that may be begun anew, so that its connection need not be tested before it.
    fn ask<T, F>(&self, what: &'static str, run: F) -> impl Future<Output = Result<T>> + Send
    where
        F: for<'c> FnMut(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.read(what, run)
    }

    /// Runs a read for those who look on: on connections of their own, and no longer than [`VIEW`].
    fn view<T, F>(&self, what: &'static str, run: F) -> impl Future<Output = Result<T>> + Send
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static;

    /// The engine for those who look on.
    fn aside(engine: Arc<Engine<Self>>) -> SharedStorage
    where
        Self: Sized,
    {
        Aside::of(engine)
    }

    /// How many questions those have asked who look on.
    fn views(&self) -> u64 {
        0
    }

    /// Stores jobs, merged with other calls that wait.
    fn insert(&self, jobs: Arc<[NewJob]>) -> impl Future<Output = Result<Vec<bool>>> + Send;

    /// Ends attempts; one that cannot be stored harms no other.
    fn finish(&self, server: ServerId, ends: Vec<Finish>) -> impl Future<Output = Result<Vec<Accepted>>> + Send;

    /// Takes jobs.
    fn claim(&self, request: ClaimRequest) -> impl Future<Output = Result<Vec<Chunk>>> + Send {
        self.write("claiming jobs", move |write| {
            let request = request.clone();
            async move { claim::claim(write, &request).await }.boxed()
        })
    }

    /// Moves due jobs to where they can be claimed.
    fn promote(&self, limit: u32) -> impl Future<Output = Result<Promoted>> + Send {
        self.write(PROMOTING, move |write| upkeep::promote(write, limit).boxed())
    }

    /// Adds up the notes of the statistics, where the engine keeps notes.
    fn fold(&self) -> impl Future<Output = Result<u64>> + Send {
        async { Ok(0) }
    }

    /// The connection of the application's transaction, if it belongs to this engine and this database.
    fn enter<'c>(&self, tx: TxConnection<'c>) -> impl Future<Output = Result<&'c mut dyn Connection>> + Send;

    /// Running jobs are about to have something noted.
    fn noted(&self, _notes: &[Note]) {}

    /// A job was stored in a transaction that is still open.
    fn entered(&self, _job: JobId) {}

    /// A job has been seen from outside.
    fn seen(&self, _job: JobId) {}

    /// The crate's error.
    fn error(&self, fail: Fail, what: &'static str) -> Error;

    fn heart(&self) -> impl Future<Output = Result<Box<dyn Heart>>> + Send;
}

/// The application's transaction belongs to another engine than the client.
#[cfg(any(
    all(feature = "sqlite", any(feature = "postgres", feature = "mysql")),
    all(feature = "postgres", feature = "mysql")
))]
pub(crate) fn other_engine(engine: &str) -> Error {
    Error::config(format!(
        "the transaction is not one of {engine}, to which the client is connected; `.within` needs the client to be connected to \
         the database that the transaction belongs to"
    ))
}

/// An engine.
pub(crate) struct Engine<B>(pub(crate) B);

impl<B: Backend> Engine<B> {
    /// Runs a write inside the application's transaction. If it fails, that transaction goes on without a trace of it.
    pub(super) async fn within<T, F>(&self, tx: TxConnection<'_>, what: &'static str, mut run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send,
        T: Send,
    {
        let connection = self.0.enter(tx).await?;
        let refused = |error: sqlx::Error| self.0.error(error.into(), what);
        let mut races = 0;
        // To look for a job that is not there may lock the place for it until the application's transaction ends.
        let mut careful = false;
        loop {
            connection.command("SAVEPOINT jobs_within").await.map_err(refused)?;
            let fail = match run_within(connection, self.0.shared(), !B::NAMES_BESIDE, careful, &mut run).await {
                Ok(answer) => {
                    connection.command("RELEASE SAVEPOINT jobs_within").await.map_err(refused)?;
                    return Ok(answer);
                }
                Err(fail) => fail,
            };
            // Where the database has ended the whole transaction there is no savepoint left; the first error tells more.
            if let Err(error) = connection.command("ROLLBACK TO SAVEPOINT jobs_within").await {
                tracing::debug!(%error, "leaving the caller's transaction");
            }
            races += 1;
            careful |= matches!(fail, Fail::Known);
            if !matches!(fail, Fail::Known | Fail::Raced) || races > RACES {
                return Err(self.0.error(fail, what));
            }
        }
    }

    /// Stores the names before the application's transaction does, which could keep others waiting for them until its end.
    pub(super) async fn introduce(&self, names: impl IntoIterator<Item = (Noun, Arc<str>)> + Send) -> Result<()> {
        if !B::NAMES_BESIDE {
            return Ok(());
        }
        let unknown = names.into_iter().filter(|(noun, name)| self.0.shared().number(*noun, name).is_none());
        let unknown: Vec<_> = unknown.collect();
        if unknown.is_empty() {
            return Ok(());
        }
        self.0
            .write("storing names", move |write| {
                let unknown = unknown.clone();
                async move {
                    for (noun, name) in unknown {
                        write.number(noun, &name).await?;
                    }
                    Ok(())
                }
                .boxed()
            })
            .await
    }
}

async fn run_within<T, F>(
    connection: &mut dyn Connection,
    shared: &Shared,
    foreign: bool,
    careful: bool,
    run: &mut F,
) -> Res<T>
where
    F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send,
{
    let clock = connection.clock().await?;
    let mut write = Write::new(connection, shared, clock).careful(careful).borrowed().foreign(foreign);
    let answer = run(&mut write).await?;
    write.seal().await?;
    Ok(answer)
}
