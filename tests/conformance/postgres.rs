//! A schema of a PostgreSQL database for each test of the storage suite.

use std::{env, thread};

use jobs_runtime::{
    Result, ServerId,
    storage::{
        self, Settings, SharedStorage, Tx,
        conformance::{Ending, Fixture, Work},
    },
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::refused;

/// Names a database in which the tests may make schemas.
const URL: &str = "JOBS_TEST_POSTGRES_URL";

/// A schema of its own, in the database that [`URL`] names.
pub(crate) struct Schema {
    url: String,
    name: String,
}

impl Schema {
    /// Says so and gives nothing where there is no database.
    #[allow(clippy::print_stdout, reason = "the test run counts what was left out")]
    pub(crate) fn new() -> Option<Self> {
        match env::var(URL) {
            Ok(url) => Some(Self { url, name: format!("test_{:016x}", fastrand::u64(..)) }),
            Err(_) => {
                let test = thread::current().name().unwrap_or("postgres").to_owned();
                println!("\nLEFT OUT: {test}: {URL} is not set");
                None
            }
        }
    }

    /// Where the schema is.
    pub(crate) fn url(&self) -> String {
        let with = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{with}schema={}", self.url, self.name)
    }

    async fn connect(&self) -> Result<PgConnection> {
        PgConnection::connect(&self.url).await.map_err(refused)
    }

    fn statement(&self, text: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(text.replace("{schema}", &self.name))
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (url, drop) = (self.url.clone(), format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.name));
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&url).await?;
                sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await
            })
        });
        // A schema that stays harms no other test.
        let _ = dropping.join();
    }
}

impl Fixture for Schema {
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
        let refuse = self.statement(include_str!("postgres_refuse.sql"));
        sqlx::raw_sql(refuse).execute(&mut connection).await.map_err(refused)?;
        Ok(())
    }

    async fn erase_server(&self, server: ServerId) -> Result<()> {
        let mut connection = self.connect().await?;
        sqlx::query(self.statement(include_str!("postgres_server_erase.sql")))
            .bind(server.to_string())
            .execute(&mut connection)
            .await
            .map_err(refused)?;
        Ok(())
    }
}
