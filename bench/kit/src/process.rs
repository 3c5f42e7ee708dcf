//! What processes use, as Linux tells it.

use std::fs;

use anyhow::{Context, Result};

/// How long one tick of the kernel's accounts is, in seconds: `USER_HZ` is 100 on every platform of Linux that we know of.
const TICK: f64 = 0.01;

/// The processor time of this process so far, in seconds.
///
/// # Errors
/// The system has no `/proc`.
pub fn cpu_seconds() -> Result<f64> {
    Ok(stat("self")?.cpu)
}

/// The processor time of a process and of all below it, living or waited for, in seconds.
///
/// # Errors
/// The process is gone, or the system has no `/proc`.
pub fn cpu_of_tree(root: u32) -> Result<f64> {
    let mut stats = Vec::new();
    for entry in fs::read_dir("/proc").context("only Linux tells what processes use this way")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // One that ends meanwhile is counted by its parent.
        if let Ok(stat) = stat(&pid.to_string()) {
            stats.push((pid, stat));
        }
    }
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(parent) = tree.get(next).copied() {
        tree.extend(stats.iter().filter(|(_, stat)| stat.parent == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    let of_tree = stats.iter().filter(|(pid, _)| tree.contains(pid));
    Ok(of_tree.map(|(_, stat)| stat.cpu + stat.children).sum())
}

/// The resident memory of this process, in KiB.
///
/// # Errors
/// The system has no `/proc`.
pub fn resident_kib() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("only Linux tells a process its memory this way")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS in /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}

struct Stat {
    parent: u32,
    cpu: f64,
    children: f64,
}

fn stat(process: &str) -> Result<Stat> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).context("no such process")?;
    // The name, in brackets, may hold anything.
    let fields: Vec<_> = text.rsplit_once(')').context("an unknown form of stat")?.1.split_whitespace().collect();
    let field = |index: usize| fields.get(index).context("an unknown form of stat");
    let ticks = |index: usize| -> Result<f64> { Ok(field(index)?.parse::<f64>()? * TICK) };
    Ok(Stat { parent: field(1)?.parse()?, cpu: ticks(11)? + ticks(12)?, children: ticks(13)? + ticks(14)? })
}
