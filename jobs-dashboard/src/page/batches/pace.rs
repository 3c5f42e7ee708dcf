//! How fast a batch goes, by its counts alone.

use std::time::Duration;

use jiff::Timestamp;
use jobs_runtime::{flow::BatchState, storage::BatchRecord};

/// Before so many members have ended, and in so short a time, a pace says nothing.
const FEWEST: i64 = 5;
const SHORTEST: f64 = 5.0;

/// How fast a batch has gone since it started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace {
    /// How many members end in a minute.
    pub(super) a_minute: f64,
    /// How long the others take if it goes on so; `None` when none is left.
    pub(super) left: Option<Duration>,
}

impl Pace {
    /// That of a batch that has started, until it ends, or until now; `None` where there is too little to tell.
    pub(super) fn of(batch: &BatchRecord, now: Timestamp) -> Option<Self> {
        let counts = batch.counts;
        let ended = counts.total - counts.pending;
        let until = batch.finished_at.unwrap_or(now);
        let seconds = until.duration_since(batch.started_at?).as_secs_f64();
        if ended < FEWEST || seconds < SHORTEST || batch.state == BatchState::Deleted {
            return None;
        }
        let a_second = ended as f64 / seconds;
        let left = (batch.state == BatchState::Started && counts.pending > 0 && batch.sealed && !batch.cancelled)
            .then(|| Duration::try_from_secs_f64((counts.pending as f64 / a_second).round()).ok());
        Some(Self { a_minute: a_second * 60.0, left: left.flatten() })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jobs_runtime::{BatchId, flow::Counts};

    use super::*;

    fn batch(total: i64, pending: i64) -> BatchRecord {
        BatchRecord {
            id: BatchId::new(),
            description: String::new(),
            parent: None,
            state: BatchState::Started,
            sealed: true,
            cancelled: false,
            reason: None,
            created_at: Timestamp::UNIX_EPOCH,
            started_at: Some(Timestamp::UNIX_EPOCH),
            finished_at: None,
            counts: Counts { total, pending, succeeded: total - pending, failed: 0, deleted: 0 },
        }
    }

    fn after(batch: &BatchRecord, seconds: i64) -> Option<(f64, Option<u64>)> {
        let pace = Pace::of(batch, Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds))?;
        Some((pace.a_minute, pace.left.map(|left| left.as_secs())))
    }

    #[test]
    fn the_rest_goes_as_fast_as_what_has_ended() {
        assert_eq!(after(&batch(100, 75), 50), Some((30.0, Some(150))));
        assert_eq!(after(&batch(100, 0), 50), Some((120.0, None)));
        assert_eq!(after(&batch(i64::MAX, i64::MAX - 5), 60), Some((5.0, None)), "longer than can be told");
    }

    #[test]
    fn too_little_tells_nothing() {
        for (of, seconds) in [(batch(100, 96), 50), (batch(100, 75), 4), (batch(100, 75), -50), (batch(0, 0), 50)] {
            assert_eq!(after(&of, seconds), None);
        }
        assert_eq!(after(&BatchRecord { started_at: None, ..batch(100, 75) }, 50), None);
        assert_eq!(after(&BatchRecord { state: BatchState::Deleted, ..batch(100, 75) }, 50), None);
    }

    #[test]
    fn what_is_cancelled_or_still_stored_has_no_end_to_tell() {
        for of in [BatchRecord { cancelled: true, ..batch(100, 75) }, BatchRecord { sealed: false, ..batch(100, 75) }] {
            assert_eq!(after(&of, 50), Some((30.0, None)));
        }
        let ended = BatchRecord {
            state: BatchState::Completed,
            finished_at: Some(Timestamp::UNIX_EPOCH + SignedDuration::from_secs(50)),
            ..batch(100, 0)
        };
        assert_eq!(after(&ended, 5_000), Some((120.0, None)));
    }
}
