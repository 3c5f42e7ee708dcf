//! What goes wrong becomes a page, which says no more than it should.

use axum::{
    Router,
    http::{StatusCode, header},
};
use jobs_runtime::Error;
use maud::html;

use super::site::{Site, ask, get, select, words};
use crate::{
    gate::Right,
    page::Page,
    routes::Routes,
    web::{Fault, Html, Visit},
};

/// A dashboard with pages that fail.
fn failing(site: &Site) -> Router {
    let shared = site.shared();
    let fail = |error: Error| async move { Err::<Html, Fault>(error.into()) };
    Routes::new(&shared)
        .get("/down", Right::READ, move || {
            fail(Error::Unavailable { what: "to read".into(), source: "password=s3cret".into() })
        })
        .get("/full", Right::READ, move || fail(Error::Full("s3cret".into())))
        .get("/standby", Right::READ, move || fail(Error::ReadOnly("s3cret".into())))
        .get("/locked", Right::READ, move || fail(Error::Locked("another transaction holds it".into())))
        .get("/broken", Right::READ, move || {
            fail(Error::Storage { what: "SELECT s3cret".into(), source: "syntax error".into() })
        })
        .get("/gone", Right::READ, move || fail(Error::NoRecurring("digest:<42>".into())))
        .get("/wrong", Right::READ, move || fail(Error::Config("a limit of 0 cannot be meant".into())))
        .get("/changed", Right::READ, async || Err::<Html, _>(Fault::Conflict("the job was deleted by bob".into())))
        .get("/panics", Right::READ, async |visit: Visit| {
            let none: Option<u8> = visit.here.parse().ok();
            Html(Page::new(&visit, "s3cret").html(html! { (none.expect("a number, says s3cret")) }))
        })
        .into_router(shared)
}

#[tokio::test]
async fn each_fault_has_its_page() {
    let site = Site::new().await;
    let router = failing(&site);
    for (path, status, title, says) in [
        ("/down", StatusCode::SERVICE_UNAVAILABLE, "The database does not answer", "Pages come back"),
        ("/locked", StatusCode::SERVICE_UNAVAILABLE, "The database does not answer", "Pages come back"),
        ("/full", StatusCode::SERVICE_UNAVAILABLE, "The disk is full", "until it has room again"),
        ("/standby", StatusCode::SERVICE_UNAVAILABLE, "The database cannot be written", "read only"),
        ("/broken", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", "log of the application"),
        ("/panics", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", "log of the application"),
        ("/gone", StatusCode::NOT_FOUND, "Not found", "there is no recurring job `digest:<42>`"),
        ("/wrong", StatusCode::BAD_REQUEST, "That cannot be meant", "a limit of 0 cannot be meant"),
        ("/changed", StatusCode::CONFLICT, "It has changed meanwhile", "deleted by bob"),
        ("/nothing", StatusCode::NOT_FOUND, "Not found", "no page with this address"),
    ] {
        let answer = ask(&router, get(path, &[])).await;
        assert_eq!(answer.status, status, "{path}");
        let page = answer.page();
        assert_eq!(words(&page, "main h1"), title, "{path}");
        assert!(words(&page, "main").contains(says), "{path}: {}", words(&page, "main"));
        assert!(!answer.text().contains("s3cret"), "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "text/html; charset=utf-8", "{path}");
        assert!(!answer.header(header::CONTENT_SECURITY_POLICY).is_empty(), "{path}");
    }
}

#[tokio::test]
async fn who_is_let_in_can_go_on_from_a_fault() {
    let site = Site::new().await;
    let app = Router::new().nest("/jobs", failing(&site));
    let answer = ask(&app, get("/jobs/down?at=7", &[])).await;
    assert_eq!(answer.header(header::RETRY_AFTER), "5");
    let page = answer.page();
    let links: Vec<_> = select(&page, "main a").iter().filter_map(|link| link.attr("href")).collect();
    assert_eq!(links, ["/jobs/down?at=7", "/jobs"]);
    assert_eq!(select(&page, "nav.nav a").len(), crate::page::Place::ALL.len(), "the navigation needs no database");
}

/// What the overview and the readiness answer.
async fn answers(site: &Site, lang: &str) -> (StatusCode, String, StatusCode, String) {
    let router = site.dashboard().router();
    let page = ask(&router, get("/", &[("accept-language", lang)])).await;
    let ready = ask(&router, get("/readyz", &[])).await;
    (page.status, words(&page.page(), "main"), ready.status, ready.text())
}

#[tokio::test]
async fn tables_that_do_not_fit_are_told_with_their_version_and_the_remedy() {
    const GONE: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
    let needed = Site::new().await.client.schema().await.expect("a version").needed;
    let older = "DELETE FROM jobs_migration WHERE version = (SELECT max(version) FROM jobs_migration)";
    let newer_and_changed = "INSERT INTO jobs_migration SELECT version + 1, name, applied_at FROM jobs_migration ORDER BY version DESC LIMIT 1; \
                             DROP TABLE jobs_total";
    for (statements, english, turkish, ready) in [
        (
            older,
            format!(
                "The tables are of version {}, and this program needs version {needed}. Run the migrations",
                needed - 1
            ),
            format!("Tablolar {} sürümünde; bu program {needed} sürümünü gerektiriyor. Göçleri çalıştırın", needed - 1),
            "older",
        ),
        (
            newer_and_changed,
            format!(
                "The tables are of version {}, and this program knows versions up to {needed}. Deploy the newer program.",
                needed + 1
            ),
            format!(
                "Tablolar {} sürümünde; bu program en çok {needed} sürümünü tanıyor. Daha yeni programı dağıtın.",
                needed + 1
            ),
            "newer",
        ),
        (
            "DROP TABLE jobs_total",
            format!("They are of version {needed}, as this program needs, but one of them is missing"),
            format!("{needed} sürümünde, ama biri eksik ya da değiştirilmiş"),
            "damaged",
        ),
        (
            "DROP TABLE jobs_migration",
            format!("The database has no tables of jobs, and this program needs version {needed}"),
            format!("Veritabanında jobs tabloları yok; bu program {needed} sürümünü gerektiriyor"),
            "missing",
        ),
    ] {
        let site = Site::new().await;
        site.behind(statements).await;
        for (lang, title, sentence) in
            [("en", "The tables do not fit this program", &english), ("tr", "Tablolar bu programa uymuyor", &turkish)]
        {
            let (status, page, ready_status, told) = answers(&site, lang).await;
            assert_eq!((status, ready_status), (GONE, GONE), "{ready}");
            assert!(page.contains(title) && page.contains(sentence), "{ready}: {page}");
            assert_eq!(told.lines().count(), 1, "no page is made of it: {told}");
            assert!(told.contains(ready) && !told.contains(|letter: char| letter.is_ascii_digit()), "{ready}: {told}");
        }
        assert_eq!(ask(&site.dashboard().router(), get("/healthz", &[])).await.status, StatusCode::OK, "{ready}");
    }
}

#[tokio::test]
async fn tables_that_are_newer_and_work_are_no_fault() {
    let site = Site::new().await;
    site.behind("INSERT INTO jobs_migration SELECT version + 1, name, applied_at FROM jobs_migration ORDER BY version DESC LIMIT 1").await;
    let (page, _, ready, _) = answers(&site, "en").await;
    assert_eq!((page, ready), (StatusCode::OK, StatusCode::OK), "old programs go on during a deployment");
    site.behind("DROP TABLE jobs_audit").await;
    let router = site.dashboard().router();
    let audit = ask(&router, get("/audit", &[])).await;
    assert_eq!(audit.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(words(&audit.page(), "main").contains("Deploy the newer program."));
    assert_eq!(ask(&router, get("/", &[])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_has_not_passed_is_told_nothing_of_the_tables() {
    let site = Site::new().await;
    site.behind("DROP TABLE jobs_migration").await;
    let router = crate::Dashboard::new(&site.client, crate::Policy::deny_all()).router();
    let answer = ask(&router, get("/", &[])).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.text().contains("tables"));
}
