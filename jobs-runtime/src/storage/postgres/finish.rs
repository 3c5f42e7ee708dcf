//! Ending attempts: those that have succeeded, and that nothing else follows from, in one statement that is its own transaction; what it
//! refuses, and everything else, in the ordinary way.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::FutureExt;
use sqlx::{PgConnection, Row as _, postgres::PgArguments};
use uuid::Uuid;

use super::{
    chunks::Way,
    driver::{MESSAGE, Place, add, prepared},
    transact::{Core, Single},
};
use crate::{
    JobId, ServerId,
    error::Result,
    storage::{
        Accepted, End, Finish,
        failpoint::{self, Failpoint},
        sql::{
            fail::Res,
            finish, group,
            names::Names,
            stat,
            write::{Effects, Sealed},
        },
    },
};

const WHAT: &str = "ending attempts";

/// Ends the attempts that a server reports.
pub(super) async fn end(core: &Arc<Core>, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
    let mut answers: Vec<Option<Accepted>> = vec![None; ends.len()];
    // Whether it may have been removed by a statement whose answer was lost.
    let mut doubtful = HashSet::new();
    let (kept, gone) = parted(core, server, &ends);
    for (way, picked) in [(Way::Kept, kept), (Way::Gone, gone)] {
        if picked.is_empty() {
            continue;
        }
        let (done, lost) = at_once(core, server, &ends, &picked, way).await;
        for (index, _) in picked {
            let job = ends[index].job;
            if done.contains(&job) {
                answers[index] = Some(Accepted::Yes);
            } else if lost && way == Way::Gone {
                doubtful.insert(job);
            }
        }
    }
    let rest = ends.into_iter().zip(&answers).filter(|(_, answer)| answer.is_none()).map(|(end, _)| end);
    let rest: Vec<_> = rest.collect();
    let jobs: Vec<_> = rest.iter().map(|end| end.job).collect();
    let ordinary = if rest.is_empty() { Vec::new() } else { ordinary(core, server, rest).await? };
    let mut ordinary = ordinary.into_iter().zip(jobs).map(|(answer, job)| match answer {
        Accepted::Stale if doubtful.contains(&job) => Accepted::Again,
        answer => answer,
    });
    Ok(answers.into_iter().filter_map(|answer| answer.or_else(|| ordinary.next())).collect())
}

async fn ordinary(core: &Arc<Core>, server: ServerId, ends: Vec<Finish>) -> Result<Vec<Accepted>> {
    let core = Arc::clone(core);
    let mut end_all = move |ends: Vec<Finish>| {
        let (core, ends): (_, Arc<[Finish]>) = (Arc::clone(&core), ends.into());
        async move {
            core.write(WHAT, move |write| {
                let ends = Arc::clone(&ends);
                async move { finish::finish(write, server, &ends).await }.boxed()
            })
            .await
        }
    };
    group::finish(ends, &mut end_all).await
}

/// Which end it is, and where its job's row is.
type Picked = (usize, Place);

/// Those that may end in one statement, in the order of their ids: those that are kept, and those that go.
fn parted(core: &Core, server: ServerId, ends: &[Finish]) -> (Vec<Picked>, Vec<Picked>) {
    let (mut kept, mut gone, mut size) = (Vec::new(), Vec::new(), 0);
    if core.address.pooled {
        return (kept, gone);
    }
    let walks = finish::walk_is_enough(core.shared.settings.retention);
    for (index, end) in ends.iter().enumerate() {
        let way = core.chunks.take(end.fence, server, end.job);
        let End::Succeeded { output } = &end.end else { continue };
        size += output.as_ref().map_or(0, Vec::len);
        match way.filter(|_| size <= MESSAGE) {
            Some((Way::Kept, place)) if walks => kept.push((index, place)),
            Some((Way::Gone, place)) => gone.push((index, place)),
            _ => {}
        }
    }
    // Everybody holds jobs in one order.
    kept.sort_unstable_by_key(|(index, _)| ends[*index].job);
    gone.sort_unstable_by_key(|(index, _)| ends[*index].job);
    (kept, gone)
}

/// Ends them in one statement. Returns which it has ended, and whether an answer of it was lost.
async fn at_once(
    core: &Core,
    server: ServerId,
    ends: &[Finish],
    picked: &[Picked],
    way: Way,
) -> (HashSet<JobId>, bool) {
    failpoint::reached(Failpoint::Begun);
    failpoint::reached(Failpoint::Written);
    let ends: Vec<_> = picked.iter().filter_map(|(index, place)| Some((ends.get(*index)?, *place))).collect();
    let statement = AtOnce { server, ends: &ends, way, runs: AtomicU32::new(0) };
    let done = match core.alone_unless_locked(WHAT, &statement).await {
        Ok(done) => done,
        Err(error) => {
            tracing::debug!(%error, "{WHAT} in one statement; it is done in the ordinary way");
            return (HashSet::new(), true);
        }
    };
    if !done.is_empty() {
        let effects = Effects { ended: true, ..Effects::default() };
        core.committed(Sealed { effects, names: Names::default() });
    }
    (done, statement.runs.into_inner() > 1)
}

struct AtOnce<'e> {
    server: ServerId,
    ends: &'e [(&'e Finish, Place)],
    way: Way,
    runs: AtomicU32,
}

impl AtOnce<'_> {
    fn arguments(&self, core: &Core) -> sqlx::Result<PgArguments> {
        let ends = || self.ends.iter().map(|(end, _)| *end);
        let fences: Vec<i64> = ends().map(|end| end.fence.0).collect();
        let chunks: HashSet<i64> = fences.iter().copied().collect();
        let output = |end: &Finish| match &end.end {
            End::Succeeded { output } => output.clone(),
            _ => None,
        };
        // What ended without a run is not counted.
        let bucket = |end: &Finish, time: Duration| (!end.run.is_zero()).then(|| stat::bucket(time));
        let mut arguments = PgArguments::default();
        add(&mut arguments, self.server.as_uuid())?;
        add(&mut arguments, core.shared.settings.clock_offset.micros())?;
        add(&mut arguments, chunks.into_iter().collect::<Vec<_>>())?;
        add(&mut arguments, ends().map(|end| end.job.as_uuid()).collect::<Vec<_>>())?;
        add(&mut arguments, fences)?;
        add(&mut arguments, ends().map(output).collect::<Vec<_>>())?;
        add(&mut arguments, ends().map(|end| bucket(end, end.wait)).collect::<Vec<_>>())?;
        add(&mut arguments, ends().map(|end| bucket(end, end.run)).collect::<Vec<_>>())?;
        add(&mut arguments, self.ends.iter().map(|(_, place)| *place).collect::<Vec<_>>())?;
        Ok(arguments)
    }
}

#[async_trait]
impl Single for AtOnce<'_> {
    /// Which of them were ended.
    type Answer = HashSet<JobId>;

    async fn run(&self, core: &Core, connection: &mut PgConnection) -> Res<Self::Answer> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let statement = match self.way {
            Way::Kept => &core.own.finish_kept,
            Way::Gone => &core.own.finish_gone,
        };
        let row = prepared(statement, self.arguments(core)?).fetch_one(connection).await?;
        if row.try_get_unchecked::<i64, _>(0)? == self.ends.len() as i64 {
            return Ok(self.ends.iter().map(|(end, _)| end.job).collect());
        }
        let some: Option<Vec<Uuid>> = row.try_get_unchecked(1)?;
        Ok(some.unwrap_or_default().into_iter().map(JobId::from).collect())
    }
}
