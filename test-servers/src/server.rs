//! A private server: its folder, its address, its life.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::account::Account;
use crate::guardian::Guardian;
use crate::installation::{Installation, Product};
use crate::mysql::MySql;
use crate::name::{random, secret};
use crate::postgres::Postgres;
use crate::process::{Process, Signal, TICK};
use crate::version::Version;

/// How long a server may take to come up, recovery after a crash included.
const COMING_UP: Duration = Duration::from_secs(120);

/// How long a server may take to stop in good order.
const STOPPING: Duration = Duration::from_secs(60);

/// How long a server may take to stop at once.
const STOPPING_AT_ONCE: Duration = Duration::from_secs(10);

/// How often an obstacle that goes away is waited for: a port in use, the remains of a server that was killed.
const TRIES: u32 = 40;
const BETWEEN_TRIES: Duration = Duration::from_millis(250);

/// Ports below those that systems give to outgoing connections, so that a server that restarts finds its own free.
const PORTS: std::ops::Range<u64> = 12_000..30_000;

/// The path of a socket has room for some hundred bytes.
const LONGEST_FOLDER: usize = 60;

const LOG_LINES: usize = 80;

/// What is particular to a product.
pub(crate) trait Recipe: Sync {
    /// Whom root lets the server run as; the first that exists.
    fn users(&self) -> &'static [&'static str];
    fn set_up(&self, place: &Place) -> Result<()>;
    fn arguments(&self, place: &Place) -> Vec<String>;
    /// `log` is what this start has written.
    fn is_ready(&self, place: &Place, pid: u32, log: &str) -> bool;
    fn url(&self, place: &Place, database: Option<&str>) -> String;
    /// Ends it with everything written.
    fn in_order(&self) -> Signal;
    /// Ends it with nothing left outside of its folder.
    fn at_once(&self) -> Signal;
    /// Removes what a killed server leaves outside of its folder.
    fn clean_up(&self, place: &Place) -> Result<()>;
}

fn recipe(product: Product) -> &'static dyn Recipe {
    match product {
        Product::Postgres => &Postgres,
        Product::MariaDb | Product::MySql => &MySql,
    }
}

/// Where a server lives, and as whom.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) installation: Installation,
    pub(crate) account: Account,
    pub(crate) port: u16,
    pub(crate) password: String,
}

impl Place {
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn command(&self, program: &Path, at_end: Signal) -> Command {
        self.account.command(program, &self.folder, at_end)
    }

    /// A file that the server may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        self.account.hand_over(&path)?;
        Ok(path)
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn log(&self) -> Result<File> {
        let path = self.log_path();
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))
    }
}

/// Runs a command that sets something up; what it prints goes into the log.
pub(crate) fn run(mut command: Command, place: &Place) -> Result<()> {
    let log = place.log()?;
    let status = command.stdout(log.try_clone()?).stderr(log).status();
    let status = status.with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed ({status}):\n{}", tail(&read(&place.log_path(), 0)));
    }
    Ok(())
}

/// A database server that belongs to this process alone.
///
/// It listens on 127.0.0.1, asks for a password that nobody else knows, syncs what it commits, and takes 400 or more
/// connections. Dropping it stops it and removes everything it wrote. If the process ends without dropping it, because
/// it is in a `static` or because of a SIGKILL, the server is stopped and its folder removed a moment later.
pub struct Server {
    process: Option<Process>,
    recipe: &'static dyn Recipe,
    place: Place,
    arguments: Vec<String>,
    // The guardian comes last: it removes the folder should this process be killed before it has done so itself.
    _folder: TempDir,
    _guardian: Guardian,
}

impl Server {
    pub(crate) fn start(installation: &Installation, arguments: &[&str]) -> Result<Self> {
        let recipe = recipe(installation.product());
        let folder = folder()?;
        let guardian = Guardian::start(folder.path(), recipe.at_once())?;
        let account = Account::choose(folder.path(), recipe.users())?;
        let mut place = Place {
            folder: folder.path().to_owned(),
            installation: installation.clone(),
            account,
            port: free_port()?,
            password: secret(),
        };
        account.hand_over(folder.path())?;
        bring_within_reach(&mut place)?;
        recipe.set_up(&place).with_context(|| format!("cannot set up {installation}"))?;
        let mut server = Self {
            process: None,
            recipe,
            place,
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            _folder: folder,
            _guardian: guardian,
        };
        server.launch(free_port)?;
        Ok(server)
    }

    /// Leads to a database that is there from the start, as a user who may make others. The same after a restart.
    pub fn url(&self) -> String {
        self.recipe.url(&self.place, None)
    }

    /// Leads to the database of this name, whether or not it is there yet.
    pub fn url_of(&self, database: &str) -> String {
        self.recipe.url(&self.place, Some(database))
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.place.port
    }

    /// The number of the server's main process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Which server it is.
    pub fn product(&self) -> Product {
        self.place.installation.product()
    }

    /// The version of the server.
    pub fn version(&self) -> &Version {
        self.place.installation.version()
    }

    /// Where it keeps everything; gone after the drop.
    pub fn folder(&self) -> &Path {
        &self.place.folder
    }

    /// Everything that it has logged.
    pub fn log(&self) -> String {
        read(&self.place.log_path(), 0)
    }

    /// Stops it in good order: transactions are undone, connections cut, everything is written. [`Server::restart`]
    /// brings it back.
    ///
    /// # Errors
    ///
    /// When it did not end by itself and had to be killed.
    pub fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.stop(self.recipe.in_order(), STOPPING),
            None => Ok(()),
        }
    }

    /// Kills it with SIGKILL, all of its processes at once, as a crash would. [`Server::restart`] brings it back.
    ///
    /// # Errors
    ///
    /// When a process of it does not go away.
    pub fn kill(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill(),
            None => Ok(()),
        }
    }

    /// Stops it if it runs, and starts it again with the same data at the same address.
    ///
    /// # Errors
    ///
    /// As when it is started first.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        let port = self.place.port;
        self.launch(|| Ok(port))
    }

    /// Starts the process and waits until it is ready; while something is in the way that may go away, tries again.
    fn launch(&mut self, mut next_port: impl FnMut() -> Result<u16>) -> Result<()> {
        let mut tries = 0;
        loop {
            let log_start = self.place.log()?.metadata()?.len();
            let status = match self.try_launch(log_start)? {
                None => return Ok(()),
                Some(status) => status,
            };
            let log = read(&self.place.log_path(), log_start);
            tries += 1;
            if tries >= TRIES || !is_obstacle_of_a_moment(&log) {
                bail!("{} did not start ({status}); the end of its log:\n{}", self.place.installation, tail(&log));
            }
            thread::sleep(BETWEEN_TRIES);
            self.place.port = next_port()?;
        }
    }

    /// How it ended, if it did not come up.
    fn try_launch(&mut self, log_start: u64) -> Result<Option<ExitStatus>> {
        let Self { place, recipe, arguments, .. } = self;
        let mut command = place.command(&place.installation.program, recipe.at_once());
        command.args(recipe.arguments(place)).args(arguments);
        let mut process = Process::start(command, place.log()?, place.folder.join("pid"))?;
        let start = Instant::now();
        loop {
            if let Some(status) = process.end()? {
                return Ok(Some(status));
            }
            let log = || read(&place.log_path(), log_start);
            if recipe.is_ready(place, process.pid(), &log()) {
                self.process = Some(process);
                return Ok(None);
            }
            if start.elapsed() > COMING_UP {
                bail!(
                    "{} was not ready after {COMING_UP:?}; the end of its log:\n{}",
                    place.installation,
                    tail(&log())
                );
            }
            thread::sleep(TICK);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nobody is left to tell of an error; the guardian tries the same once more.
        if let Some(mut process) = self.process.take() {
            let _ = process.stop(self.recipe.at_once(), STOPPING_AT_ONCE);
        }
        let _ = self.recipe.clean_up(&self.place);
    }
}

fn folder() -> Result<TempDir> {
    let usual = env::temp_dir();
    let base = if usual.as_os_str().len() <= LONGEST_FOLDER { usual } else { PathBuf::from("/tmp") };
    let folder = tempfile::Builder::new().prefix("jobs-server-").tempdir_in(&base);
    folder.with_context(|| format!("cannot make a folder in {}", base.display()))
}

/// A server that is unpacked in somebody's home may be out of another user's reach, and is copied.
fn bring_within_reach(place: &mut Place) -> Result<()> {
    // A shell asks, because setpriv itself starts programs with more rights than it leaves to them.
    let mut test = place.command(Path::new("sh"), Signal::Kill);
    test.args(["-c", "[ -x \"$1\" ] && [ -x \"$2\" ]", "sh"]);
    test.arg(&place.installation.program).arg(&place.installation.initializer);
    if test.status().context("cannot start sh")?.success() {
        return Ok(());
    }
    let Some(root) = place.installation.unpacked.clone() else {
        bail!("{} cannot be run by the user that runs private servers", place.installation);
    };
    let copy = place.folder.join("programs");
    let mut command = Command::new("sh");
    command.args(["-c", "cp -R \"$1\" \"$2\" && chmod -R a+rX \"$2\"", "sh"]).arg(&root).arg(&copy);
    run(command, place)?;
    for path in [&mut place.installation.program, &mut place.installation.initializer] {
        let inner = path.strip_prefix(&root).context("a program is in the folder where it was unpacked")?;
        *path = copy.join(inner);
    }
    Ok(())
}

/// A free one, as far as anyone can tell before the server takes it.
pub(crate) fn free_port() -> Result<u16> {
    for _ in 0..1000 {
        let port = PORTS.start + random() % (PORTS.end - PORTS.start);
        let port = u16::try_from(port).context("a port has 16 bits")?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port is free on 127.0.0.1");
}

fn is_obstacle_of_a_moment(log: &str) -> bool {
    ["Address already in use", "pre-existing shared memory block", "lock file \"postmaster.pid\" already exists"]
        .iter()
        .any(|words| log.contains(words))
}

fn read(path: &Path, start: u64) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len());
    String::from_utf8_lossy(&bytes[start..]).into_owned()
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}
