//! A database of a MySQL or MariaDB server for each test of the storage suite.

use std::{env, str::FromStr, thread};

use jobs_runtime::{
    Result, ServerId,
    storage::{
        self, Settings, SharedStorage, Tx,
        conformance::{Ending, Fixture, Work},
    },
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, MySqlConnection, mysql::MySqlConnectOptions};

use super::refused;

/// Names a server on which the tests may make databases.
const URL: &str = "JOBS_TEST_MYSQL_URL";

/// A database of its own.
struct Database {
    server: MySqlConnectOptions,
    name: String,
}

impl Database {
    /// Says so and gives nothing where there is no server.
    fn new() -> Option<Self> {
        let Ok(url) = env::var(URL) else {
            let test = thread::current().name().unwrap_or("mysql").to_owned();
            println!("\nLEFT OUT: {test}: {URL} is not set");
            return None;
        };
        let server = MySqlConnectOptions::from_str(&url).expect("the URL of a server");
        let database = Self { server, name: format!("test_{:016x}", fastrand::u64(..)) };
        database.administer("CREATE DATABASE {name} CHARACTER SET utf8mb4").expect("the server makes databases");
        Some(database)
    }

    /// Runs a statement about the database, from outside of it.
    fn administer(&self, statement: &str) -> sqlx::Result<()> {
        let (server, statement) = (self.server.clone(), statement.replace("{name}", &self.name));
        let run = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = server.connect().await?;
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
                connection.close().await
            })
        });
        run.join().expect("it does not panic")
    }

    fn options(&self) -> MySqlConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// A connection of the application's own.
    async fn connect(&self) -> Result<MySqlConnection> {
        self.options().connect().await.map_err(refused)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // One that stays harms no other test.
        let _ = self.administer("DROP DATABASE {name}");
    }
}

impl Fixture for Database {
    async fn open(&self, settings: Settings) -> Result<SharedStorage> {
        storage::open(self.options().to_url_lossy().as_str(), settings).await
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
        sqlx::raw_sql(include_str!("mysql_refuse.sql")).execute(&mut connection).await.map_err(refused)?;
        Ok(())
    }

    async fn erase_server(&self, server: ServerId) -> Result<()> {
        let mut connection = self.connect().await?;
        sqlx::query(include_str!("mysql_server_erase.sql"))
            .bind(server.as_bytes().as_slice())
            .execute(&mut connection)
            .await
            .map_err(refused)?;
        Ok(())
    }
}

jobs_runtime::conformance!(match Database::new() {
    Some(database) => database,
    None => return,
});
