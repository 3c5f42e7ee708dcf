//! Runs the storage suite on every engine that is compiled in, one module an engine: `sqlite::claim::…`.
//!
//! `cargo test --test conformance -- sqlite::` runs one engine's tests; the number that passed is in its last line.

#![allow(clippy::print_stdout, reason = "a test tells what it leaves out")]
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

#[path = "conformance/engines.rs"]
mod engines;

#[cfg(feature = "sqlite")]
mod sqlite {
    jobs_runtime::conformance!(crate::engines::sqlite::SqliteFile::new());
}

#[cfg(feature = "postgres")]
mod postgres {
    jobs_runtime::conformance!(match crate::engines::postgres::Schema::new() {
        Some(schema) => schema,
        None => return,
    });
}

#[cfg(feature = "mysql")]
mod mysql {
    jobs_runtime::conformance!(match crate::engines::mysql::Database::new() {
        Some(database) => database,
        None => return,
    });
}

/// Says in every run what a build without these features cannot test; here and in the other files that need them.
#[cfg(not(all(feature = "postgres", feature = "mysql")))]
#[test]
fn other_engines() {
    println!(
        "LEFT OUT: other_engines: their features are off; `cargo test --all-features` tests them, `cargo xtask test` with servers of its own"
    );
}
