//! Lists of ids as texts, for engines that have no arrays.

use std::fmt::Write as _;

use super::text::from_json;
use crate::JobId;

/// Ids as the JSON array of hexadecimal texts that `json_each` and `unhex` take apart.
pub(crate) fn id_list(ids: impl IntoIterator<Item = JobId>) -> String {
    let mut list = String::from("[");
    for id in ids {
        if list.len() > 1 {
            list.push(',');
        }
        let _ = write!(list, "\"{}\"", id.as_uuid().simple());
    }
    list.push(']');
    list
}

/// The ids of [`id_list`].
pub(crate) fn parse_ids(list: &str) -> sqlx::Result<Vec<JobId>> {
    let ids: Vec<&str> = from_json(list)?;
    ids.into_iter().map(|id| id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))).collect()
}
