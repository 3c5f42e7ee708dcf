//! PostgreSQL: storing, taking and ending are one statement each, and each is a transaction of its own; a bulk is copied.

use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqlSafeStr, SqlStr};
use uuid::Uuid;

use crate::floor::{Chunk, Floor, migrations, payload};

/// The schema that our engine uses where the URL names none.
const SCHEMA: &str = "jobs";

/// A table that has never been analysed leads to plans that read all of it; the engine keeps them out in the same way.
const PLANS: &str = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
                     SET enable_sort = off; SET jit = off";

/// What the server counts its microseconds from: 2000-01-01, here since 1970.
const EPOCH: i64 = 946_684_800_000_000;
/// What a stream of tuples begins with.
const BEGIN: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Adds a tuple to a stream.
fn tuple(bytes: &mut Vec<u8>, columns: &[&[u8]]) -> Result<()> {
    bytes.extend(i16::try_from(columns.len())?.to_be_bytes());
    for column in columns {
        bytes.extend(i32::try_from(column.len())?.to_be_bytes());
        bytes.extend_from_slice(column);
    }
    Ok(())
}

pub(crate) struct Postgres {
    connection: PgConnection,
    store: SqlStr,
    take: SqlStr,
    end: SqlStr,
    remove: SqlStr,
    copied: SqlStr,
}

fn statement(sql: &str) -> SqlStr {
    AssertSqlSafe(sql.replace("{schema}", SCHEMA)).into_sql_str()
}

impl Floor for Postgres {
    const STORING: usize = 1;
    const BULK: usize = 2;
    const DRAINING: usize = 2;
    const MANY: usize = 5_000;
    const CHUNK: usize = 1_000;
    const NOTIFIES: bool = true;

    async fn prepare(url: &str) -> Result<()> {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql(statement("CREATE SCHEMA {schema}")).execute(&mut connection).await?;
        for step in migrations("postgres")? {
            sqlx::raw_sql(statement(&step)).execute(&mut connection).await?;
        }
        Ok(())
    }

    async fn open(url: &str, tells: bool) -> Result<Self> {
        let store = include_str!("../../../sql/limit_postgres_store.sql");
        let tell = include_str!("../../../sql/limit_postgres_store_tell.sql");
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql(PLANS).execute(&mut connection).await?;
        Ok(Self {
            connection,
            store: statement(if tells { tell } else { store }),
            take: statement(include_str!("../../../sql/limit_postgres_take.sql")),
            end: statement(include_str!("../../../sql/limit_postgres_end.sql")),
            remove: statement(include_str!("../../../sql/limit_postgres_remove.sql")),
            copied: statement(include_str!("../../../sql/limit_postgres_copied.sql")),
        })
    }

    async fn store(&mut self, numbers: &[u64]) -> Result<()> {
        let ids: Vec<Uuid> = numbers.iter().map(|_| Uuid::now_v7()).collect();
        let payloads: Vec<Vec<u8>> = numbers.iter().map(|number| payload(*number)).collect();
        sqlx::query(self.store.clone()).bind(ids).bind(payloads).execute(&mut self.connection).await?;
        Ok(())
    }

    async fn store_many(&mut self, numbers: &[u64]) -> Result<()> {
        let now = jiff::Timestamp::now().as_microsecond() - EPOCH;
        let (mut jobs, mut ready) = (BEGIN.to_vec(), BEGIN.to_vec());
        for number in numbers {
            let (id, payload) = (Uuid::now_v7(), payload(*number));
            let (one, now) = (1_i32.to_be_bytes(), now.to_be_bytes());
            let job: [&[u8]; 9] =
                [id.as_bytes(), &one, &one, &[0, 0], &payload, &now, &now, &20_i32.to_be_bytes(), &[0, 0]];
            tuple(&mut jobs, &job)?;
            tuple(&mut ready, &[&one, &[0, 0], id.as_bytes(), &one, &[0], &[0]])?;
        }
        let mut transaction = self.connection.begin().await?;
        for (sql, mut bytes) in [
            (include_str!("../../../sql/limit_postgres_copy_job.sql"), jobs),
            (include_str!("../../../sql/limit_postgres_copy_ready.sql"), ready),
        ] {
            bytes.extend((-1_i16).to_be_bytes());
            let mut stream = transaction.copy_in_raw(&sql.replace("{schema}", SCHEMA)).await?;
            stream.send(bytes).await?;
            stream.finish().await?;
        }
        let n = i64::try_from(numbers.len())?;
        sqlx::query(self.copied.clone()).bind(n).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn turn(&mut self, done: &Chunk, keep: bool) -> Result<Chunk> {
        if !done.jobs.is_empty() {
            let ids: Vec<Uuid> = done.jobs.iter().map(|(id, _)| *id).collect();
            let end = if keep { &self.end } else { &self.remove };
            sqlx::query(end.clone()).bind(done.fence).bind(ids).execute(&mut self.connection).await?;
        }
        let take = sqlx::query(self.take.clone()).bind(Uuid::nil()).bind(i64::try_from(Self::CHUNK)?);
        let mut chunk = Chunk::default();
        for row in take.fetch_all(&mut self.connection).await? {
            chunk.fence = row.try_get_unchecked(0)?;
            chunk.jobs.push((row.try_get_unchecked(1)?, row.try_get_unchecked(2)?));
        }
        Ok(chunk)
    }
}
