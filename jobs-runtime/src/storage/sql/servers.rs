//! Leases, the list of servers, and what they are told.

use jiff::Timestamp;

use super::{
    claim::server_text,
    connection::Connection,
    fail::Res,
    pauses::pause_at,
    text::{duration, from_json, instant, micros},
    value::{Value, args},
    write::{Read, Shared, Write},
};
use crate::{
    ServerId,
    storage::{Beat, Look, Orders, Outlook, PauseTarget, ServerRecord, Signal},
};

/// Renews a lease by the heart's own connection. Returns the database's time.
pub(crate) async fn beat(connection: &mut dyn Connection, shared: &Shared, beat: &Beat) -> sqlx::Result<Timestamp> {
    let shift = connection.host_time() + shared.settings.clock_offset.micros();
    let args = args![
        beat.server,
        shift,
        micros(beat.lease),
        serde_json::json!(beat.info).to_string(),
        names(&beat.kinds),
        names(&beat.recurring),
    ];
    let now = connection.insert(&shared.sql.server_beat, args).await?;
    // Where a newer beat was first, an engine on the host's clock says nothing.
    Ok(instant(if now == 0 { shift } else { now }))
}

fn names(names: &[std::sync::Arc<str>]) -> String {
    serde_json::Value::from_iter(names.iter().map(|name| name.to_string())).to_string()
}

/// A JSON list of names.
pub(super) fn name_list(text: &str) -> sqlx::Result<Vec<String>> {
    from_json(text)
}

pub(super) async fn retire(write: &mut Write<'_>, server: ServerId) -> Res<()> {
    write.execute(&write.sql.server_end_lease, args![server]).await?;
    write.execute(&write.sql.server_remove, args![server]).await?;
    let pause = args![3_i64, server_text(server)];
    write.execute(&write.sql.pause_delete, pause).await?;
    Ok(())
}

pub(super) async fn sweep(write: &mut Write<'_>) -> Res<u64> {
    let swept = write.execute(&write.sql.server_sweep, args![Value::time(write.now)]).await?;
    write.execute(&write.sql.pause_sweep, args![Value::time(write.now)]).await?;
    Ok(swept)
}

pub(super) async fn list(read: &mut Read<'_>) -> sqlx::Result<Vec<ServerRecord>> {
    let now = read.now().await?;
    let rows = read.rows(&read.sql.server_list, args![Value::time(now)]).await?;
    rows.iter()
        .map(|row| {
            let (id, lease_until) = (row.server(0)?, row.time(3)?);
            Ok(ServerRecord {
                id,
                started_at: instant(row.time(1)?),
                beat_at: instant(row.time(2)?),
                lease_until: instant(lease_until),
                info: from_json(&row.text(4)?)?,
                kinds: name_list(&row.text(5)?)?,
                recurring: name_list(&row.text(6)?)?,
                orders: Orders { stop: row.int(7)? != 0, workers: workers(row.opt_int(8)?) },
                pause: pause_at(row, 9, || PauseTarget::Server(id))?,
                alive: lease_until > now,
            })
        })
        .collect()
}

fn workers(number: Option<i64>) -> Option<u32> {
    number.and_then(|workers| u32::try_from(workers).ok())
}

pub(super) async fn signal(write: &mut Write<'_>, server: ServerId, signal: Signal) -> Res<bool> {
    let (stop, workers) = match signal {
        Signal::Stop => (Some(1_i64), None),
        Signal::Resize(workers) => (None, Some(i64::from(workers))),
    };
    Ok(write.execute(&write.sql.server_signal, args![server, stop, workers]).await? > 0)
}

/// All that a server wants to know each second, in one statement.
pub(super) async fn look(read: &mut Read<'_>, look: &Look) -> sqlx::Result<Outlook> {
    let shift = read.shift();
    let args = args![
        look.server,
        server_text(look.server),
        shift,
        Value::texts(look.queues.iter()),
        Value::texts(look.recurring.iter()),
    ];
    let row = read.one(&read.sql.server_look, args).await?;
    let now = row.time(0)?;
    let until = |column| Ok::<_, sqlx::Error>(row.opt_time(column)?.map(|at| duration(at.saturating_sub(now))));
    Ok(Outlook {
        now: instant(now),
        orders: Orders { stop: row.int(1)? != 0, workers: workers(row.opt_int(2)?) },
        ready: row.flag(3)?,
        scheduled_in: until(4)?,
        recurring_in: until(5)?,
        step_in: until(6)?,
        park: row.flag(7)?,
        rescue: row.flag(8)?,
        sweep: row.flag(9)?,
        holds: row.flag(10)?,
        fold: row.flag(11)?,
        operation: row.flag(12)?,
    })
}
