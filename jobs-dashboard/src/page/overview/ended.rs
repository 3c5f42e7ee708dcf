//! What ended within a range, by kind.

use std::collections::BTreeMap;

use jobs_runtime::storage::{Measure, StatPoint};

use crate::web::Visit;

/// How many jobs of each kind ended well, and how many failed, in the queues that the visitor sees.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ended<'p>(BTreeMap<&'p str, (i64, i64)>);

impl<'p> Ended<'p> {
    pub(crate) fn of(points: &'p [StatPoint], visit: &Visit) -> Self {
        Self::from(points.iter().filter(|point| visit.gate.sees(&point.queue)))
    }

    pub(crate) fn from(points: impl Iterator<Item = &'p StatPoint>) -> Self {
        let mut kinds: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for point in points {
            let (succeeded, failed) = match point.measure {
                Measure::Succeeded => (point.count, 0),
                Measure::Failed => (0, point.count),
                _ => continue,
            };
            let kind = kinds.entry(&point.kind).or_default();
            kind.0 += succeeded;
            kind.1 += failed;
        }
        Self(kinds)
    }

    pub(crate) fn succeeded(&self) -> i64 {
        self.0.values().map(|(succeeded, _)| succeeded).sum()
    }

    pub(crate) fn failed(&self) -> i64 {
        self.0.values().map(|(_, failed)| failed).sum()
    }

    /// The kinds that failed: how often, and of how many that ended; the most frequent first.
    pub(crate) fn failing(&self) -> Vec<(&'p str, i64, i64)> {
        let mut kinds: Vec<_> = self
            .0
            .iter()
            .filter(|(_, (_, failed))| *failed > 0)
            .map(|(kind, (succeeded, failed))| (*kind, *failed, succeeded + failed))
            .collect();
        kinds.sort_by_key(|(kind, failed, _)| (std::cmp::Reverse(*failed), *kind));
        kinds
    }
}
