//! Jobs that no live server can run: set aside, shown, and brought back.

use super::{
    Fixture,
    kit::{LEASE, World},
    make::{HOUR, KIND, all, ask, job, job_of, job_with, names},
};
use crate::{
    JobId, Result, State,
    storage::{Change, ClaimRequest, Due},
};

/// Asserts that the job is runnable, and whether it is set aside.
async fn assert_parked(w: &World<impl Fixture>, id: JobId, parked: bool) -> Result<()> {
    let record = w.get(id).await?;
    assert_eq!((record.state, record.parked), (State::Enqueued, parked), "{}", record.kind);
    Ok(())
}

pub(super) async fn kinds_without_a_server_are_set_aside_and_come_back(w: &World<impl Fixture>) -> Result<()> {
    let known = w.insert(job()).await?;
    let unknown = w.insert_all(vec![job_of("strange"), job_of("strange"), job_of("stranger")]).await?;
    let server = w.server().await?;
    assert_eq!(w.storage.park(100).await?, 3);
    assert_eq!(w.storage.park(100).await?, 0, "nothing changes twice");
    assert_parked(w, known, false).await?;
    for id in &unknown {
        assert_parked(w, *id, true).await?;
    }
    assert_eq!(w.storage.job_list(all(State::Enqueued)).await?.jobs.len(), 4, "what is set aside is listed");
    let other = w.serve(&["strange"]).await?;
    assert_eq!(w.storage.park(100).await?, 2);
    assert_parked(w, unknown[0], false).await?;
    assert_parked(w, unknown[2], true).await?;
    let request = ClaimRequest { kinds: names(&["strange"]), ..ask(other, 9) };
    assert_eq!(w.claim_ids(request).await?, unknown[..2]);
    w.take(server, &[known]).await?;
    Ok(())
}

pub(super) async fn a_dead_server_s_kinds_are_set_aside(w: &World<impl Fixture>) -> Result<()> {
    let id = w.insert(job()).await?;
    let server = w.server().await?;
    assert_eq!(w.storage.park(100).await?, 0);
    w.advance(LEASE);
    assert_eq!(w.storage.park(100).await?, 1, "no lease is valid");
    assert_parked(w, id, true).await?;
    w.beat(server, &[KIND]).await?;
    assert_eq!(w.storage.park(100).await?, 1);
    assert_parked(w, id, false).await?;
    w.storage.server_retire(server).await?;
    assert_eq!(w.storage.park(100).await?, 1, "the lease was ended");
    assert_parked(w, id, true).await?;
    Ok(())
}

pub(super) async fn a_park_moves_at_most_its_limit(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.insert_many(10).await?;
    for parked in [true, false] {
        let mut moved = 0;
        for _ in 0..10 {
            let step = w.storage.park(3).await?;
            assert!(step <= 3, "{step} moved");
            moved += step;
        }
        assert_eq!(moved, 10);
        for id in &ids {
            assert_parked(w, *id, parked).await?;
        }
        w.server().await?;
    }
    Ok(())
}

pub(super) async fn jobs_keep_their_order_through_parking(w: &World<impl Fixture>) -> Result<()> {
    let low = w.insert(job_with(-1)).await?;
    let high = w.insert(job_with(1)).await?;
    let middle = w.insert_many(2).await?;
    assert_eq!(w.storage.park(100).await?, 4);
    let newest = w.insert(job()).await?;
    let server = w.server().await?;
    assert_eq!(w.storage.park(100).await?, 4);
    w.take(server, &[high, middle[0], middle[1], newest, low]).await?;
    Ok(())
}

pub(super) async fn a_parked_job_can_be_changed(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.insert_many(4).await?;
    assert_eq!(w.storage.park(100).await?, 4);
    assert!(w.change(ids[0], Change::Delete { reason: "not wanted".into() }).await?);
    assert!(w.change(ids[1], Change::Reschedule(Due::In(HOUR))).await?);
    assert!(w.change(ids[2], Change::Cancel { reason: "not wanted".into() }).await?);
    assert!(!w.change(ids[3], Change::Requeue).await?, "it is enqueued already");
    let expected = [State::Deleted, State::Scheduled, State::Deleted, State::Enqueued];
    for (id, state) in ids.iter().zip(expected) {
        let record = w.get(*id).await?;
        assert_eq!((record.state, record.parked), (state, state == State::Enqueued));
    }
    let server = w.server().await?;
    assert_eq!(w.storage.park(100).await?, 1);
    w.take(server, &ids[3..]).await?;
    Ok(())
}
