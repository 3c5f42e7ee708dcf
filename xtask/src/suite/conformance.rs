//! What the storage suite has shown: how many tests each engine passed, and that all engines took the same ones.

use std::collections::BTreeSet;
use std::fmt;

use super::harness::{Label, Suite};
use crate::cargo::Workspace;

/// The program that runs the suite; the name of each test begins with the engine's.
pub(super) const PROGRAM: &str = "conformance";

const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

/// How many tests passed, by engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts([u64; ENGINES.len()]);

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = ENGINES.iter().zip(self.0).map(|(engine, count)| format!("{engine} {count}"));
        write!(f, "conformance: {}", counts.collect::<Vec<_>>().join(", "))
    }
}

/// Of the first run.
pub(super) fn counts(suites: &[Suite]) -> Counts {
    let passed = |engine| {
        let tests = suites.iter().filter(|suite| is_conformance(&suite.label)).flat_map(Suite::passed_tests);
        tests.filter(|test| is_of(test, engine)).count() as u64
    };
    Counts(ENGINES.map(passed))
}

/// The engines that the product has; each is a feature of the package with the suite.
pub(super) fn engines(workspace: &Workspace) -> Vec<&'static str> {
    let has_suite = |targets: &[crate::cargo::Target]| targets.iter().any(|one| one.is("test") && one.name == PROGRAM);
    let package = workspace.packages.iter().find(|package| has_suite(&package.targets));
    let has = |engine: &&str| package.is_some_and(|package| package.features.contains_key(*engine));
    ENGINES.into_iter().filter(has).collect()
}

/// Each test that one engine has in the first run, and another, or the same engine in a later run, has not. `reruns`
/// are engines and what was run for them.
pub(super) fn differences(engines: &[&str], first: &[Suite], reruns: &[(&str, &[Suite])]) -> Vec<String> {
    let all: BTreeSet<_> = engines.iter().flat_map(|engine| topics(first, engine)).collect();
    let missing = |suites: &[Suite], engine: &str, whose: &str| {
        let topics = topics(suites, engine);
        if topics.is_empty() && !all.is_empty() {
            return vec![format!("{whose} has no test of {engine}")];
        }
        let lines = all.iter().filter(|&topic| !topics.contains(topic));
        lines.map(|topic| format!("{whose} has no test {engine}::{topic}")).collect::<Vec<_>>()
    };
    let in_first = engines.iter().flat_map(|engine| missing(first, engine, "the first run"));
    let in_reruns = reruns.iter().filter(|(engine, _)| engines.contains(engine)).flat_map(|(engine, suites)| {
        let whose = suites.first().map_or("a run that did not begin", |suite| suite.label.name.as_str());
        missing(suites, engine, whose)
    });
    in_first.chain(in_reruns).collect()
}

/// The names of an engine's tests, without the engine.
fn topics<'a>(suites: &'a [Suite], engine: &str) -> BTreeSet<&'a str> {
    let tests = suites.iter().filter(|suite| is_conformance(&suite.label)).flat_map(Suite::tests);
    tests.filter(|test| is_of(test, engine)).filter_map(|test| test.split_once("::")).map(|(_, topic)| topic).collect()
}

fn is_of(test: &str, engine: &str) -> bool {
    test.split_once("::").is_some_and(|(first, _)| first == engine)
}

fn is_conformance(label: &Label) -> bool {
    label.name.contains(&format!("tests/{PROGRAM}.rs"))
}

#[cfg(test)]
mod tests {
    use super::super::harness::{Labels, Reader};
    use super::*;

    fn suites(lines: &[&str]) -> Vec<Suite> {
        let label = Label { name: "jobs tests/conformance.rs".to_owned(), about: String::new() };
        let mut reader =
            Reader::new(Labels { programs: [("conformance-1".to_owned(), label)].into(), ..Labels::default() });
        reader.line("     Running tests/conformance.rs (x/conformance-1)");
        reader.line(&format!("running {} tests", lines.len()));
        for line in lines {
            reader.line(line);
        }
        reader.line(&format!("test result: ok. {} passed; 0 failed; 0 ignored; 0 measured", lines.len()));
        reader.finish()
    }

    const SAME: &[&str] = &["test sqlite::claim::once ... ok", "test mysql::claim::once ... ok"];

    #[test]
    fn tests_are_counted_by_engine() {
        let mut lines = SAME.to_vec();
        lines.extend(["test mysql::claim::twice ... FAILED", "test sqlite_file::opens ... ok", "test opens ... ok"]);
        assert_eq!(counts(&suites(&lines)).to_string(), "conformance: sqlite 1, postgres 0, mysql 1");
    }

    #[test]
    fn the_same_tests_are_no_difference() {
        let first = suites(SAME);
        let again = suites(&SAME[1..]);
        assert!(differences(&["sqlite", "mysql"], &first, &[("mysql", &again)]).is_empty());
    }

    #[test]
    fn a_test_that_an_engine_has_not_is_a_difference() {
        let mut lines = SAME.to_vec();
        lines.push("test mysql::claim::twice ... FAILED");
        let found = differences(&["sqlite", "mysql"], &suites(&lines), &[]);
        assert_eq!(found, ["the first run has no test sqlite::claim::twice"]);
        let found = differences(&["sqlite", "postgres", "mysql"], &suites(SAME), &[]);
        assert_eq!(found, ["the first run has no test of postgres"]);
    }

    #[test]
    fn a_test_that_is_not_run_again_is_a_difference() {
        let lines = ["test mysql::claim::once ... ok", "test mysql::claim::twice ... ok"];
        let found = differences(&["mysql"], &suites(&lines), &[("mysql", &suites(&lines[..1]))]);
        assert_eq!(found, ["jobs tests/conformance.rs has no test mysql::claim::twice"]);
        let found = differences(&["mysql"], &suites(&lines), &[("mysql", &[])]);
        assert_eq!(found, ["a run that did not begin has no test of mysql"]);
    }
}
