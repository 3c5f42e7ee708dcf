//! What is done by the API, and that it is noted as such.

use axum::{Router, http::StatusCode};
use jobs::prelude::*;
use jobs_runtime::storage::{Acted, AuditFilter, AuditRecord, OperationFilter, PauseTarget, Verb, Via};
use serde_json::{Value, json};

use super::{acted, eventually, filled, greet, json_of, problem, read, send, sign_in};
use crate::tests::site::{Site, ask, get};

/// The newest note, which must be of the API.
async fn noted(site: &Site) -> AuditRecord {
    let acts = site.client.audit(AuditFilter::new().limit(1)).await.expect("acts");
    let last = acts.into_iter().next().expect("an act");
    assert_eq!((last.via, &*last.actor), (Via::Api, "anybody"));
    last
}

/// Does it, and says whose verb and outcome the note has.
async fn noted_as(site: &Site, router: &Router, path: &str, body: Value) -> (Verb, Acted, String) {
    acted(router, path, body).await;
    let last = noted(site).await;
    (last.act, last.outcome, last.reason)
}

#[tokio::test]
async fn every_act_on_a_job_is_done_and_noted() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let id = greet::enqueue("Ada").delay("1h").on(&site.client).await.expect("a job").id();
    let path = |act: &str| format!("/api/v1/jobs/{id}/{act}");
    let job = async || site.client.job(id).record().await.expect("a job");
    let done = async |act: &str, body: Value| noted_as(&site, &router, &path(act), body).await;
    let is = |verb: Verb, reason: &str| (verb, Acted::Done, reason.to_owned());

    assert_eq!(done("move", json!({ "queue": "post", "reason": "too slow" })).await, is(Verb::Move, "too slow"));
    assert_eq!(done("prioritize", json!({ "priority": -7 })).await, is(Verb::Prioritize, ""));
    assert_eq!(done("reschedule", json!({ "due": "2040-01-02T03:04:05Z" })).await, is(Verb::Reschedule, ""));
    assert_eq!((&*job().await.queue, job().await.priority), ("post", -7));
    assert_eq!(job().await.due_at.to_string(), "2040-01-02T03:04:05Z");
    let fence = job().await.fence.to_string();
    assert_eq!(done("edit", json!({ "args": { "name": "Grace" }, "fence": fence })).await, is(Verb::Edit, ""));
    assert_eq!(site.client.args_json(&job().await).expect("args")["name"], "Grace");
    assert_eq!(done("run_now", json!({})).await, is(Verb::Reschedule, ""));
    assert_eq!(job().await.state, State::Enqueued);
    assert_eq!(done("delete", json!({ "reason": "not wanted" })).await, is(Verb::Delete, "not wanted"));
    assert_eq!(done("requeue", json!({ "reason": "after all" })).await, is(Verb::Requeue, "after all"));
    assert_eq!(job().await.state, State::Enqueued);
}

#[job(queue = "mail")]
async fn wait_for_the_end(context: &JobContext) {
    context.cancelled().await;
}

#[tokio::test]
async fn a_job_that_runs_is_asked_to_stop() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let server = site.client.server().queues(["mail"]).workers(1).start().await.expect("a server");
    let job = wait_for_the_end::enqueue().on(&site.client).await.expect("a job");
    eventually(async || job.state().await.expect("a state") == State::Processing).await;
    let path = format!("/api/v1/jobs/{}/cancel", job.id());
    let expected = (Verb::Cancel, Acted::Done, "stuck".to_owned());
    assert_eq!(noted_as(&site, &router, &path, json!({ "reason": "stuck" })).await, expected);
    assert!(job.wait().await.expect("an end").is_final());
    server.stop().await;
}

#[tokio::test]
async fn a_secret_that_stays_redacted_keeps_its_value() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let id = sign_in::enqueue("ada", super::SECRET).delay("1h").on(&site.client).await.expect("a job").id();
    let told = read(&router, &format!("/api/v1/jobs/{id}")).await;
    let mut args = told["job"]["args"].clone();
    args["user"] = json!("grace");
    acted(&router, &format!("/api/v1/jobs/{id}/edit"), json!({ "args": args, "fence": told["job"]["fence"] })).await;
    let kept = site.client.job(id).record().await.expect("a job");
    assert_eq!(site.client.args_json(&kept).expect("args")["user"], "grace");
    let server = site.client.server().queues(["mail"]).workers(1).start().await.expect("a server");
    acted(&router, &format!("/api/v1/jobs/{id}/run_now"), json!({})).await;
    assert_eq!(site.client.job(id).wait().await.expect("an end"), State::Failed);
    server.stop().await;
    // The error counts the letters of the password that the job was given.
    let reason = site.client.job(id).record().await.expect("a job").reason;
    assert_eq!(reason.as_deref(), Some("no user grace with 11 letters"));
    let audit = read(&router, "/api/v1/audit").await.to_string();
    assert!(audit.contains("[redacted]") && !audit.contains(super::SECRET), "{audit}");
}

#[tokio::test]
async fn an_act_that_the_state_does_not_take_is_a_conflict() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let id = greet::enqueue("Ada").on(&site.client).await.expect("a job").id();
    for (act, body) in [
        ("requeue", json!({})),
        ("run_now", json!({})),
        ("edit", json!({ "args": { "name": "Eve" }, "fence": "999999" })),
    ] {
        let (status, sort, says) = problem(&router, send(&format!("/api/v1/jobs/{id}/{act}"), &body, &[])).await;
        assert_eq!((status, &*sort), (409, "state"), "{act}: {says}");
        assert!(
            says.contains("takes delete, reschedule, move, prioritize, edit") || says.contains("takes cancel"),
            "{act}: {says}"
        );
    }
    assert_eq!(site.client.job(id).state().await.expect("a state"), State::Enqueued);
}

#[tokio::test]
async fn queues_and_kinds_are_paused_and_resumed() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    let kind = read(&router, "/api/v1/kinds").await["kinds"][0]["kind"].as_str().expect("a kind").to_owned();
    // A name may hold anything, also what ends a segment.
    for (base, target) in [
        ("/api/v1/queues/a%2Fb%3Fc".to_owned(), PauseTarget::Queue("a/b?c".into())),
        (format!("/api/v1/kinds/{kind}"), PauseTarget::Kind(kind.as_str().into())),
    ] {
        let done = async |act: &str, body: Value| noted_as(&site, &router, &format!("{base}/{act}"), body).await;
        let until = json!({ "until": "2999-01-01T00:00:00Z", "reason": "moving" });
        assert_eq!(done("pause", until).await, (Verb::Pause, Acted::Done, "moving".to_owned()));
        let pauses = site.client.pauses().await.expect("pauses");
        assert_eq!((&pauses[0].target, &*pauses[0].reason), (&target, "moving"));
        assert_eq!(pauses[0].until.map(|at| at.to_string()).as_deref(), Some("2999-01-01T00:00:00Z"));
        assert_eq!(done("resume", json!({})).await, (Verb::Resume, Acted::Done, String::new()));
        let (status, sort, _) = problem(&router, send(&format!("{base}/resume"), &json!({}), &[])).await;
        assert_eq!((status, &*sort), (409, "state"));
        let past = json!({ "until": "2001-01-01T00:00:00Z" });
        let (status, sort, says) = problem(&router, send(&format!("{base}/pause"), &past, &[])).await;
        assert_eq!((status, &*sort, says.contains("`until`")), (409, "state", true));
        assert!(site.client.pauses().await.expect("pauses").is_empty());
    }
}

#[tokio::test]
async fn recurring_jobs_are_triggered_paused_skipped_and_removed() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    site.client
        .recurring("digest/42")
        .cron("0 8 * * MON")
        .upsert(greet::new("Weekly".to_owned()))
        .await
        .expect("stored");
    let base = "/api/v1/recurring/digest%2F42";
    let done = async |act: &str, body: Value| noted_as(&site, &router, &format!("{base}/{act}"), body).await.0;

    let job = acted(&router, &format!("{base}/trigger"), json!({ "reason": "now" })).await["job"].clone();
    assert_eq!((noted(&site).await.act, noted(&site).await.reason), (Verb::Trigger, "now".to_owned()));
    let told = read(&router, &format!("/api/v1/jobs/{}", job.as_str().expect("an id"))).await;
    assert_eq!(told["job"]["args"], json!({ "name": "Weekly" }));

    assert_eq!(done("pause", json!({})).await, Verb::Pause);
    assert_eq!(done("resume", json!({})).await, Verb::Resume);
    let next = async || read(&router, "/api/v1/recurring").await["recurring"][0]["next"].clone();
    let before = next().await;
    assert_eq!(done("skip", json!({ "next": before[0] })).await, Verb::Skip);
    assert_eq!(next().await[0], before[1]);
    // It is another time by now, and not the one that was meant.
    let late = send(&format!("{base}/skip"), &json!({ "next": before[0] }), &[]);
    let (status, sort, says) = problem(&router, late).await;
    assert_eq!((status, &*sort, says.contains(before[1].as_str().expect("a time"))), (409, "state", true), "{says}");
    assert_eq!(done("skip", json!({})).await, Verb::Skip);
    assert_eq!(done("remove", json!({})).await, Verb::Remove);
    let (status, sort, _) = problem(&router, send(&format!("{base}/trigger"), &json!({}), &[])).await;
    assert_eq!((status, &*sort), (404, "not-found"));
}

#[job]
#[recurring("0 0 1 1 *", id = "new-year")]
async fn new_year() {}

#[tokio::test]
async fn a_schedule_is_altered_as_it_was_read() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let stored = site.client.recurring("digest/42").cron("0 8 * * MON").upsert(greet::new("Weekly".to_owned()));
    stored.await.expect("stored");
    let base = "/api/v1/recurring/digest%2F42";
    let seen = json!({ "cron": "0 8 * * MON", "zone": "UTC" });
    let body = json!({ "cron": " 30 9 * * * ", "zone": "Asia/Tokyo", "seen": seen, "reason": "earlier" });
    let note = noted_as(&site, &router, &format!("{base}/alter"), body.clone()).await;
    assert_eq!(note, (Verb::Alter, Acted::Done, "earlier".to_owned()));
    let (status, sort, says) = problem(&router, send(&format!("{base}/alter"), &body, &[])).await;
    assert_eq!((status, &*sort, says.contains("`30 9 * * *` in `Asia/Tokyo`")), (409, "state", true), "{says}");
    assert_eq!(acted(&router, &format!("{base}/alter"), json!({ "cron": "0 7 * * *" })).await["done"], true);
    let (status, _, says) = problem(&router, send(&format!("{base}/alter"), &json!({ "cron": "soon" }), &[])).await;
    assert_eq!((status, says.contains("too few")), (400, true), "{says}");
    acted(&router, &format!("{base}/trigger"), json!({})).await;
    let told = read(&router, base).await;
    assert_eq!((&told["recurring"]["cron"], &told["recurring"]["zone"]), (&json!("0 7 * * *"), &json!("Asia/Tokyo")));
    assert_eq!((&told["of_code"], told["runs"].as_array().map(Vec::len)), (&Value::Null, Some(1)));
    assert_eq!((&told["runs"][0]["by_hand"], &told["runs"][0]["state"]), (&json!(true), &json!("enqueued")));
    assert_eq!(problem(&router, send(&format!("{base}/reset"), &json!({}), &[])).await.0, 409, "there is no code");
    assert_eq!(problem(&router, get("/api/v1/recurring/nobody", &[])).await.0, 404);
}

#[tokio::test]
async fn a_schedule_of_the_code_is_altered_and_reset() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let server = site.client.server().queues(["mail"]).start().await.expect("a server");
    let base = "/api/v1/recurring/new-year";
    acted(&router, &format!("{base}/alter"), json!({ "cron": "0 0 2 1 *" })).await;
    assert_eq!(read(&router, base).await["of_code"], json!({ "cron": "0 0 1 1 *", "zone": "UTC" }));
    acted(&router, &format!("{base}/reset"), json!({ "reason": "enough" })).await;
    let told = read(&router, base).await;
    server.stop().await;
    assert_eq!((&told["of_code"], &told["recurring"]["cron"]), (&Value::Null, &json!("0 0 1 1 *")));
}

#[tokio::test]
async fn what_the_code_declares_is_not_removed() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let server = site.client.server().queues(["mail"]).start().await.expect("a server");
    let remove = || send("/api/v1/recurring/new-year/remove", &json!({}), &[]);
    let (status, sort, says) = problem(&router, remove()).await;
    server.stop().await;
    assert_eq!((status, &*sort, says.contains("#[recurring]")), (409, "state", true), "{says}");
    assert!(site.client.recurring("new-year").get().await.is_ok());
}

#[tokio::test]
async fn servers_are_made_quiet_and_stopped() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let server = site.client.server().queues(["mail"]).start().await.expect("a server");
    let base = format!("/api/v1/servers/{}", server.id());
    let done = async |act: &str| noted_as(&site, &router, &format!("{base}/{act}"), json!({ "reason": "x" })).await.0;
    let record = async || read(&router, "/api/v1/servers").await["servers"][0].clone();
    assert_eq!(done("pause").await, Verb::Pause);
    assert_eq!(record().await["pause"]["reason"], "x");
    assert_eq!(done("resume").await, Verb::Resume);
    assert_eq!(record().await["pause"], Value::Null);
    assert_eq!(done("stop").await, Verb::Stop);
    let told = site.client.server_ref(server.id()).record().await;
    assert!(told.is_ok_and(|record| record.orders.stop || record.info.stopping));
    server.stop().await;
    for act in ["pause", "resume", "stop"] {
        let nobody = format!("/api/v1/servers/01a206db-78db-7635-b2f3-1c7e194657c2/{act}");
        let (status, sort, _) = problem(&router, send(&nobody, &json!({}), &[])).await;
        assert_eq!((status, &*sort), (404, "not-found"), "{act}");
    }
}

#[tokio::test]
async fn a_batch_is_cancelled_once() {
    let filled = filled().await;
    let router = filled.site.dashboard().router();
    let path = format!("/api/v1/batches/{}/cancel", filled.batch);
    let expected = (Verb::Cancel, Acted::Done, "no more".to_owned());
    assert_eq!(noted_as(&filled.site, &router, &path, json!({ "reason": "no more" })).await, expected);
    let (status, sort, _) = problem(&router, send(&path, &json!({}), &[])).await;
    assert_eq!((status, &*sort), (409, "state"));
    filled.server.stop().await;
}

#[tokio::test]
async fn an_operation_is_counted_begun_and_stopped() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    site.client.enqueue_all((0..30).map(|number| greet::new(number.to_string()))).await.expect("jobs");
    let filter = json!({ "state": "enqueued", "queue": ["mail"] });
    let begun = async || site.client.operations(OperationFilter::new()).await.expect("operations").len();
    for path in ["/api/v1/operations?dry_run", "/api/v1/operations?dry_run=yes"] {
        let counted = acted(&router, path, json!({ "filter": filter })).await;
        assert_eq!(counted, json!({ "jobs": 30, "is_exact": true, "looked": 0 }));
    }
    let (status, _, says) = problem(
        &router,
        send("/api/v1/operations?dry_run=perhaps", &json!({ "filter": filter, "act": "delete" }), &[]),
    )
    .await;
    assert_eq!((status, says.contains("`dry_run`"), begun().await), (400, true, 0));

    let body = json!({ "filter": filter, "act": "prioritize", "priority": 9, "reason": "vip" });
    let id = acted(&router, "/api/v1/operations", body).await["operation"].as_str().expect("an id").to_owned();
    assert_eq!((noted(&site).await.act, noted(&site).await.reason), (Verb::Begin, "vip".to_owned()));
    let told = read(&router, &format!("/api/v1/operations/{id}")).await;
    assert_eq!((&told["act"], &told["priority"], &told["state"]), (&json!("prioritize"), &json!(9), &json!("running")));
    assert_eq!((&told["via"], &told["expected"]), (&json!("api"), &json!(30)));
    assert_eq!((&told["filter"]["states"], &told["filter"]["queues"]), (&json!(["enqueued"]), &json!(["mail"])));
    let cancel = format!("/api/v1/operations/{id}/cancel");
    assert_eq!(noted_as(&site, &router, &cancel, json!({})).await.0, Verb::Cancel);
    let (status, sort, _) = problem(&router, send(&cancel, &json!({}), &[])).await;
    assert_eq!((status, &*sort), (409, "state"));
}

#[tokio::test]
async fn a_queue_is_cleared_by_an_operation() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    let cleared = send("/api/v1/queues/mail/clear", &json!({ "reason": "moved" }), &[]);
    let answer = ask(&router, cleared).await;
    let operation = json_of(&answer)["operation"].clone();
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let last = noted(&site).await;
    assert_eq!((last.act, last.outcome, &*last.reason), (Verb::Begin, Acted::Done, "moved"));
    let told = read(&router, &format!("/api/v1/operations/{}", operation.as_str().expect("an id"))).await;
    assert_eq!((&told["act"], &told["filter"]["queues"]), (&json!("delete"), &json!(["mail"])));
    assert_eq!(told["filter"]["states"], json!(["scheduled", "awaiting", "enqueued"]));
}

#[tokio::test]
async fn an_operation_is_carried_out_on_what_matches() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for queue in ["mail", "mail", "payroll"] {
        greet::enqueue("Ada").queue(queue).delay("1h").on(&site.client).await.expect("a job");
    }
    let body = json!({ "filter": { "state": "scheduled", "queue": ["mail"] }, "act": "move", "to_queue": "post" });
    let id = acted(&router, "/api/v1/operations", body).await["operation"].as_str().expect("an id").to_owned();
    let server = site.client.server().queues(["other"]).start().await.expect("a server");
    let path = format!("/api/v1/operations/{id}");
    eventually(async || read(&router, &path).await["state"] != "running").await;
    server.stop().await;
    let told = read(&router, &path).await;
    assert_eq!((&told["state"], &told["done"], &told["to_queue"]), (&json!("done"), &json!(2), &json!("post")));
    let moved = read(&router, "/api/v1/jobs?state=scheduled&queue=post").await;
    assert_eq!(moved["jobs"].as_array().map(Vec::len), Some(2));
}
