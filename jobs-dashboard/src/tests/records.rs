//! What happened: errors, acts of operators, and the system as it stands.

use std::time::Duration;

use axum::http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use jobs::prelude::*;
use jobs_runtime::{
    Actor, ErrorId, JobId, State,
    storage::{ErrorFilter, ErrorRecord, Verb, Via},
};
use scraper::Html;

use super::site::{Site, ask, by_header, get, select, words};
use crate::{
    Access, Dashboard, Role,
    live::Pulse,
    page::{self, errors::View},
    web::Visit,
};

#[job(queue = "mail", attempts = 1)]
async fn break_down(number: u32) -> Result<(), String> {
    Err(format!("no mailbox {number}\ncaused by: <nobody> is there"))
}

#[job(queue = "mail")]
async fn greet() {}

#[job(queue = "payroll")]
async fn pay() {}

async fn see(site: &Site, path: &str, role: &str) -> Html {
    let router = Dashboard::new(&site.client, by_header()).router();
    ask(&router, get(path, &[("x-role", role)])).await.page()
}

/// Two jobs that have failed alike.
async fn failed() -> Site {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail"]).workers(1).start().await.expect("a server");
    for number in [17, 4_711] {
        let job = break_down::enqueue(number).on(&site.client).await.expect("a job");
        assert_eq!(job.wait().await.expect("an end"), State::Failed);
    }
    // Errors are counted soon after the jobs have failed, as long as a server lives.
    let counted = async {
        loop {
            let groups = site.client.errors(ErrorFilter::new()).await.expect("errors");
            if groups.iter().map(|group| group.count).sum::<i64>() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), counted).await.expect("the errors are counted");
    server.stop().await;
    site
}

#[tokio::test]
async fn failures_that_are_alike_are_one_row() {
    let site = failed().await;
    let groups = site.client.errors(ErrorFilter::new()).await.expect("errors");
    let page = see(&site, "/errors", "admin").await;
    assert_eq!((select(&page, "tbody tr").len(), groups.len()), (1, 1));
    assert_eq!(words(&page, "tbody th .reason"), "no mailbox 4711");
    assert!(words(&page, "tbody th details pre").contains("caused by: <nobody> is there"));
    assert_eq!(words(&page, "tbody td:nth-child(3)"), "2");
    let links: Vec<_> =
        select(&page, "tbody td a").iter().filter_map(|link| link.attr("href")).map(String::from).collect();
    let kind = groups[0].kind.replace(':', "%3A");
    let filter = format!("state=failed&kind={kind}&error={}", groups[0].id);
    let job = format!("/jobs/{}", groups[0].last_job);
    assert_eq!(
        links,
        [format!("/errors?kind={kind}"), job, format!("/jobs?{filter}"), format!("/operations/new?{filter}")]
    );
    let jobs = see(&site, &links[2], "admin").await;
    assert_eq!(select(&jobs, "tbody tr").len(), 2, "both jobs are behind the link");

    let page = see(&site, &links[0], "read").await;
    assert_eq!(select(&page, "tbody tr").len(), 1);
    assert!(!page.html().contains("/operations/new"), "who may only look is not led to acts");
    let page = see(&site, "/errors?kind=nothing", "read").await;
    assert_eq!(words(&page, ".empty h2"), "No error fits");
}

#[tokio::test]
async fn errors_of_a_queue_are_shown_to_who_sees_it() {
    let site = failed().await;
    for (role, rows) in [("mail:read", 1), ("payroll:admin", 0)] {
        let page = see(&site, "/errors", role).await;
        assert_eq!((select(&page, "tbody tr").len(), page.html().contains("mailbox")), (rows, rows > 0), "{role}");
    }
}

#[tokio::test]
async fn nothing_has_failed_where_jobs_succeed() {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail"]).start().await.expect("a server");
    greet::enqueue().on(&site.client).await.expect("a job").wait().await.expect("it succeeds");
    server.stop().await;
    let page = see(&site, "/errors", "read").await;
    assert_eq!(words(&page, ".empty"), "Nothing has failed 1 job that succeeded is kept.");
}

#[tokio::test]
async fn pages_of_errors_lead_to_one_another() {
    let site = Site::new().await;
    let visit = Visit::for_tests(&site.shared(), Access::new("ann", Role::Read));
    let at = Timestamp::from_second(1_700_000_000).expect("an instant");
    let error = ErrorRecord {
        id: ErrorId::of("mail", "no mailbox"),
        kind: "mail".into(),
        count: 1_234,
        first_at: at,
        last_at: at,
        last_job: JobId::new(),
        title: "no mailbox".into(),
        sample: String::new(),
    };
    let view = View { kind: None, next: Some((at, error.id)), is_later: true, errors: vec![error] };
    let shown = Html::parse_document(&page::errors::page(&visit, &Pulse::default().into(), &view).0);
    assert_eq!((words(&shown, "tbody th"), words(&shown, "tbody td.number")), ("no mailbox".into(), "1,234".into()));
    let links: Vec<_> = select(&shown, ".pager a").iter().filter_map(|link| link.attr("href")).collect();
    assert_eq!((links.len(), links[0]), (2, "/errors"));
    let router = site.dashboard().router();
    let next = ask(&router, get(links[1], &[])).await;
    assert_eq!((next.status, words(&next.page(), ".pager")), (StatusCode::OK, "Newer".into()));
    assert_eq!(ask(&router, get("/errors?before=2", &[])).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_system_is_shown_without_where_the_database_is() {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail"]).start().await.expect("a server");
    let router = site.dashboard().router();
    let answer = ask(&router, get("/system", &[])).await;
    server.stop().await;
    let page = answer.page();
    let facts = words(&page, ".facts");
    assert!(facts.starts_with("Engine sqlite Its version 3."), "{facts}");
    assert!(facts.contains(&format!("library {} Time", env!("CARGO_PKG_VERSION"))), "{facts}");
    assert_eq!(words(&page, "#versions tbody th"), env!("CARGO_PKG_VERSION"));
    assert!(select(&page, "#versions .badge").is_empty(), "one version is no skew");
    assert!(!select(&page, "[aria-labelledby=sizes-title] tbody tr").is_empty(), "sizes are shown");
    let steps = select(&page, "[aria-labelledby=migrations-title] tbody tr").len();
    assert_eq!(
        words(&page, ".facts dd:nth-of-type(3)"),
        steps.to_string(),
        "the newest step is the version of the tables"
    );
    assert!(words(&page, "[aria-labelledby=migrations-title] tbody tr:last-child").starts_with("1 foundation "));
    assert!(!answer.text().contains("sqlite:") && !answer.text().contains("jobs.db"));
}

#[tokio::test]
async fn clocks_and_versions_that_differ_are_pointed_at() {
    let site = Site::new().await;
    let server = site.client.server().queues(["mail"]).start().await.expect("a server");
    let visit = Visit::for_tests(&site.shared(), Access::new("ann", Role::Read));
    let mut pulse = Pulse { totals: Vec::new(), servers: site.client.servers().await.expect("servers") };
    server.stop().await;
    let mut other = pulse.servers[0].clone();
    other.info.version = "0.0.1".into();
    pulse.servers.push(other);
    let pulse = pulse.into();
    let mut system = site.client.system().await.expect("a system");
    for (millis, uncertain, sentence, is_far) in [
        (3_500, 1_000, "The database is 3 s ahead of this host, give or take 1 s.", true),
        (-3_500, 1_000, "The database is 3 s behind this host, give or take 1 s.", true),
        (2_500, 1_000, "The database is 2 s ahead of this host, give or take 1 s.", false),
        (-900, 1_000, "None that can be measured: they agree to within 1 s.", false),
        (0, 0, "None that can be measured: they agree to within 1 ms.", false),
    ] {
        system.ahead = SignedDuration::from_millis(millis);
        system.uncertain = Duration::from_millis(uncertain);
        let page = Html::parse_document(&page::system::page(&visit, &pulse, &system).0);
        assert!(words(&page, ".facts").contains(sentence), "{}", words(&page, ".facts"));
        assert_eq!(select(&page, ".facts .badge").len(), usize::from(is_far), "{millis}");
        assert_eq!(words(&page, "#versions caption"), "2 versions run side by side");
    }
}

#[tokio::test]
async fn what_was_done_is_listed_with_who_did_it_and_why() {
    let site = Site::new().await;
    let id = greet::enqueue().on(&site.client).await.expect("a job").id();
    let by = |who: &str, why: &str| site.client.by(Actor::new(who, Via::Page)).because(why);
    by("ann", "a <trial>").prioritize(id, 7).await.expect("done");
    by("bob", "").delete(id).await.expect("done");
    assert!(!by("bob", "again").delete(id).await.expect("refused"));

    let page = see(&site, "/audit", "read").await;
    let rows: Vec<_> = select(&page, "tbody tr").iter().map(|row| row.text().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].contains("bob on a page deleted refused"), "{}", rows[0]);
    assert!(rows[1].contains("bob on a page deleted done"), "{}", rows[1]);
    assert!(rows[2].contains("given another priority") && rows[2].contains("a <trial>"), "{}", rows[2]);
    assert!(rows[2].contains("Before") && rows[2].contains("\"priority\": 7"), "{}", rows[2]);
    let link = select(&page, "tbody td a")[0].attr("href").map(String::from);
    assert_eq!(link, Some(format!("/jobs/{id}")));
    for (query, count) in [("actor=ann", 1), ("act=delete", 2), ("act=delete&actor=ann", 0), ("before=-1", 0)] {
        let page = see(&site, &format!("/audit?{query}"), "read").await;
        assert_eq!(select(&page, "tbody tr").len(), count, "{query}");
    }
    assert_eq!(words(&see(&site, "/audit?actor=eve", "read").await, ".empty h2"), "No act fits");
    let router = site.dashboard().router();
    let tr = ask(&router, get("/audit", &[("accept-language", "tr")])).await;
    assert!(tr.text().contains("önceliğini değiştirdi") && tr.header(header::CONTENT_TYPE).starts_with("text/html"));
}

#[tokio::test]
async fn acts_in_a_closed_queue_are_not_listed() {
    let site = Site::new().await;
    let operator = || site.client.by(Actor::new("bob", Via::Cli));
    for id in [greet::enqueue().on(&site.client).await, pay::enqueue().on(&site.client).await] {
        operator().delete(id.expect("a job").id()).await.expect("done");
    }
    operator().pause(jobs_runtime::storage::PauseTarget::Queue("payroll".into()), None).await.expect("done");
    let policy = crate::Policy::by(|_| Access::new("ann", Role::Read).queue("payroll", Role::None));
    let router = Dashboard::new(&site.client, policy).router();
    let answer = ask(&router, get("/audit", &[])).await;
    assert_eq!(select(&answer.page(), "tbody tr").len(), 1);
    assert!(!answer.text().contains("payroll"));
    assert_eq!(select(&see(&site, "/audit", "read").await, "tbody tr").len(), 3);
}

#[tokio::test]
async fn a_long_audit_has_pages() {
    let site = Site::new().await;
    let id = greet::enqueue().on(&site.client).await.expect("a job").id();
    let operator = site.client.by(Actor::new("ann", Via::Code));
    for priority in 1..=60 {
        operator.prioritize(id, priority).await.expect("done");
    }
    let path = format!("/audit?actor=ann&act={}", Verb::Prioritize.as_str());
    let page = see(&site, &path, "read").await;
    assert_eq!((select(&page, "tbody tr").len(), words(&page, ".pager")), (50, "Older".into()));
    let older = select(&page, ".pager a")[0].attr("href").expect("a link").to_owned();
    let page = see(&site, &older, "read").await;
    assert_eq!((select(&page, "tbody tr").len(), words(&page, ".pager")), (10, "Newer".into()));
    assert_eq!(select(&page, ".pager a")[0].attr("href"), Some(path.as_str()));
    assert_eq!(site.client.job(id).record().await.expect("a job").state, State::Enqueued);
}
