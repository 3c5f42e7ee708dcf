//! What a visitor may know of kinds who does not see every queue: a kind's jobs may be in any.

use std::collections::HashMap;

use jobs_runtime::{
    KindSummary, State, StateCounts, Throughput,
    storage::{Measure, StatPoint},
};

use crate::{gate::Gate, live::Pulse};

/// The kinds that have or had jobs in queues that the visitor sees, with what they have and had there.
pub(super) fn narrow(kinds: Vec<KindSummary>, pulse: &Pulse, points: &[StatPoint], gate: &Gate) -> Vec<KindSummary> {
    let mut seen: HashMap<&str, (StateCounts, Throughput)> = HashMap::new();
    for total in pulse.totals.iter().filter(|total| total.jobs != 0 && gate.sees(&total.queue)) {
        let counts = &mut seen.entry(&total.kind).or_default().0;
        *match total.state {
            State::Scheduled => &mut counts.scheduled,
            State::Awaiting => &mut counts.awaiting,
            State::Enqueued => &mut counts.enqueued,
            State::Processing => &mut counts.processing,
            State::Succeeded => &mut counts.succeeded,
            State::Failed => &mut counts.failed,
            State::Deleted => &mut counts.deleted,
        } += total.jobs;
    }
    for point in points.iter().filter(|point| gate.sees(&point.queue)) {
        let through = &mut seen.entry(&point.kind).or_default().1;
        match point.measure {
            Measure::Created => through.created += point.count,
            Measure::Succeeded => through.succeeded += point.count,
            Measure::Failed => through.failed += point.count,
            Measure::Deleted => through.deleted += point.count,
            Measure::Retried => through.retried += point.count,
            Measure::Rescued => through.rescued += point.count,
            Measure::Wait => through.waits.add(point.bucket, point.count.unsigned_abs()),
            Measure::Run => through.runs.add(point.bucket, point.count.unsigned_abs()),
            Measure::Stale => {}
        }
    }
    let narrowed = kinds.into_iter().filter_map(|mut kind| {
        let (since, until) = (kind.throughput.since, kind.throughput.until);
        (kind.counts, kind.throughput) = seen.remove(kind.kind.as_str())?;
        (kind.throughput.since, kind.throughput.until) = (since, until);
        Some(kind)
    });
    narrowed.collect()
}
