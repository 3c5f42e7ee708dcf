//! What the client needs to know of a job type, worked out once a type.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use crate::{
    Error, Job, Result,
    codec::{self, Codec, Header},
    job::{Descriptor, Layout},
};

/// A job type's descriptor with what follows from it.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) descriptor: &'static Descriptor,
    pub(super) name: Arc<str>,
    pub(super) queue: Arc<str>,
    /// What errors call the args.
    what: String,
    args: Layout,
    output: OnceLock<Layout>,
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
        // Traced outside the lock: a type's own code runs in it.
        let kind = Arc::new(Self::trace(J::DESCRIPTOR));
        let mut kinds = KINDS.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kinds.get_or_insert_default().entry(id).or_insert(kind))
    }

    fn trace(descriptor: &'static Descriptor) -> Self {
        Self {
            descriptor,
            name: Arc::from(descriptor.kind),
            queue: Arc::from(descriptor.options.queue),
            what: format!("the args of `{}`", descriptor.kind),
            args: (descriptor.args_layout)(),
            output: OnceLock::new(),
        }
    }

    /// The payload of a job of this kind.
    pub(super) fn payload<J: Job>(&self, job: &J, limit: usize) -> Result<Vec<u8>> {
        let Descriptor { codec, version, .. } = *self.descriptor;
        if let (Codec::Bincode, Some(why)) = (codec, &self.args.unreadable) {
            return Err(Error::config(format!(
                "the args of `{}` could be stored but not read back: {why}; write `#[job(codec = \"json\")]`",
                self.name
            )));
        }
        let header = Header { codec, version, fingerprint: self.args.fingerprint };
        let payload = codec::encode(job, header, &self.what)?;
        if payload.len() > limit {
            let what = format!("the payload of a `{}` job", self.name);
            return Err(Error::TooLarge { what, size: payload.len(), limit });
        }
        Ok(payload)
    }

    /// The layout of what the handler returns.
    pub(super) fn output(&self) -> &Layout {
        self.output.get_or_init(|| (self.descriptor.output_layout)())
    }
}
