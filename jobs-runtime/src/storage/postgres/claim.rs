//! Taking jobs in one statement of its own.

use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::FutureExt;
use sqlx::PgConnection;

use super::{
    chunks::Way,
    driver::Place,
    transact::{Core, Single},
};
use crate::{
    Fence, JobId, ServerId,
    error::Result,
    storage::{
        Chunk, ClaimRequest, ClaimedJob,
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
    let _turn = if request.beside { None } else { Some(core.claiming.lock().await) };
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
    let mut parts: Vec<Part> = Vec::new();
    for row in rows {
        let fence = Fence(row.int(18)?);
        let place = match parts.iter().position(|part| part.fence == fence) {
            Some(place) => place,
            None => {
                let (claimed_at, suspect) = (row.time(19)?, row.flag(20)?);
                parts.push(Part { fence, claimed_at, suspect, jobs: Vec::new(), ways: HashMap::new() });
                parts.len() - 1
            }
        };
        let job = claim::claimed(&mut write, &row, 21).await?;
        if let Some(way) = Way::of(row.int(22)?) {
            parts[place].ways.insert(job.id, (way, Place::of(&row.bytes(23)?)?));
        }
        parts[place].jobs.push((row.int(24)?, job));
    }
    parts.sort_by_key(|part| part.fence);
    let chunks = parts.into_iter().map(|part| part.known(core, request.server)).collect();
    Ok((chunks, write.seal().await?.names))
}

/// A chunk, as its rows come in.
struct Part {
    fence: Fence,
    /// In microseconds since 1970 UTC.
    claimed_at: i64,
    suspect: bool,
    /// With their places in the order of claims.
    jobs: Vec<(i64, ClaimedJob)>,
    ways: HashMap<JobId, (Way, Place)>,
}

impl Part {
    /// The chunk, and that this process holds it.
    fn known(mut self, core: &Core, server: ServerId) -> Chunk {
        core.chunks.add(self.fence, server, self.ways);
        // The plan that the server is led to gives them in order; nothing makes it keep to that.
        if !self.jobs.is_sorted_by_key(|(place, _)| *place) {
            self.jobs.sort_by_key(|(place, _)| *place);
        }
        let jobs = self.jobs.into_iter().map(|(_, job)| job).collect();
        Chunk { fence: self.fence, claimed_at: instant(self.claimed_at), suspect: self.suspect, jobs }
    }
}
