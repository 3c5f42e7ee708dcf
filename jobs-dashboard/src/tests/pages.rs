//! What the pages show of what is stored.

use axum::http::StatusCode;
use jobs::prelude::*;

use super::site::{Site, ask, by_header, get, select, words};
use crate::Dashboard;

#[job(queue = "mail")]
async fn greet(name: String) {
    let _ = name;
}

#[tokio::test]
async fn an_empty_database_shows_the_first_steps() {
    let site = Site::new().await;
    let router = site.dashboard().title("shop").environment("staging").router();
    for (path, title, empty) in [
        ("/", "Overview", "No job yet"),
        ("/servers", "Servers", "No server runs"),
        ("/recurring", "Recurring jobs", "No recurring job"),
        ("/queues", "Queues", "No queue yet"),
        ("/kinds", "Kinds", "No kind yet"),
        ("/errors", "Errors", "Nothing has failed"),
        ("/retries", "Retries", "No job waits for another attempt"),
        ("/audit", "Audit", "Nobody has done anything yet"),
    ] {
        let answer = ask(&router, get(path, &[])).await;
        assert_eq!(answer.status, StatusCode::OK);
        let page = answer.page();
        assert_eq!((words(&page, "h1").as_str(), words(&page, ".empty h2").as_str()), (title, empty));
        assert_eq!((words(&page, ".brand").as_str(), words(&page, "title")), ("shop", format!("{title} · shop")));
        assert_eq!(words(&page, ".environment"), "Environment: staging");
        assert_eq!(select(&page, "nav.nav a[aria-current=page]").len(), 1, "{path}");
    }
}

#[tokio::test]
async fn the_overview_says_that_nobody_works() {
    let site = Site::new().await;
    for name in ["Ada", "Grace"] {
        greet::enqueue(name).on(&site.client).await.expect("a job");
    }
    greet::enqueue("Later").delay("1h").on(&site.client).await.expect("a job");
    let router = site.dashboard().router();
    let page = ask(&router, get("/", &[])).await.page();
    assert_eq!(words(&page, ".health"), "One thing needs attention. No server runs, and 2 jobs wait.");
    assert_eq!(words(&page, ".card.s-enqueued"), "Enqueued 2");
    assert_eq!(words(&page, ".card.s-scheduled"), "Scheduled 1");
    assert_eq!(words(&page, "#queues tbody tr"), "mail scheduled 1, enqueued 2 2 0 1 0");
    assert_eq!(words(&page, ".tabs a[aria-current]"), "1 hour");
    let page = ask(&router, get("/", &[("accept-language", "tr")])).await.page();
    assert_eq!(words(&page, ".health"), "1 konu ilgi bekliyor. Hiç sunucu çalışmıyor, 2 iş bekliyor.");
}

#[tokio::test]
async fn the_first_steps_give_way_to_the_first_job() {
    let site = Site::new().await;
    let page = ask(&site.dashboard().router(), get("/", &[])).await.page();
    assert_eq!(words(&page, "#overview h2"), "No job yet");
    assert_eq!(select(&page, "[hx-select-oob]")[0].attr("hx-select-oob"), Some("#overview:outerMorph"));
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    let page = ask(&site.dashboard().router(), get("/", &[])).await.page();
    assert!(select(&page, ".empty h2").is_empty() && select(&page, "#overview #health").len() == 1);
    // Who sees only another queue is still shown the first steps.
    let router = Dashboard::new(&site.client, by_header()).router();
    for (role, heading) in [("payroll:read", "No job yet"), ("mail:read", "What ended in the last minute")] {
        let page = ask(&router, get("/", &[("x-role", role)])).await.page();
        assert_eq!(words(&page, "#overview h2"), heading, "{role}");
    }
}

#[tokio::test]
async fn who_sees_one_queue_is_told_of_no_server() {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail", "payroll"]).start().await.expect("a server");
    greet::enqueue("Ada").on(&site.client).await.expect("a job").wait().await.expect("it succeeds");
    let router = Dashboard::new(&site.client, by_header()).router();
    let health = async |headers: &[(&str, &str)]| words(&ask(&router, get("/", headers)).await.page(), ".health");
    assert_eq!(health(&[("x-role", "read")]).await, "Healthy: 1 server, 0 jobs running.");
    assert_eq!(health(&[("x-role", "mail:read")]).await, "Healthy: 0 jobs running.");
    assert_eq!(health(&[("x-role", "mail:read"), ("accept-language", "tr")]).await, "Sağlıklı: 0 iş çalışıyor.");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_runs_is_shown_with_what_it_has_done() {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail"]).workers(4).start().await.expect("a server");
    let job = greet::enqueue("Ada").on(&site.client).await.expect("a job");
    job.wait().await.expect("it succeeds");
    let router = site.dashboard().router();
    let page = ask(&router, get("/servers", &[])).await.page();
    assert_eq!(words(&page, "caption"), "1 server runs, with 4 slots.");
    assert_eq!(words(&page, "tbody .badge"), "runs");
    assert_eq!(words(&page, "tbody td:nth-child(4)"), "mail");
    let bar = select(&page, "tbody progress")[0];
    assert_eq!((bar.attr("max"), select(&page, "time[datetime]").len()), (Some("4"), 2));
    assert_eq!(words(&page, "nav.nav [data-count=servers]"), "1");

    let page = ask(&router, get("/?range=1d", &[])).await.page();
    assert!(words(&page, ".health").starts_with("Healthy: 1 server"), "{}", words(&page, ".health"));
    assert_eq!(words(&page, ".card.s-succeeded"), "Succeeded 1 1 in the last hour");
    assert_eq!(words(&page, ".chart .legend"), "Succeeded 1 Failed 0 Deleted 0");
    assert_eq!(words(&page, "#kinds"), "Nothing failed in this range; 1 job succeeded.");
    let chart = select(&page, "figure.chart")[0].attr("data-chart").expect("numbers");
    let chart: serde_json::Value = serde_json::from_str(chart).expect("JSON");
    assert_eq!((chart["at"].as_array().map(Vec::len), &chart["series"][0]["values"][23]), (Some(24), &1.into()));
    server.stop().await;
}

#[tokio::test]
async fn recurring_jobs_are_shown_in_words() {
    let site = Site::new().await;
    let digest = |id: &str| site.client.recurring(id).cron("0 8 * * MON").tz("Europe/Istanbul");
    digest("digest:1").upsert(greet::new("Ada")).await.expect("stored");
    digest("digest:2").upsert(greet::new("Bob")).await.expect("stored");
    site.client.recurring("digest:2").pause().reason("<holidays>").await.expect("paused");
    let router = site.dashboard().router();
    let page = ask(&router, get("/recurring", &[])).await.page();
    let rows = select(&page, "tbody tr");
    assert_eq!((words(&page, "caption").as_str(), rows.len()), ("2 recurring jobs", 2));
    assert_eq!(words(&page, "tbody tr:nth-child(1) .badge"), "fires");
    assert_eq!(select(&page, "tbody tr:nth-child(1) time").len(), 3);
    let schedule = words(&page, "tbody tr:nth-child(1) td:nth-child(3)");
    assert!(schedule.contains("Monday") && schedule.ends_with("0 8 * * MON · Europe/Istanbul"), "{schedule}");
    assert_eq!(
        words(&page, "tbody tr:nth-child(2) td:nth-child(2)").split(' ').take(2).collect::<Vec<_>>(),
        ["paused", "<holidays>"]
    );
    let page = ask(&router, get("/recurring", &[("accept-language", "tr")])).await.page();
    assert!(words(&page, "tbody td:nth-child(3)").contains("azartesi"));
}
