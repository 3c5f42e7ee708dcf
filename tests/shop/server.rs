//! Databases of their own for tests, on the servers that the run of the tests names.

use std::env;

use jobs_test_servers::fresh_name;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    Postgres,
    MySql,
}

/// A new database on a server.
pub(crate) struct FreshDatabase {
    engine: Engine,
    server: String,
    name: String,
    pub(crate) url: String,
}

impl FreshDatabase {
    /// Makes one; `None`, loudly, where the environment names no server.
    pub(crate) async fn new(engine: Engine, test: &str) -> Option<Self> {
        let (feature, is_on, variable) = match engine {
            Engine::Postgres => ("postgres", cfg!(feature = "postgres"), "JOBS_TEST_POSTGRES_URL"),
            Engine::MySql => ("mysql", cfg!(feature = "mysql"), "JOBS_TEST_MYSQL_URL"),
        };
        if !is_on {
            println!("LEFT OUT: {test}: the feature `{feature}` is off");
            return None;
        }
        let Ok(server) = env::var(variable) else {
            println!("LEFT OUT: {test}: {variable} names no server; `cargo xtask test` starts one");
            return None;
        };
        let name = fresh_name("shop");
        let database = Self { engine, url: with_database(&server, &name), server, name };
        database.tell("CREATE DATABASE").await;
        Some(database)
    }

    /// Removes it. A test that fails leaves it to be looked at.
    pub(crate) async fn remove(self) {
        self.tell("DROP DATABASE").await;
    }

    async fn tell(&self, verb: &str) {
        let force = if verb.starts_with("DROP") { " WITH (FORCE)" } else { "" };
        let done = match self.engine {
            Engine::Postgres => {
                let mut connection = PgConnection::connect(&self.server).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(format!("{verb} {}{force}", self.name)))
                    .execute(&mut connection)
                    .await
                    .map(drop)
            }
            Engine::MySql => {
                let mut connection = MySqlConnection::connect(&self.server).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(format!("{verb} {}", self.name))).execute(&mut connection).await.map(drop)
            }
        };
        done.unwrap_or_else(|error| panic!("{verb} {}: {error}", self.name));
    }
}

/// The URL of a server with another database in place of its own.
fn with_database(server: &str, name: &str) -> String {
    let (address, parameters) = server.split_once('?').map_or((server, None), |(address, rest)| (address, Some(rest)));
    let start = address.find("://").map_or(0, |scheme| scheme + 3);
    let host = address[start..].find('/').map_or(address, |slash| &address[..start + slash]);
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{host}/{name}{parameters}")
}

#[test]
fn a_database_takes_the_place_of_the_servers_own() {
    for (server, expected) in [
        (
            "postgres://root:a%2Fb@localhost:5432/postgres?sslmode=disable",
            "postgres://root:a%2Fb@localhost:5432/new?sslmode=disable",
        ),
        ("mysql://root@127.0.0.1:3306", "mysql://root@127.0.0.1:3306/new"),
        ("postgres://localhost?host=/tmp/x", "postgres://localhost/new?host=/tmp/x"),
    ] {
        assert_eq!(with_database(server, "new"), expected);
    }
}
