//! Licences, sources and advisories of everything we depend on, by cargo-deny; its rules are in `deny.toml`.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::cargo::{self, Build, Workspace};

/// The version that is built when none is installed. An installed one may be any of the same minor version.
const VERSION: &str = "0.20.2";

/// How long the advisory database may take to arrive.
const FETCH_LIMIT: Duration = Duration::from_secs(60);

/// Checks the dependencies; returns what could not be checked.
pub(crate) fn run(workspace: &Workspace) -> Result<Option<String>> {
    let program = program(workspace)?;
    let deny = |args: &[&str]| {
        let mut command = Command::new(&program);
        command.args(args).current_dir(&workspace.root).stdin(Stdio::null());
        command
    };
    cargo::run(&mut deny(&["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))?;
    if fetch(deny(&["fetch", "db"]))? {
        cargo::run(&mut deny(&["check", "--disable-fetch", "advisories"]))?;
        return Ok(None);
    }
    println!("\n!!! ADVISORIES NOT CHECKED: the advisory database could not be fetched !!!\n");
    Ok(Some("advisories NOT checked: no database".to_owned()))
}

/// Whether the advisory database is there.
fn fetch(mut command: Command) -> Result<bool> {
    println!("$ {}", cargo::words(&command));
    let started = Instant::now();
    let mut child = command.spawn().context("cannot start cargo-deny")?;
    while started.elapsed() < FETCH_LIMIT {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        thread::sleep(Duration::from_millis(50));
    }
    child.kill()?;
    child.wait()?;
    Ok(false)
}

/// The installed cargo-deny, or our own under the target folder, built once. It is built without optimisation: it
/// runs for a second or two, and an optimised build takes three times as long.
fn program(workspace: &Workspace) -> Result<PathBuf> {
    let own_root = workspace.target.join("tools");
    let own = own_root.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    for program in [PathBuf::from("cargo-deny"), own.clone()] {
        let output = Command::new(&program).arg("--version").stdin(Stdio::null()).output();
        if output.is_ok_and(|output| is_usable(&String::from_utf8_lossy(&output.stdout))) {
            return Ok(program);
        }
    }
    let mut install = workspace.cargo(Build::Cold);
    install
        .args(["install", "cargo-deny", "--locked", "--debug", "--force"])
        .args(["--version", VERSION])
        .arg("--root")
        .arg(&own_root);
    cargo::run(&mut install)?;
    Ok(own)
}

fn is_usable(version_line: &str) -> bool {
    let minor = |version: &str| version.rsplit_once('.').map(|(minor, _)| minor.to_owned());
    version_line.trim().strip_prefix("cargo-deny ").is_some_and(|version| minor(version) == minor(VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cargo_deny_of_another_minor_version_is_not_used() {
        assert!(is_usable("cargo-deny 0.20.2\n"));
        assert!(is_usable("cargo-deny 0.20.9"));
        assert!(!is_usable("cargo-deny 0.21.0"));
        assert!(!is_usable("cargo-deny 0.2"));
        assert!(!is_usable(""));
    }
}
