//! What has ended in the last minute, second by second: the differences between the totals that are read for all visitors anyway.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use jiff::Timestamp;
use jobs_runtime::State;

use super::Pulse;
use crate::gate::Gate;

/// So many seconds are kept.
pub(crate) const SECONDS: i64 = 60;
/// When nobody has read for longer, in seconds, nobody knows when in it something ended.
const GAP: i64 = 5;

/// How many jobs succeeded and how many failed for good.
pub(crate) type Ends = [i64; 2];

/// The seconds in which something ended, the oldest first. Of a time when nobody watched there are none. Jobs that retention removes in the
/// same second make the numbers smaller, and a job that is not kept when it succeeds never counts: totals say how many jobs are there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    seconds: VecDeque<Arc<Second>>,
    last: Option<(i64, Arc<Pulse>)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Second {
    at: i64,
    /// By the name of the queue.
    ends: BTreeMap<String, Ends>,
}

impl Recent {
    /// The same with what the totals of this moment tell.
    pub(super) fn and(&self, now: Timestamp, pulse: &Arc<Pulse>) -> Self {
        let at = now.as_second();
        let mut seconds = self.seconds.clone();
        if let Some((before, old)) = &self.last
            && (0..=GAP).contains(&(at - before))
            && !Arc::ptr_eq(old, pulse)
        {
            let ends = ends(old, pulse);
            if !ends.is_empty() {
                // Two readings may fall into one second.
                match seconds.back_mut().filter(|last| last.at == at) {
                    Some(last) => *last = Arc::new(Second { at, ends: sum(&last.ends, ends) }),
                    None => seconds.push_back(Arc::new(Second { at, ends })),
                }
            }
        }
        while seconds.front().is_some_and(|first| first.at <= at - SECONDS) {
            seconds.pop_front();
        }
        Self { seconds, last: Some((at, pulse.clone())) }
    }

    /// The seconds from this one on, with what ended in the queues that the visitor sees.
    pub(crate) fn since(&self, from: i64, gate: &Gate) -> Vec<(i64, Ends)> {
        let seen = |second: &Second| {
            let seen = second.ends.iter().filter(|(queue, _)| gate.sees(queue));
            seen.fold(Ends::default(), |[good, bad], (_, ends)| [good + ends[0], bad + ends[1]])
        };
        let wanted = self.seconds.iter().filter(|second| second.at >= from).map(|second| (second.at, seen(second)));
        wanted.filter(|(_, ends)| *ends != Ends::default()).collect()
    }

    /// The last second in which something ended, in any queue.
    pub(super) fn newest(&self) -> Option<i64> {
        self.seconds.back().map(|last| last.at)
    }
}

/// By how much the totals of each kind in each queue have grown; what has become fewer was removed or put back, and is no end.
fn ends(old: &Pulse, new: &Pulse) -> BTreeMap<String, Ends> {
    let place = |state| match state {
        State::Succeeded => Some(0),
        State::Failed => Some(1),
        _ => None,
    };
    let finals = |pulse| {
        let pulse: &Pulse = pulse;
        pulse.totals.iter().filter_map(move |total| Some((place(total.state)?, total)))
    };
    let before: HashMap<_, _> =
        finals(old).map(|(place, total)| ((&*total.queue, &*total.kind, place), total.jobs)).collect();
    let mut ends = BTreeMap::<String, Ends>::new();
    for (place, total) in finals(new) {
        let was = before.get(&(&*total.queue, &*total.kind, place)).copied().unwrap_or_default();
        if total.jobs > was {
            ends.entry(total.queue.clone()).or_default()[place] += total.jobs - was;
        }
    }
    ends
}

fn sum(one: &BTreeMap<String, Ends>, mut other: BTreeMap<String, Ends>) -> BTreeMap<String, Ends> {
    for (queue, [good, bad]) in one {
        let ends = other.entry(queue.clone()).or_default();
        *ends = [ends[0] + good, ends[1] + bad];
    }
    other
}

#[cfg(test)]
mod tests {
    use jobs_runtime::storage::StateTotal;

    use super::*;
    use crate::{Access, Role};

    fn pulse(totals: &[(&str, &str, State, i64)]) -> Arc<Pulse> {
        let total = |(queue, kind, state, jobs): &(&str, &str, State, i64)| StateTotal {
            queue: (*queue).to_owned(),
            kind: (*kind).to_owned(),
            state: *state,
            jobs: *jobs,
        };
        Arc::new(Pulse { totals: totals.iter().map(total).collect(), servers: Vec::new() })
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    fn gate(role: Role) -> Gate {
        Gate::for_tests(Access::new("ann", role).queue("payroll", Role::Read))
    }

    #[test]
    fn what_has_grown_has_ended() {
        use State::{Enqueued, Failed, Succeeded};
        let first = pulse(&[("mail", "a", Succeeded, 10), ("mail", "b", Succeeded, 5), ("mail", "a", Enqueued, 9)]);
        let then = pulse(&[
            ("mail", "a", Succeeded, 13),
            ("mail", "b", Succeeded, 0),
            ("mail", "a", Enqueued, 99),
            ("mail", "a", Failed, 1),
            ("payroll", "c", Failed, 2),
        ]);
        let recent = Recent::default().and(at(100), &first);
        assert!(recent.since(0, &gate(Role::Read)).is_empty(), "one reading tells no difference");
        let recent = recent.and(at(101), &then);
        assert_eq!(
            recent.since(0, &gate(Role::Read)),
            [(101, [3, 3])],
            "what was removed takes nothing from the others"
        );
        assert_eq!(recent.since(0, &gate(Role::None)), [(101, [0, 2])], "who sees one queue is told of that alone");
        let recent = recent.and(at(101), &pulse(&[("mail", "a", Succeeded, 14), ("payroll", "c", Failed, 2)]));
        assert_eq!(recent.since(0, &gate(Role::Read)), [(101, [4, 3])], "two readings of one second are one");
        assert_eq!((recent.newest(), recent.since(102, &gate(Role::Read))), (Some(101), Vec::new()));
    }

    #[test]
    fn a_minute_is_kept_and_a_pause_is_no_second() {
        let count = |jobs| pulse(&[("mail", "a", State::Succeeded, jobs)]);
        let mut recent = Recent::default();
        for second in 0..200 {
            recent = recent.and(at(1_000 + second), &count(second));
        }
        let seconds = recent.since(0, &gate(Role::Read));
        assert_eq!((seconds.len(), seconds[0], seconds[59]), (60, (1_140, [1, 0]), (1_199, [1, 0])));
        let recent = recent.and(at(1_230), &count(5_000));
        assert_eq!(
            recent.since(0, &gate(Role::Read)).len(),
            29,
            "the minute goes on, and nobody knows when those ended"
        );
        let recent = recent.and(at(1_231), &count(5_001));
        assert_eq!(recent.since(1_230, &gate(Role::Read)), [(1_231, [1, 0])]);
        let recent = recent.and(at(1_100), &count(9_000));
        assert!(recent.since(1_232, &gate(Role::Read)).is_empty(), "a clock that is set back counts nothing");
    }
}
