//! Putting back the jobs of dead servers: when it may be done, what it charges, and when it gives up.

use std::sync::Arc;

use super::{
    Fixture,
    kit::{CRASH_LIMIT, LEASE, World, between, ids},
    make::{KIND, MINUTE, ask, finish, job, success},
};
use crate::{
    Fence, JobId, Result, State,
    job::OnExhausted,
    storage::{Accepted, EventKind, Measure, NewJob, Rescued},
};

pub(super) async fn a_valid_lease_protects(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    assert_eq!(w.storage.rescue_candidates().await?, []);
    assert_eq!(w.storage.rescue(vec![run.fence], CRASH_LIMIT).await?, Rescued::default());
    assert_eq!(w.state(run.id).await?, State::Processing);
    w.end_well(run, success()).await?;
    Ok(())
}

pub(super) async fn a_renewed_lease_protects_from_an_old_look(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.advance(LEASE);
    let seen = w.storage.rescue_candidates().await?;
    assert_eq!(seen, [run.fence]);
    w.beat(server, &[KIND]).await?;
    assert_eq!(w.storage.rescue(seen, CRASH_LIMIT).await?, Rescued::default());
    assert_eq!(w.state(run.id).await?, State::Processing);
    w.end_well(run, success()).await?;
    Ok(())
}

pub(super) async fn a_rescue_charges_attempt_and_crash(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let run = w.start(server, job()).await?;
    w.advance(LEASE);
    let before = w.now().await?;
    let rescued = w.storage.rescue(w.storage.rescue_candidates().await?, CRASH_LIMIT).await?;
    let after = w.now().await?;
    assert_eq!(rescued, Rescued { requeued: 1, failed: 0 });
    let record = w.get(run.id).await?;
    assert_eq!((record.state, record.server), (State::Enqueued, None));
    assert!(record.fence > run.fence, "a rescue ends the right with a new number");
    assert_eq!((record.attempt, record.crashes, record.finished_at), (1, 1, None));
    let events = w.storage.job_events(run.id).await?;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!((events[0].what, events[0].attempt), (EventKind::Rescued, 1));
    between(before, events[0].at, after);
    assert_eq!(w.count(Measure::Rescued).await?, 1);
    assert_eq!(w.storage.claims_of(server).await?, [], "the chunk is gone");
    Ok(())
}

pub(super) async fn the_first_crash_counts_for_all(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(5).await?;
    let server = w.server().await?;
    w.take(server, &jobs).await?;
    assert_eq!(w.crash_all().await?, Rescued { requeued: 5, failed: 0 });
    for id in jobs {
        let record = w.get(id).await?;
        assert_eq!((record.state, record.attempt, record.crashes), (State::Enqueued, 1, 1));
    }
    Ok(())
}

/// Lets a server die with the job so many times.
async fn crash(w: &World<impl Fixture>, id: JobId, times: u16) -> Result<Rescued> {
    let mut rescued = Rescued::default();
    for _ in 0..times {
        let server = w.server().await?;
        w.claim_one(server, id).await?;
        rescued = w.crash_all().await?;
    }
    Ok(rescued)
}

pub(super) async fn the_crash_limit_fails_the_job(w: &World<impl Fixture>) -> Result<()> {
    let id = w.insert(job()).await?;
    assert_eq!(crash(w, id, CRASH_LIMIT - 1).await?, Rescued { requeued: 1, failed: 0 });
    assert_eq!(w.state(id).await?, State::Enqueued);
    assert_eq!(crash(w, id, 1).await?, Rescued { requeued: 0, failed: 1 });
    let record = w.get(id).await?;
    assert_eq!((record.state, record.attempt, record.crashes), (State::Failed, 3, 3));
    let reason = record.reason.unwrap_or_default();
    assert!(reason.starts_with("crashed"), "{reason:?}");
    assert!(record.finished_at.is_some());
    assert_eq!(w.count(Measure::Failed).await?, 1);
    Ok(())
}

pub(super) async fn a_limit_of_one_fails_at_the_first_crash(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(2).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &jobs).await?;
    w.storage.server_retire(server).await?;
    assert_eq!(w.storage.rescue(vec![chunk.fence], 1).await?, Rescued { requeued: 0, failed: 2 });
    for id in jobs {
        assert_eq!(w.state(id).await?, State::Failed);
    }
    Ok(())
}

pub(super) async fn used_up_attempts_fail_the_job(w: &World<impl Fixture>) -> Result<()> {
    let id = w.insert(NewJob { max_attempts: 2, ..job() }).await?;
    assert_eq!(crash(w, id, 1).await?, Rescued { requeued: 1, failed: 0 });
    assert_eq!(crash(w, id, 1).await?, Rescued { requeued: 0, failed: 1 });
    let record = w.get(id).await?;
    assert_eq!((record.state, record.attempt, record.crashes), (State::Failed, 2, 2));
    let reason = record.reason.unwrap_or_default();
    assert!(reason.starts_with("crashed"), "{reason:?}");
    Ok(())
}

pub(super) async fn used_up_attempts_delete_where_the_job_says_so(w: &World<impl Fixture>) -> Result<()> {
    let id = w.insert(NewJob { max_attempts: 1, on_exhausted: OnExhausted::Delete, ..job() }).await?;
    assert_eq!(crash(w, id, 1).await?.requeued, 0);
    let record = w.get(id).await?;
    assert_eq!((record.state, record.attempt), (State::Deleted, 1));
    assert!(record.finished_at.is_some() && record.reason.is_some());
    assert_eq!(w.count(Measure::Deleted).await?, 1);
    Ok(())
}

pub(super) async fn a_rescue_done_twice_is_harmless(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(4).await?;
    let server = w.server().await?;
    let chunk = w.take(server, &jobs).await?;
    w.advance(LEASE);
    let twice = vec![chunk.fence, chunk.fence];
    assert_eq!(w.storage.rescue(twice.clone(), CRASH_LIMIT).await?, Rescued { requeued: 4, failed: 0 });
    let server = w.server().await?;
    w.claim_one(server, jobs[0]).await?;
    let records = [w.get(jobs[0]).await?, w.get(jobs[3]).await?];
    assert_eq!(w.storage.rescue(twice, CRASH_LIMIT).await?, Rescued::default());
    assert_eq!([w.get(jobs[0]).await?, w.get(jobs[3]).await?], records);
    Ok(())
}

pub(super) async fn two_rescuers_do_the_work_once(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(40).await?;
    let server = w.server().await?;
    for part in jobs.chunks(4) {
        w.take(server, part).await?;
    }
    w.advance(LEASE);
    let seen = w.storage.rescue_candidates().await?;
    assert_eq!(seen.len(), 10);
    let other = w.another().await?;
    let [mut one, mut two] = [seen.clone(), seen];
    one.reverse();
    two.rotate_left(3);
    let own = Arc::clone(&w.storage);
    let (one, two) = tokio::join!(own.rescue(one, CRASH_LIMIT), other.rescue(two, CRASH_LIMIT));
    assert_eq!(one?.requeued + two?.requeued, 40);
    for id in jobs {
        let record = w.get(id).await?;
        assert_eq!((record.state, record.attempt, record.crashes), (State::Enqueued, 1, 1));
        assert_eq!(w.storage.job_events(id).await?.len(), 1, "one entry in the history");
    }
    assert_eq!(w.count(Measure::Rescued).await?, 40);
    Ok(())
}

pub(super) async fn a_verdict_that_races_with_a_rescue_has_one_winner(w: &World<impl Fixture>) -> Result<()> {
    let other = w.another().await?;
    for _ in 0..5 {
        let server = w.server().await?;
        let run = w.start(server, job()).await?;
        w.advance(LEASE);
        let verdict = vec![finish(run.id, run.fence, success())];
        let rescue = other.rescue(vec![run.fence], CRASH_LIMIT);
        let (answers, rescued) = tokio::join!(w.storage.finish(server, verdict), rescue);
        let outcome = (answers?[0], rescued?.requeued, w.state(run.id).await?);
        let won = outcome == (Accepted::Yes, 0, State::Succeeded);
        assert!(won || outcome == (Accepted::Stale, 1, State::Enqueued), "{outcome:?}");
    }
    Ok(())
}

pub(super) async fn unknown_fences_are_ignored(w: &World<impl Fixture>) -> Result<()> {
    assert_eq!(w.storage.rescue(Vec::new(), CRASH_LIMIT).await?, Rescued::default());
    let strange = [i64::MIN, -1, 0, 77, i64::MAX].map(Fence).to_vec();
    assert_eq!(w.storage.rescue(strange, CRASH_LIMIT).await?, Rescued::default());
    Ok(())
}

pub(super) async fn a_poison_job_does_not_fail_its_neighbours(w: &World<impl Fixture>) -> Result<()> {
    let jobs = w.insert_many(10).await?;
    let poison = jobs[4];
    let mut rounds = 0;
    while w.state(poison).await? != State::Failed {
        rounds += 1;
        assert!(rounds < 20, "the poison job is found out");
        let server = w.server().await?;
        let chunks = w.storage.claim(ask(server, 20)).await?;
        if ids(&chunks).contains(&poison) {
            w.advance(LEASE + MINUTE);
            w.storage.rescue(w.storage.rescue_candidates().await?, CRASH_LIMIT).await?;
            continue;
        }
        for chunk in chunks {
            let ends: Vec<_> = chunk.jobs.iter().map(|job| finish(job.id, chunk.fence, success())).collect();
            let answers = w.storage.finish(server, ends).await?;
            assert!(answers.iter().all(|answer| *answer == Accepted::Yes), "{answers:?}");
        }
    }
    let server = w.server().await?;
    loop {
        let chunks = w.storage.claim(ask(server, 20)).await?;
        if chunks.is_empty() {
            break;
        }
        for chunk in chunks {
            let ends: Vec<_> = chunk.jobs.iter().map(|job| finish(job.id, chunk.fence, success())).collect();
            w.storage.finish(server, ends).await?;
        }
    }
    for id in jobs {
        let record = w.get(id).await?;
        let expected = if id == poison { (State::Failed, 3) } else { (State::Succeeded, 1) };
        assert_eq!((record.state, record.crashes), expected);
    }
    Ok(())
}
