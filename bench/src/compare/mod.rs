//! Runs us, the rivals and the limit in turn, in one run, and compares.

mod plan;
mod report;

use std::{collections::HashMap, path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use clap::Args;

use self::plan::{Item, LEAST, QUICK, Step, count};
use crate::{
    database::{Databases, Engine},
    figures::{Figures, Unit},
    plot,
    round::{Outcome, Round, Used},
    system::{self, LIMIT, OURS, System},
};

/// The rivals of `--quick`: the fastest, by earlier runs.
const FAST: [(Engine, &[&str]); 3] = [
    (Engine::Postgres, &["graphile_worker", "graphile_worker_node", "pg_boss", "apalis"]),
    (Engine::Sqlite, &["effectum", "effectum_wal", "azums_sqlite", "apalis_sqlite"]),
    (Engine::Mysql, &[]),
];

/// What is compared, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// The database.
    #[arg(long, value_enum)]
    engine: Engine,

    /// One round of enqueue, bulk, drain and latency, with the four fastest rivals.
    #[arg(long)]
    quick: bool,

    /// Measures only these.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "MEASURE,..")]
    only: Vec<Item>,

    /// Runs only these: `jobs`, `limit`, and names of rivals.
    #[arg(long, value_delimiter = ',', value_name = "NAME,..")]
    systems: Vec<String>,

    /// How many rounds.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,

    /// So many jobs in each run, instead of what calibrating runs say.
    #[arg(long)]
    jobs: Option<u64>,

    /// How many seconds a run may last, in which as many jobs are run as possible.
    #[arg(long, default_value_t = 20)]
    seconds: u64,

    /// After so many seconds, what came before the timed part included, a run is killed.
    #[arg(long, default_value_t = 90)]
    kill: u64,

    /// Writes all figures to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Draws plots into this folder.
    #[arg(long, value_name = "FOLDER")]
    plots: Option<PathBuf>,

    /// Takes the programs as they are, without building them first.
    #[arg(long)]
    no_build: bool,

    /// One more argument for the private server, which all systems get.
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    server: Vec<String>,
}

impl Options {
    /// Of us and the limit.
    pub(crate) fn with_limit_only(mut self) -> Self {
        self.systems = [OURS, LIMIT].map(str::to_owned).to_vec();
        self
    }

    fn wanted(&self) -> Result<Option<Vec<String>>> {
        if !self.systems.is_empty() {
            return Ok(Some(self.systems.clone()));
        }
        if !self.quick {
            return Ok(None);
        }
        let rivals = FAST.iter().find(|(engine, _)| *engine == self.engine).map_or(&[][..], |(_, rivals)| rivals);
        system::known(self.engine, &[&[OURS, LIMIT], rivals].concat()).map(Some)
    }

    fn steps(&self) -> Vec<Step> {
        let items = match (self.only.is_empty(), self.quick) {
            (false, _) => self.only.clone(),
            (true, true) => QUICK.to_vec(),
            (true, false) => clap::ValueEnum::value_variants().to_vec(),
        };
        items.into_iter().flat_map(Item::steps).collect()
    }
}

/// Compares. Returns whether what is ours has run without a fault.
pub(crate) fn run(options: Options) -> Result<bool> {
    let (systems, left_out) = system::build(options.engine, options.wanted()?.as_deref(), options.no_build)?;
    ensure!(!systems.is_empty(), "there is nothing to measure");
    for (name, why) in &left_out {
        eprintln!("LEFT OUT: {name}: {why}");
    }
    let databases = Databases::start(options.engine, &options.server)?;
    println!("{}", databases.about());
    let mut comparison = Comparison {
        rounds: options.rounds.unwrap_or(if options.quick { 1 } else { 3 }),
        time: Duration::from_secs(options.seconds),
        limit: Duration::from_secs(options.kill),
        fixed: options.jobs,
        systems,
        databases,
        figures: Figures::default(),
        faults: Vec::new(),
        counts: HashMap::new(),
    };
    for step in options.steps() {
        comparison.step(step)?;
        report::step(&comparison.figures, step);
    }
    let Comparison { systems, mut figures, faults, .. } = comparison;
    report::derive(&mut figures, &systems);
    report::all(&figures, &systems, &faults, &left_out);
    if let Some(path) = &options.json {
        figures.write_json(options.engine.name(), path)?;
    }
    if let Some(folder) = &options.plots {
        plot::bars(&figures, options.engine.name(), folder)?;
    }
    Ok(!faults.iter().any(|fault| !fault.is_rival && !fault.is_unsupported))
}

/// A measure that a system did not do.
#[derive(Clone, Debug)]
struct Fault {
    system: String,
    step: Step,
    why: String,
    is_rival: bool,
    is_unsupported: bool,
}

struct Comparison {
    rounds: u32,
    time: Duration,
    limit: Duration,
    fixed: Option<u64>,
    systems: Vec<System>,
    databases: Databases,
    figures: Figures,
    faults: Vec<Fault>,
    /// How many jobs each system gets in each step.
    counts: HashMap<(String, &'static str, usize), u64>,
}

impl Comparison {
    /// All rounds of one step, each with the systems in another order.
    fn step(&mut self, step: Step) -> Result<()> {
        let mut systems = self.systems.clone();
        for round in 0..self.rounds {
            for system in &systems {
                if self.faults.iter().any(|fault| fault.system == system.name && fault.step == step) {
                    continue;
                }
                let Some(used) = self.measure(system, step)? else { continue };
                eprintln!(
                    "round {} {} {}: {:.0} jobs in {:.2} s, {}",
                    round + 1,
                    report::title(step.name(), step.workers),
                    system.name,
                    used.jobs,
                    used.seconds,
                    if step.is_latency() { report::waits(&used) } else { format!("{:.0} jobs/s", used.rate()) },
                );
                report::note(&mut self.figures, &system.name, step, &used);
            }
            systems.reverse();
            // The first and the last change places, and so do all others over the rounds.
            systems.rotate_left(1);
        }
        Ok(())
    }

    /// One run of the right size. Nothing if it cannot be measured, which has been noted then.
    fn measure(&mut self, system: &System, step: Step) -> Result<Option<Used>> {
        let rate = match step.item {
            Item::LoadedLatency => match self.half_rate(system)? {
                Some(rate) => Some(rate),
                None => {
                    self.fault(system, step, "the rate of `mixed` is not known".to_owned(), true);
                    return Ok(None);
                }
            },
            _ => None,
        };
        let Some(jobs) = self.count(system, step, rate)? else { return Ok(None) };
        self.run(system, step, jobs, rate)
    }

    /// One run.
    fn run(&mut self, system: &System, step: Step, jobs: u64, rate: Option<f64>) -> Result<Option<Used>> {
        let round = Round { measure: step.measure(), jobs, workers: step.workers, rate, limit: self.limit };
        Ok(match round.run(system, &mut self.databases)? {
            Outcome::Done(used) => Some(used),
            Outcome::Unsupported(why) => {
                self.fault(system, step, why, true);
                None
            }
            Outcome::Failed(why) => {
                self.fault(system, step, format!("{why} ({jobs} jobs)"), false);
                None
            }
        })
    }

    fn fault(&mut self, system: &System, step: Step, why: String, is_unsupported: bool) {
        let word = if is_unsupported { "cannot" } else { "FAILED" };
        eprintln!("{} {word} {}: {why}", system.name, report::title(step.name(), step.workers));
        let fault = Fault {
            system: system.name.clone(),
            step,
            why: format!("{}: {why}", if is_unsupported { "unsupported" } else { "failed" }),
            is_rival: system.is_rival(),
            is_unsupported,
        };
        let name = report::name(step);
        let unit = if step.is_latency() { Unit::Milliseconds } else { Unit::JobsPerSecond };
        self.figures.row(&name, &system.name, step.workers, 0, unit).note = Some(fault.why.clone());
        self.faults.push(fault);
    }

    /// How many jobs a run of this step has.
    fn count(&mut self, system: &System, step: Step, rate: Option<f64>) -> Result<Option<u64>> {
        if let Some(jobs) = self.fixed {
            // A latency takes its time.
            let jobs = if step.is_latency() { jobs / 4 } else { jobs };
            return Ok(Some(jobs.clamp(1, step.most())));
        }
        if let Some(rate) = rate {
            let jobs = (rate * self.time.as_secs_f64() / 2.0) as u64;
            return Ok(Some(jobs.clamp(LEAST.min(step.most()), step.most())));
        }
        if step.is_latency() {
            return Ok(Some(step.most()));
        }
        let key = (system.name.clone(), step.name(), step.workers);
        if let Some(jobs) = self.counts.get(&key) {
            return Ok(Some(*jobs));
        }
        let mut seen: Vec<(u64, f64)> = Vec::new();
        let mut jobs = LEAST;
        // One run of the least jobs, and one more where the first says that many more are possible.
        for _ in 0..2 {
            let Some(used) = self.run(system, step, jobs, None)? else {
                return Ok(None);
            };
            seen.push((jobs, used.seconds));
            let next = count(&seen, step.most(), self.time);
            let is_far = next > 4 * LEAST && used.seconds > 0.2;
            if !is_far || seen.len() == 2 {
                jobs = next;
                break;
            }
            jobs = next / 4;
        }
        self.counts.insert(key, jobs);
        Ok(Some(jobs))
    }

    /// Half of what the system can carry when it stores and runs at once.
    fn half_rate(&mut self, system: &System) -> Result<Option<f64>> {
        let step = Step { item: Item::Mixed, workers: 0 };
        if let Some(rate) = self.figures.find(step.name(), &system.name, 0).and_then(|row| row.median()) {
            return Ok(Some(rate / 2.0));
        }
        if self.faults.iter().any(|fault| fault.system == system.name && fault.step == step) {
            return Ok(None);
        }
        let Some(used) = self.measure(system, step)? else { return Ok(None) };
        report::note(&mut self.figures, &system.name, step, &used);
        Ok(Some(used.rate() / 2.0))
    }
}
