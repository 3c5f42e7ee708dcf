//! What is wrong with an expression, and where.

use std::fmt;
use std::ops::Range;

/// Why an expression was refused: what is wrong, what to write instead, and which bytes of the
/// text are to blame.
///
/// # Examples
///
/// ```
/// let error = jobs_schedule::Cron::parse("0 25 * * *").unwrap_err();
/// assert_eq!(error.to_string(), "hour 25 is out of range; write a number from 0 to 23");
/// assert_eq!(error.range(), 2..4);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronError {
    message: String,
    range: Range<usize>,
}

impl CronError {
    pub(crate) fn new(message: impl Into<String>, range: Range<usize>) -> CronError {
        CronError { message: message.into(), range }
    }

    /// The bytes of the text, as it was given, that the message is about.
    ///
    /// Both ends are character boundaries within the text; the range is empty only where there is
    /// nothing to point at, in an empty text.
    ///
    /// # Examples
    ///
    /// ```
    /// let text = "  0 0 1,,2 * *";
    /// let error = jobs_schedule::Cron::parse(text).unwrap_err();
    /// assert_eq!(&text[error.range()], ",");
    /// ```
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

impl fmt::Display for CronError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CronError {}
