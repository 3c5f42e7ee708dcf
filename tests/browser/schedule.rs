//! What operators do to a schedule, and what they watch: each journey ends with a page that everybody can use and that has complained of
//! nothing.

use std::time::{Duration, Instant};

use jobs::Owner;

use crate::{place::Place, session::PATIENCE};

/// How a page is looked at: what its picture is called, the scheme of colours, the width in pixels.
const LOOKS: [(&str, &str, u32); 3] = [("light", "light", 1280), ("dark", "dark", 1280), ("phone", "light", 375)];
const BACKUP: &str = "/recurring/nightly%2Dbackup";

#[tokio::test]
async fn a_schedule_is_previewed_edited_and_given_back_to_the_code() {
    let Some(place) = Place::open("a_schedule_is_previewed_edited_and_given_back_to_the_code", &[]).await else {
        return;
    };
    let browser = place.browser().await;
    browser.go("/recurring").await;
    browser.press("nightly-backup").await;
    browser.until("Recurring job nightly-backup").await;
    // The visitor's clock stands beside the job's, which is three hours ahead of UTC.
    browser.until("03:30 +03:00").await;
    browser.press("Edit schedule").await;
    browser.type_into("#edit-cron", "61 4 * * *").await;
    browser.press("Preview").await;
    browser.find("#edit-cron[aria-invalid=true]").await;
    browser.until("61").await;
    browser.is_sound().await;
    browser.type_into("#edit-cron", "15 4 * * MON-FRI").await;
    browser.press("Preview").await;
    browser.until("At 04:15, Monday through Friday").await;
    for (look, scheme, width) in LOOKS {
        browser.prefer("prefers-color-scheme", scheme).await;
        browser.size(width, 900).await;
        browser.is_sound().await;
        browser.picture(&format!("schedule-{look}")).await;
    }
    browser.size(1280, 900).await;
    browser.type_into("#reason", "the tapes are changed at four").await;
    browser.press("Store the schedule").await;
    browser.until("The code says").await;
    let stored = place.client.recurring("nightly-backup").get().await.unwrap();
    assert_eq!((&*stored.spec.cron, stored.spec.owner), ("15 4 * * MON-FRI", Owner::Code));
    assert_eq!(stored.of_code, Some(("30 3 * * *".to_owned(), "Europe/Istanbul".to_owned())));
    for (look, scheme, width) in LOOKS {
        browser.prefer("prefers-color-scheme", scheme).await;
        browser.size(width, 900).await;
        browser.go(BACKUP).await;
        browser.is_sound().await;
        browser.picture(&format!("recurring-job-{look}")).await;
    }
    browser.size(1280, 900).await;
    browser.press("Back to the code").await;
    browser.click("main button[name=confirmed]").await;
    browser.until("03:30 +03:00").await;
    assert_eq!(place.client.recurring("nightly-backup").get().await.unwrap().of_code, None);
    browser.is_sound().await;
    browser.close().await;
}

#[tokio::test]
async fn a_schedule_is_edited_without_javascript() {
    let Some(place) = Place::open("a_schedule_is_edited_without_javascript", &[]).await else { return };
    let browser = place.browser().await;
    browser.without_scripts().await;
    browser.go(BACKUP).await;
    browser.until("00:30:00 UTC").await;
    browser.press("Edit schedule").await;
    browser.type_into("#edit-zone", "Istanbul").await;
    browser.press("Preview").await;
    browser.until("did you mean Europe/Istanbul?").await;
    browser.type_into("#edit-cron", "* * * * *").await;
    browser.type_into("#edit-zone", "UTC").await;
    browser.press("Preview").await;
    browser.until("every minute, or more often").await;
    browser.press("Store the schedule").await;
    browser.until("Done.").await;
    let stored = place.client.recurring("nightly-backup").get().await.unwrap();
    assert_eq!((&*stored.spec.cron, &*stored.spec.zone), ("* * * * *", "UTC"));
    browser.close().await;
}

#[tokio::test]
async fn the_last_minute_is_drawn_live() {
    let Some(place) = Place::open("the_last_minute_is_drawn_live", &[]).await else { return };
    #[jobs::job(name = "shop::success", queue = "successes")]
    async fn success() {}
    let server = place.client.server().queues(["successes"]).start().await.unwrap();
    let browser = place.browser().await;
    browser.go("").await;
    let is_drawn = "const path = document.querySelector('.now path'), sum = document.querySelector('.now b');
        return path.getAttribute('d').startsWith('M') && Number(sum.textContent) > 0";
    let begin = Instant::now();
    while browser.ask(is_drawn).await != true {
        assert!(begin.elapsed() < PATIENCE, "nothing is drawn: {}", browser.text().await);
        // What ends before the first look of the stream is no difference to anything.
        success::enqueue().on(&place.client).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.stop().await;
    browser.is_sound().await;
    browser.picture("overview-now").await;
    browser.close().await;
}

#[tokio::test]
async fn the_list_of_retries_is_sound() {
    let Some(place) = Place::open("the_list_of_retries_is_sound", &[]).await else { return };
    #[jobs::job(name = "shop::trial", queue = "trials", attempts = 3, backoff = "constant(1h)")]
    async fn trial(number: u32) -> Result<(), String> {
        Err(format!("trial {number} went wrong"))
    }
    let server = place.client.server().queues(["trials"]).start().await.unwrap();
    for number in 0..3 {
        trial::enqueue(number).on(&place.client).await.unwrap();
    }
    let browser = place.browser().await;
    browser.go("/retries").await;
    // Nothing is clicked: the page hears of them.
    browser.until("trial 2 went wrong").await;
    server.stop().await;
    for (look, scheme, width) in LOOKS {
        browser.prefer("prefers-color-scheme", scheme).await;
        browser.size(width, 900).await;
        browser.go("/retries").await;
        browser.is_sound().await;
        browser.picture(&format!("retries-{look}")).await;
    }
    browser.size(1280, 900).await;
    browser.click("#retries tbody input[name=job]").await;
    browser.click(".bulk button[value=delete]").await;
    browser.click("main button[name=confirmed]").await;
    browser.until("Done").await;
    assert!(browser.place().await.starts_with("/retries"), "{}", browser.place().await);
    assert_eq!(browser.count("#retries tbody tr").await, 2);
    browser.close().await;
}
