//! What the rounds come to: figures, ratios, tables.

use super::{Fault, Step, plan::Item};
use crate::{
    figures::{Figures, Row, Unit},
    round::Used,
    system::{LIMIT, OURS, System},
};

/// The percentiles that are reported, from the call's begin and from its return.
const PERCENTILES: [&str; 6] = ["p50", "p95", "p99", "returned_p50", "returned_p95", "returned_p99"];

/// What a job costs in each of these, enqueue to end, is the sum of both.
const WHOLE: [&str; 2] = ["bulk", "drain"];

/// The name of a figure, with the worker count where it matters.
pub(super) fn title(measure: &str, workers: usize) -> String {
    match workers {
        0 => measure.to_owned(),
        1 => format!("{measure}, 1 worker"),
        _ => format!("{measure}, {workers} workers"),
    }
}

/// The figure by which a step's outcome is known.
pub(super) fn name(step: Step) -> String {
    if step.is_latency() { format!("{}_p50", step.name()) } else { step.name().to_owned() }
}

/// The waits of a run, in short.
pub(super) fn waits(used: &Used) -> String {
    let wait = |name: &str| used.more.get(name).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
    format!("p50 {:.2} ms, p99 {:.2} ms, p50 from the return {:.2} ms", wait("p50"), wait("p99"), wait("returned_p50"))
}

/// Adds a run to the figures.
pub(super) fn note(figures: &mut Figures, system: &str, step: Step, used: &Used) {
    let (workers, jobs) = (step.workers, used.jobs as u64);
    let mut add = |measure: &str, unit: Unit, value: f64| {
        if value.is_finite() {
            figures.row(measure, system, workers, jobs, unit).runs.push(value);
        }
    };
    if step.is_latency() {
        for percentile in PERCENTILES {
            let value = used.more.get(percentile).and_then(serde_json::Value::as_f64);
            add(&format!("{}_{percentile}", step.name()), Unit::Milliseconds, value.unwrap_or(f64::NAN));
        }
    } else {
        add(step.name(), Unit::JobsPerSecond, used.rate());
    }
    // With few workers, these tell of waiting.
    if step.item == Item::DrainWorkers {
        return;
    }
    let step = step.name();
    add(&format!("client_cpu_{step}"), Unit::Microseconds, used.client_cpu / used.jobs * 1e6);
    add(&format!("database_cpu_{step}"), Unit::Microseconds, used.database_cpu / used.jobs * 1e6);
    add(&format!("wal_bytes_{step}"), Unit::Bytes, used.wal / used.jobs);
    match step {
        "bulk" => add("table_bytes_bulk", Unit::Bytes, used.growth / used.jobs),
        "drain" | "drain_nohistory" => add(&format!("table_bytes_{step}"), Unit::Bytes, used.size / used.jobs),
        _ => {}
    }
    add(&format!("memory_{step}"), Unit::Mebibytes, used.resident_mib);
}

/// Figures that follow from others: what a job costs from its enqueue to its end, what delayed, retried and batch jobs cost beside plain
/// ones, and how we stand to the best rival that keeps its promises as we do, and to the limit.
pub(super) fn derive(figures: &mut Figures, all: &[System]) {
    let mut systems: Vec<String> = Vec::new();
    for row in &figures.rows {
        if !systems.contains(&row.system) {
            systems.push(row.system.clone());
        }
    }
    for system in &systems {
        for (cost, unit) in
            [("client_cpu", Unit::Microseconds), ("database_cpu", Unit::Microseconds), ("wal_bytes", Unit::Bytes)]
        {
            let [bulk, drain] = WHOLE.map(|step| figures.find(&format!("{cost}_{step}"), system, 0).cloned());
            let (Some(bulk), Some(drain)) = (bulk, drain) else { continue };
            let runs = bulk.runs.iter().zip(&drain.runs).map(|(bulk, drain)| bulk + drain);
            figures.row(cost, system, 0, drain.jobs, unit).runs.extend(runs);
        }
        for (whole, part) in [("table_bytes", "table_bytes_drain"), ("memory", "memory_drain")] {
            if let Some(part) = figures.find(part, system, 0).cloned() {
                figures.row(whole, system, 0, part.jobs, part.unit).runs.extend(part.runs);
            }
        }
        for kind in ["delayed", "retried", "batch"] {
            let rate = |measure: &str| figures.find(measure, system, 0).and_then(|row| Some((row.jobs, row.median()?)));
            if let (Some((jobs, special)), Some((_, plain))) = (rate(kind), rate("drain")) {
                figures.row(&format!("cost_{kind}"), system, 0, jobs, Unit::Ratio).runs.push(plain / special);
            }
        }
    }
    for (measure, workers) in figures.measures() {
        let (rival, limit) = ratios(figures, all, &measure, workers);
        for (suffix, ratio) in [("rival", rival), ("limit", limit)] {
            if let Some((other, ratio)) = ratio {
                let row = figures.row(&format!("{measure}_to_{suffix}"), OURS, workers, 0, Unit::Ratio);
                row.runs.push(ratio);
                row.note = Some(format!("{OURS} / {other}"));
            }
        }
    }
}

/// Of the medians: ours to the best rival's, and ours to the limit's.
#[expect(clippy::type_complexity, reason = "two pairs of a name and a ratio")]
fn ratios(figures: &Figures, all: &[System], measure: &str, workers: usize) -> (Option<(String, f64)>, Option<(String, f64)>) {
    let rows: Vec<&Row> = figures.of(measure, workers).filter(|row| row.unit != Unit::Ratio).collect();
    let median = |row: &&Row| row.median().map(|median| (row.system.clone(), median));
    let Some((_, ours)) = rows.iter().filter(|row| row.system == OURS).find_map(median) else { return (None, None) };
    if ours == 0.0 {
        return (None, None);
    }
    let ratio = |(name, other): (String, f64)| (name, ours / other);
    let limit = rows.iter().filter(|row| row.system == LIMIT).find_map(median).map(ratio);
    let is_rival = |row: &&&Row| all.iter().any(|system| system.name == row.system && system.is_rival() && system.durable);
    let rivals = rows.iter().filter(is_rival).filter_map(median);
    let best = rivals.reduce(|best, next| {
        let is_better =
            rows.first().is_some_and(|row| if row.unit.is_rate() { next.1 > best.1 } else { next.1 < best.1 });
        if is_better { next } else { best }
    });
    (best.map(ratio), limit)
}

/// Prints what a step has come to.
pub(super) fn step(figures: &Figures, step: Step) {
    if step.is_latency() {
        for percentile in PERCENTILES {
            table(figures, &format!("{}_{percentile}", step.name()), step.workers);
        }
    } else {
        table(figures, step.name(), step.workers);
    }
}

/// Prints what came out of all, and what did not come out.
pub(super) fn all(figures: &Figures, systems: &[System], faults: &[Fault], left_out: &[(String, String)]) {
    for measure in ["client_cpu", "database_cpu", "wal_bytes", "table_bytes", "memory"] {
        table(figures, measure, 0);
    }
    for kind in ["delayed", "retried", "batch"] {
        table(figures, &format!("cost_{kind}"), 0);
    }
    println!("\nratios of medians");
    for row in figures.rows.iter().filter(|row| row.measure.contains("_to_") && row.unit == Unit::Ratio) {
        let of_main = !["client_cpu_", "database_cpu_", "wal_bytes_", "table_bytes_", "memory_"]
            .iter()
            .any(|cost| row.measure.starts_with(cost) && !row.measure[cost.len()..].starts_with("to_"));
        if let (true, Some(ratio)) = (of_main, row.median()) {
            let note = row.note.as_deref().unwrap_or_default();
            println!("  {:40} {ratio:8.2}  {note}", title(&row.measure, row.workers));
        }
    }
    for system in systems.iter().filter(|system| !system.note.is_empty()) {
        println!("note on {}: {}", system.name, system.note);
    }
    for Fault { system, step, why, .. } in faults {
        println!("no figure: {system}, {}: {why}", title(step.name(), step.workers));
    }
    for (name, why) in left_out {
        println!("LEFT OUT: {name}: {why}");
    }
}

/// Prints the rows of one figure, the best first.
fn table(figures: &Figures, measure: &str, workers: usize) {
    let mut rows: Vec<&Row> = figures.of(measure, workers).collect();
    let Some(unit) = rows.first().map(|row| row.unit) else { return };
    rows.sort_by(|a, b| {
        let key =
            |row: &Row| row.median().map_or(f64::INFINITY, |median| if unit.is_rate() { -median } else { median });
        key(a).total_cmp(&key(b))
    });
    println!("\n{}, {}: median (least to greatest of the runs)", title(measure, workers), unit.name());
    let ours = figures.find(measure, OURS, workers).and_then(Row::median);
    for row in rows {
        let (Some(median), Some(min), Some(max)) = (row.median(), row.min(), row.max()) else {
            println!("  {:22} {}", row.system, row.note.as_deref().unwrap_or("no figure"));
            continue;
        };
        let spread = format!("({} to {})", unit.show(min), unit.show(max));
        let ratio = match ours {
            Some(ours) if row.system != OURS && median != 0.0 => format!("{OURS} is {:.2} of it", ours / median),
            _ => String::new(),
        };
        println!("  {:22} {:>12} {spread:26} {:>7} jobs  {ratio}", row.system, unit.show(median), row.jobs);
    }
}
