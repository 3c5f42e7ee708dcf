//! Rules about what no file may hold.

use super::Finding;
use super::source::{Kind, Source};

/// Folders in which a machine keeps checkouts and homes. In pieces, so that this file passes its own rule.
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/work", "space/"),
    concat!("/mnt", "/"),
    concat!("C:", "\\"),
];

/// What is committed is finished: no `todo!`, no `unimplemented!`, no `dbg!`.
pub(super) fn nothing_is_left_undone(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ["todo", "unimplemented", "dbg"] {
        let pattern = [name, "!"];
        let calls = source.find(&pattern).filter(|start| {
            let next = source.tokens.get(start + 2);
            next.is_some_and(|token| token.kind == Kind::Open)
        });
        findings.extend(calls.map(|start| Finding {
            path: source.path.clone(),
            line: source.tokens[start].line,
            what: format!("`{name}!`"),
            remedy: "finish it, or leave it out",
            is_warning: false,
        }));
    }
    findings
}

/// A test runs, or is not there. One that this machine cannot run says `LEFT OUT: name: reason` and returns.
pub(super) fn no_test_is_switched_off(source: &Source) -> Vec<Finding> {
    let plain = source.find(&["#", "[", "ignore"]);
    let conditional = source.find(&["#", "[", "cfg_attr"]).filter(|start| {
        let attribute = source.tokens[*start..].iter().take_while(|token| token.text != "]");
        attribute.skip(3).any(|token| token.kind == Kind::Word && token.text == "ignore")
    });
    plain
        .chain(conditional)
        .map(|start| Finding {
            path: source.path.clone(),
            line: source.tokens[start].line,
            what: "a test is switched off".to_owned(),
            remedy: "mend or remove it; where a machine cannot run it, print `LEFT OUT: name: reason` and return",
            is_warning: false,
        })
        .collect()
}

/// The product never stops with a bare `unwrap()`: it returns an error, or says with `expect` why there can be none.
pub(super) fn no_unwrap(source: &Source) -> Vec<Finding> {
    if !source.is_product() {
        return Vec::new();
    }
    source
        .find(&[".", "unwrap", "(", ")"])
        .map(|start| &source.tokens[start])
        .filter(|token| !token.in_test)
        .map(|token| Finding {
            path: source.path.clone(),
            line: token.line,
            what: "`unwrap()` outside of a test".to_owned(),
            remedy: "return the error, or state with `expect(\"..\")` why it cannot happen",
            is_warning: false,
        })
        .collect()
}

/// The tree means the same on every machine: no file, of any sort, names a folder of one of them.
pub(super) fn no_path_of_one_machine(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let folder = MACHINE_FOLDERS.iter().find(|folder| holds_path(line, folder));
        findings.extend(folder.map(|folder| Finding {
            path: path.to_owned(),
            line: index + 1,
            what: format!("a path of one machine: `{folder}..`"),
            remedy: "name it from the project's root, or take a temporary folder",
            is_warning: false,
        }));
    }
    findings
}

/// Whether `folder` stands in `line` as the beginning of a path, rather than within a longer one or a URL.
fn holds_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && !"._-}*>".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NOTHING, lines};
    use super::*;

    const CLIENT: &str = "jobs-runtime/src/client.rs";

    #[test]
    fn unfinished_code_is_found() {
        for text in ["fn f() {\n    todo!()\n}", "fn f() {\n    unimplemented![]\n}", "fn f() {\n    dbg!(1);\n}"] {
            assert_eq!(lines(nothing_is_left_undone, CLIENT, text), [2], "{text}");
            assert_eq!(lines(nothing_is_left_undone, "tests/retry.rs", text), [2], "{text}");
        }
        let fine = "fn f() { assert(todo != 1); log(\"todo!()\"); } // todo!()";
        assert_eq!(lines(nothing_is_left_undone, CLIENT, fine), NOTHING);
    }

    #[test]
    fn a_test_switched_off_is_found() {
        for text in [
            "#[test]\n#[ignore]\nfn t() {}",
            "#[test]\n#[ignore = \"slow\"]\nfn t() {}",
            "#[test]\n#[cfg_attr(windows, ignore)]\nfn t() {}",
        ] {
            assert_eq!(lines(no_test_is_switched_off, "tests/retry.rs", text), [2], "{text}");
        }
        let fine = "#[cfg_attr(windows, path = \"ignore\")] mod a; fn ignore() {}";
        assert_eq!(lines(no_test_is_switched_off, "tests/retry.rs", fine), NOTHING);
    }

    #[test]
    fn an_unwrap_is_found() {
        let text = "fn f() {\n    a.unwrap();\n    b\n        .unwrap()\n}";
        assert_eq!(lines(no_unwrap, CLIENT, text), [2, 4]);
        assert_eq!(lines(no_unwrap, "tests/retry.rs", text), NOTHING);
        assert_eq!(lines(no_unwrap, "jobs-runtime/src/client/tests.rs", text), NOTHING);
        let fine = "fn f() { a.unwrap_or(1); b.expect(\"c\"); }\n#[cfg(test)]\nmod tests { fn t() { a.unwrap() } }";
        assert_eq!(lines(no_unwrap, CLIENT, fine), NOTHING);
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        let found = |line: &str| {
            let findings = no_path_of_one_machine("README.md", &format!("first\n{line}"));
            findings.iter().map(|finding| finding.line).collect::<Vec<_>>()
        };
        for folder in MACHINE_FOLDERS {
            assert_eq!(found(&format!("see `{folder}ada/jobs`")), [2]);
            assert_eq!(found(&format!("{folder}ada/jobs")), [2]);
        }
        for fine in [
            concat!("https://example.org/ho", "me/"),
            concat!("target/wo", "rk/a"),
            concat!("$HOME/ro", "ot/"),
            "/jobs/queues",
        ] {
            assert_eq!(found(fine), NOTHING, "{fine}");
        }
    }
}
