//! SQLite: one connection holds the file, and one transaction ends a chunk and takes the next. The library is called on the thread that
//! waits for it, a prepared statement for each row: nothing that was tried is faster.

use std::path::PathBuf;

use anyhow::{Context, Result};
use rusqlite::{Connection, params};
use tokio::task::block_in_place;
use uuid::Uuid;

use crate::floor::{Chunk, Floor, migrations, payload};

pub(crate) struct Sqlite {
    connection: Connection,
}

/// Microseconds since 1970, by the host's clock, which is the engine's.
fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// As durable as the engine is.
fn connect(url: &str) -> Result<Connection> {
    let path = PathBuf::from(url.strip_prefix("sqlite://").context("a URL of SQLite begins so")?);
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(100);
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}

impl Floor for Sqlite {
    const STORING: usize = 1;
    const BULK: usize = 1;
    const DRAINING: usize = 1;
    const MANY: usize = 5_000;
    const CHUNK: usize = 1_000;
    const NOTIFIES: bool = false;

    async fn prepare(url: &str) -> Result<()> {
        let connection = connect(url)?;
        for step in migrations("sqlite")? {
            connection.execute_batch(&step)?;
        }
        Ok(())
    }

    async fn open(url: &str, _tells: bool) -> Result<Self> {
        Ok(Self { connection: connect(url)? })
    }

    async fn store(&mut self, numbers: &[u64]) -> Result<()> {
        block_in_place(|| self.store_now(numbers))
    }

    async fn turn(&mut self, done: &Chunk, keep: bool) -> Result<Chunk> {
        block_in_place(|| {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            let now = now();
            self.end(done, keep, now)?;
            let chunk = self.take(now)?;
            self.connection.execute_batch("COMMIT")?;
            Ok(chunk)
        })
    }
}

impl Sqlite {
    fn store_now(&self, numbers: &[u64]) -> Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let now = now();
        let mut job = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_job.sql"))?;
        let mut ready = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_ready.sql"))?;
        for number in numbers {
            let id = Uuid::now_v7();
            job.execute(params![id.as_bytes(), payload(*number), now])?;
            ready.execute(params![id.as_bytes()])?;
        }
        self.count(&[(2, i64::try_from(numbers.len())?)], &[0])?;
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    fn end(&self, done: &Chunk, keep: bool, now: i64) -> Result<()> {
        let n = i64::try_from(done.jobs.len())?;
        if n == 0 {
            return Ok(());
        }
        if keep {
            let mut end = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_end.sql"))?;
            for (id, _) in &done.jobs {
                end.execute(params![id.as_bytes(), done.fence, done.claimed_at, now])?;
            }
        } else {
            let mut remove = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_remove.sql"))?;
            for (id, _) in &done.jobs {
                remove.execute(params![id.as_bytes(), done.fence])?;
            }
        }
        let mut leave = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_leave.sql"))?;
        leave.execute([done.fence])?;
        let kept: &[(i64, i64)] = if keep { &[(3, -n), (4, n)] } else { &[(3, -n)] };
        self.count(kept, &[1, 7, 8])
    }

    fn take(&self, now: i64) -> Result<Chunk> {
        let mut chunk = Chunk { claimed_at: now, ..Chunk::default() };
        let mut look = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_look.sql"))?;
        let mut rows = look.query([i64::try_from(Self::CHUNK)?])?;
        while let Some(row) = rows.next()? {
            chunk.jobs.push((Uuid::from_bytes(row.get(0)?), row.get(1)?));
        }
        drop(rows);
        if chunk.jobs.is_empty() {
            return Ok(chunk);
        }
        let mut gone = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_gone.sql"))?;
        let mut ids = String::new();
        for (id, _) in &chunk.jobs {
            gone.execute([id.as_bytes()])?;
            ids.push_str(if ids.is_empty() { "[\"" } else { "\",\"" });
            ids.push_str(id.simple().encode_lower(&mut Uuid::encode_buffer()));
        }
        ids.push_str("\"]");
        let n = i64::try_from(chunk.jobs.len())?;
        let mut claim = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_claim.sql"))?;
        chunk.fence = claim.query_row(params![Uuid::nil().as_bytes(), now, n, ids], |row| row.get(0))?;
        self.count(&[(2, -n), (3, n)], &[])?;
        Ok(chunk)
    }

    /// Counts jobs by state and by measure.
    fn count(&self, states: &[(i64, i64)], measures: &[i64]) -> Result<()> {
        let mut total = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_total.sql"))?;
        for (state, n) in states {
            total.execute([state, n])?;
        }
        let n = states.last().map_or(0, |(_, n)| n.abs());
        let mut stat = self.connection.prepare_cached(include_str!("../../../sql/limit_sqlite_stat.sql"))?;
        for measure in measures {
            stat.execute([measure, &n])?;
        }
        Ok(())
    }
}
