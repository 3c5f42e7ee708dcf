//! Queues and kinds: what their lists show, and what is done to them.

use std::time::Duration;

use axum::http::{StatusCode, header};
use jobs::prelude::*;
use jobs_runtime::storage::{Acted, AuditFilter, OperationFilter, PauseTarget, Verb};

use super::site::{Answer, Site, ask, by_header, get, post, select, words};
use crate::{Access, Dashboard, Role, page, web::Visit};

const HOUR: Duration = Duration::from_secs(3_600);

#[job(queue = "mail")]
async fn greet(name: String) {
    let _ = name;
}

#[job(queue = "reports")]
async fn report() {}

/// A form of a page, in the name of somebody with this role.
async fn send(site: &Site, path: &str, form: &str, role: &str) -> Answer {
    let router = Dashboard::new(&site.client, by_header()).router();
    ask(&router, post(path, form, &[("x-role", role), ("sec-fetch-site", "same-origin")])).await
}

async fn see(site: &Site, path: &str, role: &str) -> scraper::Html {
    let router = Dashboard::new(&site.client, by_header()).router();
    ask(&router, get(path, &[("x-role", role)])).await.page()
}

#[tokio::test]
async fn a_queue_that_nobody_reads_is_warned_of_until_it_is_paused() {
    let site = Site::new().await;
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    greet::enqueue("Bob").on(&site.client).await.expect("a job");
    let page = see(&site, "/queues", "admin").await;
    assert_eq!(
        (words(&page, "caption"), words(&page, "tbody th")),
        ("1 queue".into(), "mail no server reads it".into())
    );
    assert_eq!(select(&page, "tbody th a")[0].attr("href"), Some("/jobs?state=enqueued&queue=mail"));
    assert_eq!(words(&page, "tbody td:nth-child(2) .chips"), "2 enqueued");
    assert_eq!(words(&page, "tbody td:nth-child(4)"), "0");
    site.client.queue("mail").pause().reason("<moving>").await.expect("paused");
    let page = see(&site, "/queues", "admin").await;
    assert_eq!(words(&page, "tbody th"), "mail paused <moving>");
}

#[tokio::test]
async fn what_waits_longest_comes_first() {
    let site = Site::new().await;
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    report::enqueue().on(&site.client).await.expect("a job");
    site.client.queue("idle").pause().await.expect("paused");
    let mut queues = site.client.queues(HOUR).await.expect("queues");
    for queue in &mut queues {
        queue.oldest_wait = match queue.queue.as_str() {
            "mail" => Some(Duration::from_secs(9)),
            "reports" => Some(Duration::from_secs(700)),
            _ => None,
        };
    }
    let visit = Visit::for_tests(&site.shared(), Access::new("ann", Role::Admin));
    let pulse = visit.shared.live.pulse().await.expect("a pulse");
    let page = scraper::Html::parse_document(&page::queues::page(&visit, &pulse, &queues, &[], None).0);
    let names: Vec<_> = select(&page, "tbody th a").iter().map(|link| link.text().collect::<String>()).collect();
    assert_eq!(names, ["reports", "mail", "idle"]);
    assert_eq!(words(&page, "tbody td:nth-child(3)"), "11 min");
}

#[tokio::test]
async fn a_queue_that_is_worked_on_shows_what_went_through() {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail"]).workers(4).start().await.expect("a server");
    greet::enqueue("Ada").on(&site.client).await.expect("a job").wait().await.expect("it succeeds");
    server.stop().await;
    let page = see(&site, "/queues", "read").await;
    assert_eq!(words(&page, "tbody th"), "mail");
    assert_eq!(words(&page, "tbody td:nth-child(5)"), "1 ended");
    let waits = words(&page, "tbody td:nth-child(6)");
    assert!(waits.starts_with("p50 ") && waits.contains(" p95 "), "{waits}");
}

#[tokio::test]
async fn a_queue_is_paused_and_resumed_after_a_question() {
    let site = Site::new().await;
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    let question = send(&site, "/queues?queue=mail", "act=pause", "mail:operate").await;
    let page = question.page();
    assert_eq!((question.status, words(&page, "h1")), (StatusCode::OK, "Pause".into()));
    assert_eq!(select(&page, "input[type=datetime-local][name=until]").len(), 1);
    assert!(site.client.pauses().await.expect("pauses").is_empty(), "it was only asked");

    let form = "act=pause&confirmed=yes&reason=a+%3Ctrial%3E&until=2999-01-01T00:00";
    let answer = send(&site, "/queues?queue=mail", form, "mail:operate").await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/queues?told=done"));
    let pauses = site.client.pauses().await.expect("pauses");
    assert_eq!(pauses[0].target, PauseTarget::Queue("mail".into()));
    assert_eq!(pauses[0].until.map(|until| until.to_string()).as_deref(), Some("2999-01-01T00:00:00Z"));
    let page = see(&site, "/queues?told=done", "mail:operate").await;
    assert_eq!((words(&page, ".notice"), words(&page, "main tbody button")), ("Done.".into(), "Resume".into()));

    let resume = "act=resume&confirmed=yes";
    let resumed = send(&site, "/queues?queue=mail", resume, "mail:operate").await;
    assert_eq!(resumed.header(header::LOCATION), "/queues?told=done");
    let late = send(&site, "/queues?queue=mail", resume, "mail:operate").await;
    assert_eq!(late.header(header::LOCATION), "/queues?told=late");
    let form = "act=pause&confirmed=yes&until=2001-01-01T00:00";
    let past = send(&site, "/queues?queue=mail", form, "mail:operate").await;
    assert_eq!(past.header(header::LOCATION), "/queues?told=late", "an end in the past pauses nothing");
    let acts = site.client.audit(AuditFilter::new().act(Verb::Pause)).await.expect("acts");
    let first = acts.last().expect("an act");
    assert_eq!((&*first.actor, &*first.reason, first.outcome), ("ann", "a <trial>", Acted::Done));
}

#[tokio::test]
async fn a_queue_is_cleared_by_an_operation() {
    let site = Site::new().await;
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    let question = send(&site, "/queues?queue=mail", "act=clear", "mail:admin").await.page();
    assert_eq!(words(&question, "main button.danger"), "Clear");
    let begun = async || site.client.operations(OperationFilter::new()).await.expect("operations").len();
    assert_eq!(begun().await, 0);
    let answer = send(&site, "/queues?queue=mail", "act=clear&confirmed=yes", "mail:admin").await;
    // Who acts on one queue may not look at all operations.
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/queues?told=done"));
    assert_eq!(begun().await, 1);
    let answer = send(&site, "/queues?queue=mail", "act=clear&confirmed=yes", "admin").await;
    assert_eq!(answer.header(header::LOCATION), "/operations");
}

#[tokio::test]
async fn queues_are_acted_on_by_who_may() {
    let site = Site::new().await;
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    report::enqueue().on(&site.client).await.expect("a job");
    for (role, rows, buttons) in [
        ("read", 2, vec![]),
        ("mail:read", 1, vec![]),
        ("mail:operate", 1, vec!["Pause"]),
        ("mail:admin", 1, vec!["Pause", "Clear"]),
    ] {
        let page = see(&site, "/queues", role).await;
        let found: Vec<_> = select(&page, "main button").iter().map(|one| one.text().collect::<String>()).collect();
        assert_eq!(
            (select(&page, "tbody tr").len(), found),
            (rows, buttons.iter().map(ToString::to_string).collect()),
            "{role}"
        );
    }
    for (role, queue, form) in [
        ("read", "mail", "act=pause&confirmed=yes"),
        ("mail:read", "mail", "act=resume&confirmed=yes"),
        ("mail:admin", "reports", "act=pause&confirmed=yes"),
        ("mail:operate", "mail", "act=clear&confirmed=yes"),
        ("mail:operate", "mail", "act=clear"),
    ] {
        let status = send(&site, &format!("/queues?queue={queue}"), form, role).await.status;
        assert_eq!(status, StatusCode::FORBIDDEN, "{role} {queue}: {form}");
    }
    for (path, form) in [
        ("/queues", ""),
        ("/queues", "act=pause"),
        ("/queues?queue=mail", "act=explode"),
        ("/queues?queue=mail", "act=pause&confirmed=yes&until=soon"),
    ] {
        assert_eq!(send(&site, path, form, "admin").await.status, StatusCode::BAD_REQUEST, "{path} {form}");
    }
    assert!(site.client.audit(AuditFilter::new()).await.expect("acts").is_empty());
}

#[tokio::test]
async fn a_kind_that_no_server_knows_is_warned_of() {
    let site = Site::new().await;
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    let page = see(&site, "/kinds", "admin").await;
    let kind = site.client.kinds(HOUR).await.expect("kinds").remove(0).kind;
    assert_eq!(
        (words(&page, "caption"), words(&page, "tbody th")),
        ("1 kind of jobs".into(), format!("{kind} no server knows it"))
    );
    let server = site.client.server().queues(["mail"]).workers(4).start().await.expect("a server");
    greet::enqueue("Bob").on(&site.client).await.expect("a job").wait().await.expect("it succeeds");
    let page = see(&site, "/kinds", "read").await;
    server.stop().await;
    assert!(!words(&page, "tbody th").contains("no server"), "{}", words(&page, "tbody th"));
    let through = words(&page, "tbody td:nth-child(3)");
    assert!(through.ends_with(" ended") && !through.contains("failed"), "{through}");
    let row = select(&page, "tbody tr").into_iter().find(|row| row.text().any(|text| text == kind)).expect("a row");
    let waits = row.text().filter(|text| text.starts_with('p')).collect::<Vec<_>>();
    assert!(waits.len() >= 2, "{waits:?}");
    assert_eq!(select(&page, "main button").len(), 0, "who may only look has no buttons");
}

#[tokio::test]
async fn a_kind_is_paused_by_who_may_operate_everywhere() {
    let site = Site::new().await;
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    let kind = site.client.kinds(HOUR).await.expect("kinds").remove(0).kind;
    let path = format!("/kinds?kind={}", kind.replace(':', "%3A"));
    let form = "act=pause&confirmed=yes&reason=a+trial";
    for role in ["read", "mail:admin"] {
        assert_eq!(send(&site, &path, form, role).await.status, StatusCode::FORBIDDEN, "{role}");
    }
    assert!(select(&see(&site, "/kinds", "mail:admin").await, "main button").is_empty());
    let question = send(&site, &path, "act=pause", "operate").await.page();
    let form_of = select(&question, "main form")[0].attr("action").map(str::to_owned);
    assert_eq!((words(&question, "h1"), form_of), ("Pause".into(), Some(path.clone())));
    let answer = send(&site, &path, form, "operate").await;
    assert_eq!(answer.header(header::LOCATION), "/kinds?told=done");
    let pauses = site.client.pauses().await.expect("pauses");
    assert_eq!(pauses[0].target, PauseTarget::Kind(kind.as_str().into()));
    let page = see(&site, "/kinds", "operate").await;
    assert_eq!((words(&page, "tbody .badge.s-warn"), words(&page, "main button")), ("paused".into(), "Resume".into()));
    let answer = send(&site, &path, "act=resume&confirmed=yes", "operate").await;
    assert_eq!(answer.header(header::LOCATION), "/kinds?told=done");
    assert!(site.client.pauses().await.expect("pauses").is_empty());
    assert_eq!(send(&site, "/kinds", "act=pause", "operate").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(send(&site, &path, "act=clear", "operate").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn who_sees_one_queue_sees_of_kinds_what_is_in_it() {
    let site = Site::new().await;
    for queue in ["mail", "mail", "payroll"] {
        greet::enqueue("Ada").queue(queue).on(&site.client).await.expect("a job");
    }
    report::enqueue().queue("payroll").on(&site.client).await.expect("a job");
    let page = see(&site, "/kinds", "read").await;
    assert_eq!(
        (select(&page, "tbody tr").len(), words(&page, "tbody td:nth-child(2) .chips")),
        (2, "3 enqueued".into())
    );
    let page = see(&site, "/kinds", "mail:read").await;
    assert_eq!(
        (select(&page, "tbody tr").len(), words(&page, "tbody td:nth-child(2) .chips")),
        (1, "2 enqueued".into())
    );
}
