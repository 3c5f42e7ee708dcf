//! What the shared code asks of an engine's connection.

use async_trait::async_trait;

use super::{
    row::Row,
    statement::Sql,
    value::{Table, Value},
};

/// A connection of the driver's. None of its futures may be dropped before its end.
#[async_trait]
pub(crate) trait Connection: Send {
    /// Executes a statement; returns how many rows it inserted, changed or deleted.
    async fn execute(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<u64>;

    /// Executes a statement that inserts one row; returns the number that the engine gave it.
    async fn insert(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<i64>;

    /// The rows that a statement gives.
    async fn rows(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Vec<Row>>;

    /// Executes a statement for all rows of the table, in as few executions as the engine allows.
    async fn bulk(&mut self, sql: &Sql, table: Table) -> sqlx::Result<u64>;

    /// The rows that a statement gives for all rows of the table.
    async fn bulk_rows(&mut self, sql: &Sql, table: Table) -> sqlx::Result<Vec<Row>>;

    /// Executes a statement once for each row of the table; returns how many rows each has changed.
    #[cfg(feature = "sqlite")]
    async fn each(&mut self, sql: &Sql, table: Table) -> sqlx::Result<Vec<u64>> {
        let mut affected = Vec::new();
        for row in table.into_rows() {
            affected.push(self.execute(sql, row).await?);
        }
        Ok(affected)
    }

    /// Executes a statement that is not worth preparing: of transactions and savepoints.
    async fn command(&mut self, command: &'static str) -> sqlx::Result<()>;

    /// The database's time in microseconds since 1970 UTC.
    async fn clock(&mut self) -> sqlx::Result<i64>;

    /// The part of the time that no statement can read for itself: all of it, where the clock is the host's.
    fn host_time(&self) -> i64 {
        0
    }

    /// Begins a transaction in which all reads see one moment.
    async fn begin_snapshot(&mut self) -> sqlx::Result<()>;
}
