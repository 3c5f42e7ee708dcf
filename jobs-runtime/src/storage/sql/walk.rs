//! Walking a list of jobs by its index: a bounded number of rows, of which those that fit the filter make a page.

use std::collections::HashMap;

use jiff::SignedDuration;

use super::{
    fit::{Facts, Fit},
    record,
    row::Row,
    statement::{Sql, Ways},
    text::from_optional_json,
    value::{Value, args},
    write::Read,
};
use crate::{
    JobId, State,
    storage::{
        JobFilter, JobRecord, JobTexts, ListPlace, Walked,
        place::{List, Spot, Way},
    },
};

/// So many rows are read at once at most.
const STEP: u32 = 5_000;
/// Ids below this one stand for keys and tell nothing of the time; see `JobId::of_key`.
const KEYED: u128 = 1 << 120;
/// How far the clock of whoever made an id, and the time until the job was stored, may be off.
const SLACK: SignedDuration = SignedDuration::from_hours(1);
/// Greater than every priority.
const PRIORITY: i64 = 100_000;
/// Greater than every number of a kind or queue.
const NUMBER: i64 = i32::MAX as i64;
/// Later than every due time, and earlier.
const DUE: (i64, i64) = (0, 253_402_207_200_000_000);

/// Walks as far as one page needs.
pub(super) async fn walk(read: &mut Read<'_>, filter: &JobFilter) -> sqlx::Result<Walked> {
    let Some(fit) = Fit::of(read, filter).await? else { return Ok(Walked::default()) };
    let mut course = Course::new(filter, &fit);
    let way = filter.way();
    let limit = filter.limit as usize;
    let look = filter.look.max(filter.limit.saturating_add(1));
    let mut step = filter.limit.saturating_add(1).min(STEP);
    let mut found: Vec<(JobId, Spot)> = Vec::new();
    let (mut first, mut last) = (None, None);
    let (mut looked, mut full) = (0, false);
    'walk: while looked < look {
        let Some(rows) = course.step(read, step.min(look - looked)).await? else {
            last = None;
            break;
        };
        for row in rows {
            if found.len() == limit && fits(&fit, &row) {
                full = true;
                break 'walk;
            }
            looked += 1;
            first = first.or(Some(row.spot));
            last = Some(row.spot);
            if fits(&fit, &row) {
                found.push((JobId::from_bytes(row.spot.id.to_be_bytes()), row.spot));
            }
        }
        step = step.saturating_mul(4).min(STEP);
    }
    let first = found.first().map(|(_, spot)| *spot).or(first);
    let edge = if full { found.last().map(|(_, spot)| *spot) } else { last };
    let (previous, next) = filter.around(first, edge);
    let mut ids: Vec<_> = found.into_iter().map(|(id, spot)| (id, ListPlace { way, spot: Some(spot) })).collect();
    if way == Way::Back {
        ids.reverse();
    }
    Ok(Walked { ids, previous, next, looked, stopped: edge.is_some() && !full })
}

/// Reads jobs; those that are gone are left out.
pub(super) async fn records(read: &mut Read<'_>, ids: Vec<JobId>) -> sqlx::Result<Vec<JobRecord>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let order: HashMap<JobId, usize> = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
    let rows = read.rows(&read.sql.list_some, args![Value::Ids(ids)]).await?;
    let mut records: Vec<_> = rows.iter().map(record::record).collect::<sqlx::Result<_>>()?;
    records.sort_by_key(|record| order.get(&record.id).copied());
    Ok(records)
}

/// Reads what a text is searched in.
pub(super) async fn texts(read: &mut Read<'_>, ids: Vec<JobId>, longest: u32) -> sqlx::Result<Vec<JobTexts>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = read.rows(&read.sql.job_texts, args![Value::Ids(ids), i64::from(longest)]).await?;
    let texts = rows.iter().map(|row| {
        Ok(JobTexts {
            id: row.job(0)?,
            kind: row.text(1)?,
            payload: row.opt_bytes(2)?,
            meta: from_optional_json(row.opt_text(3)?)?,
            tags: from_optional_json(row.opt_text(4)?)?,
            reason: row.opt_text(5)?,
        })
    });
    texts.collect()
}

/// A row that was met.
struct Met {
    spot: Spot,
    facts: Facts,
    outcome: Option<i64>,
}

/// Whether a row is one of the list, and fits.
fn fits(fit: &Fit<'_>, met: &Met) -> bool {
    let is_listed = fit.filter.state != State::Succeeded || met.outcome == Some(State::Succeeded.code());
    is_listed && fit.has(&met.facts)
}

/// A part of the way: a list, or what it holds of one queue or kind.
#[derive(Clone, Copy)]
struct Stretch {
    list: List,
    only: Option<i64>,
}

/// Where the walk is.
struct Course {
    way: Way,
    stretches: std::vec::IntoIter<Stretch>,
    /// What is being walked, where in it, and whether in the midst of a lane.
    here: Option<(Stretch, Spot, bool)>,
    outcome: i64,
    /// What the filter's times say of the ids: none between the first two numbers fits, and none from the third on.
    ids: (u128, u128, u128),
}

impl Course {
    fn new(filter: &JobFilter, fit: &Fit<'_>) -> Self {
        let way = filter.way();
        let mut stretches: Vec<Stretch> = filter.lists().iter().flat_map(|list| stretches(*list, fit)).collect();
        if way == Way::Back {
            stretches.reverse();
        }
        let spot = filter.at.and_then(|at| at.spot);
        let is_at = |stretch: &Stretch, spot: &Spot| {
            stretch.list == spot.list && stretch.only.is_none_or(|number| number == spot.lane[0])
        };
        let from = spot.and_then(|spot| stretches.iter().position(|stretch| is_at(stretch, &spot)));
        let mut stretches = stretches.split_off(from.unwrap_or(0)).into_iter();
        let here = stretches.next().map(|stretch| match spot.filter(|_| from.is_some()) {
            Some(spot) => (stretch, spot, true),
            None => (stretch, beginning(stretch, way), false),
        });
        Self { way, stretches, here, outcome: filter.state.code(), ids: ids(filter) }
    }

    /// The next rows, at most so many and at least one; `None` at the end.
    async fn step(&mut self, read: &mut Read<'_>, limit: u32) -> sqlx::Result<Option<Vec<Met>>> {
        while let Some((stretch, mut spot, within)) = self.here {
            let laned = matches!(stretch.list, List::Ready | List::Parked | List::Held);
            if laned && !within {
                self.here = match self.lane(read, stretch, spot).await? {
                    Some(spot) => Some((stretch, spot, true)),
                    None => self.onward(),
                };
                continue;
            }
            if !laned && !self.skip(&mut spot) {
                self.here = self.onward();
                continue;
            }
            let rows = self.rows(read, stretch.list, spot, limit).await?;
            let rows: Vec<Met> = rows.iter().map(|row| met(row, &spot)).collect::<sqlx::Result<_>>()?;
            self.here = match rows.last() {
                Some(last) if rows.len() == limit as usize => Some((stretch, last.spot, true)),
                Some(last) if laned => Some((stretch, last.spot, false)),
                None if laned => Some((stretch, spot, false)),
                _ => self.onward(),
            };
            if !rows.is_empty() {
                return Ok(Some(rows));
            }
        }
        Ok(None)
    }

    fn onward(&mut self) -> Option<(Stretch, Spot, bool)> {
        self.stretches.next().map(|stretch| (stretch, beginning(stretch, self.way), false))
    }

    fn sql<'s>(&self, ways: &'s Ways) -> &'s Sql {
        match self.way {
            Way::Onward => &ways.onward,
            Way::Back => &ways.back,
        }
    }

    async fn rows(&self, read: &mut Read<'_>, list: List, spot: Spot, limit: u32) -> sqlx::Result<Vec<Row>> {
        let (id, limit) = (Value::Id(Some(spot.id.to_be_bytes())), i64::from(limit));
        let [a, b, c] = spot.lane;
        let sql = read.sql;
        let (ways, args) = match list {
            List::Jobs => (&sql.walk_jobs, args![id, limit]),
            List::Outcomes => (&sql.walk_outcomes, args![self.outcome, id, limit]),
            List::Live => (&sql.walk_live, args![id, limit]),
            List::Edges => (&sql.walk_edges, args![id, limit]),
            List::Scheduled => (&sql.walk_scheduled, args![Value::time(a), id, limit]),
            List::Ready => (&sql.walk_ready, args![a, b, id, limit]),
            List::Parked => (&sql.walk_parked, args![a, b, c, id, limit]),
            List::Held => (&sql.walk_held, args![Value::Id(Some(spot.batch.to_be_bytes())), id, limit]),
        };
        read.rows(self.sql(ways), args).await
    }

    /// The beginning of the lane after this spot's.
    async fn lane(&self, read: &mut Read<'_>, stretch: Stretch, spot: Spot) -> sqlx::Result<Option<Spot>> {
        let [a, b, c] = spot.lane;
        let bound = stretch.only.unwrap_or(match self.way {
            Way::Onward => NUMBER,
            Way::Back => -1,
        });
        let (ways, args) = match stretch.list {
            List::Ready => (&read.sql.lane_ready, args![a, b, bound]),
            List::Parked => (&read.sql.lane_parked, args![a, b, c, bound]),
            _ => (&read.sql.lane_held, args![Value::Id(Some(spot.batch.to_be_bytes()))]),
        };
        let Some(row) = read.optional(self.sql(ways), args).await? else { return Ok(None) };
        let begun = Spot { id: edge(stretch.list, self.way), ..spot };
        Ok(Some(match stretch.list {
            List::Ready => Spot { lane: [row.int(0)?, row.int(1)?, 0], ..begun },
            List::Parked => Spot { lane: [row.int(0)?, row.int(1)?, row.int(2)?], ..begun },
            _ => Spot { batch: u128::from_be_bytes(*row.job(0)?.as_bytes()), ..begun },
        }))
    }

    /// Steps over ids that cannot fit; `false` where none can any more.
    fn skip(&self, spot: &mut Spot) -> bool {
        let (keyed, low, high) = self.ids;
        if spot.list == List::Scheduled {
            return true;
        }
        match self.way {
            Way::Onward => {
                spot.id = spot.id.min(high);
                if spot.id > keyed && spot.id <= low {
                    spot.id = keyed;
                }
                true
            }
            Way::Back => {
                if spot.id.saturating_add(1) >= keyed && spot.id < low {
                    spot.id = low.saturating_sub(1);
                }
                spot.id < high
            }
        }
    }
}

/// The parts of a list that may hold what fits.
fn stretches(list: List, fit: &Fit<'_>) -> Vec<Stretch> {
    let numbers = match list {
        List::Ready => &fit.queues,
        List::Parked => &fit.kinds,
        _ => &None,
    };
    let Some(numbers) = numbers else { return vec![Stretch { list, only: None }] };
    let mut numbers: Vec<i64> = numbers.iter().copied().collect();
    numbers.sort_unstable();
    numbers.into_iter().map(|number| Stretch { list, only: Some(number) }).collect()
}

/// What comes before every job of a stretch.
fn beginning(Stretch { list, only }: Stretch, way: Way) -> Spot {
    let onward = way == Way::Onward;
    let (least, greatest) = if onward { (-1, PRIORITY) } else { (NUMBER, -PRIORITY) };
    let lane = match list {
        List::Ready => [only.unwrap_or(least), greatest, 0],
        List::Parked => [only.unwrap_or(least), least, greatest],
        List::Scheduled => [if onward { DUE.0 } else { DUE.1 }, 0, 0],
        _ => [0; 3],
    };
    let batch = if list == List::Held { edge(list, way) } else { 0 };
    Spot { list, lane, batch, id: edge(list, way) }
}

/// What comes before every id.
fn edge(list: List, way: Way) -> u128 {
    let rises = matches!(list, List::Ready | List::Parked | List::Scheduled);
    if rises == (way == Way::Onward) { 0 } else { u128::MAX }
}

/// Between which ids none can fit, and from which one on.
fn ids(filter: &JobFilter) -> (u128, u128, u128) {
    let id = |at: jiff::Timestamp| u128::from_be_bytes(*JobId::floor(at).as_bytes());
    let early = filter.created.from.and_then(|at| at.checked_sub(SLACK).ok());
    let late = [filter.created.until, filter.finished.until].into_iter().flatten().min();
    let late = late.and_then(|at| at.checked_add(SLACK).ok());
    let high = late.map_or(u128::MAX, id);
    (KEYED, early.map_or(0, id), high.max(KEYED))
}

fn met(row: &Row, spot: &Spot) -> sqlx::Result<Met> {
    let id = u128::from_be_bytes(*row.job(0)?.as_bytes());
    let mut spot = Spot { id, ..*spot };
    if spot.list == List::Scheduled {
        spot.lane[0] = row.time(4)?;
    }
    let facts = Facts {
        kind: row.int(1)?,
        queue: row.int(2)?,
        attempt: row.int(3)?,
        created_at: row.time(5)?,
        finished_at: row.opt_time(6)?,
    };
    Ok(Met { spot, facts, outcome: row.opt_int(7)? })
}
