//! Stories of chunks: jobs that share a fence and part ways, and claims that outlive their servers.

use super::{
    Fixture,
    kit::{CRASH_LIMIT, LEASE, Running, World},
    make::{HOUR, KIND, MINUTE, ask, finish, job, success},
};
use crate::{
    Result, State,
    storage::{Accepted, Change, End, Rescued},
};

pub(super) async fn a_rescue_spares_a_neighbour_that_left_the_chunk(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(2).await?;
    let (first, second) = (w.server().await?, w.server().await?);
    let chunk = w.take(first, &jobs).await?;
    let [long, short] = [jobs[0], jobs[1]].map(|id| Running { server: first, id, fence: chunk.fence });
    w.end_well(short, End::Retry { delay: MINUTE, error: "no answer".into() }).await?;
    w.advance(MINUTE);
    w.storage.promote(100).await?;
    let elsewhere = w.take(second, &[short.id]).await?;
    // The long job keeps the first server's chunk, which still names the short one, until that server dies.
    w.advance(LEASE);
    w.beat(second, &[KIND]).await?;
    assert_eq!(w.storage.rescue_candidates().await?, [chunk.fence]);
    let rescued = w.storage.rescue(vec![chunk.fence], CRASH_LIMIT).await?;
    assert_eq!(rescued, Rescued { requeued: 1, failed: 0 });
    let record = w.get(short.id).await?;
    assert_eq!((record.state, record.server, record.crashes), (State::Processing, Some(second), 0));
    assert_eq!(w.state(long.id).await?, State::Enqueued);
    assert_eq!(w.claim_ids(ask(second, 9)).await?, [long.id], "only the long job runs once more");
    let run = Running { server: second, id: short.id, fence: elsewhere.fence };
    w.end_well(run, success()).await?;
    assert_eq!(w.get(short.id).await?.attempt, 2);
    Ok(())
}

pub(super) async fn a_claim_that_outlives_its_server_is_rescued(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(3).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &jobs).await?;
    w.fixture.erase_server(server).await?;
    assert_eq!(w.server_record(server).await?, None, "the preparation of the test");
    for id in &jobs {
        assert_eq!(w.state(*id).await?, State::Processing);
    }
    assert_eq!(w.storage.rescue_candidates().await?, [chunk.fence]);
    let rescued = w.storage.rescue(vec![chunk.fence], CRASH_LIMIT).await?;
    assert_eq!(rescued, Rescued { requeued: 3, failed: 0 });
    assert_eq!(w.storage.rescue_candidates().await?, []);
    for id in &jobs {
        assert_eq!(w.state(*id).await?, State::Enqueued);
    }
    Ok(())
}

pub(super) async fn a_claim_whose_answer_was_lost_can_be_given_back(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(3).await?;
    let server = w.server().await?;
    drop(w.storage.claim(ask(server, 3)).await?);
    let held = w.storage.claims_of(server).await?;
    assert_eq!(held.len(), 1);
    let (fence, ids) = &held[0];
    assert_eq!(*ids, jobs);
    let ends = ids.iter().map(|id| finish(*id, *fence, End::HandedBack)).collect();
    assert_eq!(w.storage.finish(server, ends).await?, [Accepted::Yes; 3]);
    let chunk = w.take(server, &jobs).await?;
    assert!(chunk.jobs.iter().all(|job| job.attempt == 1), "nothing was charged: {chunk:?}");
    Ok(())
}

pub(super) async fn a_release_hands_back_what_is_live_and_charges_nothing(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(3).await?;
    let (server, other) = (w.server().await?, w.server().await?);
    let chunk = w.take(server, &jobs).await?;
    let foreign = w.start(other, job()).await?;
    w.end_well(Running { server, id: jobs[0], fence: chunk.fence }, success()).await?;
    assert_eq!(w.storage.claims_release(server).await?, 2);
    assert_eq!(w.storage.claims_release(server).await?, 0, "nothing is left to hold");
    assert_eq!(w.storage.claims_of(server).await?, []);
    for id in &jobs[1..] {
        let record = w.get(*id).await?;
        assert_eq!((record.state, record.attempt, record.crashes), (State::Enqueued, 0, 0));
    }
    assert_eq!(w.state(jobs[0]).await?, State::Succeeded);
    let late = vec![finish(jobs[1], chunk.fence, success())];
    assert_eq!(w.storage.finish(server, late).await?, [Accepted::Stale], "its right has ended");
    w.end_well(foreign, success()).await?;
    Ok(())
}

pub(super) async fn a_retired_server_leaves_its_chunk_to_the_rescue(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert_eq!(w.storage.rescue_candidates().await?, []);
    w.storage.server_retire(server).await?;
    assert_eq!(w.storage.rescue_candidates().await?, [run.fence], "at once");
    let rescued = w.storage.rescue(vec![run.fence], CRASH_LIMIT).await?;
    assert_eq!(rescued, Rescued { requeued: 1, failed: 0 });
    Ok(())
}

pub(super) async fn a_chunk_goes_with_its_last_job(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(4).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &jobs).await?;
    let run = |at: usize| Running { server, id: jobs[at], fence: chunk.fence };
    w.end_well(run(0), success()).await?;
    w.end_well(run(1), End::HandedBack).await?;
    assert!(w.change(jobs[2], Change::Delete { reason: "not wanted".into() }).await?);
    let held = w.storage.claims_of(server).await?;
    assert!(held.iter().any(|(fence, ids)| *fence == chunk.fence && ids.contains(&jobs[3])), "{held:?}");
    w.end_well(run(3), End::Retry { delay: HOUR, error: "no answer".into() }).await?;
    assert_eq!(w.storage.claims_of(server).await?, [], "nothing is left to hold");

    // An operator's act may be what takes the last job away.
    for change in [Change::Requeue, Change::Delete { reason: "not wanted".into() }] {
        let run = w.start(server, job()).await?;
        assert!(w.change(run.id, change).await?);
        w.storage.server_retire(server).await?;
        w.storage.rescue(w.storage.rescue_candidates().await?, CRASH_LIMIT).await?;
        w.storage.server_sweep().await?;
        assert_eq!(w.storage.claims_of(server).await?, []);
        assert_eq!(w.server_record(server).await?, None, "a chunk without live jobs keeps no server");
        w.beat(server, &[KIND]).await?;
    }
    Ok(())
}

pub(super) async fn a_deleted_job_is_not_rescued_with_its_chunk(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(3).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &jobs).await?;
    assert!(w.change(jobs[0], Change::Delete { reason: "not wanted".into() }).await?);
    w.end_well(Running { server, id: jobs[1], fence: chunk.fence }, success()).await?;
    let before = (w.get(jobs[0]).await?, w.get(jobs[1]).await?);
    assert_eq!(w.crash_all().await?, Rescued { requeued: 1, failed: 0 });
    assert_eq!((w.get(jobs[0]).await?, w.get(jobs[1]).await?), before);
    assert_eq!(w.state(jobs[2]).await?, State::Enqueued);
    Ok(())
}
