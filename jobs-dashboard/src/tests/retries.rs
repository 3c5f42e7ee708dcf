//! The list of jobs that wait for their next attempt.

use std::time::Duration;

use axum::http::{StatusCode, header};
use jobs::{ErrorFilter, prelude::*};
use jobs_runtime::ErrorId;
use scraper::Html;

use super::site::{Site, ask, by_header, get, post, select, words};
use crate::Dashboard;

const WHY: &str = "no mailbox <b>\nof that name";

#[job(queue = "mail", attempts = 3, backoff = "constant(1h)")]
async fn send_mail(to: u32) -> Result<(), String> {
    let _ = to;
    Err(WHY.to_owned())
}

#[job(queue = "payroll", attempts = 7, backoff = "constant(1h)")]
async fn pay() -> Result<(), String> {
    Err("the bank is closed".to_owned())
}

/// Jobs that have failed once, and one that never ran.
async fn site() -> (Site, Vec<JobId>) {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail", "payroll"]).start().await.expect("a server");
    let mut ids = Vec::new();
    for job in [send_mail::enqueue(1).on(&site.client).await, send_mail::enqueue(2).on(&site.client).await] {
        ids.push(job.expect("a job").id());
    }
    ids.push(pay::enqueue().on(&site.client).await.expect("a job").id());
    for id in &ids {
        while site.client.job(*id).state().await.expect("it is there") != State::Scheduled {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    // Errors are grouped a little later.
    while site.client.errors(ErrorFilter::new()).await.expect("errors").iter().map(|error| error.count).sum::<i64>() < 3
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.stop().await;
    send_mail::enqueue(3).delay("1h").on(&site.client).await.expect("a job");
    (site, ids)
}

async fn see(site: &Site, path: &str, role: &str) -> Html {
    let router = Dashboard::new(&site.client, by_header()).router();
    let answer = ask(&router, get(path, &[("x-role", role)])).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.page()
}

fn ids(page: &Html) -> Vec<String> {
    let mut ids: Vec<_> = select(page, "#retries .id").iter().map(|id| id.text().collect::<String>()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn what_waits_for_its_next_attempt_is_listed_with_its_error() {
    let (site, jobs) = site().await;
    let page = see(&site, "/retries", "operate").await;
    let mut expected: Vec<_> = jobs.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(ids(&page), expected, "what waits for its first attempt is not among them");
    let row = |n: usize| words(&page, &format!("#retries tbody tr:nth-child({n})"));
    let of_mail = (1..=3).map(row).find(|row| row.contains("no mailbox")).expect("a row of it");
    assert!(
        of_mail.contains("no mailbox <b> Errors like this 1 / 3") && !of_mail.contains("of that name"),
        "{of_mail}"
    );
    assert_eq!(select(&page, "#retries tbody time").len(), 3, "each says when it is due");
    let kind = site.client.job(jobs[0]).record().await.expect("it is there").kind;
    let links = select(&page, "#retries .small a");
    let group = ErrorId::of(&kind, WHY);
    let wanted = format!("/errors?kind={}#row-{group}", kind.replace(':', "%3A"));
    assert!(links.iter().any(|link| link.attr("href") == Some(&wanted)), "{wanted}");
    let errors = see(&site, &wanted[..wanted.find('#').expect("a place")], "operate").await;
    assert_eq!(select(&errors, &format!("#row-{group}")).len(), 1, "the link leads to the group's row");
    assert!(select(&page, "nav.nav a[aria-current] .count").is_empty(), "no total tells how many there are");
    let filtered = see(&site, "/retries?queue=payroll", "operate").await;
    assert_eq!(ids(&filtered), [jobs[2].to_string()]);
    let none = see(&site, "/retries?queue=nothing", "operate").await;
    assert_eq!(words(&none, "#retries h2"), "No job fits");
    assert_eq!(select(&none, ".filters a.button")[0].attr("href"), Some("/retries"));
}

#[tokio::test]
async fn ticked_ones_are_run_or_deleted_and_the_list_comes_back() {
    let (site, jobs) = site().await;
    let router = site.dashboard().router();
    let page = see(&site, "/retries?queue=mail", "admin").await;
    let hidden = select(&page, "#retries form input[type=hidden]");
    let pairs = hidden.iter().map(|one| (one.attr("name").expect("a name"), one.attr("value").expect("a value")));
    let carried = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let form = |act: &str, job: &str| format!("{carried}&act={act}&job={job}");
    let labels: Vec<String> = select(&page, ".bulk button").iter().map(|one| one.text().collect()).collect();
    assert_eq!(labels, ["Run now", "Delete"]);
    let all = select(&page, ".bulk a.button")[0].attr("href").expect("a link");
    assert_eq!(all, "/operations/new?state=scheduled&queue=mail&retried=yes");
    let done = ask(&router, post("/jobs", &form("run_now", &jobs[0].to_string()), &[])).await;
    assert_eq!(done.header(header::LOCATION), "/retries?queue=mail&told=1-1");
    assert_eq!(site.client.job(jobs[0]).state().await.expect("it is there"), State::Enqueued);
    let question = ask(&router, post("/jobs", &form("delete", &jobs[1].to_string()), &[])).await.page();
    assert_eq!(words(&question, "nav.nav a[aria-current]"), "Retries");
    let back = select(&question, "main .actions a.button")[0].attr("href");
    assert_eq!(back, Some("/retries?queue=mail"));
}

#[tokio::test]
async fn who_sees_one_queue_sees_its_retries_only() {
    let (site, jobs) = site().await;
    assert_eq!(ids(&see(&site, "/retries", "payroll:read").await), [jobs[2].to_string()]);
    let page = see(&site, "/retries", "read").await;
    assert!(
        ids(&page).len() == 3 && select(&page, "#retries form, #retries input").is_empty(),
        "who looks does not act"
    );
    let router = Dashboard::new(&site.client, by_header()).router();
    let hidden = ask(&router, get("/retries?queue=mail", &[("x-role", "payroll:read")])).await;
    let unknown = ask(&router, get("/retries?queue=none", &[("x-role", "payroll:read")])).await;
    assert_eq!(
        (hidden.status, unknown.status),
        (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
        "whether it is there or not"
    );
}

#[tokio::test]
async fn it_speaks_turkish_too() {
    let site = Site::new().await;
    let page = ask(&site.dashboard().router(), get("/retries", &[("accept-language", "tr")])).await.page();
    assert_eq!(words(&page, "h1"), "Yeniden denemeler");
    assert_eq!(words(&page, ".empty h2"), "Yeniden denenmeyi bekleyen iş yok");
}
