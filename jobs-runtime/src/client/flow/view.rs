//! A stored flow as it stands: what hangs together with a job or a batch.

use std::collections::{HashMap, HashSet};

use super::draw::{Arrow, Drawing, Node};
use crate::{
    BatchId, Client, Error, Result, State,
    client::after::IntoParent,
    flow::{BatchState, Counts, NodeId},
    storage::{BatchRecord, EdgeRecord, JobRecord},
};

/// How many steps of a stored flow are shown.
const MOST_STEPS: usize = 200;
/// So many arrows the storage tells of at once at most: the limit in `flow_edges.sql`.
const MOST_EDGES: usize = 1_000;

/// A stored flow as it stood when it was read: what [`Client::flow`] returns.
#[derive(Clone, Debug)]
pub struct FlowView {
    drawing: Drawing,
    steps: Vec<FlowStep>,
    edges: Vec<EdgeRecord>,
    whole: bool,
}

/// One step of a stored flow: a job or a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowStep {
    /// Which job or batch.
    pub id: NodeId,
    /// The batch that it is a member of.
    pub batch: Option<BatchId>,
    /// What is stored of it.
    pub what: StepKind,
}

/// What is stored of a [`FlowStep`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepKind {
    /// A job.
    Job {
        /// Its kind.
        kind: String,
        /// The queue that it is in.
        queue: String,
        /// Where it stands.
        state: State,
    },
    /// A batch. Its members are no steps, unless something waits for them or they wait for something.
    Batch {
        /// What it is for, in the caller's words.
        description: String,
        /// Where it stands.
        state: BatchState,
        /// How many members stand where.
        counts: Counts,
    },
    /// It was removed when its retention ended.
    Removed,
}

impl FlowView {
    /// Its steps with what is stored of each, in the order of [`nodes`](Self::nodes).
    pub fn steps(&self) -> &[FlowStep] {
        &self.steps
    }

    /// What waits for what among the steps, by the order of what is waited for. Where not all steps are there, an arrow may lead to one
    /// that is not.
    pub fn edges(&self) -> &[EdgeRecord] {
        &self.edges
    }

    /// Its steps: each after the batch that it is a member of, behind those that it waits for, and otherwise by the time at which they
    /// were made.
    pub fn nodes(&self) -> Vec<NodeId> {
        self.drawing.nodes.iter().filter_map(|node| node.id).collect()
    }

    /// Whether all is there: at most 200 steps are read, and 1,000 arrows at each of them and those beside it.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The flow in words: its steps with their states, and what each waits for or waited for.
    pub fn to_text(&self) -> String {
        let mut text = self.drawing.to_text();
        if !self.whole {
            text.push_str("and more\n");
        }
        text
    }

    /// The flow as a [Mermaid](https://mermaid.js.org) flowchart, with the states of its steps.
    pub fn to_mermaid(&self) -> String {
        self.drawing.to_mermaid()
    }
}

impl Client {
    /// What a job or a batch waits for and what waits for it, in no order: the arrows that touch it, as long as both ends are stored.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn edges(&self, node: impl IntoParent) -> Result<Vec<EdgeRecord>> {
        self.storage().flow_edges(vec![node.node()]).await
    }

    /// The stored flow that a job or a batch belongs to: what it waits for, what waits for it, and so on, and the batches around
    /// them. Of a batch the counts are shown, and not its members, unless they are steps themselves. At most 200 steps.
    ///
    /// # Errors
    /// [`Error::NoJob`] and [`Error::NoBatch`] when there is none with this id; else what the engine says.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[job(name = "fetch")] async fn fetch() {}
    /// # #[job(name = "merge")] async fn merge() {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// let merged = fetch::new().then(merge::new()).on(&client).enqueue().await?;
    /// let flow = client.flow(&merged).await?;
    /// assert_eq!(flow.to_text(), "1. job fetch: enqueued\n2. job merge: awaiting, after 1\n");
    /// # Ok(()) }
    /// ```
    pub async fn flow(&self, node: impl IntoParent) -> Result<FlowView> {
        let mut walk = Walk { client: self, found: HashMap::new(), edges: Vec::new(), whole: true };
        walk.from(node.node()).await?;
        Ok(walk.view())
    }
}

struct Walk<'a> {
    client: &'a Client,
    found: HashMap<NodeId, FlowStep>,
    edges: Vec<EdgeRecord>,
    whole: bool,
}

impl Walk<'_> {
    async fn from(&mut self, start: NodeId) -> Result<()> {
        if let Some(step) = self.read(vec![start]).await?.pop().filter(|step| step.what != StepKind::Removed) {
            self.found.insert(start, step);
        } else {
            return Err(match start {
                NodeId::Job(id) => Error::NoJob(id),
                NodeId::Batch(id) => Error::NoBatch(id),
            });
        }
        let mut fresh = vec![start];
        while !fresh.is_empty() {
            let edges = self.client.storage().flow_edges(std::mem::take(&mut fresh)).await?;
            // The storage tells of no more at once.
            self.whole &= edges.len() < MOST_EDGES;
            let mut near = edges.iter().flat_map(|edge| [edge.parent, edge.child]).collect::<Vec<_>>();
            let known = self.edges.iter().map(|edge| (edge.parent, edge.child)).collect::<HashSet<_>>();
            self.edges.extend(edges.into_iter().filter(|edge| !known.contains(&(edge.parent, edge.child))));
            near.extend(self.found.values().filter_map(|step| step.batch).map(NodeId::Batch));
            near.sort_unstable();
            near.dedup();
            near.retain(|id| !self.found.contains_key(id));
            let left = MOST_STEPS.saturating_sub(self.found.len());
            if near.len() > left {
                self.whole = false;
                near.truncate(left);
            }
            for step in self.read(near).await? {
                fresh.push(step.id);
                self.found.insert(step.id, step);
            }
        }
        Ok(())
    }

    /// These steps, the jobs by one read; one whose retention has ended is told of as removed.
    async fn read(&self, ids: Vec<NodeId>) -> Result<Vec<FlowStep>> {
        let jobs = ids.iter().filter_map(|id| match id {
            NodeId::Job(job) => Some(*job),
            NodeId::Batch(_) => None,
        });
        let jobs = jobs.collect::<Vec<_>>();
        let records = if jobs.is_empty() { Vec::new() } else { self.client.storage().job_records(jobs).await? };
        let mut records = records.into_iter().map(|record| (record.id, record)).collect::<HashMap<_, _>>();
        let mut steps = Vec::with_capacity(ids.len());
        for id in ids {
            let step = match id {
                NodeId::Job(job) => records.remove(&job).map(job_step),
                NodeId::Batch(batch) => self.client.storage().batch_get(batch).await?.map(batch_step),
            };
            steps.push(step.unwrap_or(FlowStep { id, batch: None, what: StepKind::Removed }));
        }
        Ok(steps)
    }

    fn view(self) -> FlowView {
        let Self { mut found, mut edges, whole, .. } = self;
        let ids = ordered(&found, &edges);
        let members = |batch: Option<BatchId>, found: &HashMap<NodeId, FlowStep>| {
            let inside = |id: &&NodeId| found.get(*id).is_some_and(|step| step.batch == batch);
            ids.iter().filter(inside).copied().collect::<Vec<_>>()
        };
        let mut left = members(None, &found);
        // A batch that was not read any more shows its members at the top.
        left.extend(ids.iter().filter(|id| found[id].batch.is_some_and(|batch| !found.contains_key(&batch.into()))));
        left.reverse();
        let mut steps = Vec::with_capacity(found.len());
        while let Some(id) = left.pop() {
            if let NodeId::Batch(batch) = id {
                left.extend(members(Some(batch), &found).into_iter().rev());
            }
            steps.extend(found.remove(&id));
        }
        let places = steps.iter().enumerate().map(|(place, step)| (step.id, place));
        let places = places.collect::<HashMap<NodeId, usize>>();
        let place = |id: &NodeId| places.get(id).copied().unwrap_or(usize::MAX);
        edges.sort_by_key(|edge| (place(&edge.parent), place(&edge.child)));
        let arrows = edges.iter().map(|edge| Arrow {
            parent: edge.parent,
            child: edge.child,
            condition: edge.condition,
            rule: None,
        });
        let drawing = Drawing { nodes: steps.iter().map(drawn).collect(), arrows: arrows.collect() };
        FlowView { drawing, steps, edges, whole }
    }
}

/// The steps in the order in which they are shown: each behind those that it waits for, and otherwise by the time at which they
/// were made. The ids alone do not tell: of `a.then(join((b, c)))` the last two are made first.
fn ordered(found: &HashMap<NodeId, FlowStep>, edges: &[EdgeRecord]) -> Vec<NodeId> {
    // Of two steps in different batches it counts in which order these batches stand.
    let around = |id: NodeId| {
        let mut path = vec![id];
        let next = |id: &NodeId| found.get(id).and_then(|step| step.batch).map(NodeId::Batch);
        while let Some(batch) = path.last().and_then(next).filter(|_| path.len() <= found.len()) {
            path.push(batch);
        }
        path.reverse();
        path
    };
    let mut before = HashMap::<NodeId, HashSet<NodeId>>::new();
    for edge in edges {
        let (parent, child) = (around(edge.parent), around(edge.child));
        let apart = parent.iter().zip(&child).find(|(parent, child)| parent != child);
        if let Some((parent, child)) = apart {
            before.entry(*child).or_default().insert(*parent);
        }
    }
    let mut rest = found.keys().copied().collect::<Vec<_>>();
    rest.sort_unstable_by_key(|id| *id.as_bytes());
    let mut ordered = Vec::with_capacity(rest.len());
    let mut done = HashSet::with_capacity(rest.len());
    while !rest.is_empty() {
        let is_next = |id: &NodeId| {
            before.get(id).is_none_or(|before| before.iter().all(|id| done.contains(id) || !found.contains_key(id)))
        };
        // What is stored could be wrong, and must not keep us here.
        let next = rest.remove(rest.iter().position(is_next).unwrap_or_default());
        done.insert(next);
        ordered.push(next);
    }
    ordered
}

fn job_step(record: JobRecord) -> FlowStep {
    let JobRecord { id, batch, kind, queue, state, .. } = record;
    FlowStep { id: id.into(), batch, what: StepKind::Job { kind, queue, state } }
}

fn batch_step(record: BatchRecord) -> FlowStep {
    let BatchRecord { id, parent, description, state, counts, .. } = record;
    FlowStep { id: id.into(), batch: parent, what: StepKind::Batch { description, state, counts } }
}

fn drawn(step: &FlowStep) -> Node {
    let (label, state) = match &step.what {
        StepKind::Job { kind, state, .. } => (format!("job {kind}"), state.to_string()),
        StepKind::Batch { description, state, counts } => {
            let state = format!("{state}, {} of {} ended", counts.total - counts.pending, counts.total);
            (format!("batch \"{description}\""), state)
        }
        // It is shown by its id.
        StepKind::Removed => (step.id.to_string(), "removed".to_owned()),
    };
    Node { id: Some(step.id), label, state: Some(state), inside: step.batch.map(NodeId::Batch) }
}
