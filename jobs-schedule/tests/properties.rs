//! What holds for every expression and every text.

#![expect(clippy::unwrap_used, reason = "a failure here fails the test")]

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use jobs_schedule::{Cron, Language, Misfire, due_occurrences, parse_duration, parse_zone};
use proptest::prelude::*;

fn span(max: u8, min: u8) -> impl Strategy<Value = String> {
    prop_oneof![
        (min..=max).prop_map(|a| a.to_string()),
        (min..=max, min..=max).prop_map(|(a, b)| format!("{a}-{b}")),
        (2..=9u8).prop_map(|step| format!("*/{step}")),
        (min..=max, min..=max, 1..=9u8).prop_map(|(a, b, step)| format!("{a}-{b}/{step}")),
    ]
}

fn field(item: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("*".to_owned()),
        2 => prop::collection::vec(item, 1..4).prop_map(|items| items.join(",")),
    ]
}

fn day() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => span(31, 1),
        1 => Just("L".to_owned()),
        1 => Just("LW".to_owned()),
        1 => (1..=30u8).prop_map(|back| format!("L-{back}")),
        1 => (1..=31u8).prop_map(|day| format!("{day}W")),
    ]
}

fn weekday() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => span(7, 0),
        1 => (0..=7u8).prop_map(|day| format!("{day}L")),
        1 => (0..=7u8, 1..=5u8).prop_map(|(day, nth)| format!("{day}#{nth}")),
    ]
}

/// Mostly legal expressions of all forms.
fn expression() -> impl Strategy<Value = String> {
    let seconds = prop_oneof![Just(String::new()), field(span(59, 0)).prop_map(|field| format!("{field} "))];
    let plus = prop_oneof![3 => Just(""), 1 => Just("+")];
    (seconds, field(span(59, 0)), field(span(23, 0)), field(day()), field(span(12, 1)), plus, field(weekday()))
        .prop_map(|(seconds, minute, hour, day, month, plus, weekday)| {
            format!("{seconds}{minute} {hour} {day} {month} {plus}{weekday}")
        })
}

fn zone() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(vec![
        "UTC",
        "Europe/Istanbul",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "America/Nuuk",
        "Pacific/Apia",
        "Asia/Kathmandu",
    ])
    .prop_map(|name| parse_zone(name).unwrap())
}

/// From 1906 to 2090, not only at whole seconds.
fn timestamp() -> impl Strategy<Value = Timestamp> {
    (-2_000_000_000i64..3_800_000_000, prop_oneof![Just(0i64), 1..1_000_000_000i64]).prop_map(|(second, nano)| {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second) + SignedDuration::from_nanos(nano)
    })
}

fn whole_and_pointed(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = Cron::parse(text) {
        prop_assert!(text.get(error.range()).is_some(), "{:?} of {:?}", error.range(), text);
        let message = error.to_string();
        prop_assert!(message.contains("; "), "{}", message);
        prop_assert!(!message.ends_with('.'), "{}", message);
    }
    Ok(())
}

#[test]
fn an_expression_may_cross_threads() {
    fn crosses<T: Send + Sync + Clone + std::hash::Hash + Eq + std::fmt::Debug>() {}
    crosses::<Cron>();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        whole_and_pointed(&text)?;
        let _ = parse_duration(&text);
        let _ = parse_zone(&text);
    }

    #[test]
    fn no_text_of_our_own_letters_panics(text in "[-0-9LWFRIMONJA*/,?#+@ \t]{0,30}") {
        whole_and_pointed(&text)?;
    }

    #[test]
    fn no_damaged_expression_panics(text in expression(), at in 0..40usize, strange in any::<char>()) {
        let mut letters: Vec<char> = text.chars().collect();
        letters.insert(at.min(letters.len()), strange);
        whole_and_pointed(&letters.into_iter().collect::<String>())?;
    }

    #[test]
    fn occurrences_rise_strictly_and_skip_none(text in expression(), zone in zone(), after in timestamp()) {
        let Ok(cron) = Cron::parse(&text) else { return Ok(()) };
        let mut last = after;
        for next in cron.upcoming(after, &zone).take(8) {
            prop_assert!(next > last);
            prop_assert_eq!(next.subsec_nanosecond(), 0);
            let middle = last + next.duration_since(last) / 2;
            prop_assert_eq!(cron.next_after(middle, &zone), Some(next));
            last = next;
        }
        prop_assert!(last > after, "{} has no next occurrence", text);
    }

    #[test]
    fn text_survives_a_round_trip(text in expression(), blanks in " {0,3}") {
        let Ok(cron) = Cron::parse(&format!("{blanks}{text}{blanks}")) else { return Ok(()) };
        prop_assert_eq!(cron.to_string(), text);
        prop_assert_eq!(&cron.to_string().parse::<Cron>().unwrap(), &cron);
    }

    #[test]
    fn every_expression_can_be_described(text in expression()) {
        let Ok(cron) = Cron::parse(&text) else { return Ok(()) };
        for language in [Language::English, Language::Turkish] {
            let words = cron.describe(language);
            prop_assert!(words.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()), "{}", words);
            prop_assert!(!words.contains("  ") && !words.ends_with([' ', ',']), "{}", words);
        }
    }

    #[test]
    fn due_ones_agree_with_walking(text in expression(), zone in zone(), now in timestamp(), hours in 0..200i64, cap in 0..9u32) {
        let Ok(cron) = Cron::parse(&text) else { return Ok(()) };
        let Some(next) = cron.next_after(now - SignedDuration::from_hours(hours), &zone) else { return Ok(()) };
        let all: Vec<Timestamp> = std::iter::once(next).chain(cron.upcoming(next, &zone)).take_while(|time| *time <= now).take(9000).collect();
        prop_assume!(all.len() < 9000);
        let grace = std::time::Duration::from_secs(30);
        let due = |misfire| due_occurrences(&cron, &zone, next, now, misfire, grace);
        let newest = &all[all.len().saturating_sub(cap as usize)..];
        let capped = due(Misfire::All { cap });
        prop_assert_eq!(&capped.fire[..], newest);
        prop_assert_eq!(capped.missed as usize, all.len() - newest.len());
        prop_assert_eq!(due(Misfire::Once).fire, all.last().copied().into_iter().collect::<Vec<_>>());
        prop_assert_eq!(capped.next, cron.next_after(now, &zone));
    }
}
