//! Taking jobs, and what a server is told of those that it holds.

use super::{
    fail::Res,
    finish::{self, Entry},
    insert::exhausted_from_code,
    names::Noun,
    row::Row,
    stat::Line,
    text::{clean, duration, from_optional_json, instant},
    value::{Value, args, line},
    write::{Read, Write},
};
use crate::{
    Fence, JobId, ServerId, State,
    storage::{Chunk, ClaimRequest, ClaimedJob, EventKind, Note, NoteKind, Revocation, Revoked},
};

/// Claims for one server: a suspect alone, and a chunk of ordinary jobs.
pub(crate) async fn claim(write: &mut Write<'_>, request: &ClaimRequest) -> Res<Vec<Chunk>> {
    if request.slots + request.prefetch == 0 {
        return Ok(Vec::new());
    }
    let look = Look {
        server: request.server,
        queues: numbers(write, Noun::Queue, &request.queues).await?,
        kinds: numbers(write, Noun::Kind, &request.kinds).await?,
    };
    let mut chunks = Vec::new();
    let mut slots = request.slots;
    if request.suspects
        && slots > 0
        && let Some(suspect) = suspect(write, &look).await?
    {
        chunks.push(take(write, request.server, vec![suspect], true).await?);
        slots -= 1;
    }
    let ordinary = ordinary(write, &look, slots, request).await?;
    if !ordinary.is_empty() {
        chunks.push(take(write, request.server, ordinary, false).await?);
    }
    Ok(chunks)
}

/// What a server may be given; nothing, when its lease has ended.
struct Look {
    server: ServerId,
    queues: Vec<i64>,
    kinds: Vec<i64>,
}

impl Look {
    fn args(&self, queue: i64, now: i64, limit: i64) -> Vec<Value> {
        let kinds = Value::ints(self.kinds.iter().copied());
        args![queue, kinds, self.server, Value::time(now), limit, server_text(self.server)]
    }
}

/// A server as pauses name it.
pub(crate) fn server_text(server: ServerId) -> String {
    server.as_uuid().simple().to_string()
}

/// The numbers of names, in order, each once. A name gets its row here, so that the next claim knows its number without asking.
pub(crate) async fn numbers(write: &mut Write<'_>, noun: Noun, names: &[std::sync::Arc<str>]) -> Res<Vec<i64>> {
    let mut numbers = Vec::with_capacity(names.len());
    for name in names {
        let number = write.number(noun, name).await?;
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

async fn suspect(write: &mut Write<'_>, look: &Look) -> Res<Option<Row>> {
    for queue in &look.queues {
        let args = look.args(*queue, write.now, 1);
        let row = write.optional(&write.sql.claim_suspect, args).await?;
        if row.is_some() {
            return Ok(row);
        }
    }
    Ok(None)
}

/// The first runnable jobs for the free slots, and after them those that may be prefetched.
async fn ordinary(write: &mut Write<'_>, look: &Look, slots: usize, request: &ClaimRequest) -> Res<Vec<Row>> {
    let most = slots + request.prefetch;
    let slow = numbers(write, Noun::Kind, &request.slow).await?;
    let mut taken = Vec::new();
    for queue in &look.queues {
        let room = most - taken.len();
        if room == 0 {
            break;
        }
        let args = look.args(*queue, write.now, i64::try_from(room).unwrap_or(i64::MAX));
        let rows = write.rows(&write.sql.claim_ready, args).await?;
        for row in rows {
            let once = row.flag(18)?;
            if taken.len() < slots || !(once || slow.contains(&row.int(1)?)) {
                taken.push(row);
            }
        }
    }
    Ok(taken)
}

/// Moves runnable jobs into a new chunk.
async fn take(write: &mut Write<'_>, server: ServerId, rows: Vec<Row>, suspect: bool) -> Res<Chunk> {
    let mut jobs = Vec::with_capacity(rows.len());
    let mut keys = Vec::with_capacity(rows.len());
    for row in &rows {
        let job = claimed(write, row, 19).await?;
        let line = Line { kind: row.int(1)?, queue: row.int(2)? };
        keys.push(line![line.queue, i64::from(job.priority), job.id]);
        write.stats.transit(line, State::Enqueued, State::Processing);
        jobs.push(job);
    }
    write.bulk(&write.sql.ready_delete, keys.into_iter().collect()).await?;
    chunk(write, server, jobs, suspect).await
}

/// Makes a chunk of jobs that are nowhere else.
pub(super) async fn chunk(write: &mut Write<'_>, server: ServerId, jobs: Vec<ClaimedJob>, suspect: bool) -> Res<Chunk> {
    let members = i64::try_from(jobs.len()).unwrap_or(i64::MAX);
    let ids = Value::ids(jobs.iter().map(|job| job.id));
    let args = args![server, Value::time(write.now), suspect, members, ids];
    let fence = Fence(write.insert(&write.sql.claim_insert, args).await?);
    Ok(Chunk { fence, claimed_at: instant(write.now), suspect, jobs })
}

/// Reads a claimed job; `batch` is the column of its batch.
pub(crate) async fn claimed(write: &mut Write<'_>, row: &Row, batch: usize) -> Res<ClaimedJob> {
    Ok(ClaimedJob {
        id: row.job(0)?,
        kind: write.name(Noun::Kind, row.int(1)?).await?,
        queue: write.name(Noun::Queue, row.int(2)?).await?,
        priority: row.narrow(3)?,
        payload: row.bytes(4)?,
        created_at: instant(row.time(5)?),
        due_at: instant(row.time(6)?),
        expired: row.opt_time(7)?.is_some_and(|at| at <= write.now),
        attempt: row.narrow::<u16>(8)?.saturating_add(1),
        max_attempts: row.narrow(9)?,
        crashes: row.narrow(10)?,
        cancel_requested: row.flag(11)?,
        on_exhausted: exhausted_from_code(row.int(12)?),
        timeout: row.opt_int(13)?.map(duration),
        meta: from_optional_json(row.opt_text(14)?)?,
        tags: from_optional_json(row.opt_text(15)?)?,
        recurring: row.opt_text(16)?.zip(row.opt_time(17)?.map(instant)),
        batch: row.opt_batch(batch)?,
    })
}

/// Of these running jobs, those that must stop.
pub(super) async fn revoked(read: &mut Read<'_>, running: &[(JobId, Fence)]) -> sqlx::Result<Vec<Revoked>> {
    if running.is_empty() {
        return Ok(Vec::new());
    }
    let asked = running.iter().map(|(id, fence)| line![*id, fence.0]).collect();
    let mut revoked = Vec::new();
    for row in read.connection.bulk_rows(&read.sql.revoked, asked).await? {
        let fence = row.int(1)?;
        let why = match row.opt_int(2)? {
            Some(ended) if ended < fence && row.opt_int(3)?.is_none() => {
                if !row.flag(4)? {
                    continue;
                }
                Revocation::Cancel
            }
            _ => Revocation::Lost,
        };
        revoked.push(Revoked { job: row.job(0)?, fence: Fence(fence), why });
    }
    Ok(revoked)
}

/// Stores what running handlers tell.
pub(super) async fn note(write: &mut Write<'_>, server: ServerId, notes: &[Note]) -> Res<()> {
    // The jobs' own rows guard what is written; their chunks are left free for others to end.
    let chunks = finish::chunks_seen(write, server).await?;
    let held = finish::held(write, notes.iter().map(|note| note.job)).await?;
    let (mut progress, mut entries) = (Vec::new(), Vec::new());
    for note in notes {
        let live = held.get(&note.job).is_some_and(|job| job.is_live_in(note.fence))
            && chunks.get(&note.fence).is_some_and(|chunk| chunk.has(note.job));
        if !live {
            continue;
        }
        match &note.what {
            NoteKind::Progress(fraction, text) => progress.push((note.job, *fraction, clean(text))),
            NoteKind::Log(text) => entries.push(Entry {
                job: note.job,
                what: EventKind::Log,
                attempt: i64::from(note.attempt),
                text: clean(text),
            }),
        }
    }
    let table = progress.into_iter().map(|(job, fraction, text)| line![job, fraction, text]).collect();
    write.bulk(&write.sql.progress_upsert, table).await?;
    finish::events(write, &entries).await
}

/// The chunks of one server.
pub(super) async fn claims_of(read: &mut Read<'_>, server: ServerId) -> sqlx::Result<Vec<(Fence, Vec<JobId>)>> {
    let rows = read.rows(&read.sql.claim_list, args![server]).await?;
    rows.iter().map(|row| Ok((Fence(row.int(0)?), row.ids(1)?))).collect()
}
