//! Many servers on one database server, which are killed, stopped past their leases, and lose the database under them.

#![cfg(all(feature = "postgres", feature = "mysql"))]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and tells what it measured")]

mod chaos;
mod clocks;
#[path = "../common/mod.rs"]
mod common;
mod fleet;
#[path = "../worker/jobs.rs"]
mod handlers;
mod recurring;
mod stalled;

use jobs_test_servers::{Installation, Product, Server, fresh_name};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};
use tokio::sync::{Mutex, MutexGuard};

/// One test at a time: each keeps the machine busy, and some measure.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// A private database server that the test may restart, with a database of its own.
struct Ground {
    server: Server,
    url: String,
    _alone: MutexGuard<'static, ()>,
}

impl Ground {
    /// Starts the server; `None`, loudly, where it is not installed.
    async fn new(product: Product, test: &str) -> Option<Self> {
        let alone = ONE_AT_A_TIME.lock().await;
        let Some(installation) = installed(product) else {
            println!("LEFT OUT: {test} on {product}: it is not installed; `cargo xtask test` installs it");
            return None;
        };
        let server = installation.start(&[]).unwrap();
        let name = fresh_name("cluster");
        let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        match product {
            Product::Postgres => {
                let mut connection = PgConnection::connect(&server.url()).await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            }
            _ => {
                let mut connection = MySqlConnection::connect(&server.url()).await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            }
        }
        let url = server.url_of(&name);
        Some(Self { server, url, _alone: alone })
    }
}

fn installed(product: Product) -> Option<Installation> {
    match product {
        Product::Postgres => jobs_test_servers::find_postgres().into_iter().next(),
        _ => jobs_test_servers::find_mysql().into_iter().next(),
    }
}
