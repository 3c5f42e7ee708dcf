//! Storing jobs in one statement of its own, which also claims those that a server of this process has slots for.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::FutureExt;
use sqlx::{
    PgConnection, Row as _,
    postgres::{PgArguments, types::PgInterval},
};
use uuid::Uuid;

use super::{
    chunks::Way,
    copy,
    driver::{Instant, MESSAGE, Place, add, prepared},
    transact::{Core, Single},
};
use crate::{
    Fence, JobId, ServerId,
    error::Result,
    offer::Offer,
    storage::{
        Chunk, Due, NewJob,
        sql::{
            claim,
            fail::Res,
            insert::{self, exhausted_code},
            names::{Names, Noun},
            offer,
            text::{instant, meta_text, micros, tags_text},
            write::{Effects, Sealed},
        },
    },
};

const WHAT: &str = "storing jobs";

/// No span that is added to an instant is longer, so that the sum is one that PostgreSQL knows: some 63,000 years.
const LONGEST: i64 = 2_000_000_000_000_000_000;

/// Stores the jobs that are not known; says for each whether it was new, of several with one id the first.
pub(super) async fn store(core: &Core, jobs: Arc<[NewJob]>) -> Result<Vec<bool>> {
    // Two that are new to the same name would wait for each other's end.
    introduce(core, &jobs).await?;
    let offer = core.shared.hub.offer(&jobs);
    let size: usize = jobs.iter().map(|job| job.payload.len()).sum();
    if core.address.pooled || size > MESSAGE || jobs.len() >= copy::ROWS {
        let offered = offer.clone();
        let storing = core.write(WHAT, move |write| {
            let (jobs, offer) = (Arc::clone(&jobs), offered.clone());
            async move { offer::jobs(write, &jobs, offer.as_deref()).await }.boxed()
        });
        let (new, chunk) = storing.await?;
        start(offer, chunk);
        return Ok(new);
    }
    let mut given = HashSet::with_capacity(jobs.len());
    let firsts: Vec<bool> = jobs.iter().map(|job| given.insert(job.id)).collect();
    let stored = core.alone(WHAT, &Store { jobs: &jobs, firsts: &firsts, offer: offer.as_deref() }).await?;
    let claimed = stored.claim.as_ref().map_or(0, |claim| claim.places.len());
    let effects = Effects { work: stored.new.len() > claimed, ..Effects::default() };
    core.committed(Sealed { effects, names: Names::default() });
    let chunk = stored.claim.zip(offer.as_deref()).map(|(claim, offer)| claim.known(core, offer.server(), &jobs));
    start(offer, chunk);
    Ok(jobs.iter().zip(firsts).map(|(job, first)| first && stored.new.contains(&job.id)).collect())
}

fn start(offer: Option<Arc<Offer>>, chunk: Option<Chunk>) {
    if let Some((offer, chunk)) = offer.zip(chunk) {
        offer.take(chunk);
    }
}

/// Gives names their numbers, in a transaction of their own.
async fn introduce(core: &Core, jobs: &[NewJob]) -> Result<()> {
    let unknown = insert::unknown_names(&core.shared, jobs);
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown: Arc<[_]> = unknown.into();
    core.write("storing names", move |write| {
        let unknown = Arc::clone(&unknown);
        async move { insert::names(write, &unknown).await }.boxed()
    })
    .await
}

struct Store<'j> {
    jobs: &'j [NewJob],
    /// Whether it is the first of its id.
    firsts: &'j [bool],
    offer: Option<&'j Offer>,
}

/// What was stored.
#[derive(Default)]
struct Stored {
    new: HashSet<JobId>,
    claim: Option<Claim>,
}

/// The chunk of those that were claimed at once.
struct Claim {
    fence: Fence,
    /// In microseconds since 1970 UTC.
    claimed_at: i64,
    places: HashMap<JobId, Place>,
}

impl Claim {
    /// The chunk, and that this process holds it.
    fn known(mut self, core: &Core, server: ServerId, jobs: &[NewJob]) -> Chunk {
        let (mut claimed, mut ways) = (Vec::with_capacity(self.places.len()), HashMap::new());
        for job in jobs {
            // Of several with one id the first was stored.
            let Some(place) = self.places.remove(&job.id) else { continue };
            claimed.push(offer::claimed(job, self.claimed_at));
            match job.retain {
                None => ways.insert(job.id, (Way::Kept, place)),
                Some(Duration::ZERO) => ways.insert(job.id, (Way::Gone, place)),
                Some(_) => None,
            };
        }
        core.chunks.add(self.fence, server, ways);
        Chunk { fence: self.fence, claimed_at: instant(self.claimed_at), suspect: false, jobs: claimed }
    }
}

#[async_trait]
impl Single for Store<'_> {
    type Answer = Stored;

    async fn run(&self, core: &Core, connection: &mut PgConnection) -> Res<Self::Answer> {
        let mut columns = Columns::default();
        for (job, _) in self.jobs.iter().zip(self.firsts).filter(|(_, first)| **first) {
            columns.add(core, job)?;
        }
        let offset = span(core.shared.settings.clock_offset.micros());
        let mut arguments = columns.into_arguments(offset)?;
        let statement = match self.offer {
            Some(offer) => {
                add_offer(&mut arguments, core, self.jobs, offer)?;
                &core.own.job_store_offered
            }
            None => &core.own.job_store,
        };
        let rows = prepared(statement, arguments).fetch_all(connection).await?;
        let mut stored = Stored::default();
        for row in rows {
            let id = JobId::from(row.try_get_unchecked::<Uuid, _>(0)?);
            stored.new.insert(id);
            let Some(fence) = row.try_get_unchecked::<Option<i64>, _>(2)? else { continue };
            let claimed_at = row.try_get_unchecked::<Instant, _>(3)?.0;
            let claim = Claim { fence: Fence(fence), claimed_at, places: HashMap::new() };
            let place = Place::of(&row.try_get_unchecked::<Vec<u8>, _>(1)?)?;
            stored.claim.get_or_insert(claim).places.insert(id, place);
        }
        Ok(stored)
    }
}

fn add_offer(arguments: &mut PgArguments, core: &Core, jobs: &[NewJob], offer: &Offer) -> sqlx::Result<()> {
    let number = |noun, name: &Arc<str>| core.shared.number(noun, name).ok_or(sqlx::Error::RowNotFound);
    let (kinds, queues) = offer::lines(jobs, offer);
    let offered = jobs.iter().filter(|job| offer.is_for(job));
    add(arguments, offered.map(|job| job.id.as_uuid()).collect::<Vec<Uuid>>())?;
    add(arguments, offer.server().as_uuid())?;
    add(arguments, claim::server_text(offer.server()))?;
    add(arguments, queues.iter().map(|name| number(Noun::Queue, name)).collect::<sqlx::Result<Vec<i64>>>()?)?;
    add(arguments, kinds.iter().map(|name| number(Noun::Kind, name)).collect::<sqlx::Result<Vec<i64>>>()?)
}

/// The jobs' facts, a column each.
#[derive(Default)]
struct Columns {
    id: Vec<Uuid>,
    kind: Vec<i64>,
    queue: Vec<i64>,
    priority: Vec<i16>,
    payload: Vec<Vec<u8>>,
    due: Vec<Option<Instant>>,
    delay: Vec<PgInterval>,
    max_attempts: Vec<i32>,
    on_exhausted: Vec<i64>,
    timeout: Vec<Option<i64>>,
    expires: Vec<Option<PgInterval>>,
    retain: Vec<Option<i64>>,
    meta: Vec<Option<String>>,
    tags: Vec<Option<String>>,
    recurring: Vec<Option<String>>,
    occurrence: Vec<Option<Instant>>,
}

impl Columns {
    fn add(&mut self, core: &Core, job: &NewJob) -> sqlx::Result<()> {
        let number = |noun, name| core.shared.number(noun, name).ok_or(sqlx::Error::RowNotFound);
        self.id.push(job.id.as_uuid());
        self.kind.push(number(Noun::Kind, &job.kind)?);
        self.queue.push(number(Noun::Queue, &job.queue)?);
        self.priority.push(job.priority);
        self.payload.push(job.payload.clone());
        let (due, delay) = match job.due {
            Due::Now => (None, Duration::ZERO),
            Due::In(delay) => (None, delay),
            Due::At(at) => (Some(Instant(at.as_microsecond())), Duration::ZERO),
        };
        self.due.push(due);
        self.delay.push(span(micros(delay)));
        self.max_attempts.push(i32::from(job.max_attempts));
        self.on_exhausted.push(exhausted_code(job.on_exhausted));
        self.timeout.push(job.timeout.map(micros));
        self.expires.push(job.expires.map(micros).map(span));
        self.retain.push(job.retain.map(micros));
        self.meta.push(meta_text(&job.meta));
        self.tags.push(tags_text(&job.tags));
        self.recurring.push(job.recurring.as_ref().map(|(id, _)| id.to_string()));
        self.occurrence.push(job.recurring.as_ref().map(|(_, at)| Instant(at.as_microsecond())));
        Ok(())
    }

    fn into_arguments(self, offset: PgInterval) -> sqlx::Result<PgArguments> {
        let mut arguments = PgArguments::default();
        add(&mut arguments, offset)?;
        add(&mut arguments, self.id)?;
        add(&mut arguments, self.kind)?;
        add(&mut arguments, self.queue)?;
        add(&mut arguments, self.priority)?;
        add(&mut arguments, self.payload)?;
        add(&mut arguments, self.due)?;
        add(&mut arguments, self.delay)?;
        add(&mut arguments, self.max_attempts)?;
        add(&mut arguments, self.on_exhausted)?;
        add(&mut arguments, self.timeout)?;
        add(&mut arguments, self.expires)?;
        add(&mut arguments, self.retain)?;
        add(&mut arguments, self.meta)?;
        add(&mut arguments, self.tags)?;
        add(&mut arguments, self.recurring)?;
        add(&mut arguments, self.occurrence)?;
        Ok(arguments)
    }
}

fn span(microseconds: i64) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: microseconds.clamp(-LONGEST, LONGEST) }
}
