//! Changing one stored job from outside, guarded by the state that the caller saw.

use std::{future::IntoFuture, marker::PhantomData};

use futures_util::future::BoxFuture;

use super::{enqueue::Transaction, handle::JobRef};
use crate::{
    Error, Result, State,
    storage::{Change, Tx},
};

/// A change that ends a job: `delete` or `cancel`. It takes a reason.
#[derive(Clone, Copy, Debug)]
pub enum Stop {}

/// A change that moves a job: `requeue`, `reschedule`, `move_to` or `prioritize`.
#[derive(Clone, Copy, Debug)]
pub enum Move {}

/// A change of one job that is made when this is awaited: what [`JobRef::delete`] and its like return.
///
/// Awaiting returns whether it took effect: `false` when the job was in a state that the guard or the life of a job does not allow,
/// and then nothing was changed.
///
/// # Errors
/// Awaiting gives [`Error::NoJob`] where there is no such job, [`Error::Config`] for a bad time or name, else what the
/// engine says.
///
/// # Cancel safety
/// Dropping the future before its first poll changes nothing; later the change is made wholly or not at all. After
/// [`within`](Self::within), roll the transaction back.
#[derive(Debug)]
#[must_use = "nothing is changed until the change is awaited"]
pub struct ChangeJob<'t, A> {
    job: JobRef,
    change: Result<Change, String>,
    guard: Option<Vec<State>>,
    tx: Option<Transaction<'t>>,
    ability: PhantomData<fn() -> A>,
}

impl<A> ChangeJob<'static, A> {
    pub(super) fn new(job: JobRef, change: Result<Change, String>) -> Self {
        Self { job, change, guard: None, tx: None, ability: PhantomData }
    }
}

impl<'t, A> ChangeJob<'t, A> {
    /// Changes it in the caller's own transaction: the change counts when that commits, and was never made when it is rolled
    /// back. What awaiting returns holds for the job as the transaction sees it.
    ///
    /// The tables of `jobs` must be in the database of the transaction. Nobody is told of the commit: a server finds a job that
    /// became runnable by its poll, and hears of one that must stop within a second.
    pub fn within<'n, T: Tx + 'n>(self, tx: &'n mut T) -> ChangeJob<'n, A> {
        let Self { job, change, guard, tx: _, ability } = self;
        ChangeJob { job, change, guard, tx: Some(Transaction(tx)), ability }
    }

    /// Only if the job is in this state.
    pub fn if_state(self, state: State) -> Self {
        self.if_states([state])
    }

    /// Only if the job is in one of these states. Of several guards the last counts.
    pub fn if_states(mut self, states: impl IntoIterator<Item = State>) -> Self {
        self.guard = Some(states.into_iter().collect());
        self
    }
}

impl ChangeJob<'_, Stop> {
    /// Why, for the job's page and history.
    pub fn reason(mut self, text: impl Into<String>) -> Self {
        if let Ok(Change::Delete { reason } | Change::Cancel { reason }) = &mut self.change {
            *reason = text.into();
        }
        self
    }
}

impl<'t, A> IntoFuture for ChangeJob<'t, A> {
    type Output = Result<bool>;
    type IntoFuture = BoxFuture<'t, Result<bool>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { job, change, guard, tx, ability: _ } = self;
        Box::pin(async move {
            let change = change.map_err(Error::Config)?;
            let storage = job.client().storage();
            let changed = match tx {
                None => storage.job_change(job.id(), change, guard).await?,
                Some(Transaction(tx)) => storage.job_change_within(tx.connection(), job.id(), change, guard).await?,
            };
            Ok(changed.ok_or(Error::NoJob(job.id()))?.took_effect)
        })
    }
}
