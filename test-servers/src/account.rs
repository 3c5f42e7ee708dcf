//! Whom a server runs as. PostgreSQL refuses to run as root, so root hands its servers to a user without rights.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::process::Signal;

/// Tells users by name. Names that only a directory service knows are not looked for.
const USERS: &str = "/etc/passwd";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// Whoever runs the test.
    Own,
    Other {
        user: u32,
        group: u32,
    },
}

impl Account {
    /// For a folder that this process has just made: its owner tells who we are. Root takes the first user that exists.
    pub(crate) fn choose(folder: &Path, names: &[&str]) -> Result<Self> {
        if unix::owner(folder)? != 0 {
            return Ok(Self::Own);
        }
        let users = fs::read_to_string(USERS).with_context(|| format!("cannot read {USERS}"))?;
        let account = names.iter().find_map(|name| find(&users, name));
        let account = account.with_context(|| format!("root needs one of the users {names:?} to run a server as"))?;
        setpriv().context("root needs setpriv (from util-linux) to run a server as another user")?;
        Ok(account)
    }

    /// Gives it `path`, and locks everybody else out.
    pub(crate) fn hand_over(self, path: &Path) -> Result<()> {
        let result = unix::lock(path).and_then(|()| match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => unix::change_owner(path, user, group),
        });
        result.with_context(|| format!("cannot hand over {}", path.display()))
    }

    /// A command of this user, in `folder`, that gets `at_end` when the thread that starts it ends.
    pub(crate) fn command(self, program: &Path, folder: &Path, at_end: Signal) -> Command {
        let mut command = match (self, setpriv()) {
            (Self::Own, None) => Command::new(program),
            (Self::Own, Some(setpriv)) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", at_end.name(), "--"]).arg(program);
                command
            }
            (Self::Other { user, group }, setpriv) => {
                let mut command = Command::new(setpriv.unwrap_or_else(|| "setpriv".into()));
                command.args(["--reuid", &user.to_string(), "--regid", &group.to_string(), "--clear-groups"]);
                command.args(["--pdeathsig", at_end.name(), "--"]).arg(program);
                command
            }
        };
        for (name, _) in env::vars_os() {
            if is_for_servers(&name) {
                command.env_remove(name);
            }
        }
        // A MariaDB that starts clears away what others have in a folder for temporary files that they share.
        command.current_dir(folder).envs([("HOME", folder), ("TMPDIR", folder)]);
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command
    }
}

/// Variables that clients and servers take defaults from.
fn is_for_servers(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    ["PG", "MYSQL_", "MARIADB_"].iter().any(|prefix| name.starts_with(prefix))
}

fn setpriv() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join("setpriv")).find(|program| program.is_file())
}

/// `name:x:uid:gid:...`
fn find(users: &str, name: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let is_it = fields.next() == Some(name);
        let mut number = |skip| fields.nth(skip)?.parse().ok();
        let (user, group) = (number(1)?, number(0)?);
        (is_it && user != 0).then_some(Account::Other { user, group })
    })
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Permissions};
    use std::io;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::Path;

    pub(super) fn owner(folder: &Path) -> io::Result<u32> {
        Ok(folder.metadata()?.uid())
    }

    pub(super) fn change_owner(path: &Path, user: u32, group: u32) -> io::Result<()> {
        std::os::unix::fs::chown(path, Some(user), Some(group))
    }

    pub(super) fn lock(path: &Path) -> io::Result<()> {
        fs::set_permissions(path, Permissions::from_mode(if path.is_dir() { 0o700 } else { 0o600 }))
    }
}

#[cfg(not(unix))]
mod unix {
    use std::io;
    use std::path::Path;

    pub(super) fn owner(_: &Path) -> io::Result<u32> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "private servers need Unix"))
    }

    pub(super) fn change_owner(_: &Path, _: u32, _: u32) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "private servers need Unix"))
    }

    pub(super) fn lock(_: &Path) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "private servers need Unix"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_name() {
        let users = "\
root:x:0:0:root:/:/bin/sh
broken:x:
postgres2:x:7:8::/:/bin/sh
postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin";
        assert_eq!(find(users, "postgres"), Some(Account::Other { user: 101, group: 104 }));
        assert_eq!(find(users, "nobody"), Some(Account::Other { user: 65534, group: 65533 }));
        assert_eq!(find(users, "mysql"), None);
        assert_eq!(find(users, "broken"), None);
        assert_eq!(find(users, "root"), None, "root is the user to get away from");
    }

    #[test]
    fn settings_for_other_servers_are_not_inherited() {
        assert!(["PGPORT", "PGDATA", "MYSQL_HOME", "MARIADB_HOST"].iter().all(|name| is_for_servers(name.as_ref())));
        assert!(["PATH", "LANG", "JOBS_TEST_MYSQL_URL"].iter().all(|name| !is_for_servers(name.as_ref())));
    }
}
