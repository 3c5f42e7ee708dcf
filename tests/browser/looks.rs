//! Pages of single things, in each of their states, for every eye.

use crate::{session::Session, site::Site};

#[tokio::test]
async fn a_job_in_each_state_and_what_is_around_it_is_sound() {
    let Some(site) = Site::open("a_job_in_each_state_and_what_is_around_it_is_sound").await else { return };
    let (jobs, batch) = site.fill().await;
    let browser = site.browser().await;
    let mut pages: Vec<_> = jobs.map(|(state, id)| (format!("job-{state}"), format!("/jobs/{id}"))).into();
    pages.extend(jobs.map(|(state, _)| (format!("jobs-{state}"), format!("/jobs?state={state}"))));
    for (name, path) in [
        ("one-batch", format!("/batches/{batch}").as_str()),
        ("one-error", "/errors"),
        ("acts", "/audit"),
        ("one-operation", "/operations"),
        ("queue-paused", "/queues"),
        ("operation-enqueued", "/operations/new?state=enqueued"),
        ("nothing-fits", "/jobs?state=failed&q=nobody"),
        ("missing", "/nothing"),
    ] {
        pages.push((name.to_owned(), path.to_owned()));
    }
    for (look, scheme, width) in [("light", "light", 1280), ("dark", "dark", 1280), ("phone", "light", 375)] {
        browser.prefer("prefers-color-scheme", scheme).await;
        for (name, path) in &pages {
            browser.size(width, 900).await;
            browser.go(path).await;
            if name == "missing" {
                browser.forgive().await;
            }
            browser.is_sound().await;
            browser.picture(&format!("{name}-{look}")).await;
        }
    }
    forms(&browser, &format!("/jobs/{}", jobs[0].1)).await;
    browser.close().await;
    site.close().await;
}

/// The forms of a job, opened, and one that is refused.
async fn forms(browser: &Session, job: &str) {
    for (look, width) in [("light", 1280), ("phone", 375)] {
        browser.size(width, 900).await;
        browser.go(job).await;
        browser.ask("for (const one of document.querySelectorAll('main details')) one.open = true").await;
        browser.is_sound().await;
        browser.picture(&format!("job-forms-{look}")).await;
        browser.type_into("#arg-0", "no quotes").await;
        browser.click("button[value=edit]").await;
        browser.until("Not saved").await;
        browser.forgive().await;
        browser.is_sound().await;
        browser.picture(&format!("job-refused-{look}")).await;
        browser.size(width, 900).await;
        let typed = browser.ask("return document.querySelector('#arg-0').value").await;
        assert_eq!(typed, serde_json::json!("no quotes"));
    }
}
