//! How the rate at which we drain changes with what lies in the database.

mod place;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use self::place::Place;
use crate::{
    database::{Databases, Engine},
    figures::{Figures, Row, Unit},
    plot,
    system::{self, OURS},
};

/// How many workers the servers have, unless one is measured.
const WORKERS: usize = 64;
/// How many jobs are drained where something else is big.
const QUEUED: u64 = 100_000;
/// The most jobs of a backlog that are drained, and for how long at most.
const DRAINED: u64 = 300_000;
const SECONDS: u64 = 20;
/// How long several servers run side by side, on a backlog that outlasts them.
const TOGETHER: u64 = 12;
const LONG: u64 = 1_000_000;
/// How many jobs a second are offered while a transaction is held open.
const OFFERED: u64 = 1_000;

/// What grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum What {
    /// The backlog.
    Backlog,
    /// Jobs that have finished and are kept.
    Finished,
    /// Jobs that are scheduled for later.
    Scheduled,
    /// Queues that the jobs are spread over.
    Queues,
    /// The time that a transaction is held open, which keeps dead rows from being removed; jobs are offered meanwhile.
    Held,
    /// The jobs that have been claimed one at a time from a long backlog.
    Single,
    /// Servers, each a process.
    Servers,
}

/// What is measured, and how far.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// The database.
    #[arg(long, value_enum)]
    engine: Engine,

    /// Measures only these.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT,..")]
    only: Vec<What>,

    /// The biggest size: 10000000 for the whole range, which takes an hour and some 20 GB.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..))]
    most: u64,

    /// How long a transaction is held open, and how long jobs are claimed one at a time.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,

    /// Writes all figures to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Draws plots into this folder.
    #[arg(long, value_name = "FOLDER")]
    plots: Option<PathBuf>,

    /// Takes the programs as they are, without building them first.
    #[arg(long)]
    no_build: bool,

    /// One more argument for the private server.
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    server: Vec<String>,
}

/// Measures and prints, each size as it comes. A size that fails is reported; returns whether none did.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let (systems, _) = system::build(options.engine, Some(&[OURS.to_owned()]), options.no_build)?;
    let mut databases = Databases::start(options.engine, &options.server)?;
    println!("{}", databases.about());
    let all = if options.only.is_empty() { What::value_variants() } else { &options.only };
    let (mut figures, mut good) = (Figures::default(), true);
    for what in all {
        let name = what.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        println!("\n{name}");
        for size in what.sizes(options.most) {
            let place = Place::new(&mut databases, &systems[0], options.engine)?;
            let points = what.measure(&place, size, options.minutes);
            place.remove(&mut databases)?;
            match points {
                Ok(points) => {
                    for (at, rate) in points {
                        println!(
                            "  {:>12} {:>12} jobs/s",
                            Unit::JobsPerSecond.show(at as f64),
                            Unit::JobsPerSecond.show(rate)
                        );
                        figures.rows.push(row(&name, *what, at, Ok(rate)));
                    }
                }
                Err(error) => {
                    println!("  {size:>12} FAILED: {error:#}");
                    figures.rows.push(row(&name, *what, size, Err(format!("failed: {error:#}"))));
                    good = false;
                }
            }
        }
    }
    if let Some(path) = &options.json {
        figures.write_json(options.engine.name(), path)?;
    }
    if let Some(folder) = &options.plots {
        plot::lines(&figures, options.engine.name(), folder)?;
    }
    Ok(good)
}

fn row(name: &str, what: What, size: u64, rate: Result<f64, String>) -> Row {
    let (runs, note) = match rate {
        Ok(rate) => (vec![rate], None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let workers = if what == What::Single { 1 } else { WORKERS };
    let measure = format!("grow_{name}");
    Row { measure, system: OURS.to_owned(), workers, jobs: size, unit: Unit::JobsPerSecond, runs, note }
}

impl What {
    /// The sizes that are measured on a database each.
    fn sizes(self, most: u64) -> Vec<u64> {
        let powers = |from: u32, most: u64| {
            let powers = (from..20).map(|power| 10_u64.pow(power)).take_while(|size| *size <= most);
            powers.collect::<Vec<u64>>()
        };
        match self {
            Self::Backlog => powers(4, most),
            Self::Finished => [0].into_iter().chain(powers(5, most)).collect(),
            Self::Scheduled => [0].into_iter().chain(powers(4, most.min(1_000_000))).collect(),
            Self::Queues => powers(0, 10_000),
            Self::Servers => vec![1, 2, 4, 8],
            Self::Held | Self::Single => vec![most],
        }
    }

    /// Rates, each with where it was measured: the size, or a time or a count within the run.
    fn measure(self, place: &Place, size: u64, minutes: u64) -> Result<Vec<(u64, f64)>> {
        let one = |rate: f64| Ok(vec![(size, rate)]);
        match self {
            Self::Backlog => {
                place.seed(size, 1, false)?;
                one(place.drain(WORKERS, 1, size.min(DRAINED), SECONDS)?)
            }
            Self::Finished => {
                place.seed(1, 1, false)?;
                place.fill("finished", size)?;
                place.seed(QUEUED, 1, false)?;
                one(place.drain(WORKERS, 1, QUEUED, SECONDS)?)
            }
            Self::Scheduled => {
                place.seed(1, 1, false)?;
                place.fill("scheduled", size)?;
                place.seed(QUEUED, 1, false)?;
                one(place.drain(WORKERS, 1, QUEUED, SECONDS)?)
            }
            Self::Queues => {
                place.seed(QUEUED, size, false)?;
                one(place.drain(WORKERS, size, QUEUED, SECONDS)?)
            }
            Self::Servers => {
                place.seed(LONG, 1, false)?;
                one(place.together(size, WORKERS, TOGETHER)?)
            }
            Self::Held => {
                let _held = place.hold()?;
                let ran = place.watch(&["--workers", "64", "--rate", &OFFERED.to_string()], 60 * minutes)?;
                Ok(intervals(&ran, false))
            }
            Self::Single => {
                place.seed(size, 1, true)?;
                let ran = place.watch(&["--workers", "1"], 60 * minutes)?;
                Ok(intervals(&ran, true))
            }
        }
    }
}

/// The rates within some ten parts of a run, at its seconds or at the jobs that had run. What comes after the last job tells nothing.
fn intervals(ran: &[(f64, u64)], by_jobs: bool) -> Vec<(u64, f64)> {
    let last = ran.last().map_or(0, |(_, ran)| *ran);
    let end = ran.iter().position(|(_, ran)| by_jobs && *ran == last).unwrap_or(ran.len());
    let ran = &ran[..end];
    let step = (ran.len() / 12).max(1);
    let marks: Vec<_> = ran.iter().step_by(step).collect();
    let rate = |pair: &[&(f64, u64)]| {
        let [(from, before), (to, after)] = [pair[0], pair[1]];
        let at = if by_jobs { *after } else { *to as u64 };
        (at, (after - before) as f64 / (to - from).max(1e-3))
    };
    marks.windows(2).map(rate).collect()
}
