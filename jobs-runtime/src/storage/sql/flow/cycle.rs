//! What would wait for itself is refused.

use std::collections::{HashMap, HashSet};

use super::{batches::Batch, gates, parted};
use crate::{
    BatchId, JobId,
    error::{Error, Result},
    flow::NodeId,
    storage::{
        NewFlow,
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

/// Refuses new members of stored batches that would wait, over what is stored, for the end of the batch that they join.
pub(super) async fn check_stored(
    write: &mut Write<'_>,
    flow: &NewFlow,
    joined: &HashMap<BatchId, Batch>,
    parents: &[NodeId],
) -> Res<()> {
    if joined.is_empty() || parents.is_empty() {
        return Ok(());
    }
    let mut late = Late::default();
    for batch in joined.values() {
        late.ends(NodeId::Batch(batch.id));
    }
    late.follow(write).await?;
    let mut stuck = HashSet::new();
    for parent in parents {
        if late.ended.contains(parent) || late.is_inside(write, *parent).await? {
            stuck.insert(*parent);
        }
    }
    if stuck.is_empty() {
        return Ok(());
    }
    let children = flow.jobs.iter().map(|job| (NodeId::Job(job.id), job.waits.as_ref()));
    let children = children.chain(flow.batches.iter().map(|batch| (NodeId::Batch(batch.id), batch.waits.as_ref())));
    let waiting = children
        .filter(|(_, waits)| waits.is_some_and(|waits| waits.parents.iter().any(|(parent, _)| stuck.contains(parent))));
    let waiting: HashSet<NodeId> = waiting.map(|(child, _)| child).collect();
    Ok(refuse(stuck.into_iter().chain(waiting).collect())?)
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
            for row in write.rows(&write.sql.batch_nested, args![batch]).await? {
                inner.push(row.batch(0)?);
            }
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
