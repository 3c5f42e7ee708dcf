//! What is done to recurring jobs and servers.

use axum::{
    Router,
    http::{StatusCode, header},
};
use jobs::{AuditFilter, prelude::*};
use scraper::Html;

use super::site::{Site, ask, by_header, get, post, select, words};
use crate::Dashboard;

#[job(queue = "mail")]
async fn digest(tenant: u64) {
    let _ = tenant;
}

async fn site() -> Site {
    let site = Site::new().await;
    let weekly = site.client.recurring("digest:42").cron("0 8 * * MON");
    weekly.upsert(digest::new(42)).await.expect("a recurring job");
    site
}

/// Answers the question that a form leads to, and follows where that leads.
async fn answered(router: &Router, path: &str, form: &str) -> Html {
    let question = ask(router, post(path, form, &[])).await;
    assert_eq!(question.status, StatusCode::OK, "{form}");
    let page = question.page();
    let action = select(&page, "main form.panel")[0].attr("action").expect("an action").to_owned();
    let hidden = select(&page, "main form.panel input[type=hidden]");
    let hidden =
        hidden.iter().map(|input| (input.attr("name").expect("a name"), input.attr("value").expect("a value")));
    let fields = hidden.chain([("confirmed", "yes"), ("reason", "why")]);
    let fields = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let answer = ask(router, post(&action, &fields, &[])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{form}");
    ask(router, get(answer.header(header::LOCATION), &[])).await.page()
}

fn labels(page: &Html) -> Vec<String> {
    let buttons = select(page, "main .list button");
    buttons.iter().map(|button| button.text().collect()).collect()
}

#[tokio::test]
async fn a_recurring_job_is_run_paused_and_skipped() {
    let site = site().await;
    let router = site.dashboard().router();
    let list = ask(&router, get("/recurring", &[])).await.page();
    assert_eq!(labels(&list), ["Run now", "Pause", "Skip the next"]);
    let path = select(&list, ".list form")[0].attr("action").expect("an action").to_owned();
    assert_eq!(path, "/recurring?id=digest%3A42");

    // Between the question and the answer it may fire: what was meant is that time, and no other.
    let late = ask(&router, post(&path, "act=skip&confirmed=yes&next=7", &[])).await;
    assert!(late.header(header::LOCATION).ends_with("told=late"), "{}", late.header(header::LOCATION));
    let next = async || site.client.recurring("digest:42").get().await.expect("it is there").next_at.expect("a time");
    let before = next().await;
    let skipped = answered(&router, &path, "act=skip").await;
    assert_eq!(words(&skipped, ".notice"), "Done.");
    assert!(next().await > before);

    let paused = answered(&router, &path, "act=pause").await;
    assert_eq!((words(&paused, ".notice").as_str(), words(&paused, ".list .badge").as_str()), ("Done.", "paused"));
    assert_eq!(labels(&paused), ["Run now", "Resume", "Skip the next"]);
    answered(&router, &path, "act=resume").await;

    let job = answered(&router, &path, "act=run").await;
    assert!(words(&job, "h1").ends_with("digest"), "{}", words(&job, "h1"));
    assert_eq!(words(&job, "[aria-labelledby=args-title] dl"), "tenant 42");
    let audit = site.client.audit(AuditFilter::new()).await.expect("the audit");
    assert_eq!(audit.iter().filter(|entry| entry.reason == "why").count(), 4);
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_missing() {
    let site = site().await;
    let router = site.dashboard().router();
    for (path, form, expected) in [
        ("/recurring?id=nobody", "act=run", StatusCode::NOT_FOUND),
        ("/recurring", "act=run", StatusCode::BAD_REQUEST),
        ("/recurring?id=digest:42", "act=explode", StatusCode::BAD_REQUEST),
        ("/servers?server=x", "act=stop", StatusCode::BAD_REQUEST),
        ("/servers?server=01a206db-78db-7635-b2f3-1c7e194657c2", "act=stop", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(ask(&router, post(path, form, &[])).await.status, expected, "{path} {form}");
    }
}

#[tokio::test]
async fn only_who_may_operate_its_queue_acts_on_a_recurring_job() {
    let site = site().await;
    let router = Dashboard::new(&site.client, by_header()).router();
    let path = "/recurring?id=digest:42";
    for (role, expected) in [
        ("read", StatusCode::FORBIDDEN),
        ("payroll:admin", StatusCode::NOT_FOUND),
        ("mail:operate", StatusCode::OK),
        ("operate", StatusCode::OK),
    ] {
        assert_eq!(ask(&router, post(path, "act=pause", &[("x-role", role)])).await.status, expected, "{role}");
    }
    let list = ask(&router, get("/recurring", &[("x-role", "read")])).await.page();
    assert!(labels(&list).is_empty());
}

#[tokio::test]
async fn a_server_is_paused_and_stopped() {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail"]).workers(2).start().await.expect("a server");
    // The servers are read once a second for all viewers, so another dashboard tells the new state.
    let router = || site.dashboard().router();
    let list = ask(&router(), get("/servers", &[])).await.page();
    assert_eq!(labels(&list), ["Pause", "Stop"]);
    let path = select(&list, ".list form")[0].attr("action").expect("an action").to_owned();
    let paused = answered(&router(), &path, "act=pause").await;
    assert_eq!(words(&paused, ".notice"), "Done.");
    let list = ask(&router(), get("/servers", &[])).await.page();
    assert_eq!(
        (labels(&list), words(&list, ".list .badge").as_str()),
        (vec!["Resume".into(), "Stop".into()], "paused")
    );
    answered(&router(), &path, "act=stop").await;
    let record = site.client.server_ref(server.id()).record().await.expect("it is there");
    assert!(record.orders.stop || record.info.stopping);
    server.stop().await;
}
