//! Transactions: how one is begun, ended and run again, and what is known of one whose connection was lost.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use sqlx::{Executor as _, PgConnection, Row as _};
use tokio::sync::Mutex;

use super::{
    address::Address,
    chunks::Chunks,
    error::{into_error, is_cancelled, is_conflict, is_lock_timeout, is_lost, is_unknown_number, own},
    pool::{Held, Pool, WAIT},
    statements::Own,
    vacuum::Leavings,
    wake::{Teller, pause},
};
use crate::{
    error::{Error, Result},
    storage::sql::{
        connection::Connection,
        engine::{RACES, VIEW, VIEWERS, too_slow},
        fail::{Fail, Res},
        write::{Read, Sealed, Shared, Write},
    },
    wake,
};

/// How many connections write at once, and how many read.
const WRITERS: usize = 6;
const READERS: usize = 4;
/// How often a row is waited for that another transaction keeps locked, each time as long as the server lets one wait.
const LOCK_TRIES: u32 = 1;
/// How often a call is begun anew because its connection was lost.
const LOSSES: u32 = 2;
/// How long a transaction may take in all. The server's own limits are shorter; where none is heard of, the way there is cut.
const LIMIT: Duration = Duration::from_secs(60);
/// How long to ask again what became of a transaction that is still being ended.
const SETTLING: Duration = Duration::from_millis(50);

/// What all calls share.
pub(super) struct Core {
    pub(super) shared: Shared,
    pub(super) own: Own,
    pub(super) address: Address,
    pub(super) writers: Arc<Pool>,
    pub(super) readers: Arc<Pool>,
    /// For those who look on.
    pub(super) viewers: Arc<Pool>,
    pub(super) teller: Teller,
    /// Held by the claim that is under way.
    pub(super) claiming: Mutex<()>,
    pub(super) leavings: Leavings,
    pub(super) chunks: Chunks,
}

/// How one run of a transaction ended.
enum Attempt<T> {
    Done(T, Sealed),
    Failed(Fail),
    /// The connection was lost while it was committed.
    Doubt {
        xact: String,
        answer: T,
        sealed: Sealed,
        error: sqlx::Error,
    },
}

impl<T> From<sqlx::Error> for Attempt<T> {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(Fail::Sql(error))
    }
}

/// One statement that is a transaction of its own.
#[async_trait]
pub(super) trait Single: Send + Sync {
    type Answer: Send;

    async fn run(&self, core: &Core, connection: &mut PgConnection) -> Res<Self::Answer>;
}

/// What was tried so far.
#[derive(Default)]
pub(super) struct Tries {
    careful: bool,
    races: u32,
    locks: u32,
    losses: u32,
}

impl Tries {
    /// Whether to begin anew.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn again(&mut self, fail: Fail, what: &str) -> Result<()> {
        let (tried, most) = match &fail {
            Fail::Known => {
                self.careful = true;
                (&mut self.races, RACES)
            }
            Fail::Raced => (&mut self.races, RACES),
            Fail::Sql(error) if is_conflict(error) => (&mut self.races, RACES),
            Fail::Sql(error) if is_lock_timeout(error) => (&mut self.locks, LOCK_TRIES),
            Fail::Sql(error) if is_lost(error) => (&mut self.losses, LOSSES),
            Fail::Sql(_) | Fail::Own(_) => return Err(into_error(fail, what)),
        };
        *tried += 1;
        if *tried <= most { Ok(()) } else { Err(into_error(fail, what)) }
    }
}

impl Core {
    pub(super) fn new(address: Address, shared: Shared) -> Self {
        Self {
            own: Own::new(&address),
            writers: Pool::new(address.to_write(), WRITERS),
            readers: Pool::new(address.to_read(), READERS),
            viewers: Pool::new(address.to_view(), VIEWERS.into()),
            teller: Teller::new(!address.pooled),
            claiming: Mutex::default(),
            leavings: Leavings::default(),
            chunks: Chunks::default(),
            shared,
            address,
        }
    }

    /// Runs a write in a transaction, again from the start where another was first.
    pub(super) async fn write<T, F>(&self, what: &'static str, mut run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send,
        T: Send,
    {
        let mut tries = Tries::default();
        loop {
            let held = self.writers.take(what).await?;
            match self.attempt(held, what, tries.careful, &mut run).await {
                Attempt::Done(answer, sealed) => {
                    self.committed(sealed);
                    return Ok(answer);
                }
                Attempt::Failed(fail) => tries.again(fail, what)?,
                Attempt::Doubt { xact, answer, sealed, error } => match self.is_committed(&xact).await {
                    Some(true) => {
                        self.committed(sealed);
                        return Ok(answer);
                    }
                    Some(false) => tries.again(Fail::Sql(error), what)?,
                    None => return Err(own(error, what)),
                },
            }
        }
    }

    /// What is to be done after a commit.
    pub(super) fn committed(&self, sealed: Sealed) {
        sealed.effects.committed();
        self.shared.learn(sealed.names);
        self.teller.tell(&sealed.effects);
        sealed.effects.announce(&self.shared.hub);
    }

    async fn attempt<T, F>(&self, mut held: Held, what: &'static str, careful: bool, run: &mut F) -> Attempt<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send,
        T: Send,
    {
        let transaction = transact(&mut held.connection, self, careful, run);
        let Some(attempt) = wake::within(LIMIT, transaction).await else {
            return Attempt::Failed(Fail::Own(silent(what)));
        };
        let usable = match &attempt {
            Attempt::Done(..) => true,
            Attempt::Failed(Fail::Sql(error)) if is_lost(error) => false,
            Attempt::Failed(_) => roll_back(&mut held.connection).await,
            Attempt::Doubt { .. } => false,
        };
        if usable {
            held.give_back()
        } else {
            self.writers.forget()
        }
        attempt
    }

    /// Whether a transaction whose end was not heard of is committed; `None` where that cannot be found out in time.
    async fn is_committed(&self, xact: &str) -> Option<bool> {
        let begin = Instant::now();
        while begin.elapsed() < WAIT {
            let Ok(mut held) = self.writers.take("asking what became of a transaction").await else {
                pause(SETTLING).await;
                continue;
            };
            // In one round trip, because a pooler may give each another session.
            let statement = self.own.xact_status.filled(&xact.parse::<u64>().ok()?.to_string());
            let asked = held.connection.fetch_one(sqlx::raw_sql(statement));
            let status = match wake::within(WAIT, asked).await? {
                Ok(row) => row.try_get_unchecked::<Option<String>, _>(0),
                Err(error) if is_unknown_number(&error) => return Some(false),
                Err(error) if is_lost(&error) => continue,
                Err(_) => return None,
            };
            held.give_back();
            match status.ok()?.as_deref() {
                Some("committed") => return Some(true),
                Some("aborted") => return Some(false),
                Some(_) => pause(SETTLING).await,
                None => return None,
            }
        }
        None
    }

    /// Runs one statement that is a transaction of its own, again where its connection was lost or another was first.
    pub(super) async fn alone<S: Single>(&self, what: &'static str, statement: &S) -> Result<S::Answer> {
        self.alone_after(what, statement, Tries::default()).await
    }

    /// The same, and it is not tried again where a row was locked.
    pub(super) async fn alone_unless_locked<S: Single>(&self, what: &'static str, statement: &S) -> Result<S::Answer> {
        self.alone_after(what, statement, Tries { locks: LOCK_TRIES, ..Tries::default() }).await
    }

    async fn alone_after<S: Single>(&self, what: &'static str, statement: &S, mut tries: Tries) -> Result<S::Answer> {
        loop {
            let mut held = self.writers.take(what).await?;
            let Some(done) = wake::within(LIMIT, statement.run(self, &mut held.connection)).await else {
                return Err(silent(what));
            };
            match done {
                Ok(answer) => {
                    held.give_back();
                    return Ok(answer);
                }
                Err(fail) => {
                    match &fail {
                        Fail::Sql(error) if is_lost(error) => self.writers.forget(),
                        _ => held.give_back(),
                    }
                    tries.again(fail, what)?;
                }
            }
        }
    }

    /// Runs a read.
    pub(super) async fn read<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send,
        T: Send,
    {
        let begin = include_str!("sql/begin_read_pooled.sql");
        self.read_by(&self.readers, begin, None, what, run).await?.map_err(|error| own(error, what))
    }

    /// Runs a read for those who look on.
    pub(super) async fn view<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send,
        T: Send,
    {
        let begin = include_str!("sql/begin_view_pooled.sql");
        let read = self.read_by(&self.viewers, begin, Some(VIEW), what, run).await?;
        read.map_err(|error| {
            if is_cancelled(&error) || matches!(error, sqlx::Error::PoolTimedOut) {
                too_slow(what)
            } else {
                own(error, what)
            }
        })
    }

    async fn read_by<T, F>(
        &self,
        pool: &Arc<Pool>,
        begin_pooled: &'static str,
        limit: Option<Duration>,
        what: &'static str,
        run: F,
    ) -> Result<sqlx::Result<T>>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send,
        T: Send,
    {
        let mut held = self.reader(pool, begin_pooled, what).await?;
        let read = Read::new(&mut held.connection, &self.shared);
        let mut read = match limit {
            Some(limit) => read.limited(limit),
            None => read,
        };
        let Some(done) = wake::within(LIMIT, run(&mut read)).await else { return Err(silent(what)) };
        let usable = match &done {
            Ok(_) if !self.address.pooled => true,
            Err(error) if is_lost(error) => false,
            _ => roll_back(&mut held.connection).await,
        };
        if usable {
            held.give_back()
        } else {
            pool.forget()
        }
        Ok(done)
    }

    /// Runs a read that may be begun anew, in one round trip.
    pub(super) async fn ask<T, F>(&self, what: &'static str, mut run: F) -> Result<T>
    where
        F: for<'c> FnMut(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send,
        T: Send,
    {
        if self.address.pooled {
            return self.read(what, run).await;
        }
        let mut tries = Tries::default();
        loop {
            let mut held = self.readers.take(what).await?;
            let mut read = Read::new(&mut held.connection, &self.shared);
            match wake::within(LIMIT, run(&mut read)).await {
                Some(Ok(answer)) => {
                    held.give_back();
                    return Ok(answer);
                }
                Some(Err(error)) => {
                    if is_lost(&error) {
                        self.readers.forget();
                    }
                    tries.again(Fail::Sql(error), what)?;
                }
                None => return Err(silent(what)),
            }
        }
    }

    /// A connection that answers, because a read cannot be begun anew.
    async fn reader(&self, pool: &Arc<Pool>, begin_pooled: &'static str, what: &'static str) -> Result<Held> {
        let mut tries = Tries::default();
        loop {
            let mut held = pool.take(what).await?;
            let greeting = if self.address.pooled {
                begin_pooled
            } else if held.used {
                include_str!("sql/ping.sql")
            } else {
                return Ok(held);
            };
            match wake::within(WAIT, held.connection.command(greeting)).await {
                Some(Ok(())) => return Ok(held),
                Some(Err(error)) => {
                    pool.forget();
                    tries.again(Fail::Sql(error), what)?;
                }
                None => {
                    pool.forget();
                    return Err(silent(what));
                }
            }
        }
    }
}

async fn transact<T, F>(connection: &mut PgConnection, core: &Core, careful: bool, run: &mut F) -> Attempt<T>
where
    F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send,
    T: Send,
{
    let ready = async {
        let clock = begin(connection, core.address.pooled).await?;
        let mut write = Write::new(connection, &core.shared, clock).careful(careful);
        let answer = run(&mut write).await?;
        let sealed = write.seal().await?;
        // Asked for before the commit, whose answer may never come. There is none where nothing was written.
        let row = connection.fetch_one(sqlx::raw_sql(core.own.xact_id.str())).await?;
        Ok((answer, sealed, row.try_get_unchecked::<Option<String>, _>(0)?))
    };
    let (answer, sealed, xact) = match ready.await {
        Ok(ready) => ready,
        Err(fail) => return Attempt::Failed(fail),
    };
    match (connection.command("COMMIT").await, xact) {
        (Ok(()), _) => Attempt::Done(answer, sealed),
        (Err(error), Some(xact)) if is_lost(&error) => Attempt::Doubt { xact, answer, sealed, error },
        (Err(error), None) if is_lost(&error) => Attempt::Done(answer, sealed),
        (Err(error), _) => error.into(),
    }
}

/// Begins a transaction; returns the database's time.
pub(super) async fn begin(connection: &mut PgConnection, pooled: bool) -> sqlx::Result<i64> {
    let begin = if pooled { include_str!("sql/begin_pooled.sql") } else { include_str!("sql/begin.sql") };
    connection.fetch_one(sqlx::raw_sql(begin)).await?.try_get_unchecked(0)
}

/// Ends a transaction that failed. Returns whether the connection is of any more use.
pub(super) async fn roll_back(connection: &mut PgConnection) -> bool {
    matches!(wake::within(WAIT, connection.command("ROLLBACK")).await, Some(Ok(())))
}

fn silent(what: &str) -> Error {
    let source = format!("the server has not answered for {} seconds", LIMIT.as_secs());
    Error::Unavailable { what: what.to_owned(), source: source.into() }
}
