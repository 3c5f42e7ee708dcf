//! Pauses: what claims, promotion to `ready` and the scheduler leave alone for a while.

use std::sync::Arc;

use super::{
    claim::server_text,
    fail::Res,
    insert::due_at,
    names::Noun,
    row::{Row, damaged},
    text::{clean, instant},
    value::{Value, args},
    write::{Read, Write},
};
use crate::{
    ServerId,
    storage::{Due, Pause, PauseTarget},
};

/// The small number that stands for the sort of a target in storage; never renumber.
const fn code(target: &PauseTarget) -> i64 {
    match target {
        PauseTarget::Queue(_) => 0,
        PauseTarget::Kind(_) => 1,
        PauseTarget::Recurring(_) => 2,
        PauseTarget::Server(_) => 3,
    }
}

fn text(target: &PauseTarget) -> String {
    match target {
        PauseTarget::Queue(name) | PauseTarget::Kind(name) | PauseTarget::Recurring(name) => name.to_string(),
        PauseTarget::Server(id) => server_text(*id),
    }
}

fn target_of(code: i64, text: String) -> sqlx::Result<PauseTarget> {
    Ok(match code {
        0 => PauseTarget::Queue(Arc::from(text)),
        1 => PauseTarget::Kind(Arc::from(text)),
        2 => PauseTarget::Recurring(Arc::from(text)),
        3 => PauseTarget::Server(text.parse::<ServerId>().map_err(|error| sqlx::Error::Decode(Box::new(error)))?),
        _ => return Err(damaged(format!("no sort of pause has the number {code}"))),
    })
}

pub(super) async fn pause(write: &mut Write<'_>, target: &PauseTarget, reason: &str, until: Option<Due>) -> Res<()> {
    // Claims compare numbers.
    let number = match target {
        PauseTarget::Queue(name) => write.number(Noun::Queue, name).await?,
        PauseTarget::Kind(name) => write.number(Noun::Kind, name).await?,
        PauseTarget::Recurring(_) | PauseTarget::Server(_) => 0,
    };
    let until = until.map(|until| due_at(until, write.now));
    let args = args![code(target), text(target), number, clean(reason), Value::time(write.now), Value::time(until)];
    write.execute(&write.sql.pause_upsert, args).await?;
    write.effects.work = true;
    Ok(())
}

pub(super) async fn resume(write: &mut Write<'_>, target: &PauseTarget) -> Res<bool> {
    let was = list(&mut write.read()).await?.iter().any(|pause| pause.target == *target);
    // One that has ended is left to the sweep: a deletion of what is not there could keep others waiting.
    if was {
        write.execute(&write.sql.pause_delete, args![code(target), text(target)]).await?;
        write.effects.work = true;
    }
    Ok(was)
}

/// All pauses in force.
pub(super) async fn list(read: &mut Read<'_>) -> sqlx::Result<Vec<Pause>> {
    let now = read.now().await?;
    let rows = read.rows(&read.sql.pause_list, args![Value::time(now)]).await?;
    rows.iter()
        .map(|row| {
            let target = target_of(row.int(0)?, row.text(1)?)?;
            pause_at(row, 2, || target)?.ok_or_else(|| damaged("a pause without a beginning".to_owned()))
        })
        .collect()
}

/// The pause in three columns: reason, since, until. There is none where `since` is null.
pub(super) fn pause_at(row: &Row, column: usize, target: impl FnOnce() -> PauseTarget) -> sqlx::Result<Option<Pause>> {
    let Some(since) = row.opt_time(column + 1)? else { return Ok(None) };
    Ok(Some(Pause {
        target: target(),
        reason: row.opt_text(column)?.unwrap_or_default(),
        since: instant(since),
        until: row.opt_time(column + 2)?.map(instant),
    }))
}
