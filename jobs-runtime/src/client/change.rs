//! Changing one stored job from outside, guarded by the state that the caller saw.

use std::{future::IntoFuture, marker::PhantomData};

use futures_util::future::BoxFuture;

use super::handle::JobRef;
use crate::{Error, Result, State, storage::Change};

/// A change that ends a job: `delete` or `cancel`. It takes a reason.
#[derive(Clone, Copy, Debug)]
pub enum Stop {}

/// A change that moves a job: `requeue` or `reschedule`.
#[derive(Clone, Copy, Debug)]
pub enum Move {}

/// A change of one job that is made when this is awaited: what [`JobRef::delete`] and its like return.
///
/// Awaiting returns whether it took effect: `false` when the job was in a state that the guard or the life of a job does not allow,
/// and then nothing was changed.
///
/// # Errors
/// Awaiting gives [`Error::NoJob`] where there is no such job, [`Error::Config`] for a bad time, else what the
/// engine says.
///
/// # Cancel safety
/// Dropping the future before its first poll changes nothing; later the change is made wholly or not at all.
#[derive(Clone, Debug)]
#[must_use = "nothing is changed until the change is awaited"]
pub struct ChangeJob<A> {
    job: JobRef,
    change: Result<Change, String>,
    guard: Option<Vec<State>>,
    ability: PhantomData<A>,
}

impl<A> ChangeJob<A> {
    pub(super) fn new(job: JobRef, change: Result<Change, String>) -> Self {
        Self { job, change, guard: None, ability: PhantomData }
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

impl ChangeJob<Stop> {
    /// Why, for the job's page and history.
    pub fn reason(mut self, text: impl Into<String>) -> Self {
        if let Ok(Change::Delete { reason } | Change::Cancel { reason }) = &mut self.change {
            *reason = text.into();
        }
        self
    }
}

impl<A> IntoFuture for ChangeJob<A> {
    type Output = Result<bool>;
    type IntoFuture = BoxFuture<'static, Result<bool>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { job, change, guard, ability: _ } = self;
        Box::pin(async move {
            let change = change.map_err(|fault| Error::config(format!("`reschedule` of job {}: {fault}", job.id())))?;
            let changed = job.client().storage().job_change(job.id(), change, guard).await?;
            Ok(changed.ok_or(Error::NoJob(job.id()))?.took_effect)
        })
    }
}
