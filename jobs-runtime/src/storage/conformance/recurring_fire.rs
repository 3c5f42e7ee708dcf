//! Occurrences of recurring jobs: each fires at most once, whoever looks and however often.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use jobs_schedule::Overlap;

use super::{
    Ending, Fixture, REFUSED,
    kit::World,
    make::{DAY, HOUR, MINUTE, all, ask, failure, finish, fire, job, occurrence, spec, success},
};
use crate::{
    JobId, Result, State,
    storage::{Accepted, Fire, NewJob, RecurringRecord, RecurringRun, RecurringSpec, SharedStorage},
};

/// Stores a definition whose next occurrence is an hour past.
async fn define(w: &World<impl Fixture>, id: &str) -> Result<Timestamp> {
    let at = w.now().await? - HOUR;
    w.storage.recurring_upsert(spec(id), Some(at)).await?;
    Ok(at)
}

/// The definition, which must be there.
async fn get(w: &World<impl Fixture>, id: &str) -> Result<RecurringRecord> {
    Ok(w.storage.recurring_get(id).await?.unwrap_or_else(|| panic!("the definition {id} is stored")))
}

/// How many jobs the database holds.
async fn jobs(w: &World<impl Fixture>) -> Result<i64> {
    Ok(w.storage.recount().await?.iter().map(|total| total.jobs).sum())
}

pub(super) async fn a_fire_makes_the_job_and_moves_on(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    let next = at + DAY;
    let mut fired = fire("report", at, Some(next));
    fired.jobs[0].1.payload = b"of this occurrence".to_vec();
    let id = fired.jobs[0].1.id;
    assert_eq!(w.storage.recurring_fire(fired).await?, 1);
    let stored = get(w, "report").await?;
    assert_eq!((stored.next_at, stored.last_at, stored.last_job), (Some(next), Some(at), Some(id)));
    let record = w.get(id).await?;
    assert_eq!((record.state, record.recurring), (State::Enqueued, Some(("report".into(), at))));
    assert_eq!(record.payload, b"of this occurrence");
    assert!(w.storage.recurring_due(&[]).await?.1.is_empty());
    let server = w.server().await?;
    let chunk = w.take(server, &[id]).await?;
    assert_eq!(chunk.jobs[0].recurring, Some(("report".into(), at)));
    Ok(())
}

pub(super) async fn a_fire_without_a_next_time_ends_the_schedule(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    assert_eq!(w.storage.recurring_fire(fire("report", at, None)).await?, 1);
    assert_eq!(get(w, "report").await?.next_at, None);
    w.advance(400 * DAY);
    let (_, due, next) = w.storage.recurring_due(&[]).await?;
    assert!(due.is_empty() && next.is_none(), "{due:?} {next:?}");
    Ok(())
}

pub(super) async fn a_fire_from_an_old_look_does_nothing(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    let next = at + MINUTE;
    assert_eq!(w.storage.recurring_fire(fire("report", at, Some(next))).await?, 1);
    let what = |record: RecurringRecord| (record.next_at, record.last_at, record.last_job);
    let stored = what(get(w, "report").await?);
    for expected in [at, at + DAY, at - DAY] {
        let old = Fire { expected, ..fire("report", at + 2 * MINUTE, Some(at + HOUR)) };
        assert_eq!(w.storage.recurring_fire(old).await?, 0);
    }
    assert_eq!(what(get(w, "report").await?), stored, "nothing happens");
    assert_eq!(jobs(w).await?, 1);
    Ok(())
}

pub(super) async fn an_occurrence_fires_once_in_its_life(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    let fired = fire("report", at, Some(at + DAY));
    assert_eq!(w.storage.recurring_fire(fired.clone()).await?, 1);
    assert_eq!(w.storage.recurring_fire(fired).await?, 0, "a resend after a lost answer");
    // An edit of the schedule brings the same instant about once more; another definition may share it.
    let edited = RecurringSpec { cron: "0 9 * * MON".into(), ..spec("report") };
    w.storage.recurring_upsert(edited, Some(at)).await?;
    let again = Fire {
        jobs: vec![(at, occurrence("report", at)), (at + MINUTE, occurrence("report", at + MINUTE))],
        ..fire("report", at, Some(at + DAY))
    };
    assert_eq!(w.storage.recurring_fire(again).await?, 1, "only the occurrence that is new");
    assert_eq!(get(w, "report").await?.next_at, Some(at + DAY));
    w.storage.recurring_upsert(spec("other"), Some(at)).await?;
    assert_eq!(w.storage.recurring_fire(fire("other", at, None)).await?, 1);
    assert_eq!(jobs(w).await?, 3);
    Ok(())
}

/// One scheduler's round: all that it finds due, fired; how many jobs it made.
async fn round(storage: SharedStorage) -> Result<u64> {
    let mut made = 0;
    let (_, due, _) = storage.recurring_due(&[]).await?;
    for record in due {
        let at = record.next_at.expect("what is due has a time");
        made += storage.recurring_fire(fire(&record.spec.id, at, Some(at + MINUTE))).await?;
    }
    Ok(made)
}

pub(super) async fn two_schedulers_fire_each_occurrence_once(w: &World<impl Fixture>) -> Result<()> {
    let start = w.now().await?;
    for at in 0..15 {
        w.storage.recurring_upsert(spec(&format!("report {at}")), Some(start)).await?;
    }
    let other = w.another().await?;
    let mut made = 0;
    for _ in 0..3 {
        let rounds = [Arc::clone(&w.storage), Arc::clone(&other), Arc::clone(&other)].map(|s| tokio::spawn(round(s)));
        for round in rounds {
            made += round.await.expect("a scheduler neither panics nor is aborted")?;
        }
        w.advance(MINUTE);
    }
    let jobs = w.storage.job_list(all(State::Enqueued)).await?.jobs;
    let fired: BTreeSet<_> = jobs.iter().map(|job| job.recurring.clone()).collect();
    assert_eq!(fired.len(), jobs.len(), "no occurrence has two jobs");
    assert_eq!(made, jobs.len() as u64, "what was told to be made is there");
    for minute in 0..3 {
        for at in 0..15 {
            let occurrence = (format!("report {at}"), start + minute * MINUTE);
            assert!(fired.contains(&Some(occurrence.clone())), "{occurrence:?} has fired");
        }
    }
    Ok(())
}

/// Runs the job to that end.
async fn run(w: &World<impl Fixture>, id: JobId, end: crate::storage::End) -> Result<()> {
    let server = w.server().await?;
    let chunk = w.take(server, &[id]).await?;
    assert_eq!(w.storage.finish(server, vec![finish(id, chunk.fence, end)]).await?, [Accepted::Yes]);
    Ok(())
}

pub(super) async fn an_overlap_is_skipped_until_the_run_has_ended(w: &World<impl Fixture>) -> Result<()> {
    let mut at = define(w, "report").await?;
    let skip = |at: Timestamp| Fire { overlap: Overlap::Skip, ..fire("report", at, Some(at + MINUTE)) };
    for end in [success(), failure()] {
        let first = skip(at);
        let id = first.jobs[0].1.id;
        assert_eq!(w.storage.recurring_fire(first).await?, 1, "no run before it, or one that has ended");
        at += MINUTE;
        assert_eq!(w.storage.recurring_fire(skip(at)).await?, 0, "the run before waits");
        at += MINUTE;
        assert_eq!(get(w, "report").await?.next_at, Some(at), "the definition moves on all the same");
        let server = w.server().await?;
        let chunk = w.take(server, &[id]).await?;
        assert_eq!(w.storage.recurring_fire(skip(at)).await?, 0, "the run before runs");
        at += MINUTE;
        let retried = finish(id, chunk.fence, crate::storage::End::HandedBack);
        assert_eq!(w.storage.finish(server, vec![retried]).await?, [Accepted::Yes]);
        run(w, id, end).await?;
    }
    assert_eq!(w.storage.recurring_fire(skip(at)).await?, 1);
    assert_eq!(jobs(w).await?, 3);
    Ok(())
}

pub(super) async fn a_run_by_hand_does_not_hide_the_one_before(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    let skip = |at: Timestamp| Fire { overlap: Overlap::Skip, ..fire("report", at, Some(at + MINUTE)) };
    let first = skip(at);
    let running = first.jobs[0].1.id;
    assert_eq!(w.storage.recurring_fire(first).await?, 1);
    let by_hand = job();
    let id = by_hand.id;
    assert!(w.storage.recurring_trigger("report", by_hand).await?);
    let server = w.server().await?;
    let chunk = w.take(server, &[running, id]).await?;
    assert_eq!(w.storage.finish(server, vec![finish(id, chunk.fence, success())]).await?, [Accepted::Yes]);
    assert_eq!(w.state(running).await?, State::Processing);
    assert_eq!(w.storage.recurring_fire(skip(at + MINUTE)).await?, 0, "the occurrence before still runs");
    Ok(())
}

pub(super) async fn an_overlap_is_allowed_where_the_fire_says_so(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    for minute in 0..3 {
        let at = at + minute * MINUTE;
        assert_eq!(w.storage.recurring_fire(fire("report", at, Some(at + MINUTE))).await?, 1);
    }
    let server = w.server().await?;
    assert_eq!(w.claim_ids(ask(server, 9)).await?.len(), 3);
    Ok(())
}

pub(super) async fn a_list_of_missed_occurrences_is_stored_whole(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    let missed: Vec<_> =
        (0..50_u32).map(|minute| at + minute * MINUTE).map(|at| (at, occurrence("report", at))).collect();
    let ids: Vec<JobId> = missed.iter().map(|(_, job)| job.id).collect();
    let last = missed[49].0;
    let fired = Fire { jobs: missed, ..fire("report", at, Some(last + HOUR)) };
    assert_eq!(w.storage.recurring_fire(fired.clone()).await?, 50);
    assert_eq!(w.storage.recurring_fire(fired).await?, 0);
    let stored = get(w, "report").await?;
    assert_eq!((stored.next_at, stored.last_at, stored.last_job), (Some(last + HOUR), Some(last), Some(ids[49])));
    let server = w.server().await?;
    w.take(server, &ids).await?;

    // One job that cannot be stored takes the others and the move with it.
    let at = define(w, "faulty").await?;
    w.fixture.refuse().await?;
    let refused = NewJob { payload: REFUSED.to_vec(), ..job() };
    let jobs = vec![(at, occurrence("faulty", at)), (at + MINUTE, refused)];
    let fired = Fire { jobs, ..fire("faulty", at, Some(at + DAY)) };
    assert!(w.storage.recurring_fire(fired.clone()).await.is_err());
    assert_eq!(get(w, "faulty").await?.next_at, Some(at), "it is still due");
    assert_eq!(w.storage.job_get(fired.jobs[0].1.id).await?, None);
    Ok(())
}

pub(super) async fn an_empty_list_only_moves_on(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    let skipped = Fire { jobs: Vec::new(), ..fire("report", at, Some(at + DAY)) };
    assert_eq!(w.storage.recurring_fire(skipped).await?, 0);
    let stored = get(w, "report").await?;
    assert_eq!((stored.next_at, stored.last_at, stored.last_job), (Some(at + DAY), None, None));
    assert_eq!(jobs(w).await?, 0);
    Ok(())
}

/// The runs of a definition, which are at most so many.
async fn runs(w: &World<impl Fixture>, id: &str, limit: u32) -> Result<Vec<RecurringRun>> {
    w.storage.recurring_runs(id, limit).await
}

pub(super) async fn runs_are_listed_newest_first(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    define(w, "report 2").await?;
    assert_eq!(runs(w, "report", 9).await?, []);
    let missed: Vec<_> =
        (0..30_u32).map(|minute| at + minute * MINUTE).map(|at| (at, occurrence("report", at))).collect();
    let made = |(at, job): &(Timestamp, NewJob)| RecurringRun { at: *at, job: job.id };
    let expected: Vec<_> = missed.iter().rev().map(made).collect();
    w.storage.recurring_fire(Fire { jobs: missed, ..fire("report", at, Some(at + DAY)) }).await?;
    assert_eq!(runs(w, "report", 100).await?, expected);
    assert_eq!(runs(w, "report", 20).await?, expected[..20]);
    assert_eq!(runs(w, "report", 0).await?, []);
    for other in ["report 2", "Report", "report ", "", "nothing"] {
        assert_eq!(runs(w, other, 9).await?, [], "{other:?} has made none");
    }
    Ok(())
}

pub(super) async fn runs_by_hand_have_times_of_their_own(w: &World<impl Fixture>) -> Result<()> {
    let now = Timestamp::from_second(w.now().await?.as_second()).expect("a second within the calendar");
    w.storage.recurring_upsert(spec("report"), Some(now)).await?;
    let (first, second) = (job(), job());
    for by_hand in [&first, &second] {
        assert!(w.storage.recurring_trigger("report", by_hand.clone()).await?);
    }
    let gone = job();
    let within = gone.clone();
    w.within(Ending::Rollback, move |storage, tx| {
        Box::pin(async move { storage.recurring_trigger_within(tx.connection(), "report", within).await })
    })
    .await?;
    let by_schedule = fire("report", now, Some(now + DAY));
    assert_eq!(w.storage.recurring_fire(by_schedule.clone()).await?, 1);
    let listed = runs(w, "report", 9).await?;
    let told = |job: &NewJob| listed.iter().find(|run| run.job == job.id).map(|run| run.is_by_hand());
    assert_eq!((told(&first), told(&second), told(&gone)), (Some(true), Some(true), None));
    assert_eq!(told(&by_schedule.jobs[0].1), Some(false), "a whole second is an occurrence");
    assert_eq!(listed.len(), 3);
    assert!(listed.windows(2).all(|pair| pair[0].at > pair[1].at), "{listed:?}");
    for run in listed {
        assert_eq!(w.get(run.job).await?.recurring, Some(("report".to_owned(), run.at)), "the job says the same");
    }
    Ok(())
}

pub(super) async fn runs_go_with_their_jobs(w: &World<impl Fixture>) -> Result<()> {
    let at = define(w, "report").await?;
    let gone = |job: NewJob| NewJob { retain: Some(std::time::Duration::ZERO), ..job };
    let (kept, by_hand) = (occurrence("report", at + MINUTE), gone(job()));
    let jobs = vec![(at, gone(occurrence("report", at))), (at + MINUTE, kept.clone())];
    let mut ids: Vec<_> = jobs.iter().map(|(_, job)| job.id).chain([by_hand.id]).collect();
    ids.sort();
    w.storage.recurring_fire(Fire { jobs, ..fire("report", at, None) }).await?;
    assert!(w.storage.recurring_trigger("report", by_hand).await?);
    assert_eq!(runs(w, "report", 9).await?.len(), 3);
    let server = w.server().await?;
    let chunk = w.take(server, &ids).await?;
    let ends = ids.iter().map(|id| finish(*id, chunk.fence, success())).collect();
    assert_eq!(w.storage.finish(server, ends).await?, [Accepted::Yes; 3]);
    w.advance(MINUTE);
    while w.storage.clean(100).await? >= 100 {}
    assert_eq!(runs(w, "report", 9).await?, [RecurringRun { at: at + MINUTE, job: kept.id }]);
    w.storage.recurring_remove("report").await?;
    assert_eq!(runs(w, "report", 9).await?.len(), 1, "what it made stays");
    Ok(())
}
