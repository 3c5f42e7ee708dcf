//! Counts what a job costs in instructions, which unlike time are nearly the same on every run, and compares it with what is
//! committed. The counting is callgrind's, of Debian's package `valgrind`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::{self, Build, Workspace};
use crate::suite;

/// The program that is counted, an example of the workspace, and the function at whose calls its steps end.
const PROGRAM: &str = "instructions";
const END_OF_STEP: &str = "*end_of_step*";
/// The committed figures: a step and its instructions a job in each line.
const FIGURES: &str = "bench/instructions/figures.txt";
/// How much a step may cost more or less than is committed: two runs differ by up to 3 %.
const DRIFT: f64 = 0.10;

/// A step of the program, and how many instructions it takes for each job.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    name: String,
    instructions: u64,
}

/// Counts and compares; `accept` writes down what was counted instead. Returns what there is to say besides.
pub(crate) fn run(workspace: &Workspace, build: Build, accept: bool) -> Result<Option<String>> {
    if let Err(error) = suite::valgrind() {
        let why = format!("LEFT OUT: there is no valgrind to count with ({error:#})");
        println!("{why}");
        return Ok(Some(why));
    }
    let mut command = workspace.cargo(build);
    command.args(["build", "--release", "--example", PROGRAM]);
    cargo::run(&mut command)?;
    let steps = count(workspace)?;
    let path = workspace.root.join(FIGURES);
    if accept {
        fs::write(&path, written(&steps)).with_context(|| format!("cannot write {FIGURES}"))?;
        print!("{}", written(&steps));
        return Ok(None);
    }
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {FIGURES}; `cargo xtask instructions --accept` writes it"))?;
    let (lines, worse, better) = compare(&read(&text)?, &steps)?;
    println!("{lines}");
    ensure!(
        worse.is_empty(),
        "a job costs more instructions than {FIGURES} says: {}; find out why, or accept it by `cargo xtask instructions --accept`",
        worse.join(", ")
    );
    let accept = |steps: String| format!("{steps} cost less; `cargo xtask instructions --accept` keeps it so");
    Ok((!better.is_empty()).then(|| accept(better.join(", "))))
}

fn count(workspace: &Workspace) -> Result<Vec<Step>> {
    let folder = workspace.target.join(PROGRAM);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let parts = folder.join("part");
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind"]).arg(format!("--dump-before={END_OF_STEP}"));
    command.arg(format!("--callgrind-out-file={}", parts.display()));
    command.arg(workspace.target.join("release/examples").join(PROGRAM)).stdin(Stdio::null()).stderr(Stdio::inherit());
    println!("$ {}", cargo::words(&command));
    let output = command.output().context("cannot start valgrind")?;
    ensure!(output.status.success(), "`{PROGRAM}` failed under valgrind ({})", output.status);
    let output = String::from_utf8(output.stdout).context("the program printed no text")?;
    let mut steps = Vec::new();
    for (index, line) in output.lines().enumerate() {
        let (name, jobs) = line.split_once(' ').with_context(|| format!("no step and jobs: `{line}`"))?;
        let jobs: u64 = jobs.parse().with_context(|| format!("no number of jobs: `{line}`"))?;
        let total = total(&part(&parts, index + 1))?;
        // What comes before the first step is the program's own start.
        if index > 0 {
            steps.push(Step { name: name.to_owned(), instructions: total / jobs.max(1) });
        }
    }
    ensure!(!steps.is_empty(), "the program printed no step");
    Ok(steps)
}

fn part(parts: &Path, number: usize) -> PathBuf {
    parts.with_extension(number.to_string())
}

/// All instructions in a file of callgrind's.
fn total(path: &Path) -> Result<u64> {
    let text = fs::read_to_string(path).with_context(|| format!("callgrind wrote no {}", path.display()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:")));
    total.and_then(|total| total.trim().parse().ok()).with_context(|| format!("no total in {}", path.display()))
}

fn written(steps: &[Step]) -> String {
    steps.iter().map(|Step { name, instructions }| format!("{name} {instructions}\n")).collect()
}

fn read(text: &str) -> Result<Vec<Step>> {
    let step = |line: &str| {
        let (name, instructions) = line.split_once(' ')?;
        Some(Step { name: name.to_owned(), instructions: instructions.parse().ok()? })
    };
    text.lines().map(|line| step(line).with_context(|| format!("no step in {FIGURES}: `{line}`"))).collect()
}

/// The comparison in lines, and the names of the steps that cost more or less than they may.
fn compare(committed: &[Step], now: &[Step]) -> Result<(String, Vec<String>, Vec<String>)> {
    let names = |steps: &[Step]| steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
    if names(committed) != names(now) {
        bail!("{FIGURES} has other steps than the program; run `cargo xtask instructions --accept`");
    }
    let (mut lines, mut worse, mut better) = (Vec::new(), Vec::new(), Vec::new());
    for (before, now) in committed.iter().zip(now) {
        let change = now.instructions as f64 / before.instructions.max(1) as f64 - 1.0;
        let text = format!("`{}` by {:.1} %", now.name, change.abs() * 100.0);
        if change > DRIFT {
            worse.push(text);
        } else if change < -DRIFT {
            better.push(text);
        }
        lines.push(format!(
            "{:10} {:>9} instructions a job, committed {:>9}, {:+.1} %",
            now.name,
            now.instructions,
            before.instructions,
            change * 100.0
        ));
    }
    Ok((lines.join("\n"), worse, better))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(figures: &[(&str, u64)]) -> Vec<Step> {
        figures
            .iter()
            .map(|(name, instructions)| Step { name: (*name).to_owned(), instructions: *instructions })
            .collect()
    }

    #[test]
    fn figures_are_read_as_they_are_written() {
        let steps = steps(&[("enqueue", 158_000), ("run", 90_000)]);
        assert_eq!(read(&written(&steps)).unwrap(), steps);
        assert!(read("enqueue\n").is_err());
        assert!(read("enqueue many\n").is_err());
    }

    #[test]
    fn drift_is_tolerated_and_more_is_named() {
        let committed = steps(&[("enqueue", 1_000), ("run", 1_000)]);
        let names = |now: &[(&str, u64)]| {
            let (_, worse, better) = compare(&committed, &steps(now)).unwrap();
            (worse.join(" "), better.join(" "))
        };
        assert_eq!(names(&[("enqueue", 1_099), ("run", 901)]), (String::new(), String::new()));
        assert_eq!(
            names(&[("enqueue", 1_110), ("run", 850)]),
            ("`enqueue` by 11.0 %".into(), "`run` by 15.0 %".into())
        );
        assert!(compare(&committed, &steps(&[("enqueue", 1_000)])).is_err());
    }
}
