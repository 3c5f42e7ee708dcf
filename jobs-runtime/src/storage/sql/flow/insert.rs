//! Storing batches, and jobs that wait for others.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    ANY, Cascade, Change, HAS_CHILDREN, HAS_PARENTS, LOOSE, NOT_BEFORE, batch_ids,
    batches::{self, Batch},
    cycle, gates, parted,
};
use crate::{
    BatchId, JobId,
    error::Error,
    flow::{Ending, MOST_PARENTS, NodeId, Rule},
    storage::{
        Due, NewBatch, NewFlow, NewJob, Waits,
        sql::{
            fail::{Fail, Res},
            insert::{self, Place, of_this_hour},
            text::{clean, micros},
            value::{Value, args, line},
            write::Write,
        },
    },
};

/// How long a batch may go without a new member before it is sealed, in microseconds.
pub(super) const CREATION: i64 = super::super::stat::HOUR;

/// Stores what is not known of a flow; says for each job whether it was.
pub(in crate::storage::sql) async fn store(write: &mut Write<'_>, flow: &NewFlow) -> Res<Vec<bool>> {
    cycle::check_new(flow)?;
    let known = known(write, flow).await?;
    let new = New {
        jobs: flow.jobs.iter().filter(|job| !known.contains(&NodeId::Job(job.id))).cloned().collect(),
        batches: flow.batches.iter().filter(|batch| !known.contains(&NodeId::Batch(batch.id))).collect(),
    };
    let parents = Parents::find(write, &new).await?;
    let joined = joined(write, &new).await?;
    cycle::check_stored(write, &new.graph(), joined.keys().copied(), &parents.late()).await?;

    let places = Places::of(&new, &joined)?;
    insert_batches(write, &new.batches, &places).await?;
    let fresh = insert::placed(write, &new.jobs, &places).await?;
    let stored: HashSet<JobId> =
        new.jobs.iter().zip(&fresh).filter(|(_, fresh)| **fresh).map(|(job, _)| job.id).collect();

    let mut cascade = Cascade::default();
    let reopened = count_members(write, &mut cascade, &new, &stored, &joined).await?;
    let is_stored = |node: &NodeId| !matches!(node, NodeId::Job(id) if !stored.contains(id));
    let waited = insert_edges(write, new.waits().filter(|(child, _)| is_stored(child))).await?;
    parents.mark(write, &waited).await?;
    cascade.parents.extend(parents.ended(&waited).filter(|(parent, _)| !reopened.contains(parent)));
    cascade.run(write).await?;
    // Of several with one id, the first is the one that was stored.
    let mut told = HashSet::new();
    Ok(flow.jobs.iter().map(|job| stored.contains(&job.id) && told.insert(job.id)).collect())
}

/// What of a flow is not stored yet.
struct New<'f> {
    jobs: Vec<NewJob>,
    batches: Vec<&'f NewBatch>,
}

impl New<'_> {
    fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let jobs = self.jobs.iter().map(|job| NodeId::Job(job.id));
        jobs.chain(self.batches.iter().map(|batch| NodeId::Batch(batch.id)))
    }

    /// What waits, and for what.
    fn waits(&self) -> impl Iterator<Item = (NodeId, &Waits)> {
        let jobs = self.jobs.iter().filter_map(|job| Some((NodeId::Job(job.id), job.waits.as_ref()?)));
        jobs.chain(self.batches.iter().filter_map(|batch| Some((NodeId::Batch(batch.id), batch.waits.as_ref()?))))
    }

    fn graph(&self) -> Vec<cycle::Node<'_>> {
        let job = |job: &'_ NewJob| (NodeId::Job(job.id), job.batch);
        let jobs = self.jobs.iter().map(|one| (job(one), one.waits.as_ref()));
        let batches = self.batches.iter().map(|batch| ((NodeId::Batch(batch.id), batch.parent), batch.waits.as_ref()));
        jobs.chain(batches).map(|((id, around), waits)| cycle::Node { id, around, waits }).collect()
    }

    /// The batches that something new is in.
    fn around(&self) -> impl Iterator<Item = BatchId> {
        self.jobs.iter().filter_map(|job| job.batch).chain(self.batches.iter().filter_map(|batch| batch.parent))
    }
}

/// Counts new members in their batches; returns the stored ones that had ended and have not any more.
async fn count_members(
    write: &mut Write<'_>,
    cascade: &mut Cascade,
    new: &New<'_>,
    stored: &HashSet<JobId>,
    joined: &HashMap<BatchId, Batch>,
) -> Res<HashSet<NodeId>> {
    let mut members: BTreeMap<BatchId, i64> = new.batches.iter().map(|batch| (batch.id, 0)).collect();
    let of_jobs = new.jobs.iter().filter(|job| stored.contains(&job.id)).filter_map(|job| job.batch);
    for batch in of_jobs.chain(new.batches.iter().filter_map(|batch| batch.parent)) {
        *members.entry(batch).or_default() += 1;
    }
    let mut reopened = HashSet::new();
    for (batch, members) in members {
        if joined.contains_key(&batch) {
            reopened.extend(batches::reopen(write, batch, Change::joined(members), "be added").await?);
        } else if members > 0 {
            // Before anything follows from the flow: one whose parents have all ended starts in this call, and is not empty.
            batches::add(write, batch, Change::joined(members)).await?;
        } else {
            cascade.counts.insert(batch, Change::default());
        }
    }
    Ok(reopened)
}

/// What is not there is an error, unless those that ask for it are known themselves: then the write runs again and looks first.
fn missing(write: &Write<'_>, error: Error) -> Fail {
    if write.careful { error.into() } else { Fail::Known }
}

/// What of the flow is stored already. Jobs with ids of this call's own making are not looked for: looking for what is not there may
/// keep others from storing theirs.
async fn known(write: &mut Write<'_>, flow: &NewFlow) -> Res<HashSet<NodeId>> {
    let mut known = HashSet::new();
    if !flow.batches.is_empty() {
        let ids = batch_ids(flow.batches.iter().map(|batch| batch.id));
        for row in write.rows(&write.sql.batch_rows, args![ids]).await? {
            known.insert(NodeId::Batch(row.batch(0)?));
        }
    }
    let jobs: Vec<JobId> = flow.jobs.iter().map(|job| job.id).collect();
    if write.careful || !known.is_empty() || jobs.iter().any(|id| !of_this_hour(*id, write.now)) {
        for row in write.rows(&write.sql.job_seen, args![Value::Ids(jobs)]).await? {
            known.insert(NodeId::Job(row.job(0)?));
        }
    }
    Ok(known)
}

/// The parents that were stored before, held, and how those that have ended did.
struct Parents(BTreeMap<NodeId, Option<Ending>>);

impl Parents {
    async fn find(write: &mut Write<'_>, new: &New<'_>) -> Res<Self> {
        let inner: HashSet<NodeId> = new.nodes().collect();
        let named = new.waits().flat_map(|(_, waits)| &waits.parents).map(|(parent, _)| *parent);
        let wanted: HashSet<NodeId> = named.filter(|parent| !inner.contains(parent)).collect();
        let (jobs, batches) = parted(wanted.iter().copied());
        let mut found = BTreeMap::new();
        if !jobs.is_empty() {
            for job in gates::children(write, jobs).await? {
                found.insert(NodeId::Job(job.id), job.ending());
            }
        }
        for batch in batches::lock(write, batches).await? {
            found.insert(NodeId::Batch(batch.id), batch.ending);
        }
        match wanted.into_iter().filter(|parent| !found.contains_key(parent)).min() {
            Some(parent) => Err(missing(write, Error::NoParent(parent))),
            None => Ok(Self(found)),
        }
    }

    /// Those that have not ended, and batches, which may be opened once more.
    fn late(&self) -> HashSet<NodeId> {
        let is_late =
            |(parent, ending): &(&NodeId, &Option<Ending>)| ending.is_none() || matches!(parent, NodeId::Batch(_));
        self.0.iter().filter(is_late).map(|(parent, _)| *parent).collect()
    }

    /// Of those that something new waits for, the ones that have ended.
    fn ended(&self, waited: &HashSet<NodeId>) -> impl Iterator<Item = (NodeId, Ending)> {
        let waited = self.0.iter().filter(|(parent, _)| waited.contains(parent));
        waited.filter_map(|(parent, ending)| Some((*parent, (*ending)?)))
    }

    /// Notes at those that something new waits for that something does. An engine whose transactions may see an older moment writes
    /// also those that know it, so that whoever ends one of them in such a transaction does not overlook the newest.
    async fn mark(&self, write: &mut Write<'_>, waited: &HashSet<NodeId>) -> Res<()> {
        let (jobs, batches) = parted(self.0.keys().copied().filter(|parent| waited.contains(parent)));
        if !jobs.is_empty() {
            write.execute(&write.sql.flow_mark_jobs, args![Value::Ids(jobs)]).await?;
        }
        if !batches.is_empty() {
            write.execute(&write.sql.flow_mark_batches, args![batch_ids(batches)]).await?;
        }
        Ok(())
    }
}

/// The stored batches that get new members, held.
async fn joined(write: &mut Write<'_>, new: &New<'_>) -> Res<HashMap<BatchId, Batch>> {
    let new_ids: HashSet<BatchId> = new.batches.iter().map(|batch| batch.id).collect();
    let wanted: HashSet<BatchId> = new.around().filter(|batch| !new_ids.contains(batch)).collect();
    let found = batches::lock(write, wanted.iter().copied().collect()).await?;
    let found: HashMap<BatchId, Batch> = found.into_iter().map(|batch| (batch.id, batch)).collect();
    match wanted.into_iter().filter(|batch| !found.contains_key(batch)).min() {
        Some(batch) => Err(missing(write, Error::NoBatch(batch))),
        None => Ok(found),
    }
}

/// Where the members of which batch go.
struct Places {
    /// Whether the batch has started, and how deep it is nested.
    batches: HashMap<BatchId, (bool, i64)>,
    /// The batches that were stored before.
    joined: HashSet<BatchId>,
    /// What something in the flow waits for.
    waited: HashSet<NodeId>,
}

impl Places {
    fn of(new: &New<'_>, joined: &HashMap<BatchId, Batch>) -> Res<Self> {
        let mut batches: HashMap<BatchId, (bool, i64)> =
            joined.values().map(|batch| (batch.id, (batch.started_at.is_some(), batch.depth))).collect();
        for batch in &new.batches {
            let (around, depth) = match batch.parent {
                None => (true, 0),
                Some(around) => match batches.get(&around) {
                    Some((started, depth)) => (*started, depth + 1),
                    None => {
                        let text = format!("batch {} comes before batch {around}, which it is a member of", batch.id);
                        return Err(Error::config(text).into());
                    }
                },
            };
            batches.insert(batch.id, (around && batch.sealed && batch.waits.is_none(), depth));
        }
        let waited = new.waits().flat_map(|(_, waits)| &waits.parents).map(|(parent, _)| *parent).collect();
        Ok(Self { batches, joined: joined.keys().copied().collect(), waited })
    }

    fn bits(&self, node: NodeId, waits: Option<&Waits>) -> i64 {
        let mut bits = if self.waited.contains(&node) { HAS_CHILDREN } else { 0 };
        if let Some(waits) = waits {
            bits |= HAS_PARENTS;
            bits |= if waits.rule == Rule::Any { ANY } else { 0 };
        }
        bits
    }
}

impl insert::Placing for Places {
    fn place(&self, job: &NewJob) -> Place {
        let mut flow = self.bits(NodeId::Job(job.id), job.waits.as_ref());
        if matches!(job.due, Due::At(_)) {
            flow |= NOT_BEFORE;
        }
        let started = job.batch.and_then(|batch| self.batches.get(&batch)).is_none_or(|(started, _)| *started);
        if started && job.batch.is_some_and(|batch| self.joined.contains(&batch)) {
            // Upkeep may not have come to its place in the batch.
            flow |= LOOSE;
        }
        Place { flow, awaits: job.waits.is_some() || !started, claimed: false }
    }
}

async fn insert_batches(write: &mut Write<'_>, new: &[&NewBatch], places: &Places) -> Res<()> {
    let now = write.now;
    let mut steps = Vec::new();
    let rows = new.iter().map(|batch| {
        let (started, depth) = places.batches.get(&batch.id).copied().unwrap_or_default();
        if !batch.sealed {
            steps.push((now.saturating_add(CREATION), batch.id));
        }
        line![
            batch.id,
            clean(&batch.description),
            batch.parent,
            depth,
            places.bits(NodeId::Batch(batch.id), batch.waits.as_ref()),
            Value::time(now),
            Value::time(now),
            Value::time(started.then_some(now)),
            i64::from(batch.sealed),
            batch.retain.map(micros),
            batches::first_mark(started),
            batches::first_mark(false),
        ]
    });
    let table = rows.collect();
    let inserted = write.bulk(&write.sql.batch_insert, table).await?;
    if inserted != new.len() as u64 {
        // Another was first with the same flow.
        return Err(Fail::Known);
    }
    batches::plan(write, &steps).await
}

/// Stores the arrows; returns what they begin at.
async fn insert_edges<'f>(
    write: &mut Write<'_>,
    waiting: impl Iterator<Item = (NodeId, &'f Waits)>,
) -> Res<HashSet<NodeId>> {
    let mut waited = HashSet::new();
    let mut rows = Vec::new();
    for (child, waits) in waiting {
        if waits.parents.is_empty() || waits.parents.len() > MOST_PARENTS {
            return Err(Error::config(format!(
                "{child} is to wait for {} parents, and it must be 1 to {MOST_PARENTS}; to wait for more, put them into a batch",
                waits.parents.len()
            ))
            .into());
        }
        for (position, (parent, condition)) in (0_i64..).zip(&waits.parents) {
            waited.insert(*parent);
            rows.push(line![
                JobId::from_bytes(*parent.as_bytes()),
                JobId::from_bytes(*child.as_bytes()),
                i64::from(matches!(parent, NodeId::Batch(_))),
                i64::from(matches!(child, NodeId::Batch(_))),
                position,
                condition.code(),
            ]);
        }
    }
    write.bulk(&write.sql.edge_insert, rows.into_iter().collect()).await?;
    Ok(waited)
}
