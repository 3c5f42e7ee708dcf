//! The OpenAPI document: it names every route, and every answer is what it says.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{filled, json_of, read, reads, schema::check, send};
use crate::{
    routes,
    tests::site::{Site, ask, get},
};

const DOCUMENT: &str = "/api/v1/openapi.json";

#[tokio::test]
async fn the_document_has_every_route_and_no_other() {
    let site = Site::new().await;
    let document = read(&site.dashboard().router(), DOCUMENT).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        described.extend(
            item.as_object().expect("an item").keys().map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    let routes = routes::all(&site.shared());
    let ours = routes.rows().iter().filter(|row| row.path.starts_with("/api/"));
    let ours: BTreeSet<_> = ours.map(|row| format!("{} {}", row.method, row.path)).collect();
    assert_eq!(described, ours);
    assert!(ours.len() > 30, "{}", ours.len());
}

#[tokio::test]
async fn every_operation_is_described_whole() {
    let site = Site::new().await;
    let document = read(&site.dashboard().router(), DOCUMENT).await;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let what = format!("{method} {path}");
            assert!(
                operation["summary"].as_str().is_some_and(|text| text.ends_with('.')),
                "{what}: {}",
                operation["summary"]
            );
            assert!(operation["tags"][0].is_string(), "{what}");
            let failure = &operation["responses"]["default"]["content"];
            assert_eq!(failure["application/problem+json"]["schema"]["$ref"], "#/components/schemas/Problem", "{what}");
            assert_eq!(operation["requestBody"].is_object(), method == "post", "{what}");
            let named: BTreeSet<_> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let in_path = parameters.iter().filter(|one| one["in"] == "path").filter_map(|one| one["name"].as_str());
            assert_eq!(in_path.collect::<BTreeSet<_>>(), named, "{what}");
        }
    }
    let text = document.to_string();
    for (index, _) in text.match_indices("\"$ref\":\"#/components/schemas/") {
        let name = text[index..].split('/').nth(3).and_then(|rest| rest.split('"').next()).expect("a name");
        assert!(document["components"]["schemas"][name].is_object(), "{name} is not there");
    }
    assert_eq!(document["components"]["securitySchemes"]["bearer"], json!({ "type": "http", "scheme": "bearer" }));
}

#[tokio::test]
async fn ids_of_operations_differ() {
    let site = Site::new().await;
    let document = read(&site.dashboard().router(), DOCUMENT).await;
    let mut seen = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for operation in item.as_object().expect("an item").values() {
            let id = operation["operationId"].as_str().expect("an id");
            assert!(seen.insert(id.to_owned()), "{path}: {id} is there twice");
        }
    }
    assert!(seen.contains("get_jobs") && seen.contains("post_jobs_id_requeue") && seen.contains("get_openapi_json"));
}

/// What the document says of the path of a request.
fn described<'d>(document: &'d Value, path: &str) -> &'d Value {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |template: &str| {
        let parts = || path.split('/').zip(template.split('/'));
        path.split('/').count() == template.split('/').count()
            && parts().all(|(one, other)| other.starts_with('{') || one == other)
    };
    let paths = document["paths"].as_object().expect("paths");
    // A path that is written out comes before one with a name in it.
    let written = paths.get(path).or_else(|| paths.iter().find(|(template, _)| fits(template)).map(|(_, item)| item));
    written.unwrap_or_else(|| panic!("{path} is not described"))
}

/// The schema of an answer.
fn schema<'d>(document: &'d Value, method: &str, path: &str, status: u16, kind: &str) -> &'d Value {
    let responses = &described(document, path)[method]["responses"];
    let response = responses.get(status.to_string()).unwrap_or(&responses["default"]);
    &response["content"][kind]["schema"]
}

#[tokio::test]
async fn answers_are_what_the_document_says() {
    let filled = filled().await;
    let router = filled.site.dashboard().router();
    let document = read(&router, DOCUMENT).await;
    for path in reads(&filled) {
        let answer = read(&router, &path).await;
        let schema = schema(&document, "get", &path, 200, "application/json");
        assert_eq!(check(&document, schema, &answer, &path), Ok(()));
    }
    let job = format!("/api/v1/jobs/{}", filled.scheduled);
    for (path, body, status) in [
        (format!("{job}/reschedule"), json!({ "due": "2040-01-02T03:04:05Z", "reason": "later" }), 200),
        (format!("{job}/move"), json!({ "queue": "post" }), 200),
        (format!("{job}/prioritize"), json!({ "priority": 7 }), 200),
        (format!("{job}/edit"), json!({ "args": { "name": "Eve" }, "fence": "old" }), 409),
        (format!("{job}/move"), json!({ "queue": "post", "why": "" }), 422),
        ("/api/v1/recurring/digest%2F42/skip".to_owned(), json!({ "next": "2001-01-01T00:00:00Z" }), 409),
        ("/api/v1/recurring/digest%2F42/skip".to_owned(), json!({ "next": null }), 200),
        ("/api/v1/recurring/digest%2F42/alter".to_owned(), json!({ "cron": "5 4 * * *", "zone": "Asia/Tokyo" }), 200),
        ("/api/v1/recurring/digest%2F42/alter".to_owned(), json!({ "zone": "UTC" }), 422),
        ("/api/v1/recurring/digest%2F42/reset".to_owned(), json!({}), 409),
        ("/api/v1/queues/x/pause".to_owned(), json!({ "until": "2999-01-01T00:00:00Z" }), 200),
        (format!("{job}/run_now"), json!({}), 200),
        (format!("{job}/requeue"), json!({}), 409),
        (format!("{job}/reschedule"), json!({}), 422),
        ("/api/v1/recurring/digest%2F42/trigger".to_owned(), json!({}), 200),
        ("/api/v1/queues/old/clear".to_owned(), json!({}), 202),
        ("/api/v1/operations?dry_run".to_owned(), json!({ "filter": { "state": "failed" } }), 200),
        ("/api/v1/operations".to_owned(), json!({ "filter": { "state": "failed" }, "act": "requeue" }), 202),
        ("/api/v1/queues/mail/pause".to_owned(), json!({}), 200),
    ] {
        let answer = ask(&router, send(&path, &body, &[])).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text());
        let taken = &described(&document, &path)["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(check(&document, taken, &body, &path).is_ok(), status != 422, "{path} {body}");
        let kind = if status < 400 { "application/json" } else { "application/problem+json" };
        let schema = schema(&document, "post", &path, status, kind);
        assert_eq!(check(&document, schema, &json_of(&answer), &path), Ok(()));
    }
    filled.server.stop().await;
}

#[tokio::test]
async fn the_document_says_where_the_api_is() {
    let site = Site::new().await;
    let app = axum::Router::new().nest_service("/ops/jobs", site.dashboard().router());
    assert_eq!(read(&app, "/ops/jobs/api/v1/openapi.json").await["servers"][0]["url"], "/ops/jobs");
    assert_eq!(read(&site.dashboard().router(), DOCUMENT).await["servers"], Value::Null);
    let request = Request::builder().method(Method::HEAD).uri(DOCUMENT).body(Body::empty()).expect("a request");
    assert_eq!(ask(&site.dashboard().router(), request).await.status, StatusCode::OK);
    let page = ask(&app, get("/ops/jobs/system", &[])).await.text();
    assert!(page.contains("href=\"/ops/jobs/api/v1/openapi.json\""));
}
