//! Ending attempts in one round trip, where they ended like most: well, without an output, in jobs for which nobody waits.

use std::collections::{BTreeMap, HashSet};

use super::{
    Core,
    books::Kept,
    script::Script,
    transact::{Sent, send},
};
use crate::{
    Fence, JobId, ServerId, State,
    storage::{
        End, Finish, Measure,
        failpoint::{self, Failpoint},
        sql::{
            finish::count_times,
            names::Names,
            stat::Stats,
            value::{Value, line},
            write::{Effects, Sealed},
        },
    },
};

/// Ends, told apart.
pub(super) struct Split {
    /// Whether each is among `succeeded`.
    pub(super) is_plain: Vec<bool>,
    pub(super) succeeded: Succeeded,
}

/// Jobs that have succeeded, by their chunks, and what is counted of them.
#[derive(Default)]
pub(super) struct Succeeded {
    chunks: BTreeMap<Fence, Leaving>,
    stats: Stats,
}

#[derive(Default)]
struct Leaving {
    claimed_at: i64,
    kept: Vec<JobId>,
    gone: Vec<JobId>,
}

/// Tells apart what can be ended in one round trip; `None` where nothing can.
pub(super) fn split(core: &Core, server: ServerId, ends: &[Finish]) -> Option<Split> {
    if failpoint::is_armed() {
        return None;
    }
    let mut succeeded = Succeeded::default();
    let is_plain: Vec<bool> = ends.iter().map(|end| succeeded.take(core, server, end)).collect();
    let mut jobs = HashSet::with_capacity(ends.len());
    // Of two ends of one job the first counts: they are not to be parted.
    let is_each_once = ends.iter().all(|end| jobs.insert(end.job));
    (is_each_once && !succeeded.chunks.is_empty()).then_some(Split { is_plain, succeeded })
}

impl Succeeded {
    fn take(&mut self, core: &Core, server: ServerId, end: &Finish) -> bool {
        // Whatever became of it, it is not ended a second time.
        let Some((plain, claimed_at)) = core.books.take(end.fence, server, end.job) else { return false };
        if !matches!(end.end, End::Succeeded { output: None }) {
            return false;
        }
        let chunk = self.chunks.entry(end.fence).or_default();
        chunk.claimed_at = claimed_at;
        count_times(&mut self.stats, plain.line, end);
        self.stats.transit(plain.line, State::Processing, State::Succeeded);
        self.stats.count(plain.line, Measure::Succeeded);
        match plain.kept {
            Kept::Walk => chunk.kept.push(end.job),
            Kept::Nothing => {
                self.stats.moved(plain.line, Some(State::Succeeded.code()), None);
                chunk.gone.push(end.job);
            }
        }
        true
    }
}

/// Ends them all, if the server has the right to each and each is as it was claimed; else none.
pub(super) async fn succeed(core: &Core, server: ServerId, succeeded: Succeeded) -> Sent<()> {
    failpoint::reached(Failpoint::Begun);
    let sent = send(&core.writes, script(core, server, succeeded)).await;
    if let Sent::Done(_) = sent {
        let effects = Effects { ended: true, ..Effects::default() };
        core.committed(Sealed { effects, names: Names::default() });
    }
    sent.map(drop)
}

fn script(core: &Core, server: ServerId, succeeded: Succeeded) -> Script {
    let Succeeded { mut chunks, stats } = succeeded;
    let own = &core.own;
    let mut script = Script::default();
    script.add(&own.now, &line![core.shared.settings.clock_offset.micros()]);
    let guard = |script: &mut Script, rows: usize| script.add(&own.now_if_changed, &line![count(rows)]);
    for (fence, chunk) in &chunks {
        let left = count(chunk.kept.len() + chunk.gone.len());
        script.add(&own.chunk_left, &line![fence.0, server, left]);
        guard(&mut script, 1);
    }
    for (fence, chunk) in &mut chunks {
        chunk.kept.sort_unstable();
        chunk.gone.sort_unstable();
        if !chunk.kept.is_empty() {
            let ids = Value::ids(chunk.kept.iter().copied());
            script.add(&own.chunk_succeeded, &[fence.0.into(), Value::time(chunk.claimed_at), ids]);
            guard(&mut script, chunk.kept.len());
        }
        if let (Some(first), Some(last)) = (chunk.gone.first(), chunk.gone.last()) {
            let ids = Value::ids(chunk.gone.iter().copied());
            script.add(&own.chunk_gone, &[fence.0.into(), ids.clone()]);
            guard(&mut script, chunk.gone.len());
            let among = [(*first).into(), (*last).into(), ids];
            script.add(&own.chunk_gone_events, &among);
            script.add(&own.chunk_gone_progress, &among);
        }
    }
    let fences = serde_json::Value::from_iter(chunks.keys().map(|fence| fence.0));
    script.add(&core.shared.sql.claim_delete_empty, &line![fences.to_string()]);
    let (totals, counts) = stats.tables(&Value::from(0_i64));
    script.rows(&core.shared.sql.total_add, &totals);
    script.rows(&own.stat_now, &counts);
    script.plain("COMMIT");
    script
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
