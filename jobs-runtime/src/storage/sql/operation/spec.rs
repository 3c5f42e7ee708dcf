//! What an operation is for, as it is stored: JSON with a version, so that a server leaves alone what a later one has begun.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ErrorId, State,
    storage::{
        BulkAct, Due, JobFilter,
        sql::{
            insert::due_at,
            row::damaged,
            text::{from_json, instant},
        },
    },
};

/// The version of the JSON and of the order of the walk. A server takes up operations of this version and of earlier ones.
pub(super) const VERSION: i64 = 1;

/// Which jobs, and what is done to each.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Spec {
    jobs: StoredFilter,
    act: StoredAct,
}

/// A filter but for the page of a list. A field that this program does not know is an error: without it, more jobs would match.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StoredFilter {
    states: Vec<State>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queues: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kinds: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retried: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl StoredFilter {
    fn new(filter: &JobFilter) -> Self {
        Self {
            states: filter.states().collect(),
            queues: filter.queues.clone(),
            kinds: filter.kinds.clone(),
            parked: filter.parked,
            retried: filter.retried,
            created_from: filter.created.from,
            created_until: filter.created.until,
            finished_from: filter.finished.from,
            finished_until: filter.finished.until,
            error: filter.error.map(|error| error.to_string()),
        }
    }

    fn filter(self) -> sqlx::Result<JobFilter> {
        let [state, others @ ..] = &*self.states else { return Err(damaged("it names no state".to_owned())) };
        let error =
            self.error.map(|id| id.parse::<ErrorId>().map_err(|error| damaged(format!("{error}")))).transpose()?;
        let filter = others.iter().fold(JobFilter::new(*state), |filter, state| filter.or(*state));
        Ok(JobFilter {
            queues: self.queues,
            kinds: self.kinds,
            parked: self.parked,
            retried: self.retried,
            error,
            ..filter.created(self.created_from, self.created_until).finished(self.finished_from, self.finished_until)
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
enum StoredAct {
    Requeue,
    Delete,
    Cancel,
    Reschedule { at: Timestamp },
    Move { queue: String },
    Prioritize { priority: i16 },
}

impl Spec {
    pub(super) fn new(filter: &JobFilter, act: &BulkAct, now: i64) -> Self {
        let act = match act {
            BulkAct::Requeue => StoredAct::Requeue,
            BulkAct::Delete => StoredAct::Delete,
            BulkAct::Cancel => StoredAct::Cancel,
            BulkAct::Reschedule(due) => StoredAct::Reschedule { at: instant(due_at(*due, now)) },
            BulkAct::Move { queue } => StoredAct::Move { queue: queue.to_string() },
            BulkAct::Prioritize(priority) => StoredAct::Prioritize { priority: *priority },
        };
        Self { jobs: StoredFilter::new(filter), act }
    }

    pub(super) fn act(&self) -> BulkAct {
        match &self.act {
            StoredAct::Requeue => BulkAct::Requeue,
            StoredAct::Delete => BulkAct::Delete,
            StoredAct::Cancel => BulkAct::Cancel,
            StoredAct::Reschedule { at } => BulkAct::Reschedule(Due::At(*at)),
            StoredAct::Move { queue } => BulkAct::Move { queue: Arc::from(&**queue) },
            StoredAct::Prioritize { priority } => BulkAct::Prioritize(*priority),
        }
    }

    pub(super) fn filter(self) -> sqlx::Result<JobFilter> {
        self.jobs.filter()
    }

    pub(super) fn told(&self) -> serde_json::Value {
        serde_json::json!(self)
    }

    pub(super) fn text(&self) -> String {
        self.told().to_string()
    }

    pub(super) fn read(text: &str) -> sqlx::Result<Self> {
        from_json(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_keeps_its_form_and_comes_back_as_it_was() {
        let filter = JobFilter::new(State::Failed).or(State::Enqueued).queue("mail");
        let spec = Spec::new(&filter, &BulkAct::Reschedule(Due::In(std::time::Duration::from_secs(5))), 1_000_000);
        let stored = r#"{"act":{"at":"1970-01-01T00:00:06Z","do":"reschedule"},"jobs":{"queues":["mail"],"states":["failed","enqueued"]}}"#;
        assert_eq!(spec.text(), stored, "operations that were begun have this form");
        let read = Spec::read(stored).expect("it was written by us");
        assert_eq!(read.act(), BulkAct::Reschedule(Due::At(instant(6_000_000))));
        assert_eq!(read.filter().expect("it was written by us"), filter);
        for act in [
            BulkAct::Requeue,
            BulkAct::Delete,
            BulkAct::Cancel,
            BulkAct::Move { queue: "İş".into() },
            BulkAct::Prioritize(-3),
        ] {
            let text = Spec::new(&filter, &act, 0).text();
            assert_eq!(Spec::read(&text).expect("it was written by us").act(), act);
        }
    }

    #[test]
    fn every_part_of_a_filter_comes_back_but_the_page() {
        let filter = JobFilter::new(State::Enqueued)
            .queue("a")
            .queue("b")
            .kind("x")
            .kind("İş")
            .parked(true)
            .retried(false)
            .created(instant(1), instant(2))
            .finished(None, instant(3))
            .error(ErrorId::of("x", "no"));
        let page = filter.clone().limit(7).look(9);
        let text = Spec::new(&page, &BulkAct::Delete, 0).text();
        assert_eq!(Spec::read(&text).and_then(Spec::filter).expect("it was written by us"), filter);
    }

    #[test]
    fn what_cannot_be_understood_is_no_filter() {
        let act = r#""act":{"do":"delete"}"#;
        for jobs in [r#"{}"#, r#"{"states":[]}"#, r#"{"states":["gone"]}"#, r#"{"states":["failed"],"later":1}"#] {
            let text = format!("{{{act},\"jobs\":{jobs}}}");
            assert!(Spec::read(&text).and_then(Spec::filter).is_err(), "{text}");
        }
    }
}
