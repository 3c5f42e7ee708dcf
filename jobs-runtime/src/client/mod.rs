//! The side that stores jobs, and the service layer that pages, commands and applications share.

use crate::storage::SharedStorage;

/// A connection to the database that holds the jobs. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    storage: SharedStorage,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("engine", &self.storage.engine()).finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn storage(&self) -> &SharedStorage {
        &self.storage
    }
}
