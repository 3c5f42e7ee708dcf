//! A row of any engine's, read by column.

use sqlx::error::UnexpectedNullError;

use crate::{BatchId, JobId, ServerId};

/// What each engine reads of a row of its own. Columns are numbered from 0; `None` is `NULL`.
pub(crate) trait Columns: Send + Sync {
    /// A whole number of any width.
    fn int(&self, column: usize) -> sqlx::Result<Option<i64>>;
    fn flag(&self, column: usize) -> sqlx::Result<Option<bool>>;
    fn real(&self, column: usize) -> sqlx::Result<Option<f64>>;
    fn text(&self, column: usize) -> sqlx::Result<Option<String>>;
    fn bytes(&self, column: usize) -> sqlx::Result<Option<Vec<u8>>>;
    fn id(&self, column: usize) -> sqlx::Result<Option<[u8; 16]>>;
    /// In microseconds since 1970 UTC.
    fn time(&self, column: usize) -> sqlx::Result<Option<i64>>;
    /// A column in which [`Value::Ids`](super::value::Value::Ids) was stored.
    fn ids(&self, column: usize) -> sqlx::Result<Vec<JobId>>;
}

/// A row that an engine gave.
pub(crate) struct Row(Box<dyn Columns>);

impl Row {
    pub(crate) fn new(columns: impl Columns + 'static) -> Self {
        Self(Box::new(columns))
    }

    pub(crate) fn int(&self, column: usize) -> sqlx::Result<i64> {
        present(self.0.int(column)?, column)
    }

    pub(crate) fn opt_int(&self, column: usize) -> sqlx::Result<Option<i64>> {
        self.0.int(column)
    }

    /// A whole number that is kept in a narrower type.
    pub(crate) fn narrow<T: TryFrom<i64>>(&self, column: usize) -> sqlx::Result<T> {
        let number = self.int(column)?;
        T::try_from(number).map_err(|_| damaged(format!("the number {number} in column {column} is out of range")))
    }

    pub(crate) fn flag(&self, column: usize) -> sqlx::Result<bool> {
        present(self.0.flag(column)?, column)
    }

    pub(crate) fn opt_real(&self, column: usize) -> sqlx::Result<Option<f64>> {
        self.0.real(column)
    }

    pub(crate) fn text(&self, column: usize) -> sqlx::Result<String> {
        present(self.0.text(column)?, column)
    }

    pub(crate) fn opt_text(&self, column: usize) -> sqlx::Result<Option<String>> {
        self.0.text(column)
    }

    pub(crate) fn bytes(&self, column: usize) -> sqlx::Result<Vec<u8>> {
        present(self.0.bytes(column)?, column)
    }

    pub(crate) fn opt_bytes(&self, column: usize) -> sqlx::Result<Option<Vec<u8>>> {
        self.0.bytes(column)
    }

    pub(crate) fn job(&self, column: usize) -> sqlx::Result<JobId> {
        present(self.0.id(column)?, column).map(JobId::from_bytes)
    }

    pub(crate) fn opt_job(&self, column: usize) -> sqlx::Result<Option<JobId>> {
        Ok(self.0.id(column)?.map(JobId::from_bytes))
    }

    pub(crate) fn batch(&self, column: usize) -> sqlx::Result<BatchId> {
        present(self.0.id(column)?, column).map(BatchId::from_bytes)
    }

    pub(crate) fn opt_batch(&self, column: usize) -> sqlx::Result<Option<BatchId>> {
        Ok(self.0.id(column)?.map(BatchId::from_bytes))
    }

    pub(crate) fn server(&self, column: usize) -> sqlx::Result<ServerId> {
        present(self.0.id(column)?, column).map(ServerId::from_bytes)
    }

    pub(crate) fn opt_server(&self, column: usize) -> sqlx::Result<Option<ServerId>> {
        Ok(self.0.id(column)?.map(ServerId::from_bytes))
    }

    pub(crate) fn time(&self, column: usize) -> sqlx::Result<i64> {
        present(self.0.time(column)?, column)
    }

    pub(crate) fn opt_time(&self, column: usize) -> sqlx::Result<Option<i64>> {
        self.0.time(column)
    }

    pub(crate) fn ids(&self, column: usize) -> sqlx::Result<Vec<JobId>> {
        self.0.ids(column)
    }
}

fn present<T>(value: Option<T>, column: usize) -> sqlx::Result<T> {
    value.ok_or_else(|| sqlx::Error::ColumnDecode { index: column.to_string(), source: Box::new(UnexpectedNullError) })
}

/// What is stored cannot have been stored by this program.
pub(crate) fn damaged(what: String) -> sqlx::Error {
    sqlx::Error::Decode(what.into())
}

/// The 16 bytes of an id.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) fn id_bytes(bytes: &[u8]) -> sqlx::Result<[u8; 16]> {
    bytes.try_into().map_err(|_| damaged(format!("an id of {} bytes", bytes.len())))
}
