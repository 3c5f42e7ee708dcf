//! How a private PostgreSQL is set up, started and recognised as ready.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::process::Signal;
use crate::server::{Place, Recipe, run};

const USER: &str = "postgres";

pub(crate) struct Postgres;

impl Recipe for Postgres {
    fn users(&self) -> &'static [&'static str] {
        &["postgres", "nobody"]
    }

    fn set_up(&self, place: &Place) -> Result<()> {
        let password = place.write("password", &place.password)?;
        let mut initdb = place.command(&place.installation.initializer, Signal::Kill);
        initdb.arg("-D").arg(place.data()).arg("--pwfile").arg(&password);
        // The server syncs what it writes; a folder that is half made is thrown away in any case.
        initdb.args(["--username", USER, "--encoding=UTF8", "--locale=C", "--no-sync"]);
        // The proof of SCRAM costs a client that is built without optimisation more than the connection itself.
        initdb.arg("--auth=password");
        run(initdb, place)
    }

    fn arguments(&self, place: &Place) -> Vec<String> {
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", place.port),
            "unix_socket_directories=".to_owned(),
            "max_connections=400".to_owned(),
            // In the data folder, where a server that was killed leaves nothing to clean up elsewhere.
            "dynamic_shared_memory_type=mmap".to_owned(),
        ];
        let mut arguments = vec!["-D".to_owned(), place.data().display().to_string()];
        arguments.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        arguments
    }

    fn is_ready(&self, place: &Place, pid: u32, _log: &str) -> bool {
        let text = fs::read_to_string(place.data().join("postmaster.pid")).unwrap_or_default();
        is_ready(&text, pid)
    }

    fn url(&self, place: &Place, database: Option<&str>) -> String {
        let Place { password, port, .. } = place;
        format!("postgres://{USER}:{password}@127.0.0.1:{port}/{}", database.unwrap_or("postgres"))
    }

    fn in_order(&self) -> Signal {
        Signal::Interrupt
    }

    fn at_once(&self) -> Signal {
        Signal::Quit
    }

    /// A killed PostgreSQL leaves its mark in shared memory, by which a second one would know that the first still runs.
    fn clean_up(&self, place: &Place) -> Result<()> {
        let Ok(text) = fs::read_to_string(place.data().join("postmaster.pid")) else { return Ok(()) };
        let Some(segment) = segment(&text) else { return Ok(()) };
        let status = Command::new("ipcrm").args(["-m", segment]).stdin(Stdio::null()).stderr(Stdio::null()).status();
        status.map(drop).context("cannot start ipcrm")
    }
}

/// The lines of `postmaster.pid`: number, data folder, start, port, socket folder, address, shared memory, state.
fn is_ready(pid_file: &str, pid: u32) -> bool {
    let lines: Vec<_> = pid_file.lines().map(str::trim).collect();
    lines.first().is_some_and(|line| line.parse() == Ok(pid)) && lines.get(7) == Some(&"ready")
}

fn segment(pid_file: &str) -> Option<&str> {
    let mut words = pid_file.lines().nth(6)?.split_whitespace();
    let (_key, segment) = (words.next()?, words.next()?);
    segment.parse::<u32>().is_ok().then_some(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = "41\n/tmp/a/data\n1763800000\n25432\n\n127.0.0.1\n  1254163         7\nready   \n";

    #[test]
    fn the_pid_file_tells_when_it_is_ready() {
        assert!(is_ready(READY, 41));
        assert!(!is_ready(READY, 42), "left by the server before");
        assert!(!is_ready(&READY.replace("ready", "starting"), 41));
        assert!(!is_ready("", 41));
    }

    #[test]
    fn the_pid_file_tells_the_shared_memory() {
        assert_eq!(segment(READY), Some("7"));
        assert_eq!(segment("41\n"), None);
        assert_eq!(segment(&READY.replace("        7", " a;b")), None);
    }
}
