//! The walk over the jobs in the states that an operation is for, each along an index of the tables that the state lives in, in pages.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{
    BatchId, JobId, State,
    storage::{
        JobFilter,
        sql::{
            fit::{Facts, Fit},
            row::Row,
            stat::HOUR,
            statement::Sql,
            text::{from_json, instant},
            value::{Value, args},
            walk::texts,
            write::Read,
        },
    },
};

/// How many jobs one page looks at.
pub(super) const LOOK: i64 = 1_000;

/// Before every lane of a queue: no priority is so great.
const FIRST_TURN: i64 = -40_000;
/// Before every id.
const ZERO: JobId = JobId::from_bytes([0; 16]);

/// Where jobs are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// What waits for parents.
    Children,
    /// What its batch holds back.
    Held,
    Scheduled,
    Parked,
    Ready,
    /// What was set aside while the others were walked.
    ParkedSince,
    Failed,
    Deleted,
    /// The jobs by age: what succeeded stands nowhere else.
    Succeeded,
    Processing,
}

/// The order of the walk, which is that of a job's life: what moves on by itself meanwhile is met where it has gone. What runs comes last,
/// so that what is only asked to stop is not met again where it then waits. The order is stored by number, so that another one takes
/// another version.
const SOURCES: [Source; 10] = [
    Source::Children,
    Source::Held,
    Source::Scheduled,
    Source::Parked,
    Source::Ready,
    Source::ParkedSince,
    Source::Failed,
    Source::Deleted,
    Source::Succeeded,
    Source::Processing,
];

impl Source {
    /// Whether what is found here is set aside; `None` where that is not asked.
    const fn is_parked(self) -> Option<bool> {
        match self {
            Self::Parked | Self::ParkedSince => Some(true),
            Self::Ready => Some(false),
            _ => None,
        }
    }

    /// The state of what is found here.
    pub(super) const fn state(self) -> State {
        match self {
            Self::Scheduled => State::Scheduled,
            Self::Children | Self::Held => State::Awaiting,
            Self::Parked | Self::Ready | Self::ParkedSince => State::Enqueued,
            Self::Failed => State::Failed,
            Self::Deleted => State::Deleted,
            Self::Succeeded => State::Succeeded,
            Self::Processing => State::Processing,
        }
    }
}

/// A place in the order of a source's index. What the numbers are is the source's affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    a: i64,
    b: i64,
    c: i64,
    batch: BatchId,
    id: JobId,
}

impl Default for Key {
    fn default() -> Self {
        Self { a: 0, b: -1, c: FIRST_TURN, batch: BatchId::from_bytes([0; 16]), id: ZERO }
    }
}

/// How far a walk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    source: usize,
    pub(super) key: Key,
}

impl Place {
    pub(super) fn text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    pub(super) fn read(text: &str) -> sqlx::Result<Self> {
        from_json(text)
    }

    /// Goes on after a page: there, or to the next source.
    pub(super) fn go_on(&mut self, next: Option<Key>) {
        match next {
            Some(key) => self.key = key,
            None => *self = Self { source: self.source + 1, key: Key::default() },
        }
    }
}

/// What an operation is for, and until when it was stored.
pub(super) struct Filter<'f> {
    fit: Fit<'f>,
    /// Nothing that was stored after this moment matches.
    moment: i64,
    /// No claim from this fence on is looked at.
    fence: i64,
}

/// A job that was met.
pub(super) struct Met {
    pub(super) id: JobId,
    pub(super) key: Key,
    pub(super) fence: i64,
    facts: Facts,
    /// Whether it is what the source is for: of jobs by age, not all are.
    is_here: bool,
}

/// The next jobs of a source, and where they end; `None` at the source's end.
pub(super) struct Page {
    pub(super) rows: Vec<Met>,
    pub(super) next: Option<Key>,
}

impl<'f> Filter<'f> {
    /// `None` where nothing can match, because there is no such queue or kind.
    pub(super) async fn new(
        read: &mut Read<'_>,
        filter: &'f JobFilter,
        moment: i64,
        fence: i64,
    ) -> sqlx::Result<Option<Self>> {
        Ok(Fit::of(read, filter).await?.map(|fit| Self { fit, moment, fence }))
    }

    /// The source that the place is in; where nothing that is meant is there, the place goes on. `None` at the end of the walk.
    pub(super) fn source(&self, place: &mut Place) -> Option<Source> {
        let JobFilter { parked, .. } = self.fit.filter;
        loop {
            let source = *SOURCES.get(place.source)?;
            let is_left_out = parked.is_some() && source.is_parked() != *parked;
            if self.fit.filter.is_of(source.state()) && !is_left_out {
                return Some(source);
            }
            place.go_on(None);
        }
    }

    pub(super) fn matches(&self, met: &Met) -> bool {
        met.is_here && met.facts.created_at <= self.moment && self.fit.has(&met.facts)
    }

    /// The only queue that is meant.
    fn queue(&self) -> Option<i64> {
        let queues = self.fit.queues.as_ref().filter(|queues| queues.len() == 1)?;
        queues.iter().next().copied()
    }

    /// The first id that no job has which was stored before the operation was begun, unless its maker's clock was an hour ahead.
    fn horizon(&self) -> JobId {
        JobId::floor(instant(self.moment.saturating_add(HOUR)))
    }
}

/// The next page of a source: at most so many jobs.
pub(super) async fn page(
    read: &mut Read<'_>,
    source: Source,
    filter: &Filter<'_>,
    after: &Key,
    limit: i64,
) -> sqlx::Result<Page> {
    let mut page = walked(read, source, filter, after, limit).await?;
    if let Some(error) = filter.fit.filter.error {
        let asked = page.rows.iter().filter(|met| filter.matches(met)).map(|met| met.id).collect();
        let texts = texts(read, asked, 0).await?;
        let of_group = texts.into_iter().filter(|texts| texts.is_of(error)).map(|texts| texts.id);
        let of_group: HashSet<JobId> = of_group.collect();
        for met in &mut page.rows {
            met.is_here &= of_group.contains(&met.id);
        }
    }
    Ok(page)
}

/// The page before the jobs' errors are looked at.
async fn walked(
    read: &mut Read<'_>,
    source: Source,
    filter: &Filter<'_>,
    after: &Key,
    limit: i64,
) -> sqlx::Result<Page> {
    let (sql, id) = (read.sql, after.id);
    match source {
        Source::Scheduled => {
            let args = args![Value::time(after.a), id, limit];
            let key = |row: &Row| -> sqlx::Result<Key> { Ok(Key { a: row.time(0)?, id: row.job(1)?, ..*after }) };
            index(read, &sql.meet_scheduled, args, 2, limit, key).await
        }
        Source::Parked | Source::Ready | Source::ParkedSince => {
            let mut from = *after;
            if let Some(queue) = filter.queue().filter(|_| *after == Key::default() && source == Source::Ready) {
                from.b = queue;
            }
            let mut args = args![from.a, from.b, from.c, from.id, limit];
            let statement = if source == Source::Ready {
                args.push(filter.queue().into());
                &sql.meet_ready
            } else {
                &sql.meet_parked
            };
            let key = |row: &Row| -> sqlx::Result<Key> {
                Ok(Key { a: row.int(0)?, b: row.int(1)?, c: row.int(2)?, id: row.job(3)?, ..*after })
            };
            index(read, statement, args, 4, limit, key).await
        }
        Source::Children => {
            let key = |row: &Row| -> sqlx::Result<Key> { Ok(Key { id: row.job(0)?, ..*after }) };
            index(read, &sql.meet_children, args![id, limit], 1, limit, key).await
        }
        Source::Failed | Source::Deleted => {
            let args = args![source.state().code(), id, limit];
            let key = |row: &Row| -> sqlx::Result<Key> { Ok(Key { id: row.job(0)?, ..*after }) };
            index(read, &sql.meet_outcome, args, 1, limit, key).await
        }
        Source::Held => held(read, after, limit).await,
        Source::Succeeded => succeeded(read, filter, after, limit).await,
        Source::Processing => processing(read, filter, after, limit).await,
    }
}

/// A page of one statement, whose rows have the facts from this column on.
async fn index(
    read: &mut Read<'_>,
    statement: &Sql,
    args: Vec<Value>,
    facts: usize,
    limit: i64,
    key: impl Fn(&Row) -> sqlx::Result<Key>,
) -> sqlx::Result<Page> {
    let rows = read.rows(statement, args).await?;
    let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= limit;
    let rows = rows.iter().map(|row| met(row, key(row)?, facts)).collect::<sqlx::Result<Vec<_>>>()?;
    let next = rows.last().map(|last| last.key).filter(|_| is_full);
    Ok(Page { rows, next })
}

/// Reads kind, queue, created_at, finished_at, attempt and fence from this column on; the id is the key's.
fn met(row: &Row, key: Key, facts: usize) -> sqlx::Result<Met> {
    Ok(Met {
        id: key.id,
        key,
        facts: Facts {
            kind: row.int(facts)?,
            queue: row.int(facts + 1)?,
            created_at: row.time(facts + 2)?,
            finished_at: row.opt_time(facts + 3)?,
            attempt: row.int(facts + 4)?,
        },
        fence: row.int(facts + 5)?,
        is_here: true,
    })
}

/// The members that batches hold back, one batch after the other.
async fn held(read: &mut Read<'_>, after: &Key, limit: i64) -> sqlx::Result<Page> {
    let sql = read.sql;
    let args = args![after.batch, after.id, limit];
    let key = |row: &Row| -> sqlx::Result<Key> { Ok(Key { id: row.job(0)?, ..*after }) };
    let mut page = index(read, &sql.meet_members, args, 1, limit, key).await?;
    if page.next.is_none() {
        let next = read.optional(&sql.meet_batch, args![after.batch]).await?;
        page.next = match next {
            Some(row) => Some(Key { batch: row.batch(0)?, id: row.job(1)?, ..*after }),
            None => None,
        };
    }
    Ok(page)
}

/// The jobs by age, among them those that succeeded.
async fn succeeded(read: &mut Read<'_>, filter: &Filter<'_>, after: &Key, limit: i64) -> sqlx::Result<Page> {
    let rows = read.rows(&read.sql.meet_jobs, args![after.id, filter.horizon(), limit]).await?;
    let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= limit;
    let mut page = Page { rows: Vec::with_capacity(rows.len()), next: None };
    for row in &rows {
        let key = Key { id: row.job(0)?, ..*after };
        let is_here = row.opt_int(7)? == Some(State::Succeeded.code());
        page.rows.push(Met { is_here, ..met(row, key, 1)? });
        page.next = Some(key).filter(|_| is_full);
    }
    Ok(page)
}

/// The members of the next claim that are live.
async fn processing(read: &mut Read<'_>, filter: &Filter<'_>, after: &Key, limit: i64) -> sqlx::Result<Page> {
    let Some(claim) = read.optional(&read.sql.meet_claims, args![after.a, filter.fence]).await? else {
        return Ok(Page { rows: Vec::new(), next: None });
    };
    let fence = claim.int(0)?;
    let from = if fence == after.a { after.id } else { ZERO };
    let mut ids: Vec<JobId> = claim.ids(1)?.into_iter().filter(|id| *id > from).collect();
    ids.sort_unstable();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_full = ids.len() > limit;
    ids.truncate(limit);
    let next = match ids.last() {
        Some(last) if is_full => Key { a: fence, id: *last, ..*after },
        _ => Key { a: fence.saturating_add(1), id: ZERO, ..*after },
    };
    let mut rows = Vec::with_capacity(ids.len());
    if !ids.is_empty() {
        for row in read.rows(&read.sql.meet_facts, args![Value::Ids(ids)]).await? {
            let found = met(&row, Key { a: fence, id: row.job(0)?, ..*after }, 1)?;
            let is_here = row.opt_int(7)?.is_none() && found.fence < fence;
            rows.push(Met { is_here, ..found });
        }
    }
    Ok(Page { rows, next: Some(next) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_goes_on_in_its_source_and_then_to_the_next() {
        let mut place = Place::default();
        let key = Key { a: 7, id: JobId::new(), ..Key::default() };
        place.go_on(Some(key));
        assert_eq!(Place::read(&place.text()).expect("it was written by us"), place);
        assert_eq!((place.source, place.key), (0, key));
        place.go_on(None);
        assert_eq!((place.source, place.key), (1, Key::default()));
    }

    #[test]
    fn every_state_has_a_source_and_what_runs_is_the_last() {
        for state in State::ALL {
            assert!(SOURCES.iter().any(|source| source.state() == state), "{state}");
        }
        assert_eq!(SOURCES.last().map(|source| source.state()), Some(State::Processing));
    }
}
