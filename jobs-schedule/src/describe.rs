//! Plain-language descriptions, one module a language.

mod english;
mod shape;
mod turkish;

use crate::model::Schedule;

/// The languages an expression can be described in.
///
/// # Examples
///
/// ```
/// use jobs_schedule::{Cron, Language};
///
/// let cron = Cron::parse("*/5 * * * *")?;
/// assert_eq!(cron.describe(Language::Turkish), "Her 5 dakikada bir");
/// # Ok::<(), jobs_schedule::CronError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// English
    #[default]
    English,
    /// Türkçe
    Turkish,
}

pub(crate) fn describe(schedule: &Schedule, language: Language) -> String {
    match language {
        Language::English => english::describe(schedule),
        Language::Turkish => turkish::describe(schedule),
    }
}
