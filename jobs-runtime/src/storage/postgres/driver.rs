//! The shared code's view of a connection and of its rows.

use async_trait::async_trait;
use sqlx::{
    Decode, Encode, Executor as _, PgConnection, Postgres, Row as _, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{
        PgArgumentBuffer, PgArguments, PgHasArrayType, PgRow, PgTypeInfo, PgValueFormat, PgValueRef, types::Oid,
    },
    query::Query,
};
use uuid::Uuid;

use super::copy;
use crate::{
    JobId,
    storage::sql::{
        connection::Connection,
        row::{Columns, Row, damaged},
        statement::Sql,
        value::{Table, Value},
    },
};

/// How many bytes one message to the server carries at most, about.
pub(super) const MESSAGE: usize = 16 * 1024 * 1024;

/// `timestamptz`, `tid` and their arrays, whose numbers are the same in every database.
const TIMESTAMPTZ: PgTypeInfo = PgTypeInfo::with_oid(Oid(1184));
const TIMESTAMPTZ_ARRAY: PgTypeInfo = PgTypeInfo::with_oid(Oid(1185));
const TID: PgTypeInfo = PgTypeInfo::with_oid(Oid(27));
const TID_ARRAY: PgTypeInfo = PgTypeInfo::with_oid(Oid(1010));

/// What PostgreSQL counts its microseconds from: 2000-01-01, here since 1970.
const EPOCH: i64 = 946_684_800_000_000;
/// The first instant that PostgreSQL knows, in its own count.
const FIRST: i64 = -211_813_488_000_000_000;

/// An instant in microseconds since 1970 UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instant(pub(super) i64);

impl Instant {
    /// In the server's count; one that it does not know becomes the nearest.
    pub(super) fn of_the_server(self) -> i64 {
        self.0.saturating_sub(EPOCH).max(FIRST)
    }
}

impl Type<Postgres> for Instant {
    fn type_info() -> PgTypeInfo {
        TIMESTAMPTZ
    }
}

impl PgHasArrayType for Instant {
    fn array_type_info() -> PgTypeInfo {
        TIMESTAMPTZ_ARRAY
    }
}

impl Encode<'_, Postgres> for Instant {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.of_the_server().to_be_bytes());
        Ok(IsNull::No)
    }

    fn size_hint(&self) -> usize {
        8
    }
}

/// Where a row lies: its block and its number there, as the server sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place([u8; 6]);

impl Place {
    /// Of a column `ctid`.
    pub(super) fn of(bytes: &[u8]) -> sqlx::Result<Self> {
        bytes.try_into().map(Self).map_err(|_| damaged(format!("a row's place of {} bytes", bytes.len())))
    }
}

impl Type<Postgres> for Place {
    fn type_info() -> PgTypeInfo {
        TID
    }
}

impl PgHasArrayType for Place {
    fn array_type_info() -> PgTypeInfo {
        TID_ARRAY
    }
}

impl Encode<'_, Postgres> for Place {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn size_hint(&self) -> usize {
        self.0.len()
    }
}

impl Decode<'_, Postgres> for Instant {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Text {
            return Err("an instant is only read from prepared statements".into());
        }
        Ok(Self(i64::from_be_bytes(value.as_bytes()?.try_into()?).saturating_add(EPOCH)))
    }
}

/// One more argument; a list of values as an array.
pub(super) fn add<T>(arguments: &mut PgArguments, value: T) -> sqlx::Result<()>
where
    T: for<'q> Encode<'q, Postgres> + Type<Postgres>,
{
    use sqlx::Arguments as _;
    arguments.add(value).map_err(sqlx::Error::Encode)
}

fn uuids(ids: Vec<JobId>) -> Vec<Uuid> {
    ids.into_iter().map(|id| id.as_uuid()).collect()
}

fn add_value(arguments: &mut PgArguments, value: Value) -> sqlx::Result<()> {
    match value {
        Value::Int(number) => add(arguments, number),
        Value::Flag(flag) => add(arguments, flag),
        Value::Real(number) => add(arguments, number),
        Value::Text(text) => add(arguments, text),
        Value::Bytes(bytes) => add(arguments, bytes),
        Value::Id(id) => add(arguments, id.map(Uuid::from_bytes)),
        Value::Time(at) => add(arguments, at.map(Instant)),
        Value::Ids(ids) => add(arguments, uuids(ids)),
        Value::Ints(numbers) => add(arguments, numbers),
        Value::Texts(texts) => add(arguments, texts),
    }
}

/// Adds a column of a table as one array.
fn add_column(arguments: &mut PgArguments, column: Vec<Value>) -> sqlx::Result<()> {
    macro_rules! array {
        ($variant:ident($value:ident) => $element:expr) => {{
            let mut array = Vec::with_capacity(column.len());
            for value in column {
                match value {
                    Value::$variant($value) => array.push($element),
                    other => return Err(damaged(format!("a column holds values of several types: {other:?}"))),
                }
            }
            add(arguments, array)
        }};
    }
    match column.first() {
        Some(Value::Int(_)) => array!(Int(number) => number),
        Some(Value::Flag(_)) => array!(Flag(flag) => flag),
        Some(Value::Real(_)) => array!(Real(number) => number),
        Some(Value::Text(_)) => array!(Text(text) => text),
        Some(Value::Bytes(_)) => array!(Bytes(bytes) => bytes),
        Some(Value::Id(_)) => array!(Id(id) => id.map(Uuid::from_bytes)),
        Some(Value::Time(_)) => array!(Time(at) => at.map(Instant)),
        Some(Value::Ids(_) | Value::Ints(_) | Value::Texts(_)) | None => {
            Err(damaged("a table holds lists, or nothing".to_owned()))
        }
    }
}

/// The statement with its values.
pub(super) fn prepared(sql: &Sql, arguments: PgArguments) -> Query<'static, Postgres, PgArguments> {
    sqlx::query_with(sql.str(), arguments).persistent(sql.kept)
}

fn query(sql: &Sql, values: Vec<Value>) -> sqlx::Result<Query<'static, Postgres, PgArguments>> {
    let mut arguments = PgArguments::default();
    for value in values {
        add_value(&mut arguments, value)?;
    }
    Ok(prepared(sql, arguments))
}

/// The executions for a table: each gets its columns as arrays, in messages of bounded size.
fn parts(sql: &Sql, table: Table) -> sqlx::Result<Vec<Query<'static, Postgres, PgArguments>>> {
    let width = table.width();
    let mut parts = Vec::new();
    let mut columns = vec![Vec::new(); width];
    let mut size = 0;
    for (at, value) in table.into_values().into_iter().enumerate() {
        let column = at % width;
        if column == 0 && size > MESSAGE {
            parts.push(arrays(sql, std::mem::replace(&mut columns, vec![Vec::new(); width]))?);
            size = 0;
        }
        size += value.size();
        columns[column].push(value);
    }
    parts.push(arrays(sql, columns)?);
    Ok(parts)
}

fn arrays(sql: &Sql, columns: Vec<Vec<Value>>) -> sqlx::Result<Query<'static, Postgres, PgArguments>> {
    let mut arguments = PgArguments::default();
    for column in columns {
        add_column(&mut arguments, column)?;
    }
    Ok(prepared(sql, arguments))
}

#[async_trait]
impl Connection for PgConnection {
    async fn execute(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<u64> {
        Ok(query(sql, args)?.execute(self).await?.rows_affected())
    }

    async fn insert(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<i64> {
        query(sql, args)?.fetch_one(self).await?.try_get_unchecked(0)
    }

    async fn rows(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Vec<Row>> {
        Ok(query(sql, args)?.fetch_all(self).await?.into_iter().map(Row::new).collect())
    }

    async fn bulk(&mut self, sql: &Sql, table: Table) -> sqlx::Result<u64> {
        if let Some(copied) = sql.copied.as_ref().filter(|_| table.len() >= copy::ROWS) {
            return copy::rows(self, copied, table).await;
        }
        let mut affected = 0;
        for part in parts(sql, table)? {
            affected += part.execute(&mut *self).await?.rows_affected();
        }
        Ok(affected)
    }

    async fn bulk_rows(&mut self, sql: &Sql, table: Table) -> sqlx::Result<Vec<Row>> {
        let mut rows = Vec::new();
        for part in parts(sql, table)? {
            rows.extend(part.fetch_all(&mut *self).await?.into_iter().map(Row::new));
        }
        Ok(rows)
    }

    async fn command(&mut self, command: &'static str) -> sqlx::Result<()> {
        sqlx::Executor::execute(self, sqlx::raw_sql(command)).await.map(drop)
    }

    async fn clock(&mut self) -> sqlx::Result<i64> {
        // Unprepared: one round trip also where nothing is kept prepared.
        self.fetch_one(sqlx::raw_sql(include_str!("sql/clock.sql"))).await?.try_get_unchecked(0)
    }

    async fn begin_snapshot(&mut self) -> sqlx::Result<()> {
        self.command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }
}

/// A value of whatever type the column has, as it is read: a whole number of any width, say.
fn column<'r, T: Decode<'r, Postgres>>(row: &'r PgRow, column: usize) -> sqlx::Result<Option<T>> {
    row.try_get_unchecked(column)
}

impl Columns for PgRow {
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
        Ok(column::<Uuid>(self, index)?.map(Uuid::into_bytes))
    }

    fn time(&self, index: usize) -> sqlx::Result<Option<i64>> {
        Ok(column::<Instant>(self, index)?.map(|at| at.0))
    }

    fn ids(&self, index: usize) -> sqlx::Result<Vec<JobId>> {
        let ids: Option<Vec<Uuid>> = column(self, index)?;
        Ok(ids.unwrap_or_default().into_iter().map(JobId::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_that_postgres_does_not_know_become_the_nearest() {
        let encoded = |at: i64| {
            let mut buffer = PgArgumentBuffer::default();
            let done = Instant(at).encode_by_ref(&mut buffer).expect("a number is always encoded");
            assert!(matches!(done, IsNull::No));
            i64::from_be_bytes(buffer[..8].try_into().expect("it has 8 bytes"))
        };
        assert_eq!(encoded(EPOCH), 0);
        assert_eq!(encoded(EPOCH - 1), -1);
        assert_eq!(encoded(i64::MIN), FIRST);
        assert_eq!(encoded(i64::MAX), i64::MAX - EPOCH);
    }
}
