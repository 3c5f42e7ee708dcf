//! The application's own transactions: whether they belong to this database, and which may still be open.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{Executor as _, PgConnection, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::{error::own, transact::Core};
use crate::{
    JobId,
    error::{Error, Result},
    storage::sql::connection::Connection,
};

/// A transaction that is open for longer is taken to have been rolled back.
const FORGET_AFTER: Duration = Duration::from_secs(30);

/// Of more than so many the oldest are forgotten: other processes then find their jobs by looking.
const MOST_OPEN: usize = 256;

const WHAT: &str = "using the caller's transaction";

/// What tells a database from every other, copies of it included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instance {
    id: Uuid,
    database: i64,
}

impl Instance {
    fn read(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self { id: row.try_get_unchecked(0)?, database: row.try_get_unchecked(1)? })
    }

    /// Of the database that this connection of the engine's belongs to.
    pub(super) async fn of(connection: &mut PgConnection, core: &Core) -> Result<Self> {
        let row = connection.fetch_one(sqlx::raw_sql(core.own.instance.str())).await;
        row.and_then(|row| Self::read(&row)).map_err(|error| own(error, "reading which database this is"))
    }

    /// Checks that the application's transaction belongs to this database. If not, it goes on without a trace of this.
    pub(super) async fn check(self, connection: &mut PgConnection, core: &Core) -> Result<()> {
        let asked = connection.fetch_one(sqlx::raw_sql(core.own.instance_within.str())).await;
        let error = match asked.and_then(|row| Self::read(&row)) {
            Ok(instance) if instance == self => return Ok(()),
            Ok(_) => return Err(Error::config(elsewhere(core))),
            Err(error) => error,
        };
        let state = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        match state.as_deref() {
            Some("25P02") => return Err(own(error, WHAT)),
            Some(_) => {
                connection.command("ROLLBACK TO SAVEPOINT jobs_enter").await.map_err(|error| own(error, WHAT))?
            }
            None => {}
        }
        match state.as_deref() {
            Some("42P01" | "3F000" | "42501") => {
                Err(Error::Schema(format!("{}; the transaction's connection says: {error}", elsewhere(core))))
            }
            _ => Err(own(error, WHAT)),
        }
    }
}

fn elsewhere(core: &Core) -> String {
    format!(
        "the transaction does not belong to {} with the schema `{}`, to which the client is connected; `.within` needs the client \
         to be connected to the database that the transaction belongs to",
        core.address.place(),
        core.address.schema()
    )
}

/// Jobs that were stored in transactions which may still be open.
#[derive(Debug, Default)]
pub(super) struct OpenTransactions(Mutex<VecDeque<(JobId, Instant)>>);

impl OpenTransactions {
    pub(super) fn add(&self, id: JobId) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while open.len() >= MOST_OPEN || open.front().is_some_and(|(_, since)| since.elapsed() >= FORGET_AFTER) {
            open.pop_front();
        }
        open.push_back((id, Instant::now()));
    }

    /// The job was seen by another connection. Returns whether this is the first that is known of its transaction's commit.
    pub(super) fn seen(&self, id: JobId) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = open.len();
        open.retain(|(known, _)| *known != id);
        open.len() < before
    }
}
