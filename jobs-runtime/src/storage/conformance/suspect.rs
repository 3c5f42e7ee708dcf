//! Claiming suspects: jobs that a server died with.

use super::{
    Fixture,
    kit::{World, ids},
    make::{KIND, ask, finish, job, job_in, job_of, names, success},
};
use crate::{
    JobId, Result, State,
    storage::{Accepted, Change, ClaimRequest, NewJob},
};

pub(super) async fn a_suspect_is_claimed_in_a_chunk_alone(w: &World<impl Fixture>) -> Result<()> {
    let suspect = w.suspect(job()).await?;
    let ordinary = w.insert_many(3).await?;
    let server = w.server().await?;
    let chunks = w.storage.claim(ask(server, 9)).await?;
    assert_eq!(chunks.len(), 2, "one chunk of ordinary jobs and one with the suspect: {chunks:?}");
    for chunk in &chunks {
        let expected = if chunk.suspect { vec![suspect] } else { ordinary.clone() };
        assert_eq!(ids(std::slice::from_ref(chunk)), expected);
        assert_eq!(chunk.jobs[0].crashes, u16::from(chunk.suspect));
        assert_eq!(chunk.jobs[0].attempt, 1 + u16::from(chunk.suspect), "the crash has used an attempt");
    }
    assert_ne!(chunks[0].suspect, chunks[1].suspect);
    assert_ne!(chunks[0].fence, chunks[1].fence);
    Ok(())
}

pub(super) async fn a_suspect_is_left_where_it_may_not_be_taken(w: &World<impl Fixture>) -> Result<()> {
    let suspect = w.suspect(job()).await?;
    let ordinary = w.insert_many(3).await?;
    let server = w.server().await?;
    let request = ClaimRequest { suspects: false, ..ask(server, 9) };
    let chunks = w.storage.claim(request.clone()).await?;
    assert_eq!(ids(&chunks), ordinary);
    assert!(chunks.iter().all(|chunk| !chunk.suspect));
    assert_eq!(w.claim_ids(request).await?, []);
    assert_eq!(w.state(suspect).await?, State::Enqueued);
    Ok(())
}

pub(super) async fn one_claim_takes_one_suspect(w: &World<impl Fixture>) -> Result<()> {
    let crashed = w.insert_many(3).await?;
    let server = w.server().await?;
    w.take(server, &crashed).await?;
    w.crash_all().await?;
    let server = w.server().await?;
    for id in crashed {
        let chunks = w.storage.claim(ask(server, 9)).await?;
        assert_eq!(ids(&chunks), [id], "suspects come one a claim, in order");
        assert!(chunks[0].suspect);
    }
    assert_eq!(w.claim_ids(ask(server, 9)).await?, []);
    Ok(())
}

pub(super) async fn a_suspect_takes_a_slot_and_does_not_starve(w: &World<impl Fixture>) -> Result<()> {
    let suspect = w.suspect(NewJob { priority: 1, ..job() }).await?;
    let mut expected = w.insert_many(4).await?;
    expected.push(suspect);
    expected.sort();
    let server = w.server().await?;
    let mut claimed: Vec<JobId> = Vec::new();
    for _ in 0..expected.len() {
        let chunks = w.storage.claim(ask(server, 1)).await?;
        assert_eq!(ids(&chunks).len(), 1, "one slot is one job, and while there are jobs it is filled");
        let (id, fence) = (chunks[0].jobs[0].id, chunks[0].fence);
        assert_eq!(w.storage.finish(server, vec![finish(id, fence, success())]).await?, [Accepted::Yes]);
        claimed.push(id);
    }
    claimed.sort();
    assert_eq!(claimed, expected);
    Ok(())
}

pub(super) async fn a_suspect_obeys_queue_and_kind(w: &World<impl Fixture>) -> Result<()> {
    let of_kind = w.suspect(job_of("other")).await?;
    let in_queue = w.suspect(job_in("aside")).await?;
    let server = w.serve(&[KIND, "other"]).await?;
    assert_eq!(w.claim_ids(ask(server, 9)).await?, []);
    let request = ClaimRequest { kinds: names(&["other"]), ..ask(server, 9) };
    assert_eq!(w.claim_ids(request).await?, [of_kind]);
    let request = ClaimRequest { queues: vec!["aside".into()], ..ask(server, 9) };
    assert_eq!(w.claim_ids(request).await?, [in_queue]);
    Ok(())
}

pub(super) async fn a_requeue_clears_the_suspicion(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.crash_all().await?;
    w.beat(server, &[KIND]).await?;
    w.claim_one(server, run.id).await?;
    assert!(w.change(run.id, Change::Requeue).await?);
    let record = w.get(run.id).await?;
    assert_eq!((record.attempt, record.crashes), (0, 0));
    let request = ClaimRequest { queues: vec![record.queue.into()], suspects: false, ..ask(server, 1) };
    let chunks = w.storage.claim(request).await?;
    assert_eq!(ids(&chunks), [run.id]);
    assert_eq!((chunks[0].suspect, chunks[0].jobs[0].attempt), (false, 1));
    Ok(())
}
