//! Where the measured systems store their jobs: one private server, or files; a fresh database for each round.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::ValueEnum;
use jobs_bench_kit::cpu_of_tree;
use jobs_test_servers::{Server, find_mysql, find_postgres};
use sqlx::{Connection, MySqlConnection, PgConnection, Row};
use tokio::runtime::Runtime;

/// What a private PostgreSQL gets beside its defaults; all systems get the same.
const POSTGRES: &[&str] = &["-c", "shared_buffers=1GB", "-c", "max_wal_size=4GB"];
/// The same for MariaDB and MySQL.
const MYSQL: &[&str] = &["--innodb-buffer-pool-size=1G", "--innodb-log-file-size=1G"];

/// The kinds of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    Mysql,
}

impl Engine {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }
}

/// Makes databases.
pub(crate) struct Databases {
    folder: tempfile::TempDir,
    server: Option<Server>,
    runtime: Runtime,
    admin: Admin,
    count: u64,
    about: String,
}

enum Admin {
    None,
    Postgres(PgConnection),
    Mysql(MySqlConnection),
}

/// A fresh database.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) url: String,
    name: String,
    folder: PathBuf,
}

/// What has been used up to a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Processor time of the system's program, in seconds.
    pub(crate) client_cpu: f64,
    /// The same of the database's server.
    pub(crate) database_cpu: f64,
    /// What went into the log: of a server what it counts; of SQLite, everything that the program has written.
    pub(crate) wal: f64,
    /// How big the database is.
    pub(crate) size: f64,
}

impl Databases {
    /// Starts the server, with these arguments beside the usual ones.
    pub(crate) fn start(engine: Engine, more: &[String]) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (installed, usual) = match engine {
            Engine::Sqlite => (None, &[][..]),
            Engine::Postgres => (Some(find_postgres()), POSTGRES),
            Engine::Mysql => (Some(find_mysql()), MYSQL),
        };
        let arguments: Vec<&str> = usual.iter().copied().chain(more.iter().map(String::as_str)).collect();
        let (mut server, mut about) = (None, "SQLite, a file for each round".to_owned());
        if let Some(installed) = installed {
            let installation = installed.into_iter().next().context("no such server is installed on this machine")?;
            about = format!("{installation} with {}", arguments.join(" "));
            server = Some(installation.start(&arguments)?);
        }
        let admin = match (&server, engine) {
            (Some(server), Engine::Postgres) => {
                Admin::Postgres(runtime.block_on(PgConnection::connect(&server.url()))?)
            }
            (Some(server), _) => Admin::Mysql(runtime.block_on(MySqlConnection::connect(&server.url()))?),
            (None, _) => Admin::None,
        };
        Ok(Self { folder: tempfile::tempdir()?, server, runtime, admin, count: 0, about })
    }

    /// What is measured on, for a heading.
    pub(crate) fn about(&self) -> &str {
        &self.about
    }

    /// An empty database, on a server that has written everything that came before.
    pub(crate) fn fresh(&mut self) -> Result<Database> {
        self.count += 1;
        let name = format!("round{}", self.count);
        let mut folder = self.folder.path().join(&name);
        let url = match (&mut self.admin, &self.server) {
            (Admin::Postgres(admin), Some(server)) => {
                let make = format!("CREATE DATABASE {name}");
                self.runtime.block_on(async {
                    sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut *admin).await?;
                    sqlx::raw_sql("CHECKPOINT").execute(&mut *admin).await
                })?;
                server.url_of(&name)
            }
            (Admin::Mysql(admin), Some(server)) => {
                let make = format!("CREATE DATABASE {name}");
                self.runtime.block_on(sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut *admin))?;
                folder = server.folder().join("data").join(&name);
                server.url_of(&name)
            }
            _ => {
                fs::create_dir(&folder)?;
                format!("sqlite://{}", folder.join("jobs.db").display())
            }
        };
        Ok(Database { url, name, folder })
    }

    /// Removes a database that nobody needs any more.
    pub(crate) fn remove(&mut self, database: &Database) -> Result<()> {
        match &mut self.admin {
            Admin::Postgres(admin) => {
                let drop = format!("DROP DATABASE {} WITH (FORCE)", database.name);
                self.runtime.block_on(sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(admin))?;
            }
            Admin::Mysql(admin) => {
                let drop = format!("DROP DATABASE {}", database.name);
                self.runtime.block_on(sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(admin))?;
            }
            Admin::None => fs::remove_dir_all(&database.folder)?,
        }
        Ok(())
    }

    /// How things stand, for the program with this number.
    pub(crate) fn read(&mut self, database: &Database, client: u32) -> Result<Reading> {
        let (wal, size) = match &mut self.admin {
            Admin::None => (written(client)?, folder_size(&database.folder)?),
            Admin::Postgres(admin) => {
                let ask =
                    "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8, pg_database_size($1)::float8";
                let row = self.runtime.block_on(sqlx::query(ask).bind(&database.name).fetch_one(admin))?;
                (row.try_get(0)?, row.try_get(1)?)
            }
            Admin::Mysql(admin) => {
                let ask = sqlx::raw_sql("SHOW GLOBAL STATUS LIKE 'Innodb_os_log_written'");
                let row = self.runtime.block_on(ask.fetch_one(admin))?;
                let text: String = row.try_get_unchecked(1)?;
                (text.parse()?, folder_size(&database.folder)?)
            }
        };
        let database_cpu = match self.server.as_ref().and_then(Server::pid) {
            Some(pid) => cpu_of_tree(pid)?,
            None => 0.0,
        };
        Ok(Reading { client_cpu: cpu_of_tree(client)?, database_cpu, wal, size })
    }
}

/// The bytes that a process has given to the system to write.
fn written(process: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/io")).context("only Linux tells what a process writes")?;
    let line = text.lines().find_map(|line| line.strip_prefix("wchar: ")).context("no wchar in /proc")?;
    Ok(line.trim().parse()?)
}

fn folder_size(folder: &Path) -> Result<f64> {
    let mut size = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        // A file may go meanwhile.
        size += entry?.metadata().map_or(0, |about| about.len());
    }
    Ok(size as f64)
}
