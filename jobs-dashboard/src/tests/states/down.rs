//! A database that has died, and comes back: pages say so in their frame, and are there again.

use axum::http::{StatusCode, header};
use jobs_test_servers::find_postgres;

use super::CASES;
use crate::tests::{
    filled::Filled,
    site::{Site, ask, get, post, select, words},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::print_stdout, reason = "a test tells what it leaves out")]
async fn without_its_database_each_page_says_so_and_comes_back() {
    let Some(installation) = find_postgres().into_iter().next() else {
        println!("LEFT OUT: without_its_database_each_page_says_so_and_comes_back: no PostgreSQL is found");
        return;
    };
    let mut server = installation.start(&[]).expect("a server");
    let mut filled = Filled::of(Site::at(&server.url()).await, 1, "plain").await;
    let paths: Vec<_> = CASES.iter().map(|case| filled.path(case.path)).collect();
    filled.stop().await;
    let job = filled.path("/jobs/{scheduled}");
    server.kill().expect("it is dead");

    let router = filled.site.dashboard().router();
    let requests = paths.iter().map(|path| get(path, &[]));
    let acts = [post(&job, "act=run_now", &[]), post("/queues?queue=x", "act=pause&confirmed=yes", &[])];
    for request in requests.chain(acts) {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = ask(&router, request).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{what}");
        let page = answer.page();
        assert_eq!(words(&page, "main h1"), "The database does not answer", "{what}");
        assert_eq!(answer.header(header::RETRY_AFTER), "5", "{what}");
        assert!(!select(&page, "nav.nav a").is_empty(), "{what} leads nowhere");
        for word in ["postgres", "SELECT", "onnection refused", &server.port().to_string()] {
            assert!(!answer.text().contains(word), "{what} tells `{word}`");
        }
    }
    assert_eq!(ask(&router, get("/healthz", &[])).await.status, StatusCode::OK, "the program itself lives");
    assert_eq!(ask(&router, get("/readyz", &[])).await.status, StatusCode::SERVICE_UNAVAILABLE);

    server.restart().expect("it is back");
    // A fresh dashboard, because a reading that has failed is remembered for a second.
    let router = filled.site.dashboard().router();
    for path in &paths {
        assert_eq!(ask(&router, get(path, &[])).await.status, StatusCode::OK, "{path}");
    }
}
