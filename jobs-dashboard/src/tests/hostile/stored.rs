//! Texts that are stored by the client, run by a server, and shown on every page.

use futures_util::future::join_all;
use scraper::{Html, Node};

use super::{UNSEEN, assert_alike, told};
use crate::tests::{
    filled::Filled,
    site::{ask, get},
    states::CASES,
};

/// Texts as names of queues, recurring jobs, servers and actors may be.
const HOSTILE: [&str; 8] = [
    "\"><img src=x onerror=alert(1)>",
    "'><script>alert(1)</script>",
    "</title></textarea></style></script><svg onload=alert(1)>",
    "--><!-- ]]>&lt;b&gt;&#60;i",
    "\u{202e}live.exe\u{2066}",
    "javascript:alert(1)",
    "{{7*7}} ${7*7} <%= 7 %>",
    "a/../%2e%2e/?b=1&c=2#d",
];

/// All pages of a site in which one of everything says this, each with its name.
async fn pages(text: &str) -> Vec<(String, Html)> {
    let filled = Filled::saying(text).await;
    let router = filled.site.dashboard().title(text).environment(text).router();
    let mut pages = Vec::new();
    for (case, path) in CASES.iter().zip(filled.paths()) {
        let answer = ask(&router, get(&path, &[])).await;
        assert!(answer.status.is_success(), "{path} with {text:?}: {}", answer.status);
        pages.push((case.path.to_owned(), answer.page()));
    }
    pages
}

/// What is drawn depends on the minute in which something ended.
fn without_drawings(mut page: Html) -> Html {
    let is_drawing = |node: &Node| node.as_element().is_some_and(|element| ["svg", "figure"].contains(&element.name()));
    let drawings: Vec<_> = page.tree.nodes().filter(|node| is_drawing(node.value())).map(|node| node.id()).collect();
    for drawing in drawings {
        if let Some(mut drawing) = page.tree.get_mut(drawing) {
            drawing.detach();
        }
    }
    // What is detached is still among the nodes of the tree.
    Html::parse_document(&page.html())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_text_that_is_stored_is_only_a_text() {
    let plain = pages("plain").await;
    for (text, pages) in HOSTILE.iter().zip(join_all(HOSTILE.map(pages)).await) {
        for ((name, plain), (_, page)) in plain.iter().zip(pages) {
            assert!(!told(&page).contains(UNSEEN), "{name} with {text:?}");
            let (plain, page) = (without_drawings(plain.clone()), without_drawings(page));
            assert_alike(&format!("{name} with {text:?}"), &plain, &page);
        }
    }
}
