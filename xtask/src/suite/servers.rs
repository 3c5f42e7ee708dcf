//! The database servers of a test run: which are started, what the tests are told of them, and what is run again on
//! which.

use std::env;

use anyhow::{Context, Result, bail};
use jobs_test_servers::{Installation, Server, find_mysql, find_postgres};

use super::harness::LeftOut;
use super::install;
use crate::cargo::Workspace;

/// Tell the tests where the servers are. One that is set already is left as it is, and nothing is started for it.
const POSTGRES: &str = "JOBS_TEST_POSTGRES_URL";
const POSTGRES_NEWEST: &str = "JOBS_TEST_POSTGRES_NEWEST_URL";
const MYSQL: &str = "JOBS_TEST_MYSQL_URL";

/// The PostgreSQL that the tests must also be run on, or a newer one.
const NEWEST_MAJOR: u32 = 18;

/// Decides whether InnoDB refuses to write over what another transaction has written since. MariaDB changed its mind on
/// the default, so both are tested.
const SNAPSHOTS: &str = "innodb-snapshot-isolation";

/// The servers that only repeat the storage suite are not pulled out of the wall: they need not wait for the disk, and take half the time.
const POSTGRES_UNSYNCED: &[&str] = &["-c", "fsync=off"];
const MYSQL_UNSYNCED: &[&str] = &["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync"];

/// The storage suite once more, for one engine, with one variable changed.
pub(super) struct Rerun {
    /// Stands in the report.
    pub(super) name: String,
    /// What the names of the tests begin with.
    pub(super) engine: &'static str,
    pub(super) variable: &'static str,
    pub(super) url: String,
}

/// The servers live as long as this does.
#[derive(Default)]
pub(super) struct Servers {
    /// Variables of the first run that are not set already.
    pub(super) variables: Vec<(&'static str, String)>,
    pub(super) reruns: Vec<Rerun>,
    pub(super) left_out: Vec<LeftOut>,
    running: Vec<Server>,
}

impl Servers {
    /// Starts what can be started; what cannot is left out, with the reason.
    pub(super) fn start(workspace: &Workspace) -> Self {
        let mut servers = Self::default();
        let mut attempt = |name: &str, step: &dyn Fn(&mut Self) -> Result<()>| {
            if let Err(error) = step(&mut servers) {
                let left_out = LeftOut { test: name.to_owned(), reason: format!("{error:#}") };
                println!("LEFT OUT: {}: {}", left_out.test, left_out.reason);
                servers.left_out.push(left_out);
            }
        };
        attempt("postgres, the newest", &|servers| servers.newest_postgres(workspace));
        attempt("postgres", &Self::postgres);
        attempt("mysql", &Self::mysql);
        attempt("chromium", &|_| install::chromium());
        attempt("libfaketime", &|_| install::libfaketime());
        servers
    }

    fn postgres(&mut self) -> Result<()> {
        if is_given(POSTGRES) {
            return Ok(());
        }
        let of_the_system = || find_postgres().into_iter().find(|one| !one.is_unpacked());
        let installation = match of_the_system() {
            Some(installation) => installation,
            None => {
                install::postgres()?;
                of_the_system().context("it was installed, but is not found")?
            }
        };
        let url = self.run(&installation, &[])?;
        self.variables.push((POSTGRES, url));
        Ok(())
    }

    fn newest_postgres(&mut self, workspace: &Workspace) -> Result<()> {
        let is_new = |installation: &Installation| installation.version().major() >= NEWEST_MAJOR;
        let (name, url) = if let Ok(url) = env::var(POSTGRES_NEWEST) {
            (POSTGRES_NEWEST.to_owned(), url)
        } else {
            if !find_postgres().iter().any(is_new) {
                install::newest_postgres(workspace)?;
            }
            let found = find_postgres().into_iter().filter(is_new);
            let installation = found.max_by(|one, other| one.version().cmp(other.version()));
            let installation = installation.context("the one that was unpacked cannot be run here")?;
            let (name, url) = (name(&installation), self.run(&installation, POSTGRES_UNSYNCED)?);
            self.variables.push((POSTGRES_NEWEST, url.clone()));
            (name, url)
        };
        self.reruns.push(Rerun { name, engine: "postgres", variable: POSTGRES, url });
        Ok(())
    }

    fn mysql(&mut self) -> Result<()> {
        if is_given(MYSQL) {
            bail!("{MYSQL} is set, so that nothing is run on a second server with the opposite {SNAPSHOTS}");
        }
        if find_mysql().is_empty() {
            install::mariadb()?;
        }
        let installation = find_mysql().into_iter().next().context("it was installed, but is not found")?;
        let url = self.run(&installation, &[])?;
        self.variables.push((MYSQL, url));
        let Some(default) = installation.default_of(SNAPSHOTS) else {
            println!("{} does not have {SNAPSHOTS}; nothing is run on a second server", name(&installation));
            return Ok(());
        };
        let opposite = format!("{SNAPSHOTS}={}", opposite(&default));
        let url = self.run(&installation, &[&[format!("--{opposite}").as_str()], MYSQL_UNSYNCED].concat())?;
        let name = format!("{}, {opposite}", name(&installation));
        self.reruns.push(Rerun { name, engine: "mysql", variable: MYSQL, url });
        Ok(())
    }

    fn run(&mut self, installation: &Installation, arguments: &[&str]) -> Result<String> {
        let server = installation.start(arguments)?;
        println!("started {installation} {}", arguments.join(" "));
        let url = server.url();
        self.running.push(server);
        Ok(url)
    }
}

fn is_given(variable: &str) -> bool {
    let is_given = env::var_os(variable).is_some();
    if is_given {
        println!("{variable} is set; the server that it names is used");
    }
    is_given
}

fn name(installation: &Installation) -> String {
    format!("{} {}", installation.product(), installation.version())
}

fn opposite(value: &str) -> &'static str {
    match value {
        "TRUE" | "ON" | "1" => "OFF",
        _ => "ON",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opposite_of_a_default() {
        assert_eq!(opposite("FALSE"), "ON");
        assert_eq!(opposite("TRUE"), "OFF");
    }
}
