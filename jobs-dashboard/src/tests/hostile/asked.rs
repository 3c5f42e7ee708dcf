//! Texts that are asked for: in addresses and in forms.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};

use super::{UNSEEN, assert_alike, told};
use crate::tests::{
    filled::Filled,
    site::{ask, get, post, words},
    states::CASES,
};

/// All parameters that some page knows, and one that none does.
const NAMES: [&str; 20] = [
    "act",
    "actor",
    "after",
    "at",
    "before",
    "confirmed",
    "error",
    "from",
    "id",
    "kind",
    "limit",
    "nobody",
    "parked",
    "q",
    "queue",
    "range",
    "retried",
    "state",
    "told",
    "until",
];

/// Each as it stands in an address.
const HOSTILE: [&str; 3] = [
    "%22%27%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    "%3C%2Ftitle%3E%3C%2Ftextarea%3E%7B%7B7*7%7D%7D%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "%00%E2%80%AElive.exe%FF%FE%C3%28",
];

/// The answer to a hostile text is that to a harmless one, but for the text.
async fn check(router: &Router, what: &str, request: impl Fn(&str) -> Request<Body>) {
    let plain = ask(router, request("harmless")).await;
    for text in HOSTILE {
        let answer = ask(router, request(text)).await;
        assert_eq!(answer.status, plain.status, "{what} with {text}");
        assert!(answer.status.as_u16() < 500, "{what} with {text}: {}", answer.status);
        if answer.body.is_empty() {
            continue;
        }
        let page = answer.page();
        assert_alike(&format!("{what} with {text}"), &plain.page(), &page);
        assert!(!told(&page).contains(UNSEEN), "{what} with {text}");
    }
}

#[tokio::test]
async fn what_an_address_asks_for_is_only_a_text() {
    let filled = Filled::one().await;
    let router = filled.site.dashboard().router();
    let routes: BTreeMap<_, _> = CASES.iter().map(|case| (case.route, filled.path(case.path))).collect();
    for path in routes.values() {
        let start = path.split_once('?').map_or(path.as_str(), |(start, _)| start);
        for name in NAMES {
            check(&router, &format!("{path} {name}"), |text| get(&format!("{start}?{name}={text}"), &[])).await;
        }
    }
    for path in ["/jobs/", "/batches/", "/operations/", "/"] {
        check(&router, path, |text| get(&format!("{path}{text}"), &[])).await;
    }
    for path in ["/jobs/%FF", "/assets/%FF"] {
        let answer = ask(&router, get(path, &[])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(words(&answer.page(), "main h1"), "That cannot be meant", "{path}");
    }
}

#[tokio::test]
async fn what_a_form_asks_for_is_only_a_text() {
    let filled = Filled::one().await;
    let router = filled.site.dashboard().router();
    let forms = [
        ("/queues?queue={}", "act=pause"),
        ("/queues?queue={}", "act=clear"),
        ("/queues?queue=mail", "act={}"),
        ("/queues?queue=mail", "act=pause&confirmed=yes&until={}"),
        ("/kinds?kind={}", "act=pause"),
        ("/kinds?kind=x", "act={}"),
        ("/recurring?id={}", "act=pause"),
        ("/recurring?id=plain%200", "act={}"),
        ("/recurring?id=plain%200", "act=skip&confirmed=yes&next={}"),
        ("/servers?server={}", "act=stop"),
        ("/jobs", "act=requeue&state={}"),
        ("/jobs", "act={}&state=failed"),
        ("/jobs", "act=delete&state=failed&job={}"),
        ("/jobs", "act=delete&state=failed&q={}&job={failed}"),
        ("/jobs/{scheduled}", "act={}"),
        ("/jobs/{scheduled}", "act=reschedule&due={}"),
        ("/jobs/{scheduled}", "act=prioritize&priority={}"),
        ("/jobs/{scheduled}", "act=edit&fence=0&arg.text={}"),
        ("/jobs/{scheduled}", "act=edit&fence=0&arg.{}=1"),
        ("/jobs/{scheduled}", "act=edit&fence={}&arg.text=1"),
        ("/batches/{batch}", "act={}"),
        ("/operations", "state=failed&act={}"),
        ("/operations", "state={}&act=requeue"),
        ("/operations/{}", "act=stop"),
        ("/preferences", "theme={}"),
    ];
    for (path, form) in forms {
        check(&router, &format!("{path} {form}"), |text| {
            let (path, form) = (filled.path(&path.replace("{}", text)), filled.path(&form.replace("{}", text)));
            post(&path, &form, &[])
        })
        .await;
    }
}
