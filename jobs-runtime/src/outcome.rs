//! What a handler returns and what it means: success, failure, fatal, snooze.

use std::{error::Error as StdError, fmt, sync::atomic::Ordering, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    client::IntoDuration,
    error::BoxError,
    job::{Failure, Success, Verdict},
    run::Run,
    stored::{self, Storable},
    text::{self, LIMIT},
};

/// A function's return type that `#[job]` understands: nothing, or a `Result` with any error.
#[diagnostic::on_unimplemented(
    message = "a job cannot return `{Self}`",
    label = "not a return type of a job",
    note = "return nothing, or `Result<T, E>` where `T` can be stored and `E` is any error; wrap a plain value as `Ok(value)`"
)]
pub trait Return: Sized {
    /// What is stored when the run succeeds.
    type Output: Serialize + DeserializeOwned + Send + 'static;

    /// What the run fails with.
    type Error;

    /// Decides what becomes of the job: an error that does not say so itself is retried.
    ///
    /// # Errors
    /// The handler's error with what is to follow, and an output that cannot be stored.
    fn conclude(self, run: &Run) -> Result<Success, Failure> {
        self.conclude_by(run, |_| false, |_| true)
    }

    /// Decides what becomes of the job; `fatal` and `retry_if` are asked about an error that does not say so itself.
    ///
    /// # Errors
    /// As [`conclude`](Self::conclude).
    fn conclude_by(
        self,
        run: &Run,
        fatal: fn(&Self::Error) -> bool,
        retry_if: fn(&Self::Error) -> bool,
    ) -> Result<Success, Failure>;
}

/// An error that a handler may return: whatever converts into a boxed error, such as an error type, `anyhow::Error`, `String`
/// and `&str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a job can return",
    label = "not an error type",
    note = "implement `std::error::Error` for it, or return `anyhow::Error`, `Box<dyn Error + Send + Sync>` or `String`"
)]
pub trait HandlerError {
    /// The error as it is kept.
    fn boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> HandlerError for E {
    fn boxed(self) -> BoxError {
        self.into()
    }
}

impl Return for () {
    type Output = ();
    type Error = std::convert::Infallible;

    fn conclude_by(
        self,
        _: &Run,
        _: fn(&Self::Error) -> bool,
        _: fn(&Self::Error) -> bool,
    ) -> Result<Success, Failure> {
        Ok(Success::default())
    }
}

impl<T: Storable, E: HandlerError> Return for Result<T, E> {
    type Output = T;
    type Error = E;

    fn conclude_by(self, run: &Run, fatal: fn(&E) -> bool, retry_if: fn(&E) -> bool) -> Result<Success, Failure> {
        match self {
            Ok(output) => stored::success(run, &output),
            Err(error) => {
                let final_ = fatal(&error) || !retry_if(&error) || run.context().inner().fatal.load(Ordering::Relaxed);
                let error = error.boxed();
                let verdict = marked(&*error).unwrap_or(if final_ { Verdict::Fatal } else { Verdict::Retry });
                Err(Failure { error, verdict })
            }
        }
    }
}

/// An error that is not retried: return it where the function's error type can be made of it, as `anyhow::Error` and boxed
/// errors can; a type of one's own takes it with a variant that converts from [`Fatal`].
///
/// ```
/// use jobs_runtime::fatal;
///
/// async fn charge(card: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
///     if card.is_empty() {
///         return Err(fatal("there is no card to charge"));
///     }
///     Ok(())
/// }
/// ```
pub fn fatal<E: From<Fatal>>(error: impl Into<BoxError>) -> E {
    E::from(Fatal(Mark { verdict: Verdict::Fatal, error: error.into() }))
}

/// Puts the job back for a while without using an attempt: return it as the function's error.
///
/// A text that is no duration makes the attempt fail for good, with an error that names the text.
///
/// ```
/// use jobs_runtime::snooze;
///
/// async fn ship(ready: bool) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
///     if !ready {
///         return Err(snooze("5m"));
///     }
///     Ok(())
/// }
/// ```
pub fn snooze<E: From<Snooze>>(delay: impl IntoDuration) -> E {
    let mark = match delay.into_duration() {
        Ok(delay) => Mark { verdict: Verdict::Snooze(delay), error: format!("put back for {delay:?}").into() },
        Err(why) => Mark { verdict: Verdict::Fatal, error: format!("cannot snooze: {why}").into() },
    };
    E::from(Snooze(mark))
}

/// An error that says of itself that it must not be retried; made by [`fatal`].
#[derive(Debug)]
pub struct Fatal(Mark);

/// An error that asks to be run again later; made by [`snooze`].
#[derive(Debug)]
pub struct Snooze(Mark);

/// What to do, as a source of its own: error types that wrap others pass sources on, but not their own type.
#[derive(Debug)]
struct Mark {
    verdict: Verdict,
    error: BoxError,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.verdict {
            Verdict::Retry => f.write_str("to be retried"),
            Verdict::Fatal => f.write_str("not to be retried"),
            Verdict::Snooze(_) => f.write_str("to be run later"),
        }
    }
}

impl StdError for Mark {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

macro_rules! marked_error {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.error.fmt(f)
            }
        }

        impl StdError for $name {
            fn source(&self) -> Option<&(dyn StdError + 'static)> {
                Some(&self.0)
            }
        }
    )*};
}
marked_error!(Fatal, Snooze);

/// The error and its causes.
fn chain<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// What the error says of itself.
pub(crate) fn marked(error: &(dyn StdError + 'static)) -> Option<Verdict> {
    chain(error).find_map(|error| error.downcast_ref::<Mark>()).map(|mark| mark.verdict)
}

/// The text that is stored of an error: its message, and a line for each cause that adds something.
pub(crate) fn error_text(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    let mut last = String::new();
    for error in chain(error).filter(|error| !error.is::<Mark>()) {
        let message = error.to_string();
        if text.is_empty() {
            text.push_str(&message);
        } else if !last.ends_with(&message) {
            text.push_str("\ncaused by: ");
            text.push_str(&message);
        }
        last = message;
        if text.len() > LIMIT {
            break;
        }
    }
    text::clean(&text)
}

/// How long a failed attempt asked to wait, for tests of handlers.
impl Snooze {
    /// How long the job is put back; `None` where what was written is no duration.
    pub fn delay(&self) -> Option<Duration> {
        match self.0.verdict {
            Verdict::Snooze(delay) => Some(delay),
            Verdict::Retry | Verdict::Fatal => None,
        }
    }
}

#[cfg(test)]
mod tests;
