//! The statistics that a transaction gathers and writes with its last statements.

use std::{collections::HashMap, time::Duration};

use super::{
    value::{Table, Value, line},
    write::Write,
};
use crate::{State, storage::Measure};

/// The code of `enqueued`, but parked.
pub(super) const PARKED: i64 = 7;

/// Microseconds in a minute, an hour and a day.
pub(super) const MINUTE: i64 = 60_000_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// The line that a job is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Line {
    pub(crate) queue: i64,
    pub(crate) kind: i64,
}

/// Sums of one transaction, a row for each line and measure whatever the number of jobs.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    totals: HashMap<(Line, i64), i64>,
    counts: HashMap<(Line, i64, i64), i64>,
}

impl Stats {
    /// A job of this line was in `from` and is in `to`; `None` stands for not being stored.
    pub(crate) fn moved(&mut self, line: Line, from: Option<i64>, to: Option<i64>) {
        if let Some(from) = from {
            *self.totals.entry((line, from)).or_default() -= 1;
        }
        if let Some(to) = to {
            *self.totals.entry((line, to)).or_default() += 1;
        }
    }

    /// A move between two states.
    pub(crate) fn transit(&mut self, line: Line, from: State, to: State) {
        self.moved(line, Some(from.code()), Some(to.code()));
    }

    pub(crate) fn count(&mut self, line: Line, measure: Measure) {
        *self.counts.entry((line, measure.code(), 0)).or_default() += 1;
    }

    /// So many jobs of this line were stored in this state.
    pub(crate) fn created(&mut self, line: Line, state: State, n: i64) {
        *self.totals.entry((line, state.code())).or_default() += n;
        *self.counts.entry((line, Measure::Created.code(), 0)).or_default() += n;
    }

    /// Counts a duration in its bucket.
    pub(crate) fn time(&mut self, line: Line, measure: Measure, duration: Duration) {
        *self.counts.entry((line, measure.code(), bucket(duration))).or_default() += 1;
    }

    pub(super) async fn store(self, write: &mut Write<'_>) -> sqlx::Result<()> {
        let minute = write.now - write.now.rem_euclid(MINUTE);
        let (totals, counts) = self.tables(&Value::from(minute));
        write.bulk(&write.sql.total_add, totals).await?;
        write.bulk(&write.sql.stat_add, counts).await?;
        Ok(())
    }

    /// The rows of the totals, and those of the counts of a minute.
    pub(crate) fn tables(self, minute: &Value) -> (Table, Table) {
        let totals = self.totals.into_iter().filter(|(_, n)| *n != 0);
        let totals = totals.map(|((line, state), n)| line![line.queue, line.kind, state, n]).collect();
        let counts = self.counts.into_iter().map(|((line, measure, bucket), n)| {
            line![0_i64, minute.clone(), line.queue, line.kind, measure, bucket, n]
        });
        (totals, counts.collect())
    }
}

/// The bucket of a duration: its bit length in milliseconds.
pub(crate) fn bucket(duration: Duration) -> i64 {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    i64::from(u64::BITS - millis.leading_zeros())
}
