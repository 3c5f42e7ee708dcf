//! What operators tell servers.

use super::{
    Fixture,
    kit::{LEASE, World},
    make::KIND,
};
use crate::{
    Result, ServerId,
    storage::{Orders, Signal},
};

const NOTHING: Orders = Orders { stop: false, workers: None };

pub(super) async fn a_server_is_told_nothing_at_first(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    assert_eq!(w.look(server).await?.orders, NOTHING);
    assert_eq!(w.server_record(server).await?.expect("it is alive").orders, NOTHING);
    Ok(())
}

pub(super) async fn signals_add_up_for_the_server_they_are_for(w: &World<impl Fixture>) -> Result<()> {
    let (server, other) = (w.server().await?, w.server().await?);
    let elsewhere = w.another().await?;
    assert!(elsewhere.server_signal(server, Signal::Resize(3)).await?);
    assert_eq!(w.look(server).await?.orders, Orders { stop: false, workers: Some(3) });
    assert!(elsewhere.server_signal(server, Signal::Stop).await?);
    assert!(elsewhere.server_signal(server, Signal::Stop).await?, "told twice");
    assert!(elsewhere.server_signal(server, Signal::Resize(40_000)).await?);
    let expected = Orders { stop: true, workers: Some(40_000) };
    assert_eq!(w.look(server).await?.orders, expected);
    assert_eq!(w.server_record(server).await?.expect("it is alive").orders, expected);
    assert_eq!(w.look(other).await?.orders, NOTHING);
    Ok(())
}

pub(super) async fn a_beat_leaves_what_the_server_is_told(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    w.storage.server_signal(server, Signal::Resize(2)).await?;
    w.storage.server_signal(server, Signal::Stop).await?;
    w.beat(server, &[KIND]).await?;
    assert_eq!(w.look(server).await?.orders, Orders { stop: true, workers: Some(2) });
    Ok(())
}

pub(super) async fn a_server_that_is_not_there_is_told_apart(w: &World<impl Fixture>) -> Result<()> {
    let (retired, swept) = (w.server().await?, w.server().await?);
    w.storage.server_retire(retired).await?;
    w.advance(LEASE);
    assert_eq!(w.storage.server_sweep().await?, 1);
    for server in [retired, swept, ServerId::new()] {
        for signal in [Signal::Stop, Signal::Resize(1)] {
            assert!(!w.storage.server_signal(server, signal).await?);
        }
        assert_eq!(w.look(server).await?.orders, NOTHING);
    }
    Ok(())
}
