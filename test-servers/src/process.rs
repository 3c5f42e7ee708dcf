//! A server's process: started, told to end, waited for.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// How often a fact about a process is looked at.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// How long a process that was killed may take to be gone.
const GONE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Interrupt,
    Terminate,
    Quit,
    Stop,
    Kill,
}

impl Signal {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Terminate => "TERM",
            Self::Quit => "QUIT",
            Self::Stop => "STOP",
            Self::Kill => "KILL",
        }
    }

    fn send(self, pid: u32) -> Result<()> {
        let status = Command::new("sh")
            .args(["-c", "kill -s \"$1\" \"$2\"", "sh", self.name(), &pid.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("cannot start sh")?;
        ensure!(status.success(), "process {pid} takes no SIG{}", self.name());
        Ok(())
    }
}

pub(crate) struct Process {
    child: Child,
    /// Tells the guardian whom to stop; there as long as the process may be.
    pid_file: PathBuf,
    /// While it is there, so is the thread that started the process.
    _starter: Sender<()>,
}

impl Process {
    /// Starts it with its output added to `log`.
    ///
    /// The system sends the signal of a dead parent when the *thread* that started the child ends, and the thread of a
    /// test may well end before a server that other tests share. So a thread that does nothing else starts it.
    pub(crate) fn start(mut command: Command, log: File, pid_file: PathBuf) -> Result<Self> {
        command.stdout(log.try_clone()?).stderr(log);
        let (starter, ended) = mpsc::channel();
        let (sender, started) = mpsc::channel();
        thread::Builder::new().name("server-starter".to_owned()).spawn(move || {
            if sender.send(command.spawn().with_context(|| format!("cannot start {command:?}"))).is_ok() {
                // Nothing is ever sent: this returns when the other end is dropped.
                let _ = ended.recv();
            }
        })?;
        let child = started.recv().context("the thread that starts servers is gone")??;
        let process = Self { child, pid_file, _starter: starter };
        fs::write(&process.pid_file, process.pid().to_string())?;
        Ok(process)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn end(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.forget();
        }
        Ok(status)
    }

    /// Sends the signal and waits for the end; kills it when that takes longer than `patience`, which is an error.
    pub(crate) fn stop(&mut self, signal: Signal, patience: Duration) -> Result<()> {
        if self.end()?.is_some() {
            return Ok(());
        }
        // Until it is waited for, the number belongs to this process and to no other.
        signal.send(self.pid())?;
        if self.wait(patience)? {
            return Ok(());
        }
        self.kill()?;
        bail!("process {} did not end {patience:?} after SIG{}, and was killed", self.pid(), signal.name());
    }

    /// Ends it at once, with its children, as a crash of the machine would.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if self.end()?.is_some() {
            return Ok(());
        }
        // Stopped, it neither starts children nor replaces those that end.
        Signal::Stop.send(self.pid())?;
        let children = children(self.pid());
        self.child.kill()?;
        self.child.wait()?;
        self.forget();
        for child in &children {
            // It may have seen the death of its parent, and be gone.
            let _ = Signal::Kill.send(*child);
        }
        let start = Instant::now();
        while children.iter().any(|child| is_alive(*child)) {
            ensure!(start.elapsed() < GONE, "children of a killed server do not end: {children:?}");
            thread::sleep(TICK);
        }
        Ok(())
    }

    fn wait(&mut self, patience: Duration) -> Result<bool> {
        let start = Instant::now();
        while start.elapsed() < patience {
            if self.end()?.is_some() {
                return Ok(true);
            }
            thread::sleep(TICK);
        }
        Ok(false)
    }

    fn forget(&self) {
        // Without the file the guardian stops nobody, and it may be gone already.
        let _ = fs::remove_file(&self.pid_file);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Where the system does not tell them, there are none: they notice the end of their parent by themselves.
fn children(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid| stat(*pid).is_some_and(|stat| stat.parent == parent)).collect()
}

/// A process that has ended and that nobody has waited for yet does not count.
fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|stat| stat.state != "Z" && stat.state != "X")
}

struct Stat {
    state: String,
    parent: u32,
}

fn stat(pid: u32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// `7 (a (strange) name) S 1 ...`
fn parse_stat(line: &str) -> Option<Stat> {
    let (_, rest) = line.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some(Stat { state: fields.next()?.to_owned(), parent: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_read_whatever_the_name() {
        for line in ["7 (postgres) S 12 7 7 0", "7 (a) R 3 (b) c) Z 12 7 7 0"] {
            assert_eq!(parse_stat(line).unwrap().parent, 12, "{line}");
        }
        assert_eq!(parse_stat("7 (a) R 3 (b) c) Z 12 7").unwrap().state, "Z");
        assert!(parse_stat("").is_none());
    }
}
