//! Who sees one queue learns nothing of the others, on any page.

use axum::http::{Method, StatusCode};
use jobs::State;

use super::CASES;
use crate::{
    Dashboard, Role, routes,
    tests::{
        filled::Filled,
        site::{ask, by_header, get},
    },
};

#[tokio::test]
async fn what_is_in_other_queues_is_on_no_page() {
    let filled = Filled::one().await;
    let dashboard = || Dashboard::new(&filled.site.client, by_header());
    let router = dashboard().router();
    let routes = routes::all(&dashboard().shared());
    let hidden = [State::Processing, State::Succeeded, State::Failed].map(|state| filled.job(state).to_string());
    let (mut shown, mut left_out) = (0, 0);
    for case in CASES {
        let path = filled.path(case.path);
        let answer = ask(&router, get(&path, &[("x-role", "plain still:read")])).await;
        let route = routes.rows().iter().find(|row| row.path == case.route && row.method == Method::GET);
        let route = route.expect("it is in the table");
        let expected = match route.right.is_of_queue() && route.right.role() <= Role::Read {
            false => StatusCode::FORBIDDEN,
            true if case.route == "/jobs/{id}" && hidden.iter().any(|id| path.contains(id)) => StatusCode::NOT_FOUND,
            // It is in a queue of its own.
            true if path == filled.path("/jobs/{scheduled}") => StatusCode::NOT_FOUND,
            // Its jobs go to another queue.
            true if case.route == "/recurring/{id}" => StatusCode::NOT_FOUND,
            true => StatusCode::OK,
        };
        assert_eq!(answer.status, expected, "{path}");
        let text = answer.text();
        let asked_for = |word: &str| path.replace("%20", " ").contains(word);
        for word in hidden.iter().map(String::as_str).chain([
            "plain work",
            "plain 0",
            "plain x",
            "::hold",
            "::deliver",
            "::fail",
        ]) {
            assert!(!text.contains(word) || asked_for(word), "{path} tells `{word}`");
        }
        if expected == StatusCode::OK { shown += 1 } else { left_out += 1 }
    }
    assert!(shown >= 10 && left_out >= 5, "{shown} pages are shown, and {left_out} are not");
}
