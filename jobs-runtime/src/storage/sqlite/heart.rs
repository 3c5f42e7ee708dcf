//! The heart's own connection.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::error::own;
use crate::{
    error::Result,
    storage::{
        Beat, Heart,
        sql::{servers, write::Shared},
    },
};

/// A connection for beats.
pub(super) struct SqliteHeart {
    pub(super) connection: SqliteConnection,
    pub(super) shared: Arc<Shared>,
}

#[async_trait]
impl Heart for SqliteHeart {
    async fn beat(&mut self, beat: &Beat) -> Result<Timestamp> {
        let beaten = servers::beat(&mut self.connection, &self.shared, beat).await;
        beaten.map_err(|error| own(error, "renewing the server's lease"))
    }
}
