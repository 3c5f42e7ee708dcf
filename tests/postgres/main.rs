//! What only PostgreSQL can get wrong: roles and schemas, connections that die, notifications, isolation levels, poolers.

#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/flows.rs"]
mod flow_races;
mod flows;
mod hints;
mod lost;
mod opening;
mod operations;
mod plans;
mod pooled;
mod upkeep;
mod viewer;
mod within;

use std::{env, error::Error as StdError, thread};

use jobs::Client;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Names a database in which the tests may make schemas, roles and databases.
const URL: &str = "JOBS_TEST_POSTGRES_URL";

/// A schema of its own, gone with the test.
pub(crate) struct Schema {
    pub(crate) url: String,
    pub(crate) name: String,
}

impl Schema {
    /// Says so and gives nothing where there is no database.
    pub(crate) fn new() -> Option<Self> {
        match env::var(URL) {
            Ok(url) => Some(Self::of(url)),
            Err(_) => {
                left_out(&format!("{URL} is not set"));
                None
            }
        }
    }

    /// In the database that the URL names.
    pub(crate) fn of(url: String) -> Self {
        Self { url, name: format!("test_{:016x}", fastrand::u64(..)) }
    }

    /// For `jobs`; its connections are called like the schema.
    pub(crate) fn url(&self) -> String {
        self.url_with("")
    }

    pub(crate) fn url_with(&self, parameters: &str) -> String {
        let with = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{with}schema={}{parameters}", self.url, self.name)
    }

    /// The connections of this client can be told from others by the name.
    pub(crate) async fn client_named(&self, name: &str) -> Client {
        Client::connect(&self.url_with(&format!("&application_name={name}"))).await.unwrap()
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.url()).await.unwrap()
    }

    /// A connection of the application's own.
    pub(crate) async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// The URL of another database of the same server, with other credentials where they are given.
    pub(crate) fn elsewhere(&self, credentials: Option<&str>, database: Option<&str>) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap();
        let (before, rest) = rest.split_once('@').unwrap_or(("", rest));
        let (host, path) = rest.split_once('/').unwrap();
        let (path, query) = path.split_once('?').map_or((path, String::new()), |(p, q)| (p, format!("?{q}")));
        let (user, path) = (credentials.unwrap_or(before), database.unwrap_or(path));
        format!("{scheme}://{user}@{host}/{path}{query}")
    }

    /// Runs a statement with `{schema}` in it; returns the first column of the first row as a number, if there is one.
    pub(crate) async fn ask(&self, statement: &str) -> i64 {
        let mut connection = self.connection().await;
        let statement = AssertSqlSafe(statement.replace("{schema}", &self.name));
        let row: Option<i64> = sqlx::query_scalar(statement).fetch_optional(&mut connection).await.unwrap();
        row.unwrap_or_default()
    }

    pub(crate) async fn execute(&self, statement: &str) {
        let mut connection = self.connection().await;
        let statement = AssertSqlSafe(statement.replace("{schema}", &self.name));
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    }

    /// Ends the sessions of that name; returns how many.
    pub(crate) async fn terminate(&self, name: &str) -> i64 {
        let statement = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE application_name = '{name}' AND pid <> pg_backend_pid()"
        );
        self.ask(&statement).await
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (url, statement) = (self.url.clone(), format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.name));
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&url).await?;
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await
            })
        });
        // A schema that stays harms no other test.
        let _ = dropping.join();
    }
}

/// Says that the test cannot run.
#[allow(clippy::print_stdout, reason = "the test run counts what was left out")]
pub(crate) fn left_out(reason: &str) {
    let test = thread::current().name().unwrap_or("postgres").to_owned();
    println!("\nLEFT OUT: {test}: {reason}");
}

/// An error with its causes.
pub(crate) fn told(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
