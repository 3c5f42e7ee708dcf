//! Hearing of other processes' commits, and letting them hear of ours: by changes of the write-ahead log beside the file.
//!
//! That the log grows says too little: it does so before the commit is safe on the disk, and others see the commit only after
//! that, so that who looks when the log grows looks too early. So the writer of a commit sets the log's time of change when others
//! can see it. That alone is listened to, where the system tells it from a write: the log also grows with each server's beats, of which
//! nobody needs to hear.

use std::{
    fs::{File, FileTimes},
    path::{Path, PathBuf},
    time::SystemTime,
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher, event::ModifyKind};

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
    let now = SystemTime::now();
    // Both times: Linux takes a change of the one alone for a write.
    let times = FileTimes::new().set_accessed(now).set_modified(now);
    let told = File::options().append(true).open(log).and_then(|log| log.set_times(times));
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
            !matches!(event.kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Data(_)))
                && event.paths.iter().any(|path| path.ends_with(&log))
        });
        if touched {
            writer.look();
        }
    })?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use crate::{
        ServerId,
        storage::{Beat, PauseTarget, ServerInfo, Settings, SharedStorage, open},
    };

    fn beat() -> Beat {
        let info = ServerInfo {
            name: String::new(),
            version: String::new(),
            queues: Vec::new(),
            workers: 1,
            running: 0,
            lost: 0,
            stopping: false,
        };
        Beat {
            server: ServerId::new(),
            lease: Duration::from_secs(60),
            info,
            kinds: Default::default(),
            recurring: Default::default(),
        }
    }

    #[tokio::test]
    async fn other_processes_are_heard_when_they_store_jobs_and_not_when_they_beat() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("jobs.db").display());
        let storage = async || open(&url, Settings::default()).await.expect("a new file");
        let (hearing, other): (SharedStorage, SharedStorage) = (storage().await, storage().await);
        let mut work = hearing.hub().on_work();
        let before = *work.borrow_and_update();
        let mut heart = other.heart().await.expect("a connection");
        for _ in 0..20 {
            heart.beat(&beat()).await.expect("the file is there");
            // Its own writes go another way than the beats.
            hearing.clean(1).await.expect("the file is there");
        }
        other.pause(PauseTarget::Queue("mail".into()), String::new(), None).await.expect("it is there");
        timeout(Duration::from_secs(60), work.changed()).await.expect("it is heard").expect("the hub lives");
        assert_eq!(*work.borrow() - before, 1, "no beat was taken for work");
    }
}
