//! MariaDB and MySQL: one transaction stores; one ends a chunk and takes the next.

use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, Row, SqlSafeStr, SqlStr};
use uuid::Uuid;

use crate::floor::{Chunk, Floor, migrations, payload};

pub(crate) struct Mysql {
    connection: MySqlConnection,
}

/// The statement with as many rows of values as there are.
fn written_out(sql: &str, row: &str, rows: usize) -> SqlStr {
    AssertSqlSafe(sql.replace("{rows}", &vec![row; rows].join(", "))).into_sql_str()
}

/// Microseconds since 1970. The server's clock would cost a round trip; a floor does without.
fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

impl Floor for Mysql {
    const STORING: usize = 1;
    const BULK: usize = 2;
    const DRAINING: usize = 2;
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
        self.command("BEGIN").await?;
        for part in parts(numbers) {
            let jobs = include_str!("../../../sql/limit_mysql_job.sql");
            let jobs = written_out(jobs, "(?, 1, 1, 0, ?, ?, ?, 20, 0)", part.len());
            let ready =
                written_out(include_str!("../../../sql/limit_mysql_ready.sql"), "(1, 0, ?, 1, 0, 0)", part.len());
            let ids: Vec<Uuid> = part.iter().map(|_| Uuid::now_v7()).collect();
            let mut query = sqlx::query(jobs);
            for (id, number) in ids.iter().zip(part) {
                query = query.bind(id.as_bytes().to_vec()).bind(payload(*number)).bind(now).bind(now);
            }
            query.execute(&mut self.connection).await?;
            let query = ids.iter().fold(sqlx::query(ready), |query, id| query.bind(id.as_bytes().to_vec()));
            query.execute(&mut self.connection).await?;
        }
        self.count(&[(2, i64::try_from(numbers.len())?)], &[0]).await?;
        self.command("COMMIT").await
    }

    async fn turn(&mut self, done: &Chunk, keep: bool) -> Result<Chunk> {
        let mut chunk = Chunk { claimed_at: now(), ..Chunk::default() };
        self.command("BEGIN").await?;
        let n = i64::try_from(done.jobs.len())?;
        if n > 0 {
            for part in parts(&done.jobs) {
                let sql = if keep {
                    include_str!("../../../sql/limit_mysql_end.sql")
                } else {
                    include_str!("../../../sql/limit_mysql_remove.sql")
                };
                let mut query = sqlx::query(written_out(sql, "?", part.len()));
                if keep {
                    query = query.bind(done.fence).bind(done.claimed_at).bind(chunk.claimed_at);
                }
                let query = part.iter().fold(query, |query, (id, _)| query.bind(id.as_bytes().to_vec()));
                query.bind(done.fence).execute(&mut self.connection).await?;
            }
            let leave = sqlx::query(include_str!("../../../sql/limit_mysql_leave.sql")).bind(done.fence);
            leave.execute(&mut self.connection).await?;
            let kept: &[(i64, i64)] = if keep { &[(3, -n), (4, n)] } else { &[(3, -n)] };
            self.count(kept, &[1, 7, 8]).await?;
            // With its locks kept, it would wait for another that waits for it.
            self.command("COMMIT").await?;
            self.command("BEGIN").await?;
        }
        let look = sqlx::query(include_str!("../../../sql/limit_mysql_look.sql")).bind(i64::try_from(Self::CHUNK)?);
        for row in look.fetch_all(&mut self.connection).await? {
            let id: Vec<u8> = row.try_get_unchecked(0)?;
            chunk.jobs.push((Uuid::from_slice(&id)?, row.try_get_unchecked(1)?));
        }
        if !chunk.jobs.is_empty() {
            let mut ids = String::from("[");
            for part in parts(&chunk.jobs) {
                let sql = written_out(include_str!("../../../sql/limit_mysql_gone.sql"), "?", part.len());
                let mut query = sqlx::query(sql);
                for (id, _) in part {
                    query = query.bind(id.as_bytes().to_vec());
                    ids.push_str(&format!("\"{}\",", id.simple()));
                }
                query.execute(&mut self.connection).await?;
            }
            ids.pop();
            ids.push(']');
            let n = i64::try_from(chunk.jobs.len())?;
            let claim = sqlx::query(include_str!("../../../sql/limit_mysql_claim.sql"));
            let claim = claim.bind(Uuid::nil().as_bytes().to_vec()).bind(chunk.claimed_at).bind(n).bind(ids);
            let number = claim.execute(&mut self.connection).await?.last_insert_id();
            chunk.fence = i64::try_from(number)?;
            self.count(&[(2, -n), (3, n)], &[]).await?;
        }
        self.command("COMMIT").await?;
        Ok(chunk)
    }
}

/// Parts of few different sizes.
fn parts<T>(all: &[T]) -> Vec<&[T]> {
    let (mut rest, mut parts) = (all, Vec::new());
    for size in [1_000, 500, 100, 10, 1] {
        while rest.len() >= size {
            let (part, more) = rest.split_at(size);
            parts.push(part);
            rest = more;
        }
    }
    parts
}

impl Mysql {
    async fn command(&mut self, command: &'static str) -> Result<()> {
        sqlx::raw_sql(command).execute(&mut self.connection).await?;
        Ok(())
    }

    /// Notes jobs by state and by measure.
    async fn count(&mut self, states: &[(i64, i64)], measures: &[i64]) -> Result<()> {
        let n = states.last().map_or(0, |(_, n)| n.abs());
        let sql = written_out(include_str!("../../../sql/limit_mysql_total.sql"), "(1, 1, ?, ?)", states.len());
        let query = states.iter().fold(sqlx::query(sql), |query, (state, n)| query.bind(*state).bind(*n));
        query.execute(&mut self.connection).await?;
        if !measures.is_empty() {
            let row = "(0, 0, 1, 1, ?, 0, ?)";
            let sql = written_out(include_str!("../../../sql/limit_mysql_stat.sql"), row, measures.len());
            let query = measures.iter().fold(sqlx::query(sql), |query, measure| query.bind(*measure).bind(n));
            query.execute(&mut self.connection).await?;
        }
        Ok(())
    }
}
