//! Every route is walked with every role.

use axum::http::{Method, StatusCode, header};

use super::site::{Site, ask, by_header, get, post, send, words};
use crate::{Dashboard, Policy, Role, gate::Right, routes};

const ROLES: [(&str, Role); 4] =
    [("none", Role::None), ("read", Role::Read), ("operate", Role::Operate), ("admin", Role::Admin)];

#[tokio::test]
async fn every_route_asks_for_its_role() {
    let site = Site::new().await;
    let dashboard = || Dashboard::new(&site.client, by_header());
    let router = dashboard().router();
    let routes = routes::all(&dashboard().shared());
    assert!(!routes.rows().is_empty());
    for row in routes.rows() {
        for (word, role) in ROLES {
            let headers = [("x-role", word), ("sec-fetch-site", "same-origin")];
            let request = match row.method {
                Method::GET => get(row.path, &headers),
                _ => post(row.path, "", &headers),
            };
            // Only the head is looked at: a stream has no end.
            let status = send(&router, request).await.status();
            let is_refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status);
            assert_eq!(is_refused, role < row.right.role(), "{} {} as {word}: {status}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn only_files_of_the_front_end_are_open() {
    let site = Site::new().await;
    let routes = routes::all(&site.shared());
    let open: Vec<_> = routes.rows().iter().filter(|row| row.right == Right::OPEN).map(|row| row.path).collect();
    assert_eq!(open, ["/assets/{name}", "/healthz", "/readyz"]);
    let acting = routes.rows().iter().filter(|row| row.method != Method::GET);
    let by_readers: Vec<_> = acting.filter(|row| row.right.role() < Role::Operate).map(|row| row.path).collect();
    assert_eq!(by_readers, ["/preferences"], "who may only look changes nothing but the visitor's own cookies");
}

#[tokio::test]
async fn strangers_learn_nothing() {
    let site = Site::new().await;
    let router =
        Dashboard::new(&site.client, Policy::deny_all()).title("secret shop").environment("secret stage").router();
    for path in ["/", "/servers", "/nothing-here", "/live", "/%00", "/../servers"] {
        let answer = ask(&router, get(path, &[])).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(super::site::select(&answer.page(), "nav a").is_empty(), "{path}");
        assert!(!answer.text().contains("secret"), "{path}");
        assert_eq!(words(&answer.page(), ".brand"), "jobs", "{path}");
    }
}

#[tokio::test]
async fn the_refusal_says_in_three_lines_how_to_set_a_policy() {
    let site = Site::new().await;
    let router = Dashboard::new(&site.client, Policy::deny_all()).router();
    let answer = ask(&router, get("/", &[])).await;
    let code = words(&answer.page(), "main pre code");
    assert_eq!(answer.text().matches("let ").count(), 3);
    assert!(code.starts_with("let policy = Policy::basic([(\"ann\""), "{code}");
}

#[tokio::test]
async fn a_browser_is_asked_for_the_password() {
    let site = Site::new().await;
    let policy = Policy::basic([("ann", "pw", Role::Read)]).expect("a policy");
    let router = Dashboard::new(&site.client, policy).title("payroll").environment("payroll-eu").router();
    let answer = ask(&router, get("/", &[])).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(!answer.text().contains("payroll"), "neither title nor environment");
    assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Basic realm=\"jobs\", charset=\"UTF-8\"");
    let answer = ask(&router, get("/", &[("authorization", "Basic YW5uOnB3")])).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text().contains("Signed in as ann"));
}

#[tokio::test]
async fn loopback_holds_however_the_router_is_mounted() {
    let site = Site::new().await;
    let router = || Dashboard::new(&site.client, Policy::loopback()).router();
    let mounted = [
        ("/", router()),
        ("/jobs", axum::Router::new().nest("/jobs", router())),
        ("/jobs", axum::Router::new().nest_service("/jobs", router())),
        ("/", axum::Router::new().merge(router())),
        ("/", axum::Router::new().fallback_service(router())),
    ];
    for (path, app) in mounted {
        for (peer, host, expected) in [
            (Some([127, 0, 0, 1]), "localhost", StatusCode::OK),
            (Some([127, 0, 0, 1]), "evil.example.org", StatusCode::FORBIDDEN),
            (Some([10, 0, 0, 1]), "localhost", StatusCode::FORBIDDEN),
            (None, "localhost", StatusCode::FORBIDDEN),
        ] {
            let mut request = get(path, &[("host", host)]);
            if let Some(peer) = peer {
                let peer: std::net::SocketAddr = (peer, 5_000).into();
                request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
            }
            assert_eq!(ask(&app, request).await.status, expected, "{path} {peer:?} {host}");
        }
    }
}

#[tokio::test]
async fn who_sees_one_queue_is_not_shown_the_servers() {
    let site = Site::new().await;
    let router = Dashboard::new(&site.client, by_header()).router();
    let headers = [("x-role", "mail:read")];
    let answer = ask(&router, get("/", &headers)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = answer.page();
    let links: Vec<_> = super::site::select(&page, "nav.nav a").iter().filter_map(|link| link.attr("href")).collect();
    assert_eq!(links, ["/", "/jobs", "/retries", "/errors", "/recurring", "/queues", "/kinds"]);
    let answer = ask(&router, get("/servers", &headers)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(words(&answer.page(), "main h1"), "Not allowed");
}
