//! Why a write did not happen, before an engine has put it into the crate's words.

use crate::error::Error;

/// Why a write did not happen.
#[derive(Debug)]
pub(crate) enum Fail {
    /// The driver's error.
    Sql(sqlx::Error),
    /// An insert met a job that was known: the write runs again and looks first.
    Known,
    /// Another transaction was first: the write runs again and finds what that has made.
    Raced,
    /// An error that is the crate's own already.
    Own(Error),
}

pub(crate) type Res<T> = Result<T, Fail>;

impl From<sqlx::Error> for Fail {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        Self::Own(error)
    }
}
