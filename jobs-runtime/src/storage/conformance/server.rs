//! Servers: what a beat stores, when a lease is valid, and when a row may go.

use std::time::Duration;

use super::{
    Fixture,
    kit::{LEASE, World, between, info},
    make::{KIND, MINUTE, SECOND, job, names},
};
use crate::{
    Result, ServerId,
    storage::{Beat, Orders, ServerRecord},
};

pub(super) async fn a_beat_stores_what_the_server_says(w: &World<impl Fixture>) -> Result<()> {
    let server = ServerId::new();
    let mut heart = w.storage.heart().await?;
    let mut said = info("höst's \"1\" 👩‍👩‍👧‍👦");
    said.queues = vec!["critical".into(), "İş".into()];
    let before = w.now().await?;
    let kinds = names(&["b", "a", "ünïcode"]);
    let recurring = names(&["month end", "İş"]);
    let at = heart.beat(&Beat { server, lease: LEASE, info: said.clone(), kinds, recurring }).await?;
    between(before, at, w.now().await?);
    let mut record = w.server_record(server).await?.expect("a beat makes the server's row");
    record.kinds.sort();
    record.recurring.sort();
    let expected = ServerRecord {
        id: server,
        info: said,
        kinds: vec!["a".into(), "b".into(), "ünïcode".into()],
        started_at: at,
        beat_at: at,
        lease_until: at + LEASE,
        alive: true,
        recurring: vec!["month end".into(), "İş".into()],
        pause: None,
        orders: Orders::default(),
    };
    assert_eq!(record, expected);
    Ok(())
}

pub(super) async fn a_lease_follows_a_clock_that_was_set_back(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let ahead = w.now().await?;
    w.settings.clock_offset.set(ahead - 10 * LEASE);
    let at = w.beat(server, &[KIND]).await?;
    let record = w.server_record(server).await?.expect("it has beaten");
    assert_eq!((record.beat_at, record.lease_until), (at, at + LEASE), "not so long as before the clock was set");
    w.advance(LEASE + SECOND);
    assert!(!w.server_record(server).await?.expect("the row stays").alive);
    Ok(())
}

pub(super) async fn a_second_beat_renews_and_keeps_the_start(w: &World<impl Fixture>) -> Result<()> {
    let server = ServerId::new();
    let mut heart = w.another().await?.heart().await?;
    let beat = |lease, running, kinds: &[&str]| {
        let info = crate::storage::ServerInfo { running, stopping: running == 0, ..info("host:1") };
        Beat { server, lease, info, kinds: names(kinds), recurring: names(&[]) }
    };
    let first = heart.beat(&beat(LEASE, 5, &["a", "b"])).await?;
    w.advance(MINUTE);
    let second = heart.beat(&beat(2 * LEASE, 0, &["b", "c"])).await?;
    assert!(first + MINUTE <= second, "the beat tells the shifted time");
    let mut record = w.server_record(server).await?.expect("the row stays");
    record.kinds.sort();
    assert_eq!((record.started_at, record.beat_at, record.lease_until), (first, second, second + 2 * LEASE));
    assert_eq!((record.info.running, record.info.stopping), (0, true));
    assert_eq!(record.kinds, ["b", "c"]);
    Ok(())
}

pub(super) async fn a_lease_ends_by_the_database_clock(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let alive = async || Ok::<_, crate::Error>(w.server_record(server).await?.expect("the row stays").alive);
    assert!(alive().await?);
    w.advance(LEASE - MINUTE);
    assert!(alive().await?, "the last minute");
    w.advance(MINUTE + SECOND);
    assert!(!alive().await?);
    w.beat(server, &[KIND]).await?;
    assert!(alive().await?);
    let mut heart = w.storage.heart().await?;
    heart.beat(&Beat { lease: Duration::ZERO, ..super::kit::beat(server, &[KIND]) }).await?;
    assert!(!alive().await?, "a lease of no length");
    Ok(())
}

pub(super) async fn servers_are_listed_oldest_first(w: &World<impl Fixture>) -> Result<()> {
    assert_eq!(w.storage.server_list().await?, []);
    let mut started = Vec::new();
    for _ in 0..5 {
        w.advance(SECOND);
        started.push(w.server().await?);
    }
    // Neither a later beat nor the end of a lease moves a server.
    w.beat(started[1], &[KIND]).await?;
    w.advance(LEASE);
    w.beat(started[3], &[KIND]).await?;
    let listed: Vec<_> = w.storage.server_list().await?.iter().map(|record| (record.id, record.alive)).collect();
    let expected: Vec<_> = started.iter().map(|server| (*server, *server == started[3])).collect();
    assert_eq!(listed, expected);
    Ok(())
}

pub(super) async fn a_retired_server_is_gone_when_it_holds_nothing(w: &World<impl Fixture>) -> Result<()> {
    let (server, other) = (w.server().await?, w.server().await?);
    w.storage.server_retire(server).await?;
    w.storage.server_retire(server).await?;
    w.storage.server_retire(ServerId::new()).await?;
    assert_eq!(w.server_record(server).await?, None);
    assert!(w.server_record(other).await?.is_some_and(|record| record.alive));
    Ok(())
}

pub(super) async fn a_retired_server_stays_while_it_holds_a_chunk(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.storage.server_retire(server).await?;
    assert!(w.server_record(server).await?.is_some_and(|record| !record.alive));
    assert_eq!(w.storage.server_sweep().await?, 0);
    w.storage.rescue(vec![run.fence], 3).await?;
    assert_eq!(w.storage.server_sweep().await?, 1);
    assert_eq!(w.server_record(server).await?, None);
    Ok(())
}

pub(super) async fn a_sweep_takes_only_the_dead_without_chunks(w: &World<impl Fixture>) -> Result<()> {
    let [idle, busy, alive] = [w.server().await?, w.server().await?, w.server().await?];
    let run = w.start(busy, job()).await?;
    assert_eq!(w.storage.server_sweep().await?, 0, "all leases are valid");
    w.advance(LEASE);
    w.beat(alive, &[KIND]).await?;
    assert_eq!(w.storage.server_sweep().await?, 1);
    let left: Vec<_> = w.storage.server_list().await?.iter().map(|record| record.id).collect();
    assert_eq!(left, [busy, alive], "{idle} alone is gone");
    assert_eq!(w.get(run.id).await?.server, Some(busy));
    Ok(())
}

pub(super) async fn a_swept_server_may_beat_again(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    w.advance(LEASE);
    assert_eq!(w.storage.server_sweep().await?, 1);
    let at = w.beat(server, &[KIND]).await?;
    let record = w.server_record(server).await?.expect("a beat makes the server's row");
    assert_eq!((record.started_at, record.alive), (at, true));
    w.start(server, job()).await?;
    Ok(())
}
