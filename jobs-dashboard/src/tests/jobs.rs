//! Lists of jobs, one job, and what is done to them.

use axum::{
    Router,
    http::{StatusCode, header},
};
use jobs::{AuditFilter, prelude::*};
use scraper::Html;

use super::site::{Site, ask, by_header, get, post, select, words};
use crate::Dashboard;

#[job(queue = "mail")]
async fn greet(name: String) {
    let _ = name;
}

#[job(queue = "default", attempts = 1, secret(password))]
async fn sign_in(user: String, password: String) -> Result<(), std::io::Error> {
    Err(std::io::Error::other(format!("no user {user} with {} letters", password.len())))
}

const HOSTILE: &str = "\"><img src=x onerror=alert(1)>";

async fn page(router: &Router, path: &str) -> Html {
    let answer = ask(router, get(path, &[])).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.page()
}

/// Sends a form and follows where it leads.
async fn done(router: &Router, path: &str, form: &str) -> Html {
    let answer = ask(router, post(path, form, &[])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} {form}");
    page(router, answer.header(header::LOCATION)).await
}

fn count(page: &Html, selector: &str) -> usize {
    select(page, selector).len()
}

async fn failed(site: &Site) -> JobId {
    let server = site.client.server().queues(["default"]).workers(1).start().await.expect("a server");
    let job = sign_in::enqueue("ada", "s3cret-word").on(&site.client).await.expect("a job");
    assert_eq!(job.wait().await.expect("an end"), State::Failed);
    server.stop().await;
    job.id()
}

#[tokio::test]
async fn jobs_are_listed_by_state_and_filter() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let empty = page(&router, "/jobs").await;
    assert_eq!(words(&empty, ".empty h2"), "No job is enqueued");
    for name in ["Ada", "Grace", "Adele"] {
        greet::enqueue(name).on(&site.client).await.expect("a job");
    }
    greet::enqueue("Later").delay("1h").on(&site.client).await.expect("a job");
    // The counts are read once a second for all viewers, so another dashboard tells the new ones.
    let router = site.dashboard().router();
    let list = page(&router, "/jobs").await;
    assert_eq!(count(&list, "#jobs tbody tr"), 3);
    assert_eq!(words(&list, ".states a[aria-current]"), "enqueued 3");
    assert_eq!(words(&list, "#jobs .preview"), "{\"name\":\"Ada\"}");
    assert_eq!(count(&page(&router, "/jobs?state=scheduled").await, "#jobs tbody tr"), 1);
    let found = page(&router, "/jobs?q=ade&queue=mail").await;
    assert_eq!(words(&found, "#jobs .preview"), "{\"name\":\"Adele\"}");
    assert_eq!(select(&found, "#f-text")[0].attr("value"), Some("ade"));
    let none = page(&router, "/jobs?kind=nobody").await;
    assert_eq!(words(&none, ".empty h2"), "No job fits");
    let refused = ask(&router, get("/jobs?state=lost", &[])).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text().contains("lost"));
}

#[tokio::test]
async fn pages_of_a_list_lead_to_all_jobs_once() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    site.client.enqueue_all((0..7).map(|number| greet::new(number.to_string()))).await.expect("jobs");
    let (mut path, mut seen) = ("/jobs?limit=3".to_owned(), Vec::new());
    loop {
        let list = page(&router, &path).await;
        seen.extend(select(&list, "#jobs .id").iter().map(|id| id.text().collect::<String>()));
        match select(&list, "a[rel=next]").first().and_then(|link| link.attr("href")) {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7);
    let back = page(&router, &path).await;
    assert_eq!(count(&back, "a[rel=prev]"), 1);
}

#[tokio::test]
async fn a_failed_job_shows_its_error_and_no_secret() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let id = failed(&site).await;
    let answer = ask(&router, get(&format!("/jobs/{id}"), &[])).await;
    assert!(!answer.text().contains("s3cret"));
    let shown = answer.page();
    let why = words(&shown, ".health");
    assert!(why.starts_with("Why is it not running? It has ended: failed. It failed as often as it may."), "{why}");
    assert_eq!(words(&shown, "[aria-labelledby=error-title] pre"), "no user ada with 11 letters");
    assert_eq!(words(&shown, "[aria-labelledby=args-title] dl"), "password \"[redacted]\" user \"ada\"");
    assert!(words(&shown, ".timeline").contains("attempt failed attempt 1 no user ada with 11 letters"));
    let steps: Vec<_> = select(&shown, ".timeline b").iter().map(|step| step.text().collect::<String>()).collect();
    assert_eq!(steps, ["stored", "claimed by a server", "attempt failed", "failed"]);
    let same = select(&shown, "[aria-labelledby=error-title] a")[0].attr("href").expect("a link").to_owned();
    assert_eq!(count(&page(&router, &same).await, "#jobs tbody tr"), 1);

    let missing = ask(&router, get(&format!("/jobs/{}", JobId::new()), &[])).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&router, get("/jobs/x", &[])).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_can_be_done_is_done_and_noted() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let id = greet::enqueue("Ada").delay("1h").on(&site.client).await.expect("a job").id();
    let path = format!("/jobs/{id}");
    let record = async || site.client.job(id).record().await.expect("a job");

    let told = done(&router, &path, "act=move&to_queue=post&reason=too+slow").await;
    assert_eq!((words(&told, ".notice").as_str(), record().await.queue.as_str()), ("Done.", "post"));
    done(&router, &path, "act=prioritize&priority=7").await;
    done(&router, &path, "act=reschedule&due=2040-01-02T03:04").await;
    assert_eq!((record().await.priority, record().await.due_at.to_string().as_str()), (7, "2040-01-02T03:04:00Z"));

    let fence = record().await.fence;
    done(&router, &path, &format!("act=edit&fence={fence}&arg.name=%22Grace%22")).await;
    assert_eq!(site.client.args_json(&record().await).expect("args")["name"], "Grace");
    let edit = async |form: String| ask(&router, post(&path, &format!("act=edit&reason=why&{form}"), &[])).await;
    let typed = |page: &Html| words(page, "textarea");
    let late = edit("fence=999999&arg.name=%22Eve%22".to_owned()).await;
    assert_eq!((late.status, typed(&late.page())), (StatusCode::CONFLICT, "\"Eve\"".to_owned()));
    assert!(words(&late.page(), "#refused").starts_with("Not saved Nothing was done"));
    let fence = record().await.fence;
    for (text, why) in [("7", "expected a string"), ("%22Eve", "the argument `name` is not JSON")] {
        let bad = edit(format!("fence={fence}&arg.name={text}")).await;
        let page = bad.page();
        assert_eq!((bad.status, typed(&page)), (StatusCode::BAD_REQUEST, text.replace("%22", "\"")));
        assert!(words(&page, "#refused").contains(why), "{}", words(&page, "#refused"));
        let form = select(&page, "details[open] form")[0];
        assert_eq!(form.attr("action"), Some(path.as_str()));
        assert_eq!(select(&page, "#edit-reason")[0].attr("value"), Some("why"));
    }
    assert_eq!(site.client.args_json(&record().await).expect("args")["name"], "Grace");

    done(&router, &path, "act=run_now").await;
    assert_eq!(site.client.job(id).state().await.expect("a job"), State::Enqueued);
    let question = ask(&router, post(&path, "act=delete", &[])).await;
    assert_eq!((question.status, record().await.state), (StatusCode::OK, State::Enqueued));
    assert_eq!(words(&question.page(), "button.danger"), "Delete");
    done(&router, &path, "act=delete&confirmed=yes&reason=not+wanted").await;
    assert_eq!(record().await.state, State::Deleted);

    let audit = site.client.audit(AuditFilter::new()).await.expect("the audit");
    let reasons: Vec<_> = audit.iter().map(|entry| entry.reason.as_str()).filter(|text| !text.is_empty()).collect();
    assert_eq!(reasons, ["not wanted", "too slow"]);
    assert!(audit.iter().all(|entry| entry.actor == "anybody"));
}

#[tokio::test]
async fn ticked_jobs_are_acted_on_together() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let mut ids = Vec::new();
    for name in ["Ada", "Grace", "Adele"] {
        ids.push(greet::enqueue(name).delay("1h").on(&site.client).await.expect("a job").id());
    }
    let list = page(&router, "/jobs?state=scheduled").await;
    assert_eq!(count(&list, "input[name=job]"), 3);
    let form = format!("state=scheduled&act=run_now&job={}&job={}&job={}", ids[0], ids[1], JobId::new());
    let told = done(&router, "/jobs", &form).await;
    assert_eq!(words(&told, ".notice"), "Done for 2 of 3 jobs; the others were in another state by then.");
    assert_eq!(count(&told, "#jobs tbody tr"), 1);
    let form = format!("state=enqueued&act=delete&job={}&job={}", ids[0], ids[1]);
    let question = ask(&router, post("/jobs", &form, &[])).await;
    assert_eq!((question.status, count(&question.page(), "input[name=job]")), (StatusCode::OK, 2));
    let told = done(&router, "/jobs", &format!("{form}&confirmed=yes")).await;
    assert_eq!(words(&told, ".notice"), "Done for 2 jobs.");
    let refused = ask(&router, post("/jobs", "state=enqueued&act=move&to_queue=x", &[])).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let nothing = done(&router, "/jobs", "state=scheduled&act=run_now").await;
    assert_eq!(words(&nothing, ".notice"), "No job was ticked.");
}

#[tokio::test]
async fn an_operation_is_counted_confirmed_and_shown() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    assert_eq!(words(&page(&router, "/operations").await, ".empty h2"), "No operation yet");
    let jobs = (0..150).map(|number| greet::new(number.to_string()));
    site.client.enqueue_all(jobs).await.expect("jobs");
    let ask_first = page(&router, "/operations/new?state=enqueued&queue=mail").await;
    assert!(words(&ask_first, "main").contains("150 jobs match now."));
    let form = "state=enqueued&queue=mail&matching=150&act=delete&reason=spam";
    assert_eq!(ask(&router, post("/operations", form, &[])).await.status, StatusCode::BAD_REQUEST);
    let list = done(&router, "/operations", &format!("{form}&confirmed=150")).await;
    assert_eq!(count(&list, "#operations tbody tr"), 1);
    assert!(words(&list, "#operations tbody tr").starts_with("Delete running Stop enqueued Queue mail"));

    let stop = select(&list, "#operations form")[0].attr("action").expect("an action").to_owned();
    let stopped = done(&router, &stop, "act=stop").await;
    assert!(words(&stopped, "#operations tbody tr").contains("stopped"));
}

#[tokio::test]
async fn a_batch_is_shown_with_its_jobs_and_cancelled() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    assert_eq!(words(&page(&router, "/batches").await, ".empty h2"), "No batch");
    let batch = Batch::new(HOSTILE).jobs((0..3).map(|number| greet::new(number.to_string())));
    let batch = batch.then(greet::new("all done".to_owned())).on(&site.client).enqueue().await.expect("a batch");
    let path = format!("/batches/{}", batch.id());
    assert!(words(&page(&router, "/batches").await, "#batches tbody tr").contains("0 of 3 ended"));
    let shown = page(&router, &path).await;
    assert_eq!((count(&shown, "#members tbody tr"), count(&shown, "img")), (3, 0));
    assert!(words(&shown, "[aria-labelledby=flow-title] tbody tr:nth-child(2)").contains("awaiting 1. Batch"));
    let question = ask(&router, post(&path, "act=cancel", &[])).await;
    assert_eq!(words(&question.page(), "button.danger"), "Cancel the batch");
    let told = done(&router, &path, "act=cancel&confirmed=yes").await;
    assert_eq!(words(&told, ".notice"), "Done.");
}

#[tokio::test]
async fn what_is_in_other_queues_does_not_show_in_where_a_page_ends() {
    let site = Site::new().await;
    let router = || Dashboard::new(&site.client, by_header()).router();
    let of_mail = [("x-role", "mail:read")];
    let ask_all = async || {
        let mut shown = Vec::new();
        for path in ["/jobs?limit=1", "/jobs?limit=1&q=secret", "/jobs?limit=1&kind=greet"] {
            let page = ask(&router(), get(path, &of_mail)).await.page();
            let ids: Vec<_> = select(&page, "#jobs .id").iter().map(|id| id.text().collect::<String>()).collect();
            shown.push((ids, count(&page, "a[rel=next], a[rel=prev]"), count(&page, "#jobs .notice")));
        }
        shown
    };
    greet::enqueue("Ada").on(&site.client).await.expect("a job");
    let before = ask_all().await;
    for _ in 0..3 {
        greet::enqueue("a secret").queue("payroll").on(&site.client).await.expect("a job");
    }
    assert_eq!(ask_all().await, before);
    assert_eq!((before[0].0.len(), before[1].0.len()), (1, 0));
}

#[tokio::test]
async fn a_job_that_is_in_another_state_by_now_is_left_alone() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let path = format!("/jobs/{}", failed(&site).await);
    done(&router, &path, "act=requeue").await;
    // The button of the old page, pressed once more.
    let told = done(&router, &path, "act=requeue").await;
    assert!(words(&told, ".notice").starts_with("Nothing was done"));
    let operation = ask(&router, post("/operations", "state=processing&act=requeue", &[])).await;
    assert_eq!(operation.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn readers_see_no_buttons_and_cannot_act() {
    let site = Site::new().await;
    let router = Dashboard::new(&site.client, by_header()).router();
    let id = greet::enqueue("Ada").on(&site.client).await.expect("a job").id();
    let path = format!("/jobs/{id}");
    let reader = [("x-role", "read")];
    for place in ["/jobs", &path, "/operations"] {
        let answer = ask(&router, get(place, &reader)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(count(&answer.page(), "main button[name=act]"), 0, "{place}");
    }
    for (place, form) in [
        (path.as_str(), "act=delete&confirmed=yes"),
        ("/jobs", &format!("state=enqueued&act=delete&job={id}")),
        ("/operations", "state=enqueued&act=delete"),
    ] {
        assert_eq!(ask(&router, post(place, form, &reader)).await.status, StatusCode::FORBIDDEN, "{place}");
    }
    // Who may operate one queue acts on its jobs, and on no others.
    let of_mail = [("x-role", "mail:operate")];
    assert_eq!(ask(&router, post(&path, "act=prioritize&priority=3", &of_mail)).await.status, StatusCode::SEE_OTHER);
    let move_away = ask(&router, post(&path, "act=move&to_queue=payroll", &of_mail)).await;
    assert_eq!(move_away.status, StatusCode::FORBIDDEN);
    let of_other = [("x-role", "payroll:operate")];
    // What they do not see is not there.
    assert_eq!(ask(&router, get(&path, &of_other)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&router, post(&path, "act=delete", &of_other)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(count(&ask(&router, get("/jobs", &of_other)).await.page(), "#jobs tbody tr"), 0);
    assert_eq!(site.client.job(id).record().await.expect("a job").state, State::Enqueued);
}

#[tokio::test]
async fn hostile_texts_of_a_job_are_only_text() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let job = greet::enqueue(HOSTILE).queue("<b>queue</b>").tag(HOSTILE).meta(HOSTILE, HOSTILE).on(&site.client);
    let id = job.await.expect("a job").id();
    site.client.job(id).delete().reason(HOSTILE).await.expect("it is deleted");
    for path in [format!("/jobs/{id}"), "/jobs?state=deleted".to_owned(), format!("/jobs?q={}", "%3Cimg%3E")] {
        let answer = ask(&router, get(&path, &[])).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(count(&answer.page(), "main img, main b > b, [onerror]"), 0, "{path}");
    }
}
