//! Rules about a file as a whole.

use super::Finding;
use super::source::Source;

const WARNING_LINES: usize = 400;
const MOST_LINES: usize = 600;

/// A file says in its first line what it is for, with `//!`, so that a reader can tell whether to read on. A source
/// file, a test and an example all do.
pub(super) fn begins_with_its_purpose(source: &Source) -> Vec<Finding> {
    let is_case = source.path.starts_with("ui-tests/") && !source.path.starts_with("ui-tests/src/");
    if is_case || source.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![Finding {
        path: source.path.clone(),
        line: 1,
        what: "the file does not begin with what it is for".to_owned(),
        remedy: "make its first line `//! ..`, one sentence",
        is_warning: false,
    }]
}

/// A file has at most 600 lines of code, and past 400 somebody should ask whether it is two files. Comments, blank
/// lines and tests do not count.
pub(super) fn is_short(source: &Source) -> Vec<Finding> {
    let lines = source.lines_of_code();
    if lines <= WARNING_LINES {
        return Vec::new();
    }
    vec![Finding {
        path: source.path.clone(),
        line: 1,
        what: format!("{lines} lines of code"),
        remedy: "split it by what changes together (600 is the limit, 400 is long)",
        is_warning: lines <= MOST_LINES,
    }]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NOTHING, lines};
    use super::*;

    #[test]
    fn a_file_without_its_purpose_is_found() {
        let found = |path, text| lines(begins_with_its_purpose, path, text);
        assert_eq!(found("src/lib.rs", "use a;\n//! Late.\n"), [1]);
        assert_eq!(found("src/lib.rs", "//!\n"), [1]);
        assert_eq!(found("tests/retry.rs", ""), [1]);
        assert_eq!(found("src/lib.rs", "//! A library.\n"), NOTHING);
        assert_eq!(found("ui-tests/pass/job/alias.rs", "fn main() {}"), NOTHING);
        assert_eq!(found("ui-tests/src/lib.rs", "fn main() {}"), [1]);
    }

    #[test]
    fn a_long_file_is_found() {
        let file = |lines: usize| {
            let code = "const A: u8 = 1;\n".repeat(lines);
            let comments = "// note\n\n".repeat(700);
            let tests = "#[cfg(test)]\nmod tests {\n".to_owned() + &"fn t() {}\n".repeat(700) + "}\n";
            Source::parse("src/lib.rs", &(comments + &code + &tests)).unwrap()
        };
        assert!(is_short(&file(400)).is_empty());
        assert!(is_short(&file(401))[0].is_warning);
        assert!(is_short(&file(600))[0].is_warning);
        assert!(!is_short(&file(601))[0].is_warning);
    }
}
