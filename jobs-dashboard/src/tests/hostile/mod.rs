//! Texts of others change nothing on a page but the text.

mod asked;
mod stored;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use jobs_runtime::{
    BatchId, ErrorId, JobId, Reason, ServerId, State,
    flow::{BatchState, Condition, Counts},
    job::OnExhausted,
    storage::{
        Acted, AuditRecord, BatchFilter, BulkAct, Due, ErrorRecord, EventKind, JobFilter, JobPage, JobRecord, Measure,
        NewJob, OperationFilter, Orders, Owner, Pause, PauseTarget, RecurringRecord, RecurringSpec, ServerInfo,
        ServerRecord, StatPoint, StateTotal, Target, Verb, Via,
    },
};
use jobs_schedule::{Misfire, Overlap};
use maud::Markup;
use scraper::{Html, Node};

use super::{filled::Filled, site::Site};
use crate::{
    Access, Role,
    live::{Pulse, Range},
    page::{
        self, audit, batches, errors,
        flow::{Arrow, Graph, Step, What},
        job, jobs,
        jobs::Query,
        kinds, operations, overview, queues, recurring, servers, system,
    },
    web::{Fault, Missing, Params, Visit},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// A text as far as a name is as long.
fn name(text: &str) -> String {
    text.chars().take(200).collect()
}

/// The elements of a page with the names of their attributes, and what is not text.
fn shape(page: &Html) -> Vec<String> {
    let shape = page.tree.nodes().filter_map(|node| match node.value() {
        Node::Element(element) => {
            let mut names: Vec<_> = element.attrs().map(|(name, _)| name).collect();
            names.sort_unstable();
            Some(format!("{} {}", element.name(), names.join(" ")))
        }
        Node::Comment(_) => Some("comment".to_owned()),
        _ => None,
    });
    shape.collect()
}

/// A page has the shape of another; else it is said where they part.
fn assert_alike(what: &str, plain: &Html, page: &Html) {
    let (plain, page) = (shape(plain), shape(page));
    let at = plain.iter().zip(&page).take_while(|(one, other)| one == other).count();
    let around = |shape: &[String]| shape[at.saturating_sub(8)..shape.len().min(at + 3)].join(", ");
    assert!(plain == page, "{what}: [{}] has become [{}]", around(&plain), around(&page));
}

/// All that a page says, to eyes and ears. What the fields of forms carry is not said: it goes back as it came.
fn told(page: &Html) -> String {
    let told = page.tree.nodes().map(|node| match node.value() {
        Node::Element(element) => {
            element.attrs().filter(|(name, _)| *name != "value").map(|(_, value)| value).collect::<Vec<_>>().join("\n")
        }
        Node::Text(_) if node.parent().is_some_and(|parent| is_field(parent.value())) => String::new(),
        Node::Text(text) => text.to_string(),
        _ => String::new(),
    });
    told.collect::<Vec<_>>().join("\n")
}

fn is_field(node: &Node) -> bool {
    node.as_element().is_some_and(|element| element.name() == "textarea")
}

/// What turns the text around, or ends it, for who reads it.
const UNSEEN: [char; 3] = ['\0', '\u{202e}', '\u{2066}'];

fn pause(text: &str) -> Pause {
    Pause { target: PauseTarget::Queue(text.into()), reason: text.into(), since: at(), until: Some(at()) }
}

fn at() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("an instant")
}

fn pulse(text: &str) -> Arc<Pulse> {
    let server = |alive| ServerRecord {
        id: ServerId::new(),
        info: ServerInfo {
            name: text.into(),
            version: text.into(),
            queues: vec![format!("{text}1"), format!("{text}2")],
            workers: 8,
            running: 3,
            lost: 1,
            stopping: false,
        },
        kinds: vec![text.into()],
        started_at: at(),
        beat_at: at(),
        lease_until: at(),
        alive,
        recurring: vec![text.into()],
        pause: alive.then(|| pause(text)),
        orders: Orders::default(),
    };
    let total = |state| StateTotal { queue: text.into(), kind: text.into(), state, jobs: 5 };
    let totals = [State::Enqueued, State::Failed, State::Succeeded].map(total).into();
    Arc::new(Pulse { totals, servers: vec![server(true), server(false)] })
}

fn error(text: &str) -> ErrorRecord {
    ErrorRecord {
        id: ErrorId::of("mail", "no mailbox"),
        kind: name(text),
        count: 2,
        first_at: at(),
        last_at: at(),
        last_job: JobId::from_bytes([7; 16]),
        title: text.into(),
        sample: format!("{text}\ncaused by: {text}"),
    }
}

fn acts(text: &str) -> Vec<AuditRecord> {
    let targets =
        [Target::Queue(name(text).into()), Target::Kind(name(text).into()), Target::Recurring(name(text).into())];
    let act = |(number, target)| AuditRecord {
        number,
        at: at(),
        actor: text.into(),
        via: Via::Page,
        act: Verb::Pause,
        target,
        queue: Some(text.into()),
        reason: text.into(),
        outcome: Acted::Refused,
        detail: Some(serde_json::json!({ "before": { "reason": text }, "after": text })),
    };
    (1..).zip(targets).map(act).collect()
}

fn point(text: &str) -> StatPoint {
    StatPoint { at: at(), queue: text.into(), kind: text.into(), measure: Measure::Failed, bucket: 0, count: 9 }
}

/// A flow of every sort of step.
fn graph(text: &str) -> Graph {
    let of_kind = |state| What::Job { id: JobId::from_bytes([7; 16]), kind: name(text), state };
    let batch = What::Batch {
        id: BatchId::from_bytes([7; 16]),
        description: text.into(),
        state: BatchState::Started,
        counts: Counts { total: 9, pending: 5, ..Counts::default() },
    };
    let many = What::Many { kind: Some(name(text)), jobs: 5, states: vec![(State::Failed, 2), (State::Enqueued, 3)] };
    let steps = [batch, of_kind(State::Failed), many, What::Removed(JobId::from_bytes([8; 16]).into())];
    let steps = steps.into_iter().enumerate();
    let steps = steps.map(|(place, what)| Step { what, within: (place == 1).then_some(0), is_here: place == 1 });
    let arrow = |parent, child, condition| Arrow { parent, child, condition };
    let arrows =
        vec![arrow(0, 2, Condition::Finished), arrow(1, 2, Condition::Success), arrow(3, 1, Condition::Failure)];
    Graph { steps: steps.collect(), arrows, is_part: true, is_folded: true }
}

fn recurring_job(text: &str) -> RecurringRecord {
    let template = NewJob {
        id: JobId::new(),
        kind: text.into(),
        queue: text.into(),
        priority: 0,
        payload: Vec::new(),
        due: Due::Now,
        max_attempts: 1,
        on_exhausted: OnExhausted::Fail,
        timeout: None,
        expires: None,
        retain: None,
        meta: Default::default(),
        tags: Vec::new(),
        recurring: None,
        batch: None,
        waits: None,
    };
    let spec = RecurringSpec {
        id: text.into(),
        owner: Owner::Runtime,
        cron: text.into(),
        zone: text.into(),
        misfire: Misfire::default(),
        overlap: Overlap::default(),
        template,
    };
    RecurringRecord {
        spec,
        next_at: Some(at()),
        last_at: None,
        last_job: None,
        pause: Some(pause(text)),
        orphaned: false,
        of_code: Some((text.into(), text.into())),
    }
}

/// A job in which everything is this text.
fn said(record: &mut JobRecord, text: &str) {
    record.kind = name(text);
    record.queue = name(text);
    record.reason = Some(text.into());
    record.progress = Some((0.5, text.into()));
    record.meta = [(text.to_owned(), text.to_owned())].into();
    record.tags = vec![text.into()];
    record.recurring = Some((text.into(), at()));
}

async fn jobs_of(site: &Site, text: &str) -> JobPage {
    let mut page = site.client.jobs(JobFilter::new(State::Failed)).await.expect("jobs");
    for record in &mut page.jobs {
        said(record, text);
    }
    page
}

async fn job_of(filled: &Filled, text: &str) -> job::View {
    let (client, id) = (&filled.site.client, filled.job(State::Failed));
    let mut why = client.why(id).await.expect("a job");
    let mut events = client.job(id).history().await.expect("a history");
    said(&mut why.job, text);
    why.reasons.push(Reason::Paused(pause(text)));
    let mut log = events[0].clone();
    log.what = EventKind::Log;
    events.push(log);
    for event in &mut events {
        event.text = text.into();
    }
    job::View { why, events, edges: client.edges(id).await.expect("edges"), graph: None, refused: None }
}

/// What is typed into the fields of an edit.
fn typed(text: &str) -> recurring::Typed {
    let typed = form_urlencoded::Serializer::new(String::new()).extend_pairs([("cron", text), ("zone", text)]).finish();
    recurring::Typed::of(&Params::parse(typed.as_bytes())).expect("something is typed")
}

/// Every page that shows texts of others, with one text wherever there can be one.
async fn pages(filled: &Filled, text: &str) -> Vec<(&'static str, Markup)> {
    let site = &filled.site;
    let shared = site.dashboard().title(text).environment(text).shared();
    let mut visit = Visit::for_tests(&shared, Access::new(text, Role::Admin));
    // It comes as it stands in a request, where only some characters can be.
    let here = text.chars().take(100).filter(|character| character.is_ascii_graphic());
    visit.settings.here = format!("/?x={}", here.collect::<String>());
    let pulse = pulse(text);
    let fault = |fault| page::fault(&visit, Some(&visit), &fault);
    let mut queues = site.client.queues(HOUR).await.expect("queues");
    for queue in &mut queues {
        queue.queue = name(text);
        queue.pause = Some(pause(text));
    }
    let mut kinds = site.client.kinds(HOUR).await.expect("kinds");
    for kind in &mut kinds {
        kind.kind = name(text);
        kind.pause = Some(pause(text));
        kind.throughput.failed = 3;
    }
    let mut system = site.client.system().await.expect("a system");
    system.version = text.into();
    for step in &mut system.migrations {
        step.name = text.into();
    }
    for size in &mut system.sizes {
        size.name = text.into();
    }
    let place = error(text);
    let view =
        errors::View { kind: Some(name(text)), next: Some((at(), place.id)), is_later: true, errors: vec![place] };
    let (listed, looked_at) = (jobs_of(site, text).await, job_of(filled, text).await);
    let query = Query {
        kinds: vec![name(text), name(text)],
        queues: vec![name(text), name(text)],
        text: Some(name(text)),
        ..Query::of(State::Failed)
    };
    let mut batches = site.client.batches(BatchFilter::new()).await.expect("batches");
    batches[0].description = text.into();
    let mut operations = site.client.operations(OperationFilter::new()).await.expect("operations");
    for operation in &mut operations {
        operation.actor = text.into();
        operation.reason = text.into();
        operation.error = Some(text.into());
        operation.filter = JobFilter::new(State::Failed).kind(name(text)).queue(name(text));
        operation.act = BulkAct::Move { queue: name(text).into() };
    }
    let wanted = audit::Wanted { actor: Some(name(text)), ..Default::default() };
    vec![
        ("jobs", jobs::page(&visit, &pulse, &query, &listed, None)),
        ("job", job::page(&visit, &pulse, &looked_at, None)),
        ("batches", batches::page(&visit, &pulse, &batches)),
        ("operations", operations::page(&visit, &pulse, &operations, None, None)),
        ("kinds", kinds::page(&visit, &pulse, &kinds, None)),
        ("errors", errors::page(&visit, &pulse, &view)),
        ("system", system::page(&visit, &pulse, &system)),
        ("audit", audit::page(&visit, &pulse, &wanted, &acts(text), Some(7))),
        ("queues", queues::page(&visit, &pulse, &queues, &[], None)),
        (
            "overview",
            overview::page(
                &visit,
                &overview::View {
                    pulse: &pulse,
                    recent: &shared.live.recent(),
                    range: Range::Hour,
                    hour: &[point(text)],
                    points: &[point(text)],
                    waits: &[(name(text), HOUR)],
                    kinds: &kinds,
                },
            ),
        ),
        ("servers", servers::page(&visit, &pulse, None)),
        ("recurring", recurring::page(&visit, &pulse, &[recurring_job(text)], None)),
        (
            "recurring job",
            recurring::one_page(
                &visit,
                &pulse,
                &recurring::View { job: recurring_job(text), runs: Vec::new(), is_last_gone: true },
                None,
            ),
        ),
        ("recurring edit", recurring::edit_page(&visit, &pulse, &recurring_job(text), Some(&typed(text)), None)),
        ("flow", page::flow::html(&visit, &graph(text))),
        ("bad", fault(Fault::Bad(text.into()))),
        ("conflict", fault(Fault::Conflict(text.into()))),
        ("missing", fault(Fault::Missing(Missing::Thing(text.into())))),
        ("forbidden", fault(Fault::Forbidden { needs: Role::Admin, queue: Some(text.into()) })),
    ]
}

#[tokio::test]
async fn a_hostile_text_is_only_a_text() {
    let filled = Filled::one().await;
    let plain = pages(&filled, "plain").await;
    let long = "a".repeat(1_000_000);
    let hostile = [
        "\"><img src=x onerror=alert(1)>",
        "'><script>alert(1)</script>",
        "</title></textarea></style></script><svg onload=alert(1)>",
        "--><!-- x",
        "]]>&lt;b&gt;&#60;i",
        "\u{202e}live.exe\u{2066}",
        "a\0b",
        "javascript:alert(1)",
        "{{7*7}} ${7*7} <%= 7 %>",
        &long,
    ];
    for text in hostile {
        for ((name, plain), (_, page)) in plain.iter().zip(pages(&filled, text).await) {
            let page = Html::parse_document(&page.0);
            let start: String = text.chars().take(40).collect();
            assert_alike(&format!("{name} with {start:?}"), &Html::parse_document(&plain.0), &page);
            let told = told(&page);
            let unseen = told.lines().find(|line| line.contains(UNSEEN));
            assert_eq!(unseen, None, "{name} with {start:?}");
        }
    }
}

#[tokio::test]
async fn a_long_text_does_not_make_a_long_page() {
    let filled = Filled::one().await;
    let long = "ç".repeat(1_000_000);
    for (name, page) in pages(&filled, &long).await {
        let length = page.into_string().len();
        assert!(length < 200_000, "{name}: {length} bytes");
    }
}
