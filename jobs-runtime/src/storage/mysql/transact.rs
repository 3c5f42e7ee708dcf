//! Transactions of the engine's own, from `BEGIN` to `COMMIT`, and from the start again where another was first.

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    driver::{Limited, begin, commands, limited},
    error::{into_error, is_conflict, is_locked, is_lost, is_of_server, unknown},
    pool::{Pool, Taken},
    script::{Reply, Script},
};
use crate::{
    error::{Error, Result},
    storage::sql::{
        connection::Connection,
        engine::RACES,
        fail::{Fail, Res},
        write::{Sealed, Shared, Write},
    },
};

/// How often a write is begun anew because the connection was lost before the commit was sent.
const CONNECTIONS: u32 = 3;
/// How often because a row was locked; the database waits each time.
const LOCKS: u32 = 1;

/// What a transaction does between its begin and its commit. It may be run several times.
pub(super) trait Body: Send {
    type Answer: Send;

    /// `clock` is the database's time; `careful` says that jobs may be known.
    fn run<'a>(
        &'a mut self,
        connection: &'a mut dyn Connection,
        clock: i64,
        careful: bool,
    ) -> BoxFuture<'a, Res<Self::Answer>>;
}

/// A write of the shared code's.
pub(super) struct Writing<'s, F> {
    pub(super) shared: &'s Shared,
    pub(super) run: F,
}

impl<T, F> Body for Writing<'_, F>
where
    F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send,
    T: Send,
{
    type Answer = (T, Sealed);

    fn run<'a>(
        &'a mut self,
        connection: &'a mut dyn Connection,
        clock: i64,
        careful: bool,
    ) -> BoxFuture<'a, Res<Self::Answer>> {
        async move {
            let mut write = Write::new(connection, self.shared, clock).careful(careful);
            let answer = (self.run)(&mut write).await?;
            Ok((answer, write.seal().await?))
        }
        .boxed()
    }
}

/// Why nothing can be said to be stored.
pub(super) enum Failure<T> {
    /// Nothing was.
    Nothing(Error),
    /// The connection was lost at the commit: all of it may be stored, with this answer, or nothing.
    Unknown(T, sqlx::Error),
}

impl<T> Failure<T> {
    pub(super) fn into_error(self, what: &str) -> Error {
        match self {
            Self::Nothing(error) => error,
            Self::Unknown(_, error) => unknown(error, what),
        }
    }
}

/// Runs a transaction.
pub(super) async fn transact<B: Body>(
    pool: &Pool,
    what: &str,
    mut careful: bool,
    body: &mut B,
) -> Result<B::Answer, Failure<B::Answer>> {
    let (mut races, mut connections, mut locks) = (0, 0, 0);
    loop {
        let fail = match attempt(pool, careful, body).await {
            Ok(answer) => return Ok(answer),
            Err(Attempt::Unknown(answer, error)) => return Err(Failure::Unknown(answer, error)),
            Err(Attempt::Failed(fail)) => fail,
            // Connecting has its own limit, and fails for all alike.
            Err(Attempt::NoConnection(error)) => return Err(Failure::Nothing(into_error(error.into(), what))),
        };
        let (tries, limit) = match &fail {
            Fail::Known | Fail::Raced => (&mut races, RACES),
            Fail::Sql(error) if is_conflict(error) => (&mut races, RACES),
            Fail::Sql(error) if is_locked(error) => (&mut locks, LOCKS),
            Fail::Sql(error) if is_lost(error) => (&mut connections, CONNECTIONS),
            Fail::Sql(_) | Fail::Own(_) => return Err(Failure::Nothing(into_error(fail, what))),
        };
        careful |= matches!(fail, Fail::Known);
        *tries += 1;
        if *tries > limit {
            return Err(Failure::Nothing(into_error(fail, what)));
        }
        if let Fail::Sql(error) = &fail {
            tracing::debug!(what, %error, "the transaction runs again");
        }
    }
}

enum Attempt<T> {
    NoConnection(sqlx::Error),
    Failed(Fail),
    Unknown(T, sqlx::Error),
}

async fn attempt<B: Body>(pool: &Pool, careful: bool, body: &mut B) -> Result<B::Answer, Attempt<B::Answer>> {
    let mut taken = pool.take(false).await.map_err(Attempt::NoConnection)?;
    let connection = &mut taken.connection;
    let clock = match begin(connection).await {
        Ok(clock) => clock,
        Err(error) => {
            abandon(pool, taken, &error).await;
            return Err(Attempt::Failed(error.into()));
        }
    };
    match body.run(&mut Limited(connection), clock, careful).await {
        Ok(answer) => match limited(commands(connection, "COMMIT")).await {
            Ok(_) => {
                taken.give_back();
                Ok(answer)
            }
            Err(error) => {
                abandon(pool, taken, &error).await;
                Err(if is_lost(&error) { Attempt::Unknown(answer, error) } else { Attempt::Failed(error.into()) })
            }
        },
        Err(fail) => {
            match &fail {
                Fail::Sql(error) => abandon(pool, taken, error).await,
                Fail::Known | Fail::Raced | Fail::Own(_) => roll_back(taken).await,
            }
            Err(Attempt::Failed(fail))
        }
    }
}

/// Leaves a transaction after an error of the driver's.
pub(super) async fn abandon(pool: &Pool, taken: Taken<'_>, error: &sqlx::Error) {
    if is_lost(error) {
        // Those that have waited longer are most likely lost too.
        pool.forget();
    } else if !is_of_server(error) {
        roll_back(taken).await;
    }
}

pub(super) async fn roll_back(mut taken: Taken<'_>) {
    // A connection that cannot even do this is closed, which does it.
    if limited(commands(&mut taken.connection, "ROLLBACK")).await.is_ok() {
        taken.give_back();
    }
}

/// What became of a transaction that is one text.
pub(super) enum Sent<T> {
    Done(T),
    /// The connection was lost: all of it may be stored or nothing.
    Lost,
    /// Nothing is stored: it was not sent, or the database refused.
    Not,
}

impl<T> Sent<T> {
    pub(super) fn map<U>(self, with: impl FnOnce(T) -> U) -> Sent<U> {
        match self {
            Self::Done(done) => Sent::Done(with(done)),
            Self::Lost => Sent::Lost,
            Self::Not => Sent::Not,
        }
    }
}

/// Runs a text that is a whole transaction, from `BEGIN` to `COMMIT`.
pub(super) async fn send(pool: &Pool, script: Script) -> Sent<Vec<Reply>> {
    send_all(pool, std::iter::once(script)).await
}

/// Runs texts that are a whole transaction together, from the `BEGIN` of the first to the `COMMIT` of the last.
pub(super) async fn send_all(pool: &Pool, scripts: impl Iterator<Item = Script> + Send) -> Sent<Vec<Reply>> {
    let Ok(mut taken) = pool.take(true).await else { return Sent::Not };
    let mut replies = Vec::new();
    for script in scripts {
        match script.send(&mut taken.connection).await {
            Ok(mut more) => replies.append(&mut more),
            Err(error) => {
                tracing::debug!(%error, "the transaction runs again, statement by statement");
                let lost = is_lost(&error);
                abandon(pool, taken, &error).await;
                return if lost { Sent::Lost } else { Sent::Not };
            }
        }
    }
    taken.give_back();
    Sent::Done(replies)
}
