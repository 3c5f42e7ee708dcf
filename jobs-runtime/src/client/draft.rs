//! The options of a job that is about to be stored, with what is wrong with them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    input::{IntoDuration, IntoInstant, check_name},
    kind::Kind,
};
use crate::{
    Error, JobId, Result,
    storage::{Due, NewJob},
};

/// How many bytes the texts of `meta` and the tags may have together: they are stored with every job.
const TEXT_LIMIT: usize = 16 * 1024;

/// The options that a builder has gathered. A bad one is kept as a sentence and reported when the builder is awaited.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    due: Due,
    queue: Option<Arc<str>>,
    priority: Option<i16>,
    attempts: Option<u16>,
    timeout: Option<Duration>,
    expires: Option<Duration>,
    retain: Option<Duration>,
    meta: BTreeMap<String, String>,
    tags: Vec<String>,
    faults: Vec<String>,
}

impl Draft {
    pub(super) fn delay(&mut self, delay: impl IntoDuration) {
        if let Some(delay) = self.duration("delay", delay, Duration::ZERO) {
            self.due = Due::In(delay);
        }
    }

    pub(super) fn at(&mut self, at: impl IntoInstant) {
        match at.into_instant() {
            Ok(at) => self.due = Due::At(at),
            Err(fault) => self.fault("at", &fault),
        }
    }

    pub(super) fn queue(&mut self, queue: &str) {
        if self.name("queue", queue) {
            self.queue = Some(Arc::from(queue));
        }
    }

    pub(super) fn priority(&mut self, priority: i16) {
        self.priority = Some(priority);
    }

    pub(super) fn attempts(&mut self, attempts: u16) {
        if attempts == 0 {
            self.fault("attempts", "0 would never run the job; write at least 1");
        }
        self.attempts = Some(attempts);
    }

    pub(super) fn timeout(&mut self, timeout: impl IntoDuration) {
        self.timeout = self.duration("timeout", timeout, Duration::from_millis(1));
    }

    pub(super) fn expires(&mut self, expires: impl IntoDuration) {
        self.expires = self.duration("expires", expires, Duration::from_millis(1));
    }

    pub(super) fn retain(&mut self, retain: impl IntoDuration) {
        self.retain = self.duration("retain", retain, Duration::ZERO);
    }

    pub(super) fn meta(&mut self, key: String, value: String) {
        if self.name("meta", &key) {
            self.meta.insert(key, value);
        }
    }

    pub(super) fn tag(&mut self, tag: String) {
        if self.name("tag", &tag) && !self.tags.contains(&tag) {
            self.tags.push(tag);
        }
    }

    /// Everything that is wrong with them and by these other sentences, as one error.
    pub(super) fn check(&self, kind: &str, others: Vec<String>) -> Result<()> {
        let faults = [self.faults.as_slice(), &others].concat();
        if !faults.is_empty() {
            return Err(Error::config(format!("the options of a `{kind}` job: {}", faults.join("; "))));
        }
        let meta = self.meta.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
        let size = meta + self.tags.iter().map(String::len).sum::<usize>();
        if size > TEXT_LIMIT {
            return Err(Error::TooLarge { what: format!("meta and tags of a `{kind}` job"), size, limit: TEXT_LIMIT });
        }
        Ok(())
    }

    /// The job to store: what was said here, else what the kind says.
    pub(super) fn job(&self, id: JobId, kind: &Kind, payload: Vec<u8>) -> NewJob {
        let defaults = &kind.descriptor.options;
        NewJob {
            id,
            kind: Arc::clone(&kind.name),
            queue: Arc::clone(self.queue.as_ref().unwrap_or(&kind.queue)),
            priority: self.priority.unwrap_or(defaults.priority),
            payload,
            due: self.due,
            max_attempts: self.attempts.unwrap_or(defaults.attempts).max(1),
            on_exhausted: defaults.on_exhausted,
            timeout: self.timeout.or(defaults.timeout),
            expires: self.expires.or(defaults.expires),
            retain: self.retain.or(defaults.retain),
            meta: self.meta.clone(),
            tags: self.tags.clone(),
            recurring: None,
            batch: None,
            waits: None,
        }
    }

    pub(super) fn fault(&mut self, option: &str, fault: &str) {
        self.faults.push(format!("`{option}`: {fault}"));
    }

    pub(super) fn name(&mut self, option: &str, name: &str) -> bool {
        check_name(name).map_err(|fault| self.fault(option, &fault)).is_ok()
    }

    fn duration(&mut self, option: &str, span: impl IntoDuration, least: Duration) -> Option<Duration> {
        match span.into_duration() {
            Ok(span) if span < least => self.fault(option, "it must be at least 1 ms"),
            Ok(span) => return Some(span),
            Err(fault) => self.fault(option, &fault),
        }
        None
    }
}

/// The options that every builder of jobs has; the builder keeps them in `self.draft`.
macro_rules! job_options {
    () => {
        /// The queue, instead of the kind's: 1 to 100 characters, no control characters.
        pub fn queue(mut self, queue: impl AsRef<str>) -> Self {
            self.draft.queue(queue.as_ref());
            self
        }

        /// How urgent it is among the jobs of its queue: `High`, `Normal`, `Low` or any `i16`; greater goes first.
        pub fn priority(mut self, priority: impl Into<$crate::Priority>) -> Self {
            self.draft.priority(priority.into().value());
            self
        }

        /// How often it may be run before it is failed, at least 1.
        pub fn attempts(mut self, attempts: u16) -> Self {
            self.draft.attempts(attempts);
            self
        }

        /// How long one attempt may take: `"30s"` or a `Duration`, at least 1 ms.
        pub fn timeout(mut self, timeout: impl $crate::IntoDuration) -> Self {
            self.draft.timeout(timeout);
            self
        }

        /// How long after its time it is still worth starting; later it is deleted instead of run.
        pub fn expires(mut self, expires: impl $crate::IntoDuration) -> Self {
            self.draft.expires(expires);
            self
        }

        /// How long it is kept after its end, in whichever state it ends.
        pub fn retain(mut self, retain: impl $crate::IntoDuration) -> Self {
            self.draft.retain(retain);
            self
        }

        /// A fact of the caller's about it, for its handler, its layers and its page; a later value for the key replaces an
        /// earlier one. All keys, values and tags together may have 16 KiB.
        pub fn meta(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
            self.draft.meta(key.into(), value.into());
            self
        }

        /// A label of the caller's for it; it may have several.
        pub fn tag(mut self, tag: impl Into<String>) -> Self {
            self.draft.tag(tag.into());
            self
        }
    };
}

/// The options of builders whose jobs have a time.
macro_rules! due_options {
    () => {
        /// Runs it so long after the database has stored it: `"10m"` or a `Duration`. The last of `delay` and
        /// [`at`](Self::at) counts.
        pub fn delay(mut self, delay: impl $crate::IntoDuration) -> Self {
            self.draft.delay(delay);
            self
        }

        /// Runs it at an instant, by the database's clock; one that has passed means at once. The last of `at` and
        /// [`delay`](Self::delay) counts.
        pub fn at(mut self, at: impl $crate::IntoInstant) -> Self {
            self.draft.at(at);
            self
        }
    };
}

pub(super) use {due_options, job_options};
