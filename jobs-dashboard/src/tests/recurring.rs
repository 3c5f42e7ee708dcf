//! The page of a recurring job: what it says, what is done there, and the edit of its schedule.

use axum::{
    Router,
    http::{StatusCode, header},
};
use jiff::Timestamp;
use jobs::{AuditFilter, Error, prelude::*};
use jobs_runtime::storage::{Owner, RecurringRecord};
use scraper::Html;

use super::site::{Site, ask, by_header, get, post, select, words};
use crate::{
    Access, Dashboard, Role,
    page::recurring::{View, one_page},
    web::Visit,
};

#[job(queue = "mail")]
async fn digest(tenant: u64) -> Result<u64, std::convert::Infallible> {
    Ok(tenant)
}

const ID: &str = "digest:42";
const PATH: &str = "/recurring/digest%3A42";

async fn site() -> Site {
    let site = Site::new().await;
    define(&site, ID).await;
    site
}

async fn define(site: &Site, id: &str) {
    let weekly = site.client.recurring(id).cron("30 2 * * *").tz("Europe/Berlin").overlap(Overlap::Skip);
    weekly.upsert(digest::new(42)).await.expect("a recurring job");
}

async fn stored(site: &Site) -> RecurringRecord {
    site.client.recurring(ID).get().await.expect("it is there")
}

async fn page(router: &Router, path: &str) -> Html {
    let answer = ask(router, get(path, &[])).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.page()
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The address of the edit with something typed.
fn typed(cron: &str, zone: &str) -> String {
    format!("{PATH}?{}", query(&[("edit", "yes"), ("cron", cron), ("zone", zone)]))
}

/// What the form of a question holds, with an answer.
fn answered(page: &Html) -> (String, String) {
    let form = select(page, "main form[method=post].panel")[0];
    let inputs = select(page, "main form[method=post].panel input[type=hidden]");
    let value = |input: &scraper::ElementRef<'_>, name| input.attr(name).expect("an attribute").to_owned();
    let mut pairs: Vec<_> = inputs.iter().map(|input| (value(input, "name"), value(input, "value"))).collect();
    pairs.extend([("confirmed".to_owned(), "yes".to_owned()), ("reason".to_owned(), "a trial".to_owned())]);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
    (value(&form, "action"), query(&pairs))
}

#[tokio::test]
async fn a_recurring_job_says_when_it_fires_and_whose_it_is() {
    let site = site().await;
    let router = site.dashboard().router();
    let list = page(&router, "/recurring").await;
    assert_eq!(select(&list, ".list a")[0].attr("href"), Some(PATH));
    let page = page(&router, PATH).await;
    assert_eq!(
        (words(&page, "h1").as_str(), words(&page, "main .badge").as_str()),
        ("Recurring job digest:42", "fires")
    );
    let rows = select(&page, "#recurring-next tbody tr");
    assert_eq!((rows.len(), select(&page, "#recurring-next time.exact").len()), (10, 10), "in both zones");
    let there: Vec<String> = select(&page, "#recurring-next .there").iter().map(|cell| cell.text().collect()).collect();
    let is_there = |time: &String| time.contains(" 02:30 +0") || time.contains(" 03:00 +02:00");
    assert!(there.iter().all(is_there), "{there:?}");
    let first = select(&page, "#recurring-next time.exact")[0].attr("datetime").expect("a time").to_owned();
    assert_eq!(first.parse::<Timestamp>().ok(), stored(&site).await.next_at, "the first is the stored one");
    let state = words(&page, "#recurring-state");
    assert!(state.starts_with("fires At 02:30 every day 30 2 * * * · Europe/Berlin"), "{state}");
    let facts = words(&page, "[aria-labelledby=facts-title]");
    for expected in ["At run time", "Queue mail", "One run for all", "is left out"] {
        assert!(facts.contains(expected), "{expected} in {facts}");
    }
    assert!(words(&page, "#recurring-runs .empty").starts_with("It has not run yet"));
    let labels: Vec<String> = select(&page, "main .actions button").iter().map(|one| one.text().collect()).collect();
    assert_eq!(labels, ["Run now", "Pause", "Skip the next", "Remove"]);
}

#[tokio::test]
async fn runs_are_listed_with_their_ends() {
    let site = site().await;
    let server = site.client.server().queues(["mail"]).start().await.expect("a server");
    let mut jobs = Vec::new();
    for _ in 0..3 {
        let job = site.client.recurring(ID).trigger().await.expect("a job");
        job.wait().await.expect("it succeeds");
        jobs.push(job.id().to_string());
    }
    server.stop().await;
    let waits = site.client.recurring(ID).trigger().await.expect("a job").id().to_string();
    let router = Dashboard::new(&site.client, by_header()).router();
    let shown = async |role| {
        let page = ask(&router, get(PATH, &[("x-role", role)])).await.page();
        select(&page, "#recurring-runs a.id").iter().map(|link| link.text().collect::<String>()).collect::<Vec<_>>()
    };
    jobs.push(waits.clone());
    jobs.reverse();
    assert_eq!(shown("read").await, jobs, "newest first");
    let page = ask(&router, get(PATH, &[("x-role", "read")])).await.page();
    let row = |n: usize| words(&page, &format!("#recurring-runs tbody tr:nth-child({n})"));
    assert!(row(1).contains("by hand") && row(1).contains("enqueued"), "{}", row(1));
    assert!(row(2).contains("succeeded") && row(2).ends_with("ms"), "{}", row(2));
    // One that was moved belongs to another queue now.
    let id = waits.parse::<JobId>().expect("an id");
    assert!(site.client.job(id).move_to("payroll").await.expect("moved"));
    assert_eq!(shown("mail:read").await, jobs[1..]);
    assert_eq!(shown("read").await.len(), 4);
}

#[tokio::test]
async fn a_schedule_is_previewed_and_then_stored() {
    let site = site().await;
    let router = site.dashboard().router();
    let one = page(&router, PATH).await;
    let link = select(&one, "main .actions a.button")[0].attr("href").expect("a link").to_owned();
    let edit = page(&router, &link).await;
    let value = |page: &Html, id: &str| select(page, id)[0].attr("value").expect("a value").to_owned();
    assert_eq!(
        (value(&edit, "#edit-cron").as_str(), value(&edit, "#edit-zone").as_str()),
        ("30 2 * * *", "Europe/Berlin")
    );
    assert!(select(&edit, "main form[method=post]").is_empty(), "nothing to store yet");

    let preview = page(&router, &typed("15 9 * * MON-FRI", "Europe/Istanbul")).await;
    assert_eq!(select(&preview, "[aria-labelledby=preview-title] tbody tr").len(), 10);
    let there = words(&preview, "[aria-labelledby=preview-title] .there");
    assert!(there.ends_with("09:15 +03:00"), "{there}");
    let change = words(&preview, "main form[method=post] dl");
    assert!(change.contains("At 02:30") && change.contains("At 09:15, Monday through Friday"), "{change}");
    assert!(select(&preview, ".warned").is_empty() && stored(&site).await.spec.cron == "30 2 * * *", "not stored yet");

    let (path, form) = answered(&preview);
    let done = ask(&router, post(&path, &form, &[])).await;
    assert_eq!(done.header(header::LOCATION), format!("{PATH}?told=done"));
    let record = stored(&site).await;
    assert_eq!((&*record.spec.cron, &*record.spec.zone), ("15 9 * * MON-FRI", "Europe/Istanbul"));
    let local = record.next_at.expect("a time").in_tz("Europe/Istanbul").expect("a zone");
    assert_eq!((local.hour(), local.minute()), (9, 15));
    let noted = &site.client.audit(AuditFilter::new()).await.expect("the audit")[0];
    assert_eq!((noted.act.as_str(), &*noted.reason), ("alter", "a trial"));
    assert_eq!(noted.detail.as_ref().map(|detail| &detail["before"]["cron"]), Some(&"30 2 * * *".into()));

    // The same form once more: what it showed is no more.
    let late = ask(&router, post(&path, &form, &[])).await;
    let late = page(&router, late.header(header::LOCATION)).await;
    assert!(words(&late, ".notice").starts_with("Nothing was stored"), "{}", words(&late, ".notice"));
    assert_eq!(value(&late, "#edit-cron"), "15 9 * * MON-FRI", "what was typed is kept");
}

#[tokio::test]
async fn what_cannot_be_meant_is_said_beside_its_field() {
    let site = site().await;
    let router = site.dashboard().router();
    for (cron, zone, field, other, fault) in [
        ("61 2 * * *", "UTC", "cron", "zone", "61"),
        ("", "UTC", "cron", "zone", ""),
        ("\"><b>", "UTC", "cron", "zone", ""),
        ("0 0 30 2 *", "UTC", "cron", "zone", "30"),
        ("0 8 * * *", "Istanbul", "zone", "cron", "did you mean Europe/Istanbul?"),
        ("0 8 * * *", "", "zone", "cron", "Europe/Istanbul"),
    ] {
        let page = page(&router, &typed(cron, zone)).await;
        let input = select(&page, &format!("#edit-{field}"))[0];
        let kept = if field == "cron" { cron } else { zone };
        assert_eq!((input.attr("value"), input.attr("aria-invalid")), (Some(kept), Some("true")), "{cron} {zone}");
        let told = words(&page, &format!("#{field}-fault"));
        assert!(told.contains(fault) && !told.is_empty(), "{cron} {zone}: {told}");
        assert!(input.attr("aria-describedby").is_some_and(|ids| ids.contains(&format!("{field}-fault"))));
        assert_eq!(select(&page, &format!("#edit-{other}"))[0].attr("aria-invalid"), None);
        assert!(select(&page, "main form[method=post]").is_empty(), "nothing to store");
    }
    // Without the preview: the same text, from the gateway.
    let form = query(&[("act", "alter"), ("confirmed", "yes"), ("cron", "61 * * * *"), ("zone", "UTC")]);
    let refused = ask(&router, post(PATH, &form, &[])).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text().contains("61"));
    assert_eq!(stored(&site).await.spec.cron, "30 2 * * *");
}

#[tokio::test]
async fn what_runs_each_minute_is_warned_of_and_what_is_the_same_is_told() {
    let site = site().await;
    let router = site.dashboard().router();
    for (cron, warns) in [("* * * * *", true), ("*/10 * * * * *", true), ("*/5 * * * *", false), ("0 3 * * *", false)] {
        let page = page(&router, &typed(cron, "UTC")).await;
        assert_eq!(!select(&page, ".warned").is_empty(), warns, "{cron}");
    }
    let same = page(&router, &typed(" 30 2 * * * ", "Europe/Berlin")).await;
    assert_eq!(words(&same, ".notice"), "That is the schedule that it has.");
    assert!(select(&same, "main form[method=post]").is_empty());
}

#[tokio::test]
async fn who_may_only_look_and_who_sees_other_queues() {
    let site = site().await;
    let router = Dashboard::new(&site.client, by_header()).router();
    let edit = typed("0 3 * * *", "UTC");
    let alter = query(&[
        ("act", "alter"),
        ("confirmed", "yes"),
        ("cron", "0 3 * * *"),
        ("zone", "UTC"),
        ("was_cron", "30 2 * * *"),
        ("was_zone", "Europe/Berlin"),
    ]);
    let (forbidden, missing, ok) = (StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::OK);
    for (role, shown, edited, acted) in [
        ("read", ok, forbidden, forbidden),
        ("mail:read", ok, forbidden, forbidden),
        ("payroll:read", missing, missing, forbidden),
        ("payroll:admin", missing, missing, missing),
        ("mail:operate", ok, ok, StatusCode::SEE_OTHER),
    ] {
        let headers = [("x-role", role)];
        assert_eq!(ask(&router, get(PATH, &headers)).await.status, shown, "{role}");
        assert_eq!(ask(&router, get(&edit, &headers)).await.status, edited, "{role}");
        assert_eq!(ask(&router, post(PATH, &alter, &headers)).await.status, acted, "{role}");
    }
    let hidden = ask(&router, get(PATH, &[("x-role", "payroll:admin")])).await;
    let unknown = ask(&router, get("/recurring/nothing", &[("x-role", "payroll:admin")])).await;
    assert_eq!(
        hidden.text().replace(ID, "nothing").replace(PATH, "/recurring/nothing"),
        unknown.text(),
        "they look alike"
    );
    let reader = ask(&router, get(PATH, &[("x-role", "read")])).await.page();
    assert!(select(&reader, "main .actions").is_empty());
}

#[tokio::test]
async fn any_id_has_a_page() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    for id in ["a/b", ".", "..", "%2e", "a?b#c&d=e", "<b>\"'", "çay ☕ 中文", "edit", "+ +", "a%2Fb"] {
        define(&site, id).await;
        let list = page(&router, "/recurring").await;
        let link = select(&list, ".list a")[0].attr("href").expect("a link").to_owned();
        let one = page(&router, &link).await;
        let title: String = select(&one, "h1")[0].text().collect();
        assert_eq!(title, format!("Recurring job {id}"), "{link}");
        let action = select(&one, "main form.actions")[0].attr("action").expect("an action").to_owned();
        let question = ask(&router, post(&action, "act=remove", &[])).await;
        let (path, form) = answered(&question.page());
        assert_eq!(path, action, "{id}");
        let done = ask(&router, post(&path, &form, &[])).await;
        assert_eq!(done.header(header::LOCATION), "/recurring?told=done", "{id}");
        assert!(matches!(site.client.recurring(id).get().await, Err(Error::NoRecurring(_))), "{id}");
    }
}

#[tokio::test]
async fn it_is_paused_and_run_on_its_page() {
    let site = site().await;
    let router = site.dashboard().router();
    let question = ask(&router, post(PATH, "act=pause", &[])).await;
    let (path, form) = answered(&question.page());
    let done = ask(&router, post(&path, &format!("{form}&until=2999-01-01T00:00"), &[])).await;
    assert_eq!(done.header(header::LOCATION), format!("{PATH}?told=done"));
    let paused = page(&router, PATH).await;
    assert_eq!(words(&paused, "#recurring-next .notice"), "While it is paused, these times are left out.");
    assert!(words(&paused, "#recurring-state").starts_with("paused a trial"), "{}", words(&paused, "#recurring-state"));
    let question = ask(&router, post(PATH, "act=run", &[])).await;
    let (path, form) = answered(&question.page());
    let done = ask(&router, post(&path, &form, &[])).await;
    let job = page(&router, done.header(header::LOCATION)).await;
    let back = select(&job, "[aria-labelledby=facts-title] a");
    assert!(back.iter().any(|link| link.attr("href") == Some(PATH)), "the job leads to what made it");
}

/// A definition of the code, which an operator has edited.
async fn of_code(site: &Site) -> RecurringRecord {
    let mut record = stored(site).await;
    record.spec.owner = Owner::Code;
    record.of_code = Some(("0 6 * * *".to_owned(), "UTC".to_owned()));
    (record.last_at, record.last_job) = (Some(Timestamp::UNIX_EPOCH), Some(JobId::new()));
    record
}

#[tokio::test]
async fn an_edit_of_what_the_code_defines_stands_beside_it() {
    let site = site().await;
    let shared = site.dashboard().shared();
    let mut visit = Visit::for_tests(&shared, Access::new("ann", Role::Operate));
    let pulse = shared.live.pulse().await.expect("a pulse");
    let mut view = View { job: of_code(&site).await, runs: Vec::new(), is_last_gone: true };
    let draw = |visit: &Visit, view: &View| Html::parse_document(&one_page(visit, &pulse, view, None).into_string());
    let page = draw(&visit, &view);
    let edited = words(&page, "[aria-label=\"edited here\"]");
    assert!(edited.contains("The code says") && edited.contains("0 6 * * * · UTC"), "{edited}");
    let labels =
        |page: &Html| select(page, ".actions button").iter().map(|one| one.text().collect()).collect::<Vec<String>>();
    assert_eq!(labels(&page), ["Run now", "Pause", "Skip the next", "Back to the code"]);
    assert!(words(&page, "[aria-labelledby=facts-title]").contains("stays over deploys"));
    assert!(words(&page, "#recurring-runs tbody tr").contains("removed by retention"), "the last run is remembered");

    visit.settings.lang = crate::text::Lang::Turkish;
    let page = draw(&visit, &view);
    assert_eq!(words(&page, "h1"), "Yinelenen iş digest:42");
    assert_eq!(labels(&page), ["Şimdi çalıştır", "Duraklat", "Sonrakini atla", "Koddakine dön"]);
    visit.settings.lang = crate::text::Lang::English;

    view.job.orphaned = true;
    view.job.of_code = None;
    let page = draw(&visit, &view);
    assert!(words(&page, "#recurring-state").starts_with("orphaned"));
    assert_eq!(words(&page, "#recurring-next"), "No run is to come.");
    assert_eq!(labels(&page).last().map(String::as_str), Some("Remove"), "what nobody declares would not come back");

    view.job.orphaned = false;
    view.job.spec.cron = "of a later version".to_owned();
    assert!(words(&draw(&visit, &view), "#recurring-next").starts_with("This program cannot read the schedule"));
}
