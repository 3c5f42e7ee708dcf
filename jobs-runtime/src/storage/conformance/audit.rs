//! Acts of operators: carried out and noted in one transaction, listed, and removed in their time.

use serde_json::json;

use super::{
    Fixture,
    flow::batch,
    kit::{World, between},
    make::{DAY, HOUR, KIND, MINUTE, failure, job, job_in, spec, success},
};
use crate::{
    BatchId, JobId, OperationId, Result, ServerId, State,
    storage::{
        Acted, AuditFilter, AuditRecord, BulkAct, Change, Deed, Due, JobFilter, NewBatch, NewFlow, NewJob,
        NewOperation, PauseTarget, Signal, Signature, Target, Verb, Via,
    },
};

/// An operator's signature like any other.
pub(super) fn by(actor: &str) -> Signature {
    Signature { actor: actor.into(), via: Via::Page, reason: "because".into(), detail: None }
}

/// A change without a guard.
pub(super) fn change(job: JobId, change: Change) -> Deed {
    Deed::Change { job, change, guard: None }
}

fn delete(job: JobId) -> Deed {
    change(job, Change::Delete { reason: "because".into() })
}

/// All acts.
pub(super) fn every() -> AuditFilter {
    AuditFilter { actor: None, act: None, target: None, before: None, limit: 1_000 }
}

impl<F: Fixture> World<F> {
    /// Acts in Ann's name.
    pub(super) async fn act(&self, deed: Deed) -> Result<Acted> {
        self.storage.act(deed, by("ann")).await
    }

    /// All that was noted, newest first.
    pub(super) async fn audit(&self) -> Result<Vec<AuditRecord>> {
        self.storage.audit_list(every()).await
    }

    /// What was noted last.
    pub(super) async fn last_act(&self) -> Result<AuditRecord> {
        Ok(self.audit().await?.into_iter().next().expect("an act was noted"))
    }
}

pub(super) async fn an_act_is_noted_in_its_transaction(w: &World<impl Fixture>) -> Result<()> {
    let id = w.insert(job_in("İş 'günü'")).await?;
    let before = w.now().await?;
    assert_eq!(w.act(delete(id)).await?, Acted::Done);
    assert_eq!(w.state(id).await?, State::Deleted);
    let noted = w.audit().await?;
    assert_eq!(noted.len(), 1, "{noted:?}");
    between(before, noted[0].at, w.now().await?);
    let expected = AuditRecord {
        number: noted[0].number,
        at: noted[0].at,
        actor: "ann".into(),
        via: Via::Page,
        act: Verb::Delete,
        target: Target::Job(id),
        queue: Some("İş 'günü'".into()),
        reason: "because".into(),
        outcome: Acted::Done,
        detail: Some(json!({ "before": { "state": "enqueued" } })),
    };
    assert_eq!(noted[0], expected);
    Ok(())
}

pub(super) async fn what_did_not_take_effect_is_noted_too(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let id = w.job_in_state(server, State::Succeeded).await?;
    assert_eq!(w.act(delete(id)).await?, Acted::Refused, "the graph has no such edge");
    assert_eq!(w.last_act().await?.outcome, Acted::Refused);
    let guarded = Deed::Change { job: id, change: Change::Requeue, guard: Some(vec![State::Failed]) };
    assert_eq!(w.act(guarded).await?, Acted::Refused, "the guard says so");
    let missing = [
        change(JobId::new(), Change::Requeue),
        Deed::Pause { target: PauseTarget::Recurring("none".into()), until: None },
        Deed::Pause { target: PauseTarget::Server(ServerId::new()), until: None },
        Deed::Trigger { recurring: "none".into(), job: JobId::new() },
        Deed::Remove("none".into()),
        Deed::Tell { server: ServerId::new(), signal: Signal::Stop },
        Deed::CancelBatch(BatchId::new()),
    ];
    for (n, deed) in missing.into_iter().enumerate() {
        assert_eq!(w.act(deed.clone()).await?, Acted::Missing, "{deed:?}");
        assert_eq!(w.last_act().await?.outcome, Acted::Missing, "{deed:?}");
        assert_eq!(w.audit().await?.len(), n + 3, "{deed:?}");
    }
    assert_eq!(w.act(Deed::Resume(PauseTarget::Queue("mail".into()))).await?, Acted::Refused, "it is not paused");
    assert_eq!(w.state(id).await?, State::Succeeded);
    assert!(w.storage.pauses().await?.is_empty());
    Ok(())
}

pub(super) async fn each_act_says_what_was_before_and_after(w: &World<impl Fixture>) -> Result<()> {
    let id = w.insert(job()).await?;
    let due_at = w.get(id).await?.due_at;
    let at = w.now().await? + HOUR;
    w.act(change(id, Change::Reschedule(Due::At(at)))).await?;
    let detail = json!({ "before": { "state": "enqueued", "due_at": due_at }, "after": { "due_at": at } });
    assert_eq!(w.last_act().await?.detail, Some(detail));

    let queue = PauseTarget::Queue("mail".into());
    w.act(Deed::Pause { target: queue.clone(), until: Some(Due::At(at)) }).await?;
    assert_eq!(w.last_act().await?.detail, Some(json!({ "before": null, "after": { "until": at } })));
    let since = w.storage.pauses().await?[0].since;
    w.act(Deed::Pause { target: queue.clone(), until: None }).await?;
    let before = json!({ "reason": "because", "since": since, "until": at });
    assert_eq!(w.last_act().await?.detail, Some(json!({ "before": before, "after": { "until": null } })));
    assert_eq!(w.act(Deed::Resume(queue)).await?, Acted::Done);
    let before = json!({ "reason": "because", "since": since, "until": null });
    assert_eq!(w.last_act().await?.detail, Some(json!({ "before": before })));

    let told = Signature { detail: Some(json!({ "after": { "args": [1, 2] } })), ..by("ann") };
    w.storage.act(change(id, Change::Requeue), told).await?;
    let noted = w.last_act().await?;
    assert_eq!(noted.detail, Some(json!({ "after": { "args": [1, 2] } })), "what the caller knows comes first");
    Ok(())
}

pub(super) async fn acts_on_everything_name_their_target(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    w.storage.recurring_upsert(spec("digest"), None).await?;
    let held = batch();
    let id = held.id;
    w.store(vec![NewBatch { sealed: false, ..held }], vec![]).await?;
    let pause = |target| Deed::Pause { target, until: None };
    let made = JobId::new();
    let digest = || Target::Recurring("digest".into());
    let acts = [
        (pause(PauseTarget::Queue("mail".into())), Verb::Pause, Target::Queue("mail".into())),
        (Deed::Resume(PauseTarget::Queue("mail".into())), Verb::Resume, Target::Queue("mail".into())),
        (pause(PauseTarget::Kind(KIND.into())), Verb::Pause, Target::Kind(KIND.into())),
        (pause(PauseTarget::Recurring("digest".into())), Verb::Pause, digest()),
        (Deed::Trigger { recurring: "digest".into(), job: made }, Verb::Trigger, digest()),
        (Deed::Remove("digest".into()), Verb::Remove, digest()),
        (pause(PauseTarget::Server(server)), Verb::Pause, Target::Server(server)),
        (Deed::Tell { server, signal: Signal::Resize(3) }, Verb::Resize, Target::Server(server)),
        (Deed::Tell { server, signal: Signal::Stop }, Verb::Stop, Target::Server(server)),
        (Deed::CancelBatch(id), Verb::Cancel, Target::Batch(id)),
    ];
    for (deed, act, target) in acts {
        assert_eq!(w.act(deed.clone()).await?, Acted::Done, "{deed:?}");
        let noted = w.last_act().await?;
        assert_eq!((noted.act, noted.target, noted.outcome), (act, target, Acted::Done), "{deed:?}");
    }
    assert_eq!(w.state(made).await?, State::Enqueued);
    assert!(w.storage.recurring_get("digest").await?.is_none());
    let record = w.server_record(server).await?.expect("it is there");
    assert_eq!((record.orders.stop, record.orders.workers, record.pause.is_some()), (true, Some(3), true));
    assert!(w.storage.batch_get(id).await?.is_some_and(|batch| batch.cancelled));
    Ok(())
}

pub(super) async fn an_act_that_fails_is_not_noted(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    let around = batch();
    let id = around.id;
    let member = NewJob { batch: Some(id), ..job() };
    let job = member.id;
    w.storage.flow_insert(NewFlow { batches: vec![around], jobs: vec![member] }).await?;
    let run = w.claim_one(server, job).await?;
    w.end_well(run, failure()).await?;
    let other = NewJob { batch: Some(id), ..super::make::job() };
    w.storage.flow_insert(NewFlow { batches: Vec::new(), jobs: vec![other] }).await?;
    assert_eq!(w.act(Deed::CancelBatch(id)).await?, Acted::Done);
    let noted = w.audit().await?;
    assert!(w.act(change(job, Change::Requeue)).await.is_err(), "its batch was cancelled");
    assert_eq!(w.audit().await?, noted);
    assert_eq!(w.state(job).await?, State::Failed);
    w.settle().await?;
    Ok(())
}

pub(super) async fn acts_are_listed_newest_first_in_pages(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.insert_many(5).await?;
    for id in &ids {
        w.act(delete(*id)).await?;
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = w.storage.audit_list(AuditFilter { before, limit: 2, ..every() }).await?;
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        before = Some(last.number);
        seen.extend(page.into_iter().map(|noted| noted.target));
    }
    assert_eq!(seen, ids.iter().rev().map(|id| Target::Job(*id)).collect::<Vec<_>>());
    assert!(w.storage.audit_list(AuditFilter { limit: 0, ..every() }).await?.is_empty());
    Ok(())
}

pub(super) async fn acts_filter_by_actor_act_and_target(w: &World<impl Fixture>) -> Result<()> {
    let ids = w.insert_many(2).await?;
    for (actor, id) in [("ann", 0), ("Ann", 1), ("ann ", 0), ("ann", 1)] {
        w.storage.act(delete(ids[id]), by(actor)).await?;
        w.storage.act(change(ids[id], Change::Requeue), by(actor)).await?;
    }
    let found = async |filter: AuditFilter| Ok::<_, crate::Error>(w.storage.audit_list(filter).await?.len());
    let ann = || Some("ann".to_owned());
    let first = || Some(Target::Job(ids[0]));
    assert_eq!(found(every()).await?, 8);
    assert_eq!(found(AuditFilter { actor: ann(), ..every() }).await?, 4, "names differ by every byte");
    assert_eq!(found(AuditFilter { act: Some(Verb::Delete), ..every() }).await?, 4);
    assert_eq!(found(AuditFilter { act: Some(Verb::Pause), ..every() }).await?, 0);
    assert_eq!(found(AuditFilter { target: first(), ..every() }).await?, 4);
    assert_eq!(found(AuditFilter { actor: ann(), target: first(), ..every() }).await?, 2);
    assert_eq!(found(AuditFilter { actor: ann(), act: Some(Verb::Requeue), ..every() }).await?, 2);
    let all = AuditFilter { actor: ann(), act: Some(Verb::Requeue), target: first(), ..every() };
    assert_eq!(found(all.clone()).await?, 1);
    let one = w.storage.audit_list(all.clone()).await?.remove(0).number;
    assert_eq!(found(AuditFilter { before: Some(one), ..all.clone() }).await?, 0);
    assert_eq!(found(AuditFilter { before: Some(one + 1), ..all }).await?, 1);
    let other = Some(Target::Queue(ids[0].to_string().into()));
    assert_eq!(found(AuditFilter { target: other, ..every() }).await?, 0, "a queue of that name is no job");
    Ok(())
}

pub(super) async fn texts_are_kept_as_given_and_bounded(w: &World<impl Fixture>) -> Result<()> {
    let id = w.insert(job()).await?;
    let hostile = "it's \"not\" <b>wanted</b> \\ 👩‍👩‍👧‍👦";
    let signed = Signature { actor: hostile.into(), reason: hostile.into(), via: Via::Cli, detail: None };
    w.storage.act(delete(id), signed).await?;
    let noted = w.last_act().await?;
    assert_eq!((&*noted.actor, &*noted.reason, noted.via), (hostile, hostile, Via::Cli));
    let long = "ü".repeat(20_000);
    let detail = json!({ "after": long });
    let signed = Signature {
        actor: long.as_str().into(),
        reason: format!("\0{long}"),
        via: Via::Api,
        detail: Some(detail.clone()),
    };
    w.storage.act(change(id, Change::Requeue), signed).await?;
    let noted = w.last_act().await?;
    assert_eq!(noted.actor.chars().count(), 200);
    assert!(noted.reason.len() <= 8 * 1024 && noted.reason.ends_with("[cut]"), "{} bytes", noted.reason.len());
    assert_eq!(noted.detail, Some(json!({ "cut": detail.to_string().len() })));
    Ok(())
}

pub(super) async fn from_where_an_act_came_is_kept(w: &World<impl Fixture>) -> Result<()> {
    for via in Via::ALL {
        let signed = || Signature { via, ..by("ann") };
        let id = w.insert(job()).await?;
        w.storage.act(delete(id), signed()).await?;
        let noted = w.last_act().await?;
        assert_eq!((noted.target, noted.via), (Target::Job(id), via));
        let operation = OperationId::new();
        let begun = NewOperation { id: operation, filter: JobFilter::new(State::Failed), act: BulkAct::Requeue };
        w.storage.act(Deed::Begin(Box::new(begun)), signed()).await?;
        let noted = w.last_act().await?;
        assert_eq!((noted.target, noted.via), (Target::Operation(operation), via));
        assert_eq!(w.storage.operation_get(operation).await?.map(|record| record.via), Some(via));
    }
    Ok(())
}

pub(super) async fn notes_go_when_their_time_is_over(w: &World<impl Fixture>) -> Result<()> {
    let server = w.server().await?;
    // None of these is kept, so that retention finds nothing but the notes.
    let mut acted = Vec::new();
    for _ in 0..3 {
        let run = w.start(server, NewJob { retain: Some(std::time::Duration::ZERO), ..job() }).await?;
        w.act(change(run.id, Change::Requeue)).await?;
        let again = w.claim_one(server, run.id).await?;
        w.end_well(again, success()).await?;
        acted.push(run.id);
    }
    w.advance(100 * DAY);
    w.act(Deed::Resume(PauseTarget::Queue("mail".into()))).await?;
    while w.storage.clean(100).await? >= 100 {}
    assert_eq!(w.audit().await?.len(), 4, "180 days are not over");
    w.advance(80 * DAY + MINUTE);
    while w.storage.clean(2).await? >= 2 {}
    let left = w.audit().await?;
    assert_eq!(left.iter().map(|noted| noted.act).collect::<Vec<_>>(), [Verb::Resume]);
    w.advance(100 * DAY);
    while w.storage.clean(2).await? >= 2 {}
    assert_eq!(w.audit().await?, []);
    Ok(())
}
