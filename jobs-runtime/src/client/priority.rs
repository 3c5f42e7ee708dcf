//! How urgent a job is among those of its queue.

/// How urgent a job is among the jobs of its queue: greater goes first.
///
/// Any `i16` does; the names stand for -10, 0 and 10.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn greet() {}
/// greet::enqueue().priority(High);
/// greet::enqueue().priority(7);
/// assert!(High > Normal && Normal > Low);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(i16);

/// The priority of jobs that may wait, -10.
#[allow(non_upper_case_globals, reason = "reads as a word: `.priority(Low)`")]
pub const Low: Priority = Priority(-10);

/// The priority of jobs that say nothing, 0.
#[allow(non_upper_case_globals, reason = "reads as a word: `.priority(Normal)`")]
pub const Normal: Priority = Priority(0);

/// The priority of jobs that go first, 10.
#[allow(non_upper_case_globals, reason = "reads as a word: `.priority(High)`")]
pub const High: Priority = Priority(10);

impl Priority {
    /// The number that is stored.
    pub const fn value(self) -> i16 {
        self.0
    }
}

impl From<i16> for Priority {
    fn from(value: i16) -> Self {
        Self(value)
    }
}

impl From<Priority> for i16 {
    fn from(priority: Priority) -> Self {
        priority.0
    }
}
