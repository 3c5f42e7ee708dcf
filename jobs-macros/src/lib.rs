//! The attribute macros of `jobs`. Applications use them through the facade crate.

mod attr;
mod crate_path;
mod diagnostics;
mod docs;
mod entry;
mod expand;
mod fallback;
mod model;
mod param;
mod parent;
mod recurring;
#[cfg(test)]
mod tests;
mod validate;
mod words;

use proc_macro::TokenStream;
use syn::ItemFn;

use crate::{diagnostics::Problems, model::Job};

/// Makes a job of a function: its calls can be stored, and servers run them.
///
/// The function stays as it is and can be called and tested like any other. Beside it stands a type of the same name, with
/// `new(..)`, which takes the stored parameters and makes a job, and `enqueue(..)`, which makes one and stores it when it is
/// awaited. One `use` brings both.
///
/// ```
/// use jobs::prelude::*;
/// use std::io;
///
/// struct Mailer;
///
/// /// Sends the welcome mail.
/// #[job(queue = "mail", attempts = 5, timeout = "30s")]
/// async fn send_welcome(ctx: &JobContext, #[state] mailer: &Mailer, user: u64, name: String) -> io::Result<()> {
///     ctx.progress(0.5, format!("greeting {name}"));
///     Ok(())
/// }
///
/// # async fn example() -> jobs::Result<()> {
/// send_welcome::enqueue(7, "Ada").delay("10m").await?;
/// # Ok(()) }
/// ```
///
/// # Parameters
///
/// | written | what it is |
/// |---|---|
/// | `name: T` | stored with the job; `T` is written and read by serde |
/// | `name: &str`, `&[T]`, `&Path`, `&T` | stored as `String`, `Vec<T>`, `PathBuf`, `T`, and lent to the function |
/// | `name: &JobContext` | the run's context; not stored |
/// | `#[state] name: &T` | a value of the server's, found by its type; not stored |
/// | `#[parent] name: T` | the output of the job that it runs after; not stored. Also `&T`, `&str`, `&[T]` |
/// | `#[parents] name: Vec<T>` | the outputs of the jobs that it runs after, in order; not stored. Also `&[T]` |
/// | `#[parent_error] name: String` | why the job that it runs after did not succeed; not stored. Also `&str` |
///
/// `new` and `enqueue` take `impl Into<String>` for `String` and `&str`, and `impl Into<PathBuf>` for paths. Names and types of
/// the stored parameters are the job's layout: what was stored with another one is never misread, but goes through `upgrade`.
/// A leading underscore is no part of a name.
///
/// # After other jobs
///
/// A job that takes something from a parent is enqueued with it: `.after(&parent)` wants a parent whose output is a `T`, and without
/// one the call does not compile. Of `#[parent]`, `#[parents]` and `#[parent_error]` a job has one, on one parameter, and it cannot
/// recur. Any other job may run after others too, and takes nothing from them.
///
/// ```
/// use jobs::prelude::*;
/// # type Error = std::io::Error;
///
/// #[job]
/// async fn count_words(text: String) -> Result<usize, Error> {
///     Ok(text.split_whitespace().count())
/// }
///
/// /// Runs when a count has succeeded.
/// #[job]
/// async fn store_count(file: String, #[parent] words: usize) {}
///
/// /// Runs when all counts have.
/// #[job]
/// async fn add_up(#[parents] words: Vec<usize>) -> Result<usize, Error> {
///     Ok(words.iter().sum())
/// }
///
/// /// Runs when a count has failed.
/// #[job]
/// async fn complain(file: String, #[parent_error] error: &str) {}
///
/// # async fn example() -> jobs::Result<()> {
/// let first = count_words::enqueue("one two").await?;
/// let second = count_words::enqueue("three").await?;
/// store_count::enqueue("first.txt").after(&first).await?;
/// complain::enqueue("first.txt").after(&first).await?;
/// add_up::enqueue().after_all([&first, &second]).await?;
/// # Ok(()) }
/// ```
///
/// Layouts are compared when it runs as well: an output that was stored with another one, by an earlier version of the parent, say,
/// is never misread. The job then fails with an error that names the parent and both layouts.
///
/// # Return type
///
/// Nothing, or a `Result<T, E>` whose `T` can be stored and whose `E` is any error: a type that implements
/// [`std::error::Error`], `anyhow::Error`, `Box<dyn Error + Send + Sync>`, `String` or `&str`; aliases too. A `pub` job needs a `pub`
/// output type, and takes `pub` types from its parents. `fatal(..)` and `snooze(..)` make errors that end the job or put it back.
///
/// An `async fn` runs on the server's runtime, a plain `fn` on a thread where it may block.
///
/// # Attributes
///
/// | attribute | meaning | without it |
/// |---|---|---|
/// | `name = "mail.welcome"` | the stored name of the kind; it survives moving the function | the function's path |
/// | `alias("old.name", ..)` | earlier names under which stored jobs may wait | none |
/// | `queue = "mail"` | the queue | `default` |
/// | `priority = "high"` | `"high"` (10), `"normal"` (0), `"low"` (-10) or a number; greater goes first | 0 |
/// | `attempts = 5` | how often it may run | 10 |
/// | `backoff = "exponential(5s, 6h)"` | the wait between attempts: also `"constant(10s)"`, `"linear(10s, 1h)"` or a `fn(u32) -> Duration` of the attempt that failed | `exponential(5s, 6h)` |
/// | `timeout = "30s"` | how long one attempt may take | no limit |
/// | `expires = "10m"` | how long after its time it is still worth starting | for ever |
/// | `retry_if = path` | a `fn(&E) -> bool`: which errors are retried | all |
/// | `fatal = path` | a `fn(&E) -> bool`: which errors are not retried | none |
/// | `on_exhausted = "delete"` | what becomes of it after the last attempt: `"fail"` or `"delete"` | `"fail"` |
/// | `retain = "7d"` | how long it is kept when it has ended | the client's setting |
/// | `summary = "Welcome {name}"` | one line for lists, with parameters in braces | none |
/// | `secret(password)` | parameters that pages and logs do not show | none |
/// | `codec = "json"` | how args and output are stored: `"bincode"` or `"json"` | `"bincode"` |
/// | `version = 2` | the number of the layout of the args | 1 |
/// | `upgrade = path` | a `fn(Stored) -> Result<job, E>` for args of an earlier version | such jobs fail |
/// | `crate = "my_jobs"` | where the crate `jobs` is, if it has another name | `::jobs` |
///
/// Durations are numbers with units, `"1h 30m"`; a day has 24 hours.
///
/// # What it refuses
///
/// Generic functions, methods, `const`, `unsafe` and `extern` functions, patterns as parameters, `&mut`, trait objects and
/// whatever borrows inside a stored type. Each mistake gives one error at its place that says what to write.
///
/// # Two items of one name
///
/// Function and type have one name in two name spaces, so `mod send; pub use send::send;` clashes with the module: name the
/// module otherwise.
#[proc_macro_attribute]
pub fn job(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand_job(arguments.into(), item.into()).into()
}

/// Lets a job run again and again at the times of a cron expression. Stands above or below `#[job]`, once or several times.
///
/// ```
/// use jobs::prelude::*;
///
/// /// Runs on the last day of each month.
/// #[recurring("0 0 L * *", tz = "Europe/Istanbul", misfire = "once")]
/// #[job]
/// async fn month_end_report() {}
///
/// #[recurring("0 8 * * MON", id = "digest.weekly", args("weekly"))]
/// #[recurring("0 8 1 * *", id = "digest.monthly", args("monthly"))]
/// #[job]
/// async fn digest(title: String) {
///     drop(title);
/// }
/// ```
///
/// | argument | meaning | without it |
/// |---|---|---|
/// | `"0 0 L * *"` | the cron expression, always the first | |
/// | `tz = "Europe/Istanbul"` | the time zone, by its IANA name | `"UTC"` |
/// | `misfire = "once"` | what becomes of occurrences that came while no server ran: `"once"` runs one for all, `"skip"` none, `"all"` each | `"once"` |
/// | `cap = 10` | with `misfire = "all"`: how many of them at most, the newest | 100 |
/// | `overlap = "skip"` | what happens while the run before has not ended: `"allow"` or `"skip"` | `"allow"` |
/// | `id = "report.monthly"` | the stable name of the definition | the job's kind |
/// | `args(42, "weekly")` | values for the stored parameters, in order, worked out when a server starts | for a job that stores none |
///
/// Expression, zone and words are checked when the program is compiled. The definition belongs to the code: it fires only while
/// a server runs that has it.
#[proc_macro_attribute]
pub fn recurring(arguments: TokenStream, item: TokenStream) -> TokenStream {
    recurring::recurring(arguments.into(), item.into()).into()
}

fn expand_job(arguments: proc_macro2::TokenStream, item: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return fallback::not_a_function("job", item, error),
    };
    let mut problems = Problems::default();
    let job = Job::read(arguments, function, &mut problems);
    if problems.is_empty() { expand::job(&job) } else { fallback::job(&job, problems) }
}
