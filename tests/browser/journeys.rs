//! What operators do.

use jobs::State;

use crate::place::Place;

/// The pages that are reached from the navigation.
const PAGES: [&str; 12] = [
    "",
    "/jobs?state=succeeded&limit=12",
    "/errors",
    "/recurring",
    "/queues",
    "/kinds",
    "/batches",
    "/servers",
    "/operations",
    "/operations/new?state=failed",
    "/audit",
    "/system",
];

#[tokio::test]
async fn every_page_is_sound_in_light_and_dark_and_on_a_phone() {
    let Some(place) =
        Place::open("every_page_is_sound_in_light_and_dark_and_on_a_phone", &["--feed-always-fails"]).await
    else {
        return;
    };
    let failed = first(&place, State::Failed).await;
    let browser = place.browser().await;
    let job = format!("/jobs/{failed}");
    for (look, scheme, width) in [("light", "light", 1280), ("dark", "dark", 1280), ("phone", "light", 375)] {
        browser.prefer("prefers-color-scheme", scheme).await;
        for path in PAGES.into_iter().chain([job.as_str()]) {
            browser.size(width, 900).await;
            browser.go(path).await;
            browser.is_sound().await;
            let name = match path {
                "" => "overview",
                path if path == job => "job",
                path if path.starts_with("/operations/new") => "operation",
                path => path.split(['?', '/']).find(|part| !part.is_empty()).unwrap(),
            };
            browser.picture(&format!("{name}-{look}")).await;
        }
    }
    browser.close().await;
}

#[tokio::test]
async fn a_failed_job_is_found_and_requeued() {
    let Some(place) = Place::open("a_failed_job_is_found_and_requeued", &["--feed-always-fails"]).await else { return };
    let failed = first(&place, State::Failed).await;
    let browser = place.browser().await;
    browser.go("").await;
    browser.click(".nav [data-key=j]").await;
    browser.click(".tabs.states a[href*='state=failed']").await;
    browser.click("#jobs tbody th a").await;
    browser.until("Why is it not running?").await;
    let before = browser.place().await;
    browser.press("Requeue").await;
    browser.until("Done.").await;
    assert!(before.contains(&failed.to_string()) || before.starts_with("/jobs/"), "{before}");
    let audit = place.client.audit(jobs::AuditFilter::new()).await.unwrap();
    assert_eq!(audit.len(), 1);
    browser.is_sound().await;
    browser.close().await;
}

/// The id of some job in a state, once there is one.
async fn first(place: &Place, state: State) -> jobs::JobId {
    loop {
        let page = place.client.jobs(jobs::JobFilter::new(state).limit(1)).await.unwrap();
        if let Some(job) = page.jobs.first() {
            return job.id;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
