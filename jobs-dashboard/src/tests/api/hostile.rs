//! Texts of others stay texts.

use axum::http::{StatusCode, header};
use jobs::{AuditFilter, prelude::*};
use serde_json::json;

use super::{acted, greet, json_of, problem, read, send};
use crate::tests::site::{Site, ask, get};

const HOSTILE: [&str; 5] = [
    "\"},{\"x\":\"",
    "</script><script>alert(1)</script>",
    "line\nbreak\ttab \u{1}\u{7f}",
    "\u{202e}live.exe\u{2066}\u{2028}",
    "\\u0000 \\\" %00 {{7*7}}",
];

#[tokio::test]
async fn a_hostile_text_comes_back_as_it_was() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for text in HOSTILE {
        let name = text.replace(char::is_control, "");
        let job = greet::enqueue(text).queue(&*name).tag(&*name).meta("fact", text).on(&site.client);
        let id = job.await.expect("a job").id();
        acted(&router, &format!("/api/v1/jobs/{id}/delete"), json!({ "reason": text })).await;
        let told = read(&router, &format!("/api/v1/jobs/{id}")).await;
        assert_eq!((&told["job"]["args"]["name"], &told["job"]["queue"]), (&json!(text), &json!(name)));
        assert_eq!((&told["job"]["tags"][0], &told["job"]["meta"]["fact"]), (&json!(name), &json!(text)));
        // Notes hold no control characters but those of lines.
        let noted = site.client.audit(AuditFilter::new().limit(1)).await.expect("acts").remove(0).reason;
        assert_eq!(read(&router, "/api/v1/audit").await["acts"][0]["reason"], noted);
    }
    let deleted = read(&router, "/api/v1/jobs?state=deleted").await;
    assert_eq!(deleted["jobs"].as_array().map(Vec::len), Some(HOSTILE.len()));
}

#[tokio::test]
async fn what_is_asked_for_is_only_a_text() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for query in
        ["state=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "state=%00", "from=%0A%1b%5b31m", "error=%FF%FE"]
    {
        let answer = ask(&router, get(&format!("/api/v1/jobs?{query}"), &[])).await;
        assert_eq!(
            (answer.status, answer.header(header::CONTENT_TYPE)),
            (StatusCode::BAD_REQUEST, "application/problem+json")
        );
        json_of(&answer);
    }
    let deep = "[".repeat(100_000);
    let answer = ask(&router, super::raw("/api/v1/operations", &deep, &[("content-type", "application/json")])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let long = "ç".repeat(100_000);
    let (status, _, says) =
        problem(&router, send(&format!("/api/v1/jobs/{}/reschedule", JobId::new()), &json!({ "due": long }), &[]))
            .await;
    assert!(status == 422 && says.len() < 5_000, "{status} {} bytes", says.len());
}
