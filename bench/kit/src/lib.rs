//! What a system that is measured and the program that measures it say to each other.
//!
//! A system is a program of its own, because rivals need versions of libraries that exclude each other. It gets one [`Task`] as its
//! arguments, prepares what the measure needs, and runs the timed part as a [`Phase`]. On its output it writes a line of JSON at
//! each phase's begin, then waits for a line on its input (where the input has ended it goes on at once, so that it can be run by hand),
//! and a line at the phase's end. Between the two, whoever measures reads what the database and the process have used.
//!
//! ```text
//! > {"begin":"drain"}
//! <
//! > {"end":"drain","jobs":100000,"seconds":2.1,"client_cpu":1.9}
//! ```
//!
//! A measure that a system cannot do ends with [`unsupported`]; any other failure is an error and the exit code 1.

mod latency;
mod phase;
mod process;
mod seen;
mod task;

pub use self::{
    latency::Latencies,
    phase::{Phase, unsupported},
    process::{cpu_of_tree, cpu_seconds, resident_kib},
    seen::Seen,
    task::{Measure, Task},
};

/// How long a round may take before it counts as hanging.
pub const LIMIT: std::time::Duration = std::time::Duration::from_secs(300);

/// The text that each job carries beside its number: with it the arguments have 108 bytes.
pub fn text() -> String {
    "x".repeat(100)
}
