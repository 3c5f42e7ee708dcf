//! How loops live through a storage that fails: they wait longer each time, say so once, and go on.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

use crate::error::{Error, Result};

const FIRST_DELAY: Duration = Duration::from_millis(100);
/// So short that work starts within 5 s of the database's return.
const LONGEST_DELAY: Duration = Duration::from_secs(3);

/// The failures of one loop since its last success.
#[derive(Debug)]
pub(crate) struct Outage {
    doing: &'static str,
    failures: u32,
    since: Option<Instant>,
    told: String,
}

impl Outage {
    /// For a loop that is `doing` something: "claim jobs".
    pub(crate) fn new(doing: &'static str) -> Self {
        Self { doing, failures: 0, since: None, told: String::new() }
    }

    /// Notes a failure, logs it where it is news, and says how long to wait.
    pub(crate) fn failed(&mut self, error: &Error) -> Duration {
        let text = error_chain(error);
        if text != self.told {
            tracing::warn!(error = %text, "cannot {}; trying again until it works", self.doing);
            self.told = text;
        }
        self.since.get_or_insert_with(Instant::now);
        let full = FIRST_DELAY.saturating_mul(1 << self.failures.min(10)).min(LONGEST_DELAY);
        self.failures = self.failures.saturating_add(1);
        full.mul_f64(0.5 + fastrand::f64() / 2.0)
    }

    /// Notes a success.
    pub(crate) fn recovered(&mut self) {
        if let Some(since) = self.since.take() {
            tracing::info!(failures = self.failures, outage = ?since.elapsed(), "can {} again", self.doing);
            self.failures = 0;
            self.told.clear();
        }
    }
}

/// Drives a storage call to its end on a task of its own, whatever becomes of the caller, and makes an error of a panic.
pub(crate) async fn driven<T: Send + 'static>(
    doing: &'static str,
    call: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    match tokio::spawn(call).await {
        Ok(answer) => answer,
        Err(error) => Err(Error::Unavailable { what: doing.to_owned(), source: Box::new(error) }),
    }
}

/// The error and its causes in one line.
pub(crate) fn error_chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_start_again_after_a_success() {
        let error = Error::Locked("held".to_owned());
        let mut outage = Outage::new("test");
        for failure in 0..20 {
            let full = FIRST_DELAY.saturating_mul(1 << failure.min(10)).min(LONGEST_DELAY);
            let delay = outage.failed(&error);
            assert!(delay >= full / 2 && delay <= full, "failure {failure} waits {delay:?}");
        }
        outage.recovered();
        assert!(outage.failed(&error) <= FIRST_DELAY);
    }

    #[tokio::test]
    async fn a_panic_of_the_engine_is_a_transient_error() {
        let answer = driven::<()>("test", async { panic!("engine") }).await;
        assert!(answer.is_err_and(|error| error.is_transient()));
    }
}
