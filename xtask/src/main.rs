//! The project's task runner: `cargo xtask test`, `cargo xtask ci`, `cargo xtask tidy`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program speaks on its terminal")]

mod bench;
mod cargo;
mod ci;
mod deny;
mod duration;
mod instructions;
mod suite;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::Arg;

use crate::cargo::{Build, Workspace};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [-- ARGS]  run every test; ARGS go to the test harness, as in `cargo xtask test -- recurring`
  ci              run every gate, the cheap ones first; a test that is left out is a failure
  instructions [--accept]
                  count what a job costs in instructions, and compare it with what is committed; or commit to it
  tidy            check the rules of the house that no compiler checks";

enum Command {
    Test { harness_args: Vec<String> },
    Ci,
    Instructions { accept: bool },
    Tidy,
    Help,
}

fn main() -> ExitCode {
    match parse(lexopt::Parser::from_env()).and_then(run) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let success = match command {
        Command::Help => {
            println!("{USAGE}");
            true
        }
        Command::Tidy => tidy::run(&Workspace::find()?)?,
        Command::Ci => ci::run(&Workspace::find()?)?,
        Command::Instructions { accept } => {
            if let Some(note) = instructions::run(&Workspace::find()?, Build::Developer, accept)? {
                println!("{note}");
            }
            true
        }
        Command::Test { harness_args } => {
            let summary = suite::run(&Workspace::find()?, Build::Developer, &harness_args)?;
            println!("{}\nxtask test: {}", summary.conformance, summary.totals);
            summary.totals.failed == 0
        }
    };
    Ok(if success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn parse(mut args: lexopt::Parser) -> Result<Command> {
    let command = match args.next()? {
        Some(Arg::Value(word)) if word == "test" => {
            let harness_args = harness_args(&mut args)?;
            return Ok(Command::Test { harness_args });
        }
        Some(Arg::Value(word)) if word == "ci" => Command::Ci,
        Some(Arg::Value(word)) if word == "tidy" => Command::Tidy,
        Some(Arg::Value(word)) if word == "instructions" => {
            let accept = match args.next()? {
                None => false,
                Some(Arg::Long("accept")) => true,
                Some(other) => bail!("{}\n\n{USAGE}", other.unexpected()),
            };
            Command::Instructions { accept }
        }
        Some(Arg::Value(word)) if word == "help" => Command::Help,
        None | Some(Arg::Long("help") | Arg::Short('h')) => Command::Help,
        Some(other) => bail!("{}\n\n{USAGE}", other.unexpected()),
    };
    match args.next()? {
        None => Ok(command),
        Some(other) => bail!("{}\n\n{USAGE}", other.unexpected()),
    }
}

/// What stands after `--`. Without the `--` a word is refused, because it would read like a target.
fn harness_args(args: &mut lexopt::Parser) -> Result<Vec<String>> {
    let mut rest = args.raw_args()?;
    match rest.next() {
        None => Ok(Vec::new()),
        Some(word) if word == "--" => rest
            .map(|arg| arg.into_string().map_err(|arg| anyhow::anyhow!("{} is not valid UTF-8", arg.display())))
            .collect(),
        Some(word) => bail!("unexpected argument {}; a filter goes after `--`\n\n{USAGE}", word.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_args(args: &[&str]) -> Result<Vec<String>> {
        match parse(lexopt::Parser::from_args(args))? {
            Command::Test { harness_args } => Ok(harness_args),
            _ => bail!("another command"),
        }
    }

    #[test]
    fn a_filter_goes_to_the_harness() {
        assert_eq!(test_args(&["test"]).unwrap(), Vec::<String>::new());
        assert_eq!(test_args(&["test", "--", "recurring", "--exact"]).unwrap(), ["recurring", "--exact"]);
    }

    #[test]
    fn a_filter_without_dashes_is_refused() {
        let error = test_args(&["test", "recurring"]).unwrap_err();
        assert!(error.to_string().contains("after `--`"), "{error}");
    }

    #[test]
    fn unknown_words_are_refused() {
        for args in [&["tst"][..], &["ci", "fast"], &["tidy", "--fix"]] {
            assert!(parse(lexopt::Parser::from_args(args)).is_err(), "{args:?}");
        }
    }
}
