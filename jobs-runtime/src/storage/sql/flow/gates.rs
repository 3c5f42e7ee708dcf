//! Continuations: what becomes of those whose parents have ended.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{ANY, Cascade, LOOSE, NOT_BEFORE, Over, batch_ids, batches, parted};
use crate::{
    BatchId, JobId, State,
    flow::{Condition, Ending, Gate, NodeId, Rule, Wait, gate},
    state::{Event, transition},
    storage::{
        EventKind, Measure,
        sql::{
            fail::Res,
            finish::{self, Entry},
            insert::{self, Ready},
            row::{Row, damaged},
            stat::Line,
            value::{Value, args, line},
            write::Write,
        },
    },
};

/// A job that is held while its gate is looked at.
#[derive(Clone, Debug)]
pub(super) struct Child {
    pub(super) id: JobId,
    pub(super) line: Line,
    priority: i64,
    due_at: i64,
    created_at: i64,
    max_attempts: i64,
    crashes: i64,
    pub(super) flow: i64,
    pub(super) batch: Option<BatchId>,
    pub(super) outcome: Option<i64>,
    retain: Option<i64>,
    pub(super) leaving: bool,
}

impl Child {
    pub(super) fn read(row: &Row) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.job(0)?,
            line: Line { kind: row.int(1)?, queue: row.int(2)? },
            priority: row.int(3)?,
            due_at: row.time(4)?,
            created_at: row.time(5)?,
            max_attempts: row.int(6)?,
            crashes: row.int(7)?,
            flow: row.int(8)?,
            batch: row.opt_batch(9)?,
            outcome: row.opt_int(10)?,
            retain: row.opt_int(11)?,
            leaving: row.int(12)? == 1,
        })
    }

    /// How it has ended, if it has and that is counted.
    pub(super) fn ending(&self) -> Option<Ending> {
        self.outcome.filter(|_| !self.leaving).and_then(State::from_code).and_then(Ending::of_job)
    }
}

/// Reads jobs, and holds them.
pub(super) async fn children(write: &mut Write<'_>, ids: impl IntoIterator<Item = JobId>) -> Res<Vec<Child>> {
    let mut ids: Vec<JobId> = ids.into_iter().collect();
    // Everybody holds them in one order.
    ids.sort_unstable();
    let rows = write.rows(&write.sql.gate_jobs, args![Value::Ids(ids)]).await?;
    Ok(rows.iter().map(Child::read).collect::<sqlx::Result<_>>()?)
}

/// One arrow to a child.
struct Arrow {
    parent: NodeId,
    condition: Condition,
    open: bool,
    ending: Option<Ending>,
}

/// Tells the continuations of these parents, which are held, how they have ended.
pub(super) async fn release(
    write: &mut Write<'_>,
    cascade: &mut Cascade,
    parents: &BTreeMap<NodeId, Ending>,
) -> Res<()> {
    let (jobs, batches) = parted(parents.keys().copied());
    let both = || Value::ids(parents.keys().map(|parent| JobId::from_bytes(*parent.as_bytes())));
    let mut nodes = Vec::new();
    for row in write.rows(&write.sql.edge_children, args![both()]).await? {
        nodes.push(node(&row, 0, 1)?);
    }
    if nodes.is_empty() {
        return Ok(());
    }
    let (child_jobs, child_batches) = parted(nodes);
    let child_jobs = if child_jobs.is_empty() { Vec::new() } else { children(write, child_jobs).await? };
    let child_batches = batches::lock(write, child_batches).await?;
    let ids = child_jobs.iter().map(|job| job.id);
    let ids = ids.chain(child_batches.iter().map(|batch| JobId::from_bytes(*batch.id.as_bytes())));
    let mut arrows = arrows(write, ids.collect(), parents).await?;
    if !jobs.is_empty() {
        write.execute(&write.sql.edge_close_jobs, args![Value::ids(jobs)]).await?;
    }
    if !batches.is_empty() {
        write.execute(&write.sql.edge_close_batches, args![batch_ids(batches)]).await?;
    }

    let (mut open, mut unmet, mut shut) = (Vec::new(), Vec::new(), Vec::new());
    for job in child_jobs {
        let arrows = arrows.remove(job.id.as_bytes()).unwrap_or_default();
        match decide(job.flow, &arrows) {
            Some(Gate::Open) => {
                shut.extend(leftover(&arrows, job.id));
                open.push(job);
            }
            Some(Gate::Unmet) => {
                shut.extend(leftover(&arrows, job.id));
                unmet.push((job, why(&arrows)));
            }
            Some(Gate::Shut) | None => {}
        }
    }
    let mut decided = Vec::new();
    for batch in child_batches {
        let arrows = arrows.remove(batch.id.as_bytes()).unwrap_or_default();
        let decision = decide(batch.flow, &arrows).filter(|gate| *gate != Gate::Shut);
        if let Some(gate) = decision {
            shut.extend(leftover(&arrows, JobId::from_bytes(*batch.id.as_bytes())));
            decided.push((batch, gate, why(&arrows)));
        }
    }
    shut_edges(write, shut).await?;
    place(write, open, true).await?;
    delete(write, cascade, unmet).await?;
    for (batch, gate, why) in decided {
        match gate {
            Gate::Open => batches::start(write, cascade, batch).await?,
            _ => batches::call_off(write, cascade, &batch, &why).await?,
        }
    }
    Ok(())
}

/// These wait for nothing any more.
pub(super) async fn shut_edges(write: &mut Write<'_>, children: Vec<JobId>) -> Res<()> {
    if !children.is_empty() {
        write.execute(&write.sql.edge_shut, args![Value::Ids(children)]).await?;
    }
    Ok(())
}

pub(super) fn node(row: &Row, id: usize, is_batch: usize) -> sqlx::Result<NodeId> {
    Ok(if row.int(is_batch)? == 1 { NodeId::Batch(row.batch(id)?) } else { NodeId::Job(row.job(id)?) })
}

/// The arrows to these children, with the endings of `parents` where they have not been told yet.
async fn arrows(
    write: &mut Write<'_>,
    children: Vec<JobId>,
    parents: &BTreeMap<NodeId, Ending>,
) -> Res<HashMap<[u8; 16], Vec<Arrow>>> {
    let mut arrows: HashMap<[u8; 16], Vec<Arrow>> = HashMap::new();
    for row in write.rows(&write.sql.edge_waits, args![Value::Ids(children)]).await? {
        let parent = node(&row, 1, 2)?;
        let open = row.int(4)? == 1;
        let told = row.opt_int(5)?.and_then(State::from_code).and_then(Ending::of_job);
        let ending = if open { parents.get(&parent).copied() } else { told };
        let arrow = Arrow { parent, condition: condition(&row, 3)?, open, ending };
        arrows.entry(*row.job(0)?.as_bytes()).or_default().push(arrow);
    }
    Ok(arrows)
}

pub(super) fn condition(row: &Row, column: usize) -> sqlx::Result<Condition> {
    let code = row.int(column)?;
    Condition::from_code(code).ok_or_else(|| damaged(format!("no condition has the number {code}")))
}

/// What becomes of a child; `None` for one that waits for none of its parents any more.
fn decide(flow: i64, arrows: &[Arrow]) -> Option<Gate> {
    if arrows.iter().all(|arrow| !arrow.open) {
        return None;
    }
    let rule = if flow & ANY != 0 { Rule::Any } else { Rule::All };
    // One that is shut without an ending is waited for no more.
    let waits = arrows.iter().filter(|arrow| arrow.open || arrow.ending.is_some());
    Some(gate(rule, waits.map(|arrow| Wait { condition: arrow.condition, ending: arrow.ending })))
}

/// The child, if an arrow to it stays open.
fn leftover(arrows: &[Arrow], child: JobId) -> Option<JobId> {
    arrows.iter().any(|arrow| arrow.open && arrow.ending.is_none()).then_some(child)
}

/// Why a gate will never open.
fn why(arrows: &[Arrow]) -> String {
    let unmet = arrows.iter().find_map(|arrow| {
        let ending = arrow.ending.filter(|ending| !arrow.condition.is_met_by(*ending))?;
        Some((arrow, ending))
    });
    let Some((Arrow { parent, condition, .. }, ending)) = unmet else { return String::new() };
    let ended = match parent {
        NodeId::Job(_) => ending.state().as_str(),
        NodeId::Batch(_) => ending.batch_state().as_str(),
    };
    let wanted = match condition {
        Condition::Success => "its success",
        Condition::Failure => "its failure",
        Condition::Deleted => "its deletion",
        Condition::Finished => "its end",
    };
    format!("the condition was not met: {parent} ended {ended}, and this waited for {wanted}")
}

/// Puts jobs where their time says, which are awaiting no parent any more; those that their batch holds back stay. `anew` says that
/// their time begins to count now.
pub(super) async fn place(write: &mut Write<'_>, children: Vec<Child>, anew: bool) -> Res<()> {
    let held = held(write, &children).await?;
    let now = write.now;
    let (mut due, mut later, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for child in children.into_iter().filter(|child| !held.contains(&child.id)) {
        let delay = child.due_at.saturating_sub(child.created_at).max(0);
        let at = match child.flow & NOT_BEFORE != 0 {
            true => child.due_at,
            false if anew || delay > 0 => now.saturating_add(delay),
            false => child.due_at,
        };
        if at != child.due_at {
            moved.push(line![child.id, Value::time(at), at - child.due_at]);
        }
        let Ok(released) = transition(State::Awaiting, Event::Release) else { continue };
        let state = if at <= now { released } else { State::Scheduled };
        write.stats.transit(child.line, State::Awaiting, state);
        if state == State::Scheduled {
            later.push((at, child.id));
        } else {
            due.push(Ready {
                line: child.line,
                priority: child.priority,
                id: child.id,
                once: child.max_attempts <= 1,
                suspect: child.crashes > 0,
            });
        }
    }
    write.bulk(&write.sql.flow_release, moved.into_iter().collect()).await?;
    insert::ready(write, &due).await?;
    insert::scheduled(write, &later).await
}

/// Of these jobs, those that a batch which has not started, or not come to them yet, holds back.
async fn held(write: &mut Write<'_>, children: &[Child]) -> Res<HashSet<JobId>> {
    let bound = || children.iter().filter(|child| child.flow & LOOSE == 0);
    let ids = bound().filter_map(|child| child.batch).collect::<HashSet<_>>();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let moved: HashMap<BatchId, JobId> = batches::rows(write, ids.into_iter().collect())
        .await?
        .into_iter()
        .map(|batch| (batch.id, batch.moved))
        .collect();
    let is_held =
        |child: &&Child| child.batch.and_then(|batch| moved.get(&batch)).is_some_and(|moved| *moved < child.id);
    Ok(bound().filter(is_held).map(|child| child.id).collect())
}

/// Ends awaiting jobs that will never run.
pub(super) async fn delete(write: &mut Write<'_>, cascade: &mut Cascade, unmet: Vec<(Child, String)>) -> Res<()> {
    if unmet.is_empty() {
        return Ok(());
    }
    let now = write.now;
    let (mut rows, mut outcomes, mut entries, mut expiries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (child, reason) in unmet {
        let Ok(state) = transition(State::Awaiting, Event::Unmet) else { continue };
        write.stats.transit(child.line, State::Awaiting, state);
        write.stats.count(child.line, Measure::Deleted);
        outcomes.push((state, child.id, child.line));
        if child.batch.is_none() {
            let keep = child.retain.unwrap_or_else(|| finish::default_retention(write, state));
            expiries.push((now.saturating_add(keep), child.id));
        }
        cascade.extend(Over::job(child.id, state, child.flow, child.batch));
        rows.push(line![child.id, Value::time(now), reason.clone()]);
        entries.push(Entry { job: child.id, what: EventKind::Deleted, attempt: 0, text: reason });
    }
    write.effects.ended = true;
    write.bulk(&write.sql.flow_unmet, rows.into_iter().collect()).await?;
    finish::outcomes(write, &outcomes).await?;
    finish::events(write, &entries).await?;
    insert::expiry(write, &expiries).await
}

impl Cascade {
    fn extend(&mut self, over: Option<Over>) {
        if let Some(over) = over {
            self.add(over);
        }
    }
}
