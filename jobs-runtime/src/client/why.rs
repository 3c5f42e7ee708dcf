//! Why a job is not running: the facts, read at about one moment.

use jiff::Timestamp;

use super::Client;
use crate::{
    Error, JobId, Result, State,
    storage::JobRecord,
    why::{Facts, Reason, reasons},
};

/// Why a job is not running, or that it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Why {
    /// The job as it was when the rest was read.
    pub job: JobRecord,
    /// The database's time then.
    pub at: Timestamp,
    /// The reasons, what comes first first; there is always one.
    pub reasons: Vec<Reason>,
}

impl Client {
    /// Why a job is not running. It reads the job, what it waits for, the pauses, the servers and the totals: no other job.
    ///
    /// # Errors
    /// [`Error::NoJob`] when there is none with this id; else what the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// # use jobs::{Reason, prelude::*};
    /// # #[job] async fn greet(name: String) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// let job = greet::enqueue("Ada").on(&client).await?;
    /// assert_eq!(client.why(job.id()).await?.reasons, [Reason::NoServer]);
    /// # Ok(()) }
    /// ```
    pub async fn why(&self, id: JobId) -> Result<Why> {
        let storage = self.storage();
        let job = storage.job_get(id).await?.ok_or(Error::NoJob(id))?;
        let at = storage.now().await?;
        let (mut inputs, mut batch, mut runnable) = (Vec::new(), None, 0);
        if job.state == State::Awaiting {
            inputs = storage.flow_inputs(id.into()).await?;
            if let Some(id) = job.batch {
                batch = storage.batch_get(id).await?;
            }
        }
        if job.state == State::Enqueued {
            let totals = storage.line_totals().await?.into_iter();
            let ready =
                totals.filter(|total| total.state == State::Enqueued && !total.parked && total.queue == job.queue);
            runnable = ready.map(|total| total.jobs).sum();
        }
        let servers = storage.server_list().await?;
        let pauses = if job.state.is_final() { Vec::new() } else { storage.pauses().await? };
        let facts = Facts {
            now: at,
            job: &job,
            inputs: &inputs,
            batch: batch.as_ref(),
            pauses: &pauses,
            servers: &servers,
            runnable,
        };
        let reasons = reasons(&facts);
        Ok(Why { job, at, reasons })
    }
}
