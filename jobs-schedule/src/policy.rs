//! The words that say what becomes of missed and overlapping occurrences.

use std::fmt;
use std::str::FromStr;

/// What becomes of the occurrences that came while no server ran.
///
/// The words `once`, `skip` and `all` parse into it; `all` takes [`Misfire::DEFAULT_CAP`].
///
/// # Examples
///
/// ```
/// use jobs_schedule::Misfire;
///
/// assert_eq!("skip".parse(), Ok(Misfire::Skip));
/// assert_eq!(Misfire::default(), Misfire::Once);
/// let error = "twice".parse::<Misfire>().unwrap_err();
/// assert_eq!(error.to_string(), "`twice` is not a misfire policy; write `once`, `skip` or `all`");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Misfire {
    /// One run, for the last of them, however many were missed.
    #[default]
    Once,
    /// None; only an occurrence that is not yet late runs.
    Skip,
    /// Each, oldest first, but at most the newest `cap` of them.
    All {
        /// How many run at most; above [`MAX_COUNTED`](crate::MAX_COUNTED) it counts as that.
        cap: u32,
    },
}

impl Misfire {
    /// The cap of the word `all`.
    pub const DEFAULT_CAP: u32 = 100;
}

impl FromStr for Misfire {
    type Err = PolicyError;

    fn from_str(word: &str) -> Result<Misfire, PolicyError> {
        match word {
            "once" => Ok(Misfire::Once),
            "skip" => Ok(Misfire::Skip),
            "all" => Ok(Misfire::All { cap: Misfire::DEFAULT_CAP }),
            _ => Err(PolicyError::new(word, "a misfire policy", "`once`, `skip` or `all`")),
        }
    }
}

/// The policy's word; the cap of `all` is not part of it.
impl fmt::Display for Misfire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Misfire::Once => "once",
            Misfire::Skip => "skip",
            Misfire::All { .. } => "all",
        })
    }
}

/// What happens when an occurrence is due while the job of an earlier one has not ended.
///
/// # Examples
///
/// ```
/// use jobs_schedule::Overlap;
///
/// assert_eq!("skip".parse(), Ok(Overlap::Skip));
/// assert_eq!(Overlap::default().to_string(), "allow");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// It runs all the same.
    #[default]
    Allow,
    /// It is dropped.
    Skip,
}

impl FromStr for Overlap {
    type Err = PolicyError;

    fn from_str(word: &str) -> Result<Overlap, PolicyError> {
        match word {
            "allow" => Ok(Overlap::Allow),
            "skip" => Ok(Overlap::Skip),
            _ => Err(PolicyError::new(word, "an overlap policy", "`allow` or `skip`")),
        }
    }
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Overlap::Allow => "allow",
            Overlap::Skip => "skip",
        })
    }
}

/// A word that names no policy; the message lists those that do.
///
/// # Examples
///
/// ```
/// let error = "queue".parse::<jobs_schedule::Overlap>().unwrap_err();
/// assert_eq!(error.to_string(), "`queue` is not an overlap policy; write `allow` or `skip`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError(String);

impl PolicyError {
    fn new(word: &str, what: &str, legal: &str) -> PolicyError {
        PolicyError(format!("`{word}` is not {what}; write {legal}"))
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PolicyError {}
