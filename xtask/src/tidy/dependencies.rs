//! The rule about what we depend on.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};

use super::Finding;
use crate::cargo::Workspace;

const TABLE: &str = "CONTRIBUTING.md";
const HEADING: &str = "## Dependencies";

/// Each dependency has a reason, one row in the table "Dependencies" of CONTRIBUTING.md, so that none comes in
/// unnoticed and each can be questioned.
pub(super) fn have_a_reason(workspace: &Workspace) -> Result<Vec<Finding>> {
    let text = fs::read_to_string(workspace.root.join(TABLE)).with_context(|| format!("cannot read {TABLE}"))?;
    let reasons = reasons(&text);
    let mut findings = Vec::new();
    for package in &workspace.packages {
        let manifest = fs::read_to_string(&package.manifest_path)?;
        let foreign = package.dependencies.iter().filter(|one| one.path.is_none());
        for dependency in foreign.filter(|one| !reasons.contains_key(one.name.as_str())) {
            findings.push(Finding {
                path: workspace.relative(&package.manifest_path),
                line: line_of(&manifest, &dependency.name),
                what: format!("the dependency `{}` has no reason", dependency.name),
                remedy: "add a row to the table \"Dependencies\" in CONTRIBUTING.md, or do without it",
                is_warning: false,
            });
        }
    }
    Ok(findings)
}

/// Rows of the table, ``| `name` | reason |``, that do give a reason.
fn reasons(text: &str) -> BTreeMap<&str, &str> {
    let section = text.lines().skip_while(|line| line.trim() != HEADING).skip(1);
    section
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| {
            let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
            let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
            let reason = cells.next().filter(|reason| reason.contains(' '))?;
            Some((name, reason))
        })
        .collect()
}

fn line_of(manifest: &str, name: &str) -> usize {
    let begins = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '.', '=']));
    manifest.lines().position(begins).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn only_rows_with_a_reason_count() {
        let text = "\
| `early` | outside of the table |
## Dependencies
Words.
| crate | reason |
|---|---|
| `tokio` | the runtime that everybody has |
| `empty` | |
| `bare` | needed |
### Tools
| `expect-test` | snapshots beside the test |
## Next
| `late` | outside of the table |";
        assert_eq!(reasons(text).into_keys().collect::<Vec<_>>(), ["expect-test", "tokio"]);
    }

    #[test]
    fn a_line_is_found_by_the_whole_name() {
        let manifest = "[dependencies]\nsyn-mid = \"1\"\nsyn.workspace = true\n";
        assert_eq!(line_of(manifest, "syn"), 3);
        assert_eq!(line_of(manifest, "other"), 1);
    }

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let workspace: Workspace = serde_json::from_value(serde_json::json!({
            "workspace_root": manifest_folder().parent(),
            "target_directory": "target",
            "packages": [{
                "id": "xtask",
                "name": "xtask",
                "manifest_path": manifest_folder().join("Cargo.toml"),
                "targets": [],
                "dependencies": [
                    { "name": "left-pad", "path": null },
                    { "name": "anyhow", "path": null },
                    { "name": "jobs", "path": ".." },
                ],
            }],
        }))
        .unwrap();
        let findings = have_a_reason(&workspace).unwrap();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].what, "the dependency `left-pad` has no reason");
        assert_eq!(findings[0].path, "xtask/Cargo.toml");
    }

    fn manifest_folder() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
    }
}
