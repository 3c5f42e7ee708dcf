//! What waits for the writer, and how it is answered.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::error;
use crate::{
    ServerId,
    error::{Error, Result},
    storage::{
        Accepted, Chunk, ClaimRequest, Finish, NewJob,
        sql::{fail::Res, write::Write},
    },
};

pub(super) type Reply<T> = oneshot::Sender<Result<T>>;

/// A write that is waiting for its transaction.
pub(super) enum Op {
    Insert(Arc<[NewJob]>, Reply<Vec<bool>>),
    Finish(ServerId, Vec<Finish>, Reply<Vec<Accepted>>),
    /// A claim, and what it took.
    Claim(ClaimRequest, Vec<Chunk>, Reply<Vec<Chunk>>),
    Act(Box<dyn Act>),
    Look,
}

/// Any other write; it may be run again after a rollback.
pub(super) trait Act: Send {
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

/// What a group's writes answered, to be handed out after the commit.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) inserted: Vec<bool>,
    pub(super) finished: Vec<Accepted>,
}

impl Answers {
    pub(super) fn give(self, group: Vec<Op>) {
        let (mut inserted, mut finished) = (self.inserted.into_iter(), self.finished.into_iter());
        for op in group {
            match op {
                Op::Insert(jobs, reply) => drop(reply.send(Ok(inserted.by_ref().take(jobs.len()).collect()))),
                Op::Finish(_, ends, reply) => drop(reply.send(Ok(finished.by_ref().take(ends.len()).collect()))),
                Op::Claim(_, chunks, reply) => drop(reply.send(Ok(chunks))),
                Op::Act(act) => act.reply(None),
                Op::Look => {}
            }
        }
    }
}

pub(super) fn refuse(group: Vec<Op>, error: sqlx::Error) {
    let error = Arc::new(error);
    for op in group {
        op.refuse(error::convert(&error, "writing"));
    }
}

impl Op {
    /// Any write that is no other of these.
    pub(super) fn act<F, T>(run: F, reply: Reply<T>) -> Self
    where
        F: for<'w> FnMut(&'w mut Write<'_>) -> BoxFuture<'w, Res<T>> + Send + 'static,
        T: Send + 'static,
    {
        Self::Act(Box::new(Closure { run, answer: None, reply }))
    }

    /// Whether a power cut may undo it after it was answered. A claim is known to this host's processes only, which a power cut ends too;
    /// its jobs are then as runnable as before. Commits are kept or lost in their order, so that whatever was safe before is safe still.
    pub(super) const fn may_be_lost(&self) -> bool {
        matches!(self, Self::Claim(..) | Self::Look)
    }

    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Insert(jobs, _) => jobs.len(),
            Self::Finish(_, ends, _) => ends.len(),
            Self::Claim(..) | Self::Act(_) | Self::Look => 1,
        }
    }

    pub(super) fn refuse(self, error: Error) {
        match self {
            Self::Insert(_, reply) => drop(reply.send(Err(error))),
            Self::Finish(_, _, reply) => drop(reply.send(Err(error))),
            Self::Claim(_, _, reply) => drop(reply.send(Err(error))),
            Self::Act(act) => act.reply(Some(error)),
            Self::Look => {}
        }
    }
}

pub(super) fn closed() -> Error {
    Error::Unavailable { what: "the storage is closed".to_owned(), source: "its writer has ended".into() }
}
