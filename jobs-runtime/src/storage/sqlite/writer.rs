//! The one writer of the process: it groups the writes that wait while a commit is in flight into the next transaction.
//!
//! It runs on a thread of its own, so that a job that blocks the runtime can neither stop it in the middle of a
//! transaction, with the file locked for everyone, nor delay other jobs' results.

use std::{
    borrow::Cow,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::{
    driver::host_clock,
    error,
    native::{Native, Opening},
    op::{Answers, Op, Reply, closed, refuse},
    place::Place,
    watch,
    within::OpenTransactions,
};
use crate::{
    ServerId,
    error::{Error, Result},
    storage::{
        Accepted, Chunk, ClaimRequest, Finish, NewJob,
        sql::{
            claim,
            fail::{Fail, Res},
            group::{self, BACKLOG, EndAll, GROUP_ROWS},
            offer,
            quick::Quick,
            statement::Sql,
            write::{Sealed, Shared, Write},
        },
    },
};

/// How long SQLite itself waits for the lock, and how often that is tried while another process holds it.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(1);
const LOCK_TRIES: u32 = 30;

/// The way to the writer. The thread ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Writer {
    ops: mpsc::Sender<Op>,
    watched: Arc<Watched>,
}

/// What the watch of the file and the thread tell each other.
#[derive(Default)]
struct Watched {
    /// Somebody's commit was told and not looked at.
    touched: AtomicBool,
    /// The thread will look before it waits again.
    looking: AtomicBool,
}

impl Writer {
    /// Opens the writer's connection and starts the thread.
    pub(super) async fn start(
        opening: Opening,
        place: Place,
        shared: Arc<Shared>,
        open: Arc<OpenTransactions>,
    ) -> Result<Self> {
        let (ops, queue) = mpsc::channel(BACKLOG);
        let watched = Arc::new(Watched::default());
        let log = watch::log_of(&opening.path);
        let (opened, answer) = oneshot::channel();
        let writer = Self { ops, watched: Arc::clone(&watched) };
        let work = move || {
            let full = opening.full;
            let keep = Sql::new(include_str!("sql/quick_keep.sql"));
            let quick = Quick::new(keep, Sql::new(include_str!("sql/quick_drop.sql")));
            let connection = match Native::open(&opening) {
                Ok(connection) => connection,
                Err(error) => return drop(opened.send(Err(error::opening(error, &opening.path)))),
            };
            let actor = Actor { connection, opening, place, shared, open, watched, seen: None, log, quick, full };
            if opened.send(Ok(())).is_ok() {
                futures_executor::block_on(actor.work(queue));
            }
        };
        std::thread::Builder::new().name("jobs-writer".to_owned()).spawn(work).map_err(|source| {
            Error::Unavailable { what: "starting the writer".to_owned(), source: Box::new(source) }
        })?;
        answer.await.map_err(|_| closed())??;
        Ok(writer)
    }

    pub(super) async fn insert(&self, jobs: Arc<[NewJob]>) -> Result<Vec<bool>> {
        self.call(|reply| Op::Insert(jobs, reply)).await
    }

    pub(super) async fn finish(&self, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
        self.call(|reply| Op::Finish(server, ends, reply)).await
    }

    /// Takes jobs. A power cut may undo it, and ends whoever it was answered to.
    pub(super) async fn claim(&self, request: ClaimRequest) -> Result<Vec<Chunk>> {
        self.call(|reply| Op::Claim(request, Vec::new(), reply)).await
    }

    /// Runs any other write in a transaction, once more from its start if the group was rolled back.
    pub(super) async fn act<F, T>(&self, run: F) -> Result<T>
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.call(|reply| Op::act(run, reply)).await
    }

    /// The file has changed: looks whether it was another process.
    pub(super) fn look(&self) {
        self.watched.touched.store(true, Ordering::Release);
        if !self.watched.looking.swap(true, Ordering::AcqRel) && self.ops.try_send(Op::Look).is_err() {
            // A full queue means that the process is awake anyway.
            self.watched.looking.store(false, Ordering::Release);
        }
    }

    async fn call<T>(&self, op: impl FnOnce(Reply<T>) -> Op) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.ops.send(op(reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

struct Actor {
    connection: Native,
    opening: Opening,
    place: Place,
    shared: Arc<Shared>,
    open: Arc<OpenTransactions>,
    watched: Arc<Watched>,
    seen: Option<i64>,
    log: PathBuf,
    quick: Quick,
    /// Whether the connection's next commit is made safe before it is answered.
    full: bool,
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
            group.retain(|op| !matches!(op, Op::Look));
            // The log changes by our own commit too; whose commits there were is looked at after it.
            self.watched.looking.store(true, Ordering::Release);
            self.commit(group).await;
            self.watched.looking.store(false, Ordering::Release);
            // After that, so that what comes from now on is looked at anew.
            if self.watched.touched.swap(false, Ordering::AcqRel) {
                self.look();
            }
        }
    }

    /// Tells the process when the version of the file's content shows another connection's commit.
    fn look(&mut self) {
        if let Ok(version) = self.connection.data_version()
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
            self.begin(group.iter().all(Op::may_be_lost))?;
            match self.run(group, careful).await {
                Err(Fail::Known) if !careful => {
                    self.roll_back();
                    careful = true;
                }
                Err(fail) => {
                    self.roll_back();
                    return Err(fail);
                }
                Ok(answers) => return Ok(answers),
            }
        }
    }

    async fn run(&mut self, group: &mut [Op], careful: bool) -> Res<Answers> {
        let mut write = Write::new(&mut self.connection, &self.shared, host_clock()).careful(careful);
        let mut answers = Answers::default();
        let jobs = inserts(group);
        let (mut offered, mut chunk) = (None, None);
        if !jobs.is_empty() {
            offered = self.shared.hub.offer(&jobs);
            (answers.inserted, chunk) = offer::jobs(&mut write, &jobs, offered.as_deref()).await?;
        }
        for op in group.iter_mut() {
            match op {
                Op::Finish(server, ends, _) => {
                    answers.finished.append(&mut self.quick.finish(&mut write, *server, ends).await?);
                }
                Op::Claim(request, chunks, _) => *chunks = claim::claim(&mut write, request).await?,
                Op::Act(act) => act.run(&mut write).await?,
                Op::Insert(..) | Op::Look => {}
            }
        }
        let Sealed { effects, names } = write.seal().await?;
        self.connection.run("COMMIT")?;
        effects.committed();
        self.shared.learn(names);
        for op in group {
            match op {
                Op::Claim(_, chunks, _) => self.quick.claimed(chunks, &self.shared),
                Op::Finish(_, ends, _) => self.quick.ended(ends),
                _ => {}
            }
        }
        if effects.work || effects.ended {
            watch::tell(&self.log);
        }
        effects.announce(&self.shared.hub);
        if let Some((offer, chunk)) = offered.zip(chunk) {
            self.quick.claimed(std::slice::from_ref(&chunk), &self.shared);
            offer.take(chunk);
        }
        Ok(answers)
    }

    fn begin(&mut self, may_be_lost: bool) -> Res<()> {
        let mut tries = 0;
        let full = self.opening.full && !may_be_lost;
        if full != self.full {
            self.connection.safe(full)?;
            self.full = full;
        }
        loop {
            self.place.check()?;
            let Err(error) = self.connection.run("BEGIN IMMEDIATE") else {
                // Each of them has written, so that it would hold the lock if it were still open.
                self.open.clear();
                return Ok(());
            };
            tries += 1;
            if !error::is_busy(&error) {
                // The connection may be in an unknown state: the next group gets a new one.
                if let Ok(connection) = Native::open(&self.opening) {
                    self.connection = connection;
                    self.full = self.opening.full;
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

    fn roll_back(&mut self) {
        // SQLite rolls back by itself after some errors, such as a full disk; there is then nothing left to do.
        if let Err(error) = self.connection.run("ROLLBACK") {
            tracing::debug!(%error, "rolling back");
        }
    }
}

/// The jobs of all inserts, in order.
fn inserts(group: &[Op]) -> Cow<'_, [NewJob]> {
    let calls = group.iter().filter_map(|op| if let Op::Insert(jobs, _) = op { Some(&**jobs) } else { None });
    calls.fold(Cow::default(), |all, jobs| match all {
        Cow::Borrowed([]) => Cow::Borrowed(jobs),
        mut all => {
            all.to_mut().extend_from_slice(jobs);
            all
        }
    })
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
