//! Where jobs live: one trait a noun, one folder an engine, one suite that every engine passes.

mod audit;
mod claims;
#[cfg(feature = "testing")]
pub mod conformance;
mod errors;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod failpoint;
mod filter;
mod flows;
mod insight;
mod jobs;
mod lists;
mod look;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
mod operations;
mod pauses;
mod place;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod recurring;
mod servers;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) mod sql;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
mod tx;
mod upkeep;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;

pub(crate) use self::place::Way;
pub use self::{
    audit::{Acted, AuditFilter, AuditRecord, AuditStorage, Deed, NewOperation, Signature, Target, Verb, Via},
    claims::{
        Accepted, Chunk, ClaimRequest, ClaimStorage, ClaimedJob, End, Finish, Note, NoteKind, Rescued, Revocation,
        Revoked,
    },
    errors::{ErrorFilter, ErrorRecord},
    filter::{JobFilter, Span},
    flows::{
        BatchFilter, BatchRecord, EdgeRecord, FlowStorage, Input, MemberOutput, NewBatch, NewFlow, Stepped, Waits,
    },
    insight::{InsightStorage, LineTotal, Migration, SchemaVersion, SystemRecord, TableSize},
    jobs::{Change, Changed, Due, EventKind, EventRecord, JobRecord, JobStorage, NewJob},
    lists::{JobPage, JobTexts, Walked},
    look::{Look, Outlook},
    operations::{BulkAct, Matching, Operated, OperationFilter, OperationRecord, OperationState, OperationStorage},
    pauses::{Pause, PauseStorage, PauseTarget},
    place::ListPlace,
    recurring::{Fire, Owner, RecurringRecord, RecurringRun, RecurringSpec, RecurringStorage},
    servers::{Beat, Heart, Orders, ServerInfo, ServerRecord, ServerStorage, Signal},
    tx::{Tx, TxConnection},
    upkeep::{Grain, Measure, Promoted, StatPoint, StateTotal, UpkeepStorage},
};
use crate::{
    error::{Error, Result},
    wake::Hub,
};

/// A database engine that holds jobs.
///
/// Every method is one transaction and may be dropped at any point: the statement then runs to its end on a task of the
/// engine's own. Every comparison of times is made by the database's clock.
pub trait Storage:
    JobStorage
    + ClaimStorage
    + FlowStorage
    + ServerStorage
    + RecurringStorage
    + PauseStorage
    + InsightStorage
    + UpkeepStorage
    + AuditStorage
    + OperationStorage
{
    /// The engine's word: `sqlite`, `postgres`, `mysql`.
    fn engine(&self) -> &'static str;

    /// Where this process hears of work, of ends and of revocations.
    fn hub(&self) -> &Hub;

    /// What it was opened with.
    fn settings(&self) -> &Settings;

    /// How many large calls that store jobs may be on their way at once, so that neither the database nor this process waits for the
    /// other. Where it is more than one, a server with a lot of work has two claims on their way as well.
    fn lanes(&self) -> usize;

    /// The same storage for those who look on, such as pages that people watch: reads have connections of their own, two, and take at
    /// most 2 seconds ([`Error::Slow`]); writes come one after the other. So however many look on, no worker waits for a connection.
    fn viewer(self: Arc<Self>) -> SharedStorage;

    /// How many reads a viewer has asked for so far; 0 for every other storage.
    fn views(&self) -> u64;
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
    /// How long finished jobs, and the notes of what operators did, are kept.
    pub retention: Retention,
    /// Added to the database's clock; for tests of time, which move it while the program runs.
    pub clock_offset: ClockOffset,
}

/// How long finished jobs are kept where the job does not say, and what is noted beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Those that succeeded; 24 hours.
    pub succeeded: Duration,
    /// Those that failed; 30 days.
    pub failed: Duration,
    /// Those that were deleted; 7 days.
    pub deleted: Duration,
    /// The notes of what operators did; 180 days.
    pub audit: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self { succeeded: DAY, failed: DAY * 30, deleted: DAY * 7, audit: DAY * 180 }
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
/// [`Error::Config`] for a URL of an unknown scheme or of an engine whose feature is off; else what the
/// engine says.
pub async fn open(url: &str, settings: Settings) -> Result<SharedStorage> {
    opening(url, settings).await
}

/// Boxed, so that the engines are compiled here: what an `async fn` needs is otherwise compiled anew in each program that awaits it.
#[inline(never)]
fn opening(url: &str, settings: Settings) -> BoxFuture<'_, Result<SharedStorage>> {
    Box::pin(async move {
        let storage: SharedStorage = match url.split_once(':').map(|(scheme, _)| scheme) {
            #[cfg(feature = "sqlite")]
            Some("sqlite") => Arc::new(sqlite::Sqlite::open(url, settings).await?),
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => Arc::new(postgres::Postgres::open(url, settings).await?),
            #[cfg(feature = "mysql")]
            Some("mysql" | "mariadb") => Arc::new(mysql::MySql::open(url, settings).await?),
            scheme => return Err(no_engine(scheme, url)),
        };
        Ok(storage)
    })
}

/// Why no engine opens the URL: its feature is off, or nobody knows its scheme.
fn no_engine(scheme: Option<&str>, url: &str) -> Error {
    let url = without_password(url);
    let feature = match scheme {
        Some("sqlite") => "sqlite",
        Some("postgres" | "postgresql") => "postgres",
        Some("mysql" | "mariadb") => "mysql",
        _ => {
            return Error::config(format!(
                "the database URL `{url}` names no engine; write `sqlite://jobs.db`, `postgres://user@host/database` or \
                 `mysql://user@host/database`"
            ));
        }
    };
    Error::config(format!(
        "the database URL `{url}` needs the feature `{feature}` of `jobs`, which is off in this program; turn it on with \
         `cargo add jobs --features {feature}`"
    ))
}

/// A URL as it may be shown: without what stands between the scheme and the host, and without its parameters.
fn without_password(url: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, ""), |(address, _)| (address, "?…"));
    // A password may hold a `?` that was not written as `%3F`.
    let shown = match (url.find(':'), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            let start = if url[scheme..].starts_with("://") { scheme + 3 } else { scheme + 1 };
            let rest = url[at.max(start)..].split('?').next().unwrap_or_default();
            format!("{}…{rest}", &url[..start.min(at)])
        }
        _ => address.to_owned(),
    };
    shown + parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For engines that are compiled in `open` asks nobody; what it says without them is the same text in every build.
    #[test]
    fn a_url_of_an_absent_engine_names_its_feature_and_no_password() {
        let cases = [
            ("sqlite://jobs.db", "sqlite"),
            ("postgres://shop:s3cret@db/shop", "postgres"),
            ("postgresql://shop:s3cret@db/shop", "postgres"),
            ("mysql://shop:s3cret@db/shop", "mysql"),
            ("mariadb://shop:s3cret@db/shop", "mysql"),
            ("mysql:shop:s3cret@db", "mysql"),
            ("mysql://shop:s3@s3cret?s3cret@db/shop", "mysql"),
            ("postgres://db/shop?user=shop&password=s3cret", "postgres"),
        ];
        for (url, feature) in cases {
            let text = no_engine(url.split_once(':').map(|(scheme, _)| scheme), url).to_string();
            assert!(text.contains(&format!("needs the feature `{feature}` of `jobs`")), "{text}");
            assert!(text.contains(&format!("cargo add jobs --features {feature}")), "{text}");
            assert!(!text.contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn a_scheme_that_nobody_knows_is_told_the_ones_that_there_are() {
        for url in ["mongodb://shop:s3cret@db/jobs", "jobs.db", "", "Sqlite:x", "://"] {
            let text = no_engine(url.split_once(':').map(|(scheme, _)| scheme), url).to_string();
            for word in ["names no engine", "sqlite://", "postgres://", "mysql://"] {
                assert!(text.contains(word), "{url}: {text}");
            }
            assert!(!text.contains("s3cret"), "{text}");
        }
    }

    #[cfg(not(feature = "postgres"))]
    #[tokio::test]
    async fn opening_says_which_feature_is_off() {
        let Err(error) = open("postgres://localhost/shop", Settings::default()).await else {
            panic!("there is no such engine in this program");
        };
        assert!(matches!(error, Error::Config(_)), "{error:?}");
        assert!(error.to_string().contains("needs the feature `postgres`"), "{error}");
    }
}
