//! Creating and updating the tables, in numbered steps, each noted in `jobs_migration`.

use sqlx::{Row, SqliteConnection};

use super::error::own;
use crate::{error::Result, storage::sql::migrate as shared};

/// Every step, oldest first. A published step is never edited.
const STEPS: [(i64, &str, &str); 8] = [
    (1, "foundation", include_str!("migrations/0001_foundation.sql")),
    (2, "pauses", include_str!("migrations/0002_pauses.sql")),
    (3, "flows", include_str!("migrations/0003_flows.sql")),
    (4, "audit", include_str!("migrations/0004_audit.sql")),
    (5, "operations", include_str!("migrations/0005_operations.sql")),
    (6, "errors", include_str!("migrations/0006_errors.sql")),
    (7, "edits", include_str!("migrations/0007_edits.sql")),
    (8, "counts", include_str!("migrations/0008_counts.sql")),
];

/// The version that this program works with.
pub(super) const NEWEST: i64 = STEPS[STEPS.len() - 1].0;

/// Brings the tables to this program's version, or only looks whether they are there.
///
/// Several processes may do it at once: the first to lock the file does the work. A crash leaves each step done or undone.
pub(super) async fn migrate(connection: &mut SqliteConnection, allowed: bool, now: i64) -> Result<()> {
    if version(connection).await? == Some(NEWEST) {
        return Ok(());
    }
    if !allowed {
        return check(version(connection).await?);
    }
    execute(connection, "BEGIN IMMEDIATE").await?;
    let done = steps(connection, now).await;
    execute(connection, if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    done
}

async fn steps(connection: &mut SqliteConnection, now: i64) -> Result<()> {
    execute(connection, include_str!("sql/migration_table.sql")).await?;
    let from = version(connection).await?.unwrap_or(0);
    if from > NEWEST {
        return check(Some(from));
    }
    for (number, name, statements) in STEPS.into_iter().filter(|(number, ..)| *number > from) {
        sqlx::raw_sql(statements).execute(&mut *connection).await.map_err(|error| own(error, "creating the tables"))?;
        sqlx::query(include_str!("sql/migration_insert.sql"))
            .bind(number)
            .bind(name)
            .bind(now)
            .execute(&mut *connection)
            .await
            .map_err(|error| own(error, "noting a migration"))?;
    }
    Ok(())
}

/// The version of the tables; `None` where there are none.
async fn version(connection: &mut SqliteConnection) -> Result<Option<i64>> {
    let read = async {
        let exists: i64 =
            sqlx::query(include_str!("sql/migration_exists.sql")).fetch_one(&mut *connection).await?.try_get(0)?;
        if exists == 0 {
            return Ok(None);
        }
        sqlx::query(include_str!("sql/migration_version.sql")).fetch_one(&mut *connection).await?.try_get(0)
    };
    read.await.map_err(|error| own(error, "reading the version of the tables"))
}

fn check(version: Option<i64>) -> Result<()> {
    shared::check(version, NEWEST)
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> Result<()> {
    sqlx::query(statement).execute(connection).await.map(drop).map_err(|error| own(error, "updating the tables"))
}
