//! What running handlers tell of themselves: kept until written, the latest progress of a job replacing the one before.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};

use crate::{
    error::Result,
    server::{
        live::Key,
        outage::{Outage, driven, error_chain},
        shared::Shared,
    },
    storage::{Note, NoteKind},
};

/// The pause between two writes.
const PAUSE: Duration = Duration::from_millis(500);
/// How many lines of one job are kept until the next write; further ones are counted.
const MOST_LINES: usize = 200;

/// Notes that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pending: Mutex<BTreeMap<Key, Pending>>,
    arrived: Notify,
    /// Jobs that their handlers end in transactions of their own, which keep them locked: their notes wait for the finish that follows.
    ending: Mutex<BTreeSet<Key>>,
    /// Those that are being written now.
    on_their_way: Mutex<Vec<Note>>,
    /// Held while notes are written, so that a job's finish waits for its notes.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug, Default)]
struct Pending {
    attempt: u16,
    progress: Option<(f64, String)>,
    lines: Vec<String>,
    left_out: u64,
}

impl Pending {
    fn into_notes(self, (job, fence): Key) -> impl Iterator<Item = Note> {
        let attempt = self.attempt;
        let left_out = (self.left_out > 0).then(|| {
            format!("{} more lines were left out, because they came faster than they are stored", self.left_out)
        });
        let lines = self.lines.into_iter().chain(left_out).map(NoteKind::Log);
        let progress = self.progress.map(|(fraction, text)| NoteKind::Progress(fraction, text));
        lines.chain(progress).map(move |what| Note { job, fence, attempt, what })
    }
}

impl Notes {
    fn pending(&self) -> MutexGuard<'_, BTreeMap<Key, Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a note until the next write.
    pub(crate) fn push(&self, note: Note) {
        add(&mut self.pending(), note);
        self.arrived.notify_one();
    }

    /// What a job has told and what may not be stored yet. It stays here: where the job's handler stores it in a transaction that
    /// is rolled back, it is still to be written; where that is committed, the job takes no notes any more.
    pub(crate) fn told(&self, key: Key) -> Vec<Note> {
        let on_their_way = self.on_their_way.lock().unwrap_or_else(PoisonError::into_inner);
        let own = |note: &&Note| (note.job, note.fence) == key;
        let mut told: Vec<Note> = on_their_way.iter().filter(own).cloned().collect();
        drop(on_their_way);
        told.extend(self.pending().get(&key).cloned().into_iter().flat_map(|pending| pending.into_notes(key)));
        told
    }

    /// From now on the job may be locked by a transaction of its handler's.
    pub(crate) fn ends(&self, key: Key) {
        self.ending().insert(key);
    }

    fn ending(&self) -> MutexGuard<'_, BTreeSet<Key>> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops the notes of a job that the server holds no longer.
    pub(crate) fn forget(&self, key: Key) {
        self.ending().remove(&key);
        self.pending().remove(&key);
    }

    fn take(&self, keys: &[Key]) -> Vec<Note> {
        let mut ending = self.ending();
        if !ending.is_empty() {
            ending.retain(|key| !keys.contains(key));
        }
        drop(ending);
        let mut pending = self.pending();
        if pending.is_empty() {
            return Vec::new();
        }
        keys.iter().filter_map(|key| Some(pending.remove(key)?.into_notes(*key))).flatten().collect()
    }

    fn take_all(&self) -> Vec<Note> {
        let ending = self.ending();
        let mut pending = self.pending();
        let (waiting, free): (BTreeMap<Key, Pending>, BTreeMap<Key, Pending>) =
            mem::take(&mut *pending).into_iter().partition(|(key, _)| ending.contains(key));
        *pending = waiting;
        free.into_iter().flat_map(|(key, pending)| pending.into_notes(key)).collect()
    }

    /// Keeps what could not be written; what came since is newer.
    fn put_back(&self, notes: Vec<Note>) {
        let mut pending = self.pending();
        let newer = mem::take(&mut *pending);
        for note in notes {
            add(&mut pending, note);
        }
        for note in newer.into_iter().flat_map(|(key, of_job)| of_job.into_notes(key)) {
            add(&mut pending, note);
        }
        drop(pending);
        self.arrived.notify_one();
    }
}

fn add(pending: &mut BTreeMap<Key, Pending>, note: Note) {
    let of_job = pending.entry((note.job, note.fence)).or_default();
    of_job.attempt = note.attempt;
    match note.what {
        NoteKind::Progress(fraction, text) => of_job.progress = Some((fraction, text)),
        NoteKind::Log(line) if of_job.lines.len() < MOST_LINES => of_job.lines.push(line),
        NoteKind::Log(_) => of_job.left_out += 1,
    }
}

/// Writes the notes of these jobs, which are about to be finished.
///
/// # Errors
/// A transient error of the storage; the notes are kept then.
pub(crate) async fn write_before_finish(shared: &Shared, keys: &[Key]) -> Result<()> {
    let _writing = shared.notes.writing.lock().await;
    let notes = shared.notes.take(keys);
    write(shared, notes).await
}

/// Writes what handlers tell, twice a second at most, until the task is dropped.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut outage = Outage::new("store the progress of jobs");
    loop {
        shared.notes.arrived.notified().await;
        let writing = shared.notes.writing.lock().await;
        let answer = write(&shared, shared.notes.take_all()).await;
        drop(writing);
        match answer {
            Ok(()) => {
                outage.recovered();
                sleep(PAUSE).await;
            }
            Err(error) => {
                sleep(outage.failed(&error)).await;
            }
        }
    }
}

async fn write(shared: &Shared, notes: Vec<Note>) -> Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    let (storage, server, copy) = (shared.storage().clone(), shared.id, notes.clone());
    let on_their_way = || shared.notes.on_their_way.lock().unwrap_or_else(PoisonError::into_inner);
    on_their_way().clone_from(&notes);
    let answer = driven("store the progress of jobs", async move { storage.note(server, copy).await }).await;
    on_their_way().clear();
    match answer {
        Ok(()) => Ok(()),
        Err(error) if error.is_transient() => {
            shared.notes.put_back(notes);
            Err(error)
        }
        Err(error) => {
            tracing::warn!(error = %error_chain(&error), notes = notes.len(), "the progress and the log lines of some jobs could not be stored");
            Ok(())
        }
    }
}
