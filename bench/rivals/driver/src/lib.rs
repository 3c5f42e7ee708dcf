//! Runs each measure of [`jobs_bench_kit`] on a [`Rival`], so that all rivals are measured alike.
//!
//! A rival stores jobs, starts workers, and tells when its database shows all jobs as done. Its handlers call [`ran`].

mod measures;
mod rival;

pub use self::{
    measures::{ran, run},
    rival::{Kind, Rival, Worker, chunks},
};
pub use jobs_bench_kit::{Measure, Task, text, unsupported};
