//! In which order a server looks into its queues.

use std::sync::Arc;

/// The queues that a server reads.
#[derive(Clone, Debug)]
pub(crate) enum Queues {
    /// A later queue is read when all earlier ones are empty.
    Strict(Arc<[Arc<str>]>),
    /// The order is drawn anew for each claim; a queue of weight 3 comes first three times as often as one of weight 1.
    Weighted(Arc<[(Arc<str>, u32)]>),
}

impl Queues {
    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        match self {
            Self::Strict(names) => names.to_vec(),
            Self::Weighted(weighted) => weighted.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    pub(crate) fn has(&self, queue: &str) -> bool {
        match self {
            Self::Strict(names) => names.iter().any(|name| &**name == queue),
            Self::Weighted(weighted) => weighted.iter().any(|(name, _)| &**name == queue),
        }
    }

    /// The order for one claim.
    pub(crate) fn order(&self, random: &mut fastrand::Rng) -> Vec<Arc<str>> {
        match self {
            Self::Strict(names) => names.to_vec(),
            Self::Weighted(weighted) => draw(weighted, random),
        }
    }
}

fn draw(weighted: &[(Arc<str>, u32)], random: &mut fastrand::Rng) -> Vec<Arc<str>> {
    let mut rest: Vec<_> = weighted.iter().collect();
    let mut order = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let sum: u64 = rest.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut ticket = random.u64(..sum.max(1));
        let drawn = rest
            .iter()
            .position(|(_, weight)| match ticket.checked_sub(u64::from(*weight)) {
                Some(left) => {
                    ticket = left;
                    false
                }
                None => true,
            })
            .unwrap_or(0);
        order.push(rest.remove(drawn).0.clone());
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queues(weights: &[(&str, u32)]) -> Queues {
        Queues::Weighted(weights.iter().map(|(name, weight)| (Arc::from(*name), *weight)).collect())
    }

    #[test]
    fn strict_order_is_the_order_given() {
        let queues = Queues::Strict(["critical", "default"].map(Arc::from).into());
        assert_eq!(queues.order(&mut fastrand::Rng::with_seed(1)), queues.names());
    }

    #[test]
    fn weighted_order_names_each_queue_once_and_first_by_its_weight() {
        let queues = queues(&[("a", 3), ("b", 1)]);
        let mut random = fastrand::Rng::with_seed(7);
        let mut a_first = 0;
        for _ in 0..4_000 {
            let order = queues.order(&mut random);
            let mut sorted = order.clone();
            sorted.sort();
            assert_eq!(sorted, ["a", "b"].map(Arc::from));
            a_first += u32::from(&*order[0] == "a");
        }
        // The mean is 3,000 and the standard deviation 27; the seed is fixed.
        assert!((2_850..3_150).contains(&a_first), "a came first {a_first} times");
    }
}
