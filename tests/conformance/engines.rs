//! The databases on which the storage suite and the random flows are run.

#![allow(dead_code, reason = "each test file uses its own part")]

use jobs_runtime::Error;

#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

/// What the database says to the application itself.
fn refused(error: sqlx::Error) -> Error {
    Error::Storage { what: "a statement of the application's".to_owned(), source: Box::new(error) }
}
