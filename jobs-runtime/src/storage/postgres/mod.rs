//! The engine on PostgreSQL: jobs are stored, claimed and, where nothing follows from it, ended by one statement each; everything else
//! is a short transaction, and other processes hear of commits by notifications.
//!
//! SQL stands in `sql/`, one statement a file; the tables in `migrations/`; what the statements are for, in [`sql`](super::sql).

mod address;
mod chunks;
mod claim;
mod copy;
mod driver;
mod error;
mod finish;
mod heart;
mod insert;
mod migrate;
mod pool;
mod promote;
mod statements;
mod transact;
mod vacuum;
mod wake;
mod within;

use std::sync::Arc;

use futures_util::{FutureExt, future::BoxFuture};

use self::{
    heart::PgHeart,
    transact::Core,
    within::{Instance, OpenTransactions},
};
use super::sql::{
    connection::Connection,
    engine::{Backend, Engine, PROMOTING},
    fail::{Fail, Res},
    inserter::Inserter,
    statement::Sql,
    thread::Thread,
    value::args,
    write::{Effects, Read, Shared, Write},
};
use crate::{
    JobId, ServerId,
    error::{Error, Result},
    storage::{Accepted, Chunk, ClaimRequest, Finish, Heart, NewJob, Note, Promoted, Settings, TxConnection},
};

/// How many notes of the statistics one step adds up, and how many steps one call takes at most.
const FOLD_ROWS: i64 = 5_000;
const FOLD_STEPS: u32 = 200;
/// How many large calls store jobs at once. With the groups of small ones they are fewer than the connections that write, so that claims and
/// ends find one.
const LANES: usize = 3;

/// The engine's connections.
pub(crate) struct Postgres {
    core: Arc<Core>,
    inserter: Inserter,
    instance: Instance,
    open: OpenTransactions,
    /// Last, so that it closes when nothing more can come.
    thread: Thread,
}

impl Postgres {
    /// Connects to the database, making the tables where they are not there.
    pub(crate) async fn open(url: &str, settings: Settings) -> Result<Engine<Self>> {
        let address = address::parse(url)?;
        let shared = Shared::new(settings, statements::shared(&address));
        let core = Arc::new(Core::new(address, shared));
        let last = Arc::clone(&core);
        let thread = Thread::start("jobs-postgres", async move {
            last.writers.close().await;
            last.readers.close().await;
            last.viewers.close().await;
        })?;
        let opening = Arc::clone(&core);
        let instance = thread.run("opening the database", async move { open(&opening).await }).await?;
        let storing = Arc::clone(&core);
        let (inserter, work) = Inserter::new(LANES, move |jobs| {
            let core = Arc::clone(&storing);
            async move { insert::store(&core, jobs).await }.boxed()
        });
        thread.spawn(work);
        if !core.address.pooled {
            thread.spawn(wake::tell(Arc::clone(&core), thread.closing()));
            thread.spawn(wake::listen(Arc::clone(&core), thread.closing()));
        }
        Ok(Engine(Self { core, inserter, instance, open: OpenTransactions::default(), thread }))
    }

    async fn fold_all(core: &Arc<Core>, pick: fn(&statements::Own) -> &Sql) -> Result<u64> {
        let mut folded = 0;
        for _ in 0..FOLD_STEPS {
            let own = Arc::clone(core);
            let step = core.write("adding up the statistics", move |write| {
                let core = Arc::clone(&own);
                async move {
                    let rows = write.rows(pick(&core.own), args![FOLD_ROWS]).await?;
                    Ok(rows.first().map_or(Ok(0), |row| row.int(0))?)
                }
                .boxed()
            });
            let step = step.await?;
            folded += u64::try_from(step).unwrap_or_default();
            if step < FOLD_ROWS {
                break;
            }
        }
        Ok(folded)
    }
}

async fn open(core: &Core) -> Result<Instance> {
    let mut connection =
        pool::connect(&core.address.to_write(), &format!("connecting to {}", core.address.place())).await?;
    migrate::migrate(&mut connection, &core.address, core.shared.settings.migrate).await?;
    Instance::of(&mut connection, core).await
}

impl Backend for Postgres {
    const NAME: &'static str = "postgres";
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

    async fn read<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let core = Arc::clone(&self.core);
        self.thread.run(what, async move { core.read(what, run).await }).await
    }

    async fn view<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnOnce(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let core = Arc::clone(&self.core);
        self.thread.run(what, async move { core.view(what, run).await }).await
    }

    async fn ask<T, F>(&self, what: &'static str, run: F) -> Result<T>
    where
        F: for<'c> FnMut(&'c mut Read<'_>) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let core = Arc::clone(&self.core);
        self.thread.run(what, async move { core.ask(what, run).await }).await
    }

    async fn insert(&self, jobs: Arc<[NewJob]>) -> Result<Vec<bool>> {
        self.inserter.insert(&self.thread, jobs).await
    }

    async fn finish(&self, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
        let core = Arc::clone(&self.core);
        self.thread.run("ending attempts", async move { finish::end(&core, server, ends).await }).await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Chunk>> {
        let core = Arc::clone(&self.core);
        let chunks = self.thread.run("claiming jobs", async move { claim::claim(&core, &request).await }).await?;
        if self.core.leavings.add(chunks.iter().map(|chunk| chunk.jobs.len()).sum()) {
            let core = Arc::clone(&self.core);
            self.thread.spawn(async move { vacuum::clear(&core).await });
        }
        Ok(chunks)
    }

    async fn promote(&self, limit: u32) -> Result<Promoted> {
        let core = Arc::clone(&self.core);
        self.thread.run(PROMOTING, async move { promote::promote(&core, limit).await }).await
    }

    async fn fold(&self) -> Result<u64> {
        let core = Arc::clone(&self.core);
        let folding = async move {
            let totals = Self::fold_all(&core, |own| &own.total_fold).await?;
            Ok(totals + Self::fold_all(&core, |own| &own.stat_fold).await?)
        };
        self.thread.run("adding up the statistics", folding).await
    }

    async fn enter<'c>(&self, tx: TxConnection<'c>) -> Result<&'c mut dyn Connection> {
        match tx {
            TxConnection::Postgres(connection) => {
                self.instance.check(connection, &self.core).await?;
                Ok(connection)
            }
            #[cfg(any(feature = "sqlite", feature = "mysql"))]
            _ => Err(super::sql::engine::other_engine(Self::NAME)),
        }
    }

    fn noted(&self, notes: &[Note]) {
        for note in notes {
            self.core.chunks.forget(note.job);
        }
    }

    fn entered(&self, job: JobId) {
        self.core.chunks.forget(job);
        self.open.add(job);
    }

    fn seen(&self, job: JobId) {
        if self.open.seen(job) {
            // The application's connection has committed; other processes hear of it from us.
            self.core.teller.tell(&Effects { work: true, ..Effects::default() });
        }
    }

    fn error(&self, fail: Fail, what: &'static str) -> Error {
        error::into_error(fail, what)
    }

    async fn heart(&self) -> Result<Box<dyn Heart>> {
        Ok(Box::new(PgHeart::open(Arc::clone(&self.core)).await?))
    }
}
