//! The shared code's view of a connection and of its rows.

use async_trait::async_trait;
use sqlx::{
    Decode, Row as _, SqlStr, Sqlite, SqliteConnection, Type,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use crate::{
    JobId,
    storage::sql::{
        connection::Connection,
        lists::{id_list, parse_ids},
        row::{Columns, Row, id_bytes},
        statement::Sql,
        value::{Table, Value},
    },
};

/// The numbers of rows that statements are written out for, so that the connection's cache of prepared statements is hit whatever
/// the number; any number is a sum of few of them.
const SIZES: [usize; 6] = [512, 128, 32, 8, 2, 1];

/// With more rows than this the planner may turn a join with the given rows round, and read the whole table.
const LARGEST_JOINED: usize = 128;

/// The clock of the host: SQLite runs inside the processes that use it, all on one host.
pub(super) fn host_clock() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

fn query<'q>(sql: SqlStr, values: impl IntoIterator<Item = Value>) -> Query<'q, Sqlite, SqliteArguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(number) | Value::Time(number) => query.bind(number),
        Value::Flag(flag) => query.bind(flag),
        Value::Real(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
        Value::Id(id) => query.bind(id.map(|id| id.to_vec())),
        // Unfolded by `json_each` and `unhex`.
        Value::Ids(ids) => query.bind(id_list(ids)),
        Value::Ints(numbers) => query.bind(serde_json::Value::from(numbers).to_string()),
        Value::Texts(texts) => query.bind(serde_json::Value::from(texts).to_string()),
    })
}

/// The statements and their values that are executed for a table: each for one of [`SIZES`].
pub(super) fn parts(sql: &Sql, table: Table) -> Vec<(SqlStr, Vec<Value>)> {
    let width = table.width();
    let mut values = table.into_values().into_iter();
    let mut rest = values.len() / width.max(1);
    let mut parts = Vec::new();
    let largest = if sql.is_joined() { LARGEST_JOINED } else { usize::MAX };
    for size in SIZES.into_iter().filter(|size| *size <= largest) {
        while rest >= size {
            rest -= size;
            let text = sql.for_rows(size, |template| written_out(template, size, width));
            parts.push((text, values.by_ref().take(size * width).collect()));
        }
    }
    parts
}

/// The statement for a single row.
pub(super) fn one_row(sql: &Sql, width: usize) -> SqlStr {
    sql.for_rows(1, |template| written_out(template, 1, width))
}

fn written_out(template: &str, size: usize, width: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(", "));
    template.replace("{rows}", &vec![row; size].join(", "))
}

#[async_trait]
impl Connection for SqliteConnection {
    async fn execute(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<u64> {
        Ok(query(sql.str(), args).execute(self).await?.rows_affected())
    }

    async fn insert(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<i64> {
        let row = query(sql.str(), args).fetch_optional(self).await?;
        row.map_or(Ok(0), |row| row.try_get(0))
    }

    async fn rows(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Vec<Row>> {
        Ok(query(sql.str(), args).fetch_all(self).await?.into_iter().map(Row::new).collect())
    }

    async fn bulk(&mut self, sql: &Sql, table: Table) -> sqlx::Result<u64> {
        if sql.is_single() {
            return Ok(self.each(sql, table).await?.into_iter().sum());
        }
        let mut affected = 0;
        for (sql, values) in parts(sql, table) {
            affected += query(sql, values).execute(&mut *self).await?.rows_affected();
        }
        Ok(affected)
    }

    async fn bulk_rows(&mut self, sql: &Sql, table: Table) -> sqlx::Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (sql, values) in parts(sql, table) {
            rows.extend(query(sql, values).fetch_all(&mut *self).await?.into_iter().map(Row::new));
        }
        Ok(rows)
    }

    async fn command(&mut self, command: &'static str) -> sqlx::Result<()> {
        sqlx::query(command).execute(self).await.map(drop)
    }

    async fn clock(&mut self) -> sqlx::Result<i64> {
        Ok(host_clock())
    }

    fn host_time(&self) -> i64 {
        host_clock()
    }

    async fn begin_snapshot(&mut self) -> sqlx::Result<()> {
        self.command("BEGIN").await
    }
}

/// A value of any type that the column's content can be read as.
fn column<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(row: &'r SqliteRow, column: usize) -> sqlx::Result<Option<T>> {
    row.try_get(column)
}

impl Columns for SqliteRow {
    fn int(&self, index: usize) -> sqlx::Result<Option<i64>> {
        column(self, index)
    }

    fn flag(&self, index: usize) -> sqlx::Result<Option<bool>> {
        column(self, index)
    }

    fn real(&self, index: usize) -> sqlx::Result<Option<f64>> {
        column(self, index)
    }

    fn text(&self, index: usize) -> sqlx::Result<Option<String>> {
        column(self, index)
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
        column::<&str>(self, index)?.map_or_else(|| Ok(Vec::new()), parse_ids)
    }
}
