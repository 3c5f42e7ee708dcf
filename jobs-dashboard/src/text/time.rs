//! Spans and instants in words.

use std::time::Duration;

use jiff::{Timestamp, Unit, tz::TimeZone};

use super::Lang;

struct Units {
    millisecond: &'static str,
    second: &'static str,
    minute: &'static str,
    hour: &'static str,
    day: &'static str,
}

const ENGLISH: Units = Units { millisecond: "ms", second: "s", minute: "min", hour: "h", day: "d" };
const TURKISH: Units = Units { millisecond: "ms", second: "sn", minute: "dk", hour: "sa", day: "g" };

impl Lang {
    /// A span by its one or two largest units: `450 ms`, `12 s`, `3 min`, `2 h 5 min`, `4 d`.
    pub(crate) fn span(self, span: Duration) -> String {
        let units = match self {
            Self::English => &ENGLISH,
            Self::Turkish => &TURKISH,
        };
        let two = |large: u64, name: &str, small: u64, small_name: &str| match small {
            0 => format!("{large} {name}"),
            small => format!("{large} {name} {small} {small_name}"),
        };
        let seconds = span.as_secs();
        match seconds {
            0 => format!("{} {}", span.as_millis(), units.millisecond),
            1..=59 => format!("{seconds} {}", units.second),
            60..=599 => two(seconds / 60, units.minute, seconds % 60, units.second),
            600..=3_599 => format!("{} {}", seconds / 60, units.minute),
            3_600..=86_399 => two(seconds / 3_600, units.hour, seconds % 3_600 / 60, units.minute),
            86_400..=863_999 => two(seconds / 86_400, units.day, seconds % 86_400 / 3_600, units.hour),
            _ => format!("{} {}", seconds / 86_400, units.day),
        }
    }

    /// How far an instant is from another: `3 min ago`, `in 2 h`, `now`.
    pub(crate) fn away(self, at: Timestamp, now: Timestamp) -> String {
        let away = at.duration_since(now);
        let span = coarse(away.unsigned_abs());
        if span.is_zero() {
            return match self {
                Self::English => "now".to_owned(),
                Self::Turkish => "şimdi".to_owned(),
            };
        }
        let span = self.span(span);
        match (self, away.is_negative()) {
            (Self::English, true) => format!("{span} ago"),
            (Self::English, false) => format!("in {span}"),
            (Self::Turkish, true) => format!("{span} önce"),
            (Self::Turkish, false) => format!("{span} sonra"),
        }
    }
}

/// Whole seconds, and whole minutes from one on: what changes with each look distracts.
fn coarse(span: Duration) -> Duration {
    let seconds = span.as_secs();
    Duration::from_secs(if seconds < 60 { seconds } else { seconds / 60 * 60 })
}

/// An instant to the second in UTC, for people.
pub(crate) fn exact(at: Timestamp) -> String {
    // Rounding to seconds can only fail at the end of time.
    let at = at.round(Unit::Second).unwrap_or(at);
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn spans_have_two_units_at_most() {
        let cases = [
            (0, "0 ms", "0 ms"),
            (450, "450 ms", "450 ms"),
            (12_900, "12 s", "12 sn"),
            (60_000, "1 min", "1 dk"),
            (61_000, "1 min 1 s", "1 dk 1 sn"),
            (1_259_000, "20 min", "20 dk"),
            (7_500_000, "2 h 5 min", "2 sa 5 dk"),
            (86_400_000, "1 d", "1 g"),
            (93_600_000, "1 d 2 h", "1 g 2 sa"),
            (8_640_000_000, "100 d", "100 g"),
        ];
        for (milliseconds, english, turkish) in cases {
            let span = Duration::from_millis(milliseconds);
            assert_eq!((Lang::English.span(span).as_str(), Lang::Turkish.span(span).as_str()), (english, turkish));
        }
    }

    #[test]
    fn instants_are_told_from_now() {
        let now: Timestamp = "2026-11-23T04:30:00Z".parse().expect("an instant");
        let cases = [
            (0, "now", "şimdi"),
            (-400, "now", "şimdi"),
            (-3_000, "3 s ago", "3 sn önce"),
            (-185_000, "3 min ago", "3 dk önce"),
            (7_250_000, "in 2 h", "2 sa sonra"),
        ];
        for (milliseconds, english, turkish) in cases {
            let at = now + SignedDuration::from_millis(milliseconds);
            assert_eq!(
                (Lang::English.away(at, now).as_str(), Lang::Turkish.away(at, now).as_str()),
                (english, turkish)
            );
        }
        assert_eq!(exact(now), "2026-11-23 04:30:00 UTC");
        assert!(!exact(Timestamp::MAX).is_empty() && !Lang::English.away(Timestamp::MIN, Timestamp::MAX).is_empty());
    }
}
