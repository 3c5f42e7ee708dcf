//! Lengths of time as people write them in attributes and options.

use std::fmt;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

const EXAMPLES: &str = "`30s`, `10m` or `1h 30m`";

/// Reads a length of time: `30s`, `10m`, `1h 30m`, `5 minutes`, `P1D`.
///
/// A day is 24 hours and a week 7 days.
///
/// # Errors
///
/// Refuses a number without a unit, nothing, zero, less than zero, and years and months, which have
/// no fixed length.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use jobs_schedule::parse_duration;
///
/// assert_eq!(parse_duration("1h 30m"), Ok(Duration::from_secs(5400)));
/// assert_eq!(parse_duration("P1D"), Ok(Duration::from_secs(86_400)));
/// let error = parse_duration("10").unwrap_err();
/// assert_eq!(error.to_string(), "`10` has no unit; write `10s`, `10m` or `10h`");
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let text = text.trim();
    let refuse = |message: String| Err(DurationError(message));
    if text.is_empty() {
        return refuse(format!("the duration is empty; write one, such as {EXAMPLES}"));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return refuse(format!("`{text}` has no unit; write `{text}s`, `{text}m` or `{text}h`"));
    }
    let Ok(span) = text.parse::<Span>() else {
        return refuse(format!("`{text}` is not a duration; write one, such as {EXAMPLES}"));
    };
    if span.is_zero() {
        return refuse(format!("`{text}` is no time at all; write one above zero, such as {EXAMPLES}"));
    }
    if span.is_negative() {
        return refuse(format!("`{text}` is negative; write one above zero, such as {EXAMPLES}"));
    }
    if span.get_years() != 0 || span.get_months() != 0 {
        return refuse(format!("`{text}` has a year or month, which has no fixed length; write days, such as `30d`"));
    }
    span.to_duration(SpanRelativeTo::days_are_24_hours())
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| DurationError(format!("`{text}` is too long; write a shorter one, such as {EXAMPLES}")))
}

/// Why a duration was refused, with an example of what to write.
///
/// # Examples
///
/// ```
/// let error = jobs_schedule::parse_duration("2 months").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`2 months` has a year or month, which has no fixed length; write days, such as `30d`"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurationError(String);

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DurationError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let table = [
            ("30s", 30),
            (" 10m ", 600),
            ("1h 30m", 5400),
            ("1h30m", 5400),
            ("1h, 30m", 5400),
            ("5 minutes", 300),
            ("1 hour", 3600),
            ("2d", 172_800),
            ("1w", 604_800),
            ("P1D", 86_400),
            ("PT15M", 900),
            ("1.5h", 5400),
        ];
        for (text, seconds) in table {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
    }

    #[test]
    fn refuses_the_rest_with_the_remedy() {
        let table = [
            ("", "the duration is empty; write one, such as `30s`, `10m` or `1h 30m`"),
            ("  ", "the duration is empty; write one, such as `30s`, `10m` or `1h 30m`"),
            ("10", "`10` has no unit; write `10s`, `10m` or `10h`"),
            ("0s", "`0s` is no time at all; write one above zero, such as `30s`, `10m` or `1h 30m`"),
            ("-5m", "`-5m` is negative; write one above zero, such as `30s`, `10m` or `1h 30m`"),
            ("5m ago", "`5m ago` is negative; write one above zero, such as `30s`, `10m` or `1h 30m`"),
            ("1y", "`1y` has a year or month, which has no fixed length; write days, such as `30d`"),
            ("P1M", "`P1M` has a year or month, which has no fixed length; write days, such as `30d`"),
            ("1mo 2d", "`1mo 2d` has a year or month, which has no fixed length; write days, such as `30d`"),
            ("soon", "`soon` is not a duration; write one, such as `30s`, `10m` or `1h 30m`"),
            ("10x", "`10x` is not a duration; write one, such as `30s`, `10m` or `1h 30m`"),
            ("1.5", "`1.5` is not a duration; write one, such as `30s`, `10m` or `1h 30m`"),
            ("9999999999999h", "`9999999999999h` is not a duration; write one, such as `30s`, `10m` or `1h 30m`"),
            ("５分", "`５分` is not a duration; write one, such as `30s`, `10m` or `1h 30m`"),
        ];
        for (text, message) in table {
            assert_eq!(parse_duration(text).unwrap_err().to_string(), message, "{text}");
        }
    }
}
