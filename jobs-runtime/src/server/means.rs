//! How long each kind runs, as this process has seen it, and how many jobs are worth taking in advance.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Kinds whose mean run is this long or longer are not taken in advance.
const SLOW_FROM: Duration = Duration::from_millis(50);
/// How many runs make a mean known.
const KNOWN_AFTER: u32 = 3;
/// Work for so long is taken in advance.
const SPAN: Duration = Duration::from_millis(50);
/// The most that is taken in advance.
pub(crate) const DEEPEST: usize = 1_000;
/// The share of the newest run in the mean.
const NEWEST: f64 = 0.125;
/// A run that counts as shorter would make the depth meaningless.
const SHORTEST: f64 = 0.000_1;

/// The mean run of each kind, in seconds, weighted towards the latest.
#[derive(Debug, Default)]
pub(crate) struct Means(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    kinds: HashMap<Arc<str>, Mean>,
    /// Of the fast kinds together: what a job taken in advance is likely to take.
    fast: Mean,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    seconds: f64,
    runs: u32,
}

impl Mean {
    fn record(&mut self, run: Duration) {
        let share = if self.runs == 0 { 1.0 } else { NEWEST };
        self.seconds += (run.as_secs_f64() - self.seconds) * share;
        self.runs = self.runs.saturating_add(1);
    }

    fn is_fast(self) -> bool {
        self.runs >= KNOWN_AFTER && self.seconds < SLOW_FROM.as_secs_f64()
    }
}

/// What a claim may take beyond the free slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Advance {
    /// How many jobs, waiting ones included.
    pub(crate) depth: usize,
    /// The kinds of which none: slow or not known yet.
    pub(crate) slow: Vec<Arc<str>>,
}

impl Means {
    /// Notes a run.
    pub(crate) fn record(&self, kind: &Arc<str>, run: Duration) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut *known;
        let mean = match known.kinds.get_mut(kind) {
            Some(mean) => mean,
            None => known.kinds.entry(kind.clone()).or_default(),
        };
        mean.record(run);
        if mean.is_fast() {
            known.fast.record(run);
        }
    }

    /// What a server with `workers` slots that runs `all` kinds may take in advance.
    pub(crate) fn advance(&self, all: &[Arc<str>], workers: usize) -> Advance {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fast = |kind: &Arc<str>| known.kinds.get(kind).is_some_and(|mean| mean.is_fast());
        let slow: Vec<_> = all.iter().filter(|kind| !is_fast(kind)).cloned().collect();
        let depth = if slow.len() == all.len() {
            0
        } else {
            let rounds = SPAN.as_secs_f64() / known.fast.seconds.max(SHORTEST);
            ((rounds * workers as f64) as usize).min(DEEPEST)
        };
        Advance { depth, slow }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_fast_kinds_are_taken_in_advance() {
        let [fast, slow, new] = ["fast", "slow", "new"].map(Arc::<str>::from);
        let all = [fast.clone(), slow.clone(), new.clone()];
        let means = Means::default();
        assert_eq!(means.advance(&all, 4), Advance { depth: 0, slow: all.to_vec() });

        for _ in 0..KNOWN_AFTER {
            means.record(&fast, Duration::from_millis(10));
            means.record(&slow, Duration::from_millis(80));
        }
        means.record(&new, Duration::from_micros(1));
        assert_eq!(means.advance(&all, 4), Advance { depth: 20, slow: vec![slow, new] });
    }

    #[test]
    fn a_kind_that_turns_slow_is_found_out_and_the_depth_has_a_limit() {
        let kind: Arc<str> = "kind".into();
        let means = Means::default();
        for _ in 0..10 {
            means.record(&kind, Duration::from_micros(1));
        }
        assert_eq!(means.advance(std::slice::from_ref(&kind), 64).depth, DEEPEST);
        means.record(&kind, Duration::from_secs(1));
        assert_eq!(means.advance(std::slice::from_ref(&kind), 64), Advance { depth: 0, slow: vec![kind] });
    }
}
