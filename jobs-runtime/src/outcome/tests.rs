//! What is found in errors, however they are wrapped, and what is stored of them.

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("the mail was not sent")]
struct Wrapped(#[source] BoxError);

#[derive(Debug, thiserror::Error)]
enum Own {
    #[error(transparent)]
    Fatal(#[from] Fatal),
    #[error("the shop is closed")]
    Snooze(#[from] Snooze),
}

#[test]
fn marks_are_found_through_wrappers() {
    let boxed: BoxError = fatal("no such user");
    assert_eq!(marked(&*boxed), Some(Verdict::Fatal));
    assert_eq!(marked(&Wrapped(boxed)), Some(Verdict::Fatal));
    assert_eq!(marked(&fatal::<Own>("no such user")), Some(Verdict::Fatal));
    assert_eq!(marked(&snooze::<Own>("5m")), Some(Verdict::Snooze(Duration::from_secs(300))));
    assert_eq!(marked(&Wrapped("plain".into())), None);
}

#[test]
fn marks_are_found_through_anyhow() {
    let error: anyhow::Error = fatal::<anyhow::Error>("no such user").context("sending the mail");
    let boxed: BoxError = error.into();
    assert_eq!(marked(&*boxed), Some(Verdict::Fatal));
    assert_eq!(error_text(&*boxed), "sending the mail\ncaused by: no such user");

    let boxed: BoxError = snooze::<anyhow::Error>(Duration::from_secs(5)).into();
    assert_eq!(marked(&*boxed), Some(Verdict::Snooze(Duration::from_secs(5))));
}

#[test]
fn a_snooze_that_is_no_duration_is_fatal_and_names_the_text() {
    let boxed: BoxError = snooze("soon");
    assert_eq!(marked(&*boxed), Some(Verdict::Fatal));
    assert!(error_text(&*boxed).contains("`soon`"), "{boxed}");
}

#[test]
fn texts_hold_each_cause_once() {
    let inner: BoxError = "connection refused".into();
    let middle = Wrapped(Box::new(Wrapped(inner)));
    assert_eq!(error_text(&middle), "the mail was not sent\ncaused by: connection refused");

    let fatal: BoxError = fatal(Wrapped("no such host".into()));
    assert_eq!(error_text(&*fatal), "the mail was not sent\ncaused by: no such host");
}
