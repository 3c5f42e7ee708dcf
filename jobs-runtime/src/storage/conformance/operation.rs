//! Operations on many jobs: what they change, what they leave alone, and how they end.

use std::time::Duration;

use serde_json::json;

use super::{
    Fixture,
    audit::by,
    flow::batch,
    kit::World,
    make::{DAY, HOUR, MINUTE, ask, failure, job, job_due, job_in, job_of, success},
};
use crate::{
    JobId, OperationId, Result, State,
    storage::{
        Acted, BulkAct, Change, Deed, Due, EventKind, JobFilter, NewBatch, NewFlow, NewJob, NewOperation, Operated,
        OperationFilter, OperationRecord, OperationState, SharedStorage, Target, Verb, Via,
    },
};

/// All operations.
fn every() -> OperationFilter {
    OperationFilter { state: None, before: None, limit: 100 }
}

/// Takes steps until nothing is left to do; how many there were.
pub(super) async fn run(storage: &SharedStorage, limit: u32) -> Result<u32> {
    for steps in 0..10_000 {
        if storage.operation_step(limit).await?.next_in.is_none() {
            return Ok(steps);
        }
    }
    panic!("the operations come to no end");
}

impl<F: Fixture> World<F> {
    /// Begins an operation in Ann's name.
    pub(super) async fn begin(&self, filter: JobFilter, act: BulkAct) -> Result<OperationId> {
        let id = OperationId::new();
        let deed = Deed::Begin(Box::new(NewOperation { id, filter, act }));
        assert_eq!(self.storage.act(deed, by("ann")).await?, Acted::Done);
        Ok(id)
    }

    /// The operation, which must be there.
    pub(super) async fn operation(&self, id: OperationId) -> Result<OperationRecord> {
        Ok(self.storage.operation_get(id).await?.unwrap_or_else(|| panic!("operation {id} is stored")))
    }

    /// Begins an operation and carries it out.
    pub(super) async fn operate(&self, filter: JobFilter, act: BulkAct) -> Result<OperationRecord> {
        let id = self.begin(filter, act).await?;
        run(&self.storage, 100).await?;
        let record = self.operation(id).await?;
        assert_eq!(record.state, OperationState::Done, "{record:?}");
        Ok(record)
    }

    /// So many jobs in that queue that have failed.
    pub(super) async fn failed(&self, queue: &str, number: usize) -> Result<Vec<JobId>> {
        let server = self.server().await?;
        let mut ids = Vec::new();
        for _ in 0..number {
            let id = self.insert(job_in(queue)).await?;
            let run = self.claim_one(server, id).await?;
            self.end_well(run, failure()).await?;
            ids.push(id);
        }
        Ok(ids)
    }

    async fn assert_states(&self, ids: &[JobId], state: State) -> Result<()> {
        for id in ids {
            assert_eq!(self.state(*id).await?, state, "{id}");
        }
        Ok(())
    }
}

fn counts(record: &OperationRecord) -> (i64, i64, i64) {
    (record.done, record.skipped, record.failed)
}

pub(super) async fn an_operation_changes_all_that_match_and_no_other(w: &World<impl Fixture>) -> Result<()> {
    let (mail, other) = (w.failed("mail", 5).await?, w.failed("İş", 2).await?);
    let waiting = w.insert(job_in("mail")).await?;
    let of_kind = w.insert(NewJob { queue: "mail".into(), ..job_of("strange") }).await?;
    let done = w.operate(JobFilter::new(State::Failed).queue("mail"), BulkAct::Requeue).await?;
    assert_eq!((counts(&done), done.expected), ((5, 0, 0), Some(5)));
    w.assert_states(&mail, State::Enqueued).await?;
    w.assert_states(&other, State::Failed).await?;
    for id in &mail {
        let told = w.storage.job_events(*id).await?.pop().expect("an entry");
        assert_eq!(told.what, EventKind::Requeued);
    }
    let done = w.operate(JobFilter::new(State::Enqueued).kind("strange"), BulkAct::Delete).await?;
    assert_eq!((counts(&done), done.expected), ((1, 0, 0), Some(1)));
    w.assert_states(&[of_kind], State::Deleted).await?;
    w.assert_states(&[waiting], State::Enqueued).await?;
    for filter in [JobFilter::new(State::Failed).queue("none"), JobFilter::new(State::Failed).kind("none")] {
        let done = w.operate(filter, BulkAct::Requeue).await?;
        assert_eq!((counts(&done), done.expected), ((0, 0, 0), Some(0)));
    }
    Ok(())
}

pub(super) async fn each_act_does_what_it_does_to_one_job(w: &World<impl Fixture>) -> Result<()> {
    let at = w.now().await? + HOUR;
    let acts = [
        (BulkAct::Requeue, Change::Requeue),
        (BulkAct::Delete, Change::Delete { reason: "because".into() }),
        (BulkAct::Cancel, Change::Cancel { reason: "because".into() }),
        (BulkAct::Reschedule(Due::At(at)), Change::Reschedule(Due::At(at))),
        (BulkAct::Move { queue: "another".into() }, Change::Move { queue: "another".into() }),
        (BulkAct::Prioritize(7), Change::Prioritize(7)),
    ];
    for (act, change) in acts {
        let one = w.insert(job_due(Due::In(2 * HOUR))).await?;
        assert!(w.change(one, change).await?, "{act:?}");
        let many = w.insert(job_due(Due::In(2 * HOUR))).await?;
        let done = w.operate(JobFilter::new(State::Scheduled).queue("default"), act.clone()).await?;
        assert!(done.done >= 1, "{act:?}: {done:?}");
        let (one, many) = (w.get(one).await?, w.get(many).await?);
        assert_eq!((many.state, &many.queue, many.priority), (one.state, &one.queue, one.priority), "{act:?}");
        assert_eq!(many.reason, one.reason, "{act:?}");
        if act == BulkAct::Reschedule(Due::At(at)) {
            assert_eq!(many.due_at, at);
        }
        w.operate(JobFilter::new(State::Scheduled).or(State::Enqueued), BulkAct::Delete).await?;
    }
    let server = w.server().await?;
    let running = w.start(server, job()).await?;
    w.operate(JobFilter::new(State::Processing), BulkAct::Cancel).await?;
    let record = w.get(running.id).await?;
    assert!(record.state == State::Processing && record.cancel_requested, "a run is asked to stop");
    w.operate(JobFilter::new(State::Processing), BulkAct::Delete).await?;
    assert_eq!(w.state(running.id).await?, State::Deleted);
    Ok(())
}

pub(super) async fn a_step_changes_no_more_than_its_limit(w: &World<impl Fixture>) -> Result<()> {
    w.insert_many(7).await?;
    let id = w.begin(JobFilter::new(State::Enqueued), BulkAct::Delete).await?;
    for done in [3, 6, 7] {
        let step = w.storage.operation_step(3).await?;
        assert_eq!(step.next_in, Some(Duration::ZERO));
        let record = w.operation(id).await?;
        assert_eq!(counts(&record), (done, 0, 0));
    }
    run(&w.storage, 3).await?;
    let record = w.operation(id).await?;
    assert_eq!((record.state, counts(&record), record.looked), (OperationState::Done, (7, 0, 0), 7));
    assert!(record.finished_at.is_some_and(|at| at == record.touched_at && at >= record.created_at));
    assert_eq!(w.storage.operation_step(3).await?, Operated::default());
    Ok(())
}

pub(super) async fn what_has_changed_since_the_begin_is_left_alone(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.failed("mail", 4).await?;
    let id = w.begin(JobFilter::new(State::Failed), BulkAct::Delete).await?;
    assert!(w.change(ids[0], Change::Requeue).await?);
    let server = w.server().await?;
    let again = w.claim_one(server, ids[0]).await?;
    w.end_well(again, failure()).await?;
    assert!(w.change(ids[1], Change::Requeue).await?);
    let edited = Change::Edit { payload: b"mended".to_vec(), fence: w.get(ids[2]).await?.fence };
    assert!(w.change(ids[2], edited).await?);
    run(&w.storage, 2).await?;
    assert_eq!(counts(&w.operation(id).await?), (1, 0, 0));
    w.assert_states(&[ids[0], ids[2]], State::Failed).await?;
    w.assert_states(&[ids[1]], State::Enqueued).await?;
    w.assert_states(&[ids[3]], State::Deleted).await?;
    Ok(())
}

pub(super) async fn what_is_requeued_and_ends_again_is_not_met_twice(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.failed("mail", 4).await?;
    let server = w.server().await?;
    let filter = JobFilter::new(State::Failed).or(State::Deleted).or(State::Scheduled);
    let id = w.begin(filter, BulkAct::Requeue).await?;
    for ended in [failure(), super::make::deletion(), super::make::retry(), failure()] {
        w.storage.operation_step(1).await?;
        // Whatever became of the job that was requeued, it is not requeued once more.
        for id in &ids {
            if w.state(*id).await? == State::Enqueued {
                let run = w.claim_one(server, *id).await?;
                w.end_well(run, ended.clone()).await?;
            }
        }
    }
    run(&w.storage, 1).await?;
    let record = w.operation(id).await?;
    assert_eq!((record.done, record.failed), (4, 0), "{record:?}");
    for id in &ids {
        let requeues = w.storage.job_events(*id).await?;
        assert_eq!(requeues.iter().filter(|event| event.what == EventKind::Requeued).count(), 1);
    }
    Ok(())
}

pub(super) async fn what_comes_later_is_not_met(w: &World<impl Fixture>) -> Result<()> {
    let before = w.insert_many(2).await?;
    let id = w.begin(JobFilter::new(State::Enqueued).or(State::Scheduled), BulkAct::Delete).await?;
    w.advance(MINUTE);
    let keyed = NewJob { id: JobId::of_key("kind", "key"), ..job() };
    let later = w.insert_all(vec![job(), keyed, job_due(Due::In(MINUTE))]).await?;
    run(&w.storage, 1).await?;
    assert_eq!(counts(&w.operation(id).await?), (2, 0, 0));
    w.assert_states(&before, State::Deleted).await?;
    w.assert_states(&later[..2], State::Enqueued).await?;
    w.assert_states(&later[2..], State::Scheduled).await?;
    Ok(())
}

pub(super) async fn an_operation_that_is_cancelled_stops(w: &World<impl Fixture>) -> Result<()> {
    w.insert_many(4).await?;
    let first = w.begin(JobFilter::new(State::Enqueued), BulkAct::Delete).await?;
    let second = w.begin(JobFilter::new(State::Enqueued), BulkAct::Prioritize(1)).await?;
    w.storage.operation_step(1).await?;
    assert_eq!(w.act(Deed::Halt(first)).await?, Acted::Done);
    let noted = w.last_act().await?;
    assert_eq!((noted.act, noted.target), (Verb::Cancel, Target::Operation(first)));
    assert_eq!(w.act(Deed::Halt(first)).await?, Acted::Refused, "it has ended");
    assert_eq!(w.act(Deed::Halt(OperationId::new())).await?, Acted::Missing);
    run(&w.storage, 1).await?;
    let record = w.operation(first).await?;
    assert_eq!((record.state, record.done), (OperationState::Cancelled, 1), "what was done stays");
    assert!(record.finished_at.is_some());
    let record = w.operation(second).await?;
    assert_eq!((record.state, record.done), (OperationState::Done, 3), "the next goes on");
    Ok(())
}

pub(super) async fn a_job_that_is_refused_harms_no_other(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let around = batch();
    let (id, member) = (around.id, NewJob { batch: Some(around.id), ..super::flow::laned() });
    let other = NewJob { batch: Some(id), ..super::flow::laned() };
    let refused = member.id;
    w.store(vec![around], vec![member, other]).await?;
    let run_member = w.claim_one(server, refused).await?;
    w.end_well(run_member, failure()).await?;
    w.storage.batch_cancel(id, "not wanted".into()).await?;
    w.settle().await?;
    let ids = w.failed("mail", 3).await?;
    let operation = w.begin(JobFilter::new(State::Failed), BulkAct::Requeue).await?;
    run(&w.storage, 10).await?;
    let record = w.operation(operation).await?;
    assert_eq!((record.state, counts(&record)), (OperationState::Done, (3, 0, 1)), "{record:?}");
    let error = record.error.expect("it says what went wrong");
    assert!(error.contains(&refused.to_string()) && error.contains("cancelled"), "{error}");
    w.assert_states(&ids, State::Enqueued).await?;
    w.assert_states(&[refused], State::Failed).await?;
    Ok(())
}

pub(super) async fn two_steppers_change_each_job_once(w: &World<impl Fixture>) -> Result<()> {
    let other = w.another().await?;
    w.insert_many(30).await?;
    let first = w.begin(JobFilter::new(State::Enqueued), BulkAct::Prioritize(1)).await?;
    let second = w.begin(JobFilter::new(State::Enqueued), BulkAct::Move { queue: "mail".into() }).await?;
    let server = w.server().await?;
    let claims = async {
        let mut taken = Vec::new();
        for _ in 0..5 {
            taken.extend(w.claim_ids(ask(server, 1)).await?);
        }
        Ok::<_, crate::Error>(taken.len())
    };
    let (one, two, taken) = tokio::join!(run(&w.storage, 3), run(&other, 3), claims);
    one?;
    two?;
    // One of them may have seen the operation in the other's hands, and gone.
    run(&w.storage, 3).await?;
    let (first, second) = (w.operation(first).await?, w.operation(second).await?);
    assert_eq!((first.state, second.state), (OperationState::Done, OperationState::Done));
    let moved = w.storage.job_list(super::make::all(State::Enqueued)).await?.jobs;
    let changed: i64 = first.done + second.done;
    let mut told = 0;
    for state in [State::Enqueued, State::Processing] {
        for job in w.storage.job_list(super::make::all(state)).await? {
            told += w.storage.job_events(job.id).await?.len() as i64;
        }
    }
    assert_eq!(changed, told, "each change is one entry in a history");
    assert_eq!(moved.len() + taken?, 30);
    Ok(())
}

pub(super) async fn operations_are_begun_and_listed_as_given(w: &World<impl Fixture>) -> Result<()> {
    let filter = JobFilter::new(State::Failed).or(State::Enqueued).queue("İş 'günü'").kind("a\\b");
    let act = BulkAct::Move { queue: "başka \"kuyruk\"".into() };
    let before = w.now().await?;
    let id = w.begin(filter.clone(), act.clone()).await?;
    let record = w.operation(id).await?;
    super::kit::between(before, record.created_at, w.now().await?);
    let expected = OperationRecord {
        id,
        state: OperationState::Running,
        created_at: record.created_at,
        touched_at: record.created_at,
        finished_at: None,
        actor: "ann".into(),
        via: Via::Page,
        reason: "because".into(),
        filter,
        act,
        expected: Some(0),
        looked: 0,
        done: 0,
        skipped: 0,
        failed: 0,
        error: None,
    };
    assert_eq!(record, expected);
    let noted = w.last_act().await?;
    assert_eq!(
        (noted.act, noted.target, noted.queue.as_deref()),
        (Verb::Begin, Target::Operation(id), Some("İş 'günü'"))
    );
    let detail = noted.detail.expect("it says what for");
    assert_eq!(detail["after"]["operation"]["jobs"]["states"], json!(["failed", "enqueued"]));
    assert_eq!(detail["after"]["operation"]["act"], json!({ "do": "move", "queue": "başka \"kuyruk\"" }));
    let later = w.begin(JobFilter::new(State::Failed), BulkAct::Reschedule(Due::In(HOUR))).await?;
    let resolved = w.operation(later).await?;
    assert_eq!(resolved.act, BulkAct::Reschedule(Due::At(resolved.created_at + HOUR)), "by the database's clock");
    run(&w.storage, 10).await?;
    let ids = async |filter: OperationFilter| {
        let list = w.storage.operation_list(filter).await?;
        Ok::<_, crate::Error>(list.into_iter().map(|operation| operation.id).collect::<Vec<_>>())
    };
    assert_eq!(ids(every()).await?, [later, id]);
    assert_eq!(ids(OperationFilter { limit: 1, ..every() }).await?, [later]);
    assert_eq!(ids(OperationFilter { before: Some(later), ..every() }).await?, [id]);
    assert_eq!(ids(OperationFilter { state: Some(OperationState::Running), ..every() }).await?, []);
    assert_eq!(ids(OperationFilter { state: Some(OperationState::Done), ..every() }).await?, [later, id]);
    assert_eq!(w.storage.operation_get(OperationId::new()).await?, None);
    Ok(())
}

pub(super) async fn operations_go_in_their_time(w: &World<impl Fixture>) -> Result<()> {
    let old = w.operate(JobFilter::new(State::Failed), BulkAct::Requeue).await?.id;
    w.advance(100 * DAY);
    let open = w.begin(JobFilter::new(State::Failed), BulkAct::Requeue).await?;
    w.advance(80 * DAY + MINUTE);
    while w.storage.clean(5).await? >= 5 {}
    assert_eq!(w.storage.operation_get(old).await?, None);
    w.advance(365 * DAY);
    while w.storage.clean(5).await? >= 5 {}
    assert_eq!(w.operation(open).await?.state, OperationState::Running, "what has not ended stays");
    Ok(())
}

pub(super) async fn a_look_tells_that_an_operation_runs(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    assert!(!w.look(server).await?.operation);
    let id = w.begin(JobFilter::new(State::Failed), BulkAct::Requeue).await?;
    assert!(w.look(server).await?.operation);
    run(&w.storage, 10).await?;
    assert!(!w.look(server).await?.operation);
    assert_eq!(w.operation(id).await?.state, OperationState::Done);
    let run = w.start(server, job()).await?;
    w.end_well(run, success()).await?;
    let held = NewBatch { sealed: true, ..batch() };
    w.storage.flow_insert(NewFlow { batches: vec![held], jobs: Vec::new() }).await?;
    assert!(!w.look(server).await?.operation);
    Ok(())
}
