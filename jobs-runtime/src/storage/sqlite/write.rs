//! One transaction in the making: its connection, its time, and what is to happen once it is committed.

use std::sync::{Arc, PoisonError, RwLock};

use sqlx::SqliteConnection;

use super::{
    error::Res,
    names::{self, Names, Noun},
    stat::Stats,
};
use crate::{
    JobId,
    storage::{Retention, Revocation, Settings},
    wake::Hub,
};

/// What all connections of one engine share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) names: RwLock<Names>,
    pub(super) hub: Hub,
    pub(super) settings: Settings,
}

impl Shared {
    pub(super) fn new(settings: Settings) -> Self {
        Self { names: RwLock::default(), hub: Hub::default(), settings }
    }

    /// The database's clock. SQLite runs inside the processes that use it, all on one host: its clock is the host's.
    pub(super) fn now(&self) -> i64 {
        jiff::Timestamp::now().as_microsecond() + self.settings.clock_offset.micros()
    }

    pub(super) fn number(&self, noun: Noun, name: &str) -> Option<i64> {
        self.names.read().unwrap_or_else(PoisonError::into_inner).number(noun, name)
    }

    fn name(&self, noun: Noun, number: i64) -> Option<Arc<str>> {
        self.names.read().unwrap_or_else(PoisonError::into_inner).name(noun, number)
    }

    pub(super) fn learn(&self, names: Names) {
        self.names.write().unwrap_or_else(PoisonError::into_inner).merge(names);
    }
}

/// What the rest of the process hears after the commit.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) work: bool,
    pub(super) ended: bool,
    pub(super) revoked: Vec<(JobId, Revocation)>,
}

impl Effects {
    pub(super) fn announce(self, hub: &Hub) {
        for (job, why) in self.revoked {
            hub.job_revoked(job, why);
        }
        if self.ended {
            hub.jobs_ended();
        }
        if self.work {
            hub.work_arrived();
        }
    }
}

/// One transaction in the making.
pub(super) struct Write<'c> {
    pub(super) connection: &'c mut SqliteConnection,
    pub(super) shared: &'c Shared,
    /// The time that everything in the transaction happens at.
    pub(super) now: i64,
    /// Whether inserts look for known jobs first.
    pub(super) careful: bool,
    /// Whether the transaction is the caller's: it may belong to another file, where the same names have other numbers.
    foreign: bool,
    pub(super) stats: Stats,
    pub(super) effects: Effects,
    names: Names,
}

impl<'c> Write<'c> {
    pub(super) fn new(connection: &'c mut SqliteConnection, shared: &'c Shared, careful: bool) -> Self {
        Self {
            connection,
            shared,
            now: shared.now(),
            careful,
            foreign: false,
            stats: Stats::default(),
            effects: Effects::default(),
            names: Names::default(),
        }
    }

    /// A write inside a transaction of the caller's.
    pub(super) fn within(connection: &'c mut SqliteConnection, shared: &'c Shared) -> Self {
        Self { foreign: true, ..Self::new(connection, shared, true) }
    }

    fn shared_number(&self, noun: Noun, name: &str) -> Option<i64> {
        if self.foreign { None } else { self.shared.number(noun, name) }
    }

    pub(super) fn retention(&self) -> Retention {
        self.shared.settings.retention
    }

    /// The number of a name that has a row already.
    pub(super) async fn known_number(&mut self, noun: Noun, name: &str) -> Res<Option<i64>> {
        if let Some(number) = self.shared_number(noun, name).or_else(|| self.names.number(noun, name)) {
            return Ok(Some(number));
        }
        let number = names::find(self.connection, noun, name).await?;
        if let Some(number) = number {
            self.names.add(noun, number, Arc::from(name));
        }
        Ok(number)
    }

    /// The number of a name, which gets a row if it has none.
    pub(super) async fn number(&mut self, noun: Noun, name: &str) -> Res<i64> {
        if let Some(number) = self.known_number(noun, name).await? {
            return Ok(number);
        }
        names::insert(self.connection, noun, name).await?;
        Ok(self.known_number(noun, name).await?.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// The name behind a number that stands in a row.
    pub(super) async fn name(&mut self, noun: Noun, number: i64) -> Res<Arc<str>> {
        if let Some(name) = self.shared.name(noun, number).or_else(|| self.names.name(noun, number)) {
            return Ok(name);
        }
        names::load(self.connection, noun, &mut self.names).await?;
        Ok(self.names.name(noun, number).ok_or(sqlx::Error::RowNotFound)?)
    }

    /// Writes what was gathered; the transaction is then ready to be committed.
    pub(super) async fn seal(self) -> Res<(Effects, Names)> {
        self.stats.store(self.connection, self.now).await?;
        Ok((self.effects, self.names))
    }
}
