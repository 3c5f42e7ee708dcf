//! The totals and the servers at one moment.

use std::collections::BTreeMap;

use jobs_runtime::{
    Client, Result, State,
    storage::{ServerRecord, StateTotal},
};

use crate::{gate::Gate, page::Place};

/// How many jobs are where, and which servers there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pulse {
    pub(crate) totals: Vec<StateTotal>,
    pub(crate) servers: Vec<ServerRecord>,
}

/// All states, in the order of a job's life.
pub(crate) const STATES: [State; 7] = [
    State::Scheduled,
    State::Awaiting,
    State::Enqueued,
    State::Processing,
    State::Succeeded,
    State::Failed,
    State::Deleted,
];

impl Pulse {
    pub(super) async fn read(client: &Client) -> Result<Self> {
        Ok(Self { totals: client.totals().await?, servers: client.servers().await? })
    }

    /// How many jobs are in a state, in the queues that the visitor sees.
    pub(crate) fn count_of(&self, state: State, gate: &Gate) -> i64 {
        self.seen(gate).filter(|total| total.state == state).map(|total| total.jobs).sum()
    }

    /// The same for each state.
    pub(crate) fn states(&self, gate: &Gate) -> [(State, i64); 7] {
        STATES.map(|state| (state, self.count_of(state, gate)))
    }

    /// The same for each queue that holds jobs, by name.
    pub(crate) fn queues(&self, gate: &Gate) -> BTreeMap<&str, [(State, i64); 7]> {
        let mut queues = BTreeMap::new();
        for total in self.seen(gate).filter(|total| total.jobs != 0) {
            let states = queues.entry(total.queue.as_str()).or_insert(STATES.map(|state| (state, 0)));
            for (_, count) in states.iter_mut().filter(|(state, _)| *state == total.state) {
                *count += total.jobs;
            }
        }
        queues
    }

    /// Whether nothing has ever happened in what the visitor sees.
    pub(crate) fn is_new(&self, gate: &Gate) -> bool {
        self.seen(gate).next().is_none() && (!gate.sees_all() || self.servers.is_empty())
    }

    /// The servers whose lease is valid.
    pub(crate) fn alive(&self) -> impl Iterator<Item = &ServerRecord> {
        self.servers.iter().filter(|server| server.alive)
    }

    /// The count beside a place of the navigation, and its name in the stream.
    pub(crate) fn count(&self, place: Place, gate: &Gate) -> Option<(&'static str, i64)> {
        match place {
            Place::Servers if gate.sees_all() => Some(("servers", length(self.alive().count()))),
            Place::Errors => Some(("errors", self.count_of(State::Failed, gate))),
            _ => None,
        }
    }

    fn seen(&self, gate: &Gate) -> impl Iterator<Item = &StateTotal> {
        self.totals.iter().filter(|total| gate.sees(&total.queue))
    }

    pub(super) fn has_other_totals(&self, other: &Self) -> bool {
        self.totals != other.totals
    }

    /// Whether the servers differ in more than their last sign of life.
    pub(super) fn has_other_servers(&self, other: &Self) -> bool {
        fn facts(server: &ServerRecord) -> impl PartialEq + '_ {
            (server.id, &server.info, server.alive, &server.pause, server.orders)
        }
        !self.servers.iter().map(facts).eq(other.servers.iter().map(facts))
    }
}

/// A length as a count.
pub(crate) fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
