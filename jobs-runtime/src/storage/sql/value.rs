//! What is bound to statements.

use crate::{BatchId, JobId, ServerId};

/// A value of a parameter or of a column, with its type, so that an absent one has a type too.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(Option<i64>),
    Flag(bool),
    Real(f64),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    /// A job's, a server's or a batch's id.
    Id(Option<[u8; 16]>),
    /// Microseconds since 1970 UTC.
    Time(Option<i64>),
    /// A list in one parameter: each engine has its own way to unfold it, and to store it where a column holds one.
    Ids(Vec<JobId>),
    Ints(Vec<i64>),
    Texts(Vec<String>),
}

impl Value {
    pub(crate) fn time(at: impl Into<Option<i64>>) -> Self {
        Self::Time(at.into())
    }

    pub(crate) fn ids(ids: impl IntoIterator<Item = JobId>) -> Self {
        Self::Ids(ids.into_iter().collect())
    }

    pub(crate) fn ints(numbers: impl IntoIterator<Item = i64>) -> Self {
        Self::Ints(numbers.into_iter().collect())
    }

    pub(crate) fn texts<T: ToString>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::Texts(texts.into_iter().map(|text| text.to_string()).collect())
    }

    /// About how many bytes it takes on its way to the database.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Text(Some(text)) => text.len(),
            Self::Bytes(Some(bytes)) => bytes.len(),
            Self::Ids(ids) => 16 * ids.len(),
            Self::Ints(numbers) => 8 * numbers.len(),
            Self::Texts(texts) => texts.iter().map(String::len).sum(),
            _ => 8,
        }
    }
}

macro_rules! from {
    ($($from:ty => $make:expr;)*) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                let make: fn($from) -> Self = $make;
                make(value)
            }
        })*
    };
}

from! {
    i64 => |value| Self::Int(Some(value));
    Option<i64> => Self::Int;
    bool => Self::Flag;
    f64 => Self::Real;
    String => |value| Self::Text(Some(value));
    Option<String> => Self::Text;
    &str => |value| Self::Text(Some(value.to_owned()));
    Vec<u8> => |value| Self::Bytes(Some(value));
    Option<Vec<u8>> => Self::Bytes;
    JobId => |value| Self::Id(Some(*value.as_bytes()));
    BatchId => |value| Self::Id(Some(*value.as_bytes()));
    Option<BatchId> => |value| Self::Id(value.map(|id| *id.as_bytes()));
    ServerId => |value| Self::Id(Some(*value.as_bytes()));
}

/// The parameters of a statement, in order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::storage::sql::value::Value::from($value)),*] };
}

/// One row of a [`Table`].
macro_rules! line {
    ($($value:expr),* $(,)?) => { [$($crate::storage::sql::value::Value::from($value)),*] };
}

pub(crate) use {args, line};

/// Rows for one statement, all of one width and with the same types in each column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    width: usize,
    values: Vec<Value>,
}

impl Table {
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    #[cfg(any(feature = "sqlite", feature = "mysql"))]
    pub(crate) fn rows(&self) -> std::slice::Chunks<'_, Value> {
        self.values.chunks(self.width.max(1))
    }

    /// How many rows it has.
    #[cfg(feature = "postgres")]
    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn into_rows(self) -> impl Iterator<Item = Vec<Value>> {
        let width = self.width;
        let mut values = self.values.into_iter();
        std::iter::from_fn(move || {
            let row: Vec<_> = values.by_ref().take(width).collect();
            (!row.is_empty()).then_some(row)
        })
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn into_values(self) -> Vec<Value> {
        self.values
    }
}

impl<const N: usize> FromIterator<[Value; N]> for Table {
    fn from_iter<I: IntoIterator<Item = [Value; N]>>(rows: I) -> Self {
        Self { width: N, values: rows.into_iter().flatten().collect() }
    }
}
