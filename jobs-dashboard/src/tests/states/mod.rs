//! Every page in each of its states: with nothing, with one of everything, with more than a page holds, for who may only look, with
//! secrets, and without a database.

mod cases;
#[cfg(feature = "postgres")]
mod down;
mod gone;
mod narrow;
mod reading;
mod secrets;

use std::collections::BTreeSet;

use axum::{
    Router,
    http::{Method, StatusCode},
};
use scraper::Html;

pub(crate) use self::cases::CASES;
use self::cases::{Case, NO_PAGES};
use super::{
    filled::{Filled, MANY},
    site::{Site, ask, get, select, words},
};
use crate::routes;

async fn page(router: &Router, path: &str) -> Html {
    let answer = ask(router, get(path, &[])).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.page()
}

#[tokio::test]
async fn no_page_is_left_out() {
    let site = Site::new().await;
    let routes = routes::all(&site.shared());
    let pages = routes.rows().iter().filter(|row| row.method == Method::GET).map(|row| row.path);
    let pages: BTreeSet<_> = pages.filter(|path| !NO_PAGES.iter().any(|other| path.starts_with(other))).collect();
    let cases: BTreeSet<_> = CASES.iter().map(|case| case.route).collect();
    assert_eq!(cases, pages, "each page has its row in tests/states/cases.rs");
}

#[tokio::test]
async fn with_nothing_each_page_says_so() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for case in CASES {
        // What is asked for by an id is not there yet.
        let is_missing = case.route.contains('{');
        let path = case
            .path
            .replace(['{', '}'], "")
            .replace("/batches/batch", "/batches/01a206db-78db-7635-b2f3-1c7e194657c2");
        let path = match path.strip_prefix("/jobs/") {
            Some(_) => "/jobs/01a206db-78db-7635-b2f3-1c7e194657c2".to_owned(),
            None => path,
        };
        let answer = ask(&router, get(&path, &[])).await;
        assert_eq!(answer.status, if is_missing { StatusCode::NOT_FOUND } else { StatusCode::OK }, "{path}");
        let (page, main) = (answer.page(), words(&answer.page(), "main"));
        assert!(main.contains(case.empty), "{path}: {main}");
        let rows = select(&page, "main table.list tbody tr").len();
        // How large the tables of the database are is known of every database.
        assert!(rows == 0 || case.path == "/system", "{path} has {rows} rows");
        assert!(select(&page, "main .pager").is_empty() && select(&page, "main button[name=act]").is_empty(), "{path}");
    }
}

/// What is not as it should be on a page.
fn wrong(case: &Case, path: &str, page: &Html, expected: usize) -> Option<String> {
    let (main, rows) = (words(page, "main"), select(page, case.rows).len());
    // A list is empty where the table of pages says so.
    let is_empty = !select(page, "main .empty h2").is_empty();
    let is_right = rows == expected && main.contains(case.says) && is_empty == (case.one == 0);
    (!is_right).then(|| format!("{path}: {rows} rows and not {expected}, or not `{}`: {main}", case.says))
}

#[tokio::test]
async fn with_one_of_everything_each_page_shows_it() {
    let filled = Filled::one().await;
    let router = filled.site.dashboard().router();
    let mut found = Vec::new();
    for case in CASES {
        let path = filled.path(case.path);
        let shown = page(&router, &path).await;
        found.extend(wrong(case, &path, &shown, case.one));
        assert!(select(&shown, "main .pager").is_empty(), "{path}: one page is all");
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn with_many_of_everything_each_list_has_pages() {
    let filled = Filled::many().await;
    let router = filled.site.dashboard().router();
    let mut found = Vec::new();
    for case in CASES {
        let path = filled.path(case.path);
        let shown = page(&router, &path).await;
        found.extend(wrong(case, &path, &shown, case.many));
        let next = select(&shown, "main .pager a[rel=next]").first().and_then(|link| link.attr("href"));
        assert_eq!(next.is_some(), case.is_paged(), "{path}: {next:?}");
        let Some(next) = next else { continue };
        let rest = page(&router, next).await;
        let count = select(&rest, case.rows).len();
        assert!((1..=PAGE).contains(&count), "{next}: {count} rows");
        let first = |page: &Html| select(page, case.rows)[0].html();
        assert_ne!(first(&shown), first(&rest), "{next} begins anew");
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// What stands on the first page of a list that has more.
const PAGE: usize = MANY - 1;
