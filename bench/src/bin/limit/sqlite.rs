//! SQLite: one connection holds the file, and one transaction ends a chunk and takes the next.

use anyhow::Result;
use sqlx::{
    AssertSqlSafe, Connection, Row, SqlSafeStr, SqlStr, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use uuid::Uuid;

use crate::floor::{Chunk, Floor, migrations, payload};

pub(crate) struct Sqlite {
    connection: SqliteConnection,
}

/// The statement with as many rows of values as there are. They are numbered behind its own, because the driver counts those without a
/// number for themselves.
fn written_out(sql: &str, row: &str, rows: usize) -> SqlStr {
    let mut number = (1..9).take_while(|number| sql.contains(&format!("?{number}"))).count();
    let mut text = String::new();
    for letter in vec![row; rows].join(", ").chars() {
        text.push(letter);
        if letter == '?' {
            number += 1;
            text.push_str(&number.to_string());
        }
    }
    AssertSqlSafe(sql.replace("{rows}", &text)).into_sql_str()
}

/// Microseconds since 1970, by the host's clock, which is the engine's.
fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// As durable as the engine is.
fn options(url: &str) -> Result<SqliteConnectOptions> {
    let options = url.parse::<SqliteConnectOptions>()?;
    Ok(options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full))
}

impl Floor for Sqlite {
    const STORING: usize = 1;
    const BULK: usize = 1;
    const DRAINING: usize = 1;
    const MANY: usize = 1_000;
    const CHUNK: usize = 1_000;
    const NOTIFIES: bool = false;

    async fn prepare(url: &str) -> Result<()> {
        let mut connection = SqliteConnection::connect_with(&options(url)?.create_if_missing(true)).await?;
        for step in migrations("sqlite")? {
            sqlx::raw_sql(AssertSqlSafe(step)).execute(&mut connection).await?;
        }
        Ok(())
    }

    async fn open(url: &str, _tells: bool) -> Result<Self> {
        Ok(Self { connection: SqliteConnection::connect_with(&options(url)?).await? })
    }

    async fn store(&mut self, numbers: &[u64]) -> Result<()> {
        let now = now();
        self.command("BEGIN IMMEDIATE").await?;
        // Sizes that repeat, so that the statements are prepared once.
        for part in parts(numbers) {
            let jobs = written_out(include_str!("../../../sql/limit_sqlite_job.sql"), "(?, ?)", part.len());
            let ready = written_out(include_str!("../../../sql/limit_sqlite_ready.sql"), "(?)", part.len());
            let ids: Vec<Uuid> = part.iter().map(|_| Uuid::now_v7()).collect();
            let mut query = sqlx::query(jobs).bind(now);
            for (id, number) in ids.iter().zip(part) {
                query = query.bind(id.as_bytes().to_vec()).bind(payload(*number));
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
        self.command("BEGIN IMMEDIATE").await?;
        let n = i64::try_from(done.jobs.len())?;
        if n > 0 {
            for part in parts(&done.jobs) {
                let sql = if keep {
                    include_str!("../../../sql/limit_sqlite_end.sql")
                } else {
                    include_str!("../../../sql/limit_sqlite_remove.sql")
                };
                let mut query = sqlx::query(written_out(sql, "?", part.len())).bind(done.fence);
                if keep {
                    query = query.bind(done.claimed_at).bind(chunk.claimed_at);
                }
                let query = part.iter().fold(query, |query, (id, _)| query.bind(id.as_bytes().to_vec()));
                query.execute(&mut self.connection).await?;
            }
            let leave = sqlx::query(include_str!("../../../sql/limit_sqlite_leave.sql")).bind(done.fence);
            leave.execute(&mut self.connection).await?;
            let kept: &[(i64, i64)] = if keep { &[(3, -n), (4, n)] } else { &[(3, -n)] };
            self.count(kept, &[1, 7, 8]).await?;
        }
        let look = sqlx::query(include_str!("../../../sql/limit_sqlite_look.sql")).bind(i64::try_from(Self::CHUNK)?);
        for row in look.fetch_all(&mut self.connection).await? {
            let id: Vec<u8> = row.try_get_unchecked(0)?;
            chunk.jobs.push((Uuid::from_slice(&id)?, row.try_get_unchecked(1)?));
        }
        if !chunk.jobs.is_empty() {
            let mut ids = String::from("[");
            for part in parts(&chunk.jobs) {
                let sql = written_out(include_str!("../../../sql/limit_sqlite_gone.sql"), "(1, 0, ?)", part.len());
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
            let claim = sqlx::query(include_str!("../../../sql/limit_sqlite_claim.sql"));
            let claim = claim.bind(Uuid::nil().as_bytes().to_vec()).bind(chunk.claimed_at).bind(n).bind(ids);
            chunk.fence = claim.fetch_one(&mut self.connection).await?.try_get_unchecked(0)?;
            self.count(&[(2, -n), (3, n)], &[]).await?;
        }
        self.command("COMMIT").await?;
        Ok(chunk)
    }
}

/// Parts of few different sizes.
fn parts<T>(all: &[T]) -> Vec<&[T]> {
    let (mut rest, mut parts) = (all, Vec::new());
    for size in [500, 100, 10, 1] {
        while rest.len() >= size {
            let (part, more) = rest.split_at(size);
            parts.push(part);
            rest = more;
        }
    }
    parts
}

impl Sqlite {
    async fn command(&mut self, command: &'static str) -> Result<()> {
        sqlx::query(command).execute(&mut self.connection).await?;
        Ok(())
    }

    /// Counts jobs by state and by measure.
    async fn count(&mut self, states: &[(i64, i64)], measures: &[i64]) -> Result<()> {
        let n = states.last().map_or(0, |(_, n)| n.abs());
        let sql = written_out(include_str!("../../../sql/limit_sqlite_total.sql"), "(1, 1, ?, ?)", states.len());
        let query = states.iter().fold(sqlx::query(sql), |query, (state, n)| query.bind(*state).bind(*n));
        query.execute(&mut self.connection).await?;
        if !measures.is_empty() {
            let row = "(0, 0, 1, 1, ?, 0, ?)";
            let sql = written_out(include_str!("../../../sql/limit_sqlite_stat.sql"), row, measures.len());
            let query = measures.iter().fold(sqlx::query(sql), |query, measure| query.bind(*measure).bind(n));
            query.execute(&mut self.connection).await?;
        }
        Ok(())
    }
}
