//! The walks of operations: every place that a state lives in, in pages of any size, and counts of what would be met.

use std::collections::BTreeSet;

use super::{
    Fixture,
    flow::{after, batch, child, laned},
    kit::World,
    make::{HOUR, KIND, MINUTE, deletion, failure, job, job_due, job_in, job_of, retry, success},
    operation::run,
};
use crate::{
    Error, ErrorId, JobId, Result, State,
    flow::Condition,
    storage::{BulkAct, Due, End, JobFilter, JobRecord, Matching, NewBatch, NewJob, OperationState},
};

/// The jobs that carry the mark of an operation.
async fn marked(w: &World<impl Fixture>, states: &[State]) -> Result<BTreeSet<JobId>> {
    let mut marked = BTreeSet::new();
    for state in states {
        let jobs = w.storage.job_list(super::make::all(*state)).await?;
        marked.extend(jobs.into_iter().filter(|job| job.priority == 99).map(|job| job.id));
    }
    Ok(marked)
}

const MARK: BulkAct = BulkAct::Prioritize(99);

/// A job of this kind that has been brought into that state.
async fn in_state(w: &World<impl Fixture>, kind: &str, state: State, n: u32) -> Result<JobId> {
    let new = NewJob { kind: kind.into(), ..laned() };
    let server = w.serve(&[kind]).await?;
    let end = match state {
        State::Enqueued => return w.insert(new).await,
        // Several at one time, and several times.
        State::Scheduled => {
            let at = w.now().await? + HOUR * (1 + n % 2);
            return w.insert(NewJob { due: Due::At(at), ..new }).await;
        }
        State::Awaiting => {
            let parent = w.insert(job_of("parent")).await?;
            let waits = NewJob { kind: kind.into(), ..child(parent, Condition::Success) };
            let id = waits.id;
            w.store(Vec::new(), vec![waits]).await?;
            return Ok(id);
        }
        State::Processing => return Ok(w.start(server, new).await?.id),
        State::Succeeded => success(),
        State::Failed => failure(),
        State::Deleted => deletion(),
    };
    let run = w.start(server, new).await?;
    w.end_well(run, end).await?;
    Ok(run.id)
}

pub(super) async fn every_state_is_walked_in_steps_of_any_size(w: &World<impl Fixture>) -> Result<()> {
    for limit in [1, 2, 100] {
        for state in State::ALL {
            let kind = format!("{state} by {limit}");
            let mut ids = Vec::new();
            for n in 0..5 {
                ids.push(in_state(w, &kind, state, n).await?);
            }
            let at = w.now().await? + 24 * HOUR;
            let act = BulkAct::Reschedule(Due::At(at));
            let operation = w.begin(JobFilter::new(state).kind(&*kind), act).await?;
            run(&w.storage, limit).await?;
            let record = w.operation(operation).await?;
            assert_eq!((record.done, record.failed, record.expected), (5, 0, Some(5)), "{kind}: {record:?}");
            for id in ids {
                let after = w.get(id).await?;
                assert_eq!((after.state, after.due_at), (State::Scheduled, at), "{kind}");
            }
        }
    }
    Ok(())
}

pub(super) async fn all_lanes_are_walked(w: &World<impl Fixture>) -> Result<()> {
    w.server().await?;
    let mut jobs = Vec::new();
    for queue in ["critical", "default", "low"] {
        for priority in [i16::MIN, -1, 0, 3, i16::MAX] {
            for kind in [super::make::KIND, "strange", "stranger"] {
                for _ in 0..2 {
                    jobs.push(NewJob { priority, queue: queue.into(), ..job_of(kind) });
                }
            }
        }
    }
    let ids: BTreeSet<JobId> = w.insert_all(jobs).await?.into_iter().collect();
    let suspect = w.suspect(job_in("zz")).await?;
    w.server().await?;
    assert_eq!(w.storage.park(1_000).await?, 60);
    for limit in [1, 7, 1_000] {
        let act = BulkAct::Reschedule(Due::Now);
        let id = w.begin(JobFilter::new(State::Enqueued), act).await?;
        run(&w.storage, limit).await?;
        let record = w.operation(id).await?;
        assert_eq!((record.state, record.done), (OperationState::Done, ids.len() as i64 + 1), "by {limit}: {record:?}");
        w.storage.park(1_000).await?;
    }
    w.operate(JobFilter::new(State::Enqueued), BulkAct::Delete).await?;
    assert_eq!(w.storage.job_list(super::make::all(State::Deleted)).await?.jobs.len(), ids.len() + 1);
    assert_eq!(w.state(suspect).await?, State::Deleted);
    Ok(())
}

pub(super) async fn a_queue_is_walked_alone(w: &World<impl Fixture>) -> Result<()> {
    let mut meant = vec![w.suspect(job_in("b")).await?];
    let suspect = w.suspect(job_in("c")).await?;
    w.server().await?;
    let jobs = |queue: &str| (0..4).map(|n| NewJob { priority: n % 2, ..job_in(queue) }).collect::<Vec<_>>();
    w.insert_all(jobs("a")).await?;
    meant.extend(w.insert_all(jobs("b")).await?);
    w.insert_all(jobs("c")).await?;
    let aside = w.insert(NewJob { queue: "b".into(), ..job_of("strange") }).await?;
    meant.push(aside);
    assert_eq!(w.storage.park(10).await?, 1);
    let id = w.begin(JobFilter::new(State::Enqueued).queue("b"), MARK).await?;
    run(&w.storage, 2).await?;
    let record = w.operation(id).await?;
    assert_eq!((record.done, record.looked <= 8), (6, true), "the jobs of other queues are not looked at: {record:?}");
    assert_eq!(marked(w, &[State::Enqueued]).await?, meant.into_iter().collect());
    assert_eq!(w.get(suspect).await?.priority, 0);
    Ok(())
}

pub(super) async fn members_that_batches_hold_back_are_walked(w: &World<impl Fixture>) -> Result<()> {
    let (first, second) = (NewBatch { sealed: false, ..batch() }, NewBatch { sealed: false, ..batch() });
    let parent = laned();
    let parent_id = parent.id;
    let member = |of: &NewBatch| NewJob { batch: Some(of.id), ..job() };
    let mut jobs: Vec<NewJob> = (0..3).flat_map(|_| [member(&first), member(&second)]).collect();
    jobs.push(NewJob { waits: after(parent_id, Condition::Success), ..member(&second) });
    jobs.push(child(parent_id, Condition::Success));
    let ids: BTreeSet<JobId> = jobs.iter().map(|job| job.id).collect();
    jobs.push(parent);
    let running = batch();
    let free = member(&running);
    jobs.push(free);
    w.store(vec![first, second, running], jobs).await?;
    for limit in [1, 3, 100] {
        let id = w.begin(JobFilter::new(State::Awaiting), MARK).await?;
        run(&w.storage, limit).await?;
        let record = w.operation(id).await?;
        assert_eq!((record.state, record.done, record.skipped), (OperationState::Done, 8, 0), "by {limit}: {record:?}");
    }
    assert_eq!(marked(w, &[State::Awaiting, State::Enqueued]).await?, ids);
    Ok(())
}

pub(super) async fn times_bound_an_operation(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let mut marks = Vec::new();
    for _ in 0..3 {
        let at = w.now().await?;
        let run = w.start(server, job()).await?;
        w.end_well(run, success()).await?;
        marks.push((at, w.get(run.id).await?));
        w.advance(MINUTE);
        w.beat(server, &[super::make::KIND]).await?;
    }
    let second = marks[1].1.clone();
    let ended = second.finished_at.expect("it has ended");
    let all = || JobFilter::new(State::Succeeded);
    for (filter, jobs) in [
        (all().created(second.created_at, marks[2].1.created_at), 1),
        (all().created(second.created_at, None), 2),
        (all().created(None, second.created_at), 1),
        (all().finished(ended, None), 2),
        (all().finished(None, ended), 1),
        (JobFilter::new(State::Enqueued).finished(None, ended), 0),
    ] {
        let matching = w.storage.job_count(filter.clone(), 100).await?;
        assert_eq!((matching.jobs, matching.is_exact), (jobs, true), "{filter:?}");
    }
    let done = w.operate(all().created(marks[1].0, marks[2].0), BulkAct::Requeue).await?;
    assert_eq!((done.done, done.expected), (1, None));
    assert_eq!(w.state(second.id).await?, State::Enqueued);
    Ok(())
}

pub(super) async fn what_waits_in_a_queue_is_cleared(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let running = w.insert(job_in("mail")).await?;
    w.claim_one(server, running).await?;
    w.insert_all(vec![job_in("mail"), job_in("mail"), NewJob { queue: "mail".into(), ..job_due(Due::In(HOUR)) }])
        .await?;
    let waits = NewJob { queue: "mail".into(), ..child(running, Condition::Success) };
    w.store(Vec::new(), vec![waits]).await?;
    let other = w.insert(job()).await?;
    let waiting = JobFilter::new(State::Scheduled).or(State::Awaiting).or(State::Enqueued);
    let done = w.operate(waiting.queue("mail"), BulkAct::Delete).await?;
    assert_eq!((done.done, done.expected), (4, Some(4)));
    assert_eq!(w.state(running).await?, State::Processing, "what runs goes on");
    assert_eq!(w.state(other).await?, State::Enqueued);
    Ok(())
}

pub(super) async fn an_operation_is_for_what_the_list_shows(w: &World<impl Fixture>) -> Result<()> {
    let server = w.serve(&[KIND, "x"]).await?;
    for (kind, error) in [(KIND, "no user 17"), (KIND, "no user 4711"), (KIND, "no such host"), ("x", "no user 17")] {
        let run = w.start(server, job_of(kind)).await?;
        w.end_well(run, End::Failed { error: error.into(), attempted: true }).await?;
    }
    let run = w.start(server, job()).await?;
    w.end_well(run, retry()).await?;
    let of = |queue: &str, kind: &str| NewJob { queue: queue.into(), ..job_of(kind) };
    w.insert_all(vec![of("a", KIND), of("a", "strange"), of("b", KIND), of("c", KIND), of("c", "strange")]).await?;
    w.insert(job_due(Due::In(HOUR))).await?;
    let enqueued = || JobFilter::new(State::Enqueued);
    let scheduled = || JobFilter::new(State::Scheduled);
    let failed = || JobFilter::new(State::Failed);
    let alike = ErrorId::of(KIND, "no user 1");
    let cases = [
        (enqueued(), 5),
        (enqueued().queue("a").queue("c"), 4),
        (enqueued().queue("a").queue("none").kind(KIND), 1),
        (enqueued().kind("strange").kind("x"), 2),
        (enqueued().parked(true), 2),
        (enqueued().parked(true).queue("c"), 1),
        (enqueued().parked(false), 3),
        (scheduled().retried(true), 1),
        (scheduled().retried(false), 1),
        (failed().error(alike), 2),
        (failed().error(alike).kind("x"), 0),
        (failed().kind("x").kind(KIND), 4),
    ];
    for (n, (filter, jobs)) in (1..).zip(cases) {
        w.storage.park(1_000).await?;
        // Whose errors are alike the client finds out, which is the one to read what the storage has listed.
        let is_shown = |job: &JobRecord| {
            let reason = job.reason.as_deref().unwrap_or_default();
            filter.error.is_none_or(|error| ErrorId::of(&job.kind, reason) == error)
        };
        let listed = w.storage.job_list(filter.clone()).await?.into_iter().filter(is_shown);
        let listed: BTreeSet<JobId> = listed.map(|job| job.id).collect();
        assert_eq!(listed.len(), jobs, "{filter:?}");
        let Matching { jobs: matching, is_exact, .. } = w.storage.job_count(filter.clone(), 1_000).await?;
        assert_eq!((matching, is_exact), (jobs as i64, true), "{filter:?}");
        // A page of the list is the whole of it to an operation.
        let page = filter.clone().limit(1);
        let act = if filter.is_of(State::Failed) { BulkAct::Requeue } else { BulkAct::Prioritize(n) };
        let done = w.operate(page, act.clone()).await?;
        assert_eq!((done.done, done.skipped, done.failed), (jobs as i64, 0, 0), "{filter:?}: {done:?}");
        for id in listed {
            let job = w.get(id).await?;
            match act {
                BulkAct::Prioritize(priority) => assert_eq!(job.priority, priority, "{filter:?}"),
                _ => {
                    assert_eq!(job.state, State::Enqueued, "{filter:?}");
                    let server = w.serve(&[KIND, "x"]).await?;
                    let run = w.claim_one(server, id).await?;
                    w.end_well(run, End::Failed { error: "no user 5".into(), attempted: true }).await?;
                }
            }
        }
    }
    Ok(())
}

pub(super) async fn a_filter_that_cannot_be_meant_is_no_count(w: &World<impl Fixture>) -> Result<()> {
    for filter in [JobFilter::new(State::Failed).text("ada"), JobFilter::new(State::Failed).parked(true)] {
        let refused = w.storage.job_count(filter, 10).await;
        assert!(matches!(refused, Err(Error::Config(_))), "{refused:?}");
    }
    Ok(())
}

pub(super) async fn counts_are_exact_where_the_totals_tell(w: &World<impl Fixture>) -> Result<()> {
    w.insert_all(vec![job_in("mail"), job_in("mail"), job(), job_of("strange"), job_due(Due::In(HOUR))]).await?;
    let count = async |filter: JobFilter| {
        let Matching { jobs, is_exact, looked } = w.storage.job_count(filter, 0).await?;
        assert!(is_exact && looked == 0, "the totals tell");
        Ok::<_, crate::Error>(jobs)
    };
    assert_eq!(count(JobFilter::new(State::Enqueued)).await?, 4);
    assert_eq!(count(JobFilter::new(State::Enqueued).or(State::Scheduled)).await?, 5);
    assert_eq!(count(JobFilter::new(State::Enqueued).queue("mail")).await?, 2);
    assert_eq!(count(JobFilter::new(State::Enqueued).kind("strange")).await?, 1);
    assert_eq!(count(JobFilter::new(State::Enqueued).queue("mail").kind("strange")).await?, 0);
    assert_eq!(count(JobFilter::new(State::Failed)).await?, 0);
    Ok(())
}

pub(super) async fn counts_say_how_far_they_looked(w: &World<impl Fixture>) -> Result<()> {
    w.insert_many(5).await?;
    w.insert(job_due(Due::In(HOUR))).await?;
    let filter = || JobFilter::new(State::Scheduled).or(State::Enqueued).created(jiff::Timestamp::UNIX_EPOCH, None);
    let count = async |limit| w.storage.job_count(filter(), limit).await;
    assert_eq!(count(100).await?, Matching { jobs: 6, is_exact: true, looked: 6 });
    assert_eq!(count(3).await?, Matching { jobs: 3, is_exact: false, looked: 3 });
    assert_eq!(count(0).await?, Matching { jobs: 0, is_exact: false, looked: 0 });
    let unknown = w.storage.job_count(filter().queue("none"), 1).await?;
    assert_eq!(unknown, Matching { jobs: 0, is_exact: true, looked: 0 });
    Ok(())
}
