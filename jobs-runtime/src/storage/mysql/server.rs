//! Whether the server is one that the engine can work with.

use sqlx::{MySqlConnection, Row as _};

use super::{driver::commands, error::own};
use crate::error::{Error, Result};

/// The oldest of each; the statements need `SKIP LOCKED` and `JSON_TABLE`.
const MARIADB: (u32, u32) = (10, 6);
const MYSQL: (u32, u32) = (8, 0);

/// What a row takes beside a payload or an output: texts of its history, meta and tags.
const BESIDE: u64 = 512 * 1024;

/// Checks the server's version, and that it takes the largest payload.
pub(super) async fn check(connection: &mut MySqlConnection, payload_limit: usize) -> Result<()> {
    let read = |error| own(error, "reading the server's version");
    let rows = commands(connection, include_str!("sql/server.sql")).await.map_err(read)?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound).map_err(read)?;
    let version: String = row.try_get_unchecked(0).map_err(read)?;
    let packet: i64 = row.try_get_unchecked(1).map_err(read)?;
    if !is_new_enough(&version) {
        return Err(Error::config(format!(
            "the database server is {version}; `jobs` needs MySQL 8.0 or newer, or MariaDB 10.6 or newer"
        )));
    }
    if packet.unsigned_abs() < payload_limit as u64 + BESIDE {
        return Err(Error::config(format!(
            "the limit of payloads is {payload_limit} bytes, and the server's `max_allowed_packet` is {packet}; raise that to \
             {} or lower the limit",
            payload_limit as u64 + BESIDE
        )));
    }
    Ok(())
}

/// Reads `8.0.36`, `10.11.14-MariaDB-0+deb12u2` and `5.5.5-10.11.14-MariaDB`, as old clients are told.
fn is_new_enough(version: &str) -> bool {
    let is_mariadb = version.to_lowercase().contains("mariadb");
    let version = version.strip_prefix("5.5.5-").filter(|_| is_mariadb).unwrap_or(version);
    let mut numbers = version.split(|letter: char| !letter.is_ascii_digit()).map(|number| number.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    found >= if is_mariadb { MARIADB } else { MYSQL }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_servers_say_them() {
        for good in
            ["8.0.36", "9.1.0", "8.4.2-commercial", "10.6.18-MariaDB-log", "11.4.2-MariaDB", "5.5.5-10.11.14-MariaDB"]
        {
            assert!(is_new_enough(good), "{good}");
        }
        for old in ["5.7.44-log", "10.5.25-MariaDB", "5.5.5-10.3.39-MariaDB", "5.7.25-TiDB-v6.5.0", "", "unknown"] {
            assert!(!is_new_enough(old), "{old}");
        }
    }
}
