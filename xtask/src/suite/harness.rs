//! Reads what `cargo test` and the test harness print, line by line, and counts. Starts and prints nothing.
//!
//! The machine-readable output of the harness is not stable, so this reads the text. A suite is counted only by a
//! result line whose sum is the number that the harness announced when the suite began; a suite without such a line
//! has failed, whatever else it printed. So neither a crash nor a test that prints a result line of its own can
//! make the count wrong.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::iter;
use std::time::Duration;

/// How many lines of a failing suite are shown again at the end.
const TAIL_LINES: usize = 60;

/// What may stand in a report instead of the path of a test program.
#[derive(Clone)]
pub(crate) struct Label {
    pub(crate) name: String,
    pub(crate) about: String,
}

/// The suites that a run may announce.
#[derive(Clone, Default)]
pub(crate) struct Labels {
    /// By the file name of the test program.
    pub(crate) programs: HashMap<String, Label>,
    /// By the name of the library whose documentation is tested.
    pub(crate) docs: HashMap<String, Label>,
}

impl Labels {
    /// The same for a run on another server, which stands behind each name.
    pub(crate) fn on(&self, server: &str) -> Self {
        let on = |(key, label): (&String, &Label)| {
            let label = Label { name: format!("{}, {server}", label.name), about: label.about.clone() };
            (key.clone(), label)
        };
        Self { programs: self.programs.iter().map(on).collect(), docs: self.docs.iter().map(on).collect() }
    }
}

/// One test program, or the documentation of one library.
pub(crate) struct Suite {
    pub(crate) label: Label,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) time: Duration,
    /// Why the counts cannot be trusted, if so.
    pub(crate) broken: Option<String>,
    pub(crate) tail: VecDeque<String>,
    /// How many result lines were counted: the documentation of a library may have two.
    blocks: u64,
    n_ignored: u64,
    ignored: Vec<LeftOut>,
    /// What the harness said of each test, by name.
    tests: BTreeMap<String, Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    NotPassed,
    /// Its name begins a line, as on one thread, and other output came before the outcome.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeftOut {
    pub(crate) test: String,
    pub(crate) reason: String,
}

/// Begins the line in which a run of random flows tells what it has shown.
const FLOWS: &str = "flows: ";

/// Whether a line is worth showing. The captured output of tests that passed is read, but not shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    Show,
    Hide,
}

pub(crate) struct Reader {
    labels: Labels,
    suites: Vec<Suite>,
    /// The number of tests that the harness announced and has not yet accounted for.
    announced: Option<u64>,
    in_successes: bool,
}

struct ResultLine {
    passed: u64,
    failed: u64,
    ignored: u64,
    measured: u64,
    time: Duration,
}

impl Suite {
    fn new(label: Label) -> Self {
        Self {
            label,
            passed: 0,
            failed: 0,
            left_out: Vec::new(),
            time: Duration::ZERO,
            broken: None,
            tail: VecDeque::new(),
            blocks: 0,
            n_ignored: 0,
            ignored: Vec::new(),
            tests: BTreeMap::new(),
        }
    }

    /// A finding of ours, which no program printed: what could not be run, and what is wrong.
    pub(crate) fn of_our_own(label: Label, left_out: Vec<LeftOut>, failures: Vec<String>) -> Self {
        let failed = failures.len() as u64;
        Self { left_out, failed, tail: failures.into(), ..Self::new(label) }
    }

    /// The names of all tests.
    pub(crate) fn tests(&self) -> impl Iterator<Item = &str> {
        self.tests.keys().map(String::as_str)
    }

    /// The names of those that passed.
    pub(crate) fn passed_tests(&self) -> impl Iterator<Item = &str> {
        let is_left_out = |name: &str| {
            self.left_out
                .iter()
                .any(|one| name.strip_suffix(&one.test).is_some_and(|rest| rest.is_empty() || rest.ends_with("::")))
        };
        let passed =
            self.tests.iter().filter(|(_, outcome)| **outcome == Outcome::Passed).map(|(name, _)| name.as_str());
        passed.filter(move |name| !is_left_out(name))
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed > 0 || self.broken.is_some()
    }

    /// Makes the counts final. A test that reported itself left out came back as passed; a suite that broke off has
    /// one failure more than it could say.
    fn settle(&mut self) {
        self.passed = self.passed.saturating_sub(self.left_out.len() as u64);
        let unnamed = LeftOut { test: "an ignored test".to_owned(), reason: "ignored".to_owned() };
        let ignored = self.ignored.drain(..).chain(iter::repeat(unnamed));
        self.left_out.extend(ignored.take(self.n_ignored as usize));
        if self.blocks == 0 && self.broken.is_none() {
            self.broken = Some("it printed no result".to_owned());
        }
        if self.broken.is_some() {
            self.failed += 1;
        }
    }

    fn note_outcome(&mut self, line: &str) {
        if let Some((name, outcome)) = outcome(line) {
            self.tests.insert(name.to_owned(), outcome);
        } else if let "ok" | "FAILED" = line {
            let unknown = self.tests.values_mut().filter(|outcome| **outcome == Outcome::Unknown);
            unknown.for_each(|outcome| *outcome = if line == "ok" { Outcome::Passed } else { Outcome::NotPassed });
        }
    }

    fn add(&mut self, result: &ResultLine) {
        self.passed += result.passed + result.measured;
        self.failed += result.failed;
        self.n_ignored += result.ignored;
        self.time += result.time;
        self.blocks += 1;
    }
}

impl Reader {
    pub(crate) fn new(labels: Labels) -> Self {
        Self { labels, suites: Vec::new(), announced: None, in_successes: false }
    }

    pub(crate) fn line(&mut self, line: &str) -> Echo {
        if let Some(label) = self.heading(line) {
            self.break_off();
            self.in_successes = false;
            self.suites.push(Suite::new(label));
            return Echo::Show;
        }
        let Some(suite) = self.suites.last_mut() else {
            return Echo::Show;
        };
        suite.tail.push_back(line.to_owned());
        if suite.tail.len() > TAIL_LINES {
            suite.tail.pop_front();
        }
        match self.announced {
            None => self.announced = announcement(line),
            Some(number) => {
                if let Some(result) = result_line(line).filter(|result| result.sum() == number) {
                    suite.add(&result);
                    self.announced = None;
                    self.in_successes = false;
                }
                suite.ignored.extend(ignored(line));
                if !self.in_successes {
                    suite.note_outcome(line);
                }
            }
        }
        if let Some(left_out) = left_out(line) {
            if !suite.left_out.iter().any(|other| other.test == left_out.test) {
                suite.left_out.push(left_out);
            }
            return Echo::Show;
        }
        if line.starts_with(FLOWS) {
            return Echo::Show;
        }
        match line {
            "successes:" => self.in_successes = true,
            "failures:" => self.in_successes = false,
            _ => {}
        }
        if self.in_successes { Echo::Hide } else { Echo::Show }
    }

    pub(crate) fn finish(mut self) -> Vec<Suite> {
        self.break_off();
        for suite in &mut self.suites {
            suite.settle();
        }
        self.suites
    }

    fn break_off(&mut self) {
        if let (Some(number), Some(suite)) = (self.announced.take(), self.suites.last_mut()) {
            suite.broken = Some(format!("it ended before the result of its {number} tests"));
        }
    }

    /// Headings of cargo: `     Running tests/retry.rs (target/debug/deps/retry-0123)`, `   Doc-tests jobs`.
    fn heading(&self, line: &str) -> Option<Label> {
        if let Some(name) = line.strip_prefix("   Doc-tests ") {
            return self.labels.docs.get(name).cloned();
        }
        let (_, program) = line.strip_prefix("     Running ")?.strip_suffix(')')?.rsplit_once('(')?;
        let file = program.rsplit(['/', '\\']).next()?;
        self.labels.programs.get(file).cloned()
    }
}

impl ResultLine {
    fn sum(&self) -> u64 {
        self.passed + self.failed + self.ignored + self.measured
    }
}

/// `running 12 tests`
fn announcement(line: &str) -> Option<u64> {
    let (number, word) = line.strip_prefix("running ")?.split_once(' ')?;
    matches!(word, "test" | "tests").then(|| number.parse().ok())?
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.53s`
fn result_line(line: &str) -> Option<ResultLine> {
    let counts = line.strip_prefix("test result: ok. ").or_else(|| line.strip_prefix("test result: FAILED. "))?;
    let mut parts = counts.split("; ");
    let mut count = |word: &str| -> Option<u64> {
        let (number, found) = parts.next()?.split_once(' ')?;
        (found == word).then(|| number.parse().ok())?
    };
    let (passed, failed) = (count("passed")?, count("failed")?);
    let (ignored, measured) = (count("ignored")?, count("measured")?);
    let time = parts
        .find_map(|part| part.strip_prefix("finished in ")?.strip_suffix('s')?.parse().ok())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or_default();
    Some(ResultLine { passed, failed, ignored, measured, time })
}

/// `test name ... ok`, or the beginning of it.
fn outcome(line: &str) -> Option<(&str, Outcome)> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let outcome = match outcome {
        "FAILED" => Outcome::NotPassed,
        _ if outcome.starts_with("ignored") => Outcome::NotPassed,
        _ if outcome.ends_with("ok") => Outcome::Passed,
        _ => Outcome::Unknown,
    };
    Some((name.strip_suffix(" - should panic").unwrap_or(name), outcome))
}

/// `test name ... ignored` or `test name ... ignored, reason`
fn ignored(line: &str) -> Option<LeftOut> {
    let (test, outcome) = line.strip_prefix("test ")?.split_once(" ... ignored")?;
    Some(LeftOut {
        test: test.to_owned(),
        reason: match outcome.strip_prefix(", ") {
            Some(reason) => format!("ignored: {reason}"),
            None => "ignored".to_owned(),
        },
    })
}

/// `LEFT OUT: name: reason`, also after the `test name ... ` that a run on one thread begins a line with.
fn left_out(line: &str) -> Option<LeftOut> {
    let line = match line.strip_prefix("test ") {
        Some(test) => test.split_once(" ... ")?.1,
        None => line,
    };
    let text = line.strip_prefix("LEFT OUT: ")?;
    let (test, reason) = text.split_once(": ").unwrap_or((text, "no reason given"));
    Some(LeftOut { test: test.trim().to_owned(), reason: reason.trim().to_owned() })
}

#[cfg(test)]
mod tests;
