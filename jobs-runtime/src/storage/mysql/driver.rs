//! The shared code's view of a connection and of its rows.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{
    Arguments as _, Decode, MySql, MySqlConnection, Row as _, SqlStr, Type,
    mysql::{MySqlArguments, MySqlRow},
};

use super::template::{ordered, parts};
use crate::{
    JobId,
    storage::sql::{
        connection::Connection,
        lists::{id_list, parse_ids},
        row::{Columns, Row, damaged, id_bytes},
        statement::Sql,
        value::{Table, Value},
    },
    wake::within,
};

/// How long a statement of the engine's own may take. The server ends it sooner; who hears nothing for so long hears nothing more.
const LIMIT: Duration = Duration::from_secs(75);

fn arguments(values: Vec<Value>) -> sqlx::Result<MySqlArguments> {
    let mut arguments = MySqlArguments::default();
    for value in values {
        match value {
            Value::Int(number) | Value::Time(number) => arguments.add(number),
            Value::Flag(flag) => arguments.add(flag),
            Value::Real(number) => arguments.add(number),
            Value::Text(text) => arguments.add(text),
            Value::Bytes(bytes) => arguments.add(bytes),
            Value::Id(id) => arguments.add(id.map(|id| id.to_vec())),
            // Unfolded by `JSON_TABLE` and `UNHEX`.
            Value::Ids(ids) => arguments.add(id_list(ids)),
            Value::Ints(numbers) => arguments.add(serde_json::Value::from(numbers).to_string()),
            Value::Texts(texts) => arguments.add(serde_json::Value::from(texts).to_string()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// The values of a condition: lists are sorted, so that their rows are locked in one order, and name each only once, because each
/// finds its row.
fn sorted(mut args: Vec<Value>) -> Vec<Value> {
    for value in &mut args {
        match value {
            Value::Ids(ids) => {
                ids.sort_unstable();
                ids.dedup();
            }
            Value::Ints(numbers) => {
                numbers.sort_unstable();
                numbers.dedup();
            }
            _ => {}
        }
    }
    args
}

async fn fetch(connection: &mut MySqlConnection, sql: SqlStr, values: Vec<Value>) -> sqlx::Result<Vec<Row>> {
    let rows = sqlx::query_with(sql, arguments(values)?).fetch_all(connection).await?;
    Ok(rows.into_iter().map(Row::new).collect())
}

/// Executes statements of transactions and sessions, which are not worth preparing; gives the rows of all.
pub(super) async fn commands(connection: &mut MySqlConnection, sql: &'static str) -> sqlx::Result<Vec<MySqlRow>> {
    sqlx::raw_sql(sql).fetch_all(connection).await
}

#[async_trait]
impl Connection for MySqlConnection {
    async fn execute(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<u64> {
        let values = arguments(ordered(sql, sorted(args)))?;
        Ok(sqlx::query_with(sql.str(), values).execute(self).await?.rows_affected())
    }

    async fn insert(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<i64> {
        let values = arguments(ordered(sql, args))?;
        let number = sqlx::query_with(sql.str(), values).execute(self).await?.last_insert_id();
        i64::try_from(number).map_err(|_| damaged(format!("the number {number} of a row is out of range")))
    }

    async fn rows(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Vec<Row>> {
        fetch(self, sql.str(), ordered(sql, sorted(args))).await
    }

    async fn bulk(&mut self, sql: &Sql, table: Table) -> sqlx::Result<u64> {
        let mut affected = 0;
        for (sql, values) in parts(sql, table) {
            affected += sqlx::query_with(sql, arguments(values)?).execute(&mut *self).await?.rows_affected();
        }
        Ok(affected)
    }

    async fn bulk_rows(&mut self, sql: &Sql, table: Table) -> sqlx::Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (sql, values) in parts(sql, table) {
            rows.extend(fetch(self, sql, values).await?);
        }
        Ok(rows)
    }

    async fn command(&mut self, command: &'static str) -> sqlx::Result<()> {
        commands(self, command).await.map(drop)
    }

    async fn clock(&mut self) -> sqlx::Result<i64> {
        time_of(commands(self, include_str!("sql/clock.sql")).await?)
    }

    async fn begin_snapshot(&mut self) -> sqlx::Result<()> {
        commands(self, include_str!("sql/begin_snapshot.sql")).await.map(drop)
    }
}

/// How long an answer may take for which the server has nothing to wait for.
pub(super) const GREETING: Duration = Duration::from_secs(5);

/// Begins a transaction; returns the database's time.
pub(super) async fn begin(connection: &mut MySqlConnection) -> sqlx::Result<i64> {
    // It waits for nobody: a connection that does not answer now is lost.
    let begun = async { time_of(commands(connection, include_str!("sql/begin.sql")).await?) };
    within(GREETING, begun).await.unwrap_or_else(|| Err(late()))
}

fn time_of(rows: Vec<MySqlRow>) -> sqlx::Result<i64> {
    rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get_unchecked(0)
}

/// One of the engine's own connections: who waits too long for an answer is told that it is lost. It must not be used any more
/// then.
pub(super) struct Limited<'c>(pub(super) &'c mut MySqlConnection);

pub(super) async fn limited<T>(answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    within(LIMIT, answer).await.unwrap_or_else(|| Err(late()))
}

/// An error that says that the connection is lost.
pub(super) fn late() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}

#[async_trait]
impl Connection for Limited<'_> {
    async fn execute(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<u64> {
        limited(self.0.execute(sql, args)).await
    }

    async fn insert(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<i64> {
        limited(self.0.insert(sql, args)).await
    }

    async fn rows(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Vec<Row>> {
        limited(self.0.rows(sql, args)).await
    }

    async fn bulk(&mut self, sql: &Sql, table: Table) -> sqlx::Result<u64> {
        let mut affected = 0;
        for (sql, values) in parts(sql, table) {
            let statement = sqlx::query_with(sql, arguments(values)?).execute(&mut *self.0);
            affected += limited(statement).await?.rows_affected();
        }
        Ok(affected)
    }

    async fn bulk_rows(&mut self, sql: &Sql, table: Table) -> sqlx::Result<Vec<Row>> {
        limited(self.0.bulk_rows(sql, table)).await
    }

    async fn command(&mut self, command: &'static str) -> sqlx::Result<()> {
        limited(self.0.command(command)).await
    }

    async fn clock(&mut self) -> sqlx::Result<i64> {
        limited(self.0.clock()).await
    }

    async fn begin_snapshot(&mut self) -> sqlx::Result<()> {
        limited(self.0.begin_snapshot()).await
    }
}

/// A value of the type that the statement gives there: the driver's own check knows nothing of names that are bytes.
fn column<'r, T: Decode<'r, MySql> + Type<MySql>>(row: &'r MySqlRow, column: usize) -> sqlx::Result<Option<T>> {
    row.try_get_unchecked(column)
}

fn text(row: &MySqlRow, index: usize) -> sqlx::Result<Option<&str>> {
    let Some(bytes) = column::<&[u8]>(row, index)? else { return Ok(None) };
    std::str::from_utf8(bytes).map(Some).map_err(|error| damaged(format!("the text in column {index}: {error}")))
}

impl Columns for MySqlRow {
    fn int(&self, index: usize) -> sqlx::Result<Option<i64>> {
        column(self, index)
    }

    fn flag(&self, index: usize) -> sqlx::Result<Option<bool>> {
        Ok(column::<i64>(self, index)?.map(|number| number != 0))
    }

    fn real(&self, index: usize) -> sqlx::Result<Option<f64>> {
        column(self, index)
    }

    fn text(&self, index: usize) -> sqlx::Result<Option<String>> {
        Ok(text(self, index)?.map(str::to_owned))
    }

    fn bytes(&self, index: usize) -> sqlx::Result<Option<Vec<u8>>> {
        column(self, index)
    }

    fn id(&self, index: usize) -> sqlx::Result<Option<[u8; 16]>> {
        column::<&[u8]>(self, index)?.map(id_bytes).transpose()
    }

    fn time(&self, index: usize) -> sqlx::Result<Option<i64>> {
        column(self, index)
    }

    fn ids(&self, index: usize) -> sqlx::Result<Vec<JobId>> {
        text(self, index)?.map_or_else(|| Ok(Vec::new()), parse_ids)
    }
}
