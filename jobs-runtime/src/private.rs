//! What generated code calls. No part of the public interface: it may change in any release.

pub use std::{
    boxed::Box,
    convert::Into,
    option::Option::{None, Some},
    path::PathBuf,
    result::Result,
    string::String,
    time::Duration,
    vec::Vec,
};

pub use ::core;
pub use inventory;
pub use jobs_schedule::{Misfire, Overlap};
pub use serde;

pub use crate::{
    client::Enqueue,
    codec::Codec,
    job::{Descriptor, Job, Layout, OnExhausted, Options, Place, Recurring, RunFuture, Standalone, StateType, Takes},
    outcome::Return,
    parent::{Caught, Free, Many, NeedsAfterParent, One, Ready},
    retry::Backoff,
    run::Run,
    stored::Field,
};

use std::{any::type_name, future::Future, panic::resume_unwind, sync::Arc};

use crate::{
    Storable, Stored,
    job::{Failure, Success, Verdict},
    layout,
    outcome::HandlerError,
    stored::{self, inputs},
};

/// The backoff of a job without the attribute.
pub const BACKOFF: Backoff = Backoff::DEFAULT;

/// The layout of a job's args.
pub fn args_layout<J: Job>() -> Layout {
    Layout::clone(&layout::of::<J>())
}

/// The layout of a job's output.
pub fn output_layout<J: Job>() -> Layout {
    Layout::clone(&layout::of::<J::Output>())
}

/// The payload of a job.
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) for args that could not be read back, [`Error::Encode`](crate::Error::Encode) when
/// the serializer refuses.
pub fn encode_args<J: Job>(job: &J) -> crate::Result<Vec<u8>> {
    stored::encode_args(job)
}

/// Shows stored args.
///
/// # Errors
/// [`Error::Decode`](crate::Error::Decode) when they are damaged or have another layout.
pub fn args_to_json<J: Job>(payload: &[u8]) -> crate::Result<serde_json::Value> {
    stored::args_to_json::<J>(payload)
}

/// Makes stored args out of JSON.
///
/// # Errors
/// [`Error::Decode`](crate::Error::Decode) when the value does not fit the parameters.
pub fn args_from_json<J: Job>(value: serde_json::Value) -> crate::Result<Vec<u8>> {
    stored::args_from_json::<J>(value)
}

/// Shows a stored output.
///
/// # Errors
/// [`Error::Decode`](crate::Error::Decode) when it is damaged or has another layout.
pub fn output_to_json<J: Job>(payload: &[u8]) -> crate::Result<serde_json::Value> {
    stored::output_to_json::<J>(payload)
}

/// The args of the job that runs.
///
/// # Errors
/// A fatal failure when they are damaged or have another layout.
pub fn decode<J: Job>(run: &Run) -> Result<J, Failure> {
    stored::decode(run)
}

/// The args of the job that runs, through the upgrade where they have another layout.
///
/// # Errors
/// A fatal failure when they are damaged or the upgrade refuses them.
pub fn decode_or_upgrade<J, E, F>(run: &Run, upgrade: F) -> Result<J, Failure>
where
    J: Job,
    E: HandlerError,
    F: FnOnce(Stored) -> Result<J, E>,
{
    stored::decode_or_upgrade(run, upgrade)
}

/// A value that the server lends.
///
/// # Errors
/// A fatal failure that names the type when the server has none.
pub fn state<T: Send + Sync + 'static>(run: &Run) -> Result<Arc<T>, Failure> {
    run.context().inner().states.get().ok_or_else(|| Failure {
        error: format!(
            "the server has no state of the type `{}`; give it one with `.state(..)` before it starts",
            type_name::<T>()
        )
        .into(),
        verdict: Verdict::Fatal,
    })
}

/// What `#[parent]` takes.
///
/// # Errors
/// A fatal failure that names the parent when it left no output, or one of another layout.
pub fn parent<T: Storable>(run: &Run) -> Result<T, Failure> {
    inputs::parent(run.descriptor().kind, run.inputs())
}

/// What `#[parents]` takes.
///
/// # Errors
/// Those of [`parent`].
pub fn parents<T: Storable>(run: &Run) -> Result<Vec<T>, Failure> {
    inputs::parents(run.descriptor().kind, run.inputs())
}

/// What `#[parent_error]` takes.
///
/// # Errors
/// A fatal failure when no parent left an error.
pub fn parent_error(run: &Run) -> Result<String, Failure> {
    inputs::parent_error(run.descriptor().kind, run.inputs())
}

/// The types of state that a handler borrows.
pub fn states<const N: usize>(types: [StateType; N]) -> Vec<StateType> {
    Vec::from(types)
}

/// The attempt of a job that is an `async fn`.
pub fn boxed(attempt: impl Future<Output = Result<Success, Failure>> + Send + 'static) -> RunFuture {
    Box::pin(attempt)
}

/// The attempt of a job that is a plain `fn`, on a thread where it may block. The thread knows the client and the span of the
/// run. A panic goes on in the caller.
pub fn blocking(run: Run, attempt: fn(&Run) -> Result<Success, Failure>) -> RunFuture {
    Box::pin(async move {
        let span = tracing::Span::current();
        let client = run.context().inner().client.clone();
        let attempt = move || span.in_scope(|| client.scope_sync(|| attempt(&run)));
        match tokio::task::spawn_blocking(attempt).await {
            Ok(end) => end,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => Err(Failure {
                    error: "the runtime shut down before the job could start".into(),
                    verdict: Verdict::Retry,
                }),
            },
        }
    })
}

/// The rule `fatal` of a job without it.
pub fn never<E>(_: &E) -> bool {
    false
}

/// The rule `retry_if` of a job without it.
pub fn always<E>(_: &E) -> bool {
    true
}
