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
