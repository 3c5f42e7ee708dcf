//! Leases: the heart's own connection, and the list of servers.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::{
    Engine,
    claim::name_list,
    error::{Res, own},
    record::server_of,
    text::{from_json, instant, micros},
    write::{Shared, Write},
};
use crate::{
    ServerId,
    error::Result,
    storage::{Beat, Heart, ServerRecord},
};

/// A connection for beats.
pub(super) struct SqliteHeart {
    connection: SqliteConnection,
    shared: std::sync::Arc<Shared>,
}

impl SqliteHeart {
    pub(super) async fn open(engine: &Engine) -> Result<Self> {
        Ok(Self { connection: engine.connect().await?, shared: std::sync::Arc::clone(&engine.shared) })
    }
}

#[async_trait]
impl Heart for SqliteHeart {
    async fn beat(&mut self, beat: &Beat) -> Result<Timestamp> {
        let now = self.shared.now();
        let kinds = serde_json::Value::from_iter(beat.kinds.iter().map(|kind| kind.to_string()));
        sqlx::query(include_str!("sql/server_beat.sql"))
            .bind(beat.server.as_bytes().to_vec())
            .bind(now)
            .bind(now.saturating_add(micros(beat.lease)))
            .bind(serde_json::json!(beat.info).to_string())
            .bind(kinds.to_string())
            .execute(&mut self.connection)
            .await
            .map_err(|error| own(error, "renewing the server's lease"))?;
        Ok(instant(now))
    }
}

pub(super) async fn retire(write: &mut Write<'_>, server: ServerId) -> Res<()> {
    for statement in [include_str!("sql/server_end_lease.sql"), include_str!("sql/server_remove.sql")] {
        sqlx::query(statement).bind(server.as_bytes().to_vec()).execute(&mut *write.connection).await?;
    }
    Ok(())
}

pub(super) async fn sweep(write: &mut Write<'_>) -> Res<u64> {
    let done =
        sqlx::query(include_str!("sql/server_sweep.sql")).bind(write.now).execute(&mut *write.connection).await?;
    Ok(done.rows_affected())
}

pub(super) async fn list(connection: &mut SqliteConnection, now: i64) -> sqlx::Result<Vec<ServerRecord>> {
    let rows = sqlx::query(include_str!("sql/server_list.sql")).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let lease_until: i64 = row.try_get(3)?;
            Ok(ServerRecord {
                id: server_of(row.try_get(0)?)?,
                started_at: instant(row.try_get(1)?),
                beat_at: instant(row.try_get(2)?),
                lease_until: instant(lease_until),
                info: from_json(row.try_get(4)?)?,
                kinds: name_list(row.try_get(5)?)?,
                alive: lease_until > now,
            })
        })
        .collect()
}
