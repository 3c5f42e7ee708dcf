//! What every answer has.

use axum::http::{StatusCode, header};

use super::{
    filled::Filled,
    site::{Site, ask, by_header, get, post, select, send},
};
use crate::Dashboard;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn every_answer_has_them_whatever_it_is() {
    let site = Site::new().await;
    let router = Dashboard::new(&site.client, by_header()).router();
    let (none, admin) = (("x-role", "none"), ("x-role", "admin"));
    let requests = [
        (get("/", &[admin]), StatusCode::OK),
        (get("/", &[none]), StatusCode::FORBIDDEN),
        (get("/nothing", &[admin]), StatusCode::NOT_FOUND),
        (get("/live", &[admin]), StatusCode::OK),
        (get("/assets/app.00000000.css", &[]), StatusCode::OK),
        (get("/preferences", &[admin]), StatusCode::METHOD_NOT_ALLOWED),
        (post("/preferences", "theme=dark", &[admin, ("sec-fetch-site", "same-origin")]), StatusCode::SEE_OTHER),
        (post("/preferences", "theme=dark", &[admin, ("sec-fetch-site", "cross-site")]), StatusCode::FORBIDDEN),
    ];
    for (request, expected) in requests {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = send(&router, request).await;
        assert_eq!(answer.status(), expected, "{what}");
        let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().expect("a text"));
        assert_eq!(header("content-security-policy"), POLICY, "{what}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(header("referrer-policy"), "same-origin", "{what}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{what}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{what}");
        assert_eq!(header("x-robots-tag"), "noindex", "{what}");
        assert!(["no-store", "no-cache"].contains(&header("cache-control")), "{what}: {}", header("cache-control"));
        assert_eq!(header("access-control-allow-origin"), "", "{what}");
    }
}

#[tokio::test]
async fn pages_hold_no_script_and_no_style() {
    let filled = Filled::one().await;
    let router = filled.site.dashboard().environment("production").router();
    for path in filled.paths().into_iter().chain(["/nothing".to_owned()]) {
        let answer = ask(&router, get(&path, &[])).await;
        assert_eq!(answer.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
        let page = answer.page();
        assert!(select(&page, "style, [style], base, iframe, object, embed").is_empty(), "{path}");
        for script in select(&page, "script") {
            assert!(script.attr("src").is_some() && script.text().all(|text| text.trim().is_empty()), "{path}");
        }
        for element in select(&page, "*") {
            let bad = element
                .value()
                .attrs()
                .find(|(name, value)| name.starts_with("on") || value.starts_with("javascript:"));
            assert_eq!(bad, None, "{path}");
        }
    }
}

#[tokio::test]
async fn pages_have_landmarks_one_heading_and_names_for_what_is_pressed() {
    let filled = Filled::one().await;
    let router = filled.site.dashboard().router();
    for path in filled.paths() {
        let page = ask(&router, get(&path, &[])).await.page();
        for (selector, count) in [
            ("main", 1),
            ("h1", 1),
            ("nav.nav[aria-label]", 1),
            ("header.top", 1),
            ("html[lang]", 1),
            ("head title", 1),
        ] {
            assert_eq!(select(&page, selector).len(), count, "{path}: {selector}");
        }
        let skip = select(&page, "body > a:first-child");
        assert_eq!(skip.first().and_then(|link| link.attr("href")), Some("#main"), "{path}");
        for button in select(&page, "button, a") {
            let has_text = button.text().any(|text| !text.trim().is_empty());
            let has_name = button.attr("aria-label").is_some() || button.attr("title").is_some();
            assert!(has_text || has_name, "{path}: {}", button.html());
        }
        let ids: Vec<_> = select(&page, "[id]").iter().filter_map(|element| element.attr("id")).collect();
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "{path}: {ids:?}");
        for list in select(&page, "table") {
            assert!(list.html().contains("scope=\"col\""), "{path}");
        }
    }
}
