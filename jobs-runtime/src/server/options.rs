//! The settings of a server, their defaults and what makes them valid.

use std::{collections::BTreeSet, num::NonZero, sync::Arc, thread, time::Duration};

use crate::server::queues::Queues;

/// How often a server looks for work that nobody told it of.
const POLL: Duration = Duration::from_secs(1);
const BEAT: Duration = Duration::from_secs(3);
const LEASE: Duration = Duration::from_secs(12);
const SWEEP: Duration = Duration::from_secs(3);
/// Shorter than the 30 s that orchestrators wait before they kill.
const GRACE: Duration = Duration::from_secs(25);
const CRASH_LIMIT: u16 = 3;
/// Longer than any deploy, so that what the next version brings back has lost nothing.
const KEEP_ORPHANED: Duration = Duration::from_secs(24 * 60 * 60);
/// A shorter time would remove what a restart brings back.
const LEAST_KEEP_ORPHANED: Duration = Duration::from_secs(60);
/// Jobs mostly wait for others, so there are more of them than processors.
const WORKERS_PER_PROCESSOR: usize = 4;
/// No time is longer than this, a hundred years, so that every clock can count to its end.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
/// A lease outlives this many beats, so that one lost beat costs nothing.
const BEATS_PER_LEASE: u32 = 3;

/// How a server claims, runs and keeps its lease.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) name: String,
    pub(crate) queues: Queues,
    pub(crate) workers: usize,
    pub(crate) poll: Duration,
    pub(crate) beat: Duration,
    pub(crate) lease: Duration,
    pub(crate) sweep: Duration,
    pub(crate) grace: Duration,
    pub(crate) crash_limit: u16,
    pub(crate) keep_orphaned: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            name: default_name(),
            queues: Queues::Strict([Arc::from("default")].into()),
            workers: processors * WORKERS_PER_PROCESSOR,
            poll: POLL,
            beat: BEAT,
            lease: LEASE,
            sweep: SWEEP,
            grace: GRACE,
            crash_limit: CRASH_LIMIT,
            keep_orphaned: KEEP_ORPHANED,
        }
    }
}

impl Options {
    /// What is wrong with them, one sentence each.
    pub(crate) fn problems(&self) -> Vec<String> {
        let Self { beat, lease, .. } = *self;
        let mut problems = self.queue_problems();
        if self.workers == 0 {
            problems.push("`workers` is 0; give it at least 1".to_owned());
        }
        let periods = [("poll", self.poll), ("beat", beat), ("lease", lease), ("sweep", self.sweep)];
        for (name, _) in periods.iter().filter(|(_, value)| value.is_zero()) {
            problems.push(format!("`{name}` is zero; give it a time, such as its default"));
        }
        let longer = [("grace", self.grace), ("keep_orphaned", self.keep_orphaned)];
        for (name, _) in periods.iter().chain(&longer).filter(|(_, value)| *value > LONGEST) {
            problems.push(format!("`{name}` is longer than a hundred years; give it a shorter time"));
        }
        if lease < beat.saturating_mul(BEATS_PER_LEASE) {
            problems.push(format!(
                "`lease` is {lease:?}, shorter than {BEATS_PER_LEASE} beats of {beat:?}; lengthen it or shorten `beat`"
            ));
        }
        if self.keep_orphaned < LEAST_KEEP_ORPHANED {
            problems.push(format!("`keep_orphaned` is {:?}; give it at least a minute", self.keep_orphaned));
        }
        if self.crash_limit == 0 {
            problems.push("`crash_limit` is 0; give it at least 1".to_owned());
        }
        problems
    }

    fn queue_problems(&self) -> Vec<String> {
        let names = self.queues.names();
        let mut problems = Vec::new();
        if names.is_empty() {
            problems.push("the server reads no queue; name at least one".to_owned());
        }
        let mut seen = BTreeSet::new();
        for name in &names {
            if name.is_empty() {
                problems.push("a queue has an empty name; leave it out".to_owned());
            } else if !seen.insert(name) {
                problems.push(format!("the queue `{name}` is named twice; name it once"));
            }
        }
        if let Queues::Weighted(weighted) = &self.queues {
            for (name, _) in weighted.iter().filter(|(_, weight)| *weight == 0) {
                problems.push(format!("the queue `{name}` has the weight 0; give it at least 1 or leave it out"));
            }
        }
        problems
    }
}

fn default_name() -> String {
    let host = ["HOSTNAME", "COMPUTERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let host = host.or_else(|| Some(std::fs::read_to_string("/etc/hostname").ok()?.trim().to_owned()));
    format!("{}:{}", host.filter(|host| !host.is_empty()).as_deref().unwrap_or("server"), std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(change: impl FnOnce(&mut Options), said: &[&str]) {
        let mut options = Options::default();
        change(&mut options);
        let problems = options.problems();
        assert_eq!(problems.len(), said.len(), "{problems:?}");
        for (problem, said) in problems.iter().zip(said) {
            assert!(problem.contains(said), "`{problem}` does not say `{said}`");
        }
    }

    #[test]
    fn the_defaults_are_valid() {
        check(|_| {}, &[]);
    }

    #[test]
    fn each_mistake_is_named() {
        check(|options| options.workers = 0, &["`workers`"]);
        check(|options| options.lease = Duration::from_secs(8), &["3 beats of 3s"]);
        check(|options| options.poll = Duration::ZERO, &["`poll` is zero"]);
        check(|options| options.crash_limit = 0, &["`crash_limit`"]);
        check(|options| options.keep_orphaned = Duration::from_secs(59), &["`keep_orphaned` is 59s"]);
        check(|options| options.keep_orphaned = Duration::MAX, &["`keep_orphaned` is longer than"]);
        check(|options| options.poll = Duration::MAX, &["`poll` is longer than"]);
        check(|options| options.sweep = Duration::MAX, &["`sweep` is longer than"]);
        check(|options| options.grace = Duration::MAX, &["`grace` is longer than"]);
        check(|options| options.lease = Duration::MAX, &["`lease` is longer than"]);
        check(|options| options.beat = Duration::MAX, &["`beat` is longer than", "shorter than 3 beats"]);
        check(|options| options.grace = LONGEST, &[]);
        check(|options| options.queues = Queues::Strict([].into()), &["no queue"]);
        let doubled = Queues::Strict(["a", "", "a"].map(Arc::from).into());
        check(|options| options.queues = doubled, &["empty name", "`a` is named twice"]);
        let weightless = Queues::Weighted([(Arc::from("a"), 0)].into());
        check(|options| options.queues = weightless, &["the weight 0"]);
        check(
            |options| {
                options.workers = 0;
                options.crash_limit = 0;
            },
            &["`workers`", "`crash_limit`"],
        );
    }
}
