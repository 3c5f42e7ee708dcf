//! One step of an operation: the next jobs of its walk are looked at and changed, and the place is kept with that.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    end, id_value, operation_id,
    spec::{self, Spec},
    walk::{self, Filter, Met, Place},
};
use crate::{
    JobId, State,
    storage::{
        BulkAct, Change, JobFilter, Operated, OperationState,
        sql::{
            change,
            fail::Res,
            row::Row,
            text::clean,
            value::{Value, args},
            write::Write,
        },
    },
};

/// How many pages without a job one step turns over.
const EMPTY: usize = 20;

/// The jobs whose change was refused with an error, which has taken the whole step back; and the one that is being changed.
#[derive(Clone, Debug, Default)]
pub(in crate::storage::sql) struct Refused(Arc<Mutex<Errors>>);

#[derive(Debug, Default)]
struct Errors {
    at: Option<JobId>,
    known: HashMap<JobId, String>,
}

impl Refused {
    /// Notes that the change that was tried last is refused. Returns whether there was one.
    pub(in crate::storage::sql) fn note(&self, why: String) -> bool {
        let mut errors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(job) = errors.at.take() else { return false };
        errors.known.insert(job, why).is_none()
    }

    /// Why the change of this job was refused; if it was not, it is the one that is being changed.
    fn why(&self, job: JobId) -> Option<String> {
        let mut errors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let why = errors.known.get(&job).cloned();
        errors.at = Some(job).filter(|_| why.is_none());
        why
    }

    fn begin(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).at = None;
    }
}

/// An operation as it is found.
struct Found {
    filter: JobFilter,
    act: BulkAct,
    reason: String,
    created_at: i64,
    fence: i64,
    place: Place,
}

impl Found {
    /// Reads the columns of `operation_due.sql`.
    fn read(row: &Row) -> sqlx::Result<Self> {
        let spec = Spec::read(&row.text(8)?)?;
        Ok(Self {
            act: spec.act(),
            filter: spec.filter()?,
            reason: row.text(7)?,
            created_at: row.time(2)?,
            fence: row.int(15)?,
            place: Place::read(&row.text(16)?)?,
        })
    }
}

/// What a step did.
#[derive(Debug, Default)]
struct Counts {
    looked: i64,
    done: i64,
    skipped: i64,
    failed: i64,
    error: Option<String>,
}

/// Takes the next step of the oldest operation: changes at most `limit` jobs.
pub(in crate::storage::sql) async fn step(write: &mut Write<'_>, limit: u32, refused: &Refused) -> Res<Operated> {
    refused.begin();
    let Some(row) = write.optional(&write.sql.operation_due, args![spec::VERSION]).await? else {
        return Ok(Operated::default());
    };
    let id = operation_id(&row)?;
    let mut found = match Found::read(&row) {
        Ok(found) => found,
        Err(error) => {
            let why = clean(&format!("what it is for cannot be read: {error}"));
            end(write, id, OperationState::Failed, Some(why)).await?;
            return Ok(Operated { looked: 0, next_in: Some(Duration::ZERO) });
        }
    };
    let mut counts = Counts::default();
    let more = go_on(write, &mut found, limit, refused, &mut counts).await?;
    let state = if more { OperationState::Running } else { OperationState::Done };
    let args = args![
        id_value(id),
        state.code(),
        Value::time(write.now),
        Value::time((!more).then_some(write.now)),
        found.place.text(),
        counts.looked,
        counts.done,
        counts.skipped,
        counts.failed,
        counts.error,
    ];
    write.execute(&write.sql.operation_keep, args).await?;
    Ok(Operated { looked: counts.looked.unsigned_abs(), next_in: Some(Duration::ZERO) })
}

/// Looks at the next page, and changes what matches in it. Returns whether there may be more.
async fn go_on(
    write: &mut Write<'_>,
    found: &mut Found,
    limit: u32,
    refused: &Refused,
    counts: &mut Counts,
) -> Res<bool> {
    let filter = Filter::new(&mut write.read(), &found.filter, found.created_at, found.fence).await?;
    let Some(filter) = filter else { return Ok(false) };
    let change = found.act.change(&found.reason);
    for _ in 0..EMPTY {
        let Some(source) = filter.source(&mut found.place) else { return Ok(false) };
        let page = walk::page(&mut write.read(), source, &filter, &found.place.key, walk::LOOK).await?;
        if page.rows.is_empty() {
            found.place.go_on(page.next);
            continue;
        }
        let (mut room, mut next) = (limit.max(1), page.next);
        for met in page.rows {
            if room == 0 {
                next = Some(found.place.key);
                break;
            }
            found.place.key = met.key;
            counts.looked += 1;
            if met.fence <= found.fence && filter.matches(&met) {
                room -= 1;
                let guard = [source.state()];
                change_one(write, &met, &change, &guard, refused, counts).await?;
            }
        }
        refused.begin();
        found.place.go_on(next);
        break;
    }
    Ok(filter.source(&mut found.place).is_some())
}

/// Changes a job that matches, unless that was refused before.
async fn change_one(
    write: &mut Write<'_>,
    met: &Met,
    change: &Change,
    guard: &[State],
    refused: &Refused,
    counts: &mut Counts,
) -> Res<()> {
    let id = met.id;
    if let Some(why) = refused.why(id) {
        counts.failed += 1;
        counts.error = Some(clean(&format!("job {id}: {why}")));
        return Ok(());
    }
    match change::change_met(write, id, change, guard, met.fence).await? {
        Some(changed) if changed.took_effect => counts.done += 1,
        _ => counts.skipped += 1,
    }
    Ok(())
}
