//! From a URL to the options of a connection.

use std::{str::FromStr, time::Duration};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use super::native::Opening;
use crate::error::{Error, Result};

/// How many prepared statements a connection keeps: all of the engine's, in all sizes.
const STATEMENTS: usize = 400;

/// Where the file is and how to open it.
pub(super) struct Address {
    pub(super) opening: Opening,
    pub(super) options: SqliteConnectOptions,
}

/// Reads `sqlite://path`, `sqlite:path`, each with `?synchronous=full` (the default) or `normal` and what the driver knows.
pub(super) fn parse(url: &str, lock_wait: Duration) -> Result<Address> {
    let (base, query) = url.split_once('?').map_or((url, ""), |(base, query)| (base, query));
    let mut synchronous = SqliteSynchronous::Full;
    let mut rest = Vec::new();
    let (mut read_only, mut vfs) = (false, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("synchronous", "full")) => synchronous = SqliteSynchronous::Full,
            Some(("synchronous", "normal")) => synchronous = SqliteSynchronous::Normal,
            Some(("synchronous", other)) => {
                return Err(Error::config(format!(
                    "`synchronous={other}` in the database URL: write `full`, which keeps every committed job through a power \
                     cut, or `normal`, which may lose the last of them"
                )));
            }
            other => {
                rest.push(pair);
                match other {
                    Some(("mode", "ro")) => read_only = true,
                    Some(("vfs", name)) => vfs = Some(name.to_owned()),
                    _ => {}
                }
            }
        }
    }
    let rebuilt = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    let options = SqliteConnectOptions::from_str(&rebuilt)
        .map_err(|error| Error::config(format!("the database URL `{url}` cannot be read: {error}")))?;
    let path = options.get_filename().to_owned();
    if path.as_os_str().is_empty() || base.contains(":memory:") || query.contains("mode=memory") {
        return Err(Error::config(format!(
            "`{url}` names no file: jobs must outlive the process and be seen by several connections; write \
             `sqlite://jobs.db`, or a file in a temporary folder for tests"
        )));
    }
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(lock_wait)
        .statement_cache_capacity(STATEMENTS);
    let full = matches!(synchronous, SqliteSynchronous::Full);
    Ok(Address { opening: Opening { path, read_only, vfs, full, lock_wait }, options })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn path(url: &str) -> Result<PathBuf> {
        parse(url, Duration::from_secs(1)).map(|address| address.opening.path)
    }

    #[test]
    fn reads_the_usual_forms() {
        assert_eq!(path("sqlite://shop.db").ok(), Some("shop.db".into()));
        assert_eq!(path("sqlite:shop.db?synchronous=normal").ok(), Some("shop.db".into()));
        assert_eq!(path("sqlite:///var/lib/shop.db?mode=rwc&synchronous=full").ok(), Some("/var/lib/shop.db".into()));
    }

    #[test]
    fn refuses_what_would_lose_jobs() {
        for url in
            ["sqlite::memory:", "sqlite://:memory:", "sqlite://a.db?mode=memory", "sqlite://a.db?synchronous=off"]
        {
            assert!(matches!(path(url), Err(Error::Config(_))), "{url}");
        }
    }
}
