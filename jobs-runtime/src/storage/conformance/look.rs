//! What one look tells a server of all that there is to do.

use std::{sync::Arc, time::Duration};

use super::{
    Fixture,
    flow::{batch, member},
    kit::{CRASH_LIMIT, LEASE, World, between},
    make::{HOUR, KIND, MINUTE, QUEUE, SECOND, fire, job, job_due, job_in, job_of, names, spec, success},
};
use crate::{
    Result, ServerId,
    storage::{Change, Due, Look, NewBatch, NewJob, Outlook, Owner, PauseTarget, RecurringSpec, Signal},
};

impl<F: Fixture> World<F> {
    /// What a server sees that reads the everyday queue and declares nothing.
    pub(super) async fn look(&self, server: ServerId) -> Result<Outlook> {
        self.storage.server_look(Look { server, queues: names(&[QUEUE]), recurring: names(&[]) }).await
    }

    async fn ready(&self, server: ServerId, queues: &[&str]) -> Result<bool> {
        Ok(self.storage.server_look(Look { server, queues: names(queues), recurring: names(&[]) }).await?.ready)
    }
}

/// Asserts that a time is still to come, which was so long away before the calls that followed.
#[track_caller]
fn assert_in(told: Option<Duration>, time: Duration) {
    between(time.saturating_sub(MINUTE / 2), told.expect("it is known"), time);
}

pub(super) async fn where_nothing_is_there_is_nothing_to_do(w: &World<impl Fixture>) -> Result<()> {
    for server in [ServerId::new(), w.server().await?] {
        let before = w.now().await?;
        let seen = w.look(server).await?;
        between(before, seen.now, w.now().await?);
        assert_eq!(seen, Outlook { now: seen.now, ..Outlook::default() });
    }
    assert!(!w.ready(ServerId::new(), &[]).await?, "no queue at all");
    Ok(())
}

pub(super) async fn runnable_jobs_are_seen_in_the_queues_that_are_read(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let id = w.insert(job_in("İş 'günü'")).await?;
    assert!(!w.ready(server, &[QUEUE, "iş 'günü'", "İş 'günü' ", ""]).await?, "none of these is the queue");
    assert!(w.ready(server, &[QUEUE, "İş 'günü'"]).await?);
    assert!(w.ready(ServerId::new(), &["İş 'günü'"]).await?, "a lease is not asked for");
    w.claim_one(server, id).await?;
    assert!(!w.ready(server, &["İş 'günü'"]).await?, "it is taken");
    w.another().await?.job_insert(vec![job()].into()).await?;
    assert!(w.look(server).await?.ready, "another process's commit");
    Ok(())
}

pub(super) async fn a_suspect_is_seen_as_well(w: &World<impl Fixture>) -> Result<()> {
    let id = w.suspect(job()).await?;
    let server = w.server().await?;
    assert!(w.look(server).await?.ready);
    w.claim_one(server, id).await?;
    assert!(!w.look(server).await?.ready);
    Ok(())
}

pub(super) async fn what_is_paused_is_not_ready(w: &World<impl Fixture>) -> Result<()> {
    let (server, other) = (w.server().await?, w.server().await?);
    w.insert_all(vec![job(), job_in("mail")]).await?;
    let queue = PauseTarget::Queue(QUEUE.into());
    w.storage.pause(queue.clone(), "testing".into(), None).await?;
    assert!(!w.look(server).await?.ready);
    assert!(w.ready(server, &[QUEUE, "mail"]).await?, "the other queue is not paused");
    assert!(w.storage.resume(queue.clone()).await?);
    assert!(w.look(server).await?.ready);
    w.storage.pause(PauseTarget::Server(server), "testing".into(), Some(Due::In(MINUTE))).await?;
    w.storage.pause(queue, "testing".into(), Some(Due::In(2 * MINUTE))).await?;
    for (ready, sweep) in [(false, false), (false, true), (true, true)] {
        let seen = w.look(server).await?;
        assert_eq!(
            (seen.ready, seen.sweep),
            (ready, sweep),
            "a pause ends by the database's clock, and is then removed"
        );
        assert_eq!(w.look(other).await?.ready, ready);
        w.advance(MINUTE);
    }
    w.storage.server_sweep().await?;
    assert!(!w.look(server).await?.sweep);
    Ok(())
}

pub(super) async fn the_next_scheduled_job_is_told(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let later = w.insert(job_due(Due::In(HOUR))).await?;
    assert_in(w.look(server).await?.scheduled_in, HOUR);
    w.insert(job_due(Due::In(2 * MINUTE))).await?;
    let seen = w.look(server).await?;
    assert_in(seen.scheduled_in, 2 * MINUTE);
    assert!(!seen.ready, "it waits");
    w.advance(3 * MINUTE);
    assert_eq!(w.look(server).await?.scheduled_in, Some(Duration::ZERO));
    assert_eq!(w.storage.promote(9).await?.jobs, 1);
    let seen = w.look(server).await?;
    assert_in(seen.scheduled_in, HOUR - 3 * MINUTE);
    assert!(seen.ready);
    assert!(w.change(later, Change::Delete { reason: "not wanted".into() }).await?);
    assert_eq!(w.look(server).await?.scheduled_in, None);
    Ok(())
}

pub(super) async fn the_next_occurrence_is_told_to_those_that_may_fire_it(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let recurring_in = async |declared: &[&str]| {
        let look = Look { server, queues: names(&[QUEUE]), recurring: names(declared) };
        Ok::<_, crate::Error>(w.storage.server_look(look).await?.recurring_in)
    };
    let now = w.now().await?;
    w.storage.recurring_upsert(spec("never again"), None).await?;
    let of_code = RecurringSpec { owner: Owner::Code, ..spec("ay sonu 'İ'") };
    w.storage.recurring_upsert(of_code, Some(now + 2 * MINUTE)).await?;
    assert_eq!(recurring_in(&["ay sonu 'i'", ""]).await?, None, "others declare it");
    assert_in(recurring_in(&["another", "ay sonu 'İ'"]).await?, 2 * MINUTE);
    let at = now + HOUR;
    w.storage.recurring_upsert(spec("tenant"), Some(at)).await?;
    assert_in(recurring_in(&[]).await?, HOUR);
    w.advance(HOUR + SECOND);
    assert_eq!(recurring_in(&[]).await?, Some(Duration::ZERO));
    assert_eq!(w.storage.recurring_fire(fire("tenant", at, Some(at + HOUR))).await?, 1);
    assert_in(recurring_in(&[]).await?, HOUR - SECOND);
    assert_eq!(recurring_in(&["ay sonu 'İ'"]).await?, Some(Duration::ZERO), "it is still due");
    Ok(())
}

pub(super) async fn the_next_step_of_a_batch_is_told(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let open = NewBatch { sealed: false, ..batch() };
    let (id, in_batch) = (open.id, member(open.id));
    w.store(vec![open], vec![NewJob { queue: QUEUE.into(), ..in_batch }]).await?;
    let seen = w.look(server).await?;
    assert_in(seen.step_in, HOUR);
    assert!(!seen.ready, "the batch holds it back");
    w.storage.batch_seal(id).await?;
    assert_eq!(w.look(server).await?.step_in, Some(Duration::ZERO));
    w.settle().await?;
    let seen = w.look(server).await?;
    assert!(seen.ready && seen.step_in.is_none_or(|step| step > Duration::ZERO), "{seen:?}");
    Ok(())
}

pub(super) async fn jobs_to_be_set_aside_or_brought_back_are_told(w: &World<impl Fixture>) -> Result<()> {
    let server = w.serve(&["İş", KIND]).await?;
    let park = async || Ok::<_, crate::Error>(w.look(server).await?.park);
    // Whatever a look says, the parker finds the same.
    let settled = async |moves: u64, why: &str| -> Result<()> {
        assert_eq!(park().await?, moves > 0, "{why}");
        assert_eq!(w.storage.park(100).await?, moves, "{why}");
        assert!(!park().await?, "{why}: nothing is left");
        Ok(())
    };
    w.insert_all(vec![job(), job_of("İş")]).await?;
    settled(0, "a live server runs both").await?;
    w.insert_all(vec![job_of("iş"), job_of("İş "), job_of("iş")]).await?;
    settled(3, "nobody runs these").await?;
    let other = w.serve(&["iş"]).await?;
    settled(2, "somebody runs one of them").await?;
    w.storage.pause(PauseTarget::Kind("İş".into()), "testing".into(), Some(Due::In(MINUTE))).await?;
    settled(1, "the kind is paused").await?;
    w.advance(MINUTE);
    settled(1, "not any more").await?;
    w.storage.server_retire(other).await?;
    settled(2, "its server has left").await?;
    w.advance(LEASE);
    settled(2, "no lease is valid").await?;
    w.beat(server, &["İş", KIND]).await?;
    settled(2, "its server is back").await?;
    Ok(())
}

pub(super) async fn chunks_without_a_lease_and_rows_of_the_dead_are_told(w: &World<impl Fixture>) -> Result<()> {
    let (busy, alive) = (w.server().await?, w.server().await?);
    let seen = async |server| {
        let seen = w.look(server).await?;
        Ok::<_, crate::Error>((seen.holds, seen.rescue, seen.sweep))
    };
    let run = w.start(busy, job()).await?;
    assert_eq!(seen(busy).await?, (true, false, false));
    assert_eq!(seen(alive).await?, (false, false, false), "it holds nothing");
    w.advance(LEASE);
    w.beat(alive, &[KIND]).await?;
    assert_eq!(seen(alive).await?, (false, true, false), "a row with a chunk stays");
    w.beat(busy, &[KIND]).await?;
    assert_eq!(seen(alive).await?, (false, false, false), "it was not dead");
    w.advance(LEASE);
    w.beat(alive, &[KIND]).await?;
    w.storage.rescue(vec![run.fence], CRASH_LIMIT).await?;
    assert_eq!(seen(alive).await?, (false, false, true));
    assert_eq!(w.storage.server_sweep().await?, 1);
    assert_eq!(seen(alive).await?, (false, false, false));
    let run = w.start(alive, job()).await?;
    w.fixture.erase_server(alive).await?;
    assert_eq!(seen(alive).await?, (true, true, false), "a chunk whose server has no row");
    w.end_well(run, success()).await?;
    assert_eq!(seen(alive).await?, (false, false, false));
    Ok(())
}

pub(super) async fn orders_are_told_with_the_rest(w: &World<impl Fixture>) -> Result<()> {
    let (server, other) = (w.server().await?, w.server().await?);
    w.storage.server_signal(server, Signal::Resize(3)).await?;
    w.storage.server_signal(server, Signal::Stop).await?;
    let told = w.look(server).await?.orders;
    assert_eq!((told.stop, told.workers), (true, Some(3)));
    assert_eq!(w.look(other).await?.orders, Default::default());
    Ok(())
}

pub(super) async fn notes_of_the_statistics_are_told_until_they_are_added_up(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    w.start(server, job()).await?;
    let told = w.look(server).await?.fold;
    assert_eq!(w.storage.stat_roll().await? > 0, told, "an engine that keeps notes says so, and no other");
    assert!(!w.look(server).await?.fold);
    Ok(())
}

pub(super) async fn one_of_many_queues_is_enough(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    for round in 0..3 {
        let queues: Vec<Arc<str>> = (0..100).map(|number| format!("queue {number} of {round}").into()).collect();
        let last = Arc::clone(&queues[99]);
        let look = || Look { server, queues: queues.clone().into(), recurring: names(&[]) };
        assert!(!w.storage.server_look(look()).await?.ready);
        w.insert(NewJob { queue: last, ..job() }).await?;
        assert!(w.storage.server_look(look()).await?.ready, "in the last of a hundred queues");
    }
    Ok(())
}
