//! A database of a MySQL or MariaDB server for each test of the storage suite.

use jobs_runtime::{
    Result, ServerId,
    storage::{
        self, Settings, SharedStorage, Tx,
        conformance::{Ending, Fixture, Work},
    },
};
use sqlx::Connection;

use super::refused;
pub(crate) use database::Database;

#[path = "../mysql/database.rs"]
mod database;

impl Fixture for Database {
    async fn open(&self, settings: Settings) -> Result<SharedStorage> {
        storage::open(&self.url(), settings).await
    }

    async fn within<T: Send>(
        &self,
        ending: Ending,
        work: impl for<'t> FnOnce(&'t mut dyn Tx) -> Work<'t, T> + Send,
    ) -> Result<T> {
        let mut connection = self.connect().await.map_err(refused)?;
        let mut transaction = connection.begin().await.map_err(refused)?;
        let answer = work(&mut transaction).await?;
        match ending {
            Ending::Commit => transaction.commit().await.map_err(refused)?,
            Ending::Rollback => transaction.rollback().await.map_err(refused)?,
        }
        Ok(answer)
    }

    async fn refuse(&self) -> Result<()> {
        let mut connection = self.connect().await.map_err(refused)?;
        sqlx::raw_sql(include_str!("mysql_refuse.sql")).execute(&mut connection).await.map_err(refused)?;
        Ok(())
    }

    async fn erase_server(&self, server: ServerId) -> Result<()> {
        let mut connection = self.connect().await.map_err(refused)?;
        sqlx::query(include_str!("mysql_server_erase.sql"))
            .bind(server.as_bytes().as_slice())
            .execute(&mut connection)
            .await
            .map_err(refused)?;
        Ok(())
    }
}
