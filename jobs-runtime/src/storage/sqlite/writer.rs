//! The one writer of the process: it groups the writes that wait while a commit is in flight into the next transaction.
//!
//! It runs on a thread of its own, so that a job that blocks the runtime can neither stop it in the middle of a
//! transaction, with the file locked for everyone, nor delay other jobs' results.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{mpsc, oneshot};

use super::{driver::host_clock, error, place::Place, watch, within::OpenTransactions};
use crate::{
    ServerId,
    error::{Error, Result},
    storage::{
        Accepted, Finish, NewJob,
        sql::{
            fail::{Fail, Res},
            finish,
            group::{self, BACKLOG, EndAll, GROUP_ROWS},
            insert,
            write::{Sealed, Shared, Write},
        },
    },
};

/// How long SQLite itself waits for the lock, and how often that is tried while another process holds it.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(1);
const LOCK_TRIES: u32 = 30;

type Reply<T> = oneshot::Sender<Result<T>>;

/// A write that is waiting for its transaction.
enum Op {
    Insert(Vec<NewJob>, Reply<Vec<bool>>),
    Finish(ServerId, Vec<Finish>, Reply<Vec<Accepted>>),
    Act(Box<dyn Act>),
    Look,
}

/// Any other write; it may be run again after a rollback.
trait Act: Send {
    fn run<'w>(&'w mut self, write: &'w mut Write<'_>) -> BoxFuture<'w, Res<()>>;
    fn reply(self: Box<Self>, error: Option<Error>);
}

struct Closure<F, T> {
    run: F,
    answer: Option<T>,
    reply: Reply<T>,
}

impl<F, T> Act for Closure<F, T>
where
    F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send,
    T: Send,
{
    fn run<'w>(&'w mut self, write: &'w mut Write<'_>) -> BoxFuture<'w, Res<()>> {
        Box::pin(async move {
            self.answer = Some((self.run)(write).await?);
            Ok(())
        })
    }

    fn reply(self: Box<Self>, error: Option<Error>) {
        let answer = match (error, self.answer) {
            (Some(error), _) => Err(error),
            (None, Some(answer)) => Ok(answer),
            (None, None) => Err(closed()),
        };
        // The caller may have gone; the write stands all the same.
        let _ = self.reply.send(answer);
    }
}

/// The way to the writer. The thread ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Writer {
    ops: mpsc::Sender<Op>,
    looking: Arc<AtomicBool>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(
        connection: SqliteConnection,
        options: SqliteConnectOptions,
        place: Place,
        shared: Arc<Shared>,
        open: Arc<OpenTransactions>,
    ) -> Result<Self> {
        let (ops, queue) = mpsc::channel(BACKLOG);
        let looking = Arc::new(AtomicBool::new(false));
        let log = watch::log_of(options.get_filename());
        let actor = Actor { connection, options, place, shared, open, looking: Arc::clone(&looking), seen: None, log };
        std::thread::Builder::new()
            .name("jobs-writer".to_owned())
            .spawn(move || futures_executor::block_on(actor.work(queue)))
            .map_err(|source| Error::Unavailable {
                what: "starting the writer".to_owned(),
                source: Box::new(source),
            })?;
        Ok(Self { ops, looking })
    }

    pub(super) async fn insert(&self, jobs: Vec<NewJob>) -> Result<Vec<bool>> {
        self.call(|reply| Op::Insert(jobs, reply)).await
    }

    pub(super) async fn finish(&self, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
        self.call(|reply| Op::Finish(server, ends, reply)).await
    }

    /// Runs any other write in a transaction, once more from its start if the group was rolled back.
    pub(super) async fn act<F, T>(&self, run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.call(|reply| Op::Act(Box::new(Closure { run, answer: None, reply }))).await
    }

    /// The file has changed: looks whether it was another process.
    pub(super) fn look(&self) {
        if !self.looking.swap(true, Ordering::AcqRel) && self.ops.try_send(Op::Look).is_err() {
            // A full queue means that the process is awake anyway.
            self.looking.store(false, Ordering::Release);
        }
    }

    async fn call<T>(&self, op: impl FnOnce(Reply<T>) -> Op) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.ops.send(op(reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn closed() -> Error {
    Error::Unavailable { what: "the storage is closed".to_owned(), source: "its writer has ended".into() }
}

struct Actor {
    connection: SqliteConnection,
    options: SqliteConnectOptions,
    place: Place,
    shared: Arc<Shared>,
    open: Arc<OpenTransactions>,
    looking: Arc<AtomicBool>,
    seen: Option<i64>,
    log: PathBuf,
}

impl Actor {
    async fn work(mut self, mut queue: mpsc::Receiver<Op>) {
        while let Some(first) = queue.recv().await {
            let mut rows = first.rows();
            let mut group = vec![first];
            while rows < GROUP_ROWS
                && let Ok(op) = queue.try_recv()
            {
                rows += op.rows();
                group.push(op);
            }
            let asked = group.len();
            group.retain(|op| !matches!(op, Op::Look));
            let looks = group.len() < asked;
            self.commit(group).await;
            // Last, because somebody waits for the others.
            if looks {
                self.looking.store(false, Ordering::Release);
                self.look().await;
            }
        }
        if let Err(error) = self.connection.close().await {
            tracing::debug!(%error, "closing the database");
        }
    }

    /// Tells the process when the version of the file's content shows another connection's commit.
    async fn look(&mut self) {
        let version = sqlx::query(include_str!("sql/data_version.sql"))
            .fetch_one(&mut self.connection)
            .await
            .and_then(|row| row.try_get::<i64, _>(0));
        if let Ok(version) = version
            && self.seen.replace(version) != Some(version)
        {
            self.shared.hub.work_arrived();
            self.shared.hub.jobs_ended();
        }
    }

    /// Commits the group, or what of it can be committed: a failure that is not transient is narrowed down by halves, so
    /// that only the offender gets the error.
    async fn commit(&mut self, group: Vec<Op>) {
        let mut groups = vec![group];
        while let Some(mut group) = groups.pop() {
            if group.is_empty() {
                continue;
            }
            let fail = match self.transact(&mut group).await {
                Ok(answers) => {
                    answers.give(group);
                    continue;
                }
                Err(fail) => fail,
            };
            match fail {
                Fail::Sql(error) if error::is_transient(&error) => refuse(group, error),
                Fail::Own(Error::Locked(text)) => {
                    for op in group {
                        op.refuse(Error::Locked(text.clone()));
                    }
                }
                _ if group.len() > 1 => {
                    groups.push(group.split_off(group.len() / 2));
                    groups.push(group);
                }
                fail => {
                    if let Some(op) = group.pop() {
                        self.narrow(op, fail).await;
                    }
                }
            }
        }
    }

    /// One write alone has failed: of finished attempts only the one that cannot be stored is the offender.
    async fn narrow(&mut self, op: Op, fail: Fail) {
        let Op::Finish(server, ends, reply) = op else {
            op.refuse(error::into_error(fail, "writing"));
            return;
        };
        let answers = group::finish(ends, &mut Ends { actor: self, server }).await;
        // The caller may have gone; what is stored stays so.
        let _ = reply.send(answers);
    }

    /// Runs the group in one transaction.
    async fn transact(&mut self, group: &mut [Op]) -> Res<Answers> {
        let mut careful = false;
        loop {
            self.begin().await?;
            match self.run(group, careful).await {
                Err(Fail::Known) if !careful => {
                    self.roll_back().await;
                    careful = true;
                }
                Err(fail) => {
                    self.roll_back().await;
                    return Err(fail);
                }
                Ok(answers) => return Ok(answers),
            }
        }
    }

    async fn run(&mut self, group: &mut [Op], careful: bool) -> Res<Answers> {
        let mut write = Write::new(&mut self.connection, &self.shared, host_clock()).careful(careful);
        let mut answers = Answers::default();
        let mut jobs = Vec::new();
        for op in group.iter_mut() {
            if let Op::Insert(own, _) = op {
                jobs.extend_from_slice(own);
            }
        }
        if !jobs.is_empty() {
            answers.inserted = insert::jobs(&mut write, &jobs).await?;
        }
        for op in group {
            match op {
                Op::Finish(server, ends, _) => {
                    answers.finished.append(&mut finish::finish(&mut write, *server, ends).await?);
                }
                Op::Act(act) => act.run(&mut write).await?,
                Op::Insert(..) | Op::Look => {}
            }
        }
        let Sealed { effects, names } = write.seal().await?;
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        effects.committed();
        self.shared.learn(names);
        if effects.work || effects.ended {
            watch::tell(&self.log);
        }
        effects.announce(&self.shared.hub);
        Ok(answers)
    }

    async fn begin(&mut self) -> Res<()> {
        let mut tries = 0;
        loop {
            self.place.check()?;
            let Err(error) = sqlx::query("BEGIN IMMEDIATE").execute(&mut self.connection).await else {
                // Each of them has written, so that it would hold the lock if it were still open.
                self.open.clear();
                return Ok(());
            };
            tries += 1;
            if !error::is_busy(&error) {
                // The connection may be in an unknown state: the next group gets a new one.
                if let Ok(connection) = self.options.connect().await {
                    self.connection = connection;
                }
                return Err(error.into());
            }
            if self.open.any() {
                return Err(Error::Locked(
                    "the database is locked by a transaction of this very process, which stored a job `.within` it more \
                     than a second ago; commit it or roll it back before enqueueing outside of it"
                        .to_owned(),
                )
                .into());
            }
            if tries >= LOCK_TRIES {
                return Err(error.into());
            }
        }
    }

    async fn roll_back(&mut self) {
        // SQLite rolls back by itself after some errors, such as a full disk; there is then nothing left to do.
        if let Err(error) = sqlx::query("ROLLBACK").execute(&mut self.connection).await {
            tracing::debug!(%error, "rolling back");
        }
    }
}

/// Ends some attempts of a server in a transaction of their own.
struct Ends<'a> {
    actor: &'a mut Actor,
    server: ServerId,
}

impl EndAll for Ends<'_> {
    fn end_all(&mut self, ends: Vec<Finish>) -> BoxFuture<'_, Result<Vec<Accepted>>> {
        Box::pin(async move {
            let (inner, _) = oneshot::channel();
            let mut group = vec![Op::Finish(self.server, ends, inner)];
            let done = self.actor.transact(&mut group).await;
            done.map(|answers| answers.finished).map_err(|fail| error::into_error(fail, "storing a result"))
        })
    }
}

/// What a group's writes answered, to be handed out after the commit.
#[derive(Default)]
struct Answers {
    inserted: Vec<bool>,
    finished: Vec<Accepted>,
}

impl Answers {
    fn give(self, group: Vec<Op>) {
        let (mut inserted, mut finished) = (self.inserted.into_iter(), self.finished.into_iter());
        for op in group {
            match op {
                Op::Insert(jobs, reply) => drop(reply.send(Ok(inserted.by_ref().take(jobs.len()).collect()))),
                Op::Finish(_, ends, reply) => drop(reply.send(Ok(finished.by_ref().take(ends.len()).collect()))),
                Op::Act(act) => act.reply(None),
                Op::Look => {}
            }
        }
    }
}

fn refuse(group: Vec<Op>, error: sqlx::Error) {
    let error = Arc::new(error);
    for op in group {
        op.refuse(error::convert(&error, "writing"));
    }
}

impl Op {
    fn rows(&self) -> usize {
        match self {
            Self::Insert(jobs, _) => jobs.len(),
            Self::Finish(_, ends, _) => ends.len(),
            Self::Act(_) | Self::Look => 1,
        }
    }

    fn refuse(self, error: Error) {
        match self {
            Self::Insert(_, reply) => drop(reply.send(Err(error))),
            Self::Finish(_, _, reply) => drop(reply.send(Err(error))),
            Self::Act(act) => act.reply(Some(error)),
            Self::Look => {}
        }
    }
}
