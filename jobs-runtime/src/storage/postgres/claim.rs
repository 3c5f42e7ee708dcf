//! Taking jobs in one statement of its own.

use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::FutureExt;
use sqlx::PgConnection;

use super::{
    chunks::Way,
    transact::{Core, Single},
};
use crate::{
    Fence, JobId,
    error::Result,
    storage::{
        Chunk, ClaimRequest,
        sql::{
            claim,
            fail::Res,
            names::{Names, Noun},
            text::instant,
            value::{Value, args},
            write::Write,
        },
    },
};

const WHAT: &str = "claiming jobs";

/// Claims for one server. Where the answer is lost, the server finds what it was given by looking at what it holds.
pub(super) async fn claim(core: &Core, request: &ClaimRequest) -> Result<Vec<Chunk>> {
    if request.slots + request.prefetch == 0 {
        return Ok(Vec::new());
    }
    // One after the other: two would skip each other's rows, and the second find nothing although there is work.
    let _turn = core.claiming.lock().await;
    if core.address.pooled {
        let request = request.clone();
        return core
            .write(WHAT, move |write| {
                let request = request.clone();
                async move { claim::claim(write, &request).await }.boxed()
            })
            .await;
    }
    let (chunks, names) = core.alone(WHAT, &Take(request)).await?;
    core.shared.learn(names);
    Ok(chunks)
}

struct Take<'r>(&'r ClaimRequest);

#[async_trait]
impl Single for Take<'_> {
    type Answer = (Vec<Chunk>, Names);

    async fn run(&self, core: &Core, connection: &mut PgConnection) -> Res<Self::Answer> {
        take(core, connection, self.0).await
    }
}

async fn take(core: &Core, connection: &mut PgConnection, request: &ClaimRequest) -> Res<(Vec<Chunk>, Names)> {
    let offset = core.shared.settings.clock_offset.micros();
    // Not a transaction: each statement is committed by itself, and the time is known with the jobs.
    let mut write = Write::new(connection, &core.shared, 0);
    let queues = claim::numbers(&mut write, Noun::Queue, &request.queues).await?;
    let kinds = claim::numbers(&mut write, Noun::Kind, &request.kinds).await?;
    let slow = claim::numbers(&mut write, Noun::Kind, &request.slow).await?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let args = args![
        request.server,
        claim::server_text(request.server),
        offset,
        Value::ints(queues),
        Value::ints(kinds),
        count(request.slots),
        count(request.slots.saturating_add(request.prefetch)),
        Value::ints(slow),
        request.suspects,
    ];
    let rows = write.rows(&core.own.claim_take, args).await?;
    let names = write.seal().await?.names;
    let Some(first) = rows.first() else { return Ok((Vec::new(), names)) };
    core.shared.learn(names);
    let mut write = Write::new(connection, &core.shared, first.time(19)? - offset);
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut ways: Vec<HashMap<JobId, Way>> = Vec::new();
    for row in rows {
        let fence = Fence(row.int(18)?);
        if chunks.last().is_none_or(|chunk| chunk.fence != fence) {
            let claimed_at = instant(row.time(19)?);
            chunks.push(Chunk { fence, claimed_at, suspect: row.flag(20)?, jobs: Vec::new() });
            ways.push(HashMap::new());
        }
        let job = claim::claimed(&mut write, &row, 21).await?;
        if let (Some(chunk), Some(ways)) = (chunks.last_mut(), ways.last_mut()) {
            ways.extend(Way::of(row.int(22)?).map(|way| (job.id, way)));
            chunk.jobs.push(job);
        }
    }
    for (chunk, ways) in chunks.iter().zip(ways) {
        core.chunks.add(chunk.fence, request.server, ways);
    }
    Ok((chunks, write.seal().await?.names))
}
