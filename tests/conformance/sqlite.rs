//! A SQLite file for each test of the storage suite.

use jobs_runtime::{
    Result, ServerId,
    storage::{
        self, Settings, SharedStorage, Tx,
        conformance::{Ending, Fixture, Work},
    },
};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use super::refused;

/// A SQLite file in a folder of its own.
pub(crate) struct SqliteFile {
    folder: TempDir,
}

impl SqliteFile {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder can be made where the system keeps temporary files") }
    }

    /// Where the file is.
    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("jobs.db").display())
    }

    /// A connection of the application's own.
    async fn connect(&self) -> Result<SqliteConnection> {
        SqliteConnection::connect(&self.url()).await.map_err(refused)
    }
}

impl Fixture for SqliteFile {
    async fn open(&self, settings: Settings) -> Result<SharedStorage> {
        storage::open(&self.url(), settings).await
    }

    async fn within<T: Send>(
        &self,
        ending: Ending,
        work: impl for<'t> FnOnce(&'t mut dyn Tx) -> Work<'t, T> + Send,
    ) -> Result<T> {
        let mut connection = self.connect().await?;
        let mut transaction = connection.begin().await.map_err(refused)?;
        let answer = work(&mut transaction).await?;
        match ending {
            Ending::Commit => transaction.commit().await.map_err(refused)?,
            Ending::Rollback => transaction.rollback().await.map_err(refused)?,
        }
        Ok(answer)
    }

    async fn refuse(&self) -> Result<()> {
        let mut connection = self.connect().await?;
        sqlx::raw_sql(include_str!("sqlite_refuse.sql")).execute(&mut connection).await.map_err(refused)?;
        Ok(())
    }

    async fn erase_server(&self, server: ServerId) -> Result<()> {
        let mut connection = self.connect().await?;
        sqlx::query(include_str!("sqlite_server_erase.sql"))
            .bind(server.as_bytes().as_slice())
            .execute(&mut connection)
            .await
            .map_err(refused)?;
        Ok(())
    }
}
