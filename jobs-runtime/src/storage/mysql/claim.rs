//! Taking jobs in two round trips: one that finds and locks them, one that moves them into their chunk.

use std::collections::{BTreeMap, HashMap};

use futures_util::FutureExt;

use super::{
    Core,
    books::{Kept, Plain},
    driver::{Limited, commands, limited},
    error::{is_lost, unknown},
    script::{Reply, Script, stored_ids},
    transact::{abandon, roll_back},
};
use crate::{
    Fence, JobId, State,
    error::Result,
    storage::{
        Chunk, ClaimRequest, ClaimedJob,
        sql::{
            claim,
            fail::{Fail, Res},
            finish::walk_is_enough,
            names::Noun,
            row::{Row, damaged},
            stat::{Line, Stats},
            statement::Sql,
            text::instant,
            value::{Table, Value, line},
            write::Write,
        },
    },
};

pub(super) const WHAT: &str = "claiming jobs";

/// Up to so many pairs of queue and priority are deleted by a statement each.
const PLACES: usize = 8;

/// Claims for one server. Where the answer is lost, the server finds what it was given by looking at what it holds.
pub(super) async fn claim(core: &Core, request: ClaimRequest) -> Result<Vec<Chunk>> {
    if request.slots + request.prefetch == 0 {
        return Ok(Vec::new());
    }
    match quickly(core, &request).await {
        Quick::Done(chunks) => Ok(chunks),
        Quick::Unknown(error) => Err(unknown(error, WHAT)),
        Quick::Not => {
            core.write(WHAT, move |write| {
                let request = request.clone();
                async move { claim::claim(write, &request).await }.boxed()
            })
            .await
        }
    }
}

enum Quick {
    Done(Vec<Chunk>),
    /// The connection was lost at the commit.
    Unknown(sqlx::Error),
    /// Nothing is claimed; the ordinary way is tried, which tells more of what is wrong.
    Not,
}

async fn quickly(core: &Core, request: &ClaimRequest) -> Quick {
    let Some(look) = Look::new(core, request) else { return Quick::Not };
    let Ok(mut taken) = core.writes.take(true).await else { return Quick::Not };
    let mut found = match look.find(&mut taken.connection).await {
        Ok(found) => found,
        Err(Fail::Sql(error)) => {
            abandon(&core.writes, taken, &error).await;
            return Quick::Not;
        }
        Err(_) => {
            roll_back(taken).await;
            return Quick::Not;
        }
    };
    let ended = match found.is_empty() {
        true => limited(commands(&mut taken.connection, "COMMIT")).await.map(|_| Vec::new()),
        false => found.script(core, request).send(&mut taken.connection).await,
    };
    match ended.and_then(|replies| found.into_chunks(core, request, &replies)) {
        Ok(chunks) => {
            taken.give_back();
            Quick::Done(chunks)
        }
        Err(error) if is_lost(&error) => {
            abandon(&core.writes, taken, &error).await;
            Quick::Unknown(error)
        }
        Err(error) => {
            abandon(&core.writes, taken, &error).await;
            Quick::Not
        }
    }
}

/// What is asked for, in numbers.
struct Look<'r> {
    core: &'r Core,
    request: &'r ClaimRequest,
    queues: Vec<i64>,
    kinds: Vec<i64>,
    slow: Vec<i64>,
}

impl<'r> Look<'r> {
    /// `None` where a name is not known here.
    fn new(core: &'r Core, request: &'r ClaimRequest) -> Option<Self> {
        let numbers = |noun, names: &[std::sync::Arc<str>]| -> Option<Vec<i64>> {
            let mut numbers = Vec::with_capacity(names.len());
            for name in names {
                let number = core.shared.number(noun, name)?;
                if !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
            Some(numbers)
        };
        Some(Self {
            core,
            request,
            queues: numbers(Noun::Queue, &request.queues)?,
            kinds: numbers(Noun::Kind, &request.kinds)?,
            slow: numbers(Noun::Kind, &request.slow)?,
        })
    }

    fn add(&self, script: &mut Script, sql: &Sql, queue: i64, limit: usize) {
        let offset = self.core.shared.settings.clock_offset.micros();
        let kinds = Value::ints(self.kinds.iter().copied());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let server = claim::server_text(self.request.server);
        script.add(sql, &line![queue, kinds, self.request.server, limit, server, offset]);
    }

    /// Finds jobs and locks them.
    async fn find(&self, connection: &mut sqlx::MySqlConnection) -> Res<Found> {
        let core = self.core;
        let ClaimRequest { mut slots, prefetch, suspects, .. } = *self.request;
        let mut script = Script::default();
        script.add(&core.own.now, &line![core.shared.settings.clock_offset.micros()]);
        script.plain(include_str!("sql/now_get.sql"));
        let for_suspects = suspects && slots > 0;
        if for_suspects {
            for queue in &self.queues {
                self.add(&mut script, &core.own.claim_take_suspect, *queue, 1);
            }
        }
        let mut queues = self.queues.iter();
        let most = slots + prefetch;
        if let Some(first) = queues.next() {
            self.add(&mut script, &core.own.claim_take, *first, most);
        }
        // BEGIN and SET give nothing.
        let mut replies = script.send(connection).await?.into_iter().skip(2);
        let mut next = || replies.next().map(|reply| reply.rows).unwrap_or_default();
        let now = next().first().ok_or(sqlx::Error::RowNotFound)?.int(0)?;
        let mut found = Found::new(now);
        if for_suspects {
            let mut rows: Vec<_> = (0..self.queues.len()).flat_map(|_| next()).collect();
            rows.truncate(1);
            slots -= rows.len();
            found.suspect = found.take(core, connection, rows).await?;
        }
        let most = slots + prefetch;
        let mut rows = next();
        rows.truncate(most);
        let mut ordinary = self.startable(rows, 0, slots)?;
        for queue in queues {
            if ordinary.len() >= most {
                break;
            }
            let mut script = Script::default();
            self.add(&mut script, &core.own.claim_take, *queue, most - ordinary.len());
            let rows = script.send(connection).await?.into_iter().next().unwrap_or_default().rows;
            let more = self.startable(rows, ordinary.len(), slots)?;
            ordinary.extend(more);
        }
        found.ordinary = found.take(core, connection, ordinary).await?;
        Ok(found)
    }

    /// Beyond the free slots, those that may be taken in advance.
    fn startable(&self, rows: Vec<Row>, taken: usize, slots: usize) -> sqlx::Result<Vec<Row>> {
        let mut startable = Vec::with_capacity(rows.len());
        for row in rows {
            let once = row.flag(18)?;
            if taken + startable.len() < slots || !(once || self.slow.contains(&row.int(1)?)) {
                startable.push(row);
            }
        }
        Ok(startable)
    }
}

/// What was found and is locked.
struct Found {
    now: i64,
    suspect: Vec<ClaimedJob>,
    ordinary: Vec<ClaimedJob>,
    /// By the places in `ready`: whether suspect, queue, turn.
    places: BTreeMap<(bool, i64, i64), Vec<JobId>>,
    plain: HashMap<JobId, Plain>,
    stats: Stats,
}

impl Found {
    fn new(now: i64) -> Self {
        Self {
            now,
            suspect: Vec::new(),
            ordinary: Vec::new(),
            places: BTreeMap::new(),
            plain: HashMap::new(),
            stats: Stats::default(),
        }
    }

    fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    async fn take(
        &mut self,
        core: &Core,
        connection: &mut sqlx::MySqlConnection,
        rows: Vec<Row>,
    ) -> Res<Vec<ClaimedJob>> {
        let mut limited = Limited(connection);
        let clock = self.now - core.shared.settings.clock_offset.micros();
        let mut write = Write::new(&mut limited, &core.shared, clock);
        let mut jobs = Vec::with_capacity(rows.len());
        for row in rows {
            let job = claim::claimed(&mut write, &row, 19).await?;
            let line = Line { kind: row.int(1)?, queue: row.int(2)? };
            self.stats.transit(line, State::Enqueued, State::Processing);
            let place = (job.crashes > 0, line.queue, -i64::from(job.priority));
            self.places.entry(place).or_default().push(job.id);
            let kept = match row.opt_int(20)? {
                _ if job.batch.is_some() => None,
                None => walk_is_enough(core.shared.settings.retention).then_some(Kept::Walk),
                Some(0) => job.recurring.is_none().then_some(Kept::Nothing),
                Some(_) => None,
            };
            if let Some(kept) = kept {
                self.plain.insert(job.id, Plain { line, kept });
            }
            jobs.push(job);
        }
        Ok(jobs)
    }

    /// Moves what was found into chunks, which is the end of the transaction.
    fn script(&mut self, core: &Core, request: &ClaimRequest) -> Script {
        let mut script = Script::default();
        for (suspect, jobs) in [(true, &self.suspect), (false, &self.ordinary)] {
            if jobs.is_empty() {
                continue;
            }
            let members = i64::try_from(jobs.len()).unwrap_or(i64::MAX);
            let ids = stored_ids(jobs.iter().map(|job| job.id));
            let values = line![request.server, Value::time(self.now), suspect, members, ids];
            script.add(&core.shared.sql.claim_insert, &values);
        }
        if self.places.len() <= PLACES {
            for ((suspect, queue, turn), ids) in &self.places {
                script.add(&core.own.claim_gone, &line![*suspect, *queue, *turn, stored_ids(ids.iter().copied())]);
            }
        } else {
            let keys =
                self.places.iter().flat_map(|((_, queue, turn), ids)| ids.iter().map(|id| line![*queue, -*turn, *id]));
            script.rows(&core.shared.sql.ready_delete, &keys.collect::<Table>());
        }
        let (totals, _) = std::mem::take(&mut self.stats).tables(&Value::from(0_i64));
        script.rows(&core.shared.sql.total_add, &totals);
        script.plain("COMMIT");
        script
    }

    fn into_chunks(self, core: &Core, request: &ClaimRequest, replies: &[Reply]) -> sqlx::Result<Vec<Chunk>> {
        let mut plain = self.plain;
        let mut chunks = Vec::new();
        let parts = [(true, self.suspect), (false, self.ordinary)].into_iter().filter(|(_, jobs)| !jobs.is_empty());
        for ((suspect, jobs), reply) in parts.zip(replies) {
            let number = i64::try_from(reply.number);
            let fence = Fence(number.map_err(|_| damaged(format!("the fence {} is out of range", reply.number)))?);
            let known = jobs.iter().filter_map(|job| Some((job.id, plain.remove(&job.id)?))).collect::<HashMap<_, _>>();
            if !known.is_empty() {
                core.books.note(fence, request.server, self.now, known);
            }
            chunks.push(Chunk { fence, claimed_at: instant(self.now), suspect, jobs });
        }
        Ok(chunks)
    }
}
