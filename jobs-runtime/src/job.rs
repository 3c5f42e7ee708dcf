//! What a job type is: the [`Job`] trait that `#[job]` implements, and the descriptor that it registers.

use std::{any::TypeId, fmt, future::Future, pin::Pin, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{codec::Codec, error::BoxError, outcome, parent::Free, retry::Backoff, run::Run};

/// A type whose values can be stored and run as jobs. Implemented by `#[job]`, not by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a job",
    note = "put `#[job]` on an async function and pass `function::new(args)`"
)]
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What the handler returns when it succeeds; it is stored with the job.
    type Output: Serialize + DeserializeOwned + Send + 'static;

    /// What the handler takes from its parents: a type of [`parent`](crate::parent).
    type Parent;

    /// What the attributes of `#[job]` said.
    const DESCRIPTOR: &'static Descriptor;
}

/// A job that takes nothing from a parent: all of its parameters are known when it is enqueued.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no job that runs without a parent",
    label = "takes something from a parent, or is no job",
    note = "a job with `#[parent]`, `#[parents]` or `#[parent_error]` is enqueued by itself, after one: `its_function::enqueue(..).after(&parent)`"
)]
pub trait Standalone: Job<Parent = Free> {}

/// The future of one attempt.
pub type RunFuture = Pin<Box<dyn Future<Output = Result<Success, Failure>> + Send>>;

/// The bytes of the output of an attempt that went well, with their header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Success {
    /// The encoded output; `None` where the output is `()`.
    pub output: Option<Vec<u8>>,
}

/// Why an attempt did not go well, and what the handler asked for.
#[derive(Debug)]
pub struct Failure {
    /// The error, or what stands for it.
    pub error: BoxError,
    /// What is to follow.
    pub verdict: Verdict,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

/// What `tower` layers make of a failure: one that they boxed is itself again, an error of their own is to be retried unless
/// it says otherwise.
impl From<BoxError> for Failure {
    fn from(error: BoxError) -> Self {
        error.downcast().map_or_else(
            |error| Self { verdict: outcome::marked(&*error).unwrap_or(Verdict::Retry), error },
            |failure: Box<Self>| *failure,
        )
    }
}

/// What is to follow a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Run again after the backoff, if attempts are left.
    Retry,
    /// Do not run again: the error was marked fatal, `retry_if` said no, or the payload cannot be read.
    Fatal,
    /// Not a failure: run again after this time, and do not count the attempt.
    Snooze(Duration),
}

/// Everything that is known of a job kind: what the attributes said and how to run it.
///
/// One is registered for each `#[job]` when the program starts.
#[derive(Debug)]
pub struct Descriptor {
    /// The stable stored name.
    pub kind: &'static str,
    /// Earlier names under which stored jobs of this kind may still wait.
    pub aliases: &'static [&'static str],
    /// Where the function stands.
    pub place: Place,
    /// The names of the stored parameters, in order.
    pub params: &'static [&'static str],
    /// Of these, the ones that pages and logs must not show.
    pub secret: &'static [&'static str],
    /// One line about a job for lists, with `{param}` holes.
    pub summary: Option<&'static str>,
    /// Whether the function is blocking (a plain `fn`).
    pub blocking: bool,
    /// Defaults of what an enqueue may override.
    pub options: Options,
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// How args and output are written.
    pub codec: Codec,
    /// The number that the owner gives to the layout of the args.
    pub version: u16,
    /// The fingerprint of the args' layout.
    pub args_layout: fn() -> Layout,
    /// The fingerprint of the output's layout.
    pub output_layout: fn() -> Layout,
    /// Runs one attempt.
    pub run: fn(Run) -> RunFuture,
    /// Shows stored args as JSON, for pages and logs.
    pub args_to_json: fn(&[u8]) -> crate::Result<serde_json::Value>,
    /// Makes stored args out of JSON, for pages.
    pub args_from_json: fn(serde_json::Value) -> crate::Result<Vec<u8>>,
    /// Shows a stored output as JSON.
    pub output_to_json: fn(&[u8]) -> crate::Result<serde_json::Value>,
    /// The types of state that the handler borrows.
    pub states: fn() -> Vec<StateType>,
    /// What the handler takes from its parents.
    pub takes: Takes,
    /// The `#[recurring]` definitions that stand on the function.
    pub recurring: &'static [Recurring],
}

inventory::collect!(&'static Descriptor);

/// What a handler takes from its job's parents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Takes {
    /// Nothing.
    #[default]
    Nothing,
    /// The output of one: `#[parent]`.
    Parent,
    /// The outputs of several: `#[parents]`.
    Parents,
    /// The error of one that failed: `#[parent_error]`.
    Error,
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path of the module.
    pub module: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({})", self.file, self.line, self.module)
    }
}

/// What an enqueue may override.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The queue.
    pub queue: &'static str,
    /// The priority; greater goes first.
    pub priority: i16,
    /// How often the job may be run, at least 1.
    pub attempts: u16,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How long after its time the job is still worth starting.
    pub expires: Option<Duration>,
    /// What becomes of a job whose attempts are used up.
    pub on_exhausted: OnExhausted,
    /// How long the finished job is kept; `None` means the client's default for the state it ends in.
    pub retain: Option<Duration>,
}

impl Options {
    /// The options of a job without attributes.
    pub const DEFAULT: Self = Self {
        queue: "default",
        priority: 0,
        attempts: 10,
        timeout: None,
        expires: None,
        on_exhausted: OnExhausted::Fail,
        retain: None,
    };
}

/// What becomes of a job whose attempts are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum OnExhausted {
    /// It is `failed`.
    #[default]
    Fail,
    /// It is `deleted`, with its errors kept.
    Delete,
}

/// The recursive layout of a type as serde sees it, and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The layout in words, for messages: `{user: u64, name: string}`.
    pub text: String,
    /// The hash of the text.
    pub fingerprint: u64,
    /// Why values of this type cannot be read back by the default codec, where they cannot.
    pub unreadable: Option<String>,
}

/// A type of state that a handler borrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StateType {
    /// The type.
    pub id: TypeId,
    /// Its name, for messages.
    pub name: &'static str,
}

impl StateType {
    /// The type as handlers name it behind `&`.
    pub fn of<T: Send + Sync + 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: std::any::type_name::<T>() }
    }
}

/// A recurring definition that stands in code, as `#[recurring]` checked it.
#[derive(Clone, Copy, Debug)]
pub struct Recurring {
    /// Its id: stable, unique in the database.
    pub id: &'static str,
    /// The cron expression.
    pub cron: &'static str,
    /// The IANA name of the time zone.
    pub zone: &'static str,
    /// What becomes of occurrences that were missed.
    pub misfire: jobs_schedule::Misfire,
    /// What happens when the run before has not ended.
    pub overlap: jobs_schedule::Overlap,
    /// Makes the payload that each occurrence runs with.
    pub args: fn() -> crate::Result<Vec<u8>>,
}
