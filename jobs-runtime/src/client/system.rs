//! The database and this program as they stand.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::Client;
use crate::{
    Result,
    storage::{Migration, SchemaVersion, SystemRecord, TableSize},
};

/// The database and this program as they stand: what [`Client::system`] returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct System {
    /// The engine's word: `sqlite`, `postgres`, `mysql`.
    pub engine: &'static str,
    /// The engine's own words for its version.
    pub version: String,
    /// The version of the tables, which is the one that this program works with.
    pub schema: i64,
    /// The version of `jobs` in this program.
    pub library: &'static str,
    /// The database's time.
    pub now: Timestamp,
    /// How far the database's clock is ahead of this host's; negative where it is behind. The database's decides when jobs are due and
    /// which leases are valid, so a difference harms nothing but what people read.
    pub ahead: SignedDuration,
    /// By how much the difference may be wrong: half the time that the question took.
    pub uncertain: Duration,
    /// What takes how much room, the largest first.
    pub sizes: Vec<TableSize>,
    /// The steps that made the tables what they are, the oldest first.
    pub migrations: Vec<Migration>,
}

impl Client {
    /// The engine and its version, the version and sizes of the tables, and the difference between its clock and this host's. The sizes
    /// come from the engine's catalog: no table is read.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// let system = client.system().await?;
    /// assert_eq!(system.engine, "sqlite");
    /// assert!(system.sizes[0].bytes > 0);
    /// # Ok(()) }
    /// ```
    pub async fn system(&self) -> Result<System> {
        let SystemRecord { version, schema, sizes, migrations, .. } = self.storage().system().await?;
        // The clock alone, so that the question takes as short as it can.
        let (begun, asked) = (Instant::now(), Timestamp::now());
        let now = self.storage().now().await?;
        let (ahead, uncertain) = ahead(asked, begun.elapsed(), now);
        let (engine, library) = (self.storage().engine(), env!("CARGO_PKG_VERSION"));
        Ok(System { engine, version, schema, library, now, ahead, uncertain, sizes, migrations })
    }

    /// Which version the tables are of by now, and which this program works with: they fitted when it connected, and may have been
    /// updated, restored or removed since.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// # use jobs::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// let schema = client.schema().await?;
    /// assert!(schema.fits());
    /// assert_eq!(schema.found, Some(schema.needed));
    /// # Ok(()) }
    /// ```
    pub async fn schema(&self) -> Result<SchemaVersion> {
        self.storage().schema().await
    }
}

/// How far another clock is ahead that was read at some point of a question, and by how much that may be wrong.
fn ahead(asked: Timestamp, took: Duration, read: Timestamp) -> (SignedDuration, Duration) {
    let half = took / 2;
    let since = read.duration_since(asked);
    (since.saturating_sub(SignedDuration::try_from(half).unwrap_or(SignedDuration::MAX)), half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_clock_is_taken_to_be_read_in_the_middle_of_the_question() {
        let asked = Timestamp::from_second(1_000).expect("an instant");
        let (took, half) = (Duration::from_millis(80), Duration::from_millis(40));
        for (off, expected) in [(40, 0), (0, -40), (80, 40), (3_600_040, 3_600_000), (-9_960, -10_000)] {
            let read = asked + SignedDuration::from_millis(off);
            assert_eq!(ahead(asked, took, read), (SignedDuration::from_millis(expected), half), "{off} ms");
        }
    }
}
