//! Creating and updating the tables, in numbered steps, each noted in `migration`.

use sqlx::{AssertSqlSafe, Executor, PgConnection, Row, SqlSafeStr};

use super::{address::Address, error::own};
use crate::{
    error::{Error, Result},
    storage::sql::migrate as shared,
};

/// Every step, oldest first. A published step is never edited.
const STEPS: [(i32, &str, &str); 9] = [
    (1, "foundation", include_str!("migrations/0001_foundation.sql")),
    (2, "pauses", include_str!("migrations/0002_pauses.sql")),
    (3, "flows", include_str!("migrations/0003_flows.sql")),
    (4, "room", include_str!("migrations/0004_room.sql")),
    (5, "audit", include_str!("migrations/0005_audit.sql")),
    (6, "operations", include_str!("migrations/0006_operations.sql")),
    (7, "errors", include_str!("migrations/0007_errors.sql")),
    (8, "edits", include_str!("migrations/0008_edits.sql")),
    (9, "counts", include_str!("migrations/0009_counts.sql")),
];

/// The version that this program works with.
pub(super) const NEWEST: i64 = STEPS[STEPS.len() - 1].0 as i64;

/// The oldest server that has what the statements need.
const OLDEST_SERVER: u32 = 130_000;

/// Brings the tables to this program's version, or only looks whether they are there.
///
/// Several processes may do it at once: the first to get the lock does the work. A crash leaves all steps undone.
pub(super) async fn migrate(connection: &mut PgConnection, address: &Address, allowed: bool) -> Result<()> {
    if let Some(version) = connection.server_version_num().filter(|version| *version < OLDEST_SERVER) {
        return Err(Error::config(format!(
            "{} is served by PostgreSQL {}; `jobs` needs version 13 or newer",
            address.place(),
            version / 10_000
        )));
    }
    let version = version(connection, address).await?;
    if version == Some(NEWEST) || !allowed {
        return shared::check(version, NEWEST);
    }
    let done = steps(connection, address).await;
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.execute(sqlx::raw_sql(end)).await;
    done?;
    ended.map(drop).map_err(refused)
}

async fn steps(connection: &mut PgConnection, address: &Address) -> Result<()> {
    run(connection, address, include_str!("sql/migration_begin.sql")).await?;
    // Only where it is missing: to a role that may not create schemas, one that is there is refused as well.
    if !flag(connection, address, include_str!("sql/migration_schema.sql")).await? {
        run(connection, address, include_str!("sql/schema_create.sql")).await?;
    }
    run(connection, address, include_str!("sql/migration_table.sql")).await?;
    let from = version(connection, address).await?.unwrap_or(0);
    if from > NEWEST {
        return shared::check(Some(from), NEWEST);
    }
    for (number, name, statements) in STEPS.into_iter().filter(|(number, ..)| i64::from(*number) > from) {
        run(connection, address, statements).await?;
        let noting = trusted(address, include_str!("sql/migration_insert.sql"));
        let noting = sqlx::query(noting).bind(number).bind(name).persistent(false);
        connection.execute(noting).await.map_err(refused)?;
    }
    Ok(())
}

/// The version of the tables; `None` where there are none.
async fn version(connection: &mut PgConnection, address: &Address) -> Result<Option<i64>> {
    if !flag(connection, address, include_str!("sql/migration_exists.sql")).await? {
        return Ok(None);
    }
    let version = trusted(address, include_str!("sql/migration_version.sql"));
    let row = connection.fetch_one(sqlx::raw_sql(version)).await.map_err(refused)?;
    row.try_get_unchecked(0).map_err(refused)
}

async fn flag(connection: &mut PgConnection, address: &Address, text: &str) -> Result<bool> {
    let row = connection.fetch_one(sqlx::raw_sql(trusted(address, text))).await.map_err(refused)?;
    row.try_get_unchecked(0).map_err(refused)
}

async fn run(connection: &mut PgConnection, address: &Address, text: &str) -> Result<()> {
    connection.execute(sqlx::raw_sql(trusted(address, text))).await.map(drop).map_err(refused)
}

/// The engine's own files, with the name of the schema, which was checked.
fn trusted(address: &Address, text: &str) -> sqlx::SqlStr {
    AssertSqlSafe(address.statement(text)).into_sql_str()
}

fn refused(error: sqlx::Error) -> Error {
    own(error, "creating or updating the tables")
}
