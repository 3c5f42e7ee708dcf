//! A secret arg is nowhere: on no page, in no attribute, in no stream, and in no answer to a program.

use axum::http::{StatusCode, header};
use futures_util::StreamExt;
use jobs::State;

use super::CASES;
use crate::tests::{
    filled::{Filled, SECRET},
    site::{ask, get, post, select, send},
};

#[tokio::test]
async fn a_secret_is_nowhere() {
    let filled = Filled::one().await;
    let router = filled.site.dashboard().router();
    let paths = CASES.iter().map(|case| filled.path(case.path));
    let mut redacted = 0;
    for path in paths.chain(["/metrics".to_owned(), "/nothing".to_owned()]) {
        let text = ask(&router, get(&path, &[])).await.text();
        assert!(!text.contains(SECRET), "{path}");
        redacted += usize::from(text.contains("[redacted]"));
    }
    // Seven lists, seven jobs and the batch.
    assert_eq!(redacted, 15, "so many pages show that there is something");

    let mut stream = send(&router, get("/live", &[])).await.into_body().into_data_stream();
    let first = stream.next().await.expect("an event").expect("a chunk");
    assert!(first.starts_with(b"event: pulse") && !String::from_utf8_lossy(&first).contains(SECRET));
}

#[tokio::test]
async fn a_search_does_not_tell_whether_a_secret_is_guessed() {
    let filled = Filled::one().await;
    let router = filled.site.dashboard().router();
    for state in State::ALL {
        for (text, expected) in [(SECRET, 0), (&SECRET[..4], 0), ("plain", 1)] {
            let page = ask(&router, get(&format!("/jobs?state={state}&q={text}"), &[])).await.page();
            assert_eq!(select(&page, "#jobs tbody tr").len(), expected, "{state} {text}");
        }
    }
}

#[tokio::test]
async fn an_edit_keeps_a_secret_that_was_not_touched_and_tells_none() {
    let filled = Filled::one().await;
    let router = filled.site.dashboard().router();
    let path = filled.path("/jobs/{scheduled}");
    let form = |text: &str, password: &str| {
        format!("act=edit&fence=0&arg.text=%22{text}%22&arg.password=%22{password}%22&reason=why")
    };
    let done = ask(&router, post(&path, &form("other", "%5Bredacted%5D"), &[])).await;
    assert!(done.header(header::LOCATION).ends_with("told=done"), "{}", done.header(header::LOCATION));
    let fresh = "brand-new-secret";
    let fence = filled.site.client.job(filled.job(State::Scheduled)).record().await.expect("a job").fence;
    // What was typed comes back with a form that is refused, but for secrets.
    let refused = form("other", fresh).replace("%22other%22", "typed").replace("fence=0", &format!("fence={fence}"));
    let refused = ask(&router, post(&path, &refused, &[])).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let text = refused.text();
    assert!(text.contains("typed") && !text.contains(fresh) && !text.contains(SECRET));
    let again = form("other", fresh).replace("fence=0", &format!("fence={fence}"));
    assert_eq!(ask(&router, post(&path, &again, &[])).await.status, StatusCode::SEE_OTHER);
    for path in [path.as_str(), "/audit", "/jobs?state=scheduled"] {
        let text = ask(&router, get(path, &[])).await.text();
        assert!(!text.contains(SECRET) && !text.contains(fresh) && text.contains("other"), "{path}");
    }
}
