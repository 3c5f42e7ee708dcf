//! Runs the storage suite on every engine that is compiled in, one module an engine: `sqlite::claim::…`.
//!
//! `cargo test --test conformance -- sqlite::` runs one engine's tests; the number that passed is in its last line.

#![allow(clippy::print_stdout, reason = "a test tells what it leaves out")]
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

use jobs_runtime::Error;

#[cfg(feature = "mysql")]
#[path = "conformance/mysql.rs"]
mod mysql;
#[cfg(feature = "postgres")]
#[path = "conformance/postgres.rs"]
mod postgres;
#[cfg(feature = "sqlite")]
#[path = "conformance/sqlite.rs"]
mod sqlite;

/// Says in every run what a build without these features cannot test; here and in the other files that need them.
#[cfg(not(all(feature = "postgres", feature = "mysql")))]
#[test]
fn other_engines() {
    println!(
        "LEFT OUT: other_engines: their features are off; `cargo test --all-features` tests them, `cargo xtask test` with servers of its own"
    );
}

/// What the database says to the application itself.
fn refused(error: sqlx::Error) -> Error {
    Error::Storage { what: "a statement of the application's".to_owned(), source: Box::new(error) }
}
