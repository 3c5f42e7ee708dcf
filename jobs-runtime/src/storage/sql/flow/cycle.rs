//! What would wait for itself is refused.

use std::collections::{HashMap, HashSet};

use super::{gates, parted};
use crate::{
    BatchId, JobId,
    error::{Error, Result},
    flow::NodeId,
    storage::{
        NewFlow, Waits,
        sql::{
            fail::Res,
            value::{Value, args},
            write::Write,
        },
    },
};

/// The beginning or the end of a job or a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Moment {
    Begin(NodeId),
    End(NodeId),
}

/// Refuses a flow in which something waits for itself.
pub(super) fn check_new(flow: &NewFlow) -> Result<()> {
    let mut after: HashMap<Moment, Vec<Moment>> = HashMap::new();
    let mut before: HashMap<Moment, usize> = HashMap::new();
    let mut order = |first: Moment, then: Moment| {
        after.entry(first).or_default().push(then);
        *before.entry(then).or_default() += 1;
        before.entry(first).or_default();
    };
    let jobs = flow.jobs.iter().map(|job| (NodeId::Job(job.id), job.batch, job.waits.as_ref()));
    let batches = flow.batches.iter().map(|batch| (NodeId::Batch(batch.id), batch.parent, batch.waits.as_ref()));
    for (node, around, waits) in jobs.chain(batches) {
        if around.is_none() && waits.is_none() {
            continue;
        }
        order(Moment::Begin(node), Moment::End(node));
        if let Some(around) = around.map(NodeId::Batch) {
            order(Moment::Begin(around), Moment::Begin(node));
            order(Moment::End(node), Moment::End(around));
        }
        for (parent, _) in waits.into_iter().flat_map(|waits| &waits.parents) {
            order(Moment::End(*parent), Moment::Begin(node));
        }
    }
    let mut free: Vec<Moment> = before.iter().filter(|(_, n)| **n == 0).map(|(moment, _)| *moment).collect();
    while let Some(moment) = free.pop() {
        before.remove(&moment);
        for then in after.remove(&moment).unwrap_or_default() {
            if let Some(left) = before.get_mut(&then) {
                *left -= 1;
                if *left == 0 {
                    free.push(then);
                }
            }
        }
    }
    let stuck = before.keys().map(|moment| match moment {
        Moment::Begin(node) | Moment::End(node) => *node,
    });
    refuse(stuck.collect())
}

fn refuse(stuck: HashSet<NodeId>) -> Result<()> {
    if stuck.is_empty() {
        return Ok(());
    }
    let mut names: Vec<String> = stuck.iter().map(ToString::to_string).collect();
    names.sort();
    let more = names.len().saturating_sub(5);
    names.truncate(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(Error::config(format!(
        "these would wait for themselves, so that they could never run: {}{more}; take an `.after(..)` out. A member of a batch that waits \
         for its own batch is such a circle too",
        names.join(", ")
    )))
}

/// A new job or batch: the batch around it, and what it waits for.
pub(super) struct Node<'f> {
    pub(super) id: NodeId,
    pub(super) around: Option<BatchId>,
    pub(super) waits: Option<&'f Waits>,
}

/// Refuses new members of stored batches that would wait, over what is stored, for the end of the batch that they join. Of the
/// stored parents only those in `late` can make one wait.
pub(super) async fn check_stored(
    write: &mut Write<'_>,
    new: &[Node<'_>],
    joined: impl Iterator<Item = BatchId>,
    late: &HashSet<NodeId>,
) -> Res<()> {
    if late.is_empty() {
        return Ok(());
    }
    for batch in joined {
        let needed: Vec<NodeId> = needed(new, batch).into_iter().filter(|parent| late.contains(parent)).collect();
        if needed.is_empty() {
            continue;
        }
        let mut after = Late::default();
        after.ends(NodeId::Batch(batch));
        after.follow(write).await?;
        let mut stuck = HashSet::new();
        for parent in needed {
            if after.ended.contains(&parent) || after.is_inside(write, parent).await? {
                stuck.insert(parent);
            }
        }
        let waits_so = |node: &&Node<'_>| {
            node.waits.is_some_and(|waits| waits.parents.iter().any(|(parent, _)| stuck.contains(parent)))
        };
        let waiting: Vec<NodeId> = new.iter().filter(waits_so).map(|node| node.id).collect();
        refuse(stuck.into_iter().chain(waiting).collect())?;
    }
    Ok(())
}

/// What must have ended, as far as the new jobs and batches say, before this batch can end.
fn needed(new: &[Node<'_>], batch: BatchId) -> HashSet<NodeId> {
    let by_id: HashMap<NodeId, &Node<'_>> = new.iter().map(|node| (node.id, node)).collect();
    let mut needed = HashSet::new();
    let mut todo = vec![NodeId::Batch(batch)];
    while let Some(id) = todo.pop() {
        if !needed.insert(id) {
            continue;
        }
        if let NodeId::Batch(batch) = id {
            todo.extend(new.iter().filter(|node| node.around == Some(batch)).map(|node| node.id));
        }
        // It begins after its parents have ended, and after those of the batches around it.
        let mut next = by_id.get(&id).copied();
        while let Some(node) = next {
            todo.extend(node.waits.into_iter().flat_map(|waits| &waits.parents).map(|(parent, _)| *parent));
            next = node.around.and_then(|around| by_id.get(&NodeId::Batch(around)).copied());
        }
    }
    // It needs itself only where something in it waits for it.
    let own = NodeId::Batch(batch);
    let waits_for_it = |node: &&Node<'_>| {
        needed.contains(&node.id)
            && node.waits.is_some_and(|waits| waits.parents.iter().any(|(parent, _)| *parent == own))
    };
    if !new.iter().any(|node| waits_for_it(&node)) {
        needed.remove(&own);
    }
    needed
}

/// What cannot end, and what cannot begin, before the end of some batches.
#[derive(Default)]
struct Late {
    ended: HashSet<NodeId>,
    begun: HashSet<BatchId>,
    todo: Vec<NodeId>,
}

impl Late {
    fn ends(&mut self, node: NodeId) {
        if self.ended.insert(node) {
            self.todo.push(node);
        }
    }

    /// Walks along the arrows and outwards.
    async fn follow(&mut self, write: &mut Write<'_>) -> Res<()> {
        while !self.todo.is_empty() {
            let nodes = std::mem::take(&mut self.todo);
            for around in around(write, &nodes).await?.into_values() {
                self.ends(NodeId::Batch(around));
            }
            let ids = nodes.iter().map(|node| JobId::from_bytes(*node.as_bytes()));
            let rows = write.rows(&write.sql.edge_children, args![Value::ids(ids)]).await?;
            for row in rows {
                let child = gates::node(&row, 0, 1)?;
                self.ends(child);
                if let NodeId::Batch(batch) = child {
                    self.begins(write, batch).await?;
                }
            }
        }
        Ok(())
    }

    /// A batch that begins late, with all that is in it.
    async fn begins(&mut self, write: &mut Write<'_>, batch: BatchId) -> Res<()> {
        let mut inner = vec![batch];
        while let Some(batch) = inner.pop() {
            if !self.begun.insert(batch) {
                continue;
            }
            self.ends(NodeId::Batch(batch));
            inner.append(&mut super::batches::nested(write, &[batch]).await?);
            for row in write.rows(&write.sql.batch_sources, args![batch]).await? {
                self.ends(NodeId::Job(row.job(0)?));
            }
        }
        Ok(())
    }

    /// Whether a node is in a batch that begins late.
    async fn is_inside(&self, write: &mut Write<'_>, node: NodeId) -> Res<bool> {
        let mut node = node;
        loop {
            let Some(batch) = around(write, &[node]).await?.remove(&node) else { return Ok(false) };
            if self.begun.contains(&batch) {
                return Ok(true);
            }
            node = NodeId::Batch(batch);
        }
    }
}

/// The batches around some nodes.
async fn around(write: &mut Write<'_>, nodes: &[NodeId]) -> Res<HashMap<NodeId, BatchId>> {
    let (jobs, batches) = parted(nodes.iter().copied());
    let mut around = HashMap::new();
    if !jobs.is_empty() {
        for row in write.rows(&write.sql.job_batches, args![Value::Ids(jobs)]).await? {
            around.insert(NodeId::Job(row.job(0)?), row.batch(1)?);
        }
    }
    for batch in super::batches::rows(write, batches).await? {
        around.extend(batch.parent.map(|parent| (NodeId::Batch(batch.id), parent)));
    }
    Ok(around)
}
