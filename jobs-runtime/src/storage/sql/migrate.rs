//! What every engine says of the version of its tables.

use crate::error::{Error, Result};

/// Whether tables of this version are what a program works with that knows versions up to `newest`.
///
/// # Errors
/// [`Error::Schema`] saying what to do.
pub(crate) fn check(version: Option<i64>, newest: i64) -> Result<()> {
    match version {
        Some(version) if version == newest => Ok(()),
        Some(newer) if newer > newest => Err(Error::Schema(format!(
            "the tables are of version {newer}, and this program knows versions up to {newest}; update the program"
        ))),
        Some(older) => Err(Error::Schema(format!(
            "the tables are of version {older}, and this program needs version {newest}; connect once with migrations allowed"
        ))),
        None => {
            Err(Error::Schema("the database has no tables of `jobs`; connect once with migrations allowed".to_owned()))
        }
    }
}
