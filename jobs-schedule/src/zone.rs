//! Time zones by name, from the bundled database, so that every machine knows the same ones.

use std::fmt;
use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Finds a time zone by its IANA name, in any case.
///
/// # Errors
///
/// Refuses unknown names, with the nearest known one, and fixed offsets, which know no daylight
/// saving time and whose IANA names have the sign the wrong way round.
///
/// # Examples
///
/// ```
/// use jobs_schedule::parse_zone;
///
/// assert_eq!(parse_zone("Europe/Istanbul")?.iana_name(), Some("Europe/Istanbul"));
/// let error = parse_zone("Istanbul").unwrap_err();
/// assert_eq!(error.to_string(), "`Istanbul` is not a time zone; did you mean Europe/Istanbul?");
/// # Ok::<(), jobs_schedule::ZoneError>(())
/// ```
pub fn parse_zone(name: &str) -> Result<TimeZone, ZoneError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(ZoneError("the time zone is empty; write a name, such as `Europe/Istanbul` or `UTC`".to_owned()));
    }
    if name.eq_ignore_ascii_case("UTC") {
        return Ok(TimeZone::UTC);
    }
    match DATABASE.get(name) {
        Ok(zone) if !zone.is_unknown() => Ok(zone),
        _ => Err(ZoneError(remedy(name))),
    }
}

fn remedy(name: &str) -> String {
    let offset = ["GMT", "UTC", ""].iter().any(|prefix| {
        let rest =
            name.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix)).map(|_| &name[prefix.len()..]);
        rest.is_some_and(|rest| rest.starts_with(['+', '-']))
    });
    if offset {
        return format!(
            "`{name}` is an offset, not a time zone; write the name of a place, such as `Europe/Istanbul`, or `UTC`"
        );
    }
    match nearest(name) {
        Some(near) => format!("`{name}` is not a time zone; did you mean {near}?"),
        None => format!("`{name}` is not a time zone; write an IANA name, such as `Europe/Istanbul` or `UTC`"),
    }
}

/// The known name that differs least, when it differs little.
fn nearest(name: &str) -> Option<String> {
    let wanted = name.to_lowercase().replace(' ', "_");
    // A long text is no misspelt name, and the distance is quadratic.
    if wanted.len() > 64 {
        return None;
    }
    let place = last_segment(&wanted);
    DATABASE
        .available()
        .map(|known| known.to_string())
        .filter_map(|known| {
            let lower = known.to_lowercase();
            let whole = distance(&wanted, &lower);
            let by_place = distance(place, last_segment(&lower)) + 1;
            let (near, allowed) =
                if wanted.contains('/') { (whole.min(by_place), 3) } else { (by_place.min(whole + 1), 2) };
            let allowed = allowed.min(place.chars().count() / 3 + 1);
            // Of two names for one place the longer is the current one.
            (near <= allowed).then_some((near, usize::MAX - known.len(), known))
        })
        .min()
        .map(|(_, _, known)| known)
}

fn last_segment(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Letters to change, add or leave out to get from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

/// Why a time zone was refused, with the nearest known name if there is one.
///
/// # Examples
///
/// ```
/// let error = jobs_schedule::parse_zone("Europe/Istambul").unwrap_err();
/// assert_eq!(error.to_string(), "`Europe/Istambul` is not a time zone; did you mean Europe/Istanbul?");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneError(String);

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ZoneError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_in_any_case() {
        for name in ["UTC", "utc", "Europe/Istanbul", "europe/istanbul", " America/New_York ", "Australia/Lord_Howe"] {
            assert!(parse_zone(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn suggests_near_names() {
        let table = [
            ("Europe/Istambul", "`Europe/Istambul` is not a time zone; did you mean Europe/Istanbul?"),
            ("Istanbul", "`Istanbul` is not a time zone; did you mean Europe/Istanbul?"),
            ("America/NewYork", "`America/NewYork` is not a time zone; did you mean America/New_York?"),
            ("New York", "`New York` is not a time zone; did you mean America/New_York?"),
            ("Europe/Tokyo", "`Europe/Tokyo` is not a time zone; did you mean Asia/Tokyo?"),
            ("berlin", "`berlin` is not a time zone; did you mean Europe/Berlin?"),
            ("Etc/UTX", "`Etc/UTX` is not a time zone; did you mean Etc/UTC?"),
            ("", "the time zone is empty; write a name, such as `Europe/Istanbul` or `UTC`"),
            ("Etc/Unknown", "`Etc/Unknown` is not a time zone; write an IANA name, such as `Europe/Istanbul` or `UTC`"),
            (
                "GMT+3",
                "`GMT+3` is an offset, not a time zone; write the name of a place, such as `Europe/Istanbul`, or `UTC`",
            ),
            (
                "+03:00",
                "`+03:00` is an offset, not a time zone; write the name of a place, such as `Europe/Istanbul`, or `UTC`",
            ),
            (
                "Middle-earth/Bree",
                "`Middle-earth/Bree` is not a time zone; write an IANA name, such as `Europe/Istanbul` or `UTC`",
            ),
            (
                "İstanbul şehri",
                "`İstanbul şehri` is not a time zone; write an IANA name, such as `Europe/Istanbul` or `UTC`",
            ),
        ];
        for (name, message) in table {
            assert_eq!(parse_zone(name).unwrap_err().to_string(), message, "{name}");
        }
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(
            [distance("abc", "abc"), distance("abc", "abd"), distance("", "ab"), distance("kitten", "sitting")],
            [0, 1, 2, 3]
        );
    }
}
