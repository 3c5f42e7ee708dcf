//! The cron dialect of `jobs`: what an expression means, when it fires next, which missed
//! occurrences run after a stop, and how to say it in plain words.
//!
//! Everything here is pure: no clock, no I/O, no async runtime. The macros check expressions with
//! it at compile time and the servers fire by it, so both always agree.
//!
//! ```
//! use jiff::Timestamp;
//! use jobs_schedule::{Cron, Language, parse_zone};
//!
//! let month_end: Cron = "0 0 L * *".parse()?;
//! let istanbul = parse_zone("Europe/Istanbul")?;
//! let now: Timestamp = "2028-02-10T09:00:00Z".parse()?;
//!
//! let next = month_end.next_after(now, &istanbul);
//! assert_eq!(next, Some("2028-02-28T21:00:00Z".parse()?)); // 29 February, 00:00 in Istanbul
//! assert_eq!(month_end.describe(Language::English), "At 00:00 on the last day of the month");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![doc = include_str!("docs/dialect.md")]

mod cron;
mod describe;
mod duration;
mod error;
mod misfire;
mod model;
mod month;
mod parse;
mod policy;
mod search;
mod zone;

pub use crate::cron::Cron;
pub use crate::describe::Language;
pub use crate::duration::{DurationError, parse_duration};
pub use crate::error::CronError;
pub use crate::misfire::{Due, MAX_COUNTED, due_occurrences};
pub use crate::policy::{Misfire, Overlap, PolicyError};
pub use crate::zone::{ZoneError, parse_zone};
