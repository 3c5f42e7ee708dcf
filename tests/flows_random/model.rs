//! The rules of flows, without storage: how each node of a graph may end.
//!
//! Left to itself, a graph ends in one way, whoever runs it and whichever server dies. An act from outside, or a member that comes
//! when its batch may have ended, leaves several; what hangs on it may then end by any of them.

use jobs_runtime::flow::{Condition, Ending, Rule};

use crate::plan::{Graph, What};

/// A set of ways to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Endings(u8);

const fn bit(ending: Ending) -> u8 {
    match ending {
        Ending::Succeeded => 1,
        Ending::Failed => 2,
        Ending::Deleted => 4,
    }
}

impl Endings {
    pub(crate) const fn with(self, ending: Ending) -> Self {
        Self(self.0 | bit(ending))
    }

    pub(crate) const fn has(self, ending: Ending) -> bool {
        self.0 & bit(ending) != 0
    }

    pub(crate) const fn is_certain(self) -> bool {
        self.0.count_ones() == 1
    }

    fn meets(self, condition: Condition, met: bool) -> bool {
        [Ending::Succeeded, Ending::Failed, Ending::Deleted]
            .into_iter()
            .any(|ending| self.has(ending) && condition.is_met_by(ending) == met)
    }
}

/// What was done to a node from outside, and took effect.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touched {
    /// It was refused, because what it names was not stored or was cancelled: it is not there.
    pub(crate) absent: bool,
    /// It was deleted, or cancelled.
    pub(crate) deleted: bool,
    /// It was made to run.
    pub(crate) revived: bool,
}

/// How each node may end, and how it may have ended before it ran again.
pub(crate) fn endings(graph: &Graph, touched: &[Touched]) -> Vec<Endings> {
    let mut endings = vec![Endings::default(); graph.nodes.len()];
    loop {
        let before = endings.clone();
        for node in 0..graph.nodes.len() {
            if !touched[node].absent {
                let own = endings_of(graph, touched, &endings, node);
                endings[node].0 |= own.0;
            }
        }
        if endings == before {
            return endings;
        }
    }
}

fn endings_of(graph: &Graph, touched: &[Touched], endings: &[Endings], node: usize) -> Endings {
    let mut own = Endings::default();
    let (may_start, may_be_unmet) = may_start(graph, touched, endings, node);
    if may_be_unmet || touched[node].deleted {
        own = own.with(Ending::Deleted);
    }
    match &graph.nodes[node].what {
        What::Job(job) => {
            if may_start {
                own = own.with(job.last);
            }
            if touched[node].revived {
                // At its first life, or at a later one.
                own = own.with(job.last).with(Ending::Succeeded);
            }
        }
        What::Batch { .. } if may_start || has_revived(graph, touched, node) => {
            let members = || graph.members(node).filter(|member| !touched[*member].absent);
            if members().all(|member| graph.is_late(member) || endings[member].has(Ending::Succeeded)) {
                own = own.with(Ending::Succeeded);
            }
            if members().any(|member| endings[member].has(Ending::Failed) || endings[member].has(Ending::Deleted)) {
                own = own.with(Ending::Failed);
            }
        }
        What::Batch { .. } => {}
    }
    own
}

/// Whether a job in the batch was made to run, which it may even if the batch never starts.
fn has_revived(graph: &Graph, touched: &[Touched], batch: usize) -> bool {
    (0..graph.nodes.len()).any(|node| touched[node].revived && graph.around(node).any(|around| around == batch))
}

/// Whether a node may start by itself, and whether it may be deleted because it may not: by its own parents, and by the batches
/// around it.
fn may_start(graph: &Graph, touched: &[Touched], endings: &[Endings], node: usize) -> (bool, bool) {
    let (mut start, mut unmet) = may_pass(graph, touched, endings, node);
    for batch in graph.around(node) {
        let (batch_start, batch_unmet) = may_pass(graph, touched, endings, batch);
        start &= batch_start;
        unmet |= batch_unmet || touched[batch].deleted;
    }
    (start, unmet)
}

/// The same, by its own parents alone.
fn may_pass(graph: &Graph, touched: &[Touched], endings: &[Endings], node: usize) -> (bool, bool) {
    let node = &graph.nodes[node];
    let waits = || node.waits.iter().filter(|(parent, _)| !touched[*parent].absent);
    if node.waits.is_empty() {
        return (true, false);
    }
    let may = |met| move |(parent, condition): &(usize, Condition)| endings[*parent].meets(*condition, met);
    match node.rule {
        Rule::All => (waits().all(may(true)), waits().any(may(false))),
        Rule::Any => (waits().any(may(true)), waits().all(may(false))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Job, Node};

    fn node(what: What, inside: Option<usize>, rule: Rule, waits: &[(usize, Condition)]) -> Node {
        Node { what, inside, rule, waits: waits.to_vec(), round: 0 }
    }

    fn job(last: Ending) -> What {
        What::Job(Job { before: Vec::new(), last, delayed: false, within: false })
    }

    fn check(nodes: Vec<Node>, touched: &[(usize, Touched)], expected: &[&[Ending]]) {
        let graph = Graph { nodes, acts: Vec::new(), seed: 0 };
        let mut all = vec![Touched::default(); graph.nodes.len()];
        for (node, one) in touched {
            all[*node] = *one;
        }
        let expected: Vec<_> = expected
            .iter()
            .map(|endings| endings.iter().fold(Endings::default(), |set, ending| set.with(*ending)))
            .collect();
        assert_eq!(endings(&graph, &all), expected);
    }

    #[test]
    fn the_model_knows_the_rules() {
        use Ending::{Deleted, Failed, Succeeded};
        let batch = || What::Batch { sealed: None };
        let all = |what, inside, waits: &[_]| node(what, inside, Rule::All, waits);
        let chain = || {
            vec![
                all(job(Failed), None, &[]),
                all(job(Succeeded), None, &[(0, Condition::Success)]),
                all(job(Succeeded), None, &[(0, Condition::Failure)]),
                all(job(Succeeded), None, &[(1, Condition::Success), (2, Condition::Success)]),
                node(job(Succeeded), None, Rule::Any, &[(1, Condition::Success), (2, Condition::Success)]),
            ]
        };
        check(chain(), &[], &[&[Failed], &[Deleted], &[Succeeded], &[Deleted], &[Succeeded]]);
        let deleted = Touched { deleted: true, ..Touched::default() };
        check(
            chain(),
            &[(0, deleted)],
            &[&[Failed, Deleted], &[Deleted], &[Succeeded, Deleted], &[Deleted], &[Succeeded, Deleted]],
        );
        let batches = || {
            vec![
                all(batch(), None, &[]),
                all(batch(), Some(0), &[]),
                all(job(Failed), Some(1), &[]),
                all(job(Succeeded), Some(0), &[(1, Condition::Failure)]),
                all(batch(), None, &[(0, Condition::Success)]),
                all(job(Succeeded), Some(4), &[]),
                all(job(Succeeded), None, &[(4, Condition::Deleted)]),
            ]
        };
        let expected: [&[Ending]; 7] =
            [&[Failed], &[Failed], &[Failed], &[Succeeded], &[Deleted], &[Deleted], &[Succeeded]];
        check(batches(), &[], &expected);
        let revived = Touched { revived: true, ..Touched::default() };
        check(
            batches(),
            &[(2, revived)],
            &[
                &[Succeeded, Failed],
                &[Succeeded, Failed],
                &[Succeeded, Failed],
                &[Succeeded, Deleted],
                &[Succeeded, Failed, Deleted],
                &[Succeeded, Deleted],
                &[Succeeded, Deleted],
            ],
        );
        let absent = Touched { absent: true, ..Touched::default() };
        check(
            batches(),
            &[(2, absent), (3, absent)],
            &[&[Succeeded], &[Succeeded], &[], &[], &[Succeeded], &[Succeeded], &[Deleted]],
        );
    }
}
