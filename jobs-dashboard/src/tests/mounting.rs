//! Every link leads somewhere, wherever the dashboard is mounted.

use std::collections::{BTreeSet, VecDeque};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use jobs::prelude::*;
use tower::ServiceExt;

use super::{
    filled::Filled,
    site::{Site, ask, get, post, select, send},
};

#[job]
async fn nothing() {}

/// Follows all links, and returns all pages that there are.
async fn crawl(app: &Router, base: &str) -> BTreeSet<String> {
    let start = if base.is_empty() { "/" } else { base };
    let (mut queue, mut seen, mut pages) = (VecDeque::from([start.to_owned()]), BTreeSet::new(), BTreeSet::new());
    while let Some(path) = queue.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        assert!(path.starts_with(base) && !path.starts_with("//"), "`{path}` is not under `{base}`");
        let answer = send(app, get(&path, &[])).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().expect("a text").to_owned();
        if !kind.starts_with("text/html") {
            continue;
        }
        pages.insert(path.clone());
        let page = ask(app, get(&path, &[])).await.page();
        for form in select(&page, "form[method=post]") {
            let action = form.attr("action").expect("an action");
            // A form that asks for nothing is told so, where it is not for the visitor's own settings.
            let status = ask(app, post(action, "", &[])).await.status;
            assert!([StatusCode::SEE_OTHER, StatusCode::BAD_REQUEST].contains(&status), "{action}: {status}");
        }
        for name in ["href", "src", "hx-get", "data-live"] {
            for element in select(&page, &format!("[{name}]")) {
                let link = element.attr(name).expect("it was selected by it");
                if !link.starts_with('#') && !link.starts_with("data:") {
                    queue.push_back(link.to_owned());
                }
            }
        }
    }
    pages
}

#[tokio::test]
async fn every_link_leads_somewhere() {
    let filled = Filled::one().await;
    let router = || filled.site.dashboard().router();
    let mounted = [
        ("", router()),
        ("", Router::new().merge(router())),
        ("/jobs", Router::new().nest("/jobs", router())),
        ("/jobs", Router::new().nest_service("/jobs", router())),
        ("/a/b", Router::new().nest("/a/b", router())),
        ("/a/b", Router::new().nest("/a", Router::new().nest_service("/b", router()))),
        ("/a%20b", Router::new().nest_service("/a%20b", router())),
    ];
    for (base, app) in mounted {
        let seen = crawl(&app, base).await;
        for path in filled.paths() {
            // A search is typed in, and what fits a range is a link.
            let path = match path.strip_prefix('/') {
                Some(rest) if !base.is_empty() && (rest.is_empty() || rest.starts_with('?')) => format!("{base}{rest}"),
                _ => format!("{base}{path}"),
            };
            assert!(path.contains("q=") || seen.contains(&path), "no link leads to `{path}`");
        }
    }
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_prefix_makes_no_difference() {
    let site = Site::new().await;
    let app = Router::new().nest_service("/jobs", site.dashboard().router());
    for path in ["/jobs", "/jobs/"] {
        let answer = ask(&app, get(path, &[])).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let page = answer.page();
        assert_eq!(select(&page, ".brand")[0].attr("href"), Some("/jobs"), "{path}");
    }
}

#[tokio::test]
async fn a_proxy_may_strip_a_prefix() {
    let site = Site::new().await;
    let brand = async |router: Router| {
        let page = ask(&router, get("/servers", &[("x-forwarded-prefix", "/ops/jobs")])).await.page();
        select(&page, ".brand")[0].attr("href").map(str::to_owned)
    };
    assert_eq!(brand(site.dashboard().trust_forwarded_prefix().router()).await.as_deref(), Some("/ops/jobs"));
    assert_eq!(brand(site.dashboard().router()).await.as_deref(), Some("/"));
}

#[tokio::test]
async fn the_service_serves_other_frameworks() {
    let site = Site::new().await;
    nothing::enqueue().on(&site.client).await.expect("a job");
    let service = site.dashboard().at("jobs/").service();
    for (path, expected) in [
        ("/jobs", StatusCode::OK),
        ("/jobs/", StatusCode::OK),
        ("/jobs/servers?x=1", StatusCode::OK),
        ("/servers", StatusCode::NOT_FOUND),
        ("/jobsite", StatusCode::NOT_FOUND),
    ] {
        // Any body will do.
        let request = Request::get(path).body(String::new()).expect("a request");
        let answer = service.clone().oneshot(request).await.expect("a service does not fail");
        assert_eq!(answer.status(), expected, "{path}");
    }
    let app = Router::new().fallback_service(service);
    assert!(crawl(&app, "/jobs").await.len() >= 7);
    let request = Request::get("/").body(Body::empty()).expect("a request");
    let root = site.dashboard().service().oneshot(request).await.expect("a service does not fail");
    assert_eq!(root.status(), StatusCode::OK);
}
