//! Taking jobs: in order, within limits, by servers with a right to them, and each by one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures_util::future::join_all;

use super::{
    Fixture,
    kit::{LEASE, World, between, ids, jobs},
    make::{DAY, HOUR, KIND, MINUTE, QUEUE, ask, finish, full_job, job, job_in, job_of, names, success},
};
use crate::{
    Fence, JobId, Result, ServerId, State,
    storage::{Accepted, Change, ClaimRequest, End, NewJob, SharedStorage},
};

pub(super) async fn the_order_is_queue_then_priority_then_id(w: &World<impl Fixture>) -> Result<()> {
    let mut expected = Vec::new();
    for at in 0..60_i16 {
        let queue = ["low", "high"][usize::from(at % 7 % 2 == 0)];
        let priority = [0, 5, -5, 5, i16::MAX, i16::MIN][(at % 6) as usize];
        expected.push(NewJob { priority, ..job_in(queue) });
    }
    let mut shuffled = expected.clone();
    fastrand::Rng::with_seed(7).shuffle(&mut shuffled);
    for part in shuffled.chunks(13) {
        w.insert_all(part.to_vec()).await?;
    }
    // "high" sorts before "low", and so the order asked for is not the alphabet's in one of the two requests.
    expected.sort_by_key(|job| (&*job.queue != "low", -i32::from(job.priority), job.id));
    let server = w.server().await?;
    let request = |slots| ClaimRequest { queues: vec!["low".into(), "high".into()], ..ask(server, slots) };
    let mut claimed = Vec::new();
    for slots in [1, 2, 30, 3, 100] {
        claimed.extend(w.claim_ids(request(slots)).await?);
    }
    assert_eq!(claimed, expected.iter().map(|job| job.id).collect::<Vec<_>>());
    Ok(())
}

pub(super) async fn only_the_queues_and_kinds_asked_for_are_taken(w: &World<impl Fixture>) -> Result<()> {
    let mut lanes = BTreeMap::new();
    for queue in ["a", "b", "c"] {
        for kind in ["k", "l", "m"] {
            let id = w.insert(NewJob { kind: kind.into(), ..job_in(queue) }).await?;
            lanes.insert((queue, kind), id);
        }
    }
    let server = w.serve(&["k", "l", "m"]).await?;
    let request = ClaimRequest { queues: vec!["c".into(), "a".into()], kinds: names(&["m", "k"]), ..ask(server, 99) };
    let expected = [lanes[&("c", "k")], lanes[&("c", "m")], lanes[&("a", "k")], lanes[&("a", "m")]];
    assert_eq!(w.claim_ids(request.clone()).await?, expected);
    assert_eq!(w.claim_ids(request).await?, []);
    for id in [lanes[&("b", "k")], lanes[&("a", "l")]] {
        assert_eq!(w.state(id).await?, State::Enqueued);
    }
    Ok(())
}

pub(super) async fn a_claimed_job_brings_all_its_facts(w: &World<impl Fixture>) -> Result<()> {
    let occurrence = w.now().await?;
    let given = NewJob { recurring: Some(("report".into(), occurrence)), ..full_job() };
    w.insert(given.clone()).await?;
    let server = w.server().await?;
    let before = w.now().await?;
    let chunk = w.take(server, &[given.id]).await?;
    between(before, chunk.claimed_at, w.now().await?);
    let claimed = &chunk.jobs[0];
    let stored = w.get(given.id).await?;
    assert_eq!((&claimed.kind, &claimed.queue, claimed.priority), (&given.kind, &given.queue, -7));
    assert_eq!((&claimed.payload, &claimed.meta, &claimed.tags), (&given.payload, &given.meta, &given.tags));
    assert_eq!((claimed.attempt, claimed.max_attempts, claimed.crashes), (1, 4, 0));
    assert_eq!((claimed.created_at, claimed.due_at), (stored.created_at, stored.due_at));
    assert_eq!((claimed.expired, claimed.cancel_requested), (false, false));
    assert_eq!((claimed.on_exhausted, claimed.timeout), (given.on_exhausted, given.timeout));
    assert_eq!(claimed.recurring, Some(("report".into(), occurrence)));
    assert_eq!((stored.state, stored.server), (State::Processing, Some(server)));
    assert_eq!((stored.started_at, stored.finished_at), (Some(chunk.claimed_at), None));
    assert_eq!(stored.attempt, 0, "the attempt has not ended");
    assert!(stored.fence < chunk.fence, "{:?} has a right over a job of {:?}", chunk.fence, stored.fence);
    assert_eq!(stored.recurring, Some(("report".into(), occurrence)));
    Ok(())
}

pub(super) async fn slots_and_prefetch_limit_the_number(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.insert_many(20).await?;
    let server = w.server().await?;
    assert_eq!(w.claim_ids(ask(server, 0)).await?, []);
    assert_eq!(w.claim_ids(ask(server, 2)).await?, ids[..2]);
    assert_eq!(w.claim_ids(ClaimRequest { prefetch: 3, ..ask(server, 2) }).await?, ids[2..7]);
    assert_eq!(w.claim_ids(ask(server, 99)).await?, ids[7..]);
    Ok(())
}

pub(super) async fn slow_kinds_are_not_prefetched(w: &World<impl Fixture>) -> Result<()> {
    let slow: Vec<_> = w.insert_all((0..8).map(|_| job_of("slow")).collect()).await?;
    let server = w.serve(&["slow", KIND]).await?;
    let request = ClaimRequest {
        kinds: names(&["slow", KIND]),
        slow: names(&["slow", "unknown"]),
        prefetch: 3,
        ..ask(server, 2)
    };
    assert_eq!(w.claim_ids(request.clone()).await?, slow[..2], "the slots take them, in their turn");
    let quick = w.insert_many(8).await?;
    for _ in 0..3 {
        let claimed = w.claim_ids(request.clone()).await?;
        let slow = claimed.iter().filter(|id| slow.contains(id)).count();
        assert!(slow <= 2 && claimed.len() <= 5, "{slow} slow ones of {}", claimed.len());
    }
    assert_eq!(w.state(quick[0]).await?, State::Processing, "slow jobs before them do not hold the quick back");
    Ok(())
}

pub(super) async fn jobs_with_one_attempt_are_not_prefetched(w: &World<impl Fixture>) -> Result<()> {
    let once: Vec<_> = (0..4).map(|_| NewJob { max_attempts: 1, ..job() }).collect();
    let once = w.insert_all(once).await?;
    let server = w.server().await?;
    let request = ClaimRequest { prefetch: 10, ..ask(server, 1) };
    for id in &once[..3] {
        assert_eq!(w.claim_ids(request.clone()).await?, [*id]);
    }
    w.insert_many(5).await?;
    let claimed = w.claim_ids(request).await?;
    assert!(claimed.contains(&once[3]), "the slot takes the first in order: {claimed:?}");
    Ok(())
}

pub(super) async fn nothing_is_taken_without_a_valid_lease(w: &World<impl Fixture>) -> Result<()> {
    let id = w.insert(job()).await?;
    assert_eq!(w.claim_ids(ask(ServerId::new(), 1)).await?, [], "a server that never beat");
    let retired = w.server().await?;
    w.storage.server_retire(retired).await?;
    assert_eq!(w.claim_ids(ask(retired, 1)).await?, [], "a retired server");
    let server = w.server().await?;
    w.advance(LEASE);
    assert_eq!(w.claim_ids(ask(server, 1)).await?, [], "a server whose lease has ended");
    assert_eq!(w.state(id).await?, State::Enqueued);
    w.beat(server, &[KIND]).await?;
    w.take(server, &[id]).await?;
    Ok(())
}

/// Claims and ends jobs until all are done; the ids and fences that this server got.
async fn drain(
    storage: SharedStorage,
    server: ServerId,
    left: Arc<tokio::sync::Semaphore>,
) -> Result<Vec<(JobId, Fence)>> {
    let mut mine = Vec::new();
    while left.available_permits() > 0 {
        for chunk in storage.claim(ask(server, 7)).await? {
            left.forget_permits(chunk.jobs.len());
            let ends = chunk.jobs.iter().map(|job| finish(job.id, chunk.fence, success())).collect();
            let answers = storage.finish(server, ends).await?;
            assert!(answers.iter().all(|answer| *answer == Accepted::Yes), "{answers:?}");
            mine.extend(chunk.jobs.iter().map(|job| (job.id, chunk.fence)));
        }
    }
    Ok(mine)
}

pub(super) async fn no_two_servers_share_a_job(w: &World<impl Fixture>) -> Result<()> {
    let stored = w.insert_many(400).await?;
    let left = Arc::new(tokio::sync::Semaphore::new(stored.len()));
    let handles = [Arc::clone(&w.storage), w.another().await?];
    let mut servers = Vec::new();
    for at in 0..8 {
        let storage = Arc::clone(&handles[at % handles.len()]);
        servers.push(tokio::spawn(drain(storage, w.server().await?, Arc::clone(&left))));
    }
    let mut seen = BTreeMap::new();
    let mut owners: BTreeMap<Fence, usize> = BTreeMap::new();
    for (at, server) in join_all(servers).await.into_iter().enumerate() {
        for (id, fence) in server.expect("a server neither panics nor is aborted")? {
            assert_eq!(seen.insert(id, at), None, "{id} was claimed twice");
            assert_eq!(*owners.entry(fence).or_insert(at), at, "fence {fence} belongs to two servers");
        }
    }
    assert_eq!(seen.into_keys().collect::<Vec<_>>(), stored, "each job was claimed");
    Ok(())
}

pub(super) async fn fences_only_grow(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut last = Fence(i64::MIN);
    for _ in 0..3 {
        let run = w.start(server, job()).await?;
        assert!(run.fence > last);
        last = run.fence;
        w.end_well(run, End::HandedBack).await?;
        let again = w.claim_one(server, run.id).await?;
        assert!(again.fence > last, "of the same job, and when no chunk is left");
        w.change(run.id, Change::Requeue).await?;
        let record = w.get(run.id).await?;
        assert!(record.fence > again.fence, "an operator's act ends the right by a new number");
        last = w.claim_one(server, run.id).await?.fence;
        assert!(last > record.fence);
        w.end_well(crate::storage::conformance::kit::Running { fence: last, ..run }, success()).await?;
    }
    Ok(())
}

pub(super) async fn an_empty_request_takes_nothing(w: &World<impl Fixture>) -> Result<()> {
    w.insert_many(3).await?;
    let server = w.server().await?;
    assert_eq!(w.claim_ids(ClaimRequest { queues: Vec::new(), ..ask(server, 9) }).await?, []);
    assert_eq!(w.claim_ids(ClaimRequest { kinds: names(&[]), ..ask(server, 9) }).await?, []);
    assert_eq!(w.claim_ids(ClaimRequest { queues: vec!["unknown".into()], ..ask(server, 9) }).await?, []);
    assert_eq!(w.claim_ids(ClaimRequest { kinds: names(&["unknown"]), ..ask(server, 9) }).await?, []);
    assert_eq!(w.storage.claims_of(server).await?, [], "an empty claim leaves no chunk");
    Ok(())
}

pub(super) async fn a_queue_named_twice_gives_its_jobs_once(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.insert_many(4).await?;
    let server = w.server().await?;
    let request = ClaimRequest {
        queues: vec![QUEUE.into(), "empty".into(), QUEUE.into()],
        kinds: names(&[KIND, KIND, "other"]),
        ..ask(server, 9)
    };
    assert_eq!(w.claim_ids(request).await?, ids);
    Ok(())
}

pub(super) async fn a_job_past_its_expiry_is_marked(w: &World<impl Fixture>) -> Result<()> {
    let given = vec![
        NewJob { expires: Some(MINUTE), ..job() },
        NewJob { expires: Some(DAY), ..job() },
        job(),
        NewJob { expires: Some(MINUTE), due: crate::storage::Due::In(HOUR), ..job() },
    ];
    let stored = w.insert_all(given).await?;
    w.advance(HOUR);
    w.storage.promote(100).await?;
    let server = w.server().await?;
    let chunks = w.storage.claim(ask(server, 9)).await?;
    assert_eq!(ids(&chunks), stored);
    let expired: Vec<bool> = jobs(&chunks).map(|job| job.expired).collect();
    assert_eq!(expired, [true, false, false, false]);
    Ok(())
}

pub(super) async fn a_cancelled_job_is_marked_when_claimed_again(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let id = w.insert(job()).await?;
    let chunk = w.take(server, &[id]).await?;
    assert!(w.change(id, Change::Cancel { reason: "not wanted".into() }).await?);
    let answers = w.storage.finish(server, vec![finish(id, chunk.fence, End::HandedBack)]).await?;
    assert_eq!(answers, [Accepted::Yes]);
    let chunk = w.take(server, &[id]).await?;
    assert!(chunk.jobs[0].cancel_requested);
    Ok(())
}

pub(super) async fn a_server_sees_the_chunks_that_it_holds(w: &World<impl Fixture>) -> Result<()> {
    let stored = w.insert_many(5).await?;
    let (one, other) = (w.server().await?, w.server().await?);
    let first = w.take(one, &stored[..2]).await?;
    let second = w.take(one, &stored[2..4]).await?;
    let third = w.take(other, &stored[4..]).await?;
    let mut held = w.storage.claims_of(one).await?;
    held.sort_by_key(|(fence, _)| *fence);
    assert_eq!(held, [(first.fence, stored[..2].to_vec()), (second.fence, stored[2..4].to_vec())]);
    assert_eq!(w.storage.claims_of(other).await?, [(third.fence, vec![stored[4]])]);
    assert_eq!(w.storage.claims_of(ServerId::new()).await?, []);
    let fences: BTreeSet<Fence> = [first.fence, second.fence, third.fence].into();
    assert_eq!(fences.len(), 3, "each chunk has a fence of its own");
    Ok(())
}
