//! Which sets of jobs make a registry, and what is said of those that do not.

use super::*;
use crate::{
    job::{Options, Place, Recurring, StateType, Takes},
    retry::Backoff,
};

const READABLE: fn() -> Layout = || Layout { text: "u8".to_owned(), fingerprint: 1, unreadable: None };
const UNREADABLE: fn() -> Layout =
    || Layout { text: "any".to_owned(), fingerprint: 2, unreadable: Some("`Value` takes whatever comes".to_owned()) };

const BASE: Descriptor = Descriptor {
    kind: "mail::send",
    aliases: &[],
    place: Place { module: "shop::mail", file: "src/mail.rs", line: 7 },
    params: &[],
    secret: &[],
    summary: None,
    blocking: false,
    options: Options::DEFAULT,
    backoff: Backoff::DEFAULT,
    codec: Codec::Bincode,
    version: 1,
    args_layout: READABLE,
    output_layout: READABLE,
    run: |_| unreachable!("nothing runs here"),
    args_to_json: |_| Ok(serde_json::Value::Null),
    args_from_json: |_| Ok(Vec::new()),
    output_to_json: |_| Ok(serde_json::Value::Null),
    states: Vec::new,
    takes: Takes::Nothing,
    recurring: &[],
};

const fn recurring(id: &'static str) -> Recurring {
    Recurring {
        id,
        cron: "0 0 L * *",
        zone: "UTC",
        misfire: jobs_schedule::Misfire::Once,
        overlap: jobs_schedule::Overlap::Allow,
        args: || Ok(Vec::new()),
    }
}

static SEND: Descriptor = BASE;
/// The same job at another address, as when a constant is used in two crates.
static SEND_AGAIN: Descriptor = BASE;
static OTHER: Descriptor = Descriptor {
    place: Place { module: "shop::post", file: "src/post.rs", line: 9 },
    recurring: &[recurring("nightly")],
    ..BASE
};
static REPORT: Descriptor = Descriptor {
    kind: "report",
    aliases: &["month_end", "old_report"],
    place: Place { module: "shop::report", file: "src/report.rs", line: 3 },
    recurring: &[recurring("nightly"), recurring("monthly")],
    ..BASE
};
static THIEF: Descriptor = Descriptor {
    kind: "month_end",
    aliases: &["report"],
    place: Place { module: "shop::thief", file: "src/thief.rs", line: 1 },
    ..BASE
};

fn collect(explicit: &[&'static Descriptor]) -> Result<Registry> {
    Registry::collect_where(explicit, |_| true)
}

fn faults(result: Result<impl fmt::Debug>) -> Vec<String> {
    match result {
        Err(Error::Startup(faults)) => faults,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn jobs_are_found_by_kind_and_alias() {
    let registry = collect(&[&REPORT, &SEND]).expect("no clash");
    let names: Vec<_> = registry.names().map(|(name, job)| (name, job.place.line)).collect();
    assert_eq!(names, [("mail::send", 7), ("month_end", 3), ("old_report", 3), ("report", 3)]);
    assert_eq!(registry.get("old_report").map(|job| job.kind), Some("report"));
    assert!(registry.get("absent").is_none());
    assert_eq!(registry.to_string(), "mail::send, report (also month_end, old_report)");
    assert_eq!(Registry::default().to_string(), "none");
}

#[test]
fn a_job_that_is_registered_twice_is_one() {
    let registry = collect(&[&SEND, &SEND_AGAIN, &SEND]).expect("they are the same");
    assert_eq!(registry.jobs().count(), 1);
}

#[test]
fn clashes_name_both_places() {
    for order in [[&SEND, &OTHER], [&OTHER, &SEND]] {
        assert_eq!(
            faults(collect(&[order[0], order[1]])),
            ["two jobs have the kind `mail::send`: src/mail.rs:7 (shop::mail) and src/post.rs:9 (shop::post); \
              give one of them another `name = \"..\"` or alias"]
        );
    }
    let found = faults(collect(&[&THIEF, &REPORT, &OTHER]));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("kind `report`: src/report.rs:3 (shop::report) and src/thief.rs:1"), "{found:?}");
    assert!(found[1].contains("kind `month_end`: src/thief.rs:1 (shop::thief) and src/report.rs:3"), "{found:?}");
    assert!(found[2].contains("id `nightly`: src/post.rs:9 (shop::post) and src/report.rs:3"), "{found:?}");
}

#[test]
fn jobs_that_a_server_does_not_serve_cannot_clash() {
    let registry = Registry::collect_where(&[&SEND, &OTHER], |job| job.place.line == 9).expect("one is left");
    assert_eq!(registry.get("mail::send").map(|job| job.place.line), Some(9));
    assert_eq!(Registry::for_display(&[&OTHER, &SEND]).get("mail::send").map(|job| job.place.line), Some(7));
}

#[test]
fn a_check_reports_everything_at_once() {
    static FAULTY: Descriptor = Descriptor {
        kind: "faulty",
        args_layout: UNREADABLE,
        output_layout: UNREADABLE,
        states: || {
            vec![
                StateType { id: TypeId::of::<String>(), name: "alloc::string::String" },
                StateType { id: TypeId::of::<u8>(), name: "u8" },
            ]
        },
        ..BASE
    };
    static JSON: Descriptor = Descriptor { kind: "json", codec: Codec::Json, args_layout: UNREADABLE, ..BASE };
    let registry = collect(&[&FAULTY, &JSON, &REPORT]).expect("no clash");
    let found = faults(registry.check(&["month_end", "absent"], |id| id == TypeId::of::<u8>()));
    let begins = [
        "the expected kind `absent` is not in this program",
        "job `faulty` (src/mail.rs:7 (shop::mail)) borrows `alloc::string::String`, and the server was given none; add `.state(value)`",
        "the args of job `faulty` (src/mail.rs:7 (shop::mail)) cannot be read back from bincode: `Value` takes whatever comes",
        "the output of job `faulty`",
    ];
    assert_eq!(found.len(), begins.len(), "{found:?}");
    for (fault, begin) in found.iter().zip(begins) {
        assert!(fault.starts_with(begin), "{fault}");
    }
    assert!(found[2].ends_with("write `#[job(codec = \"json\")]`"), "{}", found[2]);
    assert!(collect(&[&REPORT]).expect("no clash").check(&["report"], |_| false).is_ok());
}
