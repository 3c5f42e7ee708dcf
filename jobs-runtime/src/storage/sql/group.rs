//! Writes of several calls in one transaction, where one bad one must not harm its neighbours: a group that fails for a reason
//! that trying again does not cure is split in halves until only the offender fails.

use std::future::Future;

use futures_util::{FutureExt, future::BoxFuture};

use crate::{
    error::{Error, Result},
    outcome::error_text,
    storage::{Accepted, End, Finish},
};

/// How many rows a group takes before it is committed.
pub(crate) const GROUP_ROWS: usize = 5_000;
/// How many writes may wait; further callers wait for room.
pub(crate) const BACKLOG: usize = 4_096;

const LAST_RESORT: &str = "the result could not be stored";

fn is_last_resort(end: &Finish) -> bool {
    matches!(&end.end, End::Failed { error, .. } if error.starts_with(LAST_RESORT))
}

/// What ends attempts in one transaction, all of them or none.
pub(crate) trait EndAll: Send {
    fn end_all(&mut self, ends: Vec<Finish>) -> BoxFuture<'_, Result<Vec<Accepted>>>;
}

impl<F, A> EndAll for F
where
    F: FnMut(Vec<Finish>) -> A + Send,
    A: Future<Output = Result<Vec<Accepted>>> + Send + 'static,
{
    fn end_all(&mut self, ends: Vec<Finish>) -> BoxFuture<'_, Result<Vec<Accepted>>> {
        self(ends).boxed()
    }
}

/// Ends attempts: of those that cannot be stored each fails alone, with the reason as its error.
///
/// # Errors
/// What cannot be cured by splitting. What was stored of the call so far is answered [`Accepted::Again`] when it comes again.
pub(crate) async fn finish(ends: Vec<Finish>, by: &mut dyn EndAll) -> Result<Vec<Accepted>> {
    let mut answers = Vec::with_capacity(ends.len());
    let mut parts = vec![ends];
    while let Some(mut part) = parts.pop() {
        match by.end_all(part.clone()).await {
            Ok(mut done) => answers.append(&mut done),
            Err(Error::Locked(_)) if part.len() == 1 => answers.push(Accepted::Locked),
            Err(error) if error.is_transient() && !matches!(error, Error::Locked(_)) => return Err(error),
            Err(_) if part.len() > 1 => {
                parts.push(part.split_off(part.len() / 2));
                parts.push(part);
            }
            Err(error) => {
                let cause = error_text(&error);
                let Some(end) = part.first_mut().filter(|end| !is_last_resort(end)) else {
                    tracing::error!(error = cause, "not even the failure of a job could be stored");
                    answers.push(Accepted::Stale);
                    continue;
                };
                tracing::error!(job = %end.job, error = cause, "the result could not be stored; the job fails");
                end.end = End::Failed { error: format!("{LAST_RESORT}: {cause}"), attempted: true };
                parts.push(part);
            }
        }
    }
    Ok(answers)
}
