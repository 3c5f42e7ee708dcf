//! What the client needs to know of a job type, worked out once a type.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{Job, Result, codec, job::Descriptor, stored::ArgsFormat};

/// A job type's descriptor with what follows from it.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) descriptor: &'static Descriptor,
    pub(super) name: Arc<str>,
    pub(super) queue: Arc<str>,
    format: ArgsFormat,
}

static KINDS: RwLock<Option<HashMap<TypeId, Arc<Kind>>>> = RwLock::new(None);

impl Kind {
    /// What is known of `J`.
    pub(super) fn of<J: Job>() -> Arc<Self> {
        let id = TypeId::of::<J>();
        if let Some(kind) =
            KINDS.read().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|kinds| kinds.get(&id))
        {
            return Arc::clone(kind);
        }
        let kind = Arc::new(Self::new(J::DESCRIPTOR, ArgsFormat::of::<J>()));
        let mut kinds = KINDS.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kinds.get_or_insert_default().entry(id).or_insert(kind))
    }

    fn new(descriptor: &'static Descriptor, format: ArgsFormat) -> Self {
        Self { descriptor, name: Arc::from(descriptor.kind), queue: Arc::from(descriptor.options.queue), format }
    }

    /// The payload of a job of this kind, of at most `limit` bytes.
    pub(super) fn payload<J: Job>(&self, job: &J, limit: usize) -> Result<Vec<u8>> {
        let payload = self.format.encode(job)?;
        if payload.len() > limit {
            codec::check_size(&payload, limit, &format!("the payload of a `{}` job", self.name))?;
        }
        Ok(payload)
    }
}
