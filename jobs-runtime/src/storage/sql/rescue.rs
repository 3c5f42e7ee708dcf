//! Putting back the jobs of servers that have died.

use super::{
    claim,
    fail::Res,
    finish::{self, Chunks, Ended, Held},
    flow,
    value::{Value, args},
    write::{Read, Write},
};
use crate::{
    Fence, ServerId,
    job::OnExhausted,
    state::Event,
    storage::{EventKind, Rescued},
};

/// The chunks without a valid lease behind them.
pub(super) async fn candidates(read: &mut Read<'_>) -> sqlx::Result<Vec<Fence>> {
    let now = read.now().await?;
    let rows = read.rows(&read.sql.rescue_candidates, args![Value::time(now)]).await?;
    rows.iter().map(|row| row.int(0).map(Fence)).collect()
}

/// Ends the attempts of all live jobs of a chunk, if its server still has no valid lease.
pub(super) async fn rescue(write: &mut Write<'_>, chunk: Fence, crash_limit: u16) -> Res<Rescued> {
    let args = args![Value::ints([chunk.0]), Value::time(write.now)];
    let rows = write.rows(&write.sql.rescue_chunks, args).await?;
    let mut done = Rescued::default();
    if rows.is_empty() {
        return Ok(done);
    }
    // A new number: with its own the dead server could take the end that is decided here for its own report's.
    let ended_by = finish::next_fence(write).await?;
    for row in rows {
        let fence = Fence(row.int(0)?);
        let suspect = row.flag(1)?;
        let claimed_at = row.time(3)?;
        let ids = row.ids(2)?;
        let mut held = finish::held(write, ids.iter().copied()).await?;
        // Those that their handlers have ended leave with the chunk; of another chunk's they are not this one's to tell.
        let leaving = held.values().filter(|job| job.leaves(fence)).map(|job| job.id).collect::<Vec<_>>();
        if !leaving.is_empty() {
            finish::left_behind(write, leaving.iter().copied()).await?;
            let over: Vec<_> = leaving.iter().filter_map(|id| held.get(id)?.over()).collect();
            flow::ended(write, over).await?;
        }
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
        finish::store(write, ended, Chunks::Left).await?;
        // A chunk without a live job has no other end.
        write.execute(&write.sql.claim_delete, args![fence.0]).await?;
    }
    Ok(done)
}

/// Hands back what a server that stops still holds. The attempts were not made, so nothing is charged.
pub(super) async fn release(write: &mut Write<'_>, server: ServerId) -> Res<u64> {
    let mut released = 0;
    let held_chunks = claim::claims_of(&mut write.read(), server).await?;
    // Locked before the jobs, as everywhere.
    let chunks = finish::chunks(write, server, held_chunks.iter().map(|(fence, _)| *fence)).await?;
    for (chunk, ids) in held_chunks.into_iter().filter(|(chunk, _)| chunks.contains_key(chunk)) {
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
        finish::store(write, ended, Chunks::Left).await?;
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
