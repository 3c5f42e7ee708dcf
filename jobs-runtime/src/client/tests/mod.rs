//! The client against a storage in memory: capture, options, waiting, changes, bulk, recurring jobs, pauses, signals.

mod current;
mod enqueue;
mod fake;
mod handle;
mod recurring;
mod steer;
