//! What pages, commands and applications read: lists, totals, servers, args in words.

use jiff::Timestamp;
use serde_json::Value;

use super::Client;
use crate::{
    Error, JobId, Result, State,
    job::Descriptor,
    storage::{Grain, JobFilter, JobRecord, ServerRecord, StatPoint, StateTotal},
};

/// What stands where a secret would.
pub(super) const REDACTED: &str = "[redacted]";

impl JobFilter {
    /// The newest 50 jobs in a state.
    pub fn new(state: State) -> Self {
        Self { state, kind: None, queue: None, before: None, limit: 50 }
    }

    /// Only of this kind.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Only in this queue.
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// Only those that follow this one in the list: the next page.
    pub fn before(mut self, id: JobId) -> Self {
        self.before = Some(id);
        self
    }

    /// At most so many.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

impl Client {
    /// Jobs in one state, newest first.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// # use jobs::{prelude::*, JobFilter};
    /// # #[job] async fn greet() {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// # greet::enqueue().queue("mail").on(&client).await?;
    /// let waiting = client.jobs(JobFilter::new(State::Enqueued).queue("mail")).await?;
    /// assert_eq!(waiting.len(), 1);
    /// # Ok(()) }
    /// ```
    pub async fn jobs(&self, filter: JobFilter) -> Result<Vec<JobRecord>> {
        self.storage().job_list(filter).await
    }

    /// All servers, oldest first; those that have died too, until they are swept.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn servers(&self) -> Result<Vec<ServerRecord>> {
        self.storage().server_list().await
    }

    /// How many jobs of each queue and kind are in which state, from the statistics: reads no job.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn totals(&self) -> Result<Vec<StateTotal>> {
        self.storage().stat_totals().await
    }

    /// The statistics over time since `since`.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn stats(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>> {
        self.storage().stat_points(grain, since).await
    }

    /// Looks for rows that contradict each other, and for totals that differ from a count, and says what it found, one sentence
    /// each. It reads every job: for checking a database by hand.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn check(&self) -> Result<Vec<String>> {
        self.storage().check().await
    }

    /// A job's args by name, those that its kind calls `secret` redacted.
    ///
    /// # Errors
    /// [`Error::Config`] for a kind that this program does not know; [`Error::Decode`] for args that cannot be read.
    pub fn args_json(&self, record: &JobRecord) -> Result<Value> {
        let descriptor = self.descriptor(&record.kind)?;
        Ok(redact((descriptor.args_to_json)(&record.payload)?, descriptor.secret))
    }

    /// What a job returned; `null` where nothing is stored.
    ///
    /// # Errors
    /// [`Error::Config`] for a kind that this program does not know; [`Error::Decode`] for an output that cannot be read.
    pub fn output_json(&self, record: &JobRecord) -> Result<Value> {
        let Some(output) = &record.output else { return Ok(Value::Null) };
        (self.descriptor(&record.kind)?.output_to_json)(output)
    }

    pub(super) fn descriptor(&self, kind: &str) -> Result<&'static Descriptor> {
        self.registry().get(kind).ok_or_else(|| {
            Error::config(format!(
                "this program does not know the kind `{kind}`, so that it cannot read its jobs; link the crate that has it"
            ))
        })
    }
}

/// The args without what is secret.
pub(super) fn redact(mut args: Value, secret: &[&str]) -> Value {
    for name in secret {
        if let Some(value) = args.get_mut(*name) {
            *value = Value::from(REDACTED);
        }
    }
    args
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_redacted_by_name() {
        let args = json!({"user": 7, "token": {"value": "s3cret"}});
        assert_eq!(redact(args, &["token", "absent"]), json!({"user": 7, "token": "[redacted]"}));
    }
}
