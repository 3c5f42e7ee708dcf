//! Runs every test there is and says what ran.
//!
//! In order: build all test programs, so that a mistake in the code is not taken for a failing test; start database
//! servers; run the tests with the documentation's examples; run the tests inside `examples/`, which cargo leaves out;
//! run the storage suite again on other versions of the servers; report.

mod conformance;
mod harness;
mod install;
mod report;
mod servers;

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

pub(crate) use self::conformance::Counts;
use self::harness::{Echo, Label, Labels, LeftOut, Reader, Suite};
use self::servers::Servers;
use crate::cargo::{self, Build, Workspace};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) left_out: u64,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, left_out } = self;
        write!(f, "{passed} passed, {failed} failed, {left_out} left out")
    }
}

/// What a whole run has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) totals: Totals,
    pub(crate) conformance: Counts,
}

/// Installs valgrind, unless it is there.
pub(crate) fn valgrind() -> Result<()> {
    install::valgrind()
}

/// Runs the tests and prints the report, but for the summary. An error means that they could not be run; failures are
/// in the totals.
pub(crate) fn run(workspace: &Workspace, build: Build, harness_args: &[String]) -> Result<Summary> {
    let selections = selections(workspace);
    let mut labels = Labels { programs: HashMap::new(), docs: doc_labels(workspace) };
    for selection in &selections {
        let command = cargo_test(workspace, build, selection);
        labels.programs.extend(build_programs(workspace, command)?);
    }

    let servers = Servers::start(workspace);
    let mut cargo_succeeded = true;
    let mut suites = Vec::new();
    for selection in &selections {
        let mut command = cargo_test(workspace, build, selection);
        command.envs(servers.variables.iter().map(|(variable, url)| (variable, url)));
        cargo_succeeded &= run_tests(command, harness_args, labels.clone(), &mut suites)?;
    }
    let conformance = conformance::counts(&suites);
    let mut findings = Vec::new();
    // With a filter there is no telling what should be the same.
    if harness_args.is_empty() {
        let mut again = Vec::new();
        for rerun in &servers.reruns {
            let mut command = cargo_test(workspace, build, &[format!("--test={}", conformance::PROGRAM)]);
            command.envs(servers.variables.iter().map(|(variable, url)| (variable, url)));
            command.env(rerun.variable, &rerun.url);
            let mut suites = Vec::new();
            let filter = format!("{}::", rerun.engine);
            println!("\non {}:", rerun.name);
            cargo_succeeded &= run_tests(command, &[filter], labels.on(&rerun.name), &mut suites)?;
            again.push((rerun.engine, suites));
        }
        let reruns: Vec<_> = again.iter().map(|(engine, suites)| (*engine, suites.as_slice())).collect();
        findings = conformance::differences(&conformance::engines(workspace), &suites, &reruns);
        suites.extend(again.into_iter().flat_map(|(_, suites)| suites));
    }

    suites.extend(of_our_own("test servers", "The databases that the tests run on.", servers.left_out, Vec::new()));
    suites.extend(of_our_own("the same tests", "All engines pass the same suite.", Vec::new(), findings));
    report::print(&suites);
    let mut totals = totals(&suites);
    if !cargo_succeeded && totals.failed == 0 {
        println!("\nerror: cargo failed, although no test did; what it printed is above");
        totals.failed = 1;
    }
    if totals == Totals::default() {
        bail!("no test ran");
    }
    Ok(Summary { totals, conformance })
}

/// Runs one cargo command, shows its output, and adds what it ran to `suites`; returns whether cargo succeeded.
fn run_tests(mut command: Command, harness_args: &[String], labels: Labels, suites: &mut Vec<Suite>) -> Result<bool> {
    // The harness shows what a passing test printed only if asked; a test says there that it was left out.
    command.args(["--no-fail-fast", "--", "--show-output"]).args(harness_args);
    println!("$ {}", cargo::words(&command));
    let mut reader = Reader::new(labels);
    let status = cargo::stream(command, |line| {
        if reader.line(line) == Echo::Show {
            println!("{line}");
        }
    })?;
    suites.extend(reader.finish());
    Ok(status.success())
}

/// Only if there is something to say.
fn of_our_own(name: &str, about: &str, left_out: Vec<LeftOut>, failures: Vec<String>) -> Option<Suite> {
    let label = Label { name: name.to_owned(), about: about.to_owned() };
    (!left_out.is_empty() || !failures.is_empty()).then(|| Suite::of_our_own(label, left_out, failures))
}

/// What cargo must be told to run everything: once nothing, for its own choice, and once the examples that have
/// their tests left out of it.
fn selections(workspace: &Workspace) -> Vec<Vec<String>> {
    let targets = workspace.packages.iter().flat_map(|package| &package.targets);
    let examples: Vec<String> = targets
        .filter(|target| target.is("example") && !target.test)
        .map(|target| format!("--example={}", target.name))
        .collect();
    let mut selections = vec![Vec::new()];
    if !examples.is_empty() {
        selections.push(examples);
    }
    selections
}

fn cargo_test(workspace: &Workspace, build: Build, selection: &[String]) -> Command {
    let mut command = workspace.cargo(build);
    command
        .args(["test", "--workspace", "--all-features"])
        .args(selection)
        // The reader knows cargo's headings as they are without colour and at ordinary length.
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_QUIET", "false")
        .env("CARGO_TERM_VERBOSE", "false");
    command
}

/// The part of cargo's messages that names a test program.
#[derive(Deserialize)]
struct Artifact {
    package_id: String,
    target: ArtifactTarget,
    profile: ArtifactProfile,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct ArtifactTarget {
    kind: Vec<String>,
    src_path: PathBuf,
}

#[derive(Deserialize)]
struct ArtifactProfile {
    test: bool,
}

/// Builds the test programs that `command` would run and tells what each is, by its file name.
fn build_programs(workspace: &Workspace, mut command: Command) -> Result<HashMap<String, Label>> {
    command.arg("--no-run");
    println!("$ {}", cargo::words(&command));
    let output = command
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("the tests do not build ({})", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter_map(|artifact| label(workspace, &artifact))
        .collect())
}

fn label(workspace: &Workspace, artifact: &Artifact) -> Option<(String, Label)> {
    if !artifact.profile.test {
        return None;
    }
    let program = artifact.executable.as_deref()?.file_name()?;
    let package = workspace.packages.iter().find(|package| package.id == artifact.package_id)?;
    let folder = package.manifest_path.parent()?;
    let source = &artifact.target.src_path;
    let name = match artifact.target.kind.first().map(String::as_str) {
        Some("test" | "example" | "bench") => source.strip_prefix(folder).unwrap_or(source).display().to_string(),
        Some("bin") => "unit tests, program".to_owned(),
        _ => "unit tests".to_owned(),
    };
    Some((
        program.to_string_lossy().into_owned(),
        Label { name: format!("{} {name}", package.name), about: topic(source) },
    ))
}

/// By the name of the library, which is what cargo prints.
fn doc_labels(workspace: &Workspace) -> HashMap<String, Label> {
    let mut labels = HashMap::new();
    for package in &workspace.packages {
        for target in package.targets.iter().filter(|target| target.is("lib") || target.is("proc-macro")) {
            let label = Label {
                name: format!("{} documentation", package.name),
                about: "The examples in the documentation.".to_owned(),
            };
            labels.insert(target.name.clone(), label);
        }
    }
    labels
}

/// What a test file says of itself in its first line.
fn topic(source: &Path) -> String {
    let text = fs::read_to_string(source).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("//!"));
    line.unwrap_or_default().trim().to_owned()
}

fn totals(suites: &[Suite]) -> Totals {
    suites.iter().fold(Totals::default(), |sum, suite| Totals {
        passed: sum.passed + suite.passed,
        failed: sum.failed + suite.failed,
        left_out: sum.left_out + suite.left_out.len() as u64,
    })
}
