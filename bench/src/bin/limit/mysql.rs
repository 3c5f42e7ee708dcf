//! MariaDB and MySQL: storing and ending are one round trip each, taking is two. Statements go as text, several at once, because a
//! round trip and a prepared statement for each of them cost more than reading their values.

use std::fmt::Write;

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, Row, mysql::MySqlRow};
use uuid::Uuid;

use crate::floor::{Chunk, Floor, migrations, payload};

pub(crate) struct Mysql {
    connection: MySqlConnection,
}

/// Microseconds since 1970. The server's clock would cost a round trip; a floor does without.
fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// Bytes as a literal.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len() + 3);
    text.push_str("x'");
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('\'');
    text
}

fn list(ids: impl Iterator<Item = Uuid>) -> String {
    ids.map(|id| hex(id.as_bytes())).collect::<Vec<_>>().join(",")
}

/// Notes jobs by state and by measure.
fn count(states: &[(i64, i64)], measures: &[i64]) -> String {
    let n = states.last().map_or(0, |(_, n)| n.abs());
    let rows: Vec<_> = states.iter().map(|(state, n)| format!("(1,1,{state},{n})")).collect();
    let mut sql = include_str!("../../../sql/limit_mysql_total.sql").replace("{rows}", &rows.join(","));
    if !measures.is_empty() {
        let rows: Vec<_> = measures.iter().map(|measure| format!("(0,0,1,1,{measure},0,{n})")).collect();
        sql.push(';');
        sql.push_str(&include_str!("../../../sql/limit_mysql_stat.sql").replace("{rows}", &rows.join(",")));
    }
    sql
}

impl Floor for Mysql {
    const STORING: usize = 1;
    const BULK: usize = 2;
    const DRAINING: usize = 1;
    const MANY: usize = 1_000;
    const CHUNK: usize = 1_000;
    const NOTIFIES: bool = false;

    async fn prepare(url: &str) -> Result<()> {
        let mut connection = MySqlConnection::connect(url).await?;
        for step in migrations("mysql")? {
            sqlx::raw_sql(AssertSqlSafe(step)).execute(&mut connection).await?;
        }
        Ok(())
    }

    async fn open(url: &str, _tells: bool) -> Result<Self> {
        let mut connection = MySqlConnection::connect(url).await?;
        sqlx::raw_sql("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").execute(&mut connection).await?;
        Ok(Self { connection })
    }

    async fn store(&mut self, numbers: &[u64]) -> Result<()> {
        let now = now();
        let (mut jobs, mut ready) = (Vec::new(), Vec::new());
        for number in numbers {
            let id = hex(Uuid::now_v7().as_bytes());
            jobs.push(format!("({id},1,1,0,{},{now},{now},20,0)", hex(&payload(*number))));
            ready.push(format!("(1,0,{id},1,0,0)"));
        }
        let jobs = include_str!("../../../sql/limit_mysql_job.sql").replace("{rows}", &jobs.join(","));
        let ready = include_str!("../../../sql/limit_mysql_ready.sql").replace("{rows}", &ready.join(","));
        let count = count(&[(2, i64::try_from(numbers.len())?)], &[0]);
        self.send(format!("BEGIN;{jobs};{ready};{count};COMMIT")).await.map(drop)
    }

    async fn turn(&mut self, done: &Chunk, keep: bool) -> Result<Chunk> {
        let mut chunk = Chunk { claimed_at: now(), ..Chunk::default() };
        let mut sql = String::new();
        if !done.jobs.is_empty() {
            sql.push_str(&end(done, keep, chunk.claimed_at)?);
        }
        // A transaction of its own: with the others' locks kept, two would wait for each other.
        let look = include_str!("../../../sql/limit_mysql_look.sql").replace("{most}", &Self::CHUNK.to_string());
        sql.push_str(&format!("BEGIN;{look}"));
        for row in self.send(sql).await? {
            let id: Vec<u8> = row.try_get_unchecked(0)?;
            chunk.jobs.push((Uuid::from_slice(&id)?, row.try_get_unchecked(1)?));
        }
        if chunk.jobs.is_empty() {
            self.send("COMMIT".to_owned()).await?;
            return Ok(chunk);
        }
        let n = i64::try_from(chunk.jobs.len())?;
        let ids = chunk.jobs.iter().map(|(id, _)| *id);
        let gone = include_str!("../../../sql/limit_mysql_gone.sql").replace("{rows}", &list(ids.clone()));
        let ids: Vec<_> = ids.map(|id| format!("\"{}\"", id.simple())).collect();
        let claim = include_str!("../../../sql/limit_mysql_claim.sql");
        let claim =
            claim.replace("{rows}", &format!("({},{},0,{n},'[{}]')", hex(&[0; 16]), chunk.claimed_at, ids.join(",")));
        let count = count(&[(2, -n), (3, n)], &[]);
        let rows = self.send(format!("{gone};{claim};SELECT LAST_INSERT_ID();{count};COMMIT")).await?;
        let number: u64 = rows.first().context("a claim has a number")?.try_get_unchecked(0)?;
        chunk.fence = i64::try_from(number)?;
        Ok(chunk)
    }
}

/// Ends the jobs of a chunk.
fn end(done: &Chunk, keep: bool, now: i64) -> Result<String> {
    let n = i64::try_from(done.jobs.len())?;
    let (sql, states) = if keep {
        (include_str!("../../../sql/limit_mysql_end.sql"), &[(3, -n), (4, n)][..])
    } else {
        (include_str!("../../../sql/limit_mysql_remove.sql"), &[(3, -n)][..])
    };
    let end = sql.replace("{rows}", &list(done.jobs.iter().map(|(id, _)| *id)));
    let end = end.replace("{claimed_at}", &done.claimed_at.to_string()).replace("{now}", &now.to_string());
    let leave = include_str!("../../../sql/limit_mysql_leave.sql");
    let sql = format!("BEGIN;{end};{leave};{};COMMIT;", count(states, &[1, 7, 8]));
    Ok(sql.replace("{fence}", &done.fence.to_string()))
}

impl Mysql {
    /// Sends statements in one message; gives the rows of all.
    async fn send(&mut self, sql: String) -> Result<Vec<MySqlRow>> {
        Ok(sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut self.connection).await?)
    }
}
