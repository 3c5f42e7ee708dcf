//! Storing jobs as texts of many statements, where they are like most: new, due now, and on their own. Up to some hundreds are one
//! text and one round trip; more of them are several, of one transaction.

use std::sync::Arc;

use super::{
    Core,
    script::Script,
    transact::{Sent, send_all},
};
use crate::{
    State,
    storage::{
        Due, NewJob,
        sql::{
            insert::{are_named_alike, exhausted_code},
            names::{Names, Noun},
            stat::{HOUR, Line, Stats},
            text::{meta_text, micros, tags_text},
            value::{Table, Value, line},
            write::{Effects, Sealed},
        },
    },
};

/// The most bytes of payloads and texts that one text carries: any server takes what becomes of them and of the most jobs.
const BYTES: usize = 128 * 1024;
/// The most jobs.
const JOBS: usize = 500;
/// The least distance of an id's time from the end of its hour.
const MARGIN: i64 = 1_000_000;

/// Stores all of the jobs. [`Sent::Not`] where they are not of that kind, or the database refused, of which the ordinary way tells more.
pub(super) async fn store(core: &Core, jobs: &Arc<[NewJob]>) -> Sent<()> {
    let Some(plan) = Plan::of(core, jobs) else { return Sent::Not };
    let sent = send_all(&core.writes, plan.texts(core)).await;
    if let Sent::Done(_) = sent {
        let effects = Effects { work: true, ..Effects::default() };
        core.committed(Sealed { effects, names: Names::default() });
    }
    sent.map(drop)
}

/// The jobs of a transaction, in parts that are a text each.
struct Plan<'j> {
    parts: Vec<Vec<(&'j NewJob, Line)>>,
    /// The times of the oldest and the newest of their ids.
    oldest: i64,
    newest: i64,
    totals: Table,
    counts: Table,
}

impl<'j> Plan<'j> {
    /// `None` where one of them is not of that kind.
    fn of(core: &Core, jobs: &'j [NewJob]) -> Option<Self> {
        let (mut oldest, mut newest, mut stats) = (i64::MAX, i64::MIN, Stats::default());
        let (mut parts, mut bytes) = (Vec::<Vec<(&NewJob, Line)>>::new(), 0);
        for alike in jobs.chunk_by(are_named_alike) {
            let first = alike.first()?;
            let line = Line {
                kind: core.shared.number(Noun::Kind, &first.kind)?,
                queue: core.shared.number(Noun::Queue, &first.queue)?,
            };
            stats.created(line, State::Enqueued, i64::try_from(alike.len()).ok()?);
            for job in alike {
                let size = size(job);
                if !is_plain(job) || size > BYTES {
                    return None;
                }
                let time = time(job);
                (oldest, newest) = (oldest.min(time), newest.max(time));
                bytes += size;
                match parts.last_mut() {
                    Some(part) if part.len() < JOBS && bytes <= BYTES => part.push((job, line)),
                    _ => {
                        parts.push(vec![(job, line)]);
                        bytes = size;
                    }
                }
            }
        }
        let (totals, counts) = stats.tables(&Value::from(0_i64));
        Some(Self { parts, oldest, newest, totals, counts })
    }

    /// Each is written when it is asked for: by then the server has the one before.
    fn texts(&self, core: &Core) -> impl Iterator<Item = Script> + Send {
        let last = self.parts.len().saturating_sub(1);
        self.parts.iter().enumerate().map(move |(at, part)| {
            let mut script = Script::default();
            if at == 0 {
                self.begin(core, &mut script);
            }
            insert(core, part, &mut script);
            if at == last {
                self.end(core, &mut script);
            }
            script
        })
    }

    fn begin(&self, core: &Core, script: &mut Script) {
        script.add(&core.own.now, &line![core.shared.settings.clock_offset.micros()]);
        // Retention finds jobs by the time of their ids; one that lies elsewhere gets a row of its own, the ordinary way.
        let (from, to) = (self.newest.saturating_sub(HOUR - MARGIN), self.oldest.saturating_add(HOUR - MARGIN));
        script.add(&core.own.now_between, &line![from, to]);
    }

    fn end(&self, core: &Core, script: &mut Script) {
        script.rows(&core.shared.sql.total_add, &self.totals);
        script.rows(&core.own.stat_now, &self.counts);
        script.plain("COMMIT");
    }
}

fn insert(core: &Core, part: &[(&NewJob, Line)], script: &mut Script) {
    let facts = part.iter().map(|(job, line)| {
        line![
            job.id,
            line.kind,
            line.queue,
            i64::from(job.priority),
            job.payload.clone(),
            i64::from(job.max_attempts),
            exhausted_code(job.on_exhausted),
            job.timeout.map(micros),
            job.expires.map(micros),
            job.retain.map(micros),
            meta_text(&job.meta),
            tags_text(&job.tags),
        ]
    });
    script.rows(&core.own.job_store, &facts.collect());
    let ready = part
        .iter()
        .map(|(job, line)| line![line.queue, i64::from(job.priority), job.id, line.kind, job.max_attempts <= 1, false]);
    script.rows(&core.shared.sql.ready_insert, &ready.collect());
}

fn is_plain(job: &NewJob) -> bool {
    job.due == Due::Now && job.recurring.is_none() && job.batch.is_none() && job.waits.is_none()
}

fn size(job: &NewJob) -> usize {
    let meta: usize = job.meta.iter().map(|(key, value)| key.len() + value.len()).sum();
    job.payload.len() + meta + job.tags.iter().map(String::len).sum::<usize>()
}

/// When the job's id was made, in microseconds.
fn time(job: &NewJob) -> i64 {
    let mut millis = [0; 8];
    millis[2..].copy_from_slice(&job.id.as_bytes()[..6]);
    i64::from_be_bytes(millis).saturating_mul(1_000)
}
