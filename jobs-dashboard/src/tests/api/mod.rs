//! The JSON API as programs see it: every read, every act, and whatever can go wrong.

mod access;
mod acts;
mod cursors;
mod document;
mod hostile;
mod problems;
mod reads;
mod schema;

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use jobs::prelude::*;
use jobs_runtime::{RunningServer, storage::ErrorFilter};
use serde_json::{Value, json};

use super::site::{Answer, Site, ask, get};

/// The secret that must stand in no answer.
const SECRET: &str = "s3cret-word";

#[job(queue = "mail")]
async fn greet(name: String) {
    let _ = name;
}

#[job(queue = "slow")]
async fn crawl(page: u64) {
    let _ = page;
}

#[job(queue = "mail")]
async fn sum(parts: Vec<u64>) -> Result<u64, std::io::Error> {
    Ok(parts.iter().sum())
}

#[job(queue = "mail", attempts = 1, secret(password))]
async fn sign_in(user: String, password: String) -> Result<(), std::io::Error> {
    Err(std::io::Error::other(format!("no user {user} with {} letters", password.len())))
}

/// A body as programs send it.
fn send(path: &str, body: &Value, headers: &[(&str, &str)]) -> Request<Body> {
    raw(path, &body.to_string(), &[&[("content-type", "application/json")], headers].concat())
}

fn raw(path: &str, body: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request = Request::post(path).header(header::HOST, "jobs.example.org");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::from(body.to_owned())).expect("a request")
}

/// What an answer says, which is JSON whatever it is.
fn json_of(answer: &Answer) -> Value {
    let kind = answer.header(header::CONTENT_TYPE);
    let expected = if answer.status.is_success() { "application/json" } else { "application/problem+json" };
    assert_eq!(kind, expected, "{}", answer.text());
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// What is answered to a read that goes well.
async fn read(router: &Router, path: &str) -> Value {
    let answer = ask(router, get(path, &[])).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    json_of(&answer)
}

/// What is answered to an act that goes well.
async fn acted(router: &Router, path: &str, body: Value) -> Value {
    let answer = ask(router, send(path, &body, &[])).await;
    assert!(answer.status.is_success(), "{path} {body}: {}", answer.text());
    json_of(&answer)
}

/// The sort of the problem that a request leads to, by its status and its last word, and what it says.
async fn problem(router: &Router, request: Request<Body>) -> (u16, String, String) {
    let path = request.uri().path().to_owned();
    let answer = ask(router, request).await;
    let problem = json_of(&answer);
    assert_eq!(problem["status"], answer.status.as_u16(), "{path}");
    assert_eq!(problem["instance"], path);
    let text = |field: &str| problem[field].as_str().expect("a text").to_owned();
    assert!(!text("title").is_empty() && !text("detail").is_empty(), "{problem}");
    let sort = text("type").strip_prefix("urn:jobs:").expect("a sort of ours").to_owned();
    (answer.status.as_u16(), sort, text("detail"))
}

/// Waits until something is so, which a server or the upkeep brings about.
async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it comes about");
}

/// What a site holds that has a bit of everything.
struct Filled {
    site: Site,
    failed: JobId,
    succeeded: JobId,
    scheduled: JobId,
    batch: String,
    operation: String,
    server: RunningServer,
}

/// Jobs in every state, a batch with a continuation, a recurring job, errors, pauses, acts, an operation and a server.
async fn filled() -> Filled {
    let site = Site::new().await;
    let client = &site.client;
    client
        .recurring("digest/42")
        .cron("0 8 * * MON")
        .tz("Europe/Istanbul")
        .upsert(greet::new("Weekly".to_owned()))
        .await
        .expect("a recurring job");
    // It must not fire while the rest is stored, whenever that is.
    client.recurring("digest/42").pause().await.expect("paused");
    let server = client.server().queues(["mail"]).workers(2).start().await.expect("a server");
    let failed = sign_in::enqueue("ada", SECRET).tag("vip").meta("tenant", "7").on(client).await.expect("a job");
    assert_eq!(failed.wait().await.expect("an end"), State::Failed);
    let succeeded = sum::enqueue(vec![u64::MAX - 1, 1]).on(client).await.expect("a job");
    assert_eq!(succeeded.wait().await.expect("an end"), State::Succeeded);
    eventually(async || !client.errors(ErrorFilter::new()).await.expect("errors").is_empty()).await;
    client.queue("slow").pause().reason("too much").await.expect("paused");
    let kind = client.job(failed.id()).record().await.expect("a job").kind;
    client.kind_named(kind).pause().await.expect("paused");
    client.server_ref(server.id()).pause().await.expect("paused");
    let scheduled = greet::enqueue("Later").delay("1h").on(client).await.expect("a job").id();
    for queue in ["slow", "payroll"] {
        greet::enqueue("Grace").queue(queue).on(client).await.expect("a job");
    }
    let gone = greet::enqueue("Gone").queue("slow").on(client).await.expect("a job");
    client.job(gone.id()).delete().reason("not wanted").await.expect("deleted");
    let inner = Batch::new("inner").jobs([crawl::new(7)]);
    let batch = Batch::new("everybody").jobs((0..3).map(crawl::new)).batch(inner).then(crawl::new(8));
    let batch = batch.on(client).enqueue().await.expect("a batch");
    let router = site.dashboard().router();
    let begun = acted(&router, "/api/v1/queues/old/clear", json!({ "reason": "moved" })).await;
    let operation = begun["operation"].as_str().expect("an id").to_owned();
    let (failed, succeeded, batch) = (failed.id(), succeeded.id(), batch.id().to_string());
    Filled { failed, succeeded, scheduled, batch, operation, server, site }
}

/// The paths of all reads, of what is in a filled site.
fn reads(filled: &Filled) -> Vec<String> {
    let Filled { failed, succeeded, scheduled, batch, operation, .. } = filled;
    let mut paths: Vec<_> = LISTS.iter().map(|path| (*path).to_owned()).collect();
    paths.extend([failed, succeeded, scheduled].map(|id| format!("/api/v1/jobs/{id}")));
    paths.extend([format!("/api/v1/batches/{batch}"), format!("/api/v1/operations/{operation}")]);
    paths.push("/api/v1/recurring/digest%2F42".to_owned());
    paths.extend(State::ALL.map(|state| format!("/api/v1/jobs?state={state}")));
    paths
}

/// The paths of all reads that are there whatever the database holds.
const LISTS: [&str; 14] = [
    "/api/v1/openapi.json",
    "/api/v1/overview",
    "/api/v1/stats",
    "/api/v1/stats?range=30d",
    "/api/v1/system",
    "/api/v1/jobs",
    "/api/v1/errors",
    "/api/v1/operations",
    "/api/v1/queues",
    "/api/v1/kinds",
    "/api/v1/recurring",
    "/api/v1/batches",
    "/api/v1/servers",
    "/api/v1/audit",
];
