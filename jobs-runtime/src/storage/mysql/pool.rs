//! A few connections that are used again. One comes back only after the server has answered everything, outside of any
//! transaction; every other is closed, so that nothing of it can reach a later call.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, Connection as _, MySqlConnection, mysql::MySqlConnectOptions};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::driver::{GREETING, commands, late};
use crate::wake::within;

/// How long opening a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long closing one may take.
const CLOSE: Duration = Duration::from_secs(1);
/// A connection that nobody has used for so long is asked whether it lives.
const IDLE: Duration = Duration::from_millis(100);
/// An older one is not used again: the server's name may lead elsewhere by now.
const AGE: Duration = Duration::from_secs(30 * 60);

/// Opens a connection that is set up for the engine.
pub(super) async fn connect(options: &MySqlConnectOptions) -> sqlx::Result<MySqlConnection> {
    let connecting = async {
        let mut connection = options.connect().await?;
        commands(&mut connection, include_str!("sql/session.sql")).await?;
        Ok(connection)
    };
    within(CONNECT, connecting).await.unwrap_or_else(|| Err(late()))
}

/// Whether an idle connection still answers.
async fn is_alive(connection: &mut MySqlConnection) -> bool {
    matches!(within(GREETING, connection.ping()).await, Some(Ok(())))
}

/// Ends a connection in good order, if that is possible at once.
pub(super) async fn close(connection: MySqlConnection) {
    // It is of no use any more, whatever the server says.
    let _ = within(CLOSE, connection.close()).await;
}

#[derive(Debug)]
struct Idle {
    connection: MySqlConnection,
    opened: Instant,
    since: Instant,
}

#[derive(Debug)]
pub(super) struct Pool {
    options: MySqlConnectOptions,
    /// What is said on every new connection beside `session.sql`.
    commands: Option<&'static str>,
    room: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

/// A connection in use. Dropping it closes it.
pub(super) struct Taken<'p> {
    pub(super) connection: MySqlConnection,
    opened: Instant,
    pool: &'p Pool,
    _place: SemaphorePermit<'p>,
}

impl Pool {
    pub(super) fn new(options: MySqlConnectOptions, size: usize) -> Self {
        Self { options, commands: None, room: Semaphore::new(size), idle: Mutex::default() }
    }

    /// Says more on every new connection.
    pub(super) fn with(self, commands: &'static str) -> Self {
        Self { commands: Some(commands), ..self }
    }

    /// Takes a connection, an idle one or a new one. `tested` asks one that has been idle whether it lives. Waits no longer than
    /// for a connection that cannot be made.
    pub(super) async fn take(&self, tested: bool) -> sqlx::Result<Taken<'_>> {
        within(CONNECT + GREETING, self.take_at_leisure(tested)).await.unwrap_or_else(|| Err(late()))
    }

    async fn take_at_leisure(&self, tested: bool) -> sqlx::Result<Taken<'_>> {
        let place = self.room.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        while let Some(Idle { mut connection, opened, since }) = self.pop() {
            if opened.elapsed() > AGE {
                close(connection).await;
            } else if !tested || since.elapsed() < IDLE || is_alive(&mut connection).await {
                return Ok(Taken { connection, opened, pool: self, _place: place });
            } else {
                self.forget();
            }
        }
        let mut connection = connect(&self.options).await?;
        if let Some(more) = self.commands {
            within(GREETING, commands(&mut connection, more)).await.unwrap_or_else(|| Err(late()))?;
        }
        Ok(Taken { connection, opened: Instant::now(), pool: self, _place: place })
    }

    /// Lets go of the idle connections, after one of them was found dead.
    pub(super) fn forget(&self) {
        self.locked().clear();
    }

    /// Closes the idle connections.
    pub(super) async fn close(&self) {
        while let Some(idle) = self.pop() {
            close(idle.connection).await;
        }
    }

    fn pop(&self) -> Option<Idle> {
        self.locked().pop()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken<'_> {
    /// Gives the connection back.
    pub(super) fn give_back(self) {
        let Self { connection, opened, pool, _place } = self;
        pool.locked().push(Idle { connection, opened, since: Instant::now() });
    }
}
