//! Measures this project beside its rivals and beside what the database itself can do; see `README.md`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program speaks on its terminal")]

mod compare;
mod database;
mod figures;
mod grow;
mod plot;
mod round;
mod system;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures this project beside its rivals and beside what the database itself can do.
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs us, the rivals and the limit in turn, and compares.
    Compare(compare::Options),
    /// Compares us with the same statements driven straight through the driver.
    Limit(compare::Options),
    /// Shows how our rate changes with what lies in the database.
    Grow(grow::Options),
}

fn main() -> Result<ExitCode> {
    let passed = match Options::parse().command {
        Command::Compare(options) => compare::run(options)?,
        Command::Limit(options) => compare::run(options.with_limit_only())?,
        Command::Grow(options) => grow::run(&options)?,
    };
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
