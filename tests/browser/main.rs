//! The dashboard of the running shop in a real browser: what operators do at night.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it leaves out")]

#[path = "../common/mod.rs"]
mod common;
mod journeys;
mod live;
mod looks;
mod place;
mod schedule;
mod session;
mod site;
