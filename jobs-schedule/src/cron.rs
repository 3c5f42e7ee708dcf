//! The public type of an expression.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::describe::{self, Language};
use crate::error::CronError;
use crate::model::Schedule;
use crate::parse;
use crate::search::Search;

/// A checked cron expression.
///
/// It fires at least once within every cycle of the calendar: an expression that never fires is
/// refused when it is parsed. Cloning is cheap. Two are equal when their texts are.
///
/// # Examples
///
/// ```
/// use jobs_schedule::Cron;
///
/// let cron: Cron = " 0 8 * * MON-FRI ".parse()?;
/// assert_eq!(cron.to_string(), "0 8 * * MON-FRI");
/// # Ok::<(), jobs_schedule::CronError>(())
/// ```
#[derive(Clone)]
pub struct Cron(Arc<Inner>);

struct Inner {
    text: String,
    schedule: Schedule,
    search: Search,
}

impl Cron {
    /// Checks an expression.
    ///
    /// # Errors
    ///
    /// Says what is wrong, what to write instead, and where.
    ///
    /// # Examples
    ///
    /// ```
    /// use jobs_schedule::Cron;
    ///
    /// assert!(Cron::parse("*/15 9-17 * * MON-FRI").is_ok());
    /// let error = Cron::parse("0 0 30 2 *").unwrap_err();
    /// assert_eq!(error.range(), 4..8);
    /// ```
    pub fn parse(text: &str) -> Result<Cron, CronError> {
        let schedule = parse::parse(text)?;
        let search = Search::new(&schedule);
        Ok(Cron(Arc::new(Inner { text: text.trim().to_owned(), schedule, search })))
    }

    /// The text as it was given, without the blanks around it.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jobs_schedule::Cron::parse(" @daily ")?.as_str(), "@daily");
    /// # Ok::<(), jobs_schedule::CronError>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The first occurrence strictly after `after`, by the clocks of `zone`.
    ///
    /// `None` when there is none within 100 years, which happens only near the end of what
    /// [`Timestamp`] can hold.
    ///
    /// # Examples
    ///
    /// ```
    /// use jobs_schedule::{Cron, parse_zone};
    ///
    /// let cron = Cron::parse("30 2 * * *")?;
    /// let berlin = parse_zone("Europe/Berlin")?;
    /// // On 29 March 2026 there is no 02:30 in Berlin: clocks go from 02:00 to 03:00.
    /// let next = cron.next_after("2026-03-28T12:00:00Z".parse()?, &berlin);
    /// assert_eq!(next, Some("2026-03-29T03:00:00+02:00".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.0.search.next_after(after, zone)
    }

    /// All occurrences after `after`, in order.
    ///
    /// # Examples
    ///
    /// ```
    /// use jiff::{Timestamp, tz::TimeZone};
    /// use jobs_schedule::Cron;
    ///
    /// let cron = Cron::parse("0 0 L-3 * *")?;
    /// let days: Vec<String> = cron
    ///     .upcoming("2026-01-01T00:00:00Z".parse::<Timestamp>()?, &TimeZone::UTC)
    ///     .take(2)
    ///     .map(|time| time.strftime("%d %B").to_string())
    ///     .collect();
    /// assert_eq!(days, ["28 January", "25 February"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn upcoming<'a>(&'a self, after: Timestamp, zone: &'a TimeZone) -> impl Iterator<Item = Timestamp> + 'a {
        std::iter::successors(self.next_after(after, zone), move |last| self.next_after(*last, zone))
    }

    /// The expression in plain words.
    ///
    /// # Examples
    ///
    /// ```
    /// use jobs_schedule::{Cron, Language};
    ///
    /// let cron = Cron::parse("0 8 * * MON-FRI")?;
    /// assert_eq!(cron.describe(Language::English), "At 08:00, Monday through Friday");
    /// assert_eq!(cron.describe(Language::Turkish), "Hafta içi her gün saat 08:00'de");
    /// # Ok::<(), jobs_schedule::CronError>(())
    /// ```
    pub fn describe(&self, language: Language) -> String {
        describe::describe(&self.0.schedule, language)
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cron").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Cron, CronError> {
        Cron::parse(text)
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Cron) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Cron {}

impl Hash for Cron {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}
