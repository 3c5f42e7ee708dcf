//! What policies say of requests.

use axum::http::Request;

use super::*;

fn parts(authorization: Option<&str>) -> Parts {
    let mut request = Request::builder().uri("/");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    request.body(()).expect("a request").into_parts().0
}

async fn judged(policy: &Policy, authorization: Option<&str>) -> Verdict {
    policy.judge(&parts(authorization)).await
}

fn encoded(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

#[tokio::test]
async fn a_user_needs_the_name_and_the_password() {
    let users = [("ann", "p:w", Role::Admin), ("bob", "other", Role::Read)];
    let policy = Policy::basic(users).expect("a policy");
    let ann = Verdict::Granted(Access::new("ann", Role::Admin));
    let asked = Verdict::Challenged(Challenge::Basic);
    assert_eq!(judged(&policy, Some(&encoded("ann:p:w"))).await, ann);
    assert_eq!(judged(&policy, Some(&encoded("ann:p:w").replace("Basic", "bAsIc"))).await, ann);
    assert_eq!(judged(&policy, Some(&encoded("bob:other"))).await, Verdict::Granted(Access::new("bob", Role::Read)));
    for given in ["ann:other", "bob:p:w", "ann:", ":p:w", "ann", "", "eve:p:w"] {
        assert_eq!(judged(&policy, Some(&encoded(given))).await, asked, "{given}");
    }
    for given in [None, Some("Basic"), Some("Basic !!"), Some("Bearer ann:p:w")] {
        assert_eq!(judged(&policy, given).await, asked, "{given:?}");
    }
}

#[tokio::test]
async fn a_program_needs_its_token() {
    let policy = Policy::bearer([("deploys", "0123456789abcdef", Role::Operate)]).expect("a policy");
    let granted = Verdict::Granted(Access::new("deploys", Role::Operate));
    assert_eq!(judged(&policy, Some("Bearer 0123456789abcdef")).await, granted);
    for given in [None, Some("Bearer 0123456789abcdeF"), Some("Bearer "), Some("Basic 0123456789abcdef")] {
        assert_eq!(judged(&policy, given).await, Verdict::Challenged(Challenge::Bearer), "{given:?}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let cases = [
        (Policy::basic([("a:b", "x", Role::Read)]), "the user `a:b` has a colon in the name"),
        (Policy::basic([("ann", "", Role::Read)]), "the password of `ann` has 0 bytes"),
        (Policy::basic([("", "x", Role::Read)]), "the name of a user has 0 bytes"),
        (Policy::bearer([("ci", "short", Role::Read)]), "the token of `ci` has 5 bytes"),
    ];
    for (policy, expected) in cases {
        let error = policy.expect_err("a refusal").to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[tokio::test]
async fn the_application_may_decide_at_once_or_later() {
    let by_name = |parts: &Parts| match parts.headers.get("x-user").and_then(|name| name.to_str().ok()) {
        Some(name) => Access::new(name, Role::Read),
        None => Access::none(),
    };
    for policy in [Policy::by(by_name), Policy::by_future(move |parts| std::future::ready(by_name(parts)))] {
        assert_eq!(judged(&policy, None).await, Verdict::Refused(Refusal::NoRole));
        let (parts, ()) = Request::builder().header("x-user", "ann").body(()).expect("a request").into_parts();
        assert_eq!(policy.judge(&parts).await, Verdict::Granted(Access::new("ann", Role::Read)));
    }
}

#[tokio::test]
async fn nobody_is_let_in_without_a_policy() {
    assert_eq!(judged(&Policy::deny_all(), None).await, Verdict::Refused(Refusal::NoPolicy));
    assert_eq!(judged(&Policy::loopback(), None).await, Verdict::Refused(Refusal::UnknownPeer));
    assert_eq!(judged(&Policy::dangerously_open(), None).await, Verdict::Granted(Access::new("anybody", Role::Admin)));
}

#[test]
fn a_policy_does_not_show_its_secrets() {
    let policy = Policy::basic([("ann", "s3cret", Role::Read)]).expect("a policy");
    assert_eq!(format!("{policy:?}"), "Policy::basic");
}
