//! Whether steps wait for each other. Only ids that a caller gives by hand can make it so.

use std::collections::HashMap;

use crate::{
    Error, JobId, Result,
    flow::NodeId,
    storage::{NewFlow, Waits},
};

/// A moment in the life of a step: when it may begin, and when it has ended. A batch begins before its members do, and ends after.
type Moment = (NodeId, bool);

/// Refuses a flow in which a step waits for itself, and one that holds a job twice.
pub(crate) fn check(flow: &NewFlow) -> Result<()> {
    if let Some(id) = doubled(flow) {
        return Err(Error::config(format!(
            "{} stands twice in what is to be stored together; give each step an id or a key of its own",
            NodeId::Job(id)
        )));
    }
    // Without waits nothing can wait for itself, and that is what most calls with many jobs look like.
    if flow.jobs.iter().all(|job| job.waits.is_none()) && flow.batches.iter().all(|batch| batch.waits.is_none()) {
        return Ok(());
    }
    let Some(ring) = ring(&before(flow)) else { return Ok(()) };
    let mut names = Vec::<String>::new();
    for (node, _) in ring {
        let name = named(flow, node);
        if names.last() != Some(&name) && names.first() != Some(&name) {
            names.push(name);
        }
    }
    let text = match names.as_slice() {
        [one] => format!("{one} would wait for itself"),
        [first, rest @ ..] => {
            let others = rest.iter().map(|name| format!(", that for {name}")).collect::<String>();
            let others = others.trim_start_matches(", that for ");
            format!("{first} would wait for {others}, and that for {first} again")
        }
        [] => "steps would wait for each other".to_owned(),
    };
    Err(Error::config(format!("{text}; none of them could ever run, so nothing was stored")))
}

fn doubled(flow: &NewFlow) -> Option<JobId> {
    let mut seen = std::collections::HashSet::with_capacity(flow.jobs.len());
    flow.jobs.iter().map(|job| job.id).find(|id| !seen.insert(*id))
}

fn named(flow: &NewFlow, node: NodeId) -> String {
    let what = match node {
        NodeId::Job(id) => flow.jobs.iter().find(|job| job.id == id).map(|job| job.kind.to_string()),
        NodeId::Batch(id) => {
            flow.batches.iter().find(|batch| batch.id == id).map(|batch| batch.description.to_string())
        }
    };
    what.map_or_else(|| node.to_string(), |what| format!("{node} ({})", what.escape_debug()))
}

/// For each moment those that come before it.
fn before(flow: &NewFlow) -> HashMap<Moment, Vec<Moment>> {
    let mut before = HashMap::<Moment, Vec<Moment>>::new();
    let mut step = |node: NodeId, waits: Option<&Waits>, batch: Option<NodeId>| {
        let begin = before.entry((node, false)).or_default();
        begin.extend(waits.into_iter().flat_map(|waits| &waits.parents).map(|(parent, _)| (*parent, true)));
        begin.extend(batch.map(|batch| (batch, false)));
        before.entry((node, true)).or_default().push((node, false));
        if let Some(batch) = batch {
            before.entry((batch, true)).or_default().push((node, true));
        }
    };
    for batch in &flow.batches {
        step(batch.id.into(), batch.waits.as_ref(), batch.parent.map(NodeId::Batch));
    }
    for job in &flow.jobs {
        step(job.id.into(), job.waits.as_ref(), job.batch.map(NodeId::Batch));
    }
    before
}

/// Moments of which each comes before the one before it in the list, and the first before the last.
fn ring(before: &HashMap<Moment, Vec<Moment>>) -> Option<Vec<Moment>> {
    let mut done = HashMap::<Moment, bool>::with_capacity(before.len());
    let mut starts = before.keys().copied().collect::<Vec<_>>();
    starts.sort_unstable();
    for start in starts {
        if done.contains_key(&start) {
            continue;
        }
        // Walked with a stack of its own: a chain may be longer than the thread's.
        let mut path = vec![(start, 0)];
        done.insert(start, false);
        while let Some((moment, next)) = path.last_mut() {
            let Some(earlier) = before.get(moment).and_then(|earlier| earlier.get(*next)).copied() else {
                done.insert(*moment, true);
                path.pop();
                continue;
            };
            *next += 1;
            match done.get(&earlier) {
                Some(true) => {}
                Some(false) => {
                    let from = path.iter().position(|(moment, _)| *moment == earlier).unwrap_or_default();
                    return Some(path[from..].iter().map(|(moment, _)| *moment).collect());
                }
                None => {
                    done.insert(earlier, false);
                    path.push((earlier, 0));
                }
            }
        }
    }
    None
}
