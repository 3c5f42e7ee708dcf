//! Connections that are used by one call after another. Why not the driver's pool: it hides why no connection could be made, and
//! a connection that was lost cannot be told from one that was never there.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    error::{Error, Result},
    wake,
};

use super::error::own;

/// How long a call waits for a connection.
pub(super) const WAIT: Duration = Duration::from_secs(5);
/// How long a connection may lie idle: firewalls forget them.
const IDLE: Duration = Duration::from_secs(10 * 60);
/// How long a connection lives: addresses change, and servers' sessions grow.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// Some connections of one sort.
pub(super) struct Pool {
    options: PgConnectOptions,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: PgConnection,
    born: Instant,
    since: Instant,
}

/// A connection that is in use. Unless it is given back it is closed.
pub(super) struct Held {
    pub(super) connection: PgConnection,
    /// Whether it was used before.
    pub(super) used: bool,
    born: Instant,
    pool: Arc<Pool>,
    _place: OwnedSemaphorePermit,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, size: usize) -> Arc<Self> {
        Arc::new(Self { options, places: Arc::new(Semaphore::new(size)), idle: Mutex::default() })
    }

    /// A connection, of the idle ones the one used last.
    ///
    /// # Errors
    /// What the server says; [`Error::Unavailable`] when none is free and none can be made in [`WAIT`].
    pub(super) async fn take(self: &Arc<Self>, what: &str) -> Result<Held> {
        match wake::within(WAIT, self.take_in_time()).await {
            Some(taken) => taken.map_err(|error| own(error, what)),
            None => Err(too_long(what)),
        }
    }

    async fn take_in_time(self: &Arc<Self>) -> sqlx::Result<Held> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let (connection, used, born) = match self.reuse() {
            Some(Idle { connection, born, .. }) => (connection, true, born),
            None => (self.options.connect().await?, false, Instant::now()),
        };
        Ok(Held { connection, used, born, pool: Arc::clone(self), _place: place })
    }

    fn reuse(&self) -> Option<Idle> {
        let mut idle = self.locked();
        idle.retain(|idle| idle.since.elapsed() < IDLE);
        idle.pop()
    }

    /// One was lost: the idle ones most likely are as well.
    pub(super) fn forget(&self) {
        self.locked().clear();
    }

    /// Closes the idle ones.
    pub(super) async fn close(&self) {
        let idle = std::mem::take(&mut *self.locked());
        for Idle { connection, .. } in idle {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "closing a connection");
            }
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Keeps the connection for the next call; it must be in no transaction.
    pub(super) fn give_back(self) {
        if self.born.elapsed() < LIFE {
            let idle = Idle { connection: self.connection, born: self.born, since: Instant::now() };
            self.pool.locked().push(idle);
        }
    }
}

/// Connects outside of any pool.
pub(super) async fn connect(options: &PgConnectOptions, what: &str) -> Result<PgConnection> {
    match wake::within(WAIT, options.connect()).await {
        Some(connected) => connected.map_err(|error| own(error, what)),
        None => Err(too_long(what)),
    }
}

fn too_long(what: &str) -> Error {
    Error::Unavailable {
        what: what.to_owned(),
        source: format!("no connection was free or could be made in {} seconds", WAIT.as_secs()).into(),
    }
}
