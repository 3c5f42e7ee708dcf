//! Pages of lists lead to every row once.

use axum::Router;
use jobs::prelude::*;
use jobs_runtime::{
    Actor,
    storage::{BulkAct, JobFilter, Via},
};
use serde_json::Value;

use super::{eventually, greet, read};
use crate::tests::site::Site;

/// All rows of a list, page by page, by the text at `id` in each.
async fn walked(router: &Router, path: &str, cursor: &str, rows: &str, id: &str) -> Vec<String> {
    let (mut next, mut seen, mut pages) = (path.to_owned(), Vec::new(), 0);
    loop {
        let page = read(router, &next).await;
        seen.extend(page[rows].as_array().expect("rows").iter().map(|row| row[id].as_str().expect("an id").to_owned()));
        pages += 1;
        assert!(pages < 20, "{path} does not end");
        match &page["next"] {
            Value::Null => break,
            Value::String(place) => next = format!("{path}&{cursor}={place}"),
            other => panic!("{other} is no place"),
        }
    }
    assert!(pages > 1, "{path} has one page only");
    seen
}

fn distinct(rows: &[String]) -> usize {
    rows.iter().collect::<std::collections::HashSet<_>>().len()
}

#[tokio::test]
async fn jobs_are_walked_forth_and_back() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    site.client.enqueue_all((0..7).map(|number| greet::new(number.to_string()))).await.expect("jobs");
    let forth = walked(&router, "/api/v1/jobs?limit=3", "at", "jobs", "id").await;
    assert_eq!((forth.len(), distinct(&forth)), (7, 7));
    let second = read(&router, "/api/v1/jobs?limit=3").await["next"].as_str().expect("a place").to_owned();
    let second = read(&router, &format!("/api/v1/jobs?limit=3&at={second}")).await;
    let first = second["previous"].as_str().expect("a place");
    let first = read(&router, &format!("/api/v1/jobs?limit=3&at={first}")).await;
    assert_eq!(first["jobs"].as_array().map(Vec::len), Some(3));
    assert_eq!(first["jobs"][0]["id"], forth[0]);
}

#[tokio::test]
async fn batches_and_their_jobs_are_walked() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for number in 0..5 {
        let jobs = (0..5).map(move |member| greet::new(format!("{number} {member}")));
        Batch::new(number.to_string()).jobs(jobs).on(&site.client).enqueue().await.expect("a batch");
    }
    let batches = walked(&router, "/api/v1/batches?limit=2", "before", "batches", "id").await;
    assert_eq!((batches.len(), distinct(&batches)), (5, 5));
    let members = walked(&router, &format!("/api/v1/batches/{}?limit=2", batches[0]), "after", "jobs", "id").await;
    assert_eq!((members.len(), distinct(&members)), (5, 5));
}

#[tokio::test]
async fn acts_and_operations_are_walked() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for _ in 0..5 {
        let ann = site.client.by(Actor::new("ann", Via::Cli));
        ann.begin(JobFilter::new(State::Failed), BulkAct::Requeue).await.expect("an operation");
    }
    let operations = walked(&router, "/api/v1/operations?limit=2", "before", "operations", "id").await;
    assert_eq!((operations.len(), distinct(&operations)), (5, 5));
    let acts = walked(&router, "/api/v1/audit?limit=2", "before", "acts", "number").await;
    assert_eq!((acts.len(), distinct(&acts)), (5, 5));
    let of_ann = read(&router, "/api/v1/audit?actor=ann&act=begin&limit=3").await;
    assert_eq!(of_ann["acts"].as_array().map(Vec::len), Some(3));
    let of_bob = read(&router, "/api/v1/audit?actor=bob").await;
    assert_eq!(of_bob["acts"].as_array().map(Vec::len), Some(0));
}

#[job(queue = "mail", attempts = 1)]
async fn fall(way: u8) -> Result<(), String> {
    // Texts with other words are no alike.
    Err(["left", "right", "over", "under", "apart"][usize::from(way) % 5].to_owned())
}

#[tokio::test]
async fn errors_are_walked() {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail"]).workers(2).start().await.expect("a server");
    for way in 0..5 {
        fall::enqueue(way).on(&site.client).await.expect("a job");
    }
    let router = site.dashboard().router();
    eventually(async || read(&router, "/api/v1/errors").await["errors"].as_array().map(Vec::len) == Some(5)).await;
    server.stop().await;
    let errors = walked(&router, "/api/v1/errors?limit=2", "before", "errors", "id").await;
    assert_eq!((errors.len(), distinct(&errors)), (5, 5));
    let same = read(&router, &format!("/api/v1/jobs?state=failed&error={}", errors[0])).await;
    assert_eq!(same["jobs"].as_array().map(Vec::len), Some(1));
}
