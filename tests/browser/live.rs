//! Pages that change while somebody looks at them.

use std::{collections::BTreeSet, sync::atomic::Ordering};

use jobs::State;
use serde_json::json;

use crate::{
    common::until,
    site::{STILL, Site, WORK, fail, greet},
};

#[tokio::test]
async fn a_tick_stays_at_its_job_while_others_come() {
    let Some(site) = Site::open("a_tick_stays_at_its_job_while_others_come").await else { return };
    let store = async |name: &str| {
        let job = greet::enqueue(name).queue(STILL).delay("30d").on(&site.client).await.unwrap();
        job.id()
    };
    let (first, ticked) = (store("first").await, store("ticked").await);
    let browser = site.browser().await;
    browser.go("/jobs?state=scheduled").await;
    let tick = format!("input[name=job][value='{ticked}']");
    browser.click(&tick).await;
    browser.ask("window.heard = 0; document.body.addEventListener('live:totals', () => window.heard += 1)").await;

    let mut others = BTreeSet::from([first]);
    for number in 0..5 {
        others.insert(store(&format!("newer {number}")).await);
    }
    // The page has heard of them, and waits as long as there is a tick.
    until("the page hears of it", async || (browser.ask("return window.heard").await != json!(0)).then_some(())).await;
    assert_eq!(browser.count("#jobs tbody tr").await, 2);
    assert_eq!(browser.count(&format!("{tick}:checked")).await, 1);

    browser.click(&tick).await;
    browser.click("main h1").await;
    browser.until("newer 4").await;
    assert_eq!(browser.count("#jobs tbody tr").await, 7);
    assert_eq!(browser.count("#jobs input[name=job]:checked").await, 0, "no tick has slipped to another job");

    browser.click(&tick).await;
    browser.press("Run now").await;
    browser.until("Done.").await;
    assert_eq!(site.client.job(ticked).state().await.unwrap(), State::Enqueued);
    for other in others {
        assert_eq!(site.client.job(other).state().await.unwrap(), State::Scheduled);
    }
    browser.is_sound().await;
    browser.close().await;
    site.close().await;
}

#[tokio::test]
async fn seven_windows_share_one_stream_and_all_hear_of_a_change() {
    let Some(site) = Site::open("seven_windows_share_one_stream_and_all_hear_of_a_change").await else { return };
    let browser = site.browser().await;
    browser.go("").await;
    for path in ["/jobs", "/queues", "/kinds", "/servers", "/batches", "/system"] {
        browser.new_window().await;
        browser.go(path).await;
        browser.find("main h1").await;
    }
    let windows = browser.windows().await;
    assert_eq!(windows.len(), 7);
    for window in &windows {
        browser.switch(window).await;
        assert_eq!(browser.ask("return document.visibilityState").await, json!("visible"));
        // A window that has heard anything of the stream says so.
        browser.find("[data-live-switch][data-state=on]").await;
    }
    let open = || site.streams.load(Ordering::SeqCst);
    until("one stream is left", async || (open() == 1).then_some(())).await;

    let failed = fail::enqueue("Grace").queue(WORK).on(&site.client).await.unwrap();
    assert_eq!(failed.wait().await.unwrap(), State::Failed);
    for window in &windows {
        browser.switch(window).await;
        let told = async || {
            let count = browser.ask("return document.querySelector('[data-count=errors]').textContent").await;
            (count == json!("1")).then_some(())
        };
        until("each window tells of the failure", told).await;
        assert_eq!(open(), 1);
    }

    // Who held the stream goes; another takes it up, and the rest still hear.
    browser.switch(&windows[0]).await;
    browser.go("/audit").await;
    until("one stream is open again", async || (open() == 1).then_some(())).await;
    let failed = fail::enqueue("Ada").queue(WORK).on(&site.client).await.unwrap();
    assert_eq!(failed.wait().await.unwrap(), State::Failed);
    for window in &windows {
        browser.switch(window).await;
        let told = async || {
            let count = browser.ask("return document.querySelector('[data-count=errors]').textContent").await;
            (count == json!("2")).then_some(())
        };
        until("each window tells of the next failure", told).await;
        browser.is_sound().await;
    }
    assert_eq!(open(), 1);
    browser.close().await;
    site.close().await;
}
