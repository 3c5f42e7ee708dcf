//! The one task of a process that stores jobs: calls that wait while a commit is on its way share the next. One that fails for a
//! reason that trying again does not cure harms no other.

use std::{error::Error as StdError, fmt, future::Future, sync::Arc};

use tokio::sync::{mpsc, oneshot};

use super::group::{BACKLOG, GROUP_ROWS};
use crate::{
    error::{Error, Result},
    storage::NewJob,
};

/// A call that waits for its jobs to be stored.
struct Call {
    jobs: Vec<NewJob>,
    reply: oneshot::Sender<Result<Vec<bool>>>,
}

/// The way to the one task of the process that stores jobs: calls that wait while a commit is on its way share the next.
#[derive(Clone)]
pub(crate) struct Inserter {
    calls: mpsc::Sender<Call>,
}

impl Inserter {
    /// The way, and what is to be run until the last way to it is gone. `transact` stores all of its jobs or none.
    pub(crate) fn new<F, A>(transact: F) -> (Self, impl Future<Output = ()> + Send)
    where
        F: Fn(Arc<[NewJob]>) -> A + Send + Sync,
        A: Future<Output = Result<Vec<bool>>> + Send,
    {
        let (calls, queue) = mpsc::channel(BACKLOG);
        (Self { calls }, work(queue, transact))
    }

    pub(crate) async fn insert(&self, jobs: Vec<NewJob>) -> Result<Vec<bool>> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.calls.send(Call { jobs, reply }).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn closed() -> Error {
    Error::Unavailable { what: "the storage is closed".to_owned(), source: "its writer has ended".into() }
}

async fn work<F, A>(mut queue: mpsc::Receiver<Call>, transact: F)
where
    F: Fn(Arc<[NewJob]>) -> A + Send + Sync,
    A: Future<Output = Result<Vec<bool>>> + Send,
{
    while let Some(first) = queue.recv().await {
        let mut rows = first.jobs.len();
        let mut group = vec![first];
        while rows < GROUP_ROWS
            && let Ok(call) = queue.try_recv()
        {
            rows += call.jobs.len();
            group.push(call);
        }
        let mut groups = vec![group];
        while let Some(mut group) = groups.pop() {
            let jobs: Arc<[NewJob]> = group.iter().flat_map(|call| call.jobs.iter().cloned()).collect();
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
