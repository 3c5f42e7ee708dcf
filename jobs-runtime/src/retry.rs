//! When a failed attempt is followed by another. Pure: a function of policy, attempt and seed.

use std::time::Duration;

use crate::{JobId, job::OnExhausted};

/// No wait is longer than this: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

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
    /// A function of the number of the attempt that has failed, from 1. No wait is longer than a hundred years.
    Custom(fn(u32) -> Duration),
}

impl Backoff {
    /// The policy of a job without `backoff`: exponential from 5 seconds, at most 6 hours.
    ///
    /// The waits are 5 s, 10 s, 20 s, 40 s, 80 s, 2 min 40 s, 5 min 20 s, 10 min 40 s and 21 min 20 s, each up to a quarter
    /// shorter or longer: a job of the usual 10 attempts gives up after about 43 minutes. From the 14th attempt on, the wait
    /// is 6 hours.
    pub const DEFAULT: Self = Self::Exponential { base: Duration::from_secs(5), cap: Duration::from_secs(6 * 60 * 60) };

    /// The wait after attempt `failed_attempt` (from 1), the same for the same seed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jobs_runtime::retry::Backoff;
    ///
    /// let steady = Backoff::Linear { base: Duration::from_secs(10), cap: Duration::from_secs(25) };
    /// assert_eq!(steady.delay(2, 0), Duration::from_secs(20));
    /// assert_eq!(steady.delay(3, 0), Duration::from_secs(25));
    /// ```
    pub fn delay(&self, failed_attempt: u32, seed: u64) -> Duration {
        let plain = self.plain_delay(failed_attempt).min(LONGEST);
        match self {
            Self::Exponential { .. } => plain.mul_f64(jitter(failed_attempt, seed)),
            Self::Constant(_) | Self::Linear { .. } | Self::Custom(_) => plain,
        }
    }

    /// The wait before chance has moved it.
    fn plain_delay(&self, failed_attempt: u32) -> Duration {
        match *self {
            Self::Constant(delay) => delay,
            Self::Linear { base, cap } => base.saturating_mul(failed_attempt.max(1)).min(cap),
            Self::Exponential { base, cap } => {
                let doublings = failed_attempt.saturating_sub(1);
                1_u32.checked_shl(doublings).map_or(cap, |factor| base.saturating_mul(factor).min(cap))
            }
            Self::Custom(delay) => delay(failed_attempt),
        }
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What is to follow an attempt that failed and may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Run again after this time.
    Retry(Duration),
    /// The attempts are used up: the job is `failed`.
    Fail,
    /// The attempts are used up: the job is `deleted`.
    Delete,
}

/// Decides what follows attempt `failed_attempt` (from 1) of at most `max_attempts`.
///
/// ```
/// use jobs_runtime::{job::OnExhausted, retry::{Backoff, Decision, decide}};
///
/// assert!(matches!(decide(&Backoff::DEFAULT, OnExhausted::Fail, 1, 10, 7), Decision::Retry(_)));
/// assert_eq!(decide(&Backoff::DEFAULT, OnExhausted::Fail, 10, 10, 7), Decision::Fail);
/// ```
pub fn decide(
    backoff: &Backoff,
    on_exhausted: OnExhausted,
    failed_attempt: u32,
    max_attempts: u32,
    seed: u64,
) -> Decision {
    if failed_attempt < max_attempts {
        return Decision::Retry(backoff.delay(failed_attempt, seed));
    }
    match on_exhausted {
        OnExhausted::Fail => Decision::Fail,
        OnExhausted::Delete => Decision::Delete,
    }
}

/// The seed of a job's waits: jobs that fail together come back apart.
pub fn seed(id: JobId) -> u64 {
    let [.., a, b, c, d, e, f, g, h] = *id.as_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// A factor from 0.75 to 1.25.
fn jitter(failed_attempt: u32, seed: u64) -> f64 {
    // 53 bits are what an f64 holds exactly.
    let unit = (mix(seed ^ mix(u64::from(failed_attempt))) >> 11) as f64 / (1_u64 << 53) as f64;
    0.75 + unit / 2.0
}

/// The finaliser of SplitMix64: spreads every bit of its input over all bits of its output.
const fn mix(input: u64) -> u64 {
    let a = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn waits_follow_the_policy() {
        let linear = Backoff::Linear { base: secs(10), cap: secs(35) };
        let exponential = Backoff::Exponential { base: secs(5), cap: secs(6 * 60 * 60) };
        let custom = Backoff::Custom(|attempt| secs(u64::from(attempt) * 100));
        for (backoff, attempt, expected) in [
            (Backoff::Constant(secs(3)), 1, secs(3)),
            (Backoff::Constant(secs(3)), u32::MAX, secs(3)),
            (linear, 0, secs(10)),
            (linear, 1, secs(10)),
            (linear, 3, secs(30)),
            (linear, 4, secs(35)),
            (linear, u32::MAX, secs(35)),
            (exponential, 0, secs(5)),
            (exponential, 1, secs(5)),
            (exponential, 2, secs(10)),
            (exponential, 9, secs(21 * 60 + 20)),
            (exponential, 13, secs(20_480)),
            (exponential, 14, secs(6 * 60 * 60)),
            (exponential, 33, secs(6 * 60 * 60)),
            (exponential, u32::MAX, secs(6 * 60 * 60)),
            (custom, 7, secs(700)),
        ] {
            assert_eq!(backoff.plain_delay(attempt), expected, "{backoff:?} after attempt {attempt}");
        }
    }

    #[test]
    fn a_function_of_the_users_cannot_wait_for_ever() {
        assert_eq!(Backoff::Custom(|_| Duration::MAX).delay(1, 0), LONGEST);
    }

    #[test]
    fn the_last_attempt_is_not_followed_by_another() {
        let backoff = Backoff::Constant(secs(1));
        for (failed, max, on_exhausted, expected) in [
            (1, 3, OnExhausted::Fail, Decision::Retry(secs(1))),
            (2, 3, OnExhausted::Delete, Decision::Retry(secs(1))),
            (3, 3, OnExhausted::Fail, Decision::Fail),
            (3, 3, OnExhausted::Delete, Decision::Delete),
            (9, 3, OnExhausted::Fail, Decision::Fail),
            (1, 1, OnExhausted::Fail, Decision::Fail),
            (1, 0, OnExhausted::Delete, Decision::Delete),
        ] {
            assert_eq!(decide(&backoff, on_exhausted, failed, max, 0), expected, "attempt {failed} of {max}");
        }
    }

    #[test]
    fn jobs_that_fail_together_come_back_apart() {
        let mut waits: Vec<_> = (0..1_000).map(|seed| Backoff::DEFAULT.delay(5, seed)).collect();
        waits.sort();
        waits.dedup();
        assert!(waits.len() > 990, "only {} different waits", waits.len());
        assert!(waits[0] < secs(62) && waits[waits.len() - 1] > secs(98), "{waits:?}");
    }

    #[test]
    fn the_seed_is_the_random_half_of_the_id() {
        assert_eq!(
            seed(JobId::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])),
            0x0809_0a0b_0c0d_0e0f
        );
    }

    fn growing() -> impl Strategy<Value = Backoff> {
        let times = (any::<Duration>(), any::<Duration>());
        prop_oneof![
            times.clone().prop_map(|(base, cap)| Backoff::Linear { base, cap }),
            times.prop_map(|(base, cap)| Backoff::Exponential { base, cap }),
        ]
    }

    proptest! {
        #[test]
        fn waits_never_shrink_before_chance_moves_them(backoff in growing(), attempt in 0..u32::MAX) {
            prop_assert!(backoff.plain_delay(attempt) <= backoff.plain_delay(attempt + 1));
        }

        #[test]
        fn chance_moves_a_wait_by_a_quarter_at_most(backoff in growing(), attempt: u32, seed: u64) {
            let (Backoff::Linear { cap, .. } | Backoff::Exponential { cap, .. }) = backoff else { unreachable!() };
            let plain = backoff.plain_delay(attempt).min(LONGEST).as_secs_f64();
            let moved = backoff.delay(attempt, seed);
            prop_assert!(moved.as_secs_f64() >= plain * 0.75 - 1e-6 && moved.as_secs_f64() <= plain * 1.25 + 1e-6);
            prop_assert!(moved.as_secs_f64() <= cap.as_secs_f64() * 1.25 + 1e-6);
            prop_assert_eq!(moved, backoff.delay(attempt, seed));
        }
    }
}
