//! The rules of the house that no compiler checks, over every file that git tracks or would add.

mod dependencies;
mod forbidden;
mod layers;
mod shape;
mod source;

use std::fmt;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use self::source::Source;
use crate::cargo::Workspace;

/// Something that a rule does not allow, and what to do instead.
#[derive(Debug)]
struct Finding {
    path: String,
    line: usize,
    what: String,
    remedy: &'static str,
    /// Worth a look, but nothing to stop for.
    is_warning: bool,
}

/// The rules that look at one Rust file.
const RUST_RULES: &[fn(&Source) -> Vec<Finding>] = &[
    shape::begins_with_its_purpose,
    shape::is_short,
    layers::sql_is_in_sql_files,
    layers::engines_are_named_in_storage,
    layers::timers_are_in_loops,
    forbidden::nothing_is_left_undone,
    forbidden::no_test_is_switched_off,
    forbidden::no_unwrap,
];

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, what, remedy, .. } = self;
        let level = if self.is_warning { "warning" } else { "error" };
        write!(f, "{path}:{line}: {level}: {what}; {remedy}")
    }
}

/// Prints what the rules find; returns whether there is no error.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let files = text_files(workspace)?;
    let mut findings = dependencies::have_a_reason(workspace)?;
    for (path, text) in &files {
        findings.extend(forbidden::no_path_of_one_machine(path, text));
        if is_rust(path) {
            let source = Source::parse(path, text).context("cannot read a Rust file")?;
            findings.extend(RUST_RULES.iter().flat_map(|rule| rule(&source)));
        }
    }
    findings.sort_by(|a, b| (a.is_warning, &a.path, a.line).cmp(&(b.is_warning, &b.path, b.line)));
    for finding in &findings {
        println!("{finding}");
    }
    let warnings = findings.iter().filter(|finding| finding.is_warning).count();
    let errors = findings.len() - warnings;
    println!("tidy: {} files, {errors} errors, {warnings} warnings", files.len());
    Ok(errors == 0)
}

/// Compile-fail cases are wrong on purpose, each in its own way.
fn is_rust(path: &str) -> bool {
    path.ends_with(".rs") && !path.starts_with("ui-tests/fail/") && !path.starts_with("ui-tests/tests/fail/")
}

/// Path from the root, and text, of every file that is text.
fn text_files(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&workspace.root)
        .output()
        .context("cannot start git")?;
    if !output.status.success() {
        bail!("`git ls-files` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let paths = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    let mut files = Vec::new();
    for path in paths.split_terminator('\0') {
        // A file that is deleted but not yet committed is still listed; so is a folder that is a repository.
        let Ok(bytes) = fs::read(workspace.root.join(path)) else {
            continue;
        };
        if let Ok(text) = String::from_utf8(bytes) {
            files.push((path.to_owned(), text));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod testing {
    //! What the tests of the rules share.

    use super::*;

    pub(super) const NOTHING: [usize; 0] = [];

    /// The lines at which `rule` finds something in `text`, were it the file at `path`.
    pub(super) fn lines(rule: fn(&Source) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
        let source = Source::parse(path, text).unwrap();
        rule(&source).iter().map(|finding| finding.line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_what_instead() {
        let finding = Finding {
            path: "src/lib.rs".to_owned(),
            line: 3,
            what: "a wrong word".to_owned(),
            remedy: "write the right one",
            is_warning: false,
        };
        assert_eq!(finding.to_string(), "src/lib.rs:3: error: a wrong word; write the right one");
    }

    #[test]
    fn compile_fail_cases_are_not_read() {
        assert!(is_rust("ui-tests/tests/ui.rs"));
        assert!(!is_rust("ui-tests/fail/job/generic.rs"));
        assert!(!is_rust("README.md"));
    }
}
