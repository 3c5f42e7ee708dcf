//! Every gate that a change must pass, the cheap ones first; stops at the first that it does not pass.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::cargo::{self, Build, Workspace};
use crate::suite::{self, Summary, Totals};
use crate::{bench, deny, duration, instructions, tidy};

/// What a gate has to say beyond having passed.
type Note = Option<String>;

struct Gates {
    started: Instant,
    passed: Vec<(&'static str, Duration, Note)>,
}

/// Returns whether all gates passed. The last line printed is the count of tests, `N passed, M failed`.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let mut gates = Gates { started: Instant::now(), passed: Vec::new() };
    let cargo = |args: &[&str]| {
        let mut command = workspace.cargo(Build::Cold);
        command.args(args);
        command
    };

    gates.pass("tidy", || {
        if !tidy::run(workspace)? {
            bail!("a rule of the house is broken; see above");
        }
        Ok(None)
    })?;
    gates.pass_command("format", cargo(&["fmt", "--all", "--check"]))?;
    gates.pass_command(
        "clippy",
        cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]),
    )?;
    let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--all-features"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    gates.pass_command("documentation", doc)?;
    gates.pass("dependencies", || deny::run(workspace))?;
    // Before the tests, because one of them runs a release build of an example.
    gates.pass_command("examples", cargo(&["build", "--release", "--examples"]))?;
    gates.pass("instructions", || instructions::run(workspace, Build::Cold, false))?;

    let mut summary = Summary::default();
    let tests = gates.pass("tests", || {
        summary = suite::run(workspace, Build::Cold, &[])?;
        verdict(summary.totals)
    });
    // After the tests, which install the database servers where they are missing.
    let done = tests.and_then(|()| gates.pass("benches", || bench::run(workspace)));
    match done {
        Ok(()) => gates.report(),
        // Nothing was counted: there is no closing line to print.
        Err(error) if summary == Summary::default() => return Err(error),
        Err(error) => println!("\nxtask ci: {error:#}"),
    }
    let Summary { totals, conformance } = summary;
    println!("{conformance}");
    println!("{} passed, {} failed", totals.passed, totals.failed + totals.left_out);
    Ok(totals.failed + totals.left_out == 0)
}

/// A test that this machine cannot run has not been passed, and a run that misses it proves too little.
fn verdict(totals: Totals) -> Result<Note> {
    if totals.failed > 0 || totals.left_out > 0 {
        bail!("{totals}; here, a test that is left out is a failure");
    }
    Ok(Some(totals.to_string()))
}

impl Gates {
    fn pass(&mut self, name: &'static str, gate: impl FnOnce() -> Result<Note>) -> Result<()> {
        println!("\n==== {name} ====");
        let started = Instant::now();
        let result = gate();
        let time = started.elapsed();
        let word = if result.is_ok() { "passed" } else { "FAILED" };
        println!("==== {name} {word} in {} ====", duration::short(time));
        let note = result.with_context(|| format!("gate `{name}` failed; the gates after it did not run"))?;
        self.passed.push((name, time, note));
        Ok(())
    }

    fn pass_command(&mut self, name: &'static str, mut command: Command) -> Result<()> {
        self.pass(name, || cargo::run(&mut command).map(|()| None))
    }

    fn report(&self) {
        println!();
        for (name, time, note) in &self.passed {
            let line = format!("{name:14} {:>7}  {}", duration::short(*time), note.as_deref().unwrap_or_default());
            println!("{}", line.trim_end());
        }
        println!("{:14} {:>7}", "all gates", duration::short(self.started.elapsed()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_left_out_is_a_failure() {
        let totals = |failed, left_out| Totals { passed: 9, failed, left_out };
        assert!(verdict(totals(0, 0)).is_ok());
        assert!(verdict(totals(1, 0)).is_err());
        assert!(verdict(totals(0, 1)).is_err());
    }
}
