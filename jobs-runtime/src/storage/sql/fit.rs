//! Whether a job fits a filter, told by its row: for the walk of a list, and for that of an operation.

use std::collections::HashSet;

use super::{statement::Sql, value::args, write::Read};
use crate::storage::JobFilter;

/// What a row tells of a job.
pub(super) struct Facts {
    /// The number of its kind.
    pub(super) kind: i64,
    /// The number of its queue.
    pub(super) queue: i64,
    pub(super) attempt: i64,
    pub(super) created_at: i64,
    pub(super) finished_at: Option<i64>,
}

/// A filter with the numbers of its names. Which rows belong to a state, and which are set aside, the walk knows.
pub(super) struct Fit<'f> {
    pub(super) filter: &'f JobFilter,
    pub(super) kinds: Option<HashSet<i64>>,
    pub(super) queues: Option<HashSet<i64>>,
}

impl<'f> Fit<'f> {
    /// `None`: no job can fit, because nothing has such a name.
    pub(super) async fn of(read: &mut Read<'_>, filter: &'f JobFilter) -> sqlx::Result<Option<Self>> {
        let sql = read.sql;
        let kinds = numbers(read, &filter.kinds, &sql.kind_list).await?;
        let queues = numbers(read, &filter.queues, &sql.queue_list).await?;
        let is_void = |numbers: &Option<HashSet<i64>>| numbers.as_ref().is_some_and(HashSet::is_empty);
        Ok(if is_void(&kinds) || is_void(&queues) { None } else { Some(Self { filter, kinds, queues }) })
    }

    /// Whether the job fits, but for its state, its texts and whether it is set aside.
    pub(super) fn has(&self, job: &Facts) -> bool {
        let Self { filter, kinds, queues } = self;
        kinds.as_ref().is_none_or(|kinds| kinds.contains(&job.kind))
            && queues.as_ref().is_none_or(|queues| queues.contains(&job.queue))
            && filter.retried.is_none_or(|retried| retried == (job.attempt > 0))
            && filter.created.has(job.created_at)
            && (filter.finished.is_open() || job.finished_at.is_some_and(|at| filter.finished.has(at)))
    }
}

/// The numbers of those of the names that have any; `None` where no name is given.
async fn numbers(read: &mut Read<'_>, names: &[String], list: &Sql) -> sqlx::Result<Option<HashSet<i64>>> {
    if names.is_empty() {
        return Ok(None);
    }
    let mut numbers = HashSet::new();
    for row in read.rows(list, args![]).await? {
        if names.contains(&row.text(1)?) {
            numbers.insert(row.int(0)?);
        }
    }
    Ok(Some(numbers))
}
