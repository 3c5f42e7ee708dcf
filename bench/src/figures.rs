//! What was measured: runs, their medians, and how they are written.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    JobsPerSecond,
    Milliseconds,
    Bytes,
    Microseconds,
    Mebibytes,
    Ratio,
}

impl Unit {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::JobsPerSecond => "jobs/s",
            Self::Milliseconds => "ms",
            Self::Bytes => "bytes/job",
            Self::Microseconds => "us/job",
            Self::Mebibytes => "MiB",
            Self::Ratio => "ratio",
        }
    }

    /// Whether more is better.
    pub(crate) const fn is_rate(self) -> bool {
        matches!(self, Self::JobsPerSecond)
    }

    /// As many digits as tell something.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::JobsPerSecond | Self::Bytes => thousands(value),
            Self::Milliseconds | Self::Ratio => format!("{value:.2}"),
            Self::Microseconds | Self::Mebibytes => format!("{value:.1}"),
        }
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digit.is_ascii_digit() && (digits.len() - place) % 3 == 0 && !text.ends_with('-') {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// One figure of one system.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) measure: String,
    pub(crate) system: String,
    /// 0 for the system's best.
    pub(crate) workers: usize,
    /// How many jobs a run has, or how big what it ran on was.
    pub(crate) jobs: u64,
    pub(crate) unit: Unit,
    pub(crate) runs: Vec<f64>,
    /// What a reader must know, such as why there is no figure.
    pub(crate) note: Option<String>,
}

impl Row {
    pub(crate) fn median(&self) -> Option<f64> {
        let mut runs = self.runs.clone();
        runs.sort_by(f64::total_cmp);
        let half = runs.len() / 2;
        match runs.len() {
            0 => None,
            even if even % 2 == 0 => Some(f64::midpoint(runs[half - 1], runs[half])),
            _ => Some(runs[half]),
        }
    }

    pub(crate) fn min(&self) -> Option<f64> {
        self.runs.iter().copied().min_by(f64::total_cmp)
    }

    pub(crate) fn max(&self) -> Option<f64> {
        self.runs.iter().copied().max_by(f64::total_cmp)
    }
}

/// All figures of a run, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) rows: Vec<Row>,
}

impl Figures {
    /// The row of a figure, which is made if it is not there.
    pub(crate) fn row(&mut self, measure: &str, system: &str, workers: usize, jobs: u64, unit: Unit) -> &mut Row {
        let known = self.rows.iter().position(|row| row.is(measure, system, workers));
        let index = known.unwrap_or_else(|| {
            self.rows.push(Row {
                measure: measure.to_owned(),
                system: system.to_owned(),
                workers,
                jobs,
                unit,
                runs: Vec::new(),
                note: None,
            });
            self.rows.len() - 1
        });
        &mut self.rows[index]
    }

    pub(crate) fn find(&self, measure: &str, system: &str, workers: usize) -> Option<&Row> {
        self.rows.iter().find(|row| row.is(measure, system, workers))
    }

    /// The figures that there are, each with the worker count, in the order in which they came.
    pub(crate) fn measures(&self) -> Vec<(String, usize)> {
        let mut measures: Vec<(String, usize)> = Vec::new();
        for row in &self.rows {
            if !measures.iter().any(|(measure, workers)| *measure == row.measure && *workers == row.workers) {
                measures.push((row.measure.clone(), row.workers));
            }
        }
        measures
    }

    /// The rows of one figure.
    pub(crate) fn of<'f>(&'f self, measure: &'f str, workers: usize) -> impl Iterator<Item = &'f Row> {
        self.rows.iter().filter(move |row| row.measure == measure && row.workers == workers)
    }

    /// Writes an array of objects.
    pub(crate) fn write_json(&self, engine: &str, path: &Path) -> Result<()> {
        let rows: Vec<Value> = self.rows.iter().map(|row| row.json(engine)).collect();
        fs::write(path, serde_json::to_string_pretty(&rows)? + "\n")
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Row {
    fn is(&self, measure: &str, system: &str, workers: usize) -> bool {
        self.measure == measure && self.system == system && self.workers == workers
    }

    fn json(&self, engine: &str) -> Value {
        let mut row = json!({
            "measure": self.measure, "engine": engine, "system": self.system, "workers": self.workers, "jobs": self.jobs,
            "unit": self.unit.name(), "median": self.median(), "min": self.min(), "max": self.max(), "runs": self.runs,
        });
        if let Some(note) = &self.note {
            row["note"] = Value::from(note.as_str());
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_digits() {
        let mut figures = Figures::default();
        figures.row("drain", "jobs", 0, 2_000, Unit::JobsPerSecond).runs.extend([30.0, 10.0, 20.0]);
        let row = figures.find("drain", "jobs", 0).unwrap();
        assert_eq!((row.median(), row.min(), row.max()), (Some(20.0), Some(10.0), Some(30.0)));
        assert_eq!(Unit::JobsPerSecond.show(1_234_567.4), "1 234 567");
        assert_eq!(Unit::Bytes.show(-123.0), "-123");
    }
}
