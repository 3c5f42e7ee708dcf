//! Small conversions between the traits' types and what the tables hold.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

pub(super) use crate::text::clean;

pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

pub(crate) fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// The instant of a stored time; one that no calendar holds becomes the nearest that it does.
pub(crate) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

pub(crate) fn from_json<'t, T: serde::Deserialize<'t>>(text: &'t str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

pub(crate) fn meta_text(meta: &BTreeMap<String, String>) -> Option<String> {
    (!meta.is_empty()).then(|| serde_json::json!(meta).to_string())
}

pub(crate) fn tags_text(tags: &[String]) -> Option<String> {
    (!tags.is_empty()).then(|| serde_json::json!(tags).to_string())
}

/// What [`meta_text`] and [`tags_text`] wrote; `NULL` is the empty value.
pub(crate) fn from_optional_json<T: serde::de::DeserializeOwned + Default>(text: Option<String>) -> sqlx::Result<T> {
    text.map_or_else(|| Ok(T::default()), |text| from_json(&text))
}
