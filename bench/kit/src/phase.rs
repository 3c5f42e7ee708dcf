//! The timed part of a measure.

use std::{
    io::{self, Write},
    process,
    time::Instant,
};

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::process::{cpu_seconds, resident_kib};

/// A phase under way.
#[derive(Debug)]
pub struct Phase {
    name: &'static str,
    begin: Instant,
    cpu: f64,
}

impl Phase {
    /// Tells that the phase begins, waits for leave, and starts the clock. Blocks: nothing else should be going on.
    ///
    /// # Errors
    /// The output is closed.
    pub fn begin(name: &'static str) -> Result<Self> {
        say(&json!({ "begin": name }))?;
        io::stdin().read_line(&mut String::new())?;
        Ok(Self { name, cpu: cpu_seconds()?, begin: Instant::now() })
    }

    /// Stops the clock and tells how it was; `more` are further figures.
    ///
    /// # Errors
    /// The output is closed.
    pub fn end(self, jobs: u64, more: Map<String, Value>) -> Result<()> {
        let seconds = self.begin.elapsed().as_secs_f64();
        let cpu = cpu_seconds()? - self.cpu;
        let mut line = json!({
            "end": self.name, "jobs": jobs, "seconds": seconds, "client_cpu": cpu, "resident_kib": resident_kib()?,
        });
        if let Value::Object(line) = &mut line {
            line.extend(more);
        }
        say(&line)?;
        io::stdin().read_line(&mut String::new())?;
        Ok(())
    }
}

/// Tells that this system cannot do this, and ends the program.
pub fn unsupported(why: &str) -> ! {
    match say(&json!({ "unsupported": why })) {
        Ok(()) => process::exit(0),
        Err(_) => process::exit(1),
    }
}

fn say(line: &Value) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
