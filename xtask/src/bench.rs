//! The benchmarks, which are a workspace of their own: that they compile, and that a small round passes on each engine.
//!
//! Nothing is decided by a time. What can fail is a measure that no longer runs, or one in which a job does not run exactly once.

use std::process::Command;

use anyhow::Result;

use crate::cargo::{self, Build, Workspace};

/// The engines, as `bench` names them.
const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

/// A round of us and of the limit, of a few hundred jobs; the rivals are not built.
const ROUND: [&str; 7] = [
    "compare",
    "--systems=jobs,limit",
    "--only=enqueue,bulk,drain,drain_nohistory,latency,retried,batch",
    "--rounds=1",
    "--jobs=300",
    "--kill=60",
    "--no-build",
];

/// Builds the benchmarks and runs a small round on each engine.
pub(crate) fn run(workspace: &Workspace) -> Result<Option<String>> {
    let mut build = workspace.cargo(Build::Cold);
    build.args(["build", "--locked", "--manifest-path", "bench/Cargo.toml"]);
    cargo::run(&mut build)?;
    let program = workspace.target.join("debug").join("bench");
    for engine in ENGINES {
        let mut round = Command::new(&program);
        round.current_dir(&workspace.root).args(ROUND).args(["--engine", engine]);
        cargo::run(&mut round)?;
    }
    Ok(Some(format!("a round on {}", ENGINES.join(", "))))
}
