//! What machines ask.

use axum::http::{StatusCode, header};
use jobs::prelude::*;

use super::site::{Site, ask, by_header, get};
use crate::{Dashboard, Policy};

#[job(queue = "mail", name = "greet")]
async fn greet(name: String) {
    let _ = name;
}

#[tokio::test]
async fn gauges_tell_of_the_queues_that_the_visitor_sees() {
    let site = Site::new().await;
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    greet::enqueue("Grace").queue("a\"b").on(&site.client).await.expect("a job");
    let router = Dashboard::new(&site.client, by_header()).router();
    let answer = ask(&router, get("/metrics", &[("x-role", "read")])).await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    assert!(text.contains("jobs_count{queue=\"mail\",kind=\"greet\",state=\"enqueued\"} 1\n"), "{text}");
    assert!(text.contains("jobs_count{queue=\"a\\\"b\",kind=\"greet\",state=\"enqueued\"} 1\n"), "{text}");
    assert!(text.contains("jobs_servers 0\n") && text.contains("jobs_queue_paused{queue=\"mail\"} 0\n"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("jobs_oldest_wait_seconds{queue=\"mail\"} ")), "{text}");

    let text = ask(&router, get("/metrics", &[("x-role", "mail:read")])).await.text();
    assert!(text.contains("queue=\"mail\"") && !text.contains("a\\\"b") && !text.contains("jobs_servers"), "{text}");
    assert_eq!(ask(&router, get("/metrics", &[])).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn anybody_may_ask_whether_it_lives() {
    let site = Site::new().await;
    let router = Dashboard::new(&site.client, Policy::deny_all()).router();
    for (path, text) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let answer = ask(&router, get(path, &[])).await;
        assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, text));
    }
}
