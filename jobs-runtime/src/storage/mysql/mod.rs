//! The engine on MySQL and MariaDB, which are spoken to in the words that both know.
//!
//! SQL stands in `sql/`, one statement a file; the tables in `migrations/`; what the statements are for, in [`sql`](super::sql).

mod address;
mod books;
mod claim;
mod driver;
mod error;
mod finish;
mod fold;
mod heart;
mod migrate;
mod own;
mod pool;
mod script;
mod server;
mod store;
mod template;
mod transact;

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::{MySqlConnection, mysql::MySqlConnectOptions};

use self::{
    books::Books,
    driver::Limited,
    error::own,
    fold::Fold,
    heart::MySqlHeart,
    own::Own,
    pool::Pool,
    transact::{Failure, Sent, Writing, transact},
};
use super::sql::{
    self,
    connection::Connection,
    engine::{Backend, Engine, VIEW, VIEWERS, too_slow},
    fail::{Fail, Res},
    group, insert,
    inserter::Inserter,
    statement::{Sql, for_all_statements, read_statements},
    thread::Thread,
    value::args,
    write::{Read, Sealed, Shared, Write},
};
use crate::{
    ServerId,
    error::{Error, Result},
    storage::{Accepted, Chunk, ClaimRequest, End, Finish, Heart, NewJob, Settings, TxConnection},
};

for_all_statements!(read_statements);

/// How many connections write at once, and how many read.
const WRITERS: usize = 6;
const READERS: usize = 4;
/// How many large calls store jobs at once. With the groups of small ones they are fewer than the connections that write, so that claims and
/// ends find one.
const LANES: usize = 2;
/// How often a read is begun anew because its connection was lost.
const ASKS: u32 = 1;
/// How often jobs and ends of attempts are sent again when the connection was lost at their commit.
const RESENDS: u32 = 2;

/// The engine's connections.
pub(crate) struct MySql {
    core: Arc<Core>,
    inserter: Inserter,
    thread: Thread,
}

/// What the calls on the thread share.
struct Core {
    writes: Pool,
    reads: Pool,
    /// For those who look on.
    views: Pool,
    shared: Arc<Shared>,
    options: MySqlConnectOptions,
    fold: Fold,
    own: Own,
    books: Books,
    /// Which set of tables this is.
    id: [u8; 16],
}

impl MySql {
    /// Connects, making the tables where they are not there.
    pub(crate) async fn open(url: &str, settings: Settings) -> Result<Engine<Self>> {
        let options = address::parse(url)?;
        let shared = Arc::new(Shared::new(settings, statements(template::prepare)));
        let added = Own::new();
        let mut connection = pool::connect(&options).await.map_err(|error| own(error, "connecting"))?;
        let id = set_up(&mut connection, &shared, &added.instance).await;
        pool::close(connection).await;
        let core = Arc::new(Core {
            writes: Pool::new(options.clone(), WRITERS),
            reads: Pool::new(options.clone(), READERS),
            views: Pool::new(options.clone(), VIEWERS.into()).with(include_str!("sql/view.sql")),
            shared,
            options,
            fold: Fold::new(),
            own: added,
            books: Books::default(),
            id: id?,
        });
        let last = Arc::clone(&core);
        let thread = Thread::start("jobs-mysql", async move {
            last.writes.close().await;
            last.reads.close().await;
            last.views.close().await;
        })?;
        let storing = Arc::clone(&core);
        let (inserter, insert) = Inserter::new(LANES, move |jobs| {
            let core = Arc::clone(&storing);
            async move { core.insert(jobs).await }.boxed()
        });
        thread.spawn(insert);
        Ok(Engine(Self { core, inserter, thread }))
    }
}

/// Checks the server, brings the tables up to date, and reads which set of tables this is.
async fn set_up(connection: &mut MySqlConnection, shared: &Shared, instance: &Sql) -> Result<[u8; 16]> {
    server::check(connection, shared.settings.payload_limit).await?;
    migrate::migrate(connection, shared.settings.migrate).await?;
    let read = |error| own(error, "reading which set of tables this is");
    match which(connection, instance).await.map_err(read)? {
        Some(id) => Ok(id),
        None => {
            Err(Error::Schema("the tables of `jobs` are there, but the row of `jobs_instance` is missing".to_owned()))
        }
    }
}

async fn which(connection: &mut MySqlConnection, instance: &Sql) -> sqlx::Result<Option<[u8; 16]>> {
    let rows = connection.rows(instance, args![]).await?;
    rows.first().map(|row| row.job(0).map(|id| *id.as_bytes())).transpose()
}

impl Core {
    /// The connection of a transaction of the application's, if it belongs to this set of tables.
    async fn belonging<'c>(&self, connection: &'c mut MySqlConnection) -> Result<&'c mut MySqlConnection> {
        match which(connection, &self.own.instance).await {
            Ok(Some(id)) if id == self.id => Ok(connection),
            Ok(_) => Err(error::foreign()),
            Err(error) => Err(error::within(error.into(), "looking at the caller's transaction")),
        }
    }

    async fn write<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send,
        T: Send,
    {
        let mut body = Writing { shared: &self.shared, run };
        let (answer, sealed) =
            transact(&self.writes, what, false, &mut body).await.map_err(|failure| failure.into_error(what))?;
        self.committed(sealed);
        Ok(answer)
    }

    /// Runs a read on a connection of `pool`.
    async fn read<T, F>(
        &self,
        pool: &Pool,
        limit: Option<Duration>,
        what: &'static str,
        run: F,
    ) -> Result<sqlx::Result<T>>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send,
        T: Send,
    {
        // It cannot be run twice, so that the connection must live.
        let mut taken = pool.take(true).await.map_err(|error| own(error, what))?;
        let mut connection = Limited(&mut taken.connection);
        let read = Read::new(&mut connection, &self.shared);
        let mut read = match limit {
            Some(limit) => read.limited(limit),
            None => read,
        };
        let read = run(&mut read).await;
        match &read {
            Ok(_) => taken.give_back(),
            Err(error) if error::is_lost(error) => pool.forget(),
            // What it was doing, such as a snapshot, ends with the connection.
            Err(_) => drop(taken),
        }
        Ok(read)
    }

    fn committed(&self, sealed: Sealed) {
        sealed.effects.committed();
        self.shared.learn(sealed.names);
        sealed.effects.announce(&self.shared.hub);
    }

    /// Runs a write that may be sent again, and gives the answers of the first time and of the last. `sent` is the answer of a first
    /// time of which nobody knows whether it was carried out.
    async fn resend<T, F>(&self, what: &'static str, sent: Option<T>, run: F) -> Result<(T, Option<T>)>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send,
        T: Send,
    {
        let mut body = Writing { shared: &self.shared, run };
        let mut lost = sent.map(|answer| (answer, None::<Sealed>));
        let mut resends = 0;
        loop {
            match transact(&self.writes, what, lost.is_some(), &mut body).await {
                Ok((answer, sealed)) => {
                    self.committed(sealed);
                    let Some((first, sealed)) = lost else { return Ok((answer, None)) };
                    // The first commit may be the one that was carried out. The names that it has made may have been taken back.
                    if let Some(sealed) = sealed {
                        sealed.effects.announce(&self.shared.hub);
                    }
                    return Ok((first, Some(answer)));
                }
                Err(Failure::Unknown((answer, sealed), error)) => {
                    resends += 1;
                    if resends > RESENDS {
                        return Err(error::unknown(error, what));
                    }
                    lost.get_or_insert((answer, None)).1.get_or_insert(sealed);
                }
                Err(Failure::Nothing(error)) if lost.is_some() => {
                    return Err(Error::Unavailable {
                        what: format!("{what}, after a lost answer"),
                        source: Box::new(error),
                    });
                }
                Err(Failure::Nothing(error)) => return Err(error),
            }
        }
    }

    /// Gives names their numbers, in a transaction of their own.
    async fn introduce(&self, jobs: &[NewJob]) -> Result<()> {
        let unknown = insert::unknown_names(&self.shared, jobs);
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Arc<[_]> = unknown.into();
        self.write("storing names", move |write| {
            let unknown = Arc::clone(&unknown);
            async move { insert::names(write, &unknown).await }.boxed()
        })
        .await
    }

    /// Stores all of the jobs or none.
    async fn insert(&self, jobs: Arc<[NewJob]>) -> Result<Vec<bool>> {
        let all_new = vec![true; jobs.len()];
        // Two that are new to the same name would wait for each other's end.
        self.introduce(&jobs).await?;
        let offer = self.shared.hub.offer(&jobs);
        let sent = match &offer {
            Some(_) => Sent::Not,
            None => store::store(self, &jobs).await,
        };
        let sent = match sent {
            Sent::Done(()) => return Ok(all_new),
            Sent::Lost => Some((all_new, None)),
            Sent::Not => None,
        };
        // Known at the second sending are those that the first has stored, which were new then.
        let offered = offer.clone();
        let ((first, chunk), again) = self
            .resend("storing jobs", sent, move |write| {
                let (jobs, offer) = (Arc::clone(&jobs), offered.clone());
                async move { sql::offer::jobs(write, &jobs, offer.as_deref()).await }.boxed()
            })
            .await?;
        // A chunk of a sending whose answer was lost may not be there; if it is, the server finds it by looking at what it holds.
        let chunk = again.map_or(chunk, |(_, chunk)| chunk);
        if let Some((offer, chunk)) = offer.zip(chunk) {
            offer.take(chunk);
        }
        Ok(first)
    }

    /// Ends these attempts, those that are like most together; one that could not be ended is told of by the error.
    async fn end_all(&self, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
        let Some(split) = finish::split(self, server, &ends) else { return self.end_any(server, ends, None).await };
        let (plain, other): (Vec<_>, Vec<_>) = ends.into_iter().zip(&split.is_plain).partition(|(_, plain)| **plain);
        let alone = |ends: Vec<(Finish, &bool)>| ends.into_iter().map(|(end, _)| end).collect::<Vec<_>>();
        // What was stored is told again as such when the rest comes a second time, so that the rest goes first.
        let other = alone(other);
        let mut other =
            if other.is_empty() { Vec::new() } else { self.end_any(server, other, None).await? }.into_iter();
        let all = vec![Accepted::Yes; plain.len()];
        let mut plain = match finish::succeed(self, server, split.succeeded).await {
            Sent::Done(()) => all,
            Sent::Lost => self.end_any(server, alone(plain), Some(all)).await?,
            Sent::Not => self.end_any(server, alone(plain), None).await?,
        }
        .into_iter();
        let answers = split.is_plain.into_iter().map(|is_plain| if is_plain { plain.next() } else { other.next() });
        Ok(answers.map(|answer| answer.unwrap_or(Accepted::Stale)).collect())
    }

    /// Ends all of these attempts or none. `sent` is what became of them if they were stored by a first sending, which may be.
    async fn end_any(&self, server: ServerId, ends: Vec<Finish>, sent: Option<Vec<Accepted>>) -> Result<Vec<Accepted>> {
        let ends: Arc<[Finish]> = ends.into();
        let given = Arc::clone(&ends);
        let (first, again) = self
            .resend("ending attempts", sent, move |write| {
                let ends = Arc::clone(&given);
                async move { sql::finish::finish(write, server, &ends).await }.boxed()
            })
            .await?;
        let Some(again) = again else { return Ok(first) };
        let answers = ends.iter().zip(first).zip(again);
        Ok(answers.map(|((end, first), again)| resent(&end.end, first, again)).collect())
    }
}

/// What became of an end that was sent twice. One that the first sending has stored is stale to the second, where it left no final
/// state that tells whose it is; that somebody else was between the two is far less likely, and harmless.
const fn resent(end: &End, first: Accepted, last: Accepted) -> Accepted {
    match (first, last) {
        (Accepted::Yes, Accepted::Again) => Accepted::Yes,
        (Accepted::Yes, Accepted::Stale)
            if matches!(end, End::Retry { .. } | End::Snoozed { .. } | End::HandedBack) =>
        {
            Accepted::Yes
        }
        _ => last,
    }
}

impl Backend for MySql {
    const NAME: &'static str = "mysql";
    const SCHEMA: i64 = migrate::NEWEST;
    const NAMES_BESIDE: bool = true;
    const LANES: usize = LANES;

    fn shared(&self) -> &Shared {
        &self.core.shared
    }

    async fn write<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static,
    {
        let core = Arc::clone(&self.core);
        self.thread.run(what, async move { core.write(what, run).await }).await
    }

    async fn repeat<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static,
    {
        let core = Arc::clone(&self.core);
        let repeating = async move {
            // What it says the second time tells of the first, if that was carried out.
            let (first, _) = core.resend(what, None, run).await?;
            Ok(first)
        };
        self.thread.run(what, repeating).await
    }

    async fn read<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let core = Arc::clone(&self.core);
        let reading = async move { core.read(&core.reads, None, what, run).await?.map_err(|error| own(error, what)) };
        self.thread.run(what, reading).await
    }

    async fn view<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let core = Arc::clone(&self.core);
        let viewing = async move {
            let read = core.read(&core.views, Some(VIEW), what, run).await?;
            read.map_err(|error| {
                if error::is_too_slow(&error) || matches!(error, sqlx::Error::PoolTimedOut) {
                    too_slow(what)
                } else {
                    own(error, what)
                }
            })
        };
        self.thread.run(what, viewing).await
    }

    async fn ask<T, F>(&self, what: &'static str, mut run: F) -> Result<T>
    where
        F: for<'c> FnMut(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let core = Arc::clone(&self.core);
        let asking = async move {
            let mut losses = 0;
            loop {
                let mut taken = core.reads.take(false).await.map_err(|error| own(error, what))?;
                match run(&mut Read::new(&mut Limited(&mut taken.connection), &core.shared)).await {
                    Ok(answer) => {
                        taken.give_back();
                        return Ok(answer);
                    }
                    Err(error) if error::is_lost(&error) && losses < ASKS => {
                        losses += 1;
                        core.reads.forget();
                    }
                    Err(error) => return Err(own(error, what)),
                }
            }
        };
        self.thread.run(what, asking).await
    }

    async fn insert(&self, jobs: Arc<[NewJob]>) -> Result<Vec<bool>> {
        self.inserter.insert(&self.thread, jobs).await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Chunk>> {
        let core = Arc::clone(&self.core);
        self.thread.run(claim::WHAT, async move { claim::claim(&core, request).await }).await
    }

    async fn finish(&self, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
        let core = Arc::clone(&self.core);
        let ending = async move {
            let mut end_all = move |ends| {
                let core = Arc::clone(&core);
                async move { core.end_all(server, ends).await }
            };
            group::finish(ends, &mut end_all).await
        };
        self.thread.run("ending attempts", ending).await
    }

    async fn fold(&self) -> Result<u64> {
        let core = Arc::clone(&self.core);
        self.thread.run("adding up the statistics", async move { core.fold.run(&core.writes).await }).await
    }

    async fn enter<'c>(&self, tx: TxConnection<'c>) -> Result<&'c mut dyn Connection> {
        match tx {
            TxConnection::MySql(connection) => self.core.belonging(connection).await.map(|ours| ours as _),
            #[cfg(any(feature = "sqlite", feature = "postgres"))]
            _ => Err(super::sql::engine::other_engine(Self::NAME)),
        }
    }

    fn error(&self, fail: Fail, what: &'static str) -> Error {
        error::within(fail, what)
    }

    async fn heart(&self) -> Result<Box<dyn Heart>> {
        let heart = MySqlHeart::open(self.core.options.clone(), Arc::clone(&self.core.shared)).await?;
        Ok(Box::new(heart))
    }
}
