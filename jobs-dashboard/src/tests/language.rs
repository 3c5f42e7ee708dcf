//! Both languages, on every page.

use super::{
    filled::Filled,
    site::{Site, ask, get, select, words},
};

#[tokio::test]
async fn the_browser_chooses_and_the_switch_wins() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for (accepted, cookie, expected) in [
        ("tr,en;q=0.5", "", "Sunucular"),
        ("de", "", "Servers"),
        ("tr", "jobs_lang=en", "Servers"),
        ("en", "jobs_lang=tr", "Sunucular"),
    ] {
        let headers = [("accept-language", accepted), ("cookie", cookie)];
        let page = ask(&router, get("/servers", &headers)).await.page();
        assert_eq!(words(&page, "h1"), expected, "{accepted} {cookie}");
    }
}

#[tokio::test]
async fn pages_have_the_same_elements_in_both() {
    let filled = Filled::one().await;
    let router = filled.site.dashboard().router();
    for path in filled.paths().into_iter().chain(["/nothing".to_owned()]) {
        let mut shapes = Vec::new();
        for lang in ["en", "tr"] {
            let page = ask(&router, get(&path, &[("accept-language", lang)])).await.page();
            assert_eq!(select(&page, "html")[0].attr("lang"), Some(lang), "{path}");
            shapes.push(select(&page, "*").iter().map(|element| element.value().name().to_owned()).collect::<Vec<_>>());
        }
        assert_eq!(shapes[0], shapes[1], "{path}");
    }
}
