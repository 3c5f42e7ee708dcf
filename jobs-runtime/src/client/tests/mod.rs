//! The client against a storage in memory: capture, options, waiting, changes, bulk, flows, recurring jobs, pauses, signals.

mod after;
mod batch;
mod bulk;
mod current;
mod enqueue;
mod fake;
mod flow;
mod handle;
mod recurring;
mod steer;
