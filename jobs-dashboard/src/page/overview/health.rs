//! How things are. Pure: it decides by what it is given.

use std::collections::BTreeSet;

use jobs_runtime::State;

use super::ended::Ended;
use crate::{
    gate::Gate,
    live::{Pulse, length},
};

/// From so many failures in an hour on, the share of failures is looked at.
const FEW: i64 = 5;
/// One failure of so many ends is still usual.
const USUAL: i64 = 20;

/// How things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Health<'p> {
    /// Servers are told of to who may see them.
    Good { servers: Option<i64>, running: i64 },
    /// What needs attention, the worst first.
    Troubled(Vec<Problem<'p>>),
}

/// What needs attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem<'p> {
    NoServer { waiting: i64 },
    NobodyReads { queue: &'p str, waiting: i64 },
    Failing { failed: i64, ended: i64 },
    LostServer { name: &'p str },
    LostSlots { name: &'p str, slots: i64 },
    Versions { versions: Vec<&'p str> },
}

impl Problem<'_> {
    /// Whether jobs do not run, or fail.
    pub(crate) fn is_bad(&self) -> bool {
        matches!(self, Self::NoServer { .. } | Self::NobodyReads { .. } | Self::Failing { .. })
    }
}

impl<'p> Health<'p> {
    pub(crate) fn of(pulse: &'p Pulse, gate: &Gate, hour: &Ended<'_>) -> Self {
        let mut problems = unread(pulse, gate);
        let (failed, ended) = (hour.failed(), hour.failed() + hour.succeeded());
        if failed >= FEW && failed * USUAL > ended {
            problems.push(Problem::Failing { failed, ended });
        }
        if gate.sees_all() {
            problems.extend(servers(pulse));
        }
        if !problems.is_empty() {
            return Self::Troubled(problems);
        }
        // Servers claim a little more than they run at once.
        let slots: i64 = pulse.alive().map(|server| i64::from(server.info.workers)).sum();
        let running = pulse.count_of(State::Processing, gate).min(slots);
        Self::Good { servers: gate.sees_all().then(|| length(pulse.alive().count())), running }
    }
}

/// Queues that hold runnable jobs, and that nobody reads. A server that stops does not read any more.
fn unread<'p>(pulse: &'p Pulse, gate: &Gate) -> Vec<Problem<'p>> {
    let waiting = pulse.count_of(State::Enqueued, gate);
    let readers = || pulse.alive().filter(|server| !server.info.stopping);
    // Who does not see the servers is told of their queues only.
    if waiting > 0 && gate.sees_all() && readers().next().is_none() {
        return vec![Problem::NoServer { waiting }];
    }
    let read: BTreeSet<&str> = readers().flat_map(|server| server.info.queues.iter().map(String::as_str)).collect();
    let queues = pulse.queues(gate).into_iter().filter(|(queue, _)| !read.contains(queue));
    let waits = queues.map(|(queue, states)| {
        (queue, states.iter().filter(|(state, _)| *state == State::Enqueued).map(|(_, count)| *count).sum::<i64>())
    });
    waits.filter(|(_, waiting)| *waiting > 0).map(|(queue, waiting)| Problem::NobodyReads { queue, waiting }).collect()
}

fn servers(pulse: &Pulse) -> Vec<Problem<'_>> {
    let dead = pulse.servers.iter().filter(|server| !server.alive);
    let mut problems: Vec<_> = dead.map(|server| Problem::LostServer { name: &server.info.name }).collect();
    let stuck = pulse.alive().filter(|server| server.info.lost > 0);
    problems.extend(stuck.map(|server| Problem::LostSlots { name: &server.info.name, slots: server.info.lost.into() }));
    let versions: BTreeSet<&str> = pulse.alive().map(|server| server.info.version.as_str()).collect();
    if versions.len() > 1 {
        problems.push(Problem::Versions { versions: versions.into_iter().collect() });
    }
    problems
}

#[cfg(test)]
mod tests;
