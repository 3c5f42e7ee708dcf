//! Whatever goes wrong is a problem as RFC 9457 has it, and never a page.

use axum::http::{Method, Request, header};
use axum::{Router, body::Body};
use jobs::prelude::*;
use jobs_runtime::Error;
use serde_json::json;

use super::{greet, json_of, problem, raw, send};
use crate::{
    Dashboard, Policy, Role,
    api::Json,
    gate::Right,
    routes::Routes,
    tests::site::{Site, ask, by_header, get},
    web::Fault,
};

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn what_cannot_be_meant_is_named() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for (path, words) in [
        ("/api/v1/jobs?state=lost", "`state`: `lost`"),
        ("/api/v1/jobs?from=yesterday", "`from`: `yesterday`"),
        ("/api/v1/jobs?until=%22", "`until`: "),
        ("/api/v1/jobs?error=x", "`error`: "),
        ("/api/v1/jobs?at=2", "`at`: "),
        ("/api/v1/jobs/x", "`x` is not an id"),
        ("/api/v1/jobs/%FF", "UTF-8"),
        ("/api/v1/errors?before=2", "`before`: `2`"),
        ("/api/v1/operations?before=x", "`before`: `x`"),
        ("/api/v1/operations/x", "`x`"),
        ("/api/v1/batches?before=x", "`before`: `x`"),
        ("/api/v1/batches/x", "`x`"),
        ("/api/v1/audit?act=explode", "`act`: `explode`"),
        ("/api/v1/audit?before=soon", "`before`: `soon`"),
        ("/api/v1/stats?range=2h", "`range`: `2h`"),
    ] {
        let (status, sort, says) = problem(&router, get(path, &[])).await;
        assert_eq!((status, &*sort), (400, "bad-request"), "{path}: {says}");
        assert!(says.contains(words), "{path}: {says}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_told_by_its_field() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let id = greet::enqueue("Ada").delay("1h").on(&site.client).await.expect("a job").id();
    let fence = site.client.job(id).record().await.expect("a job").fence.to_string();
    let job = |act: &str| format!("/api/v1/jobs/{id}/{act}");
    let operations = || "/api/v1/operations".to_owned();
    let many: Vec<_> = (0..101).map(|number| number.to_string()).collect();
    for (path, body, words) in [
        (job("requeue"), json!({ "raeson": "x" }), "`raeson`"),
        (job("requeue"), json!([]), "an object"),
        (job("reschedule"), json!({}), "`due`"),
        (job("reschedule"), json!({ "due": "soon" }), "`due`: `soon`"),
        (job("move"), json!({ "queue": 7 }), "`queue`"),
        (job("move"), json!({ "queue": "" }), "empty"),
        (job("prioritize"), json!({ "priority": 40_000 }), "`priority`"),
        (job("edit"), json!({ "args": [], "fence": "1" }), "`args`"),
        (job("edit"), json!({ "args": { "nane": "x" }, "fence": fence }), "`nane`"),
        (job("edit"), json!({ "args": { "name": 7 }, "fence": fence }), "deserialized"),
        ("/api/v1/queues/mail/pause".to_owned(), json!({ "until": "soon" }), "`until`: `soon`"),
        ("/api/v1/recurring/x/skip".to_owned(), json!({ "next": 7 }), "`next`"),
        (operations(), json!({}), "`filter`"),
        (operations(), json!({ "filter": {}, "act": "delete" }), "`state`"),
        (operations(), json!({ "filter": { "state": "lost" }, "act": "delete" }), "`state`: `lost`"),
        (operations(), json!({ "filter": { "state": "failed", "q": "x" }, "act": "delete" }), "`q`"),
        (operations(), json!({ "filter": { "state": "failed", "queue": many }, "act": "delete" }), "`filter.queue`"),
        (operations(), json!({ "filter": { "state": "failed", "kind": [" "] }, "act": "delete" }), "`filter.kind`"),
        (operations(), json!({ "filter": { "state": "failed", "from": "" }, "act": "delete" }), "`filter.from`"),
        (operations(), json!({ "filter": { "state": "failed", "parked": true }, "act": "delete" }), "`filter.parked`"),
        (operations(), json!({ "filter": { "state": "failed" } }), "`act`"),
        (operations(), json!({ "filter": { "state": "failed" }, "act": "explode" }), "`act`"),
        (operations(), json!({ "filter": { "state": "enqueued" }, "act": "move" }), "`to_queue`"),
        (operations(), json!({ "filter": { "state": "enqueued" }, "act": "prioritize" }), "`priority`"),
        (operations(), json!({ "filter": { "state": "enqueued" }, "act": "requeue" }), "takes `requeue`"),
    ] {
        let (status, sort, says) = problem(&router, send(&path, &body, &[])).await;
        assert_eq!((status, &*sort), (422, "bad-body"), "{path} {body}: {says}");
        assert!(says.contains(words), "{path} {body}: {says}");
    }
    let unread = site.client.job(id).record().await.expect("a job");
    assert_eq!((unread.state, unread.fence.to_string()), (State::Scheduled, fence), "nothing was done");
    for body in ["{", "act=delete", "{\"reason\":\"\u{1}\"}", "{} {}"] {
        let (status, sort, says) = problem(&router, raw(&job("delete"), body, &[JSON])).await;
        assert_eq!((status, &*sort), (400, "bad-request"), "{body}: {says}");
    }
}

#[tokio::test]
async fn only_json_is_taken_and_not_too_much_of_it() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let id = greet::enqueue("Ada").on(&site.client).await.expect("a job").id();
    let path = format!("/api/v1/jobs/{id}/delete");
    for headers in [
        vec![],
        vec![("content-type", "application/x-www-form-urlencoded")],
        vec![("content-type", "text/plain")],
        vec![("content-type", "multipart/form-data; boundary=x")],
    ] {
        let (status, sort, _) = problem(&router, raw(&path, "{}", &headers)).await;
        assert_eq!((status, &*sort), (415, "media-type"), "{headers:?}");
    }
    let (status, sort, _) =
        problem(&router, raw(&path, &format!("{{\"reason\":\"{}\"}}", "a".repeat(300_000)), &[JSON])).await;
    assert_eq!((status, &*sort), (413, "too-large"));
    assert_eq!(site.client.job(id).state().await.expect("a state"), State::Enqueued);
    // Nothing said is nothing to say.
    let answer = ask(&router, raw(&path, "", &[JSON])).await;
    assert_eq!(json_of(&answer), json!({ "done": true }));
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_and_not_a_page() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for path in ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/jobs", "/api/v1/jobs/a/b/c", "/api/v1/openapi"]
    {
        let answer = ask(&router, get(path, &[("accept", "text/html")])).await;
        let problem = json_of(&answer);
        assert_eq!((answer.status.as_u16(), problem["type"].as_str()), (404, Some("urn:jobs:no-route")), "{path}");
    }
    for (path, words) in [
        (format!("/api/v1/jobs/{}", JobId::new()), "there is no job"),
        (format!("/api/v1/batches/{}", JobId::new()), "there is no batch"),
        (format!("/api/v1/operations/{}", JobId::new()), "there is no operation"),
    ] {
        let (status, sort, says) = problem(&router, get(&path, &[])).await;
        assert_eq!((status, &*sort, says.contains(words)), (404, "not-found", true), "{path}: {says}");
    }
    for path in ["/api/v1/recurring/nobody/trigger", "/api/v1/recurring/nobody/remove"] {
        let (status, sort, says) = problem(&router, send(path, &json!({}), &[])).await;
        assert_eq!((status, &*sort, says.contains("`nobody`")), (404, "not-found", true), "{says}");
    }
    for (method, path, allowed) in [
        (Method::DELETE, "/api/v1/jobs", "GET,HEAD"),
        (Method::GET, "/api/v1/queues/mail/pause", "POST"),
        (Method::PUT, "/api/v1/operations", "GET,HEAD,POST"),
    ] {
        let request = || Request::builder().method(&method).uri(path).body(Body::empty()).expect("a request");
        let (status, sort, _) = problem(&router, request()).await;
        assert_eq!((status, &*sort), (405, "method"), "{path}");
        assert_eq!(ask(&router, request()).await.header(header::ALLOW), allowed, "{path}");
    }
}

#[tokio::test]
async fn strangers_are_told_so_as_a_problem() {
    let site = Site::new().await;
    let closed = Dashboard::new(&site.client, Policy::deny_all()).router();
    let (status, sort, _) = problem(&closed, get("/api/v1/jobs", &[])).await;
    assert_eq!((status, &*sort), (403, "no-access"));
    let (status, sort, _) = problem(&closed, get("/api/v1/nothing", &[])).await;
    assert_eq!((status, &*sort), (403, "no-access"), "who is not let in does not learn what is there");
    for (policy, challenge) in [
        (Policy::bearer([("ci", "0123456789abcdef", Role::Read)]), "Bearer realm=\"jobs\""),
        (Policy::basic([("ann", "pw", Role::Read)]), "Basic realm=\"jobs\", charset=\"UTF-8\""),
    ] {
        let router = Dashboard::new(&site.client, policy.expect("a policy")).router();
        let answer = ask(&router, get("/api/v1/jobs", &[])).await;
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), challenge);
        assert_eq!((answer.status.as_u16(), json_of(&answer)["type"].as_str()), (401, Some("urn:jobs:sign-in")));
    }
    let router = Dashboard::new(&site.client, by_header()).router();
    let (status, sort, says) = problem(&router, send("/api/v1/kinds/x/pause", &json!({}), &[("x-role", "read")])).await;
    assert_eq!((status, &*sort), (403, "forbidden"), "{says}");
}

/// A dashboard whose API fails.
fn failing(site: &Site) -> Router {
    let shared = site.shared();
    let fail = |error: Error| async move { Err::<Json<()>, Fault>(error.into()) };
    Routes::new(&shared)
        .get("/api/v1/down", Right::READ, move || {
            fail(Error::Unavailable { what: "to read".into(), source: "password=s3cret".into() })
        })
        .get("/api/v1/broken", Right::READ, move || {
            fail(Error::Storage { what: "SELECT s3cret".into(), source: "syntax error".into() })
        })
        .get("/api/v1/taken", Right::READ, async || Err::<Json<()>, _>(Fault::Conflict("it has changed".into())))
        .get("/api/v1/panics", Right::READ, async || {
            let none: Option<u8> = "s3cret".parse().ok();
            Json(none.expect("a number, says s3cret"))
        })
        .into_router(shared)
}

#[tokio::test]
async fn what_the_database_says_is_a_problem_too() {
    let site = Site::new().await;
    let app = Router::new().nest("/ops", failing(&site));
    for (path, status, sort) in [
        ("/ops/api/v1/down?x=s3cret", 503, "unavailable"),
        ("/ops/api/v1/broken", 500, "internal"),
        ("/ops/api/v1/panics", 500, "internal"),
        ("/ops/api/v1/taken", 409, "changed"),
    ] {
        let answer = ask(&app, get(path, &[])).await;
        assert!(!answer.text().contains("s3cret"), "{path}: {}", answer.text());
        assert_eq!(answer.header(header::RETRY_AFTER), if status == 503 { "5" } else { "" });
        // The instance is where the caller sees the API.
        let told = problem(&app, get(path, &[])).await;
        assert_eq!((told.0, &*told.1), (status, sort), "{path}");
    }
}
