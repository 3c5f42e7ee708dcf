//! A stored job from outside: where it stands, how it ended, what it returned.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc, time::Duration};

use serde::de::DeserializeOwned;

use super::{
    change::{ChangeJob, Move, Stop},
    input::{IntoDue, check_name},
    priority::Priority,
};
use crate::{
    Client, Error, Job, JobId, Result, State,
    storage::{Change, EventRecord, JobRecord},
    stored, wake,
};

/// A stored job, whatever its kind: made by [`Client::job`].
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn greet() {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # let id = greet::enqueue().on(&client).await?.id();
/// let job = client.job(id);
/// assert!(job.delete().if_state(State::Enqueued).reason("a trial").await?);
/// assert_eq!(job.state().await?, State::Deleted);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct JobRef {
    client: Client,
    id: JobId,
}

impl fmt::Debug for JobRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JobRef").field(&self.id).finish()
    }
}

impl JobRef {
    pub(super) fn new(client: Client, id: JobId) -> Self {
        Self { client, id }
    }

    /// The job.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// The client that reads and changes it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The same job as one of the type `J`, so that its output can be read. That it is one shows when the output is read.
    pub fn typed<J: Job>(&self) -> JobHandle<J::Output> {
        JobHandle::new(self.client.clone(), self.id, J::DESCRIPTOR.kind, false)
    }

    /// Where it stands now.
    ///
    /// # Errors
    /// Those of [`record`](Self::record).
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn state(&self) -> Result<State> {
        Ok(self.record().await?.state)
    }

    /// All that is stored of it.
    ///
    /// # Errors
    /// [`Error::NoJob`] when it was never stored, its transaction has not committed, or its retention has ended; else what the
    /// engine says.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn record(&self) -> Result<JobRecord> {
        self.client.storage().job_get(self.id).await?.ok_or(Error::NoJob(self.id))
    }

    /// What happened to it beside the normal path, oldest first: failed attempts with their errors, rescues, operators' acts
    /// and logged lines. At most 1,000 entries; none for a job that is not stored.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn history(&self) -> Result<Vec<EventRecord>> {
        self.client.storage().job_events(self.id).await
    }

    /// Waits for its end and returns the final state.
    ///
    /// # Errors
    /// Those of [`record`](Self::record), also while it waits.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn wait(&self) -> Result<State> {
        Ok(self.ended().await?.state)
    }

    /// Ends it as `deleted`. If it runs, its handler is stopped and its result dropped.
    pub fn delete(&self) -> ChangeJob<'static, Stop> {
        ChangeJob::new(self.clone(), Ok(Change::Delete { reason: String::new() }))
    }

    /// Ends it as `deleted` if it does not run; if it runs, asks its handler to stop and lets that decide how it ends.
    pub fn cancel(&self) -> ChangeJob<'static, Stop> {
        ChangeJob::new(self.clone(), Ok(Change::Cancel { reason: String::new() }))
    }

    /// Makes it runnable now, also once more after its end; its attempts and crashes start from 0.
    pub fn requeue(&self) -> ChangeJob<'static, Move> {
        ChangeJob::new(self.clone(), Ok(Change::Requeue))
    }

    /// Sets its time: an instant, or a duration from now on by the database's clock.
    pub fn reschedule(&self, due: impl IntoDue) -> ChangeJob<'static, Move> {
        let due = due.into_due().map_err(|fault| format!("`reschedule` of job {}: {fault}", self.id));
        ChangeJob::new(self.clone(), due.map(Change::Reschedule))
    }

    /// Puts it in another queue while it waits, and nothing else changes. A job that runs or has ended is left alone.
    pub fn move_to(&self, queue: impl AsRef<str>) -> ChangeJob<'static, Move> {
        let queue = queue.as_ref();
        let checked = check_name(queue).map_err(|fault| format!("`move_to` of job {}: {fault}", self.id));
        ChangeJob::new(self.clone(), checked.map(|()| Change::Move { queue: Arc::from(queue) }))
    }

    /// Gives it another priority among the jobs of its queue while it waits. A job that runs or has ended is left alone.
    pub fn prioritize(&self, priority: impl Into<Priority>) -> ChangeJob<'static, Move> {
        ChangeJob::new(self.clone(), Ok(Change::Prioritize(priority.into().value())))
    }

    async fn ended(&self) -> Result<JobRecord> {
        // Subscribed before the first look, so that no end falls between the two.
        let mut looks = wake::EndWatch::new(self.client.storage().hub());
        loop {
            let record = self.record().await?;
            if record.state.is_final() {
                return Ok(record);
            }
            looks.next().await;
        }
    }
}

/// A stored job whose handler returns a `T`. It can do everything that a [`JobRef`] can.
///
/// ```standalone_crate
/// # use jobs::prelude::*;
/// #[job]
/// async fn add(a: u32, b: u32) -> Result<u32, std::io::Error> {
///     Ok(a + b)
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// # let client = Client::connect(&url).await?;
/// # tokio::spawn(client.server().run());
/// let job = add::enqueue(2, 3).on(&client).await?;
/// assert_eq!(job.output().await?, 5);
/// # Ok(()) }
/// ```
pub struct JobHandle<T> {
    job: JobRef,
    kind: &'static str,
    is_new: bool,
    output: PhantomData<fn() -> T>,
}

impl<T> Clone for JobHandle<T> {
    fn clone(&self) -> Self {
        Self { job: self.job.clone(), kind: self.kind, is_new: self.is_new, output: PhantomData }
    }
}

impl<T> fmt::Debug for JobHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandle").field("id", &self.job.id).field("kind", &self.kind).finish()
    }
}

impl<T> Deref for JobHandle<T> {
    type Target = JobRef;

    fn deref(&self) -> &JobRef {
        &self.job
    }
}

impl<T> JobHandle<T> {
    pub(super) fn new(client: Client, id: JobId, kind: &'static str, is_new: bool) -> Self {
        Self { job: JobRef { client, id }, kind, is_new, output: PhantomData }
    }

    /// Whether the enqueue that returned this handle stored the job: `false` when a job with its id was there before, and for
    /// handles that no enqueue returned.
    pub fn is_new(&self) -> bool {
        self.is_new
    }
}

impl<T: DeserializeOwned + 'static> JobHandle<T> {
    /// Waits for the job's end and returns what its handler returned.
    ///
    /// # Errors
    /// [`Error::NotSucceeded`] with the reason when it ended otherwise; [`Error::Decode`] when its output was written
    /// by a handler that returned another type; those of [`JobRef::record`].
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn output(&self) -> Result<T> {
        let record = self.job.ended().await?;
        if record.state != State::Succeeded {
            let reason = record.reason.unwrap_or_else(|| "no reason was stored".to_owned());
            return Err(Error::NotSucceeded { id: self.job.id, state: record.state, reason });
        }
        self.read(record.output.as_deref())
    }

    /// [`output`](Self::output), or `None` when the job has not ended after `limit`.
    ///
    /// # Errors
    /// Those of [`output`](Self::output).
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn output_within(&self, limit: Duration) -> Result<Option<T>> {
        wake::within(limit, self.output()).await.transpose()
    }

    fn read(&self, output: Option<&[u8]>) -> Result<T> {
        let what = format!("the output of job {} ({})", self.job.id, self.kind);
        stored::read_output(output, &what, "`record()` has its bytes")
    }
}
