//! What operators do. Each journey ends with a page that everybody can use and that has complained of nothing.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use jobs::{
    AuditFilter, JobFilter, JobId, State,
    dashboard::{Access, Dashboard, Policy, Role},
};
use tokio::net::TcpListener;

use crate::{
    place::Place,
    session::{PATIENCE, Session},
};

/// The pages that are reached from the navigation, and the question before an operation.
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
/// Lets six suppliers' jobs fail for good, beside the one job that always does.
const TROUBLE: &[&str] = &["--feed-always-fails"];

#[tokio::test]
async fn every_page_is_sound_in_light_and_dark_and_on_a_phone() {
    let Some(place) = Place::open("every_page_is_sound_in_light_and_dark_and_on_a_phone", TROUBLE).await else {
        return;
    };
    let job = format!("/jobs/{}", first(&place, State::Failed).await);
    let browser = place.browser().await;
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
async fn a_failed_job_is_found_and_requeued_and_then_all_that_match() {
    let Some(place) = Place::open("a_failed_job_is_found_and_requeued_and_then_all_that_match", TROUBLE).await else {
        return;
    };
    all_failed(&place).await;
    let browser = place.browser().await;
    browser.go("").await;
    browser.click(".nav [data-key=j]").await;
    browser.click(".tabs.states a[href*='state=failed']").await;
    browser.click("#jobs tbody th a").await;
    browser.until("It has ended: failed.").await;
    browser.press("Requeue").await;
    browser.until("Done.").await;
    browser.is_sound().await;

    browser.click(".nav [data-key=e]").await;
    browser.until("503 Service Unavailable").await;
    browser.click("#errors a[href*='/operations/new']").await;
    browser.until("match now.").await;
    browser.click("input[name=act][value=requeue]").await;
    browser.type_into("#reason", "the suppliers are back").await;
    browser.press("Begin").await;
    // It is carried out in the background, and the page hears of it.
    browser.until("the suppliers are back").await;
    browser.until_that("the operation is done", |text| text.contains("done") && !text.contains("running")).await;
    browser.is_sound().await;
    let acts = place.client.audit(AuditFilter::new()).await.unwrap();
    assert_eq!(acts.iter().filter(|act| act.actor == "local").count(), 2, "{acts:?}");
    browser.close().await;
}

#[tokio::test]
async fn a_paused_queue_tells_why_its_jobs_wait() {
    let Some(place) = Place::open("a_paused_queue_tells_why_its_jobs_wait", TROUBLE).await else { return };
    let failed = all_failed(&place).await;
    let browser = place.browser().await;
    browser.go("/queues").await;
    browser.click("form[action*='queue=default'] button[value=pause]").await;
    browser.type_into("#reason", "the warehouse moves").await;
    browser.click("main button[name=confirmed]").await;
    browser.until("the warehouse moves").await;
    browser.go(&format!("/jobs/{failed}")).await;
    browser.press("Requeue").await;
    browser.until("The queue \u{201c}default\u{201d} is paused.").await;
    browser.until("Reason: the warehouse moves").await;
    browser.is_sound().await;
    browser.go("/queues").await;
    browser.click("form[action*='queue=default'] button[value=resume]").await;
    browser.click("main button[name=confirmed]").await;
    browser.until("Done.").await;
    browser.close().await;
}

#[tokio::test]
async fn a_recurring_job_is_paused_and_run_by_hand() {
    let Some(place) = Place::open("a_recurring_job_is_paused_and_run_by_hand", &[]).await else { return };
    let browser = place.browser().await;
    browser.go("/recurring").await;
    browser.click("#main .list form button[value=pause]").await;
    browser.type_into("#reason", "the books are closed").await;
    browser.click("main button[name=confirmed]").await;
    browser.until("the books are closed").await;
    browser.is_sound().await;
    browser.click("#main .list form button[value=run]").await;
    browser.click("main button[name=confirmed]").await;
    browser.until("Timeline").await;
    browser.is_sound().await;
    browser.close().await;
}

#[tokio::test]
async fn a_batch_is_watched_live() {
    let Some(place) = Place::open("a_batch_is_watched_live", &["--invite", "200"]).await else { return };
    let browser = place.browser().await;
    // Mails wait until the page is open, so that it has something to hear of.
    place.client.queue("mail").pause().await.unwrap();
    browser.go("/batches").await;
    browser.click("#batches tbody th a").await;
    browser.until("of 200 ended").await;
    place.client.queue("mail").resume().await.unwrap();
    // Nothing is clicked: the page hears of the end.
    browser.until("200 of 200 ended").await;
    browser.is_sound().await;
    browser.close().await;
}

#[tokio::test]
async fn the_theme_and_the_language_are_switched() {
    let Some(place) = Place::open("the_theme_and_the_language_are_switched", &[]).await else { return };
    let browser = place.browser().await;
    browser.go("/servers").await;
    let ground = "return getComputedStyle(document.body).backgroundColor";
    let light = browser.ask(ground).await;
    browser.click("button[value=dark]").await;
    browser.find("html[data-theme=dark]").await;
    assert_ne!(browser.ask(ground).await, light);
    browser.click("button[value=tr]").await;
    browser.until("Sunucular").await;
    browser.is_sound().await;
    browser.close().await;

    // Who says nothing is spoken to as the browser asks for.
    let browser = place.browser().await;
    browser.header("Accept-Language", "tr-TR,tr;q=0.9,en;q=0.5").await;
    browser.go("").await;
    browser.until("Genel bakış").await;
    browser.picture("overview-turkish").await;
    browser.close().await;
}

#[tokio::test]
async fn the_keyboard_is_enough() {
    let Some(place) = Place::open("the_keyboard_is_enough", TROUBLE).await else { return };
    all_failed(&place).await;
    let browser = place.browser().await;
    browser.go("").await;
    browser.keys("gj").await;
    browser.find("#f-kind").await;
    browser.keys("/").await;
    assert_eq!(browser.focused().await, "f-kind");
    browser.go("/jobs?state=failed").await;
    // From the top: the first stop skips the navigation, and what is reached can be seen.
    assert_eq!(browser.first_stop().await, "skip");
    browser.keys("\u{E007}").await;
    browser.tab_to("#jobs tbody th a").await;
    browser.keys("\u{E007}").await;
    browser.until("Why is it not running?").await;
    browser.tab_to("button[value=requeue]").await;
    browser.keys("\u{E007}").await;
    browser.until("Done.").await;
    browser.close().await;
}

#[tokio::test]
async fn everything_works_without_javascript() {
    let Some(place) = Place::open("everything_works_without_javascript", TROUBLE).await else { return };
    all_failed(&place).await;
    let browser = place.browser().await;
    browser.without_scripts().await;
    browser.go("/jobs?state=failed").await;
    browser.type_into("#f-kind", "shop::feed::update_stock").await;
    browser.press("Filter").await;
    browser.click("#jobs tbody input[name=job]").await;
    browser.click(".bulk button[value=requeue]").await;
    browser.until("Done.").await;
    browser.click("#jobs tbody th a").await;
    browser.click("button[value=delete]").await;
    browser.click("main button[name=confirmed]").await;
    browser.until("It has ended: deleted.").await;
    browser.close().await;
}

#[tokio::test]
async fn seven_tabs_do_not_block_each_other() {
    let Some(place) = Place::open("seven_tabs_do_not_block_each_other", &[]).await else { return };
    let browser = place.browser().await;
    browser.go("").await;
    for path in ["/jobs", "/queues", "/kinds", "/servers", "/batches", "/system"] {
        browser.new_tab().await;
        browser.go(path).await;
        browser.find("main h1").await;
        browser.is_sound().await;
    }
    browser.close().await;
}

#[tokio::test]
async fn who_may_only_look_sees_no_buttons_and_is_refused() {
    let Some(place) = Place::open("who_may_only_look_sees_no_buttons_and_is_refused", TROUBLE).await else { return };
    let failed = all_failed(&place).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let policy = Policy::by(|_| Access::new("bob", Role::Read));
    let app = axum::Router::new().nest_service("/ops", Dashboard::new(&place.client, policy).router());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    let browser = Session::open(place.driver(), format!("http://{address}/ops")).await;
    for path in PAGES {
        if path.starts_with("/operations/new") {
            continue;
        }
        browser.go(path).await;
        assert_eq!(browser.count("main button[name=act]").await, 0, "{path}");
        browser.is_sound().await;
    }
    browser.go(&format!("/jobs/{failed}")).await;
    assert_eq!(browser.count("main form[method=post]").await, 0);
    let status = "const done = arguments[arguments.length - 1];
        fetch(location.href, { method: 'POST', body: new URLSearchParams({ act: 'requeue' }) }).then(answer => done(answer.status))";
    assert_eq!(browser.ask_later(status).await, 403);
    assert_eq!(place.client.job(failed).state().await.unwrap(), State::Failed);
    browser.close().await;
    server.abort();
}

/// Waits until all that will fail has failed, and gives the id of one.
async fn all_failed(place: &Place) -> JobId {
    let begin = Instant::now();
    loop {
        assert!(begin.elapsed() < PATIENCE, "the suppliers' jobs do not fail");
        let filter = JobFilter::new(State::Failed).kind("shop::feed::update_stock").limit(10);
        let page = place.client.jobs(filter).await.unwrap();
        if page.jobs.len() >= 6 {
            return page.jobs[0].id;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The id of some job in a state, once there is one.
async fn first(place: &Place, state: State) -> JobId {
    let begin = Instant::now();
    loop {
        assert!(begin.elapsed() < PATIENCE, "no job is {state}");
        let page = place.client.jobs(JobFilter::new(state).limit(1)).await.unwrap();
        if let Some(job) = page.jobs.first() {
            return job.id;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
