//! Texts of others change nothing on a page but the text.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use jobs::job;
use jobs_runtime::{
    BatchId, ErrorId, JobId, ServerId, State,
    flow::{BatchState, Condition, Counts},
    job::OnExhausted,
    storage::{
        Acted, AuditRecord, Due, ErrorRecord, Measure, NewJob, Orders, Owner, Pause, PauseTarget, RecurringRecord,
        RecurringSpec, ServerInfo, ServerRecord, StatPoint, StateTotal, Target, Verb, Via,
    },
};
use jobs_schedule::{Misfire, Overlap};
use maud::Markup;
use scraper::{Html, Node};

use super::site::{Site, ask, get};
use crate::{
    Access, Role,
    live::{Pulse, Range},
    page::{
        self, audit, errors,
        flow::{Arrow, Graph, Step, What},
        kinds, overview, queues, recurring, servers, system,
    },
    web::{Fault, Missing, Visit},
};

const HOUR: Duration = Duration::from_secs(3_600);

#[job]
async fn greet() {}

/// The elements of a page with the names of their attributes, and what is not text.
fn shape(page: &str) -> Vec<String> {
    let nodes = Html::parse_document(page);
    let shape = nodes.tree.nodes().filter_map(|node| match node.value() {
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

/// A text as far as a name is as long.
fn name(text: &str) -> String {
    text.chars().take(200).collect()
}

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

fn job(text: &str) -> RecurringRecord {
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
    }
}

/// Every page that shows texts of others, with one text wherever there can be one.
async fn pages(text: &str) -> Vec<(&'static str, Markup)> {
    let site = Site::new().await;
    greet::enqueue().on(&site.client).await.expect("a job");
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
    for size in &mut system.sizes {
        size.name = text.into();
    }
    let place = error(text);
    let view =
        errors::View { kind: Some(name(text)), next: Some((at(), place.id)), is_later: true, errors: vec![place] };
    let wanted = audit::Wanted { actor: Some(name(text)), ..Default::default() };
    vec![
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
                    range: Range::Hour,
                    hour: &[point(text)],
                    points: &[point(text)],
                    queues: &queues,
                    kinds: &kinds,
                },
            ),
        ),
        ("servers", servers::page(&visit, &pulse, None)),
        ("recurring", recurring::page(&visit, &pulse, &[job(text)], None)),
        ("flow", page::flow::html(&visit, &graph(text))),
        ("bad", fault(Fault::Bad(text.into()))),
        ("conflict", fault(Fault::Conflict(text.into()))),
        ("missing", fault(Fault::Missing(Missing::Thing(text.into())))),
        ("forbidden", fault(Fault::Forbidden { needs: Role::Admin, queue: Some(text.into()) })),
    ]
}

#[tokio::test]
async fn a_hostile_text_is_only_a_text() {
    let plain = pages("plain").await;
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
        for ((name, plain), (_, page)) in plain.iter().zip(pages(text).await) {
            let page = page.into_string();
            let start: String = text.chars().take(40).collect();
            assert_eq!(shape(plain.0.as_str()), shape(&page), "{name} with {start:?}");
            assert!(!page.contains(['\0', '\u{202e}', '\u{2066}']), "{name} with {start:?}");
        }
    }
}

#[tokio::test]
async fn a_long_text_does_not_make_a_long_page() {
    let long = "ç".repeat(1_000_000);
    for (name, page) in pages(&long).await {
        let length = page.into_string().len();
        assert!(length < 200_000, "{name}: {length} bytes");
    }
}

#[tokio::test]
async fn what_is_asked_for_is_only_a_text() {
    let site = Site::new().await;
    let router = site.dashboard().router();
    let plain = shape(&ask(&router, get("/?range=plain", &[])).await.text());
    for query in ["range=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "range=%00", "range=1d%27%3E", "x=\"'<b>"] {
        let page = ask(&router, get(&format!("/?{}", query.replace(['"', '<', '>'], "%3C")), &[])).await;
        assert_eq!(plain, shape(&page.text()), "{query}");
    }
}
