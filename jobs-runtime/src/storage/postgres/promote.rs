//! Making due jobs runnable in one statement of its own.

use async_trait::async_trait;
use futures_util::FutureExt;
use sqlx::PgConnection;

use super::transact::{Core, Single};
use crate::{
    error::Result,
    storage::{
        Promoted,
        sql::{
            engine::PROMOTING,
            fail::Res,
            names::Names,
            upkeep,
            value::args,
            write::{Effects, Sealed, Write},
        },
    },
};

/// Moves so many due jobs at most. Where the answer is lost, what was moved is found by the servers' looks.
pub(super) async fn promote(core: &Core, limit: u32) -> Result<Promoted> {
    if core.address.pooled {
        return core.write(PROMOTING, move |write| upkeep::promote(write, limit).boxed()).await;
    }
    let promoted = core.alone(PROMOTING, &Promote(limit)).await?;
    let effects = Effects { work: promoted.jobs > 0, ..Effects::default() };
    core.committed(Sealed { effects, names: Names::default() });
    Ok(promoted)
}

struct Promote(u32);

#[async_trait]
impl Single for Promote {
    type Answer = Promoted;

    async fn run(&self, core: &Core, connection: &mut PgConnection) -> Res<Promoted> {
        let offset = core.shared.settings.clock_offset.micros();
        // Not a transaction: each statement is committed by itself, and the time is known with the first.
        let mut write = Write::new(connection, &core.shared, 0);
        let row = write.one(&core.own.promote_take, args![offset, i64::from(self.0)]).await?;
        let (jobs, now) = (row.int(0)?, row.time(1)?);
        let mut write = Write::new(connection, &core.shared, now - offset);
        Ok(Promoted { jobs: u64::try_from(jobs).unwrap_or_default(), next_in: upkeep::next_in(&mut write).await? })
    }
}
