//! What pages, commands and applications read: totals, servers, args in words.

use jiff::Timestamp;
use serde_json::Value;

use super::Client;
use crate::{
    Error, Result,
    job::Descriptor,
    storage::{Grain, JobRecord, ServerRecord, StatPoint, StateTotal},
};

/// What stands where a secret would.
pub(super) const REDACTED: &str = "[redacted]";

impl Client {
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

    /// The same without the durations of waits and runs, which are most of it; in no order.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn counts(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>> {
        self.storage().stat_counts(grain, since).await
    }

    /// The statistics added up from `since` on: of each queue, kind, measure and bucket one, which is told to be at `since`; in no order.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn sums(&self, grain: Grain, since: Timestamp) -> Result<Vec<StatPoint>> {
        self.storage().stat_sums(grain, since).await
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
        self.shown(&record.kind, &record.payload)
    }

    /// The args of a job of this kind as they are shown.
    pub(super) fn shown(&self, kind: &str, payload: &[u8]) -> Result<Value> {
        let descriptor = self.descriptor(kind)?;
        Ok(redact((descriptor.args_to_json)(payload)?, descriptor.secret))
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
