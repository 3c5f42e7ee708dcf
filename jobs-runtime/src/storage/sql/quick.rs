//! The way of most attempts: they succeed, nothing waits for the job, and the process that claimed it ends it. One guarded statement
//! ends such a job without reading it first. What the guard refuses goes the ordinary way, in the same transaction.
//!
//! It is for an engine with one writer at a time: nothing is locked, and what the writer remembers was committed by itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    clean,
    fail::Res,
    finish,
    names::Noun,
    stat::Line,
    statement::Sql,
    value::{Table, Value, args, line},
    write::{Shared, Write},
};
use crate::{
    Fence, JobId, ServerId, State,
    storage::{Accepted, Chunk, End, Finish, Measure},
};

/// So many chunks are remembered; the ends of older ones go the ordinary way.
const CHUNKS: usize = 1_024;

/// A chunk as it was claimed. Its members never change; whether the right to end them is still held, the tables tell.
struct Known {
    claimed_at: i64,
    left: usize,
    jobs: HashMap<JobId, Line>,
}

/// An attempt that may be ended quickly.
struct Candidate<'e> {
    /// Its place among the ends.
    index: usize,
    end: &'e Finish,
    output: &'e Option<Vec<u8>>,
    line: Line,
    claimed_at: i64,
}

/// The chunks that this process has claimed, and the statements of the quick way.
pub(crate) struct Quick {
    chunks: BTreeMap<i64, Known>,
    /// Ends a job that stays until the walk of retention comes by.
    keep: Sql,
    /// Removes a job that is not kept.
    drop: Sql,
    /// Whether the last job was not kept: then that is tried first.
    drops: bool,
}

impl Quick {
    pub(crate) fn new(keep: Sql, drop: Sql) -> Self {
        Self { chunks: BTreeMap::new(), keep, drop, drops: false }
    }

    /// Remembers what was claimed, once that is committed.
    pub(crate) fn claimed(&mut self, chunks: &[Chunk], shared: &Shared) {
        for chunk in chunks {
            let alone = chunk.jobs.iter().filter(|job| job.batch.is_none());
            let lines = alone.filter_map(|job| {
                let kind = shared.number(Noun::Kind, &job.kind)?;
                let queue = shared.number(Noun::Queue, &job.queue)?;
                Some((job.id, Line { queue, kind }))
            });
            let jobs: HashMap<_, _> = lines.collect();
            let known = Known { claimed_at: chunk.claimed_at.as_microsecond(), left: chunk.jobs.len(), jobs };
            self.chunks.insert(chunk.fence.0, known);
        }
        while self.chunks.len() > CHUNKS {
            self.chunks.pop_first();
        }
    }

    /// Forgets chunks whose attempts have all ended, once that is committed.
    pub(crate) fn ended(&mut self, ends: &[Finish]) {
        for end in ends {
            if let Some(known) = self.chunks.get_mut(&end.fence.0) {
                known.left = known.left.saturating_sub(1);
                if known.left == 0 {
                    self.chunks.remove(&end.fence.0);
                }
            }
        }
    }

    /// Ends the attempts that a server reports.
    pub(crate) async fn finish(
        &mut self,
        write: &mut Write<'_>,
        server: ServerId,
        ends: &[Finish],
    ) -> Res<Vec<Accepted>> {
        finish::begun(ends);
        let mut candidates = self.candidates(write, ends);
        let held = held(write, server, &candidates).await?;
        candidates.retain(|candidate| held.contains(&candidate.end.fence.0));
        let mut done = vec![false; ends.len()];
        let mut gone = Vec::new();
        for drop in [self.drops, !self.drops] {
            let tried: Vec<&Candidate<'_>> = candidates.iter().filter(|candidate| !done[candidate.index]).collect();
            if tried.is_empty() {
                break;
            }
            let (sql, table) = if drop { (&self.drop, dropped(&tried)) } else { (&self.keep, kept(write, &tried)) };
            let affected = write.each(sql, table).await?;
            for (candidate, _) in tried.into_iter().zip(affected).filter(|(_, affected)| *affected > 0) {
                done[candidate.index] = true;
                self.drops = drop;
                if drop {
                    gone.push(candidate.end.job);
                    write.stats.moved(candidate.line, Some(State::Succeeded.code()), None);
                }
            }
        }
        candidates.retain(|candidate| done[candidate.index]);
        count(write, &candidates).await?;
        clean::remove(write, &gone).await?;
        let rest: Vec<_> = ends.iter().zip(&done).filter(|(_, done)| !**done).map(|(end, _)| end.clone()).collect();
        let rest = if rest.is_empty() { Vec::new() } else { finish::ordinary(write, server, &rest).await? };
        let mut rest = rest.into_iter();
        let answers = done.into_iter().map(|done| if done { Some(Accepted::Yes) } else { rest.next() });
        Ok(answers.map(|answer| answer.unwrap_or(Accepted::Stale)).collect())
    }

    /// The attempts that succeeded, of jobs that this process has claimed.
    fn candidates<'e>(&self, write: &Write<'_>, ends: &'e [Finish]) -> Vec<Candidate<'e>> {
        if !finish::walk_suffices(write) {
            return Vec::new();
        }
        // Of several reports of one job the first counts.
        let others = ends.iter().filter(|end| !matches!(end.end, End::Succeeded { .. }));
        let others: HashSet<JobId> = others.map(|end| end.job).collect();
        let candidates = ends.iter().enumerate().filter_map(|(index, end)| {
            let End::Succeeded { output } = &end.end else { return None };
            let known = self.chunks.get(&end.fence.0)?;
            let line = *known.jobs.get(&end.job)?;
            let only = others.is_empty() || !others.contains(&end.job);
            only.then_some(Candidate { index, end, output, line, claimed_at: known.claimed_at })
        });
        candidates.collect()
    }
}

/// The chunks of the candidates that the server still holds.
async fn held(write: &mut Write<'_>, server: ServerId, candidates: &[Candidate<'_>]) -> Res<HashSet<i64>> {
    let mut fences: Vec<i64> = candidates.iter().map(|candidate| candidate.end.fence.0).collect();
    fences.sort_unstable();
    fences.dedup();
    if fences.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = write.rows(&write.sql.claim_owners, args![server, Value::ints(fences)]).await?;
    Ok(rows.iter().map(|row| row.int(0)).collect::<sqlx::Result<_>>()?)
}

fn kept(write: &Write<'_>, candidates: &[&Candidate<'_>]) -> Table {
    let now = write.now;
    let rows = candidates.iter().map(|candidate| {
        let Candidate { end, output, claimed_at, .. } = candidate;
        line![end.job, end.fence.0, Value::time(*claimed_at), Value::time(now), (*output).clone()]
    });
    rows.collect()
}

fn dropped(candidates: &[&Candidate<'_>]) -> Table {
    candidates.iter().map(|candidate| line![candidate.end.job, candidate.end.fence.0]).collect()
}

/// Counts the ends, and lets the jobs leave their chunks.
async fn count(write: &mut Write<'_>, ended: &[Candidate<'_>]) -> Res<()> {
    let mut left: HashMap<Fence, i64> = HashMap::new();
    for Candidate { end, line, .. } in ended {
        write.effects.ended = true;
        finish::count_times(write, *line, end);
        write.stats.transit(*line, State::Processing, State::Succeeded);
        write.stats.count(*line, Measure::Succeeded);
        *left.entry(end.fence).or_default() += 1;
    }
    if left.is_empty() { Ok(()) } else { finish::leave(write, left).await }
}
