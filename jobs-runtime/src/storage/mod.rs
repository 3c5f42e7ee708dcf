//! Where jobs live: one trait a noun, one folder an engine, one suite that every engine passes.

mod claims;
#[cfg(feature = "testing")]
pub mod conformance;
mod jobs;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
mod pauses;
mod recurring;
mod servers;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) mod sql;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
mod tx;
mod upkeep;

use std::{sync::Arc, time::Duration};

pub use self::{
    claims::{
        Accepted, Chunk, ClaimRequest, ClaimStorage, ClaimedJob, End, Finish, Note, NoteKind, Rescued, Revocation,
        Revoked,
    },
    jobs::{Change, Changed, Due, EventKind, EventRecord, JobFilter, JobRecord, JobStorage, NewJob},
    pauses::{Pause, PauseStorage, PauseTarget},
    recurring::{Fire, Owner, RecurringRecord, RecurringSpec, RecurringStorage},
    servers::{Beat, Heart, Orders, ServerInfo, ServerRecord, ServerStorage, Signal},
    tx::{Tx, TxConnection},
    upkeep::{Grain, Measure, Promoted, StatPoint, StateTotal, UpkeepStorage},
};
use crate::{error::Result, wake::Hub};

/// A database engine that holds jobs.
///
/// Every method is one transaction and may be dropped at any point: the statement then runs to its end on a task of the
/// engine's own. Every comparison of times is made by the database's clock.
pub trait Storage: JobStorage + ClaimStorage + ServerStorage + RecurringStorage + PauseStorage + UpkeepStorage {
    /// The engine's word: `sqlite`, `postgres`, `mysql`.
    fn engine(&self) -> &'static str;

    /// Where this process hears of work, of ends and of revocations.
    fn hub(&self) -> &Hub;

    /// What it was opened with.
    fn settings(&self) -> &Settings;
}

/// A storage that is shared by clients and servers.
pub type SharedStorage = Arc<dyn Storage>;

/// What every engine is opened with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Whether to create or update the tables when connecting.
    pub migrate: bool,
    /// How many bytes a payload or an output may have, its header included.
    pub payload_limit: usize,
    /// How long finished jobs are kept.
    pub retention: Retention,
    /// Added to the database's clock; for tests of time, which move it while the program runs.
    pub clock_offset: ClockOffset,
}

/// How long finished jobs are kept where the job does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Those that succeeded; 24 hours.
    pub succeeded: Duration,
    /// Those that failed; 30 days.
    pub failed: Duration,
    /// Those that were deleted; 7 days.
    pub deleted: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self { succeeded: DAY, failed: DAY * 30, deleted: DAY * 7 }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            migrate: true,
            payload_limit: 1024 * 1024,
            retention: Retention::default(),
            clock_offset: ClockOffset::default(),
        }
    }
}

/// A shift of the database's clock, shared by all that hold it.
#[derive(Clone, Debug, Default)]
pub struct ClockOffset(Arc<std::sync::atomic::AtomicI64>);

impl ClockOffset {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, std::sync::atomic::Ordering::SeqCst);
    }

    /// Sets the clock, which goes on from there.
    pub fn set(&self, now: jiff::Timestamp) {
        let micros = now.as_microsecond() - jiff::Timestamp::now().as_microsecond();
        self.0.store(micros, std::sync::atomic::Ordering::SeqCst);
    }

    /// The shift in microseconds.
    pub(crate) fn micros(&self) -> i64 {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

/// Opens the engine that the URL names.
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) for a URL of an unknown scheme or of an engine whose feature is off; else what the
/// engine says.
pub async fn open(url: &str, settings: Settings) -> Result<SharedStorage> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        #[cfg(feature = "sqlite")]
        Some("sqlite") => Ok(Arc::new(sqlite::Sqlite::open(url, settings).await?)),
        #[cfg(not(feature = "sqlite"))]
        Some("sqlite") => Err(crate::Error::config("the database URL needs the feature `sqlite` of `jobs`")),
        #[cfg(feature = "mysql")]
        Some("mysql" | "mariadb") => Ok(Arc::new(mysql::MySql::open(url, settings).await?)),
        #[cfg(not(feature = "mysql"))]
        Some("mysql" | "mariadb") => Err(crate::Error::config("the database URL needs the feature `mysql` of `jobs`")),
        _ => Err(crate::Error::config(format!(
            "the database URL `{}` names no engine that is compiled in; write `sqlite://jobs.db`",
            without_password(url)
        ))),
    }
}

/// A URL as it may be shown.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(start), Some(at)) if start + 3 <= at => format!("{}…{}", &url[..start + 3], &url[at..]),
        _ => url.to_owned(),
    }
}
