//! What a handler sees of its job.

use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{
    Fence, JobId,
    client::Client,
    storage::{Note, NoteKind},
};

/// The job that runs: its facts, its cancellation, its progress and its log.
///
/// Cheap to clone; a handler takes it as `ctx: &JobContext`.
#[derive(Clone, Debug)]
pub struct JobContext {
    inner: Arc<Inner>,
}

/// What the executor knows of a run.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) id: JobId,
    pub(crate) kind: Arc<str>,
    pub(crate) queue: Arc<str>,
    pub(crate) attempt: u16,
    pub(crate) max_attempts: u16,
    pub(crate) fence: Fence,
    pub(crate) meta: BTreeMap<String, String>,
    pub(crate) tags: Vec<String>,
    pub(crate) occurrence: Option<Timestamp>,
    pub(crate) cancel: CancellationToken,
    pub(crate) fatal: AtomicBool,
    pub(crate) notes: tokio::sync::mpsc::UnboundedSender<Note>,
    pub(crate) states: States,
    pub(crate) client: Client,
}

/// The values that handlers borrow as `#[state]`, one a type.
#[derive(Clone, Debug, Default)]
pub(crate) struct States(Arc<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl States {
    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.get(&TypeId::of::<T>()).cloned().and_then(|value| value.downcast().ok())
    }

    pub(crate) fn has(&self, id: TypeId) -> bool {
        self.0.contains_key(&id)
    }

    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        Arc::make_mut(&mut self.0).insert(TypeId::of::<T>(), Arc::new(value));
    }
}

impl JobContext {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The job.
    pub fn id(&self) -> JobId {
        self.inner.id
    }

    /// The number of this attempt, from 1.
    pub fn attempt(&self) -> u16 {
        self.inner.attempt
    }

    /// Says that the error which this attempt is about to return must not be retried.
    pub fn fatal(&self) {
        self.inner.fatal.store(true, Ordering::Relaxed);
    }

    /// Stores how far the job is, from 0 to 1, and in words.
    pub fn progress(&self, fraction: f64, text: impl Into<String>) {
        self.note(NoteKind::Progress(fraction.clamp(0.0, 1.0), text.into()));
    }

    fn note(&self, what: NoteKind) {
        let Inner { id, fence, attempt, .. } = *self.inner;
        // The receiver is gone only when the server is; the note has no reader then.
        let _ = self.inner.notes.send(Note { job: id, fence, attempt, what });
    }
}
