//! Flows as visitors see them.

use jobs::prelude::*;
use jobs_runtime::{
    BatchId, JobId, State,
    flow::{BatchState, Condition, Counts, NodeId},
};
use scraper::{ElementRef, Html, Selector};

use super::*;
use crate::{
    Access, Dashboard, Role,
    tests::site::{Site, ask, by_header, get, select, words},
};

#[job(queue = "mail")]
async fn fetch() {}

#[job(queue = "mail")]
async fn merge() {}

#[job(queue = "payroll")]
async fn pay(number: u32) {
    let _ = number;
}

fn job(kind: &str, state: State) -> Step {
    Step { what: What::Job { id: JobId::new(), kind: kind.into(), state }, within: None, is_here: false }
}

fn arrow(parent: usize, child: usize) -> Arrow {
    Arrow { parent, child, condition: Condition::Success }
}

fn texts(element: &ElementRef<'_>, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a selector");
    let text = |element: ElementRef<'_>| {
        element.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    element.select(&selector).map(text).collect()
}

/// What the drawing says: each step with its state, and each arrow with its condition.
fn drawn(page: &Html) -> (Vec<String>, Vec<String>) {
    let steps = select(page, "svg.flow g.step").iter().map(|step| texts(step, "title").concat()).collect();
    let mut arrows: Vec<_> =
        select(page, "svg.flow path.wire title").iter().map(|title| title.text().collect()).collect();
    arrows.sort();
    (steps, arrows)
}

/// The same as the table says it.
fn tabled(page: &Html) -> (Vec<String>, Vec<String>) {
    let (mut steps, mut arrows) = (Vec::new(), Vec::new());
    for (index, row) in select(page, "[aria-labelledby=flow-title] tbody tr").iter().enumerate() {
        let name = texts(row, "th > div").concat();
        let state = texts(row, "td:nth-child(2) .badge").concat();
        let name = name.split(" in ").next().unwrap_or_default().to_owned();
        steps.push(if state.is_empty() { name } else { format!("{name}: {state}") });
        let parents = texts(row, "td:nth-child(3) li");
        let conditions = texts(row, "td:nth-child(4) li");
        assert_eq!(parents.len(), conditions.len());
        for (parent, condition) in parents.iter().zip(conditions) {
            let number = parent.split('.').next().unwrap_or_default();
            let condition = condition.split(": ").last().unwrap_or_default().to_owned();
            arrows.push(format!("{number} \u{2192} {}: {condition}", index + 1));
        }
    }
    arrows.sort();
    (steps, arrows)
}

async fn page(site: &Site, path: &str, role: &str) -> Html {
    let router = Dashboard::new(&site.client, by_header()).router();
    ask(&router, get(path, &[("x-role", role)])).await.page()
}

#[tokio::test]
async fn the_drawing_and_the_table_say_the_same() {
    let site = Site::new().await;
    let first = fetch::enqueue().on(&site.client).await.expect("a job");
    let left = merge::enqueue().after(&first).on(&site.client).await.expect("a job");
    let right = pay::enqueue(1).after(&first).on_failure().on(&site.client).await.expect("a job");
    let last = merge::enqueue().after_all([left.id(), right.id()]).on(&site.client).await.expect("a job");
    let shown = page(&site, &format!("/jobs/{}", right.id()), "read").await;
    let (steps, arrows) = drawn(&shown);
    assert_eq!((steps.len(), arrows.len()), (4, 4));
    assert_eq!(tabled(&shown), (steps.clone(), arrows.clone()));
    assert!(steps[0].starts_with("1. ") && steps[0].ends_with("fetch: enqueued"), "{steps:?}");
    assert!(arrows.iter().any(|arrow| arrow.ends_with(": on failure")), "{arrows:?}");
    // Each leads to its job, in both; the page's own is marked.
    let path = |id: JobId| format!("/jobs/{id}");
    let mut expected = [first.id(), left.id(), right.id(), last.id()].map(path);
    expected.sort();
    for selector in ["svg.flow a", "[aria-labelledby=flow-title] tbody th a"] {
        let links = select(&shown, selector);
        let mut found: Vec<_> = links.iter().filter_map(|link| link.attr("href")).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{selector}");
        let here: Vec<_> = links.iter().filter(|link| link.attr("aria-current").is_some()).collect();
        assert_eq!((here.len(), here[0].attr("href")), (1, Some(path(right.id()).as_str())));
    }
    assert_eq!(words(&shown, "svg.flow text.wired"), "on failure");
    let svg = select(&shown, "svg.flow")[0];
    assert_eq!(
        (svg.attr("role"), svg.attr("aria-label")),
        (Some("list"), Some("Flow of 4 steps; the table below says the same"))
    );
    assert!(select(&shown, "[style]").is_empty());
    assert_eq!(select(&shown, "#flow svg.flow").len(), 1, "it is a region of its own");

    let router = site.dashboard().router();
    let turkish = ask(&router, get(&path(right.id()), &[("accept-language", "tr")])).await.page();
    assert_eq!(words(&turkish, "#flow-title"), "Akış");
    assert_eq!(tabled(&turkish).1, drawn(&turkish).1);
    assert!(drawn(&turkish).1.iter().any(|arrow| arrow.ends_with(": başarısız olursa")));

    let alone = fetch::enqueue().on(&site.client).await.expect("a job");
    let shown = page(&site, &path(alone.id()), "read").await;
    assert!(select(&shown, "svg.flow").is_empty() && select(&shown, "#flow").len() == 1);
}

#[tokio::test]
async fn a_batch_is_drawn_with_its_steps_and_what_waits_for_it() {
    let site = Site::new().await;
    let batch = Batch::new("\"><script>alert(1)</script>").jobs((0..3).map(|_| fetch::new()));
    let batch = batch.then(merge::new()).on(&site.client).enqueue().await.expect("a batch");
    let shown = page(&site, &format!("/batches/{}", batch.id()), "read").await;
    let (steps, arrows) = drawn(&shown);
    assert_eq!((steps.len(), arrows.as_slice()), (2, ["1 \u{2192} 2: on success".to_owned()].as_slice()));
    assert_eq!(tabled(&shown), (steps.clone(), arrows));
    assert_eq!(steps[0], "1. Batch \"><script>alert(1)</script>: started, 0 of 3 ended");
    assert!(select(&shown, "main script").is_empty());
    let regions = select(&shown, "[hx-select-oob]")[0].attr("hx-select-oob").unwrap_or_default();
    assert!(regions.contains("#flow:"), "{regions}");
}

#[tokio::test]
async fn jobs_of_other_queues_are_only_jobs() {
    let site = Site::new().await;
    let first = fetch::enqueue().on(&site.client).await.expect("a job");
    let hidden = pay::enqueue(4_711).after(&first).on(&site.client).await.expect("a job");
    let behind = pay::enqueue(4_712).after(&hidden).on(&site.client).await.expect("a job");
    merge::enqueue().after(&behind).on(&site.client).await.expect("a job");
    let path = format!("/jobs/{}", first.id());
    let all = page(&site, &path, "read").await;
    assert_eq!(drawn(&all).0.len(), 4);
    let router = Dashboard::new(&site.client, by_header()).router();
    let answer = ask(&router, get(&path, &[("x-role", "mail:read")])).await;
    let narrow = answer.page();
    let (steps, arrows) = drawn(&narrow);
    assert_eq!(tabled(&narrow), (steps.clone(), arrows.clone()));
    assert_eq!((steps.len(), arrows.as_slice()), (2, ["1 \u{2192} 2: on success".to_owned()].as_slice()));
    assert_eq!(steps[1], "2. job", "neither kind nor state");
    assert_eq!((select(&narrow, "svg.flow a").len(), select(&narrow, "tbody th a").len()), (1, 1));
    for word in ["pay", "471", &hidden.id().to_string(), &behind.id().to_string()] {
        assert!(!answer.text().contains(word), "{word}");
    }
    assert!(words(&narrow, "[aria-labelledby=flow-title]").contains("queues that you do not see"));
}

#[test]
fn many_of_a_kind_are_one_box() {
    let mut steps = vec![job("list", State::Succeeded)];
    steps.extend((0..97).map(|_| job("mail", State::Succeeded)));
    steps.extend((0..3).map(|_| job("mail", State::Failed)));
    steps.extend((0..2).map(|_| job("text", State::Enqueued)));
    steps.push(job("report", State::Awaiting));
    let last = steps.len() - 1;
    let arrows = (1..last).flat_map(|place| [arrow(0, place), arrow(place, last)]);
    let graph = Graph { arrows: arrows.collect(), steps: steps.clone(), ..Graph::default() };
    let folded = fold::folded(graph.clone());
    assert_eq!((folded.steps.len(), folded.arrows.len(), folded.is_folded), (5, 6, true));
    let What::Many { kind, jobs, states } = &folded.steps[1].what else { panic!("not folded") };
    assert_eq!((kind.as_deref(), *jobs), (Some("mail"), 100));
    assert_eq!(states.as_slice(), [(State::Succeeded, 97), (State::Failed, 3)]);
    assert_eq!(folded.arrows[..2], [arrow(0, 1), arrow(1, 4)]);

    // The page's own step stands for itself, and what is small is shown whole.
    let mut own = graph.clone();
    own.steps[7].is_here = true;
    assert_eq!(fold::folded(own).steps.len(), 6);
    let small = Graph { steps: steps[..20].to_vec(), ..Graph::default() };
    assert_eq!(fold::folded(small.clone()), small);
}

#[tokio::test]
async fn what_is_folded_says_how_many_and_how_far() {
    let site = Site::new().await;
    let visit = Visit::for_tests(&site.shared(), Access::new("ann", Role::Read));
    let what = What::Many {
        kind: Some("mail".into()),
        jobs: 4_812,
        states: vec![(State::Succeeded, 4_668), (State::Processing, 144)],
    };
    let failed =
        What::Many { kind: Some("text".into()), jobs: 10, states: vec![(State::Failed, 2), (State::Enqueued, 8)] };
    let hidden = What::Many { kind: None, jobs: 7, states: Vec::new() };
    let steps = [what, failed, hidden].map(|what| Step { what, within: None, is_here: false });
    let graph = Graph { steps: steps.into(), arrows: vec![arrow(0, 1)], is_part: true, is_folded: true };
    let shown = Html::parse_document(&html(&visit, &graph).0);
    let (steps, arrows) = drawn(&shown);
    assert_eq!(steps, ["1. mail × 4,812: 97% done", "2. text × 10: 20% done, 2 failed", "3. job × 7"]);
    assert_eq!(tabled(&shown), (steps, arrows));
    let links: Vec<_> = select(&shown, "svg.flow a").iter().filter_map(|link| link.attr("href")).collect();
    assert_eq!(links, ["/jobs?state=processing&kind=mail", "/jobs?state=failed&kind=text"]);
    let said = words(&shown, ".body");
    assert!(said.contains("Only a part is shown") && said.contains("shown as one"), "{said}");
}

#[tokio::test]
async fn a_batch_holds_its_steps() {
    let site = Site::new().await;
    let visit = Visit::for_tests(&site.shared(), Access::new("ann", Role::Read));
    let counts = Counts { total: 2, pending: 2, ..Counts::default() };
    let what = What::Batch { id: BatchId::new(), description: "spring".into(), state: BatchState::Started, counts };
    let member = |kind| Step { within: Some(0), ..job(kind, State::Enqueued) };
    let steps = vec![
        Step { what, within: None, is_here: true },
        member("list"),
        member("mail"),
        job("report", State::Awaiting),
        Step { what: What::Removed(NodeId::Job(JobId::from_bytes([7; 16]))), within: None, is_here: false },
    ];
    let graph = Graph { steps, arrows: vec![arrow(1, 2), arrow(0, 3), arrow(4, 3)], ..Graph::default() };
    let shown = Html::parse_document(&html(&visit, &graph).0);
    assert_eq!(select(&shown, "path.holds").len(), 1, "to the member that waits for no other");
    assert_eq!(words(&shown, "tbody tr:nth-child(3) th"), "3. mail in 1. Batch spring");
    let y = |place: usize| {
        select(&shown, "g.step rect")[place].attr("y").and_then(|y| y.parse::<i32>().ok()).expect("a number")
    };
    assert!(y(0) < y(1) && y(1) < y(2) && y(2) < y(3), "what waits for the batch is below its members");
    assert!(drawn(&shown).0[4].ends_with(": removed"));
    assert_eq!(tabled(&shown), drawn(&shown));
}

#[tokio::test]
async fn a_large_flow_keeps_the_page_small() {
    let site = Site::new().await;
    let visit = Visit::for_tests(&site.shared(), Access::new("ann", Role::Read));
    let long = "ç".repeat(100_000);
    let steps: Vec<_> = (0..200).map(|number| job(&format!("{number}{long}"), State::Enqueued)).collect();
    let arrows: Vec<_> =
        (0..200).flat_map(|one| (one + 1..200).map(move |other| arrow(one, other))).take(MOST_ARROWS).collect();
    let page = html(&visit, &Graph { steps, arrows, ..Graph::default() }).0;
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    assert_eq!(drawn(&Html::parse_document(&page)).0.len(), 200);
}
