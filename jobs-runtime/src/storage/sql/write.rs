//! One transaction in the making: its connection, its time, and what is to happen once it is committed.

#[cfg(any(feature = "postgres", feature = "mysql"))]
use std::time::Duration;
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use super::{
    connection::Connection,
    fail::Res,
    names::{self, Names, Noun},
    row::Row,
    stat::Stats,
    statement::{Sql, Statements},
    value::{Table, Value},
};
use crate::{
    JobId,
    storage::{
        Retention, Revocation, Settings,
        failpoint::{self, Failpoint},
    },
    wake::Hub,
};

/// What all connections of one engine share.
pub(crate) struct Shared {
    pub(crate) sql: Statements,
    pub(crate) hub: Hub,
    pub(crate) settings: Settings,
    names: RwLock<Names>,
}

impl Shared {
    pub(crate) fn new(settings: Settings, sql: Statements) -> Self {
        Self { sql, hub: Hub::default(), settings, names: RwLock::default() }
    }

    pub(crate) fn number(&self, noun: Noun, name: &str) -> Option<i64> {
        self.names.read().unwrap_or_else(PoisonError::into_inner).number(noun, name)
    }

    fn name(&self, noun: Noun, number: i64) -> Option<Arc<str>> {
        self.names.read().unwrap_or_else(PoisonError::into_inner).name(noun, number)
    }

    pub(crate) fn learn(&self, names: Names) {
        if !names.is_empty() {
            self.names.write().unwrap_or_else(PoisonError::into_inner).merge(names);
        }
    }
}

/// What the rest of the process, and other processes, hear of after the commit.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) work: bool,
    pub(crate) ended: bool,
    /// Upkeep has a step to take on a batch; other processes find it by their poll.
    pub(crate) steps: bool,
    pub(crate) revoked: Vec<(JobId, Revocation)>,
}

impl Effects {
    /// The transaction is committed, and nobody has heard of it.
    pub(crate) fn committed(&self) {
        if self.ended {
            failpoint::reached(Failpoint::Committed);
        }
    }

    pub(crate) fn announce(self, hub: &Hub) {
        for (job, why) in self.revoked {
            hub.job_revoked(job, why);
        }
        if self.ended {
            hub.jobs_ended();
        }
        if self.work {
            hub.work_arrived();
        }
        if self.steps {
            hub.steps_arrived();
        }
    }
}

/// A connection that only reads.
pub(crate) struct Read<'c> {
    pub(crate) connection: &'c mut dyn Connection,
    pub(crate) sql: &'c Statements,
    offset: i64,
    /// For those who look on: no statement is begun later.
    until: Option<Instant>,
}

impl<'c> Read<'c> {
    pub(crate) fn new(connection: &'c mut dyn Connection, shared: &'c Shared) -> Self {
        Self { connection, sql: &shared.sql, offset: shared.settings.clock_offset.micros(), until: None }
    }

    /// For those who look on: after a while no statement is begun, and the read ends with [`sqlx::Error::PoolTimedOut`].
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn limited(self, limit: Duration) -> Self {
        Self { until: Some(Instant::now() + limit), ..self }
    }

    /// The database's time.
    pub(crate) async fn now(&mut self) -> sqlx::Result<i64> {
        Ok(self.connection.clock().await? + self.offset)
    }

    /// What a statement that reads the clock itself adds to it.
    pub(super) fn shift(&self) -> i64 {
        self.connection.host_time() + self.offset
    }

    pub(crate) async fn rows(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Vec<Row>> {
        if self.until.is_some_and(|until| Instant::now() > until) {
            return Err(sqlx::Error::PoolTimedOut);
        }
        self.connection.rows(sql, args).await
    }

    pub(crate) async fn optional(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Option<Row>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    pub(crate) async fn one(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Row> {
        self.optional(sql, args).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

/// One transaction in the making.
pub(crate) struct Write<'c> {
    pub(super) connection: &'c mut dyn Connection,
    pub(super) shared: &'c Shared,
    pub(super) sql: &'c Statements,
    /// The time that everything in the transaction happens at.
    pub(super) now: i64,
    /// Whether inserts look for known jobs first.
    pub(super) careful: bool,
    /// Whether the transaction is the application's, which may see an older moment than the present.
    pub(super) borrowed: bool,
    /// Whether the transaction may belong to another database than the engine's, where the same names have other numbers.
    foreign: bool,
    pub(crate) stats: Stats,
    pub(super) effects: Effects,
    names: Names,
}

impl<'c> Write<'c> {
    /// `clock` is the database's time.
    pub(crate) fn new(connection: &'c mut dyn Connection, shared: &'c Shared, clock: i64) -> Self {
        Self {
            connection,
            shared,
            sql: &shared.sql,
            now: clock + shared.settings.clock_offset.micros(),
            careful: false,
            borrowed: false,
            foreign: false,
            stats: Stats::default(),
            effects: Effects::default(),
            names: Names::default(),
        }
    }

    pub(crate) fn careful(self, careful: bool) -> Self {
        Self { careful, ..self }
    }

    /// In a transaction of the application's.
    pub(crate) fn borrowed(self) -> Self {
        Self { borrowed: true, ..self }
    }

    /// In a transaction that may belong to another database.
    pub(crate) fn foreign(self, foreign: bool) -> Self {
        Self { foreign, ..self }
    }

    pub(super) fn retention(&self) -> Retention {
        self.shared.settings.retention
    }

    pub(super) async fn execute(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<u64> {
        self.connection.execute(sql, args).await
    }

    pub(super) async fn insert(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<i64> {
        self.connection.insert(sql, args).await
    }

    pub(crate) async fn rows(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Vec<Row>> {
        self.connection.rows(sql, args).await
    }

    pub(super) async fn optional(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Option<Row>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    pub(crate) async fn one(&mut self, sql: &Sql, args: Vec<Value>) -> sqlx::Result<Row> {
        self.optional(sql, args).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Executes a statement for all rows of the table, and nothing for none.
    pub(super) async fn bulk(&mut self, sql: &Sql, table: Table) -> sqlx::Result<u64> {
        if table.is_empty() { Ok(0) } else { self.connection.bulk(sql, table).await }
    }

    /// Executes a statement once for each row of the table; returns how many rows each has changed.
    #[cfg(feature = "sqlite")]
    pub(super) async fn each(&mut self, sql: &Sql, table: Table) -> sqlx::Result<Vec<u64>> {
        self.connection.each(sql, table).await
    }

    /// The same reads as outside a transaction.
    pub(super) fn read(&mut self) -> Read<'_> {
        Read::new(&mut *self.connection, self.shared)
    }

    fn shared_number(&self, noun: Noun, name: &str) -> Option<i64> {
        if self.foreign { None } else { self.shared.number(noun, name) }
    }

    /// The number of a name that has a row already.
    pub(super) async fn known_number(&mut self, noun: Noun, name: &str) -> Res<Option<i64>> {
        if let Some(number) = self.shared_number(noun, name).or_else(|| self.names.number(noun, name)) {
            return Ok(Some(number));
        }
        let number = names::find(self, noun, name).await?;
        if let Some(number) = number {
            self.names.add(noun, number, Arc::from(name));
        }
        Ok(number)
    }

    /// The number of a name, which gets a row if it has none.
    pub(crate) async fn number(&mut self, noun: Noun, name: &str) -> Res<i64> {
        if let Some(number) = self.known_number(noun, name).await? {
            return Ok(number);
        }
        names::insert(self, noun, name).await?;
        Ok(self.known_number(noun, name).await?.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// The name behind a number that stands in a row.
    pub(crate) async fn name(&mut self, noun: Noun, number: i64) -> Res<Arc<str>> {
        if let Some(name) = self.shared.name(noun, number).or_else(|| self.names.name(noun, number)) {
            return Ok(name);
        }
        let names = names::load(self, noun).await?;
        self.names.merge(names);
        Ok(self.names.name(noun, number).ok_or(sqlx::Error::RowNotFound)?)
    }

    /// Writes what was gathered; the transaction is then ready to be committed.
    pub(crate) async fn seal(mut self) -> Res<Sealed> {
        let stats = std::mem::take(&mut self.stats);
        stats.store(&mut self).await?;
        if self.effects.ended {
            failpoint::reached(Failpoint::Written);
        }
        Ok(Sealed { effects: self.effects, names: self.names })
    }
}

/// What a transaction leaves to be done after its commit.
pub(crate) struct Sealed {
    pub(crate) effects: Effects,
    pub(crate) names: Names,
}
