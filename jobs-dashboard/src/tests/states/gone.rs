//! Tables that are not there: what the database says of it is in the log, and on no page.

use axum::http::StatusCode;
use rusqlite::Connection;

use super::CASES;
use crate::tests::{
    filled::Filled,
    site::{ask, get, post, select, words},
};

/// Renames all tables behind the library's back.
fn rename_tables(filled: &Filled) {
    let file = Connection::open(filled.site.file()).expect("a file");
    let mut names =
        file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'jobs%'").expect("SQL");
    let names: Vec<String> =
        names.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("names");
    for view in ["jobs_live", "jobs_held", "jobs_state"] {
        file.execute_batch(&format!("DROP VIEW IF EXISTS {view}")).expect("dropped");
    }
    for name in names {
        file.execute_batch(&format!("ALTER TABLE {name} RENAME TO gone_{name}")).expect("renamed");
    }
}

#[tokio::test]
async fn what_the_database_says_of_an_error_is_on_no_page() {
    let mut filled = Filled::one().await;
    let paths: Vec<_> = CASES.iter().map(|case| filled.path(case.path)).collect();
    filled.stop().await;
    let router = filled.site.dashboard().router();
    rename_tables(&filled);
    let job = filled.path("/jobs/{scheduled}");
    let requests = paths.iter().map(|path| get(path, &[]));
    let requests =
        requests.chain([post(&job, "act=run_now", &[]), post("/queues?queue=x", "act=pause&confirmed=yes", &[])]);
    for request in requests {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = ask(&router, request).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{what}");
        let (text, page) = (answer.text(), answer.page());
        assert_eq!(words(&page, "main h1"), "The tables do not fit this program", "{what}");
        assert!(!select(&page, "nav.nav a").is_empty(), "{what} leads nowhere");
        for word in ["no such table", "jobs_total", "SELECT", "jobs.db"] {
            assert!(!text.contains(word), "{what} tells `{word}`");
        }
    }
}
