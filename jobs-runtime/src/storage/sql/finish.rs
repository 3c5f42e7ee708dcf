//! Ending attempts: what servers report and what a rescue decides, written the same way.

use std::collections::{HashMap, HashSet};

use super::{
    errors::{self, Failure},
    fail::Res,
    flow::{self, Over},
    insert::{self, Ready, exhausted_from_code},
    stat::{HOUR, Line, MINUTE, Stats},
    text::{clean, duration, micros},
    value::{Value, args, line},
    write::Write,
};
use crate::{
    BatchId, Fence, JobId, ServerId, State,
    job::OnExhausted,
    state::{Event, transition},
    storage::{
        Accepted, End, EventKind, Finish, Measure, Retention,
        failpoint::{self, Failpoint},
    },
};

/// What is needed of a claimed job in order to end its attempt.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) id: JobId,
    pub(super) fence: i64,
    pub(super) outcome: Option<i64>,
    pub(super) line: Line,
    pub(super) priority: i64,
    pub(super) attempt: i64,
    pub(super) max_attempts: i64,
    pub(super) crashes: i64,
    pub(super) retain: Option<i64>,
    pub(super) on_exhausted: OnExhausted,
    /// The bits of what it has to do with others.
    pub(super) flow: i64,
    pub(super) batch: Option<BatchId>,
    /// Whether the handler has ended it in its own transaction, and it has not yet left its chunk.
    leaving: bool,
}

impl Held {
    /// Whether its handler has ended it in this chunk, which it has yet to leave.
    pub(super) const fn leaves(&self, chunk: Fence) -> bool {
        self.leaving && self.fence == chunk.0
    }

    /// Its end, if it has ended.
    pub(super) fn over(&self) -> Option<Over> {
        Over::of(self, State::from_code(self.outcome?)?)
    }

    /// Whether the holder of the chunk has the right to finish the job.
    pub(super) const fn is_live_in(&self, fence: Fence) -> bool {
        self.fence < fence.0 && self.outcome.is_none()
    }
}

/// How an attempt ends, decided.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) held: Held,
    /// The chunk that it leaves.
    pub(super) chunk: Fence,
    /// The fence from which on its rights have ended.
    pub(super) fence: Fence,
    /// The event of `state.rs` that this is.
    pub(super) event: Event,
    /// Whether the attempt counts.
    pub(super) charged: bool,
    /// Whether a crash counts.
    pub(super) crashed: bool,
    /// When it is to run again; now where it ends or goes back.
    pub(super) due_at: Option<i64>,
    /// When the attempt was claimed; `None` keeps what the attempt before has left.
    pub(super) started_at: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) output: Option<Vec<u8>>,
    /// What its history gets.
    pub(super) entries: Vec<(EventKind, String)>,
}

/// A chunk that a server holds.
pub(super) struct HeldChunk {
    claimed_at: i64,
    members: HashSet<JobId>,
}

impl HeldChunk {
    pub(super) fn has(&self, job: JobId) -> bool {
        self.members.contains(&job)
    }
}

/// Ends the attempts that a server reports.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) async fn finish(write: &mut Write<'_>, server: ServerId, ends: &[Finish]) -> Res<Vec<Accepted>> {
    begun(ends);
    ordinary(write, server, ends).await
}

/// A transaction has begun that ends these attempts.
pub(super) fn begun(ends: &[Finish]) {
    if ends.iter().any(|end| outcome_of(&end.end).is_some()) {
        failpoint::reached(Failpoint::Begun);
    }
}

/// Ends attempts of whatever kind.
pub(super) async fn ordinary(write: &mut Write<'_>, server: ServerId, ends: &[Finish]) -> Res<Vec<Accepted>> {
    let chunks = chunks(write, server, ends.iter().map(|end| end.fence)).await?;
    let mut held = held(write, ends.iter().map(|end| end.job)).await?;
    let mut answers = Vec::with_capacity(ends.len());
    let mut ended = Vec::with_capacity(ends.len());
    let (mut left, mut over) = (Vec::new(), Vec::new());
    for end in ends {
        let Some(job) = held.get_mut(&end.job) else {
            answers.push(Accepted::Stale);
            continue;
        };
        let chunk = chunks.get(&end.fence).filter(|chunk| chunk.has(end.job));
        let outcome = outcome_of(&end.end);
        if let Some(chunk) = chunk.filter(|_| job.is_live_in(end.fence)) {
            answers.push(Accepted::Yes);
            count_times(&mut write.stats, job.line, end);
            ended.push(decided(write.now, job.clone(), end, chunk.claimed_at));
            // A second report in the same group finds what the first has made of the job.
            job.fence = end.fence.0;
            job.outcome = outcome;
        } else if job.leaving && job.fence == end.fence.0 {
            // The handler has ended it in its own transaction.
            answers.push(Accepted::Again);
            left.push((end.job, end.fence));
            over.extend(job.over());
            job.leaving = false;
        } else if outcome.is_some() && job.outcome == outcome && job.fence == end.fence.0 {
            answers.push(Accepted::Again);
        } else {
            // A job that goes back unrun, too late, had no result.
            if !matches!(end.end, End::HandedBack) {
                write.stats.count(job.line, Measure::Stale);
            }
            answers.push(Accepted::Stale);
        }
    }
    store(write, ended, Chunks::Left).await?;
    take_leave(write, left).await?;
    flow::ended(write, over).await?;
    Ok(answers)
}

/// Ends one attempt in a transaction of its handler's, which may stay open for long: the chunk is neither held nor counted, so that
/// its other jobs can end meanwhile. The ordinary finish that follows lets the job leave its chunk. What guards the job is its own
/// row, which a rescue has to hold too.
pub(crate) async fn finish_within(write: &mut Write<'_>, server: ServerId, end: &Finish) -> Res<Accepted> {
    if outcome_of(&end.end).is_none() {
        return Err(crate::Error::config("a transaction of the handler's can end a job, not put it back").into());
    }
    let chunks = chunks_seen(write, server).await?;
    let chunk = chunks.get(&end.fence).filter(|chunk| chunk.has(end.job));
    let Some(job) = held(write, std::iter::once(end.job)).await?.remove(&end.job) else { return Ok(Accepted::Stale) };
    if job.outcome.is_some() && job.outcome == outcome_of(&end.end) && job.fence == end.fence.0 {
        return Ok(Accepted::Again);
    }
    let Some(HeldChunk { claimed_at, .. }) = chunk.filter(|_| job.is_live_in(end.fence)) else {
        return Ok(Accepted::Stale);
    };
    count_times(&mut write.stats, job.line, end);
    let ended = decided(write.now, job, end, *claimed_at);
    store(write, vec![ended], Chunks::Kept).await?;
    Ok(Accepted::Yes)
}

/// Jobs that their handlers have ended leave their chunks.
async fn take_leave(write: &mut Write<'_>, left: Vec<(JobId, Fence)>) -> Res<()> {
    if left.is_empty() {
        return Ok(());
    }
    left_behind(write, left.iter().map(|(job, _)| *job)).await?;
    let mut chunks: HashMap<Fence, i64> = HashMap::new();
    for (_, chunk) in left {
        *chunks.entry(chunk).or_default() += 1;
    }
    leave(write, chunks).await
}

/// Of these jobs, none has to leave its chunk any more.
pub(super) async fn left_behind(write: &mut Write<'_>, jobs: impl Iterator<Item = JobId>) -> Res<()> {
    write.execute(&write.sql.finish_left, args![Value::ids(jobs)]).await?;
    Ok(())
}

/// What becomes of the chunks of jobs that end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// The jobs leave them.
    Left,
    /// The jobs leave them later.
    Kept,
}

/// The chunks of a server, as they are at this moment: they are not held.
pub(super) async fn chunks_seen(write: &mut Write<'_>, server: ServerId) -> Res<HashMap<Fence, HeldChunk>> {
    let mut chunks = HashMap::new();
    for row in write.rows(&write.sql.claim_list, args![server]).await? {
        let members = row.ids(1)?.into_iter().collect();
        chunks.insert(Fence(row.int(0)?), HeldChunk { claimed_at: row.time(2)?, members });
    }
    Ok(chunks)
}

/// Of these chunks, those that the server holds; from now on nobody else changes them.
pub(super) async fn chunks(
    write: &mut Write<'_>,
    server: ServerId,
    fences: impl Iterator<Item = Fence>,
) -> Res<HashMap<Fence, HeldChunk>> {
    let fences: HashSet<i64> = fences.map(|fence| fence.0).collect();
    let mut chunks = HashMap::with_capacity(fences.len());
    if fences.is_empty() {
        return Ok(chunks);
    }
    for row in write.rows(&write.sql.claim_owners, args![server, Value::ints(fences)]).await? {
        let members = row.ids(2)?.into_iter().collect();
        chunks.insert(Fence(row.int(0)?), HeldChunk { claimed_at: row.time(1)?, members });
    }
    Ok(chunks)
}

/// A number greater than every fence so far, for ending a server's right from outside; where nothing was ever claimed, there is
/// no right to end, and it may be 0.
pub(super) async fn next_fence(write: &mut Write<'_>) -> Res<Fence> {
    let number = write.insert(&write.sql.fence_next, args![]).await?;
    // An engine that has no numbers but those of rows has made an empty chunk.
    write.execute(&write.sql.claim_delete, args![number]).await?;
    Ok(Fence(number))
}

/// Reads jobs whose attempts are to end, and holds them.
pub(super) async fn held(write: &mut Write<'_>, ids: impl Iterator<Item = JobId>) -> Res<HashMap<JobId, Held>> {
    let mut jobs = HashMap::new();
    let mut ids: Vec<JobId> = ids.collect();
    // Everybody holds them in one order.
    ids.sort_unstable();
    for row in write.rows(&write.sql.finish_rows, args![Value::Ids(ids)]).await? {
        let held = Held {
            id: row.job(0)?,
            fence: row.int(1)?,
            outcome: row.opt_int(2)?,
            line: Line { kind: row.int(3)?, queue: row.int(4)? },
            priority: row.int(5)?,
            attempt: row.int(6)?,
            max_attempts: row.int(7)?,
            crashes: row.int(8)?,
            retain: row.opt_int(9)?,
            on_exhausted: exhausted_from_code(row.int(10)?),
            leaving: row.int(11)? == 1,
            batch: row.opt_batch(12)?,
            flow: row.int(13)?,
        };
        jobs.insert(held.id, held);
    }
    Ok(jobs)
}

pub(crate) fn count_times(stats: &mut Stats, line: Line, end: &Finish) {
    if !matches!(end.end, End::HandedBack) && !end.run.is_zero() {
        stats.time(line, Measure::Wait, end.wait);
        stats.time(line, Measure::Run, end.run);
    }
}

/// The final state that an end leads to, if it leads to one.
fn outcome_of(end: &End) -> Option<i64> {
    match end {
        End::Succeeded { .. } => Some(State::Succeeded.code()),
        End::Failed { .. } => Some(State::Failed.code()),
        End::Deleted { .. } => Some(State::Deleted.code()),
        End::Retry { .. } | End::Snoozed { .. } | End::HandedBack => None,
    }
}

fn decided(now: i64, held: Held, end: &Finish, claimed_at: i64) -> Ended {
    let base = Ended {
        held,
        chunk: end.fence,
        fence: end.fence,
        event: Event::Succeed,
        charged: true,
        crashed: false,
        due_at: None,
        started_at: Some(claimed_at),
        reason: None,
        output: None,
        entries: Vec::new(),
    };
    match &end.end {
        End::Succeeded { output } => Ended { output: output.clone(), ..base },
        End::Retry { delay, error } => Ended {
            event: Event::Retry,
            due_at: Some(now.saturating_add(micros(*delay))),
            reason: Some(clean(error)),
            entries: vec![(EventKind::AttemptFailed, clean(error))],
            ..base
        },
        End::Failed { error, attempted } => Ended {
            event: Event::Fail,
            reason: Some(clean(error)),
            entries: attempted.then(|| (EventKind::AttemptFailed, clean(error))).into_iter().collect(),
            ..base
        },
        End::Deleted { reason, error } => Ended {
            event: Event::Delete,
            reason: Some(clean(reason)),
            // An attempt that did not fail was not made to its end: it was called off, or the job had expired.
            charged: error.is_some(),
            entries: error
                .iter()
                .map(|error| (EventKind::AttemptFailed, clean(error)))
                .chain([(EventKind::Deleted, clean(reason))])
                .collect(),
            ..base
        },
        End::Snoozed { delay } => Ended {
            event: Event::Snooze,
            charged: false,
            due_at: Some(now.saturating_add(micros(*delay))),
            entries: vec![(EventKind::Snoozed, format!("for {:?}", duration(micros(*delay))))],
            ..base
        },
        End::HandedBack => Ended { event: Event::HandBack, charged: false, started_at: None, ..base },
    }
}

/// Writes ended attempts: the jobs, where they go, their history, their chunks and the statistics.
pub(super) async fn store(write: &mut Write<'_>, ended: Vec<Ended>, chunks: Chunks) -> Res<()> {
    if ended.is_empty() {
        return Ok(());
    }
    let mut homes = Homes::default();
    let mut left: HashMap<Fence, i64> = HashMap::new();
    let mut rows = Vec::with_capacity(ended.len());
    let (mut over, mut delayed) = (Vec::new(), HashSet::new());
    for ended in ended {
        let to = match transition(State::Processing, ended.event) {
            Ok(State::Scheduled) if ended.due_at.is_none_or(|due| due <= write.now) => State::Enqueued,
            Ok(state) => state,
            Err(illegal) => return Err(crate::Error::config(illegal.to_string()).into()),
        };
        homes.add(write, &ended, to, chunks);
        over.extend(Over::of(&ended.held, to));
        if to == State::Scheduled {
            delayed.extend(ended.held.batch);
        }
        *left.entry(ended.chunk).or_default() += 1;
        rows.push((ended, to));
    }
    let now = write.now;
    let table = rows.into_iter().map(|(ended, to)| {
        let is_final = to.is_final();
        line![
            ended.held.id,
            ended.fence.0,
            is_final.then(|| to.code()),
            i64::from(ended.charged),
            i64::from(ended.crashed),
            Value::time(ended.started_at),
            Value::time(is_final.then_some(now)),
            Value::time(ended.due_at),
            ended.reason,
            ended.output,
            i64::from(chunks == Chunks::Kept),
        ]
    });
    write.bulk(&write.sql.finish_jobs, table.collect()).await?;
    let gone = homes.store(write).await?;
    if chunks == Chunks::Left {
        // One that ends in a transaction of its handler's is told of when it leaves its chunk.
        flow::ended(write, over).await?;
        if !delayed.is_empty() {
            flow::delayed(write, delayed.into_iter().collect()).await?;
        }
        leave(write, left).await?;
    }
    super::clean::remove(write, &gone).await
}

/// Where ended jobs go, and what is noted of them.
#[derive(Default)]
struct Homes {
    ready: Vec<Ready>,
    scheduled: Vec<(i64, JobId)>,
    outcomes: Vec<(State, JobId, Line)>,
    entries: Vec<Entry>,
    failures: Vec<Failure>,
    expiries: Vec<(i64, JobId)>,
    gone: Vec<JobId>,
}

impl Homes {
    fn add(&mut self, write: &mut Write<'_>, ended: &Ended, to: State, chunks: Chunks) {
        let Ended { held, .. } = ended;
        write.stats.transit(held.line, State::Processing, to);
        match ended.event {
            Event::Retry => write.stats.count(held.line, Measure::Retried),
            Event::Rescue => write.stats.count(held.line, Measure::Rescued),
            _ => {}
        }
        match to {
            State::Enqueued => self.ready.push(Ready {
                line: held.line,
                priority: held.priority,
                id: held.id,
                once: held.max_attempts <= 1,
                suspect: held.crashes > 0 || ended.crashed,
            }),
            State::Scheduled => self.scheduled.push((ended.due_at.unwrap_or(write.now), held.id)),
            _ => {
                write.effects.ended = true;
                write.stats.count(held.line, final_measure(to));
                if to != State::Succeeded {
                    self.outcomes.push((to, held.id, held.line));
                }
                match kept_for(write, to, held) {
                    Keep::Walk | Keep::Batch => {}
                    Keep::Until(at) => self.expiries.push((at, held.id)),
                    // It has to leave its chunk yet.
                    Keep::Nothing if chunks == Chunks::Kept => {
                        self.expiries.push((write.now.saturating_add(MINUTE), held.id));
                    }
                    Keep::Nothing => self.gone.push(held.id),
                }
            }
        }
        let failed = |entry: &&(EventKind, String)| entry.0 == EventKind::AttemptFailed;
        let error = ended.entries.iter().find(failed).map(|(_, text)| text);
        if let Some(text) = error.or(ended.reason.as_ref().filter(|_| to == State::Failed)) {
            self.failures.push(Failure { job: held.id, kind: held.line.kind, text: text.clone() });
        }
        for (what, text) in &ended.entries {
            let attempt = held.attempt + i64::from(ended.charged);
            self.entries.push(Entry { job: held.id, what: *what, attempt, text: text.clone() });
        }
        if to.is_final() && self.gone.last() == Some(&held.id) {
            write.stats.moved(held.line, Some(to.code()), None);
        }
    }

    /// A job that snoozes for days would fill the table; of snoozes in a row the last tells enough.
    async fn drop_last_snoozes(&self, write: &mut Write<'_>) -> Res<()> {
        let snoozed = self.entries.iter().filter(|entry| entry.what == EventKind::Snoozed).map(|entry| entry.job);
        let list: Vec<_> = snoozed.collect();
        if !list.is_empty() {
            write.execute(&write.sql.event_drop_snooze, args![Value::Ids(list)]).await?;
        }
        Ok(())
    }

    /// Returns the jobs that are not kept.
    async fn store(self, write: &mut Write<'_>) -> Res<Vec<JobId>> {
        insert::ready(write, &self.ready).await?;
        insert::scheduled(write, &self.scheduled).await?;
        outcomes(write, &self.outcomes).await?;
        self.drop_last_snoozes(write).await?;
        events(write, &self.entries).await?;
        errors::note(write, &self.failures).await?;
        insert::expiry(write, &self.expiries).await?;
        Ok(self.gone)
    }
}

/// How long a finished job stays.
enum Keep {
    /// Until the walk over all jobs comes by.
    Walk,
    /// Until its own time.
    Until(i64),
    /// As long as its batch.
    Batch,
    /// It goes with its last write.
    Nothing,
}

fn kept_for(write: &Write<'_>, state: State, held: &Held) -> Keep {
    match held.retain {
        _ if held.batch.is_some() => Keep::Batch,
        Some(0) => Keep::Nothing,
        Some(retain) => Keep::Until(write.now.saturating_add(retain)),
        None if state == State::Succeeded && walk_suffices(write) => Keep::Walk,
        None => Keep::Until(write.now.saturating_add(default_retention(write, state))),
    }
}

/// Whether the walk of retention finds every succeeded job that does not say how long it is kept: one that is stored while the
/// walk is at ids of its own time could be passed over, so the walk keeps an hour's distance or is not relied on.
pub(super) fn walk_suffices(write: &Write<'_>) -> bool {
    walk_is_enough(write.retention())
}

/// The same, of this retention.
pub(crate) fn walk_is_enough(retention: Retention) -> bool {
    micros(retention.succeeded) >= HOUR
}

/// How long jobs that do not say are kept, in microseconds.
pub(super) fn default_retention(write: &Write<'_>, state: State) -> i64 {
    let retention = write.retention();
    micros(match state {
        State::Failed => retention.failed,
        State::Deleted => retention.deleted,
        _ => retention.succeeded,
    })
}

pub(super) const fn final_measure(state: State) -> Measure {
    match state {
        State::Failed => Measure::Failed,
        State::Deleted => Measure::Deleted,
        _ => Measure::Succeeded,
    }
}

/// An entry of a job's history in the making.
pub(super) struct Entry {
    pub(super) job: JobId,
    pub(super) what: EventKind,
    pub(super) attempt: i64,
    pub(super) text: String,
}

pub(super) async fn events(write: &mut Write<'_>, entries: &[Entry]) -> Res<()> {
    let now = write.now;
    let table = entries
        .iter()
        .map(|entry| line![entry.job, Value::time(now), entry.what.code(), entry.attempt, entry.text.clone()])
        .collect();
    write.bulk(&write.sql.event_insert, table).await?;
    Ok(())
}

pub(super) async fn outcomes(write: &mut Write<'_>, rows: &[(State, JobId, Line)]) -> Res<()> {
    let now = write.now;
    let table = rows
        .iter()
        .map(|(state, id, line)| line![state.code(), *id, line.kind, line.queue, Value::time(now)])
        .collect();
    write.bulk(&write.sql.outcome_insert, table).await?;
    Ok(())
}

/// So many jobs have left these chunks; a chunk that the last has left goes.
pub(super) async fn leave(write: &mut Write<'_>, left: HashMap<Fence, i64>) -> Res<()> {
    let fences = Value::ints(left.keys().map(|fence| fence.0));
    let table = left.into_iter().map(|(fence, n)| line![fence.0, n]).collect();
    write.bulk(&write.sql.claim_left, table).await?;
    write.execute(&write.sql.claim_delete_empty, args![fences]).await?;
    Ok(())
}
