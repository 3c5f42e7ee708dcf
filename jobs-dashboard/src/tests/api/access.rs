//! Who may what: tokens, requests of other sites, and callers who see some queues only.

use axum::http::StatusCode;
use jobs::prelude::*;
use serde_json::{Value, json};

use super::{Filled, filled, greet, json_of, problem, raw, reads, send};
use crate::{
    Dashboard, Policy, Role,
    tests::site::{Site, ask, by_header, get},
};

const TOKEN: (&str, &str) = ("authorization", "Bearer 0123456789abcdef");

fn by_token(site: &Site, role: Role) -> axum::Router {
    let policy = Policy::bearer([("ci", "0123456789abcdef", role)]).expect("a policy");
    Dashboard::new(&site.client, policy).router()
}

#[tokio::test]
async fn a_program_with_a_token_reads_and_acts_in_its_name() {
    let site = Site::new().await;
    let id = greet::enqueue("Ada").on(&site.client).await.expect("a job").id();
    let path = format!("/api/v1/jobs/{id}/delete");
    let reader = by_token(&site, Role::Read);
    assert_eq!(ask(&reader, get("/api/v1/jobs", &[TOKEN])).await.status, StatusCode::OK);
    assert_eq!(problem(&reader, get("/api/v1/jobs", &[])).await.0, 401);
    assert_eq!(problem(&reader, get("/api/v1/jobs", &[("authorization", "Bearer 0123456789abcdee")])).await.0, 401);
    assert_eq!(problem(&reader, send(&path, &json!({}), &[TOKEN])).await.0, 403);
    let operator = by_token(&site, Role::Operate);
    assert_eq!(ask(&operator, send(&path, &json!({}), &[TOKEN])).await.status, StatusCode::OK);
    let audit = json_of(&ask(&operator, get("/api/v1/audit", &[TOKEN])).await);
    assert_eq!((&audit["acts"][0]["actor"], &audit["acts"][0]["via"]), (&json!("ci"), &json!("api")));
}

#[tokio::test]
async fn no_page_of_another_site_can_act() {
    let site = Site::new().await;
    let id = greet::enqueue("Ada").on(&site.client).await.expect("a job").id();
    let path = format!("/api/v1/jobs/{id}/delete");
    // The policy lets in whoever comes, as one does that goes by a cookie or by basic authentication, which browsers add by themselves.
    let router = site.dashboard().router();
    let json = ("content-type", "application/json");
    let form = ("content-type", "text/plain");
    for headers in [
        vec![json, ("sec-fetch-site", "cross-site")],
        vec![json, ("sec-fetch-site", "same-site")],
        vec![json, ("origin", "http://evil.example.org")],
        vec![json, ("origin", "null")],
        vec![json, ("sec-fetch-site", "cross-site"), ("authorization", "Basic YW5uOnB3")],
        vec![json, ("sec-fetch-site", "cross-site"), TOKEN, ("cookie", "session=x")],
        vec![form, ("sec-fetch-site", "cross-site")],
        // This policy asks for no token, so that one proves nothing.
        vec![json, ("sec-fetch-site", "cross-site"), TOKEN],
    ] {
        let (status, sort, _) = problem(&router, raw(&path, "{}", &headers)).await;
        assert_eq!((status, &*sort), (403, "cross-site"), "{headers:?}");
    }
    // What a form can send without being asked first is not JSON, whatever the browser tells of where it comes from.
    for headers in [vec![form], vec![form, ("sec-fetch-site", "same-origin")], vec![form, TOKEN]] {
        assert_eq!(problem(&router, raw(&path, "{}", &headers)).await.0, 415, "{headers:?}");
    }
    assert_eq!(site.client.job(id).state().await.expect("a state"), State::Enqueued);
    let answer = ask(&router, get("/api/v1/jobs", &[("origin", "http://evil.example.org")])).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    // A program has a token and no cookie, and says nothing of where it comes from, or what it likes.
    let trusting = by_token(&site, Role::Admin);
    for (router, headers) in [
        (&router, vec![json]),
        (&router, vec![json, ("sec-fetch-site", "same-origin")]),
        (&trusting, vec![json, TOKEN, ("sec-fetch-site", "cross-site")]),
    ] {
        let id = greet::enqueue("Ada").on(&site.client).await.expect("a job").id();
        let answer = ask(router, raw(&format!("/api/v1/jobs/{id}/delete"), "{}", &headers)).await;
        assert_eq!(answer.status, StatusCode::OK, "{headers:?}");
    }
}

/// What must not stand in an answer to who sees only the queue `mail`.
const OTHERS: [&str; 4] = ["payroll", "slow", "too much", "everybody"];

#[tokio::test]
async fn who_sees_one_queue_learns_nothing_of_the_others() {
    let filled = filled().await;
    let router = Dashboard::new(&filled.site.client, by_header()).router();
    let of_mail = [("x-role", "mail:admin")];
    for path in reads(&filled) {
        let answer = ask(&router, get(&path, &of_mail)).await;
        assert!([200, 403].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        for word in OTHERS {
            assert!(!answer.text().contains(word), "{path} tells of {word}: {}", answer.text());
        }
    }
    let list = async |path: &str| json_of(&ask(&router, get(path, &of_mail)).await);
    let queues = list("/api/v1/queues").await["queues"].as_array().expect("queues").clone();
    assert_eq!(queues.iter().map(|queue| queue["queue"].clone()).collect::<Vec<_>>(), ["mail"]);
    let overview = list("/api/v1/overview").await;
    assert_eq!((&overview["servers"], overview["totals"].as_array().map(Vec::len)), (&Value::Null, Some(3)));
    // The same names are told to who sees all.
    let all = [("x-role", "read")];
    for (path, word) in
        [("/api/v1/queues", "payroll"), ("/api/v1/batches", "everybody"), ("/api/v1/queues", "too much")]
    {
        assert!(ask(&router, get(path, &all)).await.text().contains(word), "{path} {word}");
    }
    filled.server.stop().await;
}

#[tokio::test]
async fn what_is_hidden_is_not_there_for_acts_either() {
    let Filled { site, scheduled, server, operation, .. } = filled().await;
    server.stop().await;
    let router = Dashboard::new(&site.client, by_header()).router();
    let of_other = [("x-role", "payroll:admin")];
    for act in ["requeue", "run_now", "cancel", "delete"] {
        let path = format!("/api/v1/jobs/{scheduled}/{act}");
        assert_eq!(problem(&router, send(&path, &json!({}), &of_other)).await.0, 404, "{act}");
    }
    let job = format!("/api/v1/jobs/{scheduled}");
    assert_eq!(problem(&router, get(&job, &of_other)).await.0, 404);
    assert_eq!(problem(&router, send("/api/v1/recurring/digest%2F42/trigger", &json!({}), &of_other)).await.0, 404);
    // An unknown queue and one that is hidden are refused alike.
    let refused = async |queue: &str| {
        let (status, sort, says) =
            problem(&router, send(&format!("/api/v1/queues/{queue}/pause"), &json!({}), &of_other)).await;
        (status, sort, says.replace(queue, "…"))
    };
    assert_eq!(refused("slow").await, refused("nobody").await);
    assert_eq!(refused("slow").await.0, 403);
    // Who operates one queue acts in it, and moves nothing to others.
    let of_mail = [("x-role", "mail:operate")];
    let moved = send(&format!("{job}/move"), &json!({ "queue": "payroll" }), &of_mail);
    assert_eq!(problem(&router, moved).await.0, 403);
    let begin = json!({ "filter": { "state": "enqueued", "queue": ["slow"] }, "act": "delete" });
    assert_eq!(problem(&router, send("/api/v1/operations", &begin, &[("x-role", "mail:admin")])).await.0, 403);
    let begin = json!({ "filter": { "state": "enqueued" }, "act": "delete" });
    assert_eq!(problem(&router, send("/api/v1/operations?dry_run", &begin, &[("x-role", "mail:admin")])).await.0, 403);
    let path = format!("{job}/prioritize");
    assert_eq!(ask(&router, send(&path, &json!({ "priority": 3 }), &of_mail)).await.status, StatusCode::OK);
    assert_eq!(problem(&router, get(&format!("/api/v1/operations/{operation}"), &of_mail)).await.0, 403);
    let told = json_of(&ask(&router, get(&job, &[("x-role", "mail:read")])).await);
    assert_eq!((&told["job"]["priority"], &told["job"]["acts"]), (&json!(3), &json!([])), "readers have no acts");
}

#[tokio::test]
async fn who_may_not_see_one_queue_is_told_of_no_operation_on_it() {
    let site = Site::new().await;
    let begun = super::acted(&site.dashboard().router(), "/api/v1/queues/payroll/clear", json!({})).await;
    let policy = Policy::by(|_| crate::Access::new("ann", Role::Admin).queue("payroll", Role::None));
    let router = Dashboard::new(&site.client, policy).router();
    let path = format!("/api/v1/operations/{}", begun["operation"].as_str().expect("an id"));
    assert_eq!(problem(&router, get(&path, &[])).await.0, 404);
    assert_eq!(problem(&router, send(&format!("{path}/cancel"), &json!({}), &[])).await.0, 404);
    let list = json_of(&ask(&router, get("/api/v1/operations", &[])).await);
    assert_eq!(list["operations"], json!([]));
    let all = site.dashboard().router();
    assert_eq!(ask(&all, get(&path, &[])).await.status, StatusCode::OK);
}
