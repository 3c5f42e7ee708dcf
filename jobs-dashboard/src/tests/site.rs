//! A dashboard of a fresh database, and what it answers.

use std::path::PathBuf;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use jobs_runtime::Client;
use scraper::{ElementRef, Html, Selector};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{Access, Dashboard, Policy, Role, shared::Shared};

/// A database of its own and a client of it.
pub(crate) struct Site {
    pub(crate) client: Client,
    url: String,
    /// Where it is, if it is a file.
    dir: Option<TempDir>,
}

impl Site {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}", dir.path().join("jobs.db").display());
        Self { client: Client::connect(&url).await.expect("a client"), url, dir: Some(dir) }
    }

    /// Where the database is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Changes the database behind the program's back.
    pub(crate) async fn behind(&self, statements: &'static str) {
        use sqlx::Connection;
        let mut connection = sqlx::SqliteConnection::connect(&self.url).await.expect("a connection");
        sqlx::raw_sql(statements).execute(&mut connection).await.expect("the statements are right");
        connection.close().await.expect("it closes");
    }

    /// The database of a URL.
    #[cfg(feature = "postgres")]
    pub(crate) async fn at(url: &str) -> Self {
        Self { client: Client::connect(url).await.expect("a client"), url: url.to_owned(), dir: None }
    }

    /// The file of the database.
    pub(crate) fn file(&self) -> PathBuf {
        self.dir.as_ref().expect("it is a file").path().join("jobs.db")
    }

    pub(crate) fn dashboard(&self) -> Dashboard {
        Dashboard::new(&self.client, Policy::dangerously_open())
    }

    pub(crate) fn shared(&self) -> Shared {
        self.dashboard().shared()
    }
}

/// Who asks, by the header `x-role`: a role on everything, or `mail:role` on one queue.
pub(crate) fn by_header() -> Policy {
    Policy::by(|parts| {
        let Some(value) = parts.headers.get("x-role").and_then(|value| value.to_str().ok()) else {
            return Access::none();
        };
        match value.split_once(':') {
            Some((queue, role)) => Access::new("ann", Role::None).queue(queue, named(role)),
            None => Access::new("ann", named(value)),
        }
    })
}

fn named(role: &str) -> Role {
    match role {
        "read" => Role::Read,
        "operate" => Role::Operate,
        "admin" => Role::Admin,
        _ => Role::None,
    }
}

/// An answer that has been read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("a text")
    }

    pub(crate) fn page(&self) -> Html {
        Html::parse_document(&self.text())
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Response {
    router.clone().oneshot(request).await.expect("a router does not fail")
}

pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let (head, body) = send(router, request).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
    Answer { status: head.status, headers: head.headers, body }
}

pub(crate) fn get(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request =
        headers.iter().fold(Request::builder().uri(path), |request, (name, value)| request.header(*name, *value));
    request.body(Body::empty()).expect("a request")
}

/// A form as a browser sends it from one of our pages.
pub(crate) fn post(path: &str, form: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request = Request::post(path)
        .header(header::HOST, "jobs.example.org")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::from(form.to_owned())).expect("a request")
}

pub(crate) fn select<'p>(page: &'p Html, selector: &str) -> Vec<ElementRef<'p>> {
    page.select(&Selector::parse(selector).expect("a selector")).collect()
}

/// What stands in the first element that fits.
pub(crate) fn words(page: &Html, selector: &str) -> String {
    let found = select(page, selector);
    let text: Vec<_> = found.first().unwrap_or_else(|| panic!("no `{selector}`")).text().collect();
    text.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}
