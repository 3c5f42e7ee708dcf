//! How a process stores jobs: calls that wait while commits are on their way share the next, and one that fails for a reason that trying
//! again does not cure harms no other. A call that fills a transaction waits for nobody.

use std::{error::Error as StdError, fmt, future::Future, sync::Arc};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{
    group::{BACKLOG, GROUP_ROWS},
    thread::Thread,
};
use crate::{
    error::{Error, Result},
    storage::NewJob,
};

/// A call that waits for its jobs to be stored.
struct Call {
    jobs: Arc<[NewJob]>,
    reply: oneshot::Sender<Result<Vec<bool>>>,
}

/// Stores all of the jobs or none.
type Transact = Arc<dyn Fn(Arc<[NewJob]>) -> BoxFuture<'static, Result<Vec<bool>>> + Send + Sync>;

/// So many groups of small calls are on their way at once: while the database makes one safe, it carries out the other.
const GROUPS: usize = 2;

/// The way to the task of the process that stores jobs.
pub(crate) struct Inserter {
    calls: mpsc::Sender<Call>,
    transact: Transact,
    /// For the calls that fill a transaction, of all callers together: they must not take every connection.
    places: Arc<Semaphore>,
}

impl Inserter {
    /// The way, on which `lanes` large calls have room at once, and what is to be run until the way is gone.
    pub(crate) fn new<F>(lanes: usize, transact: F) -> (Self, impl Future<Output = ()> + Send)
    where
        F: Fn(Arc<[NewJob]>) -> BoxFuture<'static, Result<Vec<bool>>> + Send + Sync + 'static,
    {
        let (calls, queue) = mpsc::channel(BACKLOG);
        let transact: Transact = Arc::new(transact);
        let work = work(queue, Arc::clone(&transact));
        (Self { calls, transact, places: Arc::new(Semaphore::new(lanes)) }, work)
    }

    pub(crate) async fn insert(&self, thread: &Thread, jobs: Arc<[NewJob]>) -> Result<Vec<bool>> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        if jobs.len() >= GROUP_ROWS {
            let (places, transact) = (Arc::clone(&self.places), Arc::clone(&self.transact));
            let storing = async move {
                let _place = places.acquire().await.map_err(|_| closed())?;
                transact(jobs).await
            };
            return thread.run("storing jobs", storing).await;
        }
        let (reply, answer) = oneshot::channel();
        self.calls.send(Call { jobs, reply }).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn closed() -> Error {
    Error::Unavailable { what: "the storage is closed".to_owned(), source: "its writer has ended".into() }
}

async fn work(mut queue: mpsc::Receiver<Call>, transact: Transact) {
    let mut groups = FuturesUnordered::new();
    loop {
        let first = tokio::select! {
            Some(()) = groups.next() => continue,
            first = queue.recv(), if groups.len() < GROUPS => first,
        };
        let Some(first) = first else { break };
        groups.push(store(gather(first, &mut queue), &transact));
    }
    while groups.next().await.is_some() {}
}

/// The calls that wait, as far as they go in one transaction.
fn gather(first: Call, queue: &mut mpsc::Receiver<Call>) -> Vec<Call> {
    let mut rows = first.jobs.len();
    let mut group = vec![first];
    while rows < GROUP_ROWS
        && let Ok(call) = queue.try_recv()
    {
        rows += call.jobs.len();
        group.push(call);
    }
    group
}

async fn store(group: Vec<Call>, transact: &Transact) {
    let mut groups = vec![group];
    while let Some(mut group) = groups.pop() {
        let jobs: Arc<[NewJob]> = match &group[..] {
            [call] => Arc::clone(&call.jobs),
            calls => calls.iter().flat_map(|call| call.jobs.iter().cloned()).collect(),
        };
        match transact(jobs).await {
            Ok(inserted) => give(group, inserted),
            // A failure of the whole database is the same for each alone; a row that somebody keeps locked is not.
            Err(error) if group.len() > 1 && (!error.is_transient() || matches!(error, Error::Locked(_))) => {
                groups.push(group.split_off(group.len() / 2));
                groups.push(group);
            }
            Err(error) => refuse(group, error),
        }
    }
}

fn give(group: Vec<Call>, inserted: Vec<bool>) {
    let mut inserted = inserted.into_iter();
    for Call { jobs, reply } in group {
        // The caller may have gone; what is stored stays so.
        let _ = reply.send(Ok(inserted.by_ref().take(jobs.len()).collect()));
    }
}

fn refuse(group: Vec<Call>, error: Error) {
    let error = Arc::new(error);
    for Call { reply, .. } in group {
        let _ = reply.send(Err(copied(&error)));
    }
}

/// One error for several callers.
fn copied(error: &Arc<Error>) -> Error {
    match &**error {
        Error::Locked(text) => Error::Locked(text.clone()),
        Error::Full(text) => Error::Full(text.clone()),
        Error::ReadOnly(text) => Error::ReadOnly(text.clone()),
        Error::Unavailable { what, .. } => {
            Error::Unavailable { what: what.clone(), source: Box::new(Shared(Arc::clone(error))) }
        }
        Error::Config(text) => Error::Config(text.clone()),
        Error::Schema(text) => Error::Schema(text.clone()),
        Error::Storage { what, .. } => {
            Error::Storage { what: what.clone(), source: Box::new(Shared(Arc::clone(error))) }
        }
        other => Error::Storage { what: other.to_string(), source: Box::new(Shared(Arc::clone(error))) },
    }
}

/// The cause of an error that several callers got.
#[derive(Debug)]
struct Shared(Arc<Error>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(source) => fmt::Display::fmt(source, f),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl StdError for Shared {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source().and_then(StdError::source)
    }
}
