//! One round: one measure of one system on a fresh database, in a process of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::ValueEnum;
use jobs_bench_kit::Measure;
use serde_json::{Map, Value};

use crate::{
    database::{Database, Databases, Reading},
    system::System,
};

/// What one round is to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) measure: Measure,
    pub(crate) jobs: u64,
    /// 0 for the system's best.
    pub(crate) workers: usize,
    /// How many jobs a second are offered, where that is measured.
    pub(crate) rate: Option<f64>,
    /// After this the program is killed.
    pub(crate) limit: Duration,
}

/// How it went.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Done(Used),
    /// The system cannot do this, and says why.
    Unsupported(String),
    /// It broke, or took too long.
    Failed(String),
}

/// What the timed part took.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    pub(crate) jobs: f64,
    pub(crate) seconds: f64,
    pub(crate) client_cpu: f64,
    pub(crate) database_cpu: f64,
    pub(crate) wal: f64,
    /// How much the database has grown in the timed part.
    pub(crate) growth: f64,
    /// How much it has grown since it was empty.
    pub(crate) size: f64,
    pub(crate) resident_mib: f64,
    /// What else the program tells.
    pub(crate) more: Map<String, Value>,
}

impl Used {
    pub(crate) fn rate(&self) -> f64 {
        self.jobs / self.seconds
    }
}

impl Round {
    /// Runs it. An error means that the harness itself is at its end; what the system does wrong is an [`Outcome`].
    pub(crate) fn run(&self, system: &System, databases: &mut Databases) -> Result<Outcome> {
        let database = databases.fresh()?;
        let mut program = Program::start(system.command(self, &database.url))
            .with_context(|| format!("cannot start {}", system.name))?;
        let outcome = self.follow(&mut program, databases, &database);
        program.kill();
        databases.remove(&database)?;
        outcome
    }

    fn follow(&self, program: &mut Program, databases: &mut Databases, database: &Database) -> Result<Outcome> {
        let end = Instant::now() + self.limit;
        let empty = databases.read(database, program.child.id())?.size;
        let mut begin: Option<Reading> = None;
        let mut used = None;
        loop {
            let line = match program.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => {
                    return Ok(Outcome::Failed(format!("took longer than {} s", self.limit.as_secs())));
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            // Anything else is talk.
            let Ok(Value::Object(mut line)) = serde_json::from_str::<Value>(&line) else { continue };
            if let Some(why) = line.get("unsupported") {
                return Ok(Outcome::Unsupported(why.as_str().unwrap_or("it does not say why").to_owned()));
            } else if line.contains_key("begin") {
                begin = Some(databases.read(database, program.child.id())?);
                program.answer();
            } else if line.contains_key("end") {
                let Some(begin) = begin else { return Ok(Outcome::Failed("a phase ended before it began".to_owned())) };
                let now = databases.read(database, program.child.id())?;
                let number = |name: &str| line.get(name).and_then(Value::as_f64);
                let (Some(jobs), Some(seconds)) = (number("jobs"), number("seconds")) else {
                    return Ok(Outcome::Failed("the phase's end tells no jobs or no seconds".to_owned()));
                };
                let resident_mib = number("resident_kib").unwrap_or(f64::NAN) / 1024.0;
                for known in ["end", "jobs", "seconds", "client_cpu", "resident_kib"] {
                    line.remove(known);
                }
                used = Some(Used {
                    jobs,
                    seconds,
                    client_cpu: now.client_cpu - begin.client_cpu,
                    database_cpu: now.database_cpu - begin.database_cpu,
                    wal: now.wal - begin.wal,
                    growth: now.size - begin.size,
                    size: now.size - empty,
                    resident_mib,
                    more: line,
                });
                program.answer();
            }
        }
        let status = program.child.wait()?;
        let name = self.measure.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        Ok(match used {
            Some(used) if status.success() => Outcome::Done(used),
            _ => Outcome::Failed(program.complaint(status, &name)),
        })
    }
}

struct Program {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Program {
    fn start(mut command: Command) -> Result<Self> {
        // A group of its own, so that what it starts can be killed with it.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let out = BufReader::new(child.stdout.take().context("the output is a pipe")?);
        let mut err = child.stderr.take().context("the errors are a pipe")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let (sender, errors) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = err.read_to_end(&mut bytes);
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        });
        Ok(Self { child, lines, errors })
    }

    /// Gives leave to go on. One that has ended needs none.
    fn answer(&mut self) {
        if let Some(input) = &mut self.child.stdin {
            let _ = input.write_all(b"\n");
        }
    }

    /// Its last words.
    fn complaint(&self, status: ExitStatus, name: &str) -> String {
        let errors = self.errors.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
        let lines: Vec<_> = errors.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = lines[lines.len().saturating_sub(6)..].join("; ");
        let last: String = last.chars().take(400).collect();
        format!("{name} ended with {status}: {last}")
    }

    fn kill(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-s", "KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
