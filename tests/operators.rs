//! What operators do, as pages and commands do it: acts on jobs, recurring jobs and queues, each of them noted.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{collections::BTreeMap, time::Duration};

use common::{Database, assert_sound, count, until, until_is};
use jobs::{
    Acted, Actor, AuditFilter, BulkAct, Client, Error, JobFilter, OperationId, OperationState, Operator, PauseTarget,
    RunningServer, Target, Verb, Via, prelude::*,
};
use serde_json::json;

/// Succeeds with the right number only.
#[job(attempts = 1, secret(token))]
async fn charge(amount: u32, token: String) -> anyhow::Result<String> {
    anyhow::ensure!(amount == 42, "{amount} is not covered");
    Ok(token)
}

#[job]
async fn digest(tenant: u32) -> Result<u32, std::convert::Infallible> {
    Ok(tenant)
}

fn ann(client: &Client) -> Operator {
    client.by(Actor::new("ann", Via::Page)).because("the night shift")
}

async fn serve(client: &Client) -> RunningServer {
    client.server().beat(Duration::from_millis(200)).lease(Duration::from_secs(5)).start().await.unwrap()
}

/// Waits until the operation has ended.
async fn until_done(client: &Client, id: OperationId) -> jobs::OperationRecord {
    until("the operation to end", || async {
        let record = client.operation(id).await.unwrap();
        (record.state != OperationState::Running).then_some(record)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_is_mended_and_run_once_more() {
    let database = Database::new();
    let client = database.client().await;
    let job = charge::enqueue(41, "s3cret").on(&client).await.unwrap();
    let server = serve(&client).await;
    let seen = until_is(&client, job.id(), State::Failed).await;
    let ann = ann(&client);
    let mut args = client.args_json(&seen).unwrap();
    assert_eq!(args, json!({ "amount": 41, "token": "[redacted]" }));

    for (wrong, word) in [
        (json!({ "amuont": 42, "token": "[redacted]" }), "`amuont`"),
        (json!({ "amount": "many", "token": "[redacted]" }), "deserialized"),
        (json!(["amount"]), "object"),
    ] {
        let refused = ann.edit_args(&seen, wrong.clone()).await.unwrap_err();
        assert!(refused.to_string().contains(word), "{wrong}: {refused}");
    }
    assert!(client.audit(AuditFilter::new()).await.unwrap().is_empty(), "what was refused was no act");

    args["amount"] = json!(42);
    assert!(ann.edit_args(&seen, args.clone()).await.unwrap());
    assert!(!ann.edit_args(&seen, args).await.unwrap(), "it has changed since it was read");
    assert!(ann.requeue(job.id()).await.unwrap());
    assert_eq!(job.output().await.unwrap(), "s3cret", "what was redacted has kept its value");

    let acts = client.audit(AuditFilter::new().target(Target::Job(job.id()))).await.unwrap();
    let told: Vec<_> = acts.iter().map(|act| (act.act, act.outcome)).collect();
    assert_eq!(told, [(Verb::Requeue, Acted::Done), (Verb::Edit, Acted::Refused), (Verb::Edit, Acted::Done)]);
    let args = |amount| json!({ "args": { "amount": amount, "token": "[redacted]" } });
    assert_eq!(acts[2].detail, Some(json!({ "before": args(41), "after": args(42) })));
    assert_eq!((&*acts[2].actor, acts[2].via, &*acts[2].reason), ("ann", Via::Page, "the night shift"));
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_cleared_by_whatever_server_lives() {
    let database = Database::new();
    let (client, elsewhere) = (database.client().await, database.client().await);
    for tenant in 0..250 {
        digest::enqueue(tenant).queue("bulk").on(&client).await.unwrap();
    }
    digest::enqueue(1).queue("bulk").delay("1h").on(&client).await.unwrap();
    let server = serve(&elsewhere).await;
    // Long enough for every service to have come to rest.
    until("the server to be seen", || async { (!client.servers().await.unwrap().is_empty()).then_some(()) }).await;
    let id = ann(&client).clear_queue("bulk").await.unwrap();
    let record = until_done(&client, id).await;
    assert_eq!((record.state, record.done, record.expected), (OperationState::Done, 251, Some(251)));
    assert_eq!(count(&client, State::Deleted).await, 251);
    let deleted = client.jobs(JobFilter::new(State::Deleted).limit(1)).await.unwrap();
    assert_eq!(deleted.jobs[0].reason.as_deref(), Some("the night shift"));
    assert!(!ann(&client).cancel_operation(id).await.unwrap(), "it has ended");
    server.stop().await;
    assert_sound(&client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_acts_name_what_is_wrong() {
    let database = Database::new();
    let client = database.client().await;
    let (job, ann) = (JobId::new(), ann(&client));
    let nobody = client.by(Actor::new(" ", Via::Api));
    assert!(matches!(nobody.requeue(job).await, Err(Error::Config(text)) if text.contains("actor")));
    assert!(matches!(ann.requeue(job).await, Err(Error::NoJob(id)) if id == job));
    assert!(matches!(ann.move_to(job, "").await, Err(Error::Config(text)) if text.contains("`move_to`")));
    assert!(matches!(ann.reschedule(job, "soon").await, Err(Error::Config(text)) if text.contains("`soon`")));
    assert!(matches!(ann.trigger("none").await, Err(Error::NoRecurring(_))));
    assert!(matches!(ann.skip_next("none").await, Err(Error::NoRecurring(_))));
    assert!(matches!(ann.alter_recurring("none", "* * * * *", "UTC").await, Err(Error::NoRecurring(_))));
    let bad = ann.alter_recurring("none", "* * *", "UTC").await;
    assert!(matches!(bad, Err(Error::Config(text)) if text.contains("`cron`")));
    let pause = PauseTarget::Recurring("none".into());
    assert!(matches!(ann.pause(pause, None).await, Err(Error::NoRecurring(_))));
    let server = jobs::ServerId::new();
    assert!(matches!(ann.resize_server(server, 0).await, Err(Error::Config(_))));
    assert!(matches!(ann.stop_server(server).await, Err(Error::NoServer(_))));
    assert!(matches!(ann.cancel_batch(BatchId::new()).await, Err(Error::NoBatch(_))));
    assert!(matches!(ann.cancel_operation(OperationId::new()).await, Err(Error::NoOperation(_))));
    let refused = ann.begin(JobFilter::new(State::Succeeded), BulkAct::Delete).await;
    assert!(matches!(refused, Err(Error::Config(text)) if text.contains("succeeded")));
    let acts = client.audit(AuditFilter::new()).await.unwrap();
    let mut missing = BTreeMap::<&str, u32>::new();
    for act in &acts {
        assert_eq!(act.outcome, Acted::Missing, "{act:?}");
        *missing.entry(act.act.as_str()).or_default() += 1;
    }
    let each = [("alter", 1), ("cancel", 2), ("pause", 1), ("requeue", 1), ("skip", 1), ("stop", 1), ("trigger", 1)];
    assert_eq!(missing, BTreeMap::from(each), "attempts on what is not there are noted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recurring_job_is_skipped_and_altered() {
    let database = Database::new();
    let client = database.client().await;
    client.recurring("digest:1").cron("0 8 * * *").upsert(digest::new(1)).await.unwrap();
    let next = async || client.recurring("digest:1").get().await.unwrap().next_at.unwrap();
    let (ann, first) = (ann(&client), next().await);
    assert!(ann.skip_next("digest:1").await.unwrap());
    assert_eq!(next().await.duration_since(first), jobs::jiff::SignedDuration::from_hours(24));
    assert!(ann.alter_recurring("digest:1", "30 9 * * *", "Europe/Istanbul").await.unwrap());
    let stored = client.recurring("digest:1").get().await.unwrap();
    assert_eq!((&*stored.spec.cron, &*stored.spec.zone), ("30 9 * * *", "Europe/Istanbul"));
    let local = stored.next_at.unwrap().in_tz("Europe/Istanbul").unwrap();
    assert_eq!((local.hour(), local.minute()), (9, 30));
    let seen = ("0 8 * * *", "UTC");
    assert!(!ann.alter_recurring_if("digest:1", seen, "0 7 * * *", "UTC").await.unwrap(), "that is no more");
    assert!(!ann.reset_recurring("digest:1").await.unwrap(), "no code defines it");
    let made = ann.trigger("digest:1").await.unwrap();
    assert_eq!(made.record().await.unwrap().recurring.unwrap().0, "digest:1");
    assert!(ann.remove_recurring("digest:1").await.unwrap());
    let digest = Target::Recurring("digest:1".into());
    let acts = client.audit(AuditFilter::new().target(digest)).await.unwrap();
    let told: Vec<_> = acts.iter().map(|act| act.act).collect();
    assert_eq!(told, [Verb::Remove, Verb::Trigger, Verb::Alter, Verb::Alter, Verb::Skip]);
    let schedule = |cron: &str, zone: &str| serde_json::json!({ "cron": cron, "zone": zone });
    let (before, after) = (schedule("0 8 * * *", "UTC"), schedule("30 9 * * *", "Europe/Istanbul"));
    assert_eq!(acts[3].detail, Some(serde_json::json!({ "before": before, "after": after })));
    assert_eq!((acts[2].outcome, acts[3].outcome), (Acted::Refused, Acted::Done));
}
