//! The database and the program as they stand. How the database is reached is told nowhere.

use std::collections::BTreeMap;

use axum::extract::State as Shares;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Json, millis};
use crate::{
    shared::Shared,
    web::{Fault, Visit},
};

/// The database and the program.
#[derive(Serialize, ToSchema)]
pub(crate) struct System {
    /// `sqlite`, `postgres` or `mysql`.
    engine: &'static str,
    /// The engine's own words for its version.
    version: String,
    /// The version of the tables.
    schema: i64,
    /// The version of this library.
    library: &'static str,
    /// The database's time.
    now: Timestamp,
    /// How far the database's clock is ahead of this host's; negative where it is behind.
    clock_ahead_ms: i64,
    /// By how much that may be wrong.
    clock_uncertain_ms: u64,
    /// What takes how much room, the largest first.
    tables: Vec<Table>,
    /// The steps that made the tables what they are, the oldest first.
    migrations: Vec<Migration>,
    /// How many live servers run which version of this library.
    servers: BTreeMap<String, u64>,
}

/// A step that made the tables.
#[derive(Serialize, ToSchema)]
struct Migration {
    /// The version of the tables after it.
    version: i64,
    /// What it brought.
    name: String,
    /// When it was carried out.
    applied_at: Timestamp,
}

/// How large a table is.
#[derive(Serialize, ToSchema)]
struct Table {
    /// Its name; `database`, where only the whole is known.
    name: String,
    /// About how many rows it has, where the engine keeps an estimate.
    rows: Option<i64>,
    /// How many bytes it takes with its indexes.
    bytes: i64,
}

/// The database and the program as they stand.
#[utoipa::path(
    get,
    path = "/api/v1/system",
    tag = "system",
    responses((status = 200, description = "The system", body = System)),
)]
pub(crate) async fn show(Shares(shared): Shares<Shared>, _: Visit) -> Result<Json<System>, Fault> {
    let pulse = shared.live.pulse().await?;
    let system = shared.client.system().await?;
    let mut servers = BTreeMap::new();
    for server in pulse.alive() {
        *servers.entry(server.info.version.clone()).or_default() += 1;
    }
    Ok(Json(System {
        engine: system.engine,
        version: system.version,
        schema: system.schema,
        library: system.library,
        now: system.now,
        clock_ahead_ms: i64::try_from(system.ahead.as_millis()).unwrap_or(if system.ahead.is_negative() {
            i64::MIN
        } else {
            i64::MAX
        }),
        clock_uncertain_ms: millis(system.uncertain),
        tables: system
            .sizes
            .into_iter()
            .map(|table| Table { name: table.name, rows: table.rows, bytes: table.bytes })
            .collect(),
        migrations: system
            .migrations
            .into_iter()
            .map(|step| Migration { version: step.version, name: step.name, applied_at: step.applied_at })
            .collect(),
        servers,
    }))
}
