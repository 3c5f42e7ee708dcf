//! What callers may write for durations, instants and names, and what is wrong with what they wrote.

use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp, Zoned};

use crate::storage::Due;

/// The longest name of a queue, a tag, a key of `meta` or a recurring job, in characters.
pub(super) const NAME_LIMIT: usize = 100;

/// The longest duration that an option takes; a database's instants end some 8,000 years from now.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Something that says how long: a [`Duration`], a [`SignedDuration`] or a text such as `"10m"` or `"1h 30m"`.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn greet() {}
/// # use std::time::Duration;
/// greet::enqueue().delay("90s");
/// greet::enqueue().delay(Duration::from_secs(90));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how long",
    note = "write a text with units such as \"10m\" or \"1h 30m\", or pass a `std::time::Duration`"
)]
pub trait IntoDuration: sealed::Sealed {
    #[doc(hidden)]
    fn into_duration(self) -> Result<Duration, String>;
}

/// Something that says when: a [`Timestamp`], a [`Zoned`], a [`SystemTime`] or a text such as `"2026-12-01T08:00:00Z"` or
/// `"2026-12-01T08:00[Europe/Berlin]"`.
///
/// ```
/// # use jobs::prelude::*;
/// # #[job] async fn greet() {}
/// greet::enqueue().at("2026-12-01T08:00:00Z");
/// greet::enqueue().at("2026-12-01T08:00[Europe/Berlin]");
/// greet::enqueue().at(Timestamp::UNIX_EPOCH);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say when",
    note = "pass a `jiff::Timestamp`, a `jiff::Zoned`, a `SystemTime` or a text such as \"2026-12-01T08:00:00Z\"; for a time from now use `.delay(..)`"
)]
pub trait IntoInstant: sealed::Sealed {
    #[doc(hidden)]
    fn into_instant(self) -> Result<Timestamp, String>;
}

/// Something that says when or after how long: what [`IntoDuration`] and [`IntoInstant`] take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says neither when nor how long",
    note = "pass a duration such as \"10m\" or an instant such as \"2026-12-01T08:00:00Z\""
)]
pub trait IntoDue: sealed::Sealed {
    #[doc(hidden)]
    fn into_due(self) -> Result<Due, String>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for std::time::Duration {}
    impl Sealed for jiff::SignedDuration {}
    impl Sealed for jiff::Timestamp {}
    impl Sealed for jiff::Zoned {}
    impl Sealed for &jiff::Zoned {}
    impl Sealed for std::time::SystemTime {}
    impl Sealed for &str {}
    impl Sealed for String {}
    impl Sealed for &String {}
}

impl IntoDuration for Duration {
    fn into_duration(self) -> Result<Duration, String> {
        if self > LONGEST {
            return Err(format!("{} s is longer than 100 years", self.as_secs()));
        }
        Ok(self)
    }
}

impl IntoDuration for SignedDuration {
    fn into_duration(self) -> Result<Duration, String> {
        Duration::try_from(self).map_err(|_| format!("{self} is negative"))?.into_duration()
    }
}

impl IntoDuration for &str {
    fn into_duration(self) -> Result<Duration, String> {
        jobs_schedule::parse_duration(self).map_err(|error| error.to_string())?.into_duration()
    }
}

impl IntoInstant for Timestamp {
    fn into_instant(self) -> Result<Timestamp, String> {
        Ok(self)
    }
}

impl IntoInstant for Zoned {
    fn into_instant(self) -> Result<Timestamp, String> {
        Ok(self.timestamp())
    }
}

impl IntoInstant for &Zoned {
    fn into_instant(self) -> Result<Timestamp, String> {
        Ok(self.timestamp())
    }
}

impl IntoInstant for SystemTime {
    fn into_instant(self) -> Result<Timestamp, String> {
        Timestamp::try_from(self).map_err(|error| error.to_string())
    }
}

impl IntoInstant for &str {
    fn into_instant(self) -> Result<Timestamp, String> {
        let zoned = self.parse::<Zoned>().map(|zoned| zoned.timestamp());
        zoned.or_else(|_| self.parse::<Timestamp>()).map_err(|error| {
            format!(
                "`{}` is not an instant ({error}); write it with its offset or zone, such as 2026-12-01T08:00:00Z or \
                 2026-12-01T08:00[Europe/Berlin]",
                self.escape_debug()
            )
        })
    }
}

/// Lets owned texts do what borrowed ones do.
macro_rules! like_str {
    ($($text:ty),*) => {$(
        impl IntoDuration for $text {
            fn into_duration(self) -> Result<Duration, String> {
                self.as_str().into_duration()
            }
        }

        impl IntoInstant for $text {
            fn into_instant(self) -> Result<Timestamp, String> {
                self.as_str().into_instant()
            }
        }

        impl IntoDue for $text {
            fn into_due(self) -> Result<Due, String> {
                self.as_str().into_due()
            }
        }
    )*};
}
like_str!(String, &String);

macro_rules! due_in {
    ($($span:ty),*) => {$(
        impl IntoDue for $span {
            fn into_due(self) -> Result<Due, String> {
                self.into_duration().map(Due::In)
            }
        }
    )*};
}
due_in!(Duration, SignedDuration);

macro_rules! due_at {
    ($($instant:ty),*) => {$(
        impl IntoDue for $instant {
            fn into_due(self) -> Result<Due, String> {
                self.into_instant().map(Due::At)
            }
        }
    )*};
}
due_at!(Timestamp, Zoned, &Zoned, SystemTime);

impl IntoDue for &str {
    fn into_due(self) -> Result<Due, String> {
        self.into_duration().map(Due::In).or_else(|span| {
            let at = self.into_instant().map(Due::At);
            at.map_err(|_| format!("`{}` is neither a duration ({span}) nor an instant", self.escape_debug()))
        })
    }
}

/// A name must have a character, at most [`NAME_LIMIT`] of them, and none that is a control character.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    if name.trim().is_empty() {
        return Err("a name must not be empty".to_owned());
    }
    let length = name.chars().count();
    if length > NAME_LIMIT {
        return Err(format!("a name may have {NAME_LIMIT} characters, and this one has {length}"));
    }
    if name.chars().any(char::is_control) {
        return Err(format!("`{}` has a control character", name.escape_debug()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_offset_or_zone() {
        let winter: Timestamp = "2026-12-01T08:00:00Z".parse().expect("a literal");
        for text in ["2026-12-01T08:00:00Z", "2026-12-01T09:00+01:00", "2026-12-01T09:00[Europe/Berlin]"] {
            assert_eq!(text.into_instant(), Ok(winter), "{text}");
        }
        let naive = "2026-12-01T08:00:00".into_instant().expect_err("no zone");
        assert!(naive.contains("offset or zone"), "{naive}");
    }

    #[test]
    fn a_text_for_either_is_a_duration_first() {
        assert_eq!("10m".into_due(), Ok(Due::In(Duration::from_secs(600))));
        assert_eq!("1970-01-01T00:00:00Z".to_owned().into_due(), Ok(Due::At(Timestamp::UNIX_EPOCH)));
        assert!("soon".into_due().expect_err("neither").starts_with("`soon` is neither"));
    }

    #[test]
    fn durations_beyond_the_databases_are_refused() {
        assert!(Duration::MAX.into_duration().is_err());
        assert!(SignedDuration::from_secs(-1).into_duration().is_err());
        assert_eq!(SignedDuration::from_secs(1).into_duration(), Ok(Duration::from_secs(1)));
    }

    #[test]
    fn names_are_short_and_printable() {
        assert_eq!(check_name("mail"), Ok(()));
        assert_eq!(check_name(&"ü".repeat(100)), Ok(()));
        for bad in ["", "  ", "a\nb", "a\0", &"x".repeat(101)] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }
}
