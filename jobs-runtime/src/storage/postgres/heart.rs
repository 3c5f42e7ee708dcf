//! The heart's own connection, on the runtime that beats.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::PgConnection;

use super::{
    error::{is_lost, own},
    pool::{self, WAIT},
    transact::{Core, begin, roll_back},
};
use crate::{
    error::{Error, Result},
    storage::{
        Beat, Heart,
        sql::{connection::Connection, servers},
    },
    wake,
};

const WHAT: &str = "renewing the server's lease";

/// A connection for beats, made anew when it is lost. It may be dropped at any time, in the middle of a beat too.
pub(super) struct PgHeart {
    core: Arc<Core>,
    connection: Option<PgConnection>,
}

impl PgHeart {
    pub(super) async fn open(core: Arc<Core>) -> Result<Self> {
        let connection = pool::connect(&core.address.to_write(), "opening a connection for the server's lease").await?;
        Ok(Self { core, connection: Some(connection) })
    }

    async fn beat_once(&self, connection: &mut PgConnection, beat: &Beat) -> sqlx::Result<Timestamp> {
        if !self.core.address.pooled {
            return servers::beat(connection, &self.core.shared, beat).await;
        }
        begin(connection, true).await?;
        let beaten = servers::beat(connection, &self.core.shared, beat).await;
        if beaten.is_ok() {
            connection.command("COMMIT").await?;
        } else {
            roll_back(connection).await;
        }
        beaten
    }
}

#[async_trait]
impl Heart for PgHeart {
    async fn beat(&mut self, beat: &Beat) -> Result<Timestamp> {
        let mut used = self.connection.take();
        loop {
            let again = used.is_some();
            let mut connection = match used.take() {
                Some(connection) => connection,
                None => pool::connect(&self.core.address.to_write(), WHAT).await?,
            };
            match wake::within(WAIT, self.beat_once(&mut connection, beat)).await {
                Some(Ok(at)) => {
                    self.connection = Some(connection);
                    return Ok(at);
                }
                Some(Err(error)) if is_lost(&error) && again => {}
                Some(Err(error)) => return Err(own(error, WHAT)),
                None => {
                    let source = format!("the server has not answered for {} seconds", WAIT.as_secs()).into();
                    return Err(Error::Unavailable { what: WHAT.to_owned(), source });
                }
            }
        }
    }
}
