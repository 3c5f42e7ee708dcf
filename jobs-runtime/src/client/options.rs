//! How a client connects.

use crate::{
    Client, Error, Redaction, Result,
    storage::{self, ClockOffset, Retention, Settings},
};

/// How a [`Client`] connects: made by [`Client::options`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jobs::Result<()> {
/// # let dir = tempfile::tempdir().expect("a directory");
/// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
/// use jobs::{Client, Retention};
/// use std::time::Duration;
///
/// let week = Duration::from_secs(7 * 24 * 60 * 60);
/// let client = Client::options()
///     .payload_limit(64 * 1024)
///     .retention(Retention { succeeded: week, ..Retention::default() })
///     .connect(&url)
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "options do nothing until `.connect(url).await`"]
pub struct ClientOptions {
    settings: Settings,
    redaction: Redaction,
}

impl ClientOptions {
    /// Whether connecting creates or updates the tables; it does, unless `false` is said here.
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.settings.migrate = migrate;
        self
    }

    /// How many bytes a payload or an output may have, its header included; 1 MiB, unless said here.
    pub fn payload_limit(mut self, bytes: usize) -> Self {
        self.settings.payload_limit = bytes;
        self
    }

    /// How long finished jobs are kept where the job does not say.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.settings.retention = retention;
        self
    }

    /// Which values are kept from whoever looks at jobs, by their names; the names of [`Redaction::NAMES`], unless said here.
    pub fn redaction(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// Shifts the database's clock for this client and its servers; for tests of time.
    pub fn clock_offset(mut self, offset: ClockOffset) -> Self {
        self.settings.clock_offset = offset;
        self
    }

    /// Connects to the database that the URL names: `sqlite://shop.db`.
    ///
    /// # Errors
    /// [`Error::Config`] for a URL that names no engine of this program, a payload limit of 0, or a call outside a tokio
    /// runtime; [`Error::Schema`] for tables that are missing, or newer than the program; else what the engine says when it
    /// cannot reach, read or write the database.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the tables as they were or wholly updated.
    pub async fn connect(self, url: &str) -> Result<Client> {
        if self.settings.payload_limit == 0 {
            return Err(Error::config(
                "`payload_limit` is 0, so that no job could be stored; give it at least some bytes",
            ));
        }
        Client::redacting(storage::open(url, self.settings).await?, self.redaction)
    }
}
