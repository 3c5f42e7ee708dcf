//! The programs that are measured: ours, the limit, and the rivals of `rivals/systems.json`.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use serde::Deserialize;

use crate::{database::Engine, round::Round};

/// The name under which we are measured.
pub(crate) const OURS: &str = "jobs";
/// The name of the statements without the framework.
pub(crate) const LIMIT: &str = "limit";

/// A program that is measured.
#[derive(Clone, Debug)]
pub(crate) struct System {
    pub(crate) name: String,
    words: Vec<OsString>,
    folder: PathBuf,
    /// What a reader of the figures must know.
    pub(crate) note: String,
    /// Whether what it acknowledges survives a power cut. One that may lose it is shown, but we are not compared with it.
    pub(crate) durable: bool,
}

/// A rival, as the manifest tells it.
#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    engine: String,
    build: Vec<String>,
    run: Vec<String>,
    #[serde(default)]
    note: String,
    #[serde(default = "yes")]
    durable: bool,
}

const fn yes() -> bool {
    true
}

/// Systems that could not be built, each with the reason.
pub(crate) type LeftOut = Vec<(String, String)>;

/// Where programs are built.
struct Place {
    bench: PathBuf,
    target: PathBuf,
    release: bool,
}

impl System {
    pub(crate) fn is_rival(&self) -> bool {
        self.name != OURS && self.name != LIMIT
    }

    /// The program with these arguments.
    pub(crate) fn plain(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).args(words).current_dir(&self.folder).env("RUST_BACKTRACE", "0");
        command
    }

    /// The command of one round.
    pub(crate) fn command(&self, round: &Round, url: &str) -> Command {
        let mut command = Command::new(&self.words[0]);
        // A fault is told by its message; a backtrace would hide it.
        command.args(&self.words[1..]).current_dir(&self.folder).env("RUST_BACKTRACE", "0");
        let measure = round.measure.to_possible_value();
        command.args(["--system", &self.name, "--url", url]);
        command.args(["--measure", measure.as_ref().map_or("", |value| value.get_name())]);
        command.args(["--jobs", &round.jobs.to_string(), "--workers", &round.workers.to_string()]);
        if let Some(rate) = round.rate {
            command.args(["--rate", &rate.to_string()]);
        }
        command
    }
}

/// Builds what is asked for, everything if nothing is, in the order in which it is reported. Says of rivals that cannot be built why,
/// and leaves them out. With `as_they_are`, the programs are taken as they are.
pub(crate) fn build(engine: Engine, wanted: Option<&[String]>, as_they_are: bool) -> Result<(Vec<System>, LeftOut)> {
    let place = Place::find()?;
    let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted.iter().any(|wanted| wanted == name));
    let mut systems = Vec::new();
    let mut left_out = Vec::new();
    for (name, program) in [(OURS, "ours"), (LIMIT, "limit")] {
        if is_wanted(name) {
            if !as_they_are {
                place.cargo(program)?;
            }
            let words = vec![place.programs().join(program).into_os_string()];
            let (name, folder) = (name.to_owned(), place.bench.clone());
            systems.push(System { name, words, folder, note: String::new(), durable: true });
        }
    }
    let rivals = place.bench.join("rivals");
    let mut built: Vec<(Vec<String>, Option<String>)> = Vec::new();
    for entry in entries(&rivals)?.into_iter().filter(|entry| entry.engine == engine.name() && is_wanted(&entry.name)) {
        let words = entry.build;
        let fault = match built.iter().find(|(known, _)| *known == words) {
            Some((_, fault)) => fault.clone(),
            None => {
                let made = if as_they_are { Ok(()) } else { place.rival(&rivals, &words) };
                let fault = made.err().map(|error| format!("{error:#}"));
                built.push((words, fault.clone()));
                fault
            }
        };
        match fault {
            Some(fault) => left_out.push((entry.name, fault)),
            None => {
                let words = entry.run.iter().map(|word| OsString::from(place.fill(word))).collect::<Vec<_>>();
                ensure!(!words.is_empty(), "the manifest does not say how to run {}", entry.name);
                let Entry { name, note, durable, .. } = entry;
                systems.push(System { name, words, folder: rivals.clone(), note, durable });
            }
        }
    }
    for name in wanted.unwrap_or_default() {
        if !systems.iter().any(|system| system.name == *name) && !left_out.iter().any(|(known, _)| known == name) {
            bail!("there is no system `{name}` for {}", engine.name());
        }
    }
    Ok((systems, left_out))
}

/// Of these names, those of systems that there are.
pub(crate) fn known(engine: Engine, names: &[&str]) -> Result<Vec<String>> {
    let entries = entries(&Place::find()?.bench.join("rivals"))?;
    let is_known = |name: &str| entries.iter().any(|entry| entry.engine == engine.name() && entry.name == name);
    let known = names.iter().filter(|name| [OURS, LIMIT].contains(name) || is_known(name));
    Ok(known.map(|name| (*name).to_owned()).collect())
}

fn entries(rivals: &Path) -> Result<Vec<Entry>> {
    let path = rivals.join("systems.json");
    match fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).with_context(|| format!("cannot read {}", path.display())),
        Err(_) => Ok(Vec::new()),
    }
}

impl Place {
    fn find() -> Result<Self> {
        let program = env::current_exe()?;
        let folder = program.parent().context("a program is in a folder")?;
        let release = folder.ends_with("release");
        let target = folder.parent().context("the target folder holds the folder of a profile")?.to_owned();
        Ok(Self { bench: PathBuf::from(env!("CARGO_MANIFEST_DIR")), target, release })
    }

    fn programs(&self) -> PathBuf {
        self.target.join(if self.release { "release" } else { "debug" })
    }

    fn fill(&self, word: &str) -> String {
        word.replace("{target}", &self.target.display().to_string())
    }

    fn cargo(&self, program: &str) -> Result<()> {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["build", "--quiet", "--bin", program]).args(self.release.then_some("--release"));
        command.current_dir(&self.bench).env("CARGO_TARGET_DIR", &self.target).stdin(Stdio::null());
        let status = command.status().context("cannot start cargo")?;
        ensure!(status.success(), "`{program}` does not build ({status})");
        Ok(())
    }

    fn rival(&self, rivals: &Path, words: &[String]) -> Result<()> {
        let Some((program, rest)) = words.split_first() else { return Ok(()) };
        let mut command = Command::new(self.fill(program));
        command.args(rest.iter().map(|word| self.fill(word)));
        command.current_dir(rivals).env("CARGO_TARGET_DIR", &self.target).stdin(Stdio::null());
        // What cargo passes on to the programs that it runs is not meant for another workspace.
        for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"] {
            command.env_remove(name);
        }
        let status = command.status().with_context(|| format!("cannot start `{program}`"))?;
        ensure!(status.success(), "`{}` failed ({status})", words.join(" "));
        Ok(())
    }
}
