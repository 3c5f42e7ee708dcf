//! Adds up the deltas of the statistics: transactions only insert them, so that no two ever wait for each other's sums.

use std::collections::BTreeMap;

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    pool::Pool,
    template::prepare,
    transact::{Body, transact},
};
use crate::{
    error::Result,
    storage::sql::{
        connection::Connection,
        fail::Res,
        statement::Sql,
        value::{Table, Value, args},
    },
};

/// How many deltas one transaction adds up.
const STEP: i64 = 2_000;
/// How many transactions one call makes of each table.
const STEPS: u32 = 200;

const WHAT: &str = "adding up the statistics";

/// One table of sums and its deltas: the columns are the delta's number and, of `WIDTH`, the key and last n.
struct Sums<const WIDTH: usize> {
    /// Takes the oldest deltas that nobody else has taken.
    take: Sql,
    add: Sql,
    delete: Sql,
}

pub(super) struct Fold {
    totals: Sums<4>,
    stats: Sums<7>,
}

impl Fold {
    pub(super) fn new() -> Self {
        Self {
            totals: Sums {
                take: prepare(include_str!("sql/fold_totals.sql")),
                add: prepare(include_str!("sql/fold_totals_add.sql")),
                delete: prepare(include_str!("sql/fold_totals_delete.sql")),
            },
            stats: Sums {
                take: prepare(include_str!("sql/fold_stats.sql")),
                add: prepare(include_str!("sql/fold_stats_add.sql")),
                delete: prepare(include_str!("sql/fold_stats_delete.sql")),
            },
        }
    }

    /// Adds up what there is; returns how many deltas are gone. Several servers may do so at once.
    pub(super) async fn run(&self, pool: &Pool) -> Result<u64> {
        Ok(all(pool, &self.totals).await? + all(pool, &self.stats).await?)
    }
}

async fn all<const WIDTH: usize>(pool: &Pool, sums: &Sums<WIDTH>) -> Result<u64> {
    let mut folded = 0;
    for _ in 0..STEPS {
        let step = transact(pool, WHAT, false, &mut Step(sums)).await.map_err(|failure| failure.into_error(WHAT))?;
        folded += step;
        if step < STEP.unsigned_abs() {
            break;
        }
    }
    Ok(folded)
}

struct Step<'s, const WIDTH: usize>(&'s Sums<WIDTH>);

impl<const WIDTH: usize> Body for Step<'_, WIDTH> {
    type Answer = u64;

    fn run<'a>(&'a mut self, connection: &'a mut dyn Connection, _: i64, _: bool) -> BoxFuture<'a, Res<u64>> {
        step(self.0, connection).boxed()
    }
}

async fn step<const WIDTH: usize>(sums: &Sums<WIDTH>, connection: &mut dyn Connection) -> Res<u64> {
    let rows = connection.rows(&sums.take, args![STEP]).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut ids = Vec::with_capacity(rows.len());
    // In the order of the key, as everyone else who adds here locks them; the place of n stays 0.
    let mut added: BTreeMap<[i64; WIDTH], i64> = BTreeMap::new();
    for row in &rows {
        ids.push(row.int(0)?);
        let mut key = [0; WIDTH];
        for (column, part) in key.iter_mut().enumerate().take(WIDTH - 1) {
            *part = row.int(column + 1)?;
        }
        *added.entry(key).or_default() += row.int(WIDTH)?;
    }
    let table: Table = added
        .into_iter()
        .map(|(mut line, n)| {
            line[WIDTH - 1] = n;
            line.map(Value::from)
        })
        .collect();
    connection.bulk(&sums.add, table).await?;
    connection.execute(&sums.delete, args![Value::Ints(ids)]).await?;
    Ok(rows.len() as u64)
}
