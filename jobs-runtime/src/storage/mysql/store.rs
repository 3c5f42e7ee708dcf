//! Storing jobs in one round trip, where they are like most: new, due now, and on their own.

use std::sync::Arc;

use super::{
    Core,
    script::Script,
    transact::{Sent, send},
};
use crate::{
    State,
    storage::{
        Due, Measure, NewJob,
        sql::{
            insert::exhausted_code,
            names::{Names, Noun},
            stat::{HOUR, Line, Stats},
            text::{meta_text, micros, tags_text},
            value::{Table, Value, line},
            write::{Effects, Sealed},
        },
    },
};

/// The most bytes of payloads and texts: any server takes what becomes of them and of the most jobs.
const BYTES: usize = 128 * 1024;
/// The most jobs.
const JOBS: usize = 500;
/// The least distance of an id's time from the end of its hour.
const MARGIN: i64 = 1_000_000;

/// Stores all of the jobs. [`Sent::Not`] where they are not of that kind, or the database refused, of which the ordinary way tells more.
pub(super) async fn store(core: &Core, jobs: &Arc<[NewJob]>) -> Sent<()> {
    let Some(script) = script(core, jobs) else { return Sent::Not };
    let sent = send(&core.writes, script).await;
    if let Sent::Done(_) = sent {
        let effects = Effects { work: true, ..Effects::default() };
        core.committed(Sealed { effects, names: Names::default() });
    }
    sent.map(drop)
}

fn script(core: &Core, jobs: &[NewJob]) -> Option<Script> {
    if jobs.len() > JOBS || jobs.iter().map(size).sum::<usize>() > BYTES {
        return None;
    }
    let (mut facts, mut ready, mut stats) =
        (Vec::with_capacity(jobs.len()), Vec::with_capacity(jobs.len()), Stats::default());
    let (mut oldest, mut newest) = (i64::MAX, i64::MIN);
    for job in jobs {
        if job.due != Due::Now || job.recurring.is_some() || job.batch.is_some() || job.waits.is_some() {
            return None;
        }
        let time = time(job);
        (oldest, newest) = (oldest.min(time), newest.max(time));
        let line = Line {
            kind: core.shared.number(Noun::Kind, &job.kind)?,
            queue: core.shared.number(Noun::Queue, &job.queue)?,
        };
        let (max_attempts, priority) = (i64::from(job.max_attempts), i64::from(job.priority));
        facts.push(line![
            job.id,
            line.kind,
            line.queue,
            priority,
            job.payload.clone(),
            max_attempts,
            exhausted_code(job.on_exhausted),
            job.timeout.map(micros),
            job.expires.map(micros),
            job.retain.map(micros),
            meta_text(&job.meta),
            tags_text(&job.tags),
        ]);
        ready.push(line![line.queue, priority, job.id, line.kind, max_attempts <= 1, false]);
        stats.moved(line, None, Some(State::Enqueued.code()));
        stats.count(line, Measure::Created);
    }
    let sql = &core.shared.sql;
    let (totals, counts) = stats.tables(&Value::from(0_i64));
    let mut script = Script::default();
    script.add(&core.own.now, &line![core.shared.settings.clock_offset.micros()]);
    // Retention finds jobs by the time of their ids; one that lies elsewhere gets a row of its own, the ordinary way.
    let (from, to) = (newest.saturating_sub(HOUR - MARGIN), oldest.saturating_add(HOUR - MARGIN));
    script.add(&core.own.now_between, &line![from, to]);
    script.rows(&core.own.job_store, &facts.into_iter().collect::<Table>());
    script.rows(&sql.ready_insert, &ready.into_iter().collect::<Table>());
    script.rows(&sql.total_add, &totals);
    script.rows(&core.own.stat_now, &counts);
    script.plain("COMMIT");
    Some(script)
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
