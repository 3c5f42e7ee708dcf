//! Which servers are installed, and where.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::server::Server;
use crate::version::Version;

/// Names a folder of PostgreSQL's programs, or several as `PATH` does; they come before all others.
const POSTGRES_FOLDERS: &str = "JOBS_TEST_POSTGRES_BIN";

/// The same for MariaDB and MySQL.
const MYSQL_FOLDERS: &str = "JOBS_TEST_MYSQL_BIN";

/// Where programs of servers are kept out of `PATH`; a `*` stands for any part of a name.
const POSTGRES_PLACES: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
];
const MYSQL_PLACES: &[&str] = &[
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/libexec",
    "/usr/local/mysql/bin",
    "/opt/homebrew/opt/mariadb*/bin",
    "/opt/homebrew/opt/mysql*/bin",
];

/// Where `cargo xtask test` unpacks servers that the system does not have, under the target folder.
const UNPACKED: &str = "test-servers/*/bin";

/// What a server is, by its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// PostgreSQL.
    Postgres,
    /// MariaDB.
    MariaDb,
    /// MySQL.
    MySql,
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
        })
    }
}

/// A server's programs on this machine.
#[derive(Clone, Debug)]
pub struct Installation {
    product: Product,
    version: Version,
    /// The server itself.
    pub(crate) program: PathBuf,
    /// What makes a new data folder.
    pub(crate) initializer: PathBuf,
}

impl Installation {
    /// Starts a private server with `arguments` after our own, such as `--innodb-snapshot-isolation=ON`.
    ///
    /// # Errors
    ///
    /// When it cannot be set up, or does not come up within some time; the error holds the end of its log.
    pub fn start(&self, arguments: &[&str]) -> Result<Server> {
        Server::start(self, arguments)
    }

    /// Which server it is.
    pub fn product(&self) -> Product {
        self.product
    }

    /// As the server itself prints it.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The server's program, with links resolved.
    pub fn program(&self) -> &Path {
        &self.program
    }

    fn postgres(folder: &Path) -> Option<Self> {
        // Debian links some of the programs to other folders; all of them are where the link leads.
        let initializer = folder.join("initdb").canonicalize().ok()?;
        let program = initializer.with_file_name("postgres");
        let version = Version::parse(&output(&program)?)?;
        Some(Self { product: Product::Postgres, version, program, initializer })
    }

    fn mysql(folder: &Path) -> Option<Self> {
        let program = ["mariadbd", "mysqld"].iter().find_map(|name| folder.join(name).canonicalize().ok())?;
        let line = output(&program)?;
        let version = Version::parse(&line)?;
        if !line.contains("MariaDB") {
            return Some(Self { product: Product::MySql, version, initializer: program.clone(), program });
        }
        let root = program.parent().and_then(Path::parent)?;
        let initializer = ["bin", "scripts"].iter().find_map(|folder| {
            let script = |name: &&str| root.join(folder).join(name).canonicalize().ok();
            ["mariadb-install-db", "mysql_install_db"].iter().find_map(script)
        })?;
        Some(Self { product: Product::MariaDb, version, program, initializer })
    }
}

impl fmt::Display for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.product, self.version, self.program.display())
    }
}

/// Every PostgreSQL on this machine: what `JOBS_TEST_POSTGRES_BIN` names first, otherwise the newest first.
pub fn find_postgres() -> Vec<Installation> {
    find(POSTGRES_FOLDERS, POSTGRES_PLACES, Installation::postgres)
}

/// Every MariaDB and MySQL on this machine: what `JOBS_TEST_MYSQL_BIN` names first, otherwise the newest first.
pub fn find_mysql() -> Vec<Installation> {
    find(MYSQL_FOLDERS, MYSQL_PLACES, Installation::mysql)
}

fn find(variable: &str, places: &[&str], look: fn(&Path) -> Option<Installation>) -> Vec<Installation> {
    let folders = |name: &str| {
        let paths = env::var_os(name).unwrap_or_default();
        env::split_paths(&paths).filter(|folder| folder.is_absolute()).collect::<Vec<_>>()
    };
    let mut found: Vec<Installation> = Vec::new();
    for folder in folders(variable) {
        found.extend(look(&folder));
    }
    let mut others = BTreeMap::new();
    let places = places.iter().flat_map(|place| expand(Path::new("/"), place)).chain(unpacked());
    for installation in folders("PATH").into_iter().chain(places).filter_map(|folder| look(&folder)) {
        let is_new = found.iter().all(|other| other.program != installation.program);
        if is_new {
            others.insert((installation.version.clone(), installation.program.clone()), installation);
        }
    }
    found.extend(others.into_values().rev());
    found
}

/// Test programs are a few folders below the target folder.
fn unpacked() -> Vec<PathBuf> {
    let program = env::current_exe().unwrap_or_default();
    program.ancestors().skip(1).take(4).flat_map(|folder| expand(folder, UNPACKED)).collect()
}

/// The folders below `root` that fit the pattern.
fn expand(root: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        folders = match part.split_once('*') {
            None => folders.into_iter().map(|folder| folder.join(part)).collect(),
            Some((before, after)) => {
                let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
                let fitting = entries.filter(|entry| {
                    let name = entry.file_name();
                    name.to_string_lossy().strip_prefix(before).is_some_and(|rest| rest.ends_with(after))
                });
                fitting.map(|entry| entry.path()).collect()
            }
        };
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// What the program says of its version.
fn output(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_find_folders() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["lib/15/bin", "lib/18/bin", "lib/18/share", "lib/19", "pg@17/bin"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        fs::write(root.path().join("lib/19/bin"), "a file").unwrap();
        let found = |pattern| {
            let folders = expand(root.path(), pattern);
            let mut names: Vec<_> =
                folders.iter().map(|folder| folder.strip_prefix(root.path()).unwrap().display().to_string()).collect();
            names.sort();
            names
        };
        assert_eq!(found("lib/*/bin"), ["lib/15/bin", "lib/18/bin"]);
        assert_eq!(found("pg@*/bin"), ["pg@17/bin"]);
        assert_eq!(found("lib/18"), ["lib/18"]);
        assert!(found("none/*/bin").is_empty());
    }

    #[test]
    fn a_folder_without_a_server_is_no_installation() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Installation::postgres(folder.path()).is_none());
        assert!(Installation::mysql(folder.path()).is_none());
    }
}
