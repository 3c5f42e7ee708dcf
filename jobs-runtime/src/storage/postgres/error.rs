//! From the driver's errors to the crate's, by what the caller can do.

use crate::{error::Error, storage::sql::fail::Fail};

/// The SQLSTATE of an error that the server itself gave (postgresql.org/docs/current/errcodes-appendix.html).
fn state(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(|code| code.into_owned())
}

/// Whether the connection is of no use any more.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match state(error).as_deref() {
        // Shutdowns, crashes, restarts, sessions that were ended for idling, and servers that have become standbys: the address may
        // lead to the new primary by now.
        Some(state) => {
            matches!(state, "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25006") || state.starts_with("08")
        }
        None => matches!(
            error,
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed
        ),
    }
}

/// Whether the server ended the transaction for the sake of another, so that it succeeds when run again.
pub(super) fn is_conflict(error: &sqlx::Error) -> bool {
    matches!(state(error).as_deref(), Some("40001" | "40P01"))
}

/// Whether the number of a transaction is one that the server has not given yet: it is not the one that gave it.
pub(super) fn is_unknown_number(error: &sqlx::Error) -> bool {
    state(error).as_deref() == Some("22023")
}

/// Whether a lock was waited for as long as the server lets one wait.
pub(super) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    state(error).as_deref() == Some("55P03")
}

/// Whether the statement was given up, by a limit of time or by somebody.
pub(super) fn is_cancelled(error: &sqlx::Error) -> bool {
    state(error).as_deref() == Some("57014")
}

/// The crate's error.
pub(super) fn own(error: sqlx::Error, what: &str) -> Error {
    let text = error.to_string();
    let Some(state) = state(&error) else { return of_the_driver(error, what) };
    let class = state.get(..2).unwrap_or_default();
    match (state.as_str(), class) {
        ("40001" | "40P01", _) => Error::Locked(format!(
            "{what}: another transaction was in the way, and this one must be rolled back and run again; {text}"
        )),
        ("55P03", _) => {
            Error::Locked(format!("{what}: another transaction has kept a row locked for too long; {text}"))
        }
        ("53100", _) => Error::Full(format!("{what}: {text}")),
        ("25006", _) => Error::ReadOnly(format!(
            "{what}: {text}; connect to the primary server, with a role and a transaction that may write"
        )),
        ("42P01" | "3F000" | "42703", _) => Error::Schema(format!(
            "{what}: the tables of `jobs` are missing here, or those of another version ({text}); connect once with migrations \
             allowed, to the database and the schema that the URL names"
        )),
        ("42501", _) => Error::Config(format!(
            "{what}: {text}; the role that creates the tables needs CREATE on the database, or owns the schema; others need USAGE \
             on the schema and on its sequences, and SELECT, INSERT, UPDATE and DELETE on its tables"
        )),
        ("28P01" | "28000", _) => Error::Config(format!("{what}: {text}; check user and password in the database URL")),
        ("3D000", _) => Error::Config(format!("{what}: {text}; create it, or check the name in the database URL")),
        ("08P01", _) if text.contains("unsupported startup parameter") => Error::Config(format!(
            "{what}: {text}; a pooler stands between, so write `notify=off` in the database URL, or connect to the server itself"
        )),
        ("57014", _) => Error::Unavailable {
            what: format!("{what} took longer than the server lets a statement take"),
            source: Box::new(error),
        },
        (_, "08" | "53" | "57" | "58") | ("25P03", _) => {
            Error::Unavailable { what: what.to_owned(), source: Box::new(error) }
        }
        _ => Error::Storage { what: what.to_owned(), source: Box::new(error) },
    }
}

fn of_the_driver(error: sqlx::Error, what: &str) -> Error {
    match error {
        sqlx::Error::Tls(source) => {
            Error::Config(format!("{what}: {source}; check `sslmode` and `sslrootcert` in the database URL"))
        }
        sqlx::Error::Configuration(source) => Error::Config(format!("{what}: {source}; check the database URL")),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            Error::Unavailable { what: what.to_owned(), source: Box::new(error) }
        }
        _ => Error::Storage { what: what.to_owned(), source: Box::new(error) },
    }
}

/// The crate's error.
pub(super) fn into_error(fail: Fail, what: &str) -> Error {
    match fail {
        Fail::Sql(error) => own(error, what),
        Fail::Known => Error::Storage { what: what.to_owned(), source: "a job was stored twice at once".into() },
        Fail::Raced => Error::Locked(format!("{what}: other transactions were first again and again")),
        Fail::Own(error) => error,
    }
}
