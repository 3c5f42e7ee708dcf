//! PostgreSQL: storing, taking and ending are one statement each, and each is a transaction of its own.

use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqlSafeStr, SqlStr};
use uuid::Uuid;

use crate::floor::{Chunk, Floor, migrations, payload};

/// The schema that our engine uses where the URL names none.
const SCHEMA: &str = "jobs";

pub(crate) struct Postgres {
    connection: PgConnection,
    store: SqlStr,
    take: SqlStr,
    end: SqlStr,
    remove: SqlStr,
}

fn statement(sql: &str) -> SqlStr {
    AssertSqlSafe(sql.replace("{schema}", SCHEMA)).into_sql_str()
}

impl Floor for Postgres {
    const STORING: usize = 2;
    const BULK: usize = 2;
    const DRAINING: usize = 2;
    const MANY: usize = 1_000;
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
        Ok(Self {
            connection: PgConnection::connect(url).await?,
            store: statement(if tells { tell } else { store }),
            take: statement(include_str!("../../../sql/limit_postgres_take.sql")),
            end: statement(include_str!("../../../sql/limit_postgres_end.sql")),
            remove: statement(include_str!("../../../sql/limit_postgres_remove.sql")),
        })
    }

    async fn store(&mut self, numbers: &[u64]) -> Result<()> {
        let ids: Vec<Uuid> = numbers.iter().map(|_| Uuid::now_v7()).collect();
        let payloads: Vec<Vec<u8>> = numbers.iter().map(|number| payload(*number)).collect();
        sqlx::query(self.store.clone()).bind(ids).bind(payloads).execute(&mut self.connection).await?;
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
