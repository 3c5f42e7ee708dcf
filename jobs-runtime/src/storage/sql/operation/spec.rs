//! What an operation is for, as it is stored: JSON with a version, so that a server leaves alone what a later one has begun.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::storage::{
    BulkAct, Due, Selection,
    sql::{
        insert::due_at,
        text::{from_json, instant},
    },
};

/// The version of the JSON and of the order of the walk. A server takes up operations of this version and of earlier ones.
pub(super) const VERSION: i64 = 1;

/// A selection, and what is done to what it matches.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Spec {
    pub(super) selection: Selection,
    act: StoredAct,
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
    pub(super) fn new(selection: &Selection, act: &BulkAct, now: i64) -> Self {
        let act = match act {
            BulkAct::Requeue => StoredAct::Requeue,
            BulkAct::Delete => StoredAct::Delete,
            BulkAct::Cancel => StoredAct::Cancel,
            BulkAct::Reschedule(due) => StoredAct::Reschedule { at: instant(due_at(*due, now)) },
            BulkAct::Move { queue } => StoredAct::Move { queue: queue.to_string() },
            BulkAct::Prioritize(priority) => StoredAct::Prioritize { priority: *priority },
        };
        Self { selection: selection.clone(), act }
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

    /// The act alone.
    pub(super) fn told(&self) -> serde_json::Value {
        serde_json::json!(self.act)
    }

    pub(super) fn text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    pub(super) fn read(text: &str) -> sqlx::Result<Self> {
        from_json(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;

    #[test]
    fn what_is_stored_keeps_its_form_and_comes_back_as_it_was() {
        let selection = Selection::new([State::Failed, State::Enqueued]).queue("mail");
        let spec = Spec::new(&selection, &BulkAct::Reschedule(Due::In(std::time::Duration::from_secs(5))), 1_000_000);
        let stored = r#"{"act":{"at":"1970-01-01T00:00:06Z","do":"reschedule"},"selection":{"created":{"from":null,"until":null},"finished":{"from":null,"until":null},"kind":null,"queue":"mail","states":["failed","enqueued"]}}"#;
        assert_eq!(spec.text(), stored, "operations that were begun have this form");
        let read = Spec::read(stored).expect("it was written by us");
        assert_eq!(read.act(), BulkAct::Reschedule(Due::At(instant(6_000_000))));
        assert_eq!(read.selection, selection);
        for act in [
            BulkAct::Requeue,
            BulkAct::Delete,
            BulkAct::Cancel,
            BulkAct::Move { queue: "İş".into() },
            BulkAct::Prioritize(-3),
        ] {
            let text = Spec::new(&Selection::new([]), &act, 0).text();
            assert_eq!(Spec::read(&text).expect("it was written by us").act(), act);
        }
    }
}
