//! From the driver's errors to the crate's, by what the caller can do.

use std::{error::Error as StdError, fmt, fs::OpenOptions, io::ErrorKind, path::Path, sync::Arc};

use crate::{error::Error, storage::sql::fail::Fail};

/// SQLite's primary result codes (sqlite.org/rescode.html).
const ERROR: i32 = 1;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const NO_MEMORY: i32 = 7;
const READ_ONLY: i32 = 8;
const INTERRUPTED: i32 = 9;
const IO: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const PROTOCOL: i32 = 15;
const SCHEMA: i32 = 17;
const NOT_A_DATABASE: i32 = 26;

/// The primary result code of an error that SQLite itself gave.
fn code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// Whether a statement names a table or a column that is not there; SQLite has no code for it.
fn is_missing(text: &str) -> bool {
    ["no such table: jobs_", "no such table: main.jobs_", "no such column: ", "has no column named "]
        .iter()
        .any(|start| text.contains(start))
}

/// Whether another connection holds the lock.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(BUSY | LOCKED))
}

/// Whether a statement was given up.
pub(super) fn is_interrupted(error: &sqlx::Error) -> bool {
    code(error) == Some(INTERRUPTED)
}

/// Whether the same group may succeed later, so that splitting it is of no use.
pub(super) fn is_transient(error: &sqlx::Error) -> bool {
    match code(error) {
        Some(code) => matches!(
            code,
            BUSY | LOCKED | NO_MEMORY | READ_ONLY | INTERRUPTED | IO | FULL | CANNOT_OPEN | PROTOCOL | SCHEMA
        ),
        None => !matches!(error, sqlx::Error::Decode(_) | sqlx::Error::Encode(_) | sqlx::Error::ColumnDecode { .. }),
    }
}

/// The crate's error; one driver's error may be given to several callers.
pub(super) fn convert(error: &Arc<sqlx::Error>, what: &str) -> Error {
    let text = error.to_string();
    let source = || Box::new(Driver(Arc::clone(error)));
    match code(error) {
        Some(BUSY | LOCKED) => {
            Error::Locked(format!("{what}: another connection has kept the database locked for too long; {text}"))
        }
        Some(READ_ONLY) => Error::ReadOnly(format!("{what}: {text}; check the permissions of the file and its folder")),
        Some(FULL) => Error::Full(format!("{what}: {text}")),
        Some(NO_MEMORY | INTERRUPTED | IO | CANNOT_OPEN | PROTOCOL | SCHEMA) => {
            Error::Unavailable { what: what.to_owned(), source: source() }
        }
        Some(CORRUPT | NOT_A_DATABASE) => {
            Error::Storage { what: format!("{what}: the file is damaged or no database"), source: source() }
        }
        Some(ERROR) if is_missing(&text) => Error::Schema(format!(
            "{what}: {text}; the tables of `jobs` are missing in this file, or those of another version: connect once with migrations \
             allowed, and look whether it is the right file"
        )),
        Some(_) => Error::Storage { what: what.to_owned(), source: source() },
        None if is_transient(error) => Error::Unavailable { what: what.to_owned(), source: source() },
        None => Error::Storage { what: what.to_owned(), source: source() },
    }
}

pub(super) fn own(error: sqlx::Error, what: &str) -> Error {
    convert(&Arc::new(error), what)
}

/// Why the file at `path` cannot be opened. SQLite says the same of a file that is not there and of one that may not be written.
pub(super) fn opening(error: sqlx::Error, path: &Path) -> Error {
    if code(&error) == Some(CANNOT_OPEN)
        && let Err(refused) = OpenOptions::new().append(true).open(path)
        && matches!(refused.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
    {
        let path = path.display();
        return Error::ReadOnly(format!("opening {path}: {refused}; check the permissions of the file and its folder"));
    }
    own(error, &format!("opening {} (its folder must exist and be writable)", path.display()))
}

/// The crate's error.
pub(super) fn into_error(fail: Fail, what: &str) -> Error {
    match fail {
        Fail::Sql(error) => own(error, what),
        Fail::Known => Error::Storage { what: what.to_owned(), source: "a job was stored twice at once".into() },
        Fail::Raced => Error::Storage { what: what.to_owned(), source: "the tables contradict each other".into() },
        Fail::Own(error) => error,
    }
}

/// The driver's error as a source that several errors share.
#[derive(Debug)]
struct Driver(Arc<sqlx::Error>);

impl fmt::Display for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Driver {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
