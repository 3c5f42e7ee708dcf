//! The engine on an embedded SQLite file: one writer a process, a pool of readers, and a watch on the file for the commits
//! of other processes.
//!
//! SQL stands in `sql/`, one statement a file; the tables in `migrations/`.

mod address;
mod bulk;
mod change;
mod claim;
mod clean;
mod error;
mod finish;
mod insert;
mod migrate;
mod names;
mod place;
mod record;
mod recurring;
mod rescue;
mod servers;
mod stat;
mod text;
mod upkeep;
mod watch;
mod within;
mod write;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{FutureExt, future::BoxFuture};
use jiff::Timestamp;
use sqlx::{
    ConnectOptions, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use self::{
    error::own,
    place::Place,
    servers::SqliteHeart,
    text::instant,
    within::OpenTransactions,
    write::{Shared, Write},
    writer::{LOCK_WAIT, Writer},
};
use crate::{
    Fence, JobId, ServerId, State,
    error::{Error, Result},
    storage::{
        Accepted, Change, Changed, Chunk, ClaimRequest, ClaimStorage, EventRecord, Finish, Fire, Grain, Heart,
        JobFilter, JobRecord, JobStorage, NewJob, Note, Promoted, RecurringRecord, RecurringSpec, RecurringStorage,
        Rescued, Revoked, ServerRecord, ServerStorage, Settings, StatPoint, StateTotal, Storage, TxConnection,
        UpkeepStorage,
    },
    wake::Hub,
};

/// How many connections read at once.
const READERS: u32 = 4;
/// How long connections other than the writer's wait for the lock: a beat's less than the time from beat to beat.
const READ_LOCK_WAIT: Duration = Duration::from_secs(2);

/// The engine.
pub(crate) struct Engine {
    writer: Writer,
    readers: SqlitePool,
    shared: Arc<Shared>,
    open: Arc<OpenTransactions>,
    options: SqliteConnectOptions,
    path: PathBuf,
    _watch: Option<watch::Watch>,
}

impl Engine {
    /// Opens the file, making it and its tables where they are not there.
    pub(crate) async fn open(url: &str, settings: Settings) -> Result<Self> {
        let address = address::parse(url, LOCK_WAIT)?;
        let shared = Arc::new(Shared::new(settings));
        // Absolute, because the program may change its directory before the next connection is opened.
        let path = std::path::absolute(&address.path).unwrap_or(address.path);
        let options = address.options.filename(&path);
        let mut connection = connect(&options, &path).await?;
        migrate::migrate(&mut connection, shared.settings.migrate, shared.now()).await?;
        // Were the file to vanish, a later connection must not put an empty one in its place.
        let options = options.create_if_missing(false);
        let open = Arc::new(OpenTransactions::default());
        let place = Place::new(path.clone());
        let writer = Writer::start(connection, options.clone(), place, Arc::clone(&shared), Arc::clone(&open))?;
        let watch = watch::watch(&path, writer.clone());
        let options = options.busy_timeout(READ_LOCK_WAIT);
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .connect_lazy_with(options.clone().pragma("query_only", "on"));
        Ok(Self { writer, readers, shared, open, options, path, _watch: watch })
    }

    async fn connect(&self) -> Result<SqliteConnection> {
        connect(&self.options, &self.path).await
    }

    /// Runs a read on a task of its own, so that a caller that goes away never drops a future of the driver's.
    async fn read<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let readers = self.readers.clone();
        let reading = tokio::spawn(async move {
            let mut connection = readers.acquire().await?;
            run(&mut connection).await
        });
        match reading.await {
            Ok(read) => read.map_err(|error| own(error, what)),
            Err(stopped) => Err(Error::Unavailable { what: what.to_owned(), source: Box::new(stopped) }),
        }
    }
}

async fn connect(options: &SqliteConnectOptions, path: &Path) -> Result<SqliteConnection> {
    options.connect().await.map_err(|error| error::opening(error, path))
}

#[async_trait]
impl JobStorage for Engine {
    async fn job_insert(&self, jobs: Vec<NewJob>) -> Result<Vec<bool>> {
        self.writer.insert(jobs).await
    }

    async fn job_insert_within(&self, tx: TxConnection<'_>, jobs: Vec<NewJob>) -> Result<Vec<bool>> {
        let TxConnection::Sqlite(connection) = tx;
        let mut write = Write::within(connection, &self.shared);
        let inserted = match insert::jobs(&mut write, &jobs).await {
            Ok(inserted) => write.seal().await.map(|_| inserted),
            Err(fail) => Err(fail),
        };
        let inserted =
            inserted.map_err(|fail| missing_tables(fail.into_error("storing a job in the caller's transaction")))?;
        // The client watches for the last of them.
        if let Some(job) = jobs.last() {
            self.open.add(job.id);
        }
        Ok(inserted)
    }

    async fn job_get(&self, id: JobId) -> Result<Option<JobRecord>> {
        let record = self.read("reading a job", move |connection| record::get(connection, id).boxed()).await?;
        if record.is_some() && self.open.seen(id) {
            // The application's connection has committed; other processes' watches hear of it from us.
            watch::tell(&watch::log_of(&self.path));
        }
        Ok(record)
    }

    async fn job_events(&self, id: JobId) -> Result<Vec<EventRecord>> {
        self.read("reading a job's history", move |connection| record::events(connection, id).boxed()).await
    }

    async fn job_list(&self, filter: JobFilter) -> Result<Vec<JobRecord>> {
        self.read("listing jobs", move |connection| async move { record::list(connection, &filter).await }.boxed())
            .await
    }

    async fn job_change(&self, id: JobId, change: Change, guard: Option<Vec<State>>) -> Result<Option<Changed>> {
        self.writer
            .act(move |write| {
                let (change, guard) = (change.clone(), guard.clone());
                async move { change::change(write, id, &change, guard.as_deref()).await }.boxed()
            })
            .await
    }
}

/// The caller's transaction may belong to another file than the client's.
fn missing_tables(error: Error) -> Error {
    let text = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    if text.contains("no such table: jobs_") {
        return Error::Schema(
            "the transaction's database has no tables of `jobs`; `.within` needs the client to be connected to the file that \
             the transaction belongs to"
                .to_owned(),
        );
    }
    error
}

#[async_trait]
impl ClaimStorage for Engine {
    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Chunk>> {
        self.writer
            .act(move |write| {
                let request = request.clone();
                async move { claim::claim(write, &request).await }.boxed()
            })
            .await
    }

    async fn finish(&self, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
        self.writer.finish(server, ends).await
    }

    async fn revoked(&self, _server: ServerId, running: Vec<(JobId, Fence)>) -> Result<Vec<Revoked>> {
        self.read("looking for revoked jobs", move |connection| {
            async move { claim::revoked(connection, &running).await }.boxed()
        })
        .await
    }

    async fn note(&self, server: ServerId, notes: Vec<Note>) -> Result<()> {
        self.writer
            .act(move |write| {
                let notes = notes.clone();
                async move { claim::note(write, server, &notes).await }.boxed()
            })
            .await
    }

    async fn claims_of(&self, server: ServerId) -> Result<Vec<(Fence, Vec<JobId>)>> {
        self.read("listing a server's claims", move |connection| claim::claims_of(connection, server).boxed()).await
    }

    async fn claims_release(&self, server: ServerId) -> Result<u64> {
        self.writer.act(move |write| rescue::release(write, server).boxed()).await
    }

    async fn rescue_candidates(&self) -> Result<Vec<Fence>> {
        let now = self.shared.now();
        self.read("looking for dead servers' claims", move |connection| rescue::candidates(connection, now).boxed())
            .await
    }

    async fn rescue(&self, chunks: Vec<Fence>, crash_limit: u16) -> Result<Rescued> {
        self.writer
            .act(move |write| {
                let chunks = chunks.clone();
                async move { rescue::rescue(write, &chunks, crash_limit).await }.boxed()
            })
            .await
    }
}

#[async_trait]
impl ServerStorage for Engine {
    async fn heart(&self) -> Result<Box<dyn Heart>> {
        Ok(Box::new(SqliteHeart::open(self).await?))
    }

    async fn server_retire(&self, server: ServerId) -> Result<()> {
        self.writer.act(move |write| servers::retire(write, server).boxed()).await
    }

    async fn server_list(&self) -> Result<Vec<ServerRecord>> {
        let now = self.shared.now();
        self.read("listing servers", move |connection| servers::list(connection, now).boxed()).await
    }

    async fn server_sweep(&self) -> Result<u64> {
        self.writer.act(|write| servers::sweep(write).boxed()).await
    }
}

#[async_trait]
impl RecurringStorage for Engine {
    async fn recurring_upsert(&self, spec: RecurringSpec, next_at: Option<Timestamp>) -> Result<()> {
        self.writer
            .act(move |write| {
                let spec = spec.clone();
                async move { recurring::upsert(write, &spec, next_at).await }.boxed()
            })
            .await
    }

    async fn recurring_get(&self, id: &str) -> Result<Option<RecurringRecord>> {
        let id = id.to_owned();
        self.read("reading a recurring job", move |connection| {
            async move { recurring::get(connection, &id).await }.boxed()
        })
        .await
    }

    async fn recurring_list(&self) -> Result<Vec<RecurringRecord>> {
        self.read("listing recurring jobs", |connection| recurring::list(connection).boxed()).await
    }

    async fn recurring_remove(&self, id: &str) -> Result<bool> {
        let id = id.to_owned();
        self.writer
            .act(move |write| {
                let id = id.clone();
                async move { recurring::remove(write, &id).await }.boxed()
            })
            .await
    }

    async fn recurring_due(
        &self,
        declared: &[Arc<str>],
    ) -> Result<(Timestamp, Vec<RecurringRecord>, Option<Timestamp>)> {
        let (now, declared) = (self.shared.now(), declared.to_vec());
        self.read("looking for due recurring jobs", move |connection| {
            async move { recurring::due(connection, now, &declared).await }.boxed()
        })
        .await
    }

    async fn recurring_fire(&self, fire: Fire) -> Result<u64> {
        self.writer
            .act(move |write| {
                let fire = fire.clone();
                async move { recurring::fire(write, &fire).await }.boxed()
            })
            .await
    }

    async fn recurring_trigger(&self, id: &str, job: NewJob) -> Result<bool> {
        let id = id.to_owned();
        self.writer
            .act(move |write| {
                let (id, job) = (id.clone(), job.clone());
                async move { recurring::trigger(write, &id, &job).await }.boxed()
            })
            .await
    }
}

#[async_trait]
impl UpkeepStorage for Engine {
    async fn now(&self) -> Result<Timestamp> {
        Ok(instant(self.shared.now()))
    }

    async fn promote(&self, limit: u32) -> Result<Promoted> {
        self.writer.act(move |write| upkeep::promote(write, limit).boxed()).await
    }

    async fn park(&self, limit: u32) -> Result<u64> {
        self.writer.act(move |write| upkeep::park(write, limit).boxed()).await
    }

    async fn clean(&self, limit: u32) -> Result<u64> {
        self.writer.act(move |write| clean::clean(write, limit).boxed()).await
    }

    async fn stat_roll(&self) -> Result<u64> {
        self.writer.act(|write| upkeep::roll(write).boxed()).await
    }

    async fn stat_totals(&self) -> Result<Vec<StateTotal>> {
        self.read("reading the totals", |connection| {
            upkeep::totals(connection, include_str!("sql/stat_totals.sql")).boxed()
        })
        .await
    }

    async fn recount(&self) -> Result<Vec<StateTotal>> {
        self.read("counting all jobs", |connection| upkeep::totals(connection, include_str!("sql/recount.sql")).boxed())
            .await
    }

    async fn stat_points(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>> {
        let since = since.as_microsecond();
        self.read("reading the statistics", move |connection| upkeep::points(connection, grain, since).boxed()).await
    }

    async fn check(&self) -> Result<Vec<String>> {
        self.read("checking the tables", |connection| upkeep::check(connection).boxed()).await
    }
}

impl Storage for Engine {
    fn engine(&self) -> &'static str {
        "sqlite"
    }

    fn hub(&self) -> &Hub {
        &self.shared.hub
    }

    fn settings(&self) -> &Settings {
        &self.shared.settings
    }
}
