//! What pages, commands and applications read: totals, servers, args in words.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Client, redact::Cover};
use crate::{
    Error, Result,
    job::Descriptor,
    storage::{Grain, JobRecord, ServerRecord, StatPoint, StateTotal},
};

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

    /// A job's args by name, as they are shown: without those that its kind calls `secret`, and without values at any depth whose names
    /// the client's [`Redaction`](super::Redaction) hides.
    ///
    /// # Errors
    /// [`Error::Config`] for a kind that this program does not know; [`Error::Decode`] for args that cannot be read.
    pub fn args_json(&self, record: &JobRecord) -> Result<Value> {
        self.shown(&record.kind, &record.payload)
    }

    /// The args of a job of this kind as they are shown.
    pub(super) fn shown(&self, kind: &str, payload: &[u8]) -> Result<Value> {
        let descriptor = self.descriptor(kind)?;
        Ok(self.cover(descriptor).covered((descriptor.args_to_json)(payload)?))
    }

    /// What is redacted of the args of a kind.
    pub(super) fn cover<'a>(&'a self, descriptor: &'a Descriptor) -> Cover<'a> {
        Cover { names: self.redaction(), secret: descriptor.secret }
    }

    /// The caller's own facts about a job, as they are shown: without those whose names the client's [`Redaction`](super::Redaction)
    /// hides.
    pub fn meta_shown(&self, record: &JobRecord) -> BTreeMap<String, String> {
        self.redaction().covered_facts(&record.meta)
    }

    /// What a job returned, as it is shown: without values at any depth whose names the client's [`Redaction`](super::Redaction) hides;
    /// `null` where nothing is stored.
    ///
    /// # Errors
    /// [`Error::Config`] for a kind that this program does not know; [`Error::Decode`] for an output that cannot be read.
    pub fn output_json(&self, record: &JobRecord) -> Result<Value> {
        let Some(output) = &record.output else { return Ok(Value::Null) };
        let output = (self.descriptor(&record.kind)?.output_to_json)(output)?;
        Ok(self.redaction().covered(output))
    }

    pub(super) fn descriptor(&self, kind: &str) -> Result<&'static Descriptor> {
        self.registry().get(kind).ok_or_else(|| {
            Error::config(format!(
                "this program does not know the kind `{kind}`, so that it cannot read its jobs; link the crate that has it"
            ))
        })
    }
}
