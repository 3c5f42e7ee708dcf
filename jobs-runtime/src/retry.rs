//! When a failed attempt is followed by another. Pure: a function of policy, attempt and seed.

use std::time::Duration;

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug)]
pub enum Backoff {
    /// The same time before each attempt.
    Constant(Duration),
    /// `base`, 2 x `base`, 3 x `base`, at most `cap`.
    Linear {
        /// The wait after the first attempt.
        base: Duration,
        /// The longest wait.
        cap: Duration,
    },
    /// `base`, 2 x `base`, 4 x `base`, at most `cap`, each moved by up to a quarter either way at random.
    Exponential {
        /// The wait after the first attempt.
        base: Duration,
        /// The longest wait.
        cap: Duration,
    },
    /// A function of the number of the attempt that has failed, from 1.
    Custom(fn(u32) -> Duration),
}
