//! How much went through, over time.

use axum::extract::State as Shares;
use jiff::Timestamp;
use jobs_runtime::storage::{Measure, StatPoint};
use serde::Serialize;
use utoipa::ToSchema;

use super::Json;
use crate::{
    live::Range,
    shared::Shared,
    web::{Fault, Params, Visit},
};

/// What happened within a range, point by point.
#[derive(Serialize, ToSchema)]
pub(crate) struct Stats {
    /// `1h`, `1d`, `7d`, `30d` or `1y`.
    range: &'static str,
    /// How long one point is.
    step_seconds: i64,
    /// The points, the oldest first; the last is not over yet.
    points: Vec<Point>,
}

/// What happened from `at` on, in the queues that the caller sees.
#[derive(Clone, Default, Serialize, ToSchema)]
struct Point {
    at: Timestamp,
    created: i64,
    succeeded: i64,
    failed: i64,
    deleted: i64,
    /// Attempts that were followed by another.
    retried: i64,
    /// Jobs that were put back after their server died.
    rescued: i64,
}

impl Point {
    fn add(&mut self, point: &StatPoint) {
        let count = match point.measure {
            Measure::Created => &mut self.created,
            Measure::Succeeded => &mut self.succeeded,
            Measure::Failed => &mut self.failed,
            Measure::Deleted => &mut self.deleted,
            Measure::Retried => &mut self.retried,
            Measure::Rescued => &mut self.rescued,
            Measure::Stale | Measure::Wait | Measure::Run => return,
        };
        *count += point.count;
    }
}

/// What happened over time: jobs that were created, and how they ended.
#[utoipa::path(
    get,
    path = "/api/v1/stats",
    tag = "overview",
    params(("range" = Option<String>, Query, description = "How far back: `1h`, `1d`, `7d`, `30d` or `1y`; `1h` where nothing is said")),
    responses((status = 200, description = "The points", body = Stats)),
)]
pub(crate) async fn show(Shares(shared): Shares<Shared>, visit: Visit, params: Params) -> Result<Json<Stats>, Fault> {
    let range = params.text("range").map(range).transpose()?.unwrap_or_default();
    let read = shared.live.stats(range, visit.now).await?;
    let times = range.times(visit.now);
    let mut points: Vec<_> = times.iter().map(|at| Point { at: *at, ..Point::default() }).collect();
    for point in read.iter().filter(|point| visit.gate.sees(&point.queue)) {
        if let Some(index) = range.index(&times, point.at) {
            points[index].add(point);
        }
    }
    Ok(Json(Stats { range: range.word(), step_seconds: range.step_seconds(), points }))
}

fn range(word: &str) -> Result<Range, Fault> {
    Range::parse(word).ok_or_else(|| {
        let words = Range::ALL.map(Range::word).join(", ");
        Fault::Bad(format!("`range`: `{}` is none; there are {words}", word.escape_debug()))
    })
}
