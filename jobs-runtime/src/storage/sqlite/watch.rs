//! Hearing of other processes' commits, and letting them hear of ours: by changes of the write-ahead log beside the file.
//!
//! That the log grows says too little: it does so before the commit is safe on the disk, and others see the commit only after
//! that, so that who looks when the log grows looks too early. So the writer of a commit sets the log's time of change when others
//! can see it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::SystemTime,
};

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
    match start(folder, PathBuf::from(log_of(path).file_name()?), writer) {
        Ok(watcher) => Some(Watch { _watcher: watcher }),
        Err(error) => {
            tracing::warn!(%error, folder = %folder.display(), "cannot watch the database's folder; jobs of other processes start at the next poll");
            None
        }
    }
}

/// Lets other processes hear of a commit that they can now see.
///
/// Opening and closing the log is safe: SQLite holds its locks on the other two files.
pub(super) fn tell(log: &Path) {
    let told = File::options().append(true).open(log).and_then(|log| log.set_modified(SystemTime::now()));
    if let Err(error) = told {
        tracing::debug!(%error, "other processes hear of a commit by their next poll only");
    }
}

/// The write-ahead log of a database.
pub(super) fn log_of(database: &Path) -> PathBuf {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    log.into()
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
