//! Taking jobs, and what a server is told of those that it holds.

use sqlx::{Row, sqlite::SqliteRow};

use super::{
    bulk::Bulk,
    error::Res,
    finish::{self, Entry},
    insert::{exhausted_from_code, id_at},
    names::Noun,
    stat::Line,
    text::{clean, duration, from_json, from_optional_json, id_list, instant, number_list, parse_ids},
    write::Write,
};
use crate::{
    Fence, JobId, ServerId, State,
    storage::{Chunk, ClaimRequest, ClaimedJob, EventKind, Note, NoteKind, Revocation, Revoked},
};

/// Claims for one server: a suspect alone, and a chunk of ordinary jobs.
pub(super) async fn claim(write: &mut Write<'_>, request: &ClaimRequest) -> Res<Vec<Chunk>> {
    if request.slots + request.prefetch == 0 {
        return Ok(Vec::new());
    }
    let look = Look {
        server: request.server,
        queues: numbers(write, Noun::Queue, &request.queues).await?,
        kinds: number_list(numbers(write, Noun::Kind, &request.kinds).await?),
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
    kinds: String,
}

/// The numbers of names, in order, each once. A name gets its row here, so that the next claim knows its number without asking.
async fn numbers(write: &mut Write<'_>, noun: Noun, names: &[std::sync::Arc<str>]) -> Res<Vec<i64>> {
    let mut numbers = Vec::with_capacity(names.len());
    for name in names {
        let number = write.number(noun, name).await?;
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

async fn suspect(write: &mut Write<'_>, look: &Look) -> Res<Option<SqliteRow>> {
    for queue in &look.queues {
        let row = sqlx::query(include_str!("sql/claim_suspect.sql"))
            .bind(*queue)
            .bind(look.kinds.clone())
            .bind(look.server.as_bytes().to_vec())
            .bind(write.now)
            .fetch_optional(&mut *write.connection)
            .await?;
        if row.is_some() {
            return Ok(row);
        }
    }
    Ok(None)
}

/// The first runnable jobs for the free slots, and after them those that may be prefetched.
async fn ordinary(write: &mut Write<'_>, look: &Look, slots: usize, request: &ClaimRequest) -> Res<Vec<SqliteRow>> {
    let most = slots + request.prefetch;
    let slow = numbers(write, Noun::Kind, &request.slow).await?;
    let mut taken = Vec::new();
    for queue in &look.queues {
        let room = most - taken.len();
        if room == 0 {
            break;
        }
        let rows = sqlx::query(include_str!("sql/claim_ready.sql"))
            .bind(*queue)
            .bind(look.kinds.clone())
            .bind(look.server.as_bytes().to_vec())
            .bind(write.now)
            .bind(i64::try_from(room).unwrap_or(i64::MAX))
            .fetch_all(&mut *write.connection)
            .await?;
        for row in rows {
            let once: bool = row.try_get(18)?;
            if taken.len() < slots || !(once || slow.contains(&row.try_get(1)?)) {
                taken.push(row);
            }
        }
    }
    Ok(taken)
}

/// Moves runnable jobs into a new chunk.
async fn take(write: &mut Write<'_>, server: ServerId, rows: Vec<SqliteRow>, suspect: bool) -> Res<Chunk> {
    let (mut keys, mut jobs) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        let job = claimed(write, row).await?;
        let line = Line { kind: row.try_get(1)?, queue: row.try_get(2)? };
        keys.push(serde_json::json!([line.queue, job.priority, job.id.as_uuid().simple().to_string()]));
        write.stats.transit(line, State::Enqueued, State::Processing);
        jobs.push(job);
    }
    let keys = serde_json::Value::from(keys).to_string();
    sqlx::query(include_str!("sql/ready_delete.sql")).bind(keys).execute(&mut *write.connection).await?;
    let inserted = sqlx::query(include_str!("sql/claim_insert.sql"))
        .bind(server.as_bytes().to_vec())
        .bind(write.now)
        .bind(suspect)
        .bind(i64::try_from(jobs.len()).unwrap_or(i64::MAX))
        .bind(id_list(jobs.iter().map(|job| job.id)))
        .execute(&mut *write.connection)
        .await?;
    Ok(Chunk { fence: Fence(inserted.last_insert_rowid()), claimed_at: instant(write.now), suspect, jobs })
}

async fn claimed(write: &mut Write<'_>, row: &SqliteRow) -> Res<ClaimedJob> {
    let expires_at: Option<i64> = row.try_get(7)?;
    let recurring: Option<String> = row.try_get(16)?;
    let occurrence: Option<i64> = row.try_get(17)?;
    Ok(ClaimedJob {
        id: id_at(row, 0)?,
        kind: write.name(Noun::Kind, row.try_get(1)?).await?,
        queue: write.name(Noun::Queue, row.try_get(2)?).await?,
        priority: row.try_get(3)?,
        payload: row.try_get(4)?,
        created_at: instant(row.try_get(5)?),
        due_at: instant(row.try_get(6)?),
        expired: expires_at.is_some_and(|at| at <= write.now),
        attempt: row.try_get::<u16, _>(8)?.saturating_add(1),
        max_attempts: row.try_get(9)?,
        crashes: row.try_get(10)?,
        cancel_requested: row.try_get(11)?,
        on_exhausted: exhausted_from_code(row.try_get(12)?),
        timeout: row.try_get::<Option<i64>, _>(13)?.map(duration),
        meta: from_optional_json(row.try_get(14)?)?,
        tags: from_optional_json(row.try_get(15)?)?,
        recurring: recurring.zip(occurrence.map(instant)),
    })
}

/// Of these running jobs, those that must stop.
pub(super) async fn revoked(
    connection: &mut sqlx::SqliteConnection,
    running: &[(JobId, Fence)],
) -> sqlx::Result<Vec<Revoked>> {
    let asked = serde_json::Value::from_iter(
        running.iter().map(|(id, fence)| serde_json::json!([id.as_uuid().simple().to_string(), fence.0])),
    );
    let rows = sqlx::query(include_str!("sql/revoked.sql")).bind(asked.to_string()).fetch_all(connection).await?;
    let mut revoked = Vec::new();
    for row in rows {
        let job = row.try_get::<&str, _>(0)?.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let fence: i64 = row.try_get(1)?;
        let ended: Option<i64> = row.try_get(2)?;
        let outcome: Option<i64> = row.try_get(3)?;
        let why = match ended {
            Some(ended) if ended < fence && outcome.is_none() => {
                if !row.try_get::<bool, _>(4)? {
                    continue;
                }
                Revocation::Cancel
            }
            _ => Revocation::Lost,
        };
        revoked.push(Revoked { job, fence: Fence(fence), why });
    }
    Ok(revoked)
}

/// Stores what running handlers tell.
pub(super) async fn note(write: &mut Write<'_>, server: ServerId, notes: &[Note]) -> Res<()> {
    static PROGRESS: Bulk = Bulk::new(include_str!("sql/progress_upsert.sql"), 3);
    let chunks = finish::chunks(write, server, notes.iter().map(|note| note.fence)).await?;
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
    PROGRESS
        .execute(write.connection, &progress, |query, (job, fraction, text)| {
            query.bind(job.as_bytes().to_vec()).bind(*fraction).bind(text.clone())
        })
        .await?;
    finish::events(write, &entries).await
}

/// The chunks of one server.
pub(super) async fn claims_of(
    connection: &mut sqlx::SqliteConnection,
    server: ServerId,
) -> sqlx::Result<Vec<(Fence, Vec<JobId>)>> {
    let rows =
        sqlx::query(include_str!("sql/claim_list.sql")).bind(server.as_bytes().to_vec()).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((Fence(row.try_get(0)?), parse_ids(row.try_get(1)?)?))).collect()
}

/// A JSON list of names.
pub(super) fn name_list(text: &str) -> sqlx::Result<Vec<String>> {
    from_json(text)
}
