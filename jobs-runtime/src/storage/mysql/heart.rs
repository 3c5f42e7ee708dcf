//! The heart's own connection, on the runtime that beats.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{MySqlConnection, mysql::MySqlConnectOptions};

use super::{
    error::{is_conflict, is_lost, own},
    pool::connect,
};
use crate::{
    error::Result,
    storage::{
        Beat, Heart,
        sql::{servers, write::Shared},
    },
};

/// How often a beat is sent, with a new connection where the old was lost.
const TRIES: u32 = 3;

const WHAT: &str = "renewing the server's lease";

/// A connection for beats.
pub(super) struct MySqlHeart {
    connection: Option<MySqlConnection>,
    options: MySqlConnectOptions,
    shared: Arc<Shared>,
}

impl MySqlHeart {
    pub(super) async fn open(options: MySqlConnectOptions, shared: Arc<Shared>) -> Result<Self> {
        let connection = connect(&options).await.map_err(|error| own(error, WHAT))?;
        Ok(Self { connection: Some(connection), options, shared })
    }

    /// A beat that was carried out is carried out again without harm.
    async fn try_beat(&mut self, beat: &Beat) -> sqlx::Result<Timestamp> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.options).await?,
        };
        let beaten = servers::beat(&mut connection, &self.shared, beat).await;
        if !matches!(&beaten, Err(error) if is_lost(error)) {
            self.connection = Some(connection);
        }
        beaten
    }
}

#[async_trait]
impl Heart for MySqlHeart {
    async fn beat(&mut self, beat: &Beat) -> Result<Timestamp> {
        let mut tries = 1;
        loop {
            match self.try_beat(beat).await {
                Err(error) if tries < TRIES && (is_lost(&error) || is_conflict(&error)) => tries += 1,
                beaten => return beaten.map_err(|error| own(error, WHAT)),
            }
        }
    }
}
