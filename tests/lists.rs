//! What operators ask of the client: searches, errors, reasons and summaries.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{Database, assert_sound, until, until_count};
use jobs::{Condition, ErrorFilter, ErrorId, JobFilter, JobId, JobPage, Reason, State, prelude::*};

#[job]
async fn greet(name: String, order: u32) {
    let _ = (name, order);
}

#[job(secret(password))]
async fn log_in(user: String, password: String) {
    let _ = (user, password);
}

#[job(attempts = 1)]
async fn fail(text: String) -> Result<(), String> {
    Err(text)
}

fn ids(page: &JobPage) -> Vec<JobId> {
    page.jobs.iter().map(|job| job.id).collect()
}

#[tokio::test]
async fn a_text_is_searched_in_what_is_shown_page_by_page() {
    let database = Database::new();
    let client = database.client().await;
    let mut expected = Vec::new();
    for number in 0..1_000 {
        let name = if number % 90 == 7 { "Ada Lovelace" } else { "Grace" };
        let job = greet::enqueue(name, 500_000 + number).on(&client).await.unwrap();
        if name != "Grace" {
            expected.push(job.id());
        }
    }
    let all = JobFilter::new(State::Enqueued).text("LOVE").limit(5);
    let first = client.jobs(all.clone()).await.unwrap();
    assert_eq!((ids(&first), first.stopped, first.previous), (expected[..5].to_vec(), false, None));
    let second = client.jobs(all.clone().at(first.next.unwrap())).await.unwrap();
    assert_eq!(ids(&second), expected[5..10]);
    let third = client.jobs(all.clone().at(second.next.unwrap())).await.unwrap();
    assert_eq!((ids(&third), third.next), (expected[10..].to_vec(), None));
    let back = client.jobs(all.clone().at(third.previous.unwrap())).await.unwrap();
    assert_eq!(ids(&back), expected[5..10], "the way back meets the same jobs");
    let start = client.jobs(all.clone().at(back.previous.unwrap())).await.unwrap();
    assert_eq!((ids(&start), start.previous), (expected[..5].to_vec(), None));

    let short = client.jobs(all.clone().look(300)).await.unwrap();
    assert_eq!((ids(&short), short.looked, short.stopped), (expected[..4].to_vec(), 300, true));
    let on = client.jobs(all.clone().look(300).at(short.next.unwrap())).await.unwrap();
    assert_eq!((ids(&on), on.looked), (expected[4..7].to_vec(), 300), "the search goes on where it stopped");
    let number = client.jobs(JobFilter::new(State::Enqueued).text("500517")).await.unwrap();
    assert_eq!(
        (number.jobs.len(), number.looked, number.unread),
        (1, 1_000, 0),
        "numbers are searched as they are shown"
    );
    assert_sound(&client).await;
}

#[tokio::test]
async fn secrets_are_not_found_and_labels_are() {
    let database = Database::new();
    let client = database.client().await;
    let job = log_in::enqueue("ada", "sesame").tag("vip").meta("shop", "Köln").on(&client).await.unwrap();
    for (text, found) in
        [("ADA", true), ("vip", true), ("köln", true), ("sesame", false), ("redacted", true), ("user", false)]
    {
        let page = client.jobs(JobFilter::new(State::Enqueued).text(text)).await.unwrap();
        assert_eq!(ids(&page), found.then_some(job.id()).into_iter().collect::<Vec<_>>(), "{text}");
    }
    // A kind that this program does not know cannot be searched, and that is said.
    assert_eq!(database.tamper("UPDATE jobs_kind SET name = 'somebody::else'").await, 1);
    let client = database.client().await;
    let page = client.jobs(JobFilter::new(State::Enqueued).text("ada")).await.unwrap();
    assert_eq!((page.jobs.len(), page.looked, page.unread), (0, 1, 1));
    let tagged = client.jobs(JobFilter::new(State::Enqueued).text("vip")).await.unwrap();
    assert_eq!(ids(&tagged), [job.id()]);
}

#[tokio::test]
async fn the_jobs_of_an_error_are_found() {
    let database = Database::new();
    let client = database.client().await;
    let mut alike = Vec::new();
    for number in 0..30 {
        let text = if number % 3 == 0 { format!("no customer {number}") } else { "no shop".to_owned() };
        let job = fail::enqueue(text).on(&client).await.unwrap();
        if number % 3 == 0 {
            alike.insert(0, job.id());
        }
    }
    let server = client.server().poll(Duration::from_millis(50)).start().await.unwrap();
    until_count(&client, State::Failed, 30).await;
    let groups = until("the errors to be counted", || async {
        let groups = client.errors(ErrorFilter::new()).await.unwrap();
        (groups.iter().map(|group| group.count).sum::<i64>() == 30).then_some(groups)
    })
    .await;
    server.stop().await;
    let group = groups.iter().find(|group| group.title == "no customer #").unwrap();
    assert_eq!((group.count, group.id), (10, ErrorId::of(&group.kind, "no customer 99")));
    assert_eq!(client.error(group.id).await.unwrap().as_ref(), Some(group));
    let page = client.jobs(JobFilter::new(State::Failed).kind(&group.kind).error(group.id)).await.unwrap();
    assert_eq!((ids(&page), page.looked, page.stopped), (alike, 30, false));
    assert_sound(&client).await;
}

#[tokio::test]
async fn why_a_job_does_not_run_is_told_until_it_does() {
    let database = Database::new();
    let client = database.client().await;
    let parent = greet::enqueue("Ada", 1).queue("slow").delay("1h").on(&client).await.unwrap();
    let child = greet::enqueue("Grace", 2).queue("slow").after(&parent).on(&client).await.unwrap();
    let why = async |id| client.why(id).await.unwrap().reasons;
    let waits = why(parent.id()).await;
    assert!(matches!(waits[..], [Reason::Scheduled { retry: false, .. }, Reason::NoServer]), "{waits:?}");
    let expected = [Reason::Parent { parent: parent.id().into(), condition: Condition::Success }, Reason::NoServer];
    assert_eq!(why(child.id()).await, expected);
    let server = client.server().queues(["fast"]).poll(Duration::from_millis(50)).start().await.unwrap();
    client.queue("slow").pause().reason("moving").await.unwrap();
    parent.requeue().await.unwrap();
    greet::enqueue("Alan", 3).queue("slow").on(&client).await.unwrap();
    let reasons = why(parent.id()).await;
    let is_pause = |reason: &Reason| matches!(reason, Reason::Paused(pause) if pause.reason == "moving");
    assert!(is_pause(&reasons[0]), "{reasons:?}");
    assert_eq!(reasons[1..], [Reason::NoServerForQueue { servers: 1 }, Reason::Ahead { at_most: 1 }]);
    let queues = client.queues(Duration::from_secs(300)).await.unwrap();
    let [fast, slow] = &queues[..] else { panic!("{queues:?}") };
    assert_eq!((fast.queue.as_str(), fast.servers, fast.oldest_wait), ("fast", 1, None));
    assert_eq!((slow.counts.enqueued, slow.counts.awaiting, slow.throughput.created), (2, 1, 3));
    assert!(slow.pause.is_some() && slow.oldest_wait.is_some());
    server.stop().await;
    client.queue("slow").resume().await.unwrap();
    let server = client.server().queues(["slow"]).poll(Duration::from_millis(50)).start().await.unwrap();
    until_count(&client, State::Succeeded, 3).await;
    server.stop().await;
    let over = why(child.id()).await;
    assert!(matches!(over[..], [Reason::Ended { state: State::Succeeded, used_up: false, at: Some(_) }]), "{over:?}");
    let kinds = client.kinds(Duration::from_secs(300)).await.unwrap();
    assert_eq!((kinds[0].counts.succeeded, kinds[0].throughput.succeeded), (3, 3));
    assert_eq!(kinds[0].throughput.runs.count(), 3);
    assert!(client.why(JobId::new()).await.is_err());
    assert_sound(&client).await;
}

/// The statements that lists, probes and the walks of operations are made of.
const STATEMENTS: [&str; 26] = [
    "walk_jobs",
    "walk_outcomes",
    "walk_live",
    "walk_scheduled",
    "walk_ready",
    "walk_parked",
    "walk_edges",
    "walk_held",
    "lane_ready",
    "lane_parked",
    "lane_held",
    "meet_batch",
    "meet_children",
    "meet_claims",
    "meet_facts",
    "meet_jobs",
    "meet_members",
    "meet_outcome",
    "meet_parked",
    "meet_ready",
    "meet_scheduled",
    "job_texts",
    "queue_waits",
    "error_get",
    "error_list",
    "error_list_kind",
];

/// The tables that may be large, by the names that the statements give them.
const LARGE: [&str; 14] = [
    "job",
    "jobs_job",
    "ready",
    "lowest",
    "jobs_ready",
    "jobs_parked",
    "jobs_scheduled",
    "jobs_outcome",
    "jobs_edge",
    "e",
    "edge",
    "jobs_batch",
    "batch",
    "error",
];

#[tokio::test]
async fn no_list_and_no_probe_reads_a_whole_table_of_sqlite() {
    let database = Database::new();
    drop(database.client().await);
    let mut connection = database.connection().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs-runtime/src/storage/sqlite/sql");
    for name in STATEMENTS {
        let text = std::fs::read_to_string(folder.join(format!("{name}.sql"))).unwrap();
        for turned in [["<", ">", "ASC", "DESC"], [">", "<", "DESC", "ASC"]] {
            let marks = ["{<}", "{>}", "{ASC}", "{DESC}"];
            let text = marks.iter().zip(turned).fold(text.clone(), |text, (mark, word)| text.replace(mark, word));
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
            let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&mut connection).await.unwrap();
            for (.., step) in &plan {
                let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split_whitespace().next());
                assert!(!scanned.is_some_and(|table| LARGE.contains(&table)), "{name}: {plan:#?}");
            }
            let sorts = plan.iter().any(|(.., step)| step.contains("TEMP B-TREE"));
            let may_sort = matches!(name, "walk_live" | "lane_ready" | "lane_parked" | "meet_parked" | "meet_ready");
            assert!(!sorts || may_sort, "{name} sorts: {plan:#?}");
        }
    }
}
