//! Creating and updating the tables, in numbered steps, each noted in `jobs_migration`. The database commits every statement that
//! makes a table: a step can be run again from its start, and is noted when all of it is done.

use sqlx::{MySqlConnection, Row as _};

use super::{
    driver::commands,
    error::{is_missing_table, own},
    template,
};
use crate::{
    error::{Error, Result},
    storage::sql::{
        connection::Connection,
        migrate::check,
        value::{Value, args},
    },
};

/// Every step, oldest first. A published step is never edited.
const STEPS: [(i64, &str, &str); 8] = [
    (1, "foundation", include_str!("migrations/0001_foundation.sql")),
    (2, "pauses", include_str!("migrations/0002_pauses.sql")),
    (3, "flows", include_str!("migrations/0003_flows.sql")),
    (4, "room", include_str!("migrations/0004_room.sql")),
    (5, "audit", include_str!("migrations/0005_audit.sql")),
    (6, "operations", include_str!("migrations/0006_operations.sql")),
    (7, "errors", include_str!("migrations/0007_errors.sql")),
    (8, "edits", include_str!("migrations/0008_edits.sql")),
];

/// The version that this program works with.
pub(super) const NEWEST: i64 = STEPS[STEPS.len() - 1].0;

/// Brings the tables to this program's version, or only looks whether they are there.
///
/// Several processes may do it at once: the first to take the lock does the work. After a crash in the middle the next start goes
/// on with the same step.
pub(super) async fn migrate(connection: &mut MySqlConnection, allowed: bool) -> Result<()> {
    let found = version(connection).await?;
    if found == Some(NEWEST) || !allowed {
        return check(found, NEWEST);
    }
    let lock = commands(connection, include_str!("sql/migration_lock.sql")).await.map_err(refused)?;
    let taken: Option<i64> = lock.first().map_or(Ok(None), |row| row.try_get_unchecked(0)).map_err(refused)?;
    if taken != Some(1) {
        return Err(Error::Locked("updating the tables: another process has been doing so for a minute".to_owned()));
    }
    let done = steps(connection).await;
    let unlocked = commands(connection, include_str!("sql/migration_unlock.sql")).await.map_err(refused);
    done.and(unlocked.map(drop))
}

async fn steps(connection: &mut MySqlConnection) -> Result<()> {
    commands(connection, include_str!("sql/migration_table.sql")).await.map_err(refused)?;
    let from = version(connection).await?.unwrap_or(0);
    if from > NEWEST {
        return check(Some(from), NEWEST);
    }
    for (number, name, statements) in STEPS.into_iter().filter(|(number, ..)| *number > from) {
        commands(connection, statements).await.map_err(refused)?;
        let now = connection.clock().await.map_err(refused)?;
        let note = template::prepare(include_str!("sql/migration_insert.sql"));
        connection.execute(&note, args![number, name, Value::time(now)]).await.map_err(refused)?;
    }
    Ok(())
}

fn refused(error: sqlx::Error) -> Error {
    own(error, "creating or updating the tables")
}

/// The version of the tables; `None` where there are none.
async fn version(connection: &mut MySqlConnection) -> Result<Option<i64>> {
    let sql = template::prepare(include_str!("sql/migration_version.sql"));
    match connection.rows(&sql, args![]).await {
        Ok(rows) => rows.first().map_or(Ok(None), |row| row.opt_int(0)).map_err(refused),
        Err(error) if is_missing_table(&error) => Ok(None),
        Err(error) => Err(own(error, "reading the version of the tables")),
    }
}
