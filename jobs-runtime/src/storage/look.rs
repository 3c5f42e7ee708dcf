//! The noun *look*: what a server asks each second in place of a dozen questions.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{ServerId, storage::Orders};

/// What a server looks for.
#[derive(Clone, Debug)]
pub struct Look {
    /// Who asks.
    pub server: ServerId,
    /// The queues that it reads.
    pub queues: Arc<[Arc<str>]>,
    /// The recurring jobs that its code declares.
    pub recurring: Arc<[Arc<str>]>,
}

/// What there is to do, and when, by the database's clock. It is seen from afar: where a call then finds nothing, because a row is
/// locked or somebody else was first, that is no fault. What it says that there is not was not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// The database's time.
    pub now: Timestamp,
    /// What the server has been told; nothing, where it has no row.
    pub orders: Orders,
    /// Whether one of its queues holds runnable jobs and neither that queue nor the server is paused. Of what kind the jobs are
    /// is not looked at, which could take long.
    pub ready: bool,
    /// How long until a scheduled job is due; zero when one is, `None` when there is none.
    pub scheduled_in: Option<Duration>,
    /// The same of the recurring jobs that the server may fire.
    pub recurring_in: Option<Duration>,
    /// The same of the steps that batches need.
    pub step_in: Option<Duration>,
    /// Whether jobs are to be set aside or brought back.
    pub park: bool,
    /// Whether a chunk has no valid lease behind it.
    pub rescue: bool,
    /// Whether a dead server's row or a pause that has ended is to be removed.
    pub sweep: bool,
    /// Whether the server holds a chunk.
    pub holds: bool,
    /// Whether there are notes of the statistics to be added up.
    pub fold: bool,
    /// Whether an operation on many jobs runs.
    pub operation: bool,
}
