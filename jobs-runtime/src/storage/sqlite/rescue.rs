//! Putting back the jobs of servers that have died.

use sqlx::Row;

use super::{
    claim,
    error::Res,
    finish::{self, Ended, Held},
    text::{number_list, parse_ids},
    write::Write,
};
use crate::{
    Fence, ServerId,
    job::OnExhausted,
    state::Event,
    storage::{EventKind, Rescued},
};

/// The chunks without a valid lease behind them.
pub(super) async fn candidates(connection: &mut sqlx::SqliteConnection, now: i64) -> sqlx::Result<Vec<Fence>> {
    let rows = sqlx::query(include_str!("sql/rescue_candidates.sql")).bind(now).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get(0).map(Fence)).collect()
}

/// Ends the attempts of all live jobs of these chunks.
pub(super) async fn rescue(write: &mut Write<'_>, chunks: &[Fence], crash_limit: u16) -> Res<Rescued> {
    let rows = sqlx::query(include_str!("sql/rescue_chunks.sql"))
        .bind(number_list(chunks.iter().map(|fence| fence.0)))
        .bind(write.now)
        .fetch_all(&mut *write.connection)
        .await?;
    let mut done = Rescued::default();
    if rows.is_empty() {
        return Ok(done);
    }
    // A new number: with its own the dead server could take the end that is decided here for its own report's.
    let ended_by = finish::next_fence(write).await?;
    for row in rows {
        let fence = Fence(row.try_get(0)?);
        let suspect: bool = row.try_get(1)?;
        let claimed_at: i64 = row.try_get(3)?;
        let ids = parse_ids(row.try_get(2)?)?;
        let mut held = finish::held(write, ids.iter().copied()).await?;
        let mut ended = Vec::new();
        for id in ids {
            if let Some(job) = held.remove(&id).filter(|job| job.is_live_in(fence)) {
                let Decision { event, crashed, text } = decide(&job, suspect, crash_limit);
                match event {
                    Event::Rescue => done.requeued += 1,
                    _ => done.failed += 1,
                }
                ended.push(Ended {
                    held: job,
                    chunk: fence,
                    fence: ended_by,
                    event,
                    charged: true,
                    crashed,
                    due_at: None,
                    started_at: Some(claimed_at),
                    reason: (event != Event::Rescue).then(|| text.clone()),
                    output: None,
                    entries: vec![(EventKind::Rescued, text)],
                });
            }
        }
        finish::store(write, ended).await?;
        // A chunk without a live job has no other end.
        sqlx::query(include_str!("sql/claim_delete.sql")).bind(fence.0).execute(&mut *write.connection).await?;
    }
    Ok(done)
}

/// Hands back what a server that stops still holds. The attempts were not made, so nothing is charged.
pub(super) async fn release(write: &mut Write<'_>, server: ServerId) -> Res<u64> {
    let mut released = 0;
    for (chunk, ids) in claim::claims_of(write.connection, server).await? {
        let held = finish::held(write, ids.into_iter()).await?;
        let live = held.into_values().filter(|job| job.is_live_in(chunk));
        let ended: Vec<_> = live
            .map(|held| Ended {
                held,
                chunk,
                fence: chunk,
                event: Event::HandBack,
                charged: false,
                crashed: false,
                due_at: None,
                started_at: None,
                reason: None,
                output: None,
                entries: Vec::new(),
            })
            .collect();
        released += ended.len() as u64;
        finish::store(write, ended).await?;
    }
    Ok(released)
}

/// What becomes of a job whose server has died.
struct Decision {
    event: Event,
    crashed: bool,
    text: String,
}

/// The first crash counts for everyone in the process; after it a job is claimed alone, and only then is it to blame.
fn decide(held: &Held, suspect: bool, crash_limit: u16) -> Decision {
    let crashed = held.crashes == 0 || suspect;
    let crashes = held.crashes + i64::from(crashed);
    let (event, text) = if crashes >= i64::from(crash_limit) {
        (Event::Fail, format!("crashed: {crashes} times a server died while it ran this job"))
    } else if held.attempt + 1 >= held.max_attempts {
        let event = match held.on_exhausted {
            OnExhausted::Fail => Event::Fail,
            OnExhausted::Delete => Event::Delete,
        };
        (event, format!("crashed: its server died, and all {} attempts are used up", held.max_attempts))
    } else {
        (Event::Rescue, "its server died while it held this job".to_owned())
    };
    Decision { event, crashed, text }
}
