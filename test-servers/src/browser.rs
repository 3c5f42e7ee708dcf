//! A browser that tests drive: a ChromeDriver of their own, and the Chromium that it starts.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::account::Account;
use crate::guardian::Guardian;
use crate::process::{Process, Signal, TICK};
use crate::server::free_port;

/// Names the folder of the two programs, or several as `PATH` does; they come before all others.
const FOLDERS: &str = "JOBS_TEST_CHROMIUM_BIN";

const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVERS: &[&str] = &["chromedriver"];

/// How long a driver may take to come up, and to end with its browsers.
const PATIENCE: Duration = Duration::from_secs(30);

/// The programs of a browser on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chromium {
    browser: PathBuf,
    driver: PathBuf,
}

/// The browser on this machine: what `JOBS_TEST_CHROMIUM_BIN` names, or what `PATH` finds.
pub fn find_chromium() -> Option<Chromium> {
    let named = env::var_os(FOLDERS).unwrap_or_default();
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&named).chain(env::split_paths(&path)).collect();
    let find = |names: &[&str]| {
        let all = folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
        all.into_iter().find(|program| program.is_file())
    };
    Some(Chromium { browser: find(BROWSERS)?, driver: find(DRIVERS)? })
}

impl Chromium {
    /// The browser's program.
    pub fn browser(&self) -> &Path {
        &self.browser
    }

    /// Starts a driver on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When it does not come up within some time; the error holds its log.
    pub fn start(&self) -> Result<Driver> {
        let folder = tempfile::Builder::new().prefix("jobs-browser-").tempdir().context("cannot make a folder")?;
        let guardian = Guardian::start(folder.path(), Signal::Terminate)?;
        let port = free_port()?;
        let mut command = Account::Own.command(&self.driver, folder.path(), Signal::Terminate);
        command.arg(format!("--port={port}"));
        let log = folder.path().join("log");
        let file = fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        // Browsers outlive their driver, so they are ended as a group.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let pid_file = folder.path().join("pid");
        let mut process = Process::start(command, file, pid_file.clone())?;
        let group = format!("-{}", process.pid());
        fs::write(&pid_file, &group).with_context(|| format!("cannot write {}", pid_file.display()))?;
        let start = Instant::now();
        while !is_ready(port) {
            let ended = process.end()?;
            if ended.is_some() || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(&log).unwrap_or_default();
                bail!("{} did not come up ({ended:?}):\n{log}", self.driver.display());
            }
            thread::sleep(TICK);
        }
        Ok(Driver { process, group, port, chromium: self.clone(), folder, _guardian: guardian })
    }
}

/// Whether the driver says that it takes sessions.
fn is_ready(port: u16) -> bool {
    let answer = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET /status HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
        // It keeps the connection open. An answer that comes in parts is asked for again.
        let mut answer = [0; 4096];
        let length = stream.read(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
    };
    answer().is_ok_and(|text| text.contains("\"ready\":true"))
}

/// A ChromeDriver that belongs to this process alone. Dropping it ends it and every browser that it started; if the process ends without
/// dropping it, both end a moment later.
pub struct Driver {
    process: Process,
    /// What `kill` takes for the driver and all that it has started.
    group: String,
    port: u16,
    chromium: Chromium,
    folder: TempDir,
    // It comes last: it removes the folder should this process be killed before it has done so itself.
    _guardian: Guardian,
}

impl Driver {
    /// Where a WebDriver client connects.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The program that sessions are to start.
    pub fn browser(&self) -> &Path {
        self.chromium.browser()
    }

    /// What a session passes to the browser so that it shows nothing on a screen, talks to nobody but the pages under test, and keeps
    /// what it writes in a folder of its own that goes with the driver. Each call names another folder.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made.
    pub fn arguments(&self) -> Result<Vec<String>> {
        let profile = tempfile::Builder::new().prefix("profile-").tempdir_in(self.folder.path());
        let profile = profile.context("cannot make a folder for a browser")?.keep();
        let fixed = [
            "--headless=new",
            // Root may not have the sandbox; the pages are our own.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-breakpad",
            "--disable-crash-reporter",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-extensions",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
        ];
        let mut arguments: Vec<_> = fixed.iter().map(|&argument| argument.to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        Ok(arguments)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Nobody is left to tell of an error; the guardian tries the same once more.
        let _ = self.process.stop(Signal::Terminate, PATIENCE);
        let mut kill = Command::new("sh");
        kill.args(["-c", "kill -s KILL -- \"$1\"", "sh", &self.group]).stdin(Stdio::null()).stderr(Stdio::null());
        let _ = kill.status();
    }
}
