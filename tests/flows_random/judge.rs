//! What is true of a graph that has come to its end.

use jobs_runtime::{
    JobId, State,
    flow::{BatchState, Counts, Ending, Gate, NodeId, Wait, gate},
    storage::{BatchFilter, JobRecord, conformance::Fixture},
};

use crate::{
    drive::{Drive, Known, Violation, broken, output},
    model::{Endings, endings},
    servers,
};

/// How everything ended.
struct Ended {
    /// Of what is stored.
    endings: Vec<Option<Ending>>,
    jobs: Vec<Option<JobRecord>>,
}

/// Every node has ended in a way that the rules allow, each continuation has run once, and the batches count right.
pub(crate) async fn judge(drive: &Drive<'_, impl Fixture>) -> Result<(), Violation> {
    let known = drive.known.borrow().clone();
    let ended = read(drive, &known).await?;
    let touched: Vec<_> = known.iter().map(|one| one.touched).collect();
    let allowed = endings(drive.graph, &touched);
    for node in 0..drive.graph.nodes.len() {
        if known[node].touched.absent {
            let batches = drive.graph.around(node).any(|batch| {
                known[batch].touched.absent || known[batch].touched.deleted || allowed[batch].has(Ending::Deleted)
            });
            let parents = drive.graph.nodes[node].waits.iter().any(|(parent, _)| known[*parent].touched.absent);
            if !batches && !parents {
                return Err(format!("node {node} was refused, but nothing that it names was cancelled"));
            }
            continue;
        }
        let Some(ending) = ended.endings[node] else { continue };
        if !allowed[node].has(ending) {
            return Err(format!("node {node} ended {ending:?}, but may end {:?} only", allowed[node]));
        }
        if drive.graph.is_job(node) {
            runs(drive, &known, &ended, node)?;
        }
        inputs(drive, &known, &ended, &allowed, node).await?;
    }
    counts(drive, &known, &ended).await
}

async fn read(drive: &Drive<'_, impl Fixture>, known: &[Known]) -> Result<Ended, Violation> {
    let storage = drive.ground.storage();
    let mut ended = Ended { endings: Vec::new(), jobs: Vec::new() };
    for (node, known) in known.iter().enumerate() {
        let (ending, job) = match drive.ids[node] {
            NodeId::Job(id) => {
                let job = storage.job_get(id).await.map_err(broken("reading a job"))?;
                if job.is_some() != known.stored {
                    return Err(format!("node {node} is stored: {}, not {}", job.is_some(), known.stored));
                }
                if let Some(job) = job.as_ref().filter(|job| !job.state.is_final()) {
                    return Err(format!("node {node} is stuck: it is {}", job.state));
                }
                (job.as_ref().and_then(|job| Ending::of_job(job.state)), job)
            }
            NodeId::Batch(id) => {
                let batch = storage.batch_get(id).await.map_err(broken("reading a batch"))?;
                if batch.is_some() != known.stored {
                    return Err(format!("batch {node} is stored: {}, not {}", batch.is_some(), known.stored));
                }
                let ending = match batch.as_ref().map(|batch| batch.state) {
                    None => None,
                    Some(BatchState::Succeeded) => Some(Ending::Succeeded),
                    Some(BatchState::Completed) => Some(Ending::Failed),
                    Some(BatchState::Deleted) => Some(Ending::Deleted),
                    Some(state) => return Err(format!("batch {node} is stuck: it is {state}, {batch:?}")),
                };
                (ending, None)
            }
        };
        ended.endings.push(ending);
        ended.jobs.push(job);
    }
    Ok(ended)
}

/// Whether this is what the node's handler returned.
fn is_output(drive: &Drive<'_, impl Fixture>, bytes: Option<&[u8]>, node: usize) -> bool {
    let Some(bytes) = bytes else { return false };
    let expected = output(node);
    if drive.by_servers { servers::read(bytes) == Some(expected) } else { bytes == expected.as_bytes() }
}

/// How often a job was run, and that what is stored is what its last run said.
fn runs(drive: &Drive<'_, impl Fixture>, known: &[Known], ended: &Ended, node: usize) -> Result<(), Violation> {
    let (one, job) = (&known[node], ended.jobs[node].as_ref());
    let Some(job) = job else { return Ok(()) };
    let successes = one.ends.iter().filter(|(ending, _)| *ending == Ending::Succeeded).count();
    if one.ends.len() > 1 + one.lives as usize || successes > 1 + one.lives as usize {
        return Err(format!("node {node} was ended {:?} with {} requeues", one.ends, one.lives));
    }
    let untouched = !one.touched.deleted && !one.touched.revived;
    match (one.ends.last(), job.state) {
        (Some((Ending::Succeeded, _)), State::Succeeded) => {
            let expected = is_output(drive, job.output.as_deref(), node);
            expected.then_some(()).ok_or_else(|| format!("node {node} has another output than it returned"))
        }
        (Some((last, _)), state) if Ending::of_job(state) == Some(*last) => Ok(()),
        (_, State::Deleted) if !untouched => Ok(()),
        (None, State::Deleted) if one.runs == 0 => {
            let reason = job.reason.as_deref().is_some_and(|reason| !reason.is_empty());
            reason.then_some(()).ok_or_else(|| format!("node {node} was deleted and does not say why"))
        }
        // What was cancelled with its batch may have been handed back and deleted then.
        (None, State::Deleted) if drive.graph.around(node).any(|batch| known[batch].touched.deleted) => Ok(()),
        (last, state) => Err(format!("node {node} is {state}, but its last run ended {last:?}: {job:?}")),
    }
}

/// What the parents left is what they ended with, and explains whether the node ran.
async fn inputs(
    drive: &Drive<'_, impl Fixture>,
    known: &[Known],
    ended: &Ended,
    allowed: &[Endings],
    node: usize,
) -> Result<(), Violation> {
    let waits = &drive.graph.nodes[node].waits;
    let inputs = drive.ground.storage().flow_inputs(drive.ids[node]).await.map_err(broken("reading inputs"))?;
    let asked: Vec<_> = waits.iter().map(|(parent, condition)| (drive.ids[*parent], *condition)).collect();
    let told: Vec<_> = inputs.iter().map(|input| (input.parent, input.condition)).collect();
    if asked != told {
        return Err(format!("node {node} waited for {asked:?}, and is told of {told:?}"));
    }
    for ((parent, _), input) in waits.iter().zip(&inputs) {
        let Some(ending) = input.ending else { continue };
        let certain = allowed[*parent].is_certain() && ended.endings[*parent] != Some(ending);
        if !allowed[*parent].has(ending) || certain {
            return Err(format!("node {node} was told that node {parent} ended {ending:?}"));
        }
        let given = input.output.as_deref();
        let gives = ending == Ending::Succeeded && drive.graph.is_job(*parent);
        if gives != is_output(drive, given, *parent) || !gives && given.is_some() {
            return Err(format!("node {node} was not given the output of node {parent}"));
        }
        if (ending == Ending::Succeeded) != input.reason.is_none() && drive.graph.is_job(*parent) {
            return Err(format!("node {node} was told of node {parent}, {ending:?}: {:?}", input.reason));
        }
    }
    let one = &known[node];
    let outside = one.touched.deleted
        || one.touched.revived
        || drive.graph.around(node).any(|batch| allowed[batch].has(Ending::Deleted));
    let waits = inputs.iter().map(|input| Wait { condition: input.condition, ending: input.ending });
    let gate = if inputs.is_empty() { Gate::Open } else { gate(drive.graph.nodes[node].rule, waits) };
    let has_run = if drive.graph.is_job(node) { one.runs > 0 } else { ended.endings[node] != Some(Ending::Deleted) };
    let fine = match gate {
        Gate::Open => has_run || outside,
        Gate::Unmet => !has_run || one.touched.revived || !drive.graph.is_job(node) && outside,
        Gate::Shut => outside,
    };
    fine.then_some(())
        .ok_or_else(|| format!("the gate of node {node} is {gate:?}, but that it ran is {has_run}: {inputs:?}"))
}

/// The batches' counts are their members' states.
async fn counts(drive: &Drive<'_, impl Fixture>, known: &[Known], ended: &Ended) -> Result<(), Violation> {
    let storage = drive.ground.storage();
    for node in 0..drive.graph.nodes.len() {
        if drive.graph.is_job(node) || !known[node].stored {
            continue;
        }
        let id = drive.batch_id(node);
        let mut counts = Counts::default();
        let (mut jobs, mut batches) = (Vec::new(), Vec::new());
        for member in drive.graph.members(node).filter(|member| known[*member].stored) {
            counts.total += 1;
            match ended.endings[member] {
                Some(Ending::Succeeded) => counts.succeeded += 1,
                Some(Ending::Failed) => counts.failed += 1,
                Some(Ending::Deleted) => counts.deleted += 1,
                None => counts.pending += 1,
            }
            match drive.ids[member] {
                NodeId::Job(id) => jobs.push(id),
                NodeId::Batch(id) => batches.push(id),
            }
        }
        let record = storage.batch_get(id).await.map_err(broken("reading a batch"))?;
        let record = record.ok_or_else(|| format!("batch {node} has gone"))?;
        if record.counts != counts {
            return Err(format!("batch {node} counts {:?}, but its members are {counts:?}", record.counts));
        }
        let state = counts.ending(record.cancelled).map(Ending::batch_state);
        if state != Some(record.state) {
            return Err(format!("batch {node} is {}, with {counts:?}", record.state));
        }
        jobs.sort();
        batches.sort();
        let mut listed = members(drive, node).await?;
        listed.sort();
        let filter = BatchFilter { parent: Some(id), limit: 1_000, ..BatchFilter::default() };
        let nested = storage.batch_list(filter).await.map_err(broken("listing batches"))?;
        let mut nested: Vec<_> = nested.into_iter().map(|batch| batch.id).collect();
        nested.sort();
        if listed != jobs || nested != batches {
            return Err(format!("batch {node} has members {listed:?} and {nested:?}, not {jobs:?} and {batches:?}"));
        }
    }
    Ok(())
}

/// A batch's jobs, read in small pages, which say the same as the pages of their outputs.
async fn members(drive: &Drive<'_, impl Fixture>, node: usize) -> Result<Vec<JobId>, Violation> {
    let (storage, id) = (drive.ground.storage(), drive.batch_id(node));
    let mut jobs: Vec<JobId> = Vec::new();
    loop {
        let page = storage.batch_jobs(id, jobs.last().copied(), 7).await.map_err(broken("listing members"))?;
        if page.is_empty() {
            break;
        }
        jobs.extend(page);
    }
    let outputs = storage.batch_outputs(id, None, 1_000).await.map_err(broken("reading outputs"))?;
    if outputs.iter().map(|output| output.job).ne(jobs.iter().copied()) {
        return Err(format!("batch {node} has the jobs {jobs:?}, but outputs of others: {outputs:?}"));
    }
    Ok(jobs)
}
