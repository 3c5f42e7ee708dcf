//! A database in which something grows, and the servers that work on it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, SqliteConnection};
use tokio::runtime::Runtime;

use crate::{
    database::{Database, Databases, Engine},
    system::System,
};

/// How many rows one statement fills in.
const PART: u64 = 500_000;
/// How much longer than asked a server may take until it has ended.
const MORE: Duration = Duration::from_secs(60);
/// How long storing may take.
const STORING: Duration = Duration::from_secs(1_200);

/// A fresh database, and our program.
pub(crate) struct Place {
    system: System,
    engine: Engine,
    database: Database,
    runtime: Runtime,
}

/// A transaction that is kept open until this is dropped.
pub(crate) struct Held<'p> {
    place: &'p Place,
    connection: Option<Any>,
}

enum Any {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    Mysql(MySqlConnection),
}

impl Place {
    pub(crate) fn new(databases: &mut Databases, system: &System, engine: Engine) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { system: system.clone(), engine, database: databases.fresh()?, runtime })
    }

    pub(crate) fn remove(self, databases: &mut Databases) -> Result<()> {
        databases.remove(&self.database)
    }

    fn command(&self, words: &[&str]) -> Command {
        self.system.plain(&[&["grow", words[0], "--url", &self.database.url], &words[1..]].concat())
    }

    /// Stores jobs that can be run at once.
    pub(crate) fn seed(&self, jobs: u64, queues: u64, once: bool) -> Result<()> {
        let (jobs, queues) = (jobs.to_string(), queues.to_string());
        let mut words = vec!["seed", "--jobs", &jobs, "--queues", &queues];
        if once {
            words.push("--once");
        }
        follow(vec![self.command(&words)], STORING).map(drop)
    }

    /// Fills in rows on the server's side, by `sql/grow_ENGINE_WHAT.sql`, in which `{from}` to `{to}` are the numbers of the rows.
    pub(crate) fn fill(&self, what: &str, rows: u64) -> Result<()> {
        let text = match (self.engine, what) {
            (Engine::Sqlite, "finished") => include_str!("../../sql/grow_sqlite_finished.sql"),
            (Engine::Sqlite, _) => include_str!("../../sql/grow_sqlite_scheduled.sql"),
            (Engine::Postgres, "finished") => include_str!("../../sql/grow_postgres_finished.sql"),
            (Engine::Postgres, _) => include_str!("../../sql/grow_postgres_scheduled.sql"),
            (Engine::Mysql, "finished") => include_str!("../../sql/grow_mysql_finished.sql"),
            (Engine::Mysql, _) => include_str!("../../sql/grow_mysql_scheduled.sql"),
        };
        let mut connection = self.connect()?;
        for from in (0..rows).step_by(usize::try_from(PART)?) {
            let to = rows.min(from + PART);
            let part = text.replace("{from}", &(from + 1).to_string()).replace("{to}", &to.to_string());
            self.execute(&mut connection, part)?;
        }
        Ok(())
    }

    /// How many jobs a second a server drains.
    pub(crate) fn drain(&self, workers: usize, queues: u64, jobs: u64, seconds: u64) -> Result<f64> {
        let (workers, queues, jobs) = (workers.to_string(), queues.to_string(), jobs.to_string());
        let time = seconds.to_string();
        let words = ["serve", "--workers", &workers, "--queues", &queues, "--jobs", &jobs, "--seconds", &time];
        let lines = follow(vec![self.command(&words)], Duration::from_secs(seconds) + MORE)?;
        let (total, took) = last(&lines[0])?;
        Ok(total / took)
    }

    /// How many jobs a second several servers drain.
    pub(crate) fn together(&self, servers: u64, workers: usize, seconds: u64) -> Result<f64> {
        let (workers, time) = (workers.to_string(), seconds.to_string());
        let command = || self.command(&["serve", "--workers", &workers, "--seconds", &time]);
        let commands = (0..servers).map(|_| command()).collect();
        let mut rate = 0.0;
        for lines in follow(commands, Duration::from_secs(seconds) + MORE)? {
            let (total, took) = last(&lines)?;
            rate += total / took;
        }
        Ok(rate)
    }

    /// At each second of a server's run, how many jobs had run.
    pub(crate) fn watch(&self, words: &[&str], seconds: u64) -> Result<Vec<(f64, u64)>> {
        let time = seconds.to_string();
        let words = [&["serve", "--seconds", &time], words].concat();
        let lines = follow(vec![self.command(&words)], Duration::from_secs(seconds) + MORE)?;
        let of = |line: &Value| Some((line.get("second")?.as_f64()?, line.get("ran")?.as_u64()?));
        let ran: Vec<_> = lines[0].iter().filter_map(of).collect();
        ensure!(!ran.is_empty(), "the server tells nothing");
        Ok(ran)
    }

    /// Opens a transaction that sees what is there now.
    pub(crate) fn hold(&self) -> Result<Held<'_>> {
        // Makes the tables.
        self.seed(1, 1, false)?;
        let mut connection = self.connect()?;
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN; SELECT count(*) FROM jobs_kind",
            Engine::Postgres => {
                "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id(); SELECT count(*) FROM jobs.kind"
            }
            Engine::Mysql => "START TRANSACTION WITH CONSISTENT SNAPSHOT; SELECT COUNT(*) FROM jobs_kind",
        };
        self.execute(&mut connection, begin.to_owned())?;
        Ok(Held { place: self, connection: Some(connection) })
    }

    fn connect(&self) -> Result<Any> {
        let url = &self.database.url;
        self.runtime.block_on(async {
            anyhow::Ok(match self.engine {
                Engine::Sqlite => Any::Sqlite(SqliteConnection::connect(url).await?),
                Engine::Postgres => Any::Postgres(PgConnection::connect(url).await?),
                Engine::Mysql => Any::Mysql(MySqlConnection::connect(url).await?),
            })
        })
    }

    fn execute(&self, connection: &mut Any, sql: String) -> Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        self.runtime.block_on(async {
            match connection {
                Any::Sqlite(connection) => sql.execute(connection).await.map(drop),
                Any::Postgres(connection) => sql.execute(connection).await.map(drop),
                Any::Mysql(connection) => sql.execute(connection).await.map(drop),
            }
        })?;
        Ok(())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // Whether it ends well tells nothing more.
        let _ = self.place.runtime.block_on(async {
            match connection {
                Any::Sqlite(connection) => connection.close().await,
                Any::Postgres(connection) => connection.close().await,
                Any::Mysql(connection) => connection.close().await,
            }
        });
    }
}

/// What a server says at its end: how many jobs it ran, in how many seconds.
fn last(lines: &[Value]) -> Result<(f64, f64)> {
    let number = |name: &str| lines.iter().rev().find_map(|line| line.get(name)?.as_f64());
    let (Some(total), Some(seconds)) = (number("total"), number("seconds")) else { bail!("a server tells no total") };
    Ok((total, seconds))
}

/// Runs programs side by side; gives the lines of JSON that each has written.
fn follow(commands: Vec<Command>, limit: Duration) -> Result<Vec<Vec<Value>>> {
    let end = Instant::now() + limit;
    let mut running = Vec::new();
    for mut command in commands {
        let mut child = Running(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?);
        let out = BufReader::new(child.0.stdout.take().context("the output is a pipe")?);
        let lines = thread::spawn(move || {
            let lines = out.lines().map_while(Result::ok);
            lines.filter_map(|line| serde_json::from_str(&line).ok()).collect::<Vec<Value>>()
        });
        running.push((child, lines));
    }
    let mut all = Vec::new();
    for (mut child, lines) in running {
        let status = loop {
            match child.0.try_wait()? {
                Some(status) => break status,
                None if Instant::now() > end => bail!("took longer than {limit:?}"),
                None => thread::sleep(Duration::from_millis(20)),
            }
        };
        ensure!(status.success(), "our program ended with {status}");
        let Ok(lines) = lines.join() else { bail!("the output could not be read") };
        all.push(lines);
    }
    Ok(all)
}

/// A process that does not outlive this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}
