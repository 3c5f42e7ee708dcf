//! Outputs of real runs, and of runs that went wrong.

use super::*;

fn reader() -> Reader {
    let label = |name: &str| Label { name: name.to_owned(), about: String::new() };
    Reader::new(Labels {
        programs: [("retry-01", "tests/retry.rs"), ("jobs-02", "unit tests")]
            .map(|(program, name)| (program.to_owned(), label(name)))
            .into(),
        docs: [("jobs".to_owned(), label("doc tests"))].into(),
    })
}

fn read(text: &str) -> Vec<Suite> {
    let mut reader = reader();
    for line in text.lines() {
        reader.line(line);
    }
    reader.finish()
}

fn counts(suites: &[Suite]) -> Vec<(&str, u64, u64, usize)> {
    suites.iter().map(|suite| (suite.label.name.as_str(), suite.passed, suite.failed, suite.left_out.len())).collect()
}

const RETRY: &str = "     Running tests/retry.rs (target/debug/deps/retry-01)\n\n";

#[test]
fn counts_every_suite() {
    let suites = read(
        "\
    Finished `test` profile [unoptimized] target(s) in 0.05s
     Running unittests src/lib.rs (target/debug/deps/jobs-02)

running 2 tests
test id::tests::orders ... ok
test id::tests::parses ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.25s

     Running tests/retry.rs (target/debug/deps/retry-01)

running 3 tests
test backs_off ... ok
test gives_up ... FAILED
test slow ... ignored, needs an hour

failures:

---- gives_up stdout ----
thread 'gives_up' panicked at tests/retry.rs:3:5:
boom

failures:
    gives_up

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.50s

error: test failed, to rerun pass `--test retry`
   Doc-tests jobs

running 1 test
test src/lib.rs - (line 5) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

running 1 test
test src/lib.rs - Client (line 9) - compile fail ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.75s

all doctests ran in 1.14s; merged doctests compilation took 0.38s
",
    );
    assert_eq!(counts(&suites), [("unit tests", 2, 0, 0), ("tests/retry.rs", 1, 1, 1), ("doc tests", 2, 0, 0)]);
    assert_eq!(suites[1].left_out[0].test, "slow");
    assert_eq!(suites[1].left_out[0].reason, "ignored: needs an hour");
    assert_eq!(suites[1].time, Duration::from_millis(1500));
    assert!(suites[1].tail.iter().any(|line| line == "boom"));
    assert_eq!(suites[2].time, Duration::from_millis(750));
}

#[test]
fn a_test_that_reports_itself_left_out_has_not_passed() {
    let suites = read(&format!(
        "{RETRY}running 3 tests
test backs_off ... LEFT OUT: backs_off: no tmpfs: not root
ok
LEFT OUT: backs_off: no tmpfs: not root
test disk_full ... ok
test gives_up ... ok

successes:

---- disk_full stdout ----
LEFT OUT: disk_full

test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"
    ));
    assert_eq!(counts(&suites), [("tests/retry.rs", 1, 0, 2)]);
    let reasons: Vec<_> = suites[0].left_out.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(reasons, ["no tmpfs: not root", "no reason given"]);
}

#[test]
fn a_suite_that_breaks_off_has_failed() {
    let suites = read(&format!(
        "{RETRY}running 2 tests
test backs_off ... ok
error: test failed, to rerun pass `--test retry`
     Running unittests src/lib.rs (target/debug/deps/jobs-02)

running 0 tests

test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"
    ));
    assert_eq!(counts(&suites), [("tests/retry.rs", 0, 1, 0), ("unit tests", 0, 0, 0)]);
    assert!(suites[0].has_failed());
    assert!(!suites[1].has_failed());
}

#[test]
fn a_suite_that_says_nothing_has_failed() {
    assert_eq!(counts(&read(&format!("{RETRY}hello"))), [("tests/retry.rs", 0, 1, 0)]);
}

#[test]
fn a_result_line_that_a_test_prints_is_not_counted() {
    let suites = read(&format!(
        "{RETRY}running 2 tests
test backs_off ... ok
running 7 tests
test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
     Running tests/other.rs (target/debug/deps/other-09)
test gives_up ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"
    ));
    assert_eq!(counts(&suites), [("tests/retry.rs", 2, 0, 0)]);
}

#[test]
fn tests_that_a_filter_took_out_are_not_left_out() {
    let suites = read(&format!(
        "{RETRY}running 1 test
test gives_up ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 8 filtered out; finished in 0.00s"
    ));
    assert_eq!(counts(&suites), [("tests/retry.rs", 1, 0, 0)]);
}

#[test]
fn hides_the_output_of_tests_that_passed() {
    let mut reader = reader();
    for (line, echo) in [
        ("     Running tests/retry.rs (target/debug/deps/retry-01)", Echo::Show),
        ("running 2 tests", Echo::Show),
        ("successes:", Echo::Hide),
        ("---- backs_off stdout ----", Echo::Hide),
        ("LEFT OUT: backs_off: not root", Echo::Show),
        ("flows: sqlite graphs=300 jobs=2403 violations=0 seed=12", Echo::Show),
        ("much talk", Echo::Hide),
        ("failures:", Echo::Show),
        ("a panic", Echo::Show),
        (
            "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            Echo::Show,
        ),
    ] {
        assert_eq!(reader.line(line), echo, "{line}");
    }
}

#[test]
fn the_names_of_tests_are_noted() {
    let suites = read(&format!(
        "{RETRY}running 6 tests
test backs_off ... ok
test gives_up ... FAILED
test later ... ignored, needs an hour
test storage::disk_full ... LEFT OUT: disk_full: not root
ok
test slow ... some words
ok
test stops - should panic ... ok

successes:

---- backs_off stdout ----
test of_another_harness ... ok

test result: FAILED. 4 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s"
    ));
    let all: Vec<_> = suites[0].tests().collect();
    assert_eq!(all, ["backs_off", "gives_up", "later", "slow", "stops", "storage::disk_full"]);
    assert_eq!(suites[0].passed_tests().collect::<Vec<_>>(), ["backs_off", "slow", "stops"]);
}

#[test]
fn a_finding_of_our_own_counts() {
    let label = Label { name: "servers".to_owned(), about: String::new() };
    let left_out = LeftOut { test: "mysql".to_owned(), reason: "not installed".to_owned() };
    let suite = Suite::of_our_own(label, vec![left_out], vec!["a difference".to_owned()]);
    assert!(suite.has_failed());
    assert_eq!(counts(&[suite]), [("servers", 0, 1, 1)]);
}
