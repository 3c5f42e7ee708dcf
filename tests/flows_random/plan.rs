//! Random flow graphs: what is drawn, and the graph that it stands for.

use std::fmt;

use jobs_runtime::flow::{Condition, Ending, Rule};
use proptest::{collection::vec, prelude::*};

/// The most jobs of a graph.
const JOBS: usize = 60;
/// When what is stored later is stored at the latest.
const ROUNDS: u32 = 5;

/// A graph, and what is done to it while it runs.
#[derive(Clone)]
pub(crate) struct Graph {
    /// Each after its parents and after the batch around it.
    pub(crate) nodes: Vec<Node>,
    pub(crate) acts: Vec<Act>,
    /// Decides who claims how much, and when.
    pub(crate) seed: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) what: What,
    /// The batch that it is a member of.
    pub(crate) inside: Option<usize>,
    pub(crate) rule: Rule,
    pub(crate) waits: Vec<(usize, Condition)>,
    /// The round in which it is stored: all those of round 0 in one call, the others one by one.
    pub(crate) round: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Job(Job),
    Batch {
        /// The round in which it is sealed, if it is stored unsealed.
        sealed: Option<u32>,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// What becomes of its attempts before the last.
    pub(crate) before: Vec<Before>,
    /// How it ends, unless it is made to run again.
    pub(crate) last: Ending,
    /// Whether it waits a few seconds when it could run.
    pub(crate) delayed: bool,
    /// Whether its handler ends it in a transaction of its own.
    pub(crate) within: bool,
}

/// An attempt that is not the last.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Before {
    Retry,
    Snooze,
    HandBack,
}

/// What is done to a graph from outside.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) round: u32,
    pub(crate) what: Done,
}

#[derive(Clone, Debug)]
pub(crate) enum Done {
    Delete(usize),
    Requeue(usize),
    Reschedule(usize),
    Cancel(usize),
    /// A server stops answering, and answers once more when it is too late.
    Kill(usize),
    /// The flow is stored once more.
    Resend,
}

/// A line a node.
impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, node) in self.nodes.iter().enumerate() {
            let Node { what, inside, rule, waits, round } = node;
            write!(f, "\n{at}: {what:?}, stored in round {round}")?;
            if let Some(batch) = inside {
                write!(f, ", in batch {batch}")?;
            }
            if !waits.is_empty() {
                write!(f, ", after {rule:?} of {waits:?}")?;
            }
        }
        for Act { round, what } in &self.acts {
            write!(f, "\nround {round}: {what:?}")?;
        }
        write!(f, "\nseed {}", self.seed)
    }
}

impl Graph {
    pub(crate) fn is_job(&self, node: usize) -> bool {
        matches!(self.nodes[node].what, What::Job(_))
    }

    pub(crate) fn job(&self, node: usize) -> &Job {
        match &self.nodes[node].what {
            What::Job(job) => job,
            What::Batch { .. } => panic!("node {node} is a batch"),
        }
    }

    /// The batches around a node, the innermost first.
    pub(crate) fn around(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.nodes[node].inside, |batch| self.nodes[*batch].inside)
    }

    pub(crate) fn members(&self, batch: usize) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(move |node| self.nodes[*node].inside == Some(batch))
    }

    /// Whether the batch may have ended before this member came.
    pub(crate) fn is_late(&self, member: usize) -> bool {
        let Some(batch) = self.nodes[member].inside else { return false };
        let (own, around) = (&self.nodes[member], &self.nodes[batch]);
        match around.what {
            What::Batch { sealed: Some(sealed) } => own.round >= sealed,
            _ => own.round != 0 || around.round != 0,
        }
    }
}

/// A node as it is drawn: numbers stand for earlier nodes.
#[derive(Clone, Debug)]
struct Drawn {
    is_batch: bool,
    inside: Option<u8>,
    rule: Rule,
    waits: Vec<(u8, Condition)>,
    round: u32,
    sealed: Option<u32>,
    job: Job,
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        5 => Just(Condition::Success),
        2 => Just(Condition::Failure),
        1 => Just(Condition::Deleted),
        3 => Just(Condition::Finished),
    ]
}

fn job() -> impl Strategy<Value = Job> {
    let before = prop_oneof![3 => Just(Before::Retry), 1 => Just(Before::Snooze), 1 => Just(Before::HandBack)];
    let last = prop_oneof![6 => Just(Ending::Succeeded), 2 => Just(Ending::Failed), 1 => Just(Ending::Deleted)];
    let before = prop_oneof![4 => Just(Vec::new()), 1 => vec(before, 1..3)];
    (before, last, prop::bool::weighted(0.1), prop::bool::weighted(0.08))
        .prop_map(|(before, last, delayed, within)| Job { before, last, delayed, within })
}

fn node() -> impl Strategy<Value = Drawn> {
    let inside = prop_oneof![1 => Just(None), 1 => any::<u8>().prop_map(Some)];
    let rule = prop_oneof![2 => Just(Rule::All), 1 => Just(Rule::Any)];
    let round = prop_oneof![5 => Just(0), 1 => 0..ROUNDS];
    let sealed = prop_oneof![3 => Just(None), 1 => (0..ROUNDS).prop_map(Some)];
    (prop::bool::weighted(0.2), inside, rule, vec((any::<u8>(), condition()), 0..4), round, sealed, job()).prop_map(
        |(is_batch, inside, rule, waits, round, sealed, job)| Drawn {
            is_batch,
            inside,
            rule,
            waits,
            round,
            sealed,
            job,
        },
    )
}

fn act() -> impl Strategy<Value = (u32, u8, u8)> {
    (0..ROUNDS, 0_u8..16, any::<u8>())
}

/// A graph of at most sixty jobs. Half of them are left to themselves but for servers that die.
pub(crate) fn graph() -> impl Strategy<Value = Graph> {
    let nodes = prop_oneof![6 => vec(node(), 1..9), 3 => vec(node(), 9..20), 1 => vec(node(), 20..75)];
    (nodes, vec(act(), 0..6), any::<bool>(), any::<u64>())
        .prop_map(|(nodes, acts, gentle, seed)| draw(nodes, &acts, gentle, seed))
}

/// A graph that is left to itself, of a size that is quick to run.
pub(crate) fn gentle() -> impl Strategy<Value = Graph> {
    let resend = vec((0..ROUNDS, 4_u8..6, any::<u8>()), 0..2);
    (vec(node(), 1..40), resend, any::<u64>()).prop_map(|(nodes, acts, seed)| draw(nodes, &acts, true, seed))
}

fn draw(drawn: Vec<Drawn>, acts: &[(u32, u8, u8)], gentle: bool, seed: u64) -> Graph {
    let mut nodes: Vec<Node> = Vec::new();
    let mut jobs = 0;
    for one in drawn {
        jobs += usize::from(!one.is_batch);
        if jobs > JOBS {
            break;
        }
        let batches: Vec<_> = (0..nodes.len()).filter(|node| matches!(nodes[*node].what, What::Batch { .. })).collect();
        let inside = one.inside.filter(|_| !batches.is_empty()).map(|at| batches[usize::from(at) % batches.len()]);
        let mut waits: Vec<(usize, Condition)> = Vec::new();
        for (at, condition) in one.waits.into_iter().filter(|_| !nodes.is_empty()) {
            let parent = usize::from(at) % nodes.len();
            if waits.iter().all(|(known, _)| *known != parent) {
                waits.push((parent, condition));
            }
        }
        let what = match one.is_batch {
            false => What::Job(one.job),
            // What is gentle knows how everything ends: no batch ends before its last member comes.
            true => What::Batch { sealed: one.sealed.filter(|_| !gentle) },
        };
        let round = if gentle && inside.is_some() { 0 } else { one.round };
        nodes.push(Node { what, inside, rule: one.rule, waits, round });
    }
    settle_rounds(&mut nodes, gentle);
    for node in 0..nodes.len() {
        let waits = std::mem::take(&mut nodes[node].waits);
        for (parent, condition) in waits {
            if !leads_to_the_end_of(&nodes, node, parent) {
                nodes[node].waits.push((parent, condition));
            }
        }
    }
    let acts = acts.iter().filter_map(|(round, what, at)| {
        let node = usize::from(*at) % nodes.len();
        let is_job = matches!(nodes[node].what, What::Job(_));
        let what = match what {
            0..4 => Done::Kill(usize::from(*at)),
            4..6 => Done::Resend,
            _ if gentle => return None,
            6..9 if is_job => Done::Delete(node),
            9..12 if is_job => Done::Requeue(node),
            12..14 if is_job => Done::Reschedule(node),
            _ if is_job => return None,
            _ => Done::Cancel(node),
        };
        Some(Act { round: *round, what })
    });
    Graph { acts: acts.collect(), nodes, seed }
}

/// Nothing is stored before what it names; with `gentle`, members come with their batches.
fn settle_rounds(nodes: &mut [Node], gentle: bool) {
    for node in 0..nodes.len() {
        let (earlier, rest) = nodes.split_at_mut(node);
        let node = &mut rest[0];
        if gentle && (node.inside.is_some() || matches!(node.what, What::Batch { .. })) {
            node.round = 0;
            node.waits.retain(|(parent, _)| earlier[*parent].round == 0);
        }
        let named = node.waits.iter().map(|(parent, _)| *parent).chain(node.inside);
        node.round = named.map(|one| earlier[one].round).fold(node.round, u32::max);
    }
}

/// Whether the parent can only end after the node has started: through what waits for it, and through the batches around it.
fn leads_to_the_end_of(nodes: &[Node], node: usize, parent: usize) -> bool {
    // What ends after a node has started: itself, the batches around it, their members, and what waits for any of these.
    let mut started = vec![false; nodes.len()];
    let mut ended = vec![false; nodes.len()];
    let mut open = vec![(node, false)];
    while let Some((at, at_end)) = open.pop() {
        let seen = if at_end { &mut ended } else { &mut started };
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        if at_end {
            open.extend(nodes[at].inside.map(|batch| (batch, true)));
            let waiting = (0..nodes.len()).filter(|other| nodes[*other].waits.iter().any(|(one, _)| *one == at));
            open.extend(waiting.filter(|other| *other < node).map(|other| (other, false)));
            // Of those that come later, no wait has been kept yet.
        } else {
            open.push((at, true));
            let members = (0..nodes.len()).filter(|other| nodes[*other].inside == Some(at));
            open.extend(members.map(|member| (member, false)));
        }
    }
    ended[parent]
}
