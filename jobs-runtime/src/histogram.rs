//! Quantiles out of counts in buckets that grow by powers of two, as the statistics keep waits and runs. Pure.

use std::time::Duration;

/// The bucket of a bit length of 64 and all before it.
const BUCKETS: usize = 65;

/// How many durations fell into which power of two of milliseconds.
///
/// A [quantile](Self::quantile) is estimated inside its bucket, so that it is off by less than a factor of two, and usually by far less.
///
/// ```
/// # use jobs::Histogram;
/// let mut waits = Histogram::default();
/// // The buckets are bit lengths: 4 holds 8 to 15 milliseconds, 10 holds 512 to 1,023.
/// waits.add(4, 95);
/// waits.add(10, 5);
/// let (p50, p99) = (waits.quantile(0.5).unwrap(), waits.quantile(0.99).unwrap());
/// assert!((8..16).contains(&p50.as_millis()) && (512..1024).contains(&p99.as_millis()));
/// assert_eq!(Histogram::default().quantile(0.5), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    counts: [u64; BUCKETS],
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: [0; BUCKETS] }
    }
}

impl Histogram {
    /// So many more durations in a bucket, which is the bit length of their milliseconds; a greater number than 64 counts as 64.
    pub fn add(&mut self, bucket: u8, count: u64) {
        let bucket = usize::from(bucket).min(BUCKETS - 1);
        self.counts[bucket] = self.counts[bucket].saturating_add(count);
    }

    /// How many durations there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How many durations are in each bucket, from the shortest: each with its upper end, which does not belong to it.
    pub fn buckets(&self) -> impl Iterator<Item = (Duration, u64)> {
        let buckets = self.counts.into_iter().enumerate();
        buckets
            .map(|(bucket, count)| (Duration::from_millis(1_u64.checked_shl(bucket as u32).unwrap_or(u64::MAX)), count))
    }

    /// The duration that so great a part of all is not longer than, about; `None` where there are none. `part` goes from 0 to 1.
    ///
    /// Within a bucket the durations are taken to be spread evenly on its logarithmic scale.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let all = self.count();
        if all == 0 {
            return None;
        }
        let part = if part.is_nan() { 0.0 } else { part.clamp(0.0, 1.0) };
        // The first is the least: there is no zeroth.
        let rank = (part * all as f64).ceil().max(1.0);
        let mut before = 0.0;
        let last = self.counts.iter().rposition(|count| *count > 0)?;
        for (bucket, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let count = *count as f64;
            if before + count >= rank || bucket == last {
                let within = ((rank - before - 0.5) / count).clamp(0.0, 1.0);
                return Some(inside(bucket, within));
            }
            before += count;
        }
        None
    }
}

/// The duration that lies this part of the way through a bucket.
fn inside(bucket: usize, part: f64) -> Duration {
    let millis = match bucket {
        0 => part,
        _ => 2_f64.powf(bucket as f64 - 1.0 + part),
    };
    Duration::try_from_secs_f64(millis / 1_000.0).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(millis: &[f64]) -> Histogram {
        let mut histogram = Histogram::default();
        for millis in millis {
            let whole = *millis as u64;
            histogram.add((u64::BITS - whole.leading_zeros()) as u8, 1);
        }
        histogram
    }

    /// The same rank of the durations themselves.
    fn exact(sorted: &[f64], part: f64) -> f64 {
        let rank = ((part * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len());
        sorted[rank - 1]
    }

    #[test]
    fn estimates_lie_in_the_bucket_of_the_exact_quantile() {
        let mut random = fastrand::Rng::with_seed(11);
        for round in 0..200 {
            let number = random.usize(1..3_000);
            let mut millis: Vec<f64> = (0..number)
                .map(|_| match round % 4 {
                    0 => random.f64() * 1_000.0,
                    // Most are short, and a few are very long.
                    1 => 1.0 / (random.f64() + 1e-6),
                    2 => (random.f64() * 14.0).exp(),
                    _ => random.f64() * 0.9,
                })
                .collect();
            millis.sort_by(f64::total_cmp);
            let histogram = of(&millis);
            assert_eq!(histogram.count(), number as u64);
            let mut last = Duration::ZERO;
            for part in [0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0] {
                let estimate = histogram.quantile(part).expect("there are some");
                let (estimated, exact) = (estimate.as_secs_f64() * 1_000.0, exact(&millis, part));
                if exact < 1.0 {
                    assert!(estimated <= 1.0, "{part}: {estimated} for {exact}");
                } else {
                    let off = (estimated / exact).log2().abs();
                    assert!(off <= 1.0, "{part} of {number}: {estimated} for {exact}");
                }
                assert!(estimate >= last, "quantiles only grow");
                last = estimate;
            }
        }
    }

    #[test]
    fn durations_that_are_spread_evenly_by_their_logarithms_are_estimated_closely() {
        let millis: Vec<f64> = (0..20_000).map(|n| (f64::from(n) / 20_000.0 * 12.0).exp2()).collect();
        let histogram = of(&millis);
        for part in [0.3, 0.5, 0.9, 0.95, 0.99] {
            let (estimated, exact) =
                (histogram.quantile(part).expect("some").as_secs_f64() * 1_000.0, exact(&millis, part));
            assert!((estimated / exact - 1.0).abs() < 0.01, "{part}: {estimated} for {exact}");
        }
    }

    #[test]
    fn extremes_are_no_trouble() {
        let mut histogram = Histogram::default();
        assert_eq!((histogram.count(), histogram.quantile(0.5)), (0, None));
        histogram.add(0, 1);
        assert!(histogram.quantile(f64::NAN).expect("one") < Duration::from_millis(1));
        histogram.add(255, u64::MAX);
        assert_eq!(histogram.count(), u64::MAX);
        assert!(histogram.quantile(7.0).expect("many") > Duration::from_secs(1 << 50));
        assert!(histogram.quantile(-7.0).expect("many") < Duration::from_millis(1));
        assert_eq!(histogram.buckets().count(), BUCKETS);
        assert_eq!(histogram.buckets().next(), Some((Duration::from_millis(1), 1)));
    }
}
