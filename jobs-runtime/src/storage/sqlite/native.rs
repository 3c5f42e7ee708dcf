//! The writer's own connection. The driver runs each statement on a thread of its own and hands each row over a channel; the writer
//! is a thread already, and calls SQLite on it: its futures are ready at once.

use std::{borrow::Cow, error::Error as StdError, fmt, path::PathBuf, time::Duration};

use async_trait::async_trait;
use rusqlite::{
    CachedStatement, OpenFlags, ToSql,
    types::{ToSqlOutput, Value as Cell, ValueRef},
};
use sqlx::error::{BoxDynError, DatabaseError, ErrorKind};

use super::driver::{host_clock, one_row, parts};
use crate::{
    JobId,
    storage::sql::{
        connection::Connection,
        lists::{id_list, parse_ids},
        row::{Columns, Row, damaged, id_bytes},
        statement::Sql,
        value::{Table, Value},
    },
};

/// How many prepared statements are kept: all of the engine's, in all sizes.
const STATEMENTS: usize = 400;

/// How the writer's connection is opened.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub(super) path: PathBuf,
    pub(super) read_only: bool,
    pub(super) vfs: Option<String>,
    /// Whether a commit is safe on the disk before it is answered.
    pub(super) full: bool,
    /// How long SQLite waits for the lock.
    pub(super) lock_wait: Duration,
}

/// A connection that is called on the thread that waits for it.
pub(super) struct Native(rusqlite::Connection);

impl Native {
    /// Opens the file, which must be there. It may wait for the lock.
    pub(super) fn open(opening: &Opening) -> sqlx::Result<Self> {
        open(opening).map(Self).map_err(refused)
    }

    /// The version of the file's content, which another connection's commit changes.
    pub(super) fn data_version(&self) -> sqlx::Result<i64> {
        let mut statement = self.0.prepare_cached(include_str!("sql/data_version.sql")).map_err(refused)?;
        statement.query_row((), |row| row.get(0)).map_err(refused)
    }

    /// Whether the next commits are answered only when they are safe on the disk.
    pub(super) fn safe(&self, full: bool) -> sqlx::Result<()> {
        // Not to be prepared: it takes effect when it is compiled.
        self.0.pragma_update(None, "synchronous", if full { "full" } else { "normal" }).map_err(refused)
    }

    /// Executes a statement of transactions.
    pub(super) fn run(&self, command: &str) -> sqlx::Result<()> {
        execute(&self.0, command, &[]).map(drop).map_err(refused)
    }
}

fn open(opening: &Opening) -> rusqlite::Result<rusqlite::Connection> {
    let access = if opening.read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match &opening.vfs {
        Some(vfs) => rusqlite::Connection::open_with_flags_and_vfs(&opening.path, flags, vfs.as_str()),
        None => rusqlite::Connection::open_with_flags(&opening.path, flags),
    }?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(opening.lock_wait)?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", if opening.full { "full" } else { "normal" })?;
    Ok(connection)
}

/// Executes a statement for each row of a table.
fn each(connection: &rusqlite::Connection, sql: &str, table: &Table) -> rusqlite::Result<Vec<u64>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut affected = Vec::new();
    for row in table.rows() {
        for (index, value) in row.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, value)?;
        }
        statement.raw_execute()?;
        affected.push(connection.changes());
    }
    Ok(affected)
}

fn bound<'c>(
    connection: &'c rusqlite::Connection,
    sql: &str,
    values: &[Value],
) -> rusqlite::Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(sql)?;
    for (index, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(statement)
}

fn execute(connection: &rusqlite::Connection, sql: &str, values: &[Value]) -> rusqlite::Result<u64> {
    let mut statement = bound(connection, sql, values)?;
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(connection.changes())
}

fn fetch(connection: &rusqlite::Connection, sql: &str, values: &[Value], into: &mut Vec<Row>) -> rusqlite::Result<()> {
    let mut statement = bound(connection, sql, values)?;
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let cells: rusqlite::Result<Box<[Cell]>> = (0..width).map(|column| row.get(column)).collect();
        into.push(Row::new(Cells(cells?)));
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        fn some<'v>(value: Option<impl Into<ValueRef<'v>>>) -> ToSqlOutput<'v> {
            ToSqlOutput::Borrowed(value.map_or(ValueRef::Null, Into::into))
        }
        Ok(match self {
            Self::Int(number) | Self::Time(number) => some(number.map(ValueRef::Integer)),
            Self::Flag(flag) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*flag))),
            Self::Real(number) => ToSqlOutput::Borrowed(ValueRef::Real(*number)),
            Self::Text(text) => some(text.as_deref()),
            Self::Bytes(bytes) => some(bytes.as_deref()),
            Self::Id(id) => some(id.as_ref().map(|id| id.as_slice())),
            // Unfolded by `json_each` and `unhex`.
            Self::Ids(ids) => ToSqlOutput::Owned(id_list(ids.iter().copied()).into()),
            Self::Ints(numbers) => ToSqlOutput::Owned(serde_json::Value::from(numbers.as_slice()).to_string().into()),
            Self::Texts(texts) => ToSqlOutput::Owned(serde_json::Value::from(texts.as_slice()).to_string().into()),
        })
    }
}

#[async_trait]
impl Connection for Native {
    async fn execute(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<u64> {
        execute(&self.0, sql.text(), &args).map_err(refused)
    }

    async fn insert(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<i64> {
        let rows = self.rows(sql, args).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    async fn rows(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Vec<Row>> {
        let mut rows = Vec::new();
        fetch(&self.0, sql.text(), &args, &mut rows).map_err(refused)?;
        Ok(rows)
    }

    async fn bulk(&mut self, sql: &Sql, table: Table) -> sqlx::Result<u64> {
        if sql.is_single() {
            return Ok(self.each(sql, table).await?.into_iter().sum());
        }
        if !sql.is_joined() {
            // As the bare statements of `bench/` do it: nothing that was tried there was faster.
            let single = one_row(sql, table.width());
            return Ok(each(&self.0, single.as_str(), &table).map_err(refused)?.into_iter().sum());
        }
        let mut affected = 0;
        for (sql, values) in parts(sql, table) {
            affected += execute(&self.0, sql.as_str(), &values).map_err(refused)?;
        }
        Ok(affected)
    }

    async fn each(&mut self, sql: &Sql, table: Table) -> sqlx::Result<Vec<u64>> {
        each(&self.0, sql.text(), &table).map_err(refused)
    }

    async fn bulk_rows(&mut self, sql: &Sql, table: Table) -> sqlx::Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (sql, values) in parts(sql, table) {
            fetch(&self.0, sql.as_str(), &values, &mut rows).map_err(refused)?;
        }
        Ok(rows)
    }

    async fn command(&mut self, command: &'static str) -> sqlx::Result<()> {
        self.run(command)
    }

    async fn clock(&mut self) -> sqlx::Result<i64> {
        Ok(host_clock())
    }

    fn host_time(&self) -> i64 {
        host_clock()
    }

    async fn begin_snapshot(&mut self) -> sqlx::Result<()> {
        self.run("BEGIN")
    }
}

/// A row's values.
struct Cells(Box<[Cell]>);

impl Cells {
    fn cell(&self, column: usize) -> sqlx::Result<Option<&Cell>> {
        match self.0.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(cell) => Ok(Some(cell)),
            None => Err(sqlx::Error::ColumnIndexOutOfBounds { index: column, len: self.0.len() }),
        }
    }
}

fn other(cell: &Cell, column: usize) -> sqlx::Error {
    damaged(format!("a value of type {} in column {column}", cell.data_type()))
}

impl Columns for Cells {
    fn int(&self, column: usize) -> sqlx::Result<Option<i64>> {
        self.cell(column)?
            .map(|cell| if let Cell::Integer(number) = cell { Ok(*number) } else { Err(other(cell, column)) })
            .transpose()
    }

    fn flag(&self, column: usize) -> sqlx::Result<Option<bool>> {
        Ok(self.int(column)?.map(|number| number != 0))
    }

    fn real(&self, column: usize) -> sqlx::Result<Option<f64>> {
        self.cell(column)?
            .map(|cell| if let Cell::Real(number) = cell { Ok(*number) } else { Err(other(cell, column)) })
            .transpose()
    }

    fn text(&self, column: usize) -> sqlx::Result<Option<String>> {
        self.cell(column)?
            .map(|cell| if let Cell::Text(text) = cell { Ok(text.clone()) } else { Err(other(cell, column)) })
            .transpose()
    }

    fn bytes(&self, column: usize) -> sqlx::Result<Option<Vec<u8>>> {
        self.cell(column)?
            .map(|cell| if let Cell::Blob(bytes) = cell { Ok(bytes.clone()) } else { Err(other(cell, column)) })
            .transpose()
    }

    fn id(&self, column: usize) -> sqlx::Result<Option<[u8; 16]>> {
        self.cell(column)?
            .map(|cell| if let Cell::Blob(bytes) = cell { id_bytes(bytes) } else { Err(other(cell, column)) })
            .transpose()
    }

    fn time(&self, column: usize) -> sqlx::Result<Option<i64>> {
        self.int(column)
    }

    fn ids(&self, column: usize) -> sqlx::Result<Vec<JobId>> {
        match self.cell(column)? {
            Some(Cell::Text(list)) => parse_ids(list),
            Some(cell) => Err(other(cell, column)),
            None => Ok(Vec::new()),
        }
    }
}

/// An error of SQLite's, told as the driver tells it.
#[derive(Debug)]
struct Refused {
    code: i32,
    message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(code: {}) {}", self.code, self.message)
    }
}

impl StdError for Refused {}

impl DatabaseError for Refused {
    fn message(&self) -> &str {
        &self.message
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.code.to_string().into())
    }

    fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> BoxDynError {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

/// The driver's error for one of SQLite's.
fn refused(error: rusqlite::Error) -> sqlx::Error {
    match error.sqlite_error() {
        Some(failure) => {
            sqlx::Error::Database(Box::new(Refused { code: failure.extended_code, message: error.to_string() }))
        }
        // The statements and the values are ours: nothing that trying again cures.
        None => sqlx::Error::Encode(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn opening(folder: &tempfile::TempDir) -> Opening {
        let path = folder.path().join("jobs.db");
        rusqlite::Connection::open(&path).unwrap();
        Opening { path, read_only: false, vfs: None, full: true, lock_wait: Duration::ZERO }
    }

    fn synchronous(native: &Native) -> i64 {
        native.0.query_row("PRAGMA synchronous", (), |row| row.get(0)).unwrap()
    }

    #[test]
    fn commits_are_safe_unless_said_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let native = Native::open(&opening(&folder)).unwrap();
        assert_eq!(synchronous(&native), 2);
        for (full, level) in [(false, 1), (true, 2), (false, 1), (true, 2)] {
            native.safe(full).unwrap();
            assert_eq!(synchronous(&native), level);
        }
    }

    #[test]
    fn errors_are_told_as_the_driver_tells_them() {
        let folder = tempfile::tempdir().unwrap();
        let opening = opening(&folder);
        let (one, other) = (Native::open(&opening).unwrap(), Native::open(&opening).unwrap());
        one.run("BEGIN IMMEDIATE").unwrap();
        let error = other.run("BEGIN IMMEDIATE").unwrap_err();
        assert!(crate::storage::sqlite::error::is_busy(&error));
        assert_eq!(error.to_string(), "error returned from database: (code: 5) database is locked");
        let error = other.run("SELECT * FROM shelf").unwrap_err();
        assert_eq!(error.to_string(), "error returned from database: (code: 1) no such table: shelf");
        let error = Native::open(&Opening { path: folder.path().join("nothing.db"), ..opening }).err().unwrap();
        assert!(error.to_string().contains("(code: 14) unable to open database file"), "{error}");
    }
}
