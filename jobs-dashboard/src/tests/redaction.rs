//! Values whose names say that they are secret: nowhere shown, nowhere found, and kept by an edit.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use jobs::{Actor, AuditFilter, Redaction, Via, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::site::{Site, ask, by_header, get, post, select, words};
use crate::{Dashboard, Policy};

#[derive(Clone, Serialize, Deserialize)]
struct Mailbox {
    host: String,
    #[serde(rename = "API-Key")]
    key: String,
}

#[job(queue = "mail")]
async fn sync(
    boxes: Vec<Mailbox>,
    headers: BTreeMap<String, String>,
    access_token: u64,
    tries: u32,
) -> Result<BTreeMap<String, u64>, std::io::Error> {
    let _ = (boxes, headers, tries);
    Ok(BTreeMap::from([("secret".to_owned(), access_token)]))
}

/// What must be seen nowhere.
const SECRETS: [&str; 5] = ["k1-s3cret", "k2-s3cret", "Bearer-s3cret", "471147114711", "fact-s3cret"];

async fn stored(client: &Client) -> JobId {
    let boxes = vec![
        Mailbox { host: "a.example".into(), key: SECRETS[0].into() },
        Mailbox { host: "b.example".into(), key: SECRETS[1].into() },
    ];
    let headers = [("Authorization", SECRETS[2]), ("Accept", "text/plain")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let job = sync::enqueue(boxes, BTreeMap::from(headers), 471_147_114_711_u64, 3).delay("1h");
    job.meta("password", SECRETS[4]).meta("tenant", "7").on(client).await.expect("a job").id()
}

#[tokio::test]
async fn no_page_shows_or_finds_them() {
    let site = Site::new().await;
    let id = stored(&site.client).await;
    let router = Dashboard::new(&site.client, by_header()).router();
    for (path, lang) in
        [("/jobs?state=scheduled".to_owned(), "en"), (format!("/jobs/{id}"), "en"), (format!("/jobs/{id}"), "tr")]
    {
        let answer = ask(&router, get(&path, &[("x-role", "admin"), ("accept-language", lang)])).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text().contains("[redacted]"), "{path}");
        for secret in SECRETS {
            assert!(!answer.text().contains(secret), "{path} in {lang}: {secret}");
        }
    }
    let page = ask(&router, get(&format!("/jobs/{id}"), &[("x-role", "admin")])).await.page();
    let args = words(&page, "[aria-labelledby=args-title] dl");
    assert!(
        args.contains("a.example") && args.contains("text/plain") && args.contains("access_token \"[redacted]\""),
        "{args}"
    );
    assert!(words(&page, ".facts .inner").contains("password [redacted] tenant 7"));
    for (text, found) in [("a.example", 1), ("text/plain", 1), ("s3cret", 0), ("471147", 0)] {
        let page = ask(&router, get(&format!("/jobs?state=scheduled&q={text}"), &[("x-role", "admin")])).await.page();
        assert_eq!(select(&page, "#jobs tbody tr").len(), found, "{text}");
    }
}

/// The fields of the edit form as a browser would send them.
fn form(page: &scraper::Html) -> Vec<(String, String)> {
    let fields = select(page, "textarea")
        .into_iter()
        .map(|area| (area.attr("name").expect("a name").to_owned(), area.text().collect::<String>()));
    let fence = select(page, "input[name=fence]")[0].attr("value").expect("a fence").to_owned();
    fields.chain([("fence".to_owned(), fence), ("act".to_owned(), "edit".to_owned())]).collect()
}

fn encoded(fields: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[tokio::test]
async fn an_edit_keeps_what_it_was_not_shown() {
    let site = Site::new().await;
    let id = stored(&site.client).await;
    let router = site.dashboard().router();
    let path = format!("/jobs/{id}");
    let mut fields = form(&ask(&router, get(&path, &[("accept-language", "tr")])).await.page());
    for (name, text) in &mut fields {
        if name == "arg.tries" {
            *text = "5".to_owned();
        }
        *text = text.replace("b.example", "c.example");
    }
    let done = ask(&router, post(&path, &encoded(&fields), &[])).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert!(done.header(header::LOCATION).ends_with("told=done"));

    // What is stored, seen by a client that redacts nothing but what is declared.
    let open = Client::options().redaction(Redaction::declared_only()).connect(site.url()).await.expect("a client");
    let record = open.job(id).record().await.expect("a job");
    let expected = json!({
        "boxes": [{ "host": "a.example", "API-Key": SECRETS[0] }, { "host": "c.example", "API-Key": SECRETS[1] }],
        "headers": { "Authorization": SECRETS[2], "Accept": "text/plain" },
        "access_token": 471_147_114_711_u64,
        "tries": 5,
    });
    assert_eq!(open.args_json(&record).expect("args"), expected);

    let audit = site.client.audit(AuditFilter::new()).await.expect("the audit");
    let detail = audit[0].detail.as_ref().expect("what was edited").to_string();
    assert!(detail.contains("c.example") && detail.contains("[redacted]") && !detail.contains("s3cret"), "{detail}");
    // It is not in the audit at all: a client that hides nothing does not see it there either.
    let stored = open.audit(AuditFilter::new()).await.expect("the audit");
    assert!(!stored[0].detail.as_ref().expect("what was edited").to_string().contains("s3cret"));

    // What was moved about cannot be told apart, and nothing is stored.
    let mut fields = form(&ask(&router, get(&path, &[])).await.page());
    for (_, text) in fields.iter_mut().filter(|(name, _)| name == "arg.boxes") {
        *text = r#"[{"host":"x.example","API-Key":"[redacted]"}]"#.to_owned();
    }
    let refused = ask(&router, post(&path, &encoded(&fields), &[])).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(words(&refused.page(), "main").contains("boxes[0]"), "{}", words(&refused.page(), "main"));
    assert_eq!(open.args_json(&open.job(id).record().await.expect("a job")).expect("args"), expected);
}

#[tokio::test]
async fn outputs_are_redacted_too() {
    let site = Site::new().await;
    let id = stored(&site.client).await;
    site.client.by(Actor::new("ann", Via::Code)).run_now(id).await.expect("it is run");
    let server = site.client.server().queues(["mail"]).workers(1).start().await.expect("a server");
    assert_eq!(site.client.job(id).wait().await.expect("an end"), State::Succeeded);
    server.stop().await;
    let router = site.dashboard().router();
    let answer = ask(&router, get(&format!("/jobs/{id}"), &[])).await;
    assert_eq!(words(&answer.page(), "[aria-labelledby=output-title] pre"), "{ \"secret\": \"[redacted]\" }");
    assert!(!answer.text().contains(SECRETS[3]));
}

#[tokio::test]
async fn a_client_that_redacts_by_declaration_shows_the_rest() {
    let site = Site::new().await;
    let id = stored(&site.client).await;
    let open = Client::options().redaction(Redaction::declared_only()).connect(site.url()).await.expect("a client");
    let router = Dashboard::new(&open, Policy::dangerously_open()).router();
    let text = ask(&router, get(&format!("/jobs/{id}"), &[])).await.text();
    assert!(SECRETS.into_iter().all(|secret| text.contains(secret)));
    let found = ask(&router, get("/jobs?state=scheduled&q=k1-s3cret", &[])).await.page();
    assert_eq!(select(&found, "#jobs tbody tr").len(), 1);
}
