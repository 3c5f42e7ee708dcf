//! What operators do to single jobs.

use super::Operator;
use crate::{
    Error, JobId, Result, State,
    client::input::IntoDue,
    storage::{Acted, Change, Deed, Due},
};

impl Operator {
    /// Ends a job as `deleted`, also while it runs. Returns whether it took effect: `false` when it had ended otherwise than by
    /// a failure.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn delete(&self, job: JobId) -> Result<bool> {
        self.change(job, Change::Delete { reason: self.reason.clone() }, None).await
    }

    /// Ends a job as `deleted` if it does not run; if it runs, asks its handler to stop and lets that decide how it ends.
    /// Returns whether it took effect.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn cancel(&self, job: JobId) -> Result<bool> {
        self.change(job, Change::Cancel { reason: self.reason.clone() }, None).await
    }

    /// Makes a job runnable now, also once more after its end; its attempts and crashes start from 0. Returns whether it took
    /// effect: `false` for one that may be claimed already.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn requeue(&self, job: JobId) -> Result<bool> {
        self.change(job, Change::Requeue, None).await
    }

    /// Sets a job's time: an instant, or a duration from now on by the database's clock. Of one that waits only the time
    /// changes; one that has ended starts its life anew. Returns whether it took effect.
    ///
    /// # Errors
    /// [`Error::Config`] for a bad time; [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn reschedule(&self, job: JobId, due: impl IntoDue) -> Result<bool> {
        let due = due.into_due().map_err(|fault| Error::config(format!("`reschedule` of job {job}: {fault}")))?;
        self.change(job, Change::Reschedule(due), None).await
    }

    /// Makes a job that waits for its time runnable at once; its attempts stay as they are. Returns whether it took effect:
    /// `false` for a job in any other state.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn run_now(&self, job: JobId) -> Result<bool> {
        self.change(job, Change::Reschedule(Due::Now), Some(vec![State::Scheduled])).await
    }

    /// Changes a job if it is in one of the states of `guard`, in any where that is `None`. Returns whether it took effect.
    ///
    /// # Errors
    /// [`Error::NoJob`].
    ///
    /// # Cancel safety
    /// It is carried out and noted, or neither.
    pub async fn change(&self, job: JobId, change: Change, guard: Option<Vec<State>>) -> Result<bool> {
        match self.act(Deed::Change { job, change, guard }, None).await? {
            Acted::Done => Ok(true),
            Acted::Refused => Ok(false),
            Acted::Missing => Err(Error::NoJob(job)),
        }
    }
}
