//! A database of its own, on the server that the run of tests has started.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{env, str::FromStr, thread};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, MySqlConnection, mysql::MySqlConnectOptions};

/// Names a server on which the tests may make databases.
const URL: &str = "JOBS_TEST_MYSQL_URL";

/// A database of its own.
pub(crate) struct Database {
    server: MySqlConnectOptions,
    pub(crate) name: String,
}

impl Database {
    /// Says so and gives nothing where there is no server.
    pub(crate) fn new() -> Option<Self> {
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
    pub(crate) fn administer(&self, statement: &str) -> sqlx::Result<()> {
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

    pub(crate) fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }

    pub(crate) fn options(&self) -> MySqlConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// A connection of the application's own.
    pub(crate) async fn connect(&self) -> sqlx::Result<MySqlConnection> {
        self.options().connect().await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // One that stays harms no other test.
        let _ = self.administer("DROP DATABASE {name}");
    }
}
