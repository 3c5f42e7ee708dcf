//! The report at the end of a test run: what was covered, what was left out, and what failed, once more.

use super::harness::Suite;
use crate::duration;

pub(crate) fn print(suites: &[Suite]) {
    for suite in suites.iter().filter(|suite| suite.has_failed()) {
        println!("\n---- {} failed; the end of its output ----", suite.label.name);
        for line in &suite.tail {
            println!("{line}");
        }
        if let Some(reason) = &suite.broken {
            println!("error: {reason}");
        }
    }
    println!("\n{}", table(suites));
    for suite in suites {
        for one in &suite.left_out {
            println!("left out: {}: {}: {}", suite.label.name, one.test, one.reason);
        }
    }
}

/// One line a suite; suites without tests are only counted.
fn table(suites: &[Suite]) -> String {
    let (with_tests, empty): (Vec<_>, Vec<_>) =
        suites.iter().partition(|suite| suite.passed + suite.failed > 0 || !suite.left_out.is_empty());
    let width = with_tests.iter().map(|suite| suite.label.name.len()).chain([5]).max().unwrap_or_default();
    let mut text = format!(
        "{:width$}  {:>6}  {:>6}  {:>8}  {:>7}  what it covers\n",
        "suite", "passed", "failed", "left out", "time"
    );
    for suite in with_tests {
        let line = format!(
            "{:width$}  {:>6}  {:>6}  {:>8}  {:>7}  {}",
            suite.label.name,
            suite.passed,
            suite.failed,
            suite.left_out.len(),
            duration::short(suite.time),
            suite.label.about,
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if !empty.is_empty() {
        text.push_str(&format!("suites without tests: {}\n", empty.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::harness::{Label, Labels, Reader};
    use super::*;

    #[test]
    fn the_table_has_a_line_for_each_suite_with_tests() {
        let label = |name: &str, about: &str| Label { name: name.to_owned(), about: about.to_owned() };
        let mut reader = Reader::new(Labels {
            programs: [
                ("retry-1".to_owned(), label("jobs tests/retry.rs", "Retries.")),
                ("empty-2".to_owned(), label("jobs unit tests", "")),
            ]
            .into(),
            docs: [].into(),
        });
        for line in "     Running a (x/retry-1)
running 2 tests
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.25s
     Running b (x/empty-2)
running 0 tests
test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"
            .lines()
        {
            reader.line(line);
        }
        assert_eq!(
            table(&reader.finish()),
            "\
suite                passed  failed  left out     time  what it covers
jobs tests/retry.rs       2       0         0     1.2s  Retries.
suites without tests: 1
"
        );
    }
}
