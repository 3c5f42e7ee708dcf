//! A stored flow as it stands: what hangs together with a job or a batch.

use std::collections::{HashMap, HashSet};

use super::draw::{Arrow, Drawing, Node};
use crate::{
    BatchId, Client, Error, JobId, Result,
    client::after::IntoParent,
    flow::NodeId,
    storage::{EdgeRecord, JobRecord},
};

/// How many steps of a stored flow are shown.
const MOST_STEPS: usize = 200;

/// A stored flow as it stood when it was read: what [`Client::flow`] returns.
#[derive(Clone, Debug)]
pub struct FlowView {
    drawing: Drawing,
    whole: bool,
}

impl FlowView {
    /// Its steps: each after the batch that it is a member of, behind those that it waits for, and otherwise by the time at which they
    /// were made.
    pub fn nodes(&self) -> Vec<NodeId> {
        self.drawing.nodes.iter().filter_map(|node| node.id).collect()
    }

    /// Whether all steps are there: at most 200 are read.
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
    found: HashMap<NodeId, Node>,
    edges: Vec<EdgeRecord>,
    whole: bool,
}

impl Walk<'_> {
    async fn from(&mut self, start: NodeId) -> Result<()> {
        match self.read(start).await? {
            Some(node) => self.found.insert(start, node),
            None => {
                return Err(match start {
                    NodeId::Job(id) => Error::NoJob(id),
                    NodeId::Batch(id) => Error::NoBatch(id),
                });
            }
        };
        let mut fresh = vec![start];
        while !fresh.is_empty() {
            let edges = self.client.storage().flow_edges(std::mem::take(&mut fresh)).await?;
            let mut near = edges.iter().flat_map(|edge| [edge.parent, edge.child]).collect::<Vec<_>>();
            let known = self.edges.iter().map(|edge| (edge.parent, edge.child)).collect::<HashSet<_>>();
            self.edges.extend(edges.into_iter().filter(|edge| !known.contains(&(edge.parent, edge.child))));
            near.extend(self.found.values().filter_map(|node| node.inside));
            near.sort_unstable();
            near.dedup();
            for id in near {
                if self.found.contains_key(&id) {
                    continue;
                }
                if self.found.len() >= MOST_STEPS {
                    self.whole = false;
                    break;
                }
                // One whose retention has ended is shown by its id.
                let gone =
                    || Node { id: Some(id), label: id.to_string(), state: Some("removed".to_owned()), inside: None };
                let node = self.read(id).await?.unwrap_or_else(gone);
                self.found.insert(id, node);
                fresh.push(id);
            }
        }
        Ok(())
    }

    async fn read(&self, id: NodeId) -> Result<Option<Node>> {
        match id {
            NodeId::Job(job) => Ok(self.client.storage().job_get(job).await?.map(|record| job_node(job, &record))),
            NodeId::Batch(batch) => self.batch_node(batch).await,
        }
    }

    async fn batch_node(&self, id: BatchId) -> Result<Option<Node>> {
        let Some(record) = self.client.storage().batch_get(id).await? else { return Ok(None) };
        let counts = record.counts;
        let state = format!("{}, {} of {} ended", record.state, counts.total - counts.pending, counts.total);
        let label = format!("batch \"{}\"", record.description);
        let inside = record.parent.map(NodeId::Batch);
        Ok(Some(Node { id: Some(id.into()), label, state: Some(state), inside }))
    }

    fn view(self) -> FlowView {
        let Self { mut found, edges, whole, .. } = self;
        let ids = ordered(&found, &edges);
        let mut drawing = Drawing::default();
        let members = |batch: Option<NodeId>, found: &HashMap<NodeId, Node>| {
            let inside = |id: &&NodeId| found.get(*id).is_some_and(|node| node.inside == batch);
            ids.iter().filter(inside).copied().collect::<Vec<_>>()
        };
        let mut left = members(None, &found);
        // A batch that was not read any more shows its members at the top.
        left.extend(ids.iter().filter(|id| found[id].inside.is_some_and(|batch| !found.contains_key(&batch))));
        left.reverse();
        while let Some(id) = left.pop() {
            left.extend(members(Some(id), &found).into_iter().rev());
            drawing.nodes.extend(found.remove(&id));
        }
        let places = drawing.nodes.iter().enumerate().filter_map(|(place, node)| Some((node.id?, place)));
        let places = places.collect::<HashMap<NodeId, usize>>();
        let mut arrows = edges
            .into_iter()
            .map(|EdgeRecord { parent, child, condition, ending: _ }| Arrow { parent, child, condition, rule: None })
            .collect::<Vec<_>>();
        arrows.sort_by_key(|arrow| places.get(&arrow.parent).copied());
        drawing.arrows = arrows;
        FlowView { drawing, whole }
    }
}

/// The steps in the order in which they are shown: each behind those that it waits for, and otherwise by the time at which they
/// were made. The ids alone do not tell: of `a.then(join((b, c)))` the last two are made first.
fn ordered(found: &HashMap<NodeId, Node>, edges: &[EdgeRecord]) -> Vec<NodeId> {
    // Of two steps in different batches it counts in which order these batches stand.
    let around = |id: NodeId| {
        let mut path = vec![id];
        let next = |id: &NodeId| found.get(id).and_then(|node| node.inside);
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

fn job_node(id: JobId, record: &JobRecord) -> Node {
    let inside = record.batch.map(NodeId::Batch);
    let label = format!("job {}", record.kind);
    Node { id: Some(id.into()), label, state: Some(record.state.to_string()), inside }
}
