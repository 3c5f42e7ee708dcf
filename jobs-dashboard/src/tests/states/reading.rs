//! Who may only look sees all of it, and can do nothing.

use axum::http::{Method, StatusCode};

use super::CASES;
use crate::{
    Dashboard, Role,
    gate::Right,
    routes,
    tests::{
        filled::Filled,
        site::{ask, by_header, get, post, select},
    },
};

const READER: [(&str, &str); 1] = [("x-role", "read")];

#[tokio::test]
async fn who_may_only_look_sees_everything_and_no_button() {
    let filled = Filled::one().await;
    let dashboard = || Dashboard::new(&filled.site.client, by_header());
    let router = dashboard().router();
    let routes = routes::all(&dashboard().shared());
    for case in CASES {
        let path = filled.path(case.path);
        let answer = ask(&router, get(&path, &READER)).await;
        let route = routes.rows().iter().find(|row| row.path == case.route && row.method == Method::GET);
        if route.expect("it is in the table").right.role() > Role::Read {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
            continue;
        }
        let page = answer.page();
        assert_eq!((answer.status, select(&page, case.rows).len()), (StatusCode::OK, case.one), "{path}");
        for acting in ["main form[method=post]", "main button[name=act]", "main input[name=job]", "main textarea"] {
            assert!(select(&page, acting).is_empty(), "{path} shows `{acting}`");
        }
        let leads_on = select(&page, "main a[href*='/operations/new']");
        assert!(leads_on.is_empty(), "{path} leads to an act");
        assert_eq!(select(&page, "main p.visually-hidden").len(), 1, "{path} does not say that it is for looking only");
    }
}

#[tokio::test]
async fn who_may_only_look_is_refused_every_act() {
    let filled = Filled::one().await;
    let dashboard = || Dashboard::new(&filled.site.client, by_header());
    let router = dashboard().router();
    let routes = routes::all(&dashboard().shared());
    let acts = routes.rows().iter().filter(|row| row.method != Method::GET && row.right != Right::READ.of_queue());
    let mut count = 0;
    for row in acts {
        let id = |name| filled.path(&format!("{{{name}}}"));
        let path = match row.path {
            path if path.starts_with("/jobs") => path.replace("{id}", &id("scheduled")),
            path => path.replace("{id}", &id("batch")),
        };
        for word in
            ["delete", "cancel", "requeue", "run_now", "edit", "pause", "resume", "clear", "run", "skip", "stop"]
        {
            let form = format!("act={word}&confirmed=yes&state=scheduled&job={}", id("scheduled"));
            let answer = ask(&router, post(&path, &form, &READER)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {word}");
        }
        count += 1;
    }
    assert!(count >= 8, "only {count} routes act");
    let scheduled = filled.site.client.job(filled.job(jobs::State::Scheduled)).state().await.expect("a job");
    assert_eq!(scheduled, jobs::State::Scheduled);
}
