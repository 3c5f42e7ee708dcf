//! The engine on an embedded SQLite file: one writer a process, a pool of readers, and a watch on the file for the commits
//! of other processes.
//!
//! SQL stands in `sql/`, one statement a file; the tables in `migrations/`; what the statements are for, in [`sql`](super::sql).

mod address;
mod driver;
mod error;
mod heart;
mod migrate;
mod native;
mod op;
mod place;
mod watch;
mod within;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use sqlx::{
    ConnectOptions, Connection as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use self::{
    driver::host_clock,
    error::own,
    heart::SqliteHeart,
    native::Opening,
    place::Place,
    within::OpenTransactions,
    writer::{LOCK_WAIT, Writer},
};
use super::sql::{
    connection::Connection,
    engine::{Backend, Engine, VIEW, VIEWERS, too_slow},
    fail::{Fail, Res},
    statement::{Sql, for_all_statements, read_statements},
    write::{Read, Shared, Write},
};
use crate::{
    JobId, ServerId,
    error::{Error, Result},
    storage::{Accepted, Chunk, ClaimRequest, Finish, Heart, NewJob, Settings, TxConnection},
};

for_all_statements!(read_statements);

/// How many connections read at once.
const READERS: u32 = 4;
/// After so many steps of SQLite's machine, a read for those who look on looks at the time: some ten thousand times a second.
const VIEW_STEPS: i32 = 10_000;
/// How long connections other than the writer's wait for the lock: a beat's less than the time from beat to beat.
const READ_LOCK_WAIT: Duration = Duration::from_secs(2);

/// The engine's connections.
pub(crate) struct Sqlite {
    writer: Writer,
    readers: SqlitePool,
    /// For those who look on.
    viewers: SqlitePool,
    shared: Arc<Shared>,
    open: Arc<OpenTransactions>,
    options: SqliteConnectOptions,
    path: PathBuf,
    _watch: Option<watch::Watch>,
}

impl Sqlite {
    /// Opens the file, making it and its tables where they are not there.
    pub(crate) async fn open(url: &str, settings: Settings) -> Result<Engine<Self>> {
        let address = address::parse(url, LOCK_WAIT)?;
        let shared = Arc::new(Shared::new(settings, statements(|text| Sql::new(text))));
        // Absolute, because the program may change its directory before the next connection is opened.
        let path = std::path::absolute(&address.opening.path).unwrap_or(address.opening.path);
        let options = address.options.filename(&path);
        let opening = Opening { path: path.clone(), ..address.opening };
        let mut connection = connect(&options, &path).await?;
        migrate::migrate(&mut connection, shared.settings.migrate, host_clock()).await?;
        // Were the file to vanish, a later connection must not put an empty one in its place.
        let options = options.create_if_missing(false);
        let open = Arc::new(OpenTransactions::default());
        let place = Place::new(path.clone());
        let writer = Writer::start(opening, place, Arc::clone(&shared), Arc::clone(&open)).await?;
        if let Err(error) = connection.close().await {
            tracing::debug!(%error, "closing the connection that made the tables");
        }
        let watch = watch::watch(&path, writer.clone());
        let options = options.busy_timeout(READ_LOCK_WAIT);
        let reading = |size| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .test_before_acquire(false)
                .connect_lazy_with(options.clone().pragma("query_only", "on"))
        };
        let (readers, viewers) = (reading(READERS), reading(VIEWERS.into()));
        Ok(Engine(Self { writer, readers, viewers, shared, open, options, path, _watch: watch }))
    }

    async fn connect(&self) -> Result<SqliteConnection> {
        connect(&self.options, &self.path).await
    }
}

async fn connect(options: &SqliteConnectOptions, path: &Path) -> Result<SqliteConnection> {
    options.connect().await.map_err(|error| error::opening(error, path))
}

impl Backend for Sqlite {
    const NAME: &'static str = "sqlite";
    const SCHEMA: i64 = migrate::NEWEST;
    // The application's transaction holds the lock of the file.
    const NAMES_BESIDE: bool = false;
    // There is one writer; while it stores a chunk, the next is made.
    const LANES: usize = 1;

    fn shared(&self) -> &Shared {
        &self.shared
    }

    async fn write<T, F>(&self, _what: &'static str, run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.act(run).await
    }

    async fn read<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let (readers, shared) = (self.readers.clone(), Arc::clone(&self.shared));
        // On a task of its own, so that a caller that goes away never drops a future of the driver's.
        let reading = tokio::spawn(async move {
            let mut connection = readers.acquire().await?;
            run(&mut Read::new(&mut *connection, &shared)).await
        });
        match reading.await {
            Ok(read) => read.map_err(|error| own(error, what)),
            Err(stopped) => Err(Error::Unavailable { what: what.to_owned(), source: Box::new(stopped) }),
        }
    }

    async fn view<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let (viewers, shared) = (self.viewers.clone(), Arc::clone(&self.shared));
        let viewing = tokio::spawn(async move {
            let mut connection = viewers.acquire().await?;
            let until = Instant::now() + VIEW;
            connection.lock_handle().await?.set_progress_handler(VIEW_STEPS, move || Instant::now() < until);
            let viewed = run(&mut Read::new(&mut *connection, &shared)).await;
            connection.lock_handle().await?.remove_progress_handler();
            viewed
        });
        match viewing.await {
            Ok(Err(error)) if error::is_interrupted(&error) => Err(too_slow(what)),
            Ok(viewed) => viewed.map_err(|error| own(error, what)),
            Err(stopped) => Err(Error::Unavailable { what: what.to_owned(), source: Box::new(stopped) }),
        }
    }

    async fn insert(&self, jobs: Arc<[NewJob]>) -> Result<Vec<bool>> {
        self.writer.insert(jobs).await
    }

    async fn finish(&self, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
        self.writer.finish(server, ends).await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Chunk>> {
        self.writer.claim(request).await
    }

    async fn enter<'c>(&self, tx: TxConnection<'c>) -> Result<&'c mut dyn Connection> {
        match tx {
            TxConnection::Sqlite(connection) => Ok(connection),
            #[cfg(any(feature = "postgres", feature = "mysql"))]
            _ => Err(super::sql::engine::other_engine(Self::NAME)),
        }
    }

    fn entered(&self, job: JobId) {
        self.open.add(job);
    }

    fn seen(&self, job: JobId) {
        if self.open.seen(job) {
            // The application's connection has committed; other processes' watches hear of it from us.
            watch::tell(&watch::log_of(&self.path));
        }
    }

    fn error(&self, fail: Fail, what: &'static str) -> Error {
        let is_sql = matches!(fail, Fail::Sql(_));
        match error::into_error(fail, what) {
            Error::Schema(text) if is_sql && text.contains("no such table") => foreign(),
            error => error,
        }
    }

    async fn heart(&self) -> Result<Box<dyn Heart>> {
        Ok(Box::new(SqliteHeart { connection: self.connect().await?, shared: Arc::clone(&self.shared) }))
    }
}

/// The caller's transaction belongs to another file than the client's.
fn foreign() -> Error {
    Error::Schema(
        "the transaction's database has no tables of `jobs`; `.within` needs the client to be connected to the file that \
         the transaction belongs to"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::{super::sql::value::args, *};

    #[tokio::test]
    async fn what_takes_too_long_for_those_who_look_on_is_given_up() -> Result<()> {
        let dir = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}", dir.path().join("jobs.db").display());
        let engine = Sqlite::open(&url, Settings::default()).await?;
        let endless =
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number) SELECT count(*) FROM number";
        for _ in 0..3 {
            let sql = Sql::new(endless);
            let view = engine.0.view("counting", move |read| {
                async move { read.rows(&sql, args![]).await.map(|rows| rows.len()) }.boxed()
            });
            let error = view.await.expect_err("it has no end");
            assert!(matches!(error, Error::Slow { .. }), "{error:?}");
        }
        let one = Sql::new("SELECT 1");
        let view = engine.0.view("looking", move |read| async move { read.one(&one, args![]).await?.int(0) }.boxed());
        assert_eq!(view.await?, 1, "its connections go on");
        Ok(())
    }
}
