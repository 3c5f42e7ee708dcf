//! Hearing of other processes' commits: the write-ahead log beside the file grows with each.

use std::path::{Path, PathBuf};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::writer::Writer;

/// Watches until it is dropped.
pub(super) struct Watch {
    _watcher: RecommendedWatcher,
}

/// Starts watching; where the system cannot, the poll has to do.
pub(super) fn watch(path: &Path, writer: Writer) -> Option<Watch> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut log = path.file_name()?.to_owned();
    log.push("-wal");
    match start(folder, PathBuf::from(log), writer) {
        Ok(watcher) => Some(Watch { _watcher: watcher }),
        Err(error) => {
            tracing::warn!(%error, folder = %folder.display(), "cannot watch the database's folder; jobs of other processes start at the next poll");
            None
        }
    }
}

fn start(folder: &Path, log: PathBuf, writer: Writer) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let touched = event.is_ok_and(|event| {
            !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| path.ends_with(&log))
        });
        if touched {
            writer.look();
        }
    })?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}
