//! Forms, and requests that are not from ours.

use axum::http::{StatusCode, header};

use super::site::{Site, ask, get, post, select, words};
use crate::{Dashboard, Policy, Role};

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let site = Site::new().await;
    let token = ("authorization", "Bearer 0123456789abcdef");
    // Where a policy may ask for a token, a program that has one and no cookie is no page of another site.
    let by_token =
        Dashboard::new(&site.client, Policy::bearer([("ci", "0123456789abcdef", Role::Admin)]).expect("a policy"))
            .router();
    for (headers, is_let_in) in [
        (vec![("sec-fetch-site", "cross-site"), token], true),
        (vec![("sec-fetch-site", "cross-site"), token, ("cookie", "a=b")], false),
    ] {
        let answer = ask(&by_token, post("/preferences", "theme=dark&back=/", &headers)).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, is_let_in, "{headers:?}: {}", answer.status);
    }
    let router = site.dashboard().router();
    for (headers, is_let_in) in [
        (vec![("sec-fetch-site", "same-origin")], true),
        (vec![("sec-fetch-site", "none")], true),
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("origin", "http://jobs.example.org")], true),
        (vec![("origin", "http://evil.example.org")], false),
        (vec![("origin", "null")], false),
        (vec![("sec-fetch-site", "cross-site"), token], false),
        (vec![("sec-fetch-site", "cross-site"), ("authorization", "Basic YW5uOnB3")], false),
        (vec![], true),
    ] {
        let answer = ask(&router, post("/preferences", "theme=dark&back=/", &headers)).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, is_let_in, "{headers:?}: {}", answer.status);
        if !is_let_in {
            assert_eq!(words(&answer.page(), "main h1"), "Refused");
        }
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let answer = ask(&router, post("/preferences", &"a".repeat(300_000), &[])).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(words(&answer.page(), "main h1"), "Too large");
}

#[tokio::test]
async fn theme_and_language_are_kept_in_cookies() {
    let site = Site::new().await;
    let app = axum::Router::new().nest("/jobs", site.dashboard().router());
    let answer = ask(&app, post("/jobs/preferences", "theme=dark&back=%2Fservers%3Fa%3Db", &[])).await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/jobs/servers?a=b"));
    assert_eq!(
        answer.header(header::SET_COOKIE),
        "jobs_theme=dark; Path=/jobs; Max-Age=31536000; SameSite=Lax; HttpOnly"
    );
    let answer = ask(&app, post("/jobs/preferences", "language=tr&back=//evil.example.org", &[])).await;
    assert_eq!(answer.header(header::LOCATION), "/jobs");
    assert!(answer.header(header::SET_COOKIE).starts_with("jobs_lang=tr;"));

    let page = ask(&app, get("/jobs", &[("cookie", "jobs_theme=dark; jobs_lang=tr")])).await.page();
    let root = select(&page, "html")[0];
    assert_eq!((root.attr("data-theme"), root.attr("lang")), (Some("dark"), Some("tr")));
    let page = ask(&app, get("/jobs", &[("cookie", "jobs_theme=\"><script>")])).await.page();
    assert_eq!(select(&page, "html")[0].attr("data-theme"), None);
}

#[tokio::test]
async fn a_program_with_a_token_is_let_in() {
    let site = Site::new().await;
    let policy = Policy::bearer([("ci", "0123456789abcdef", Role::Read)]).expect("a policy");
    let router = Dashboard::new(&site.client, policy).router();
    let headers = [("authorization", "Bearer 0123456789abcdef")];
    assert_eq!(ask(&router, get("/", &headers)).await.status, StatusCode::OK);
    assert_eq!(ask(&router, get("/", &[])).await.status, StatusCode::UNAUTHORIZED);
}
