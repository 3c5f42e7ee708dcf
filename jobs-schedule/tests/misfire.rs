//! What fires after a stop, by policy.

#![expect(clippy::unwrap_used, reason = "a failure here fails the test")]

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use jobs_schedule::{Cron, Due, MAX_COUNTED, Misfire, Overlap, due_occurrences};

const GRACE: Duration = Duration::from_secs(30);

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn due(cron: &str, next: &str, now: &str, misfire: Misfire) -> Due {
    due_occurrences(&Cron::parse(cron).unwrap(), &TimeZone::UTC, time(next), time(now), misfire, GRACE)
}

fn expect(fire: &[&str], missed: u64, next: &str) -> Due {
    Due { fire: fire.iter().map(|text| time(text)).collect(), missed, next: Some(time(next)) }
}

const HOURLY: &str = "0 * * * *";

#[test]
fn nothing_is_due_before_its_time() {
    for misfire in [Misfire::Once, Misfire::Skip, Misfire::All { cap: 5 }] {
        let early = due(HOURLY, "2026-05-01T10:00:00Z", "2026-05-01T09:59:59.999Z", misfire);
        assert_eq!(early, expect(&[], 0, "2026-05-01T10:00:00Z"));
    }
}

#[test]
fn one_in_time_fires_under_every_policy() {
    for misfire in [Misfire::Once, Misfire::Skip, Misfire::All { cap: 5 }] {
        for now in ["2026-05-01T10:00:00Z", "2026-05-01T10:00:30Z"] {
            let due = due(HOURLY, "2026-05-01T10:00:00Z", now, misfire);
            assert_eq!(due, expect(&["2026-05-01T10:00:00Z"], 0, "2026-05-01T11:00:00Z"));
        }
    }
}

#[test]
fn once_fires_the_last_of_many() {
    let due = due(HOURLY, "2026-05-01T06:00:00Z", "2026-05-01T10:20:00Z", Misfire::Once);
    assert_eq!(due, expect(&["2026-05-01T10:00:00Z"], 4, "2026-05-01T11:00:00Z"));
}

#[test]
fn skip_fires_only_what_is_not_late() {
    let late = due(HOURLY, "2026-05-01T06:00:00Z", "2026-05-01T10:00:31Z", Misfire::Skip);
    assert_eq!(late, expect(&[], 5, "2026-05-01T11:00:00Z"));
    let by_a_hair = due(HOURLY, "2026-05-01T10:00:00Z", "2026-05-01T10:00:30.000000001Z", Misfire::Skip);
    assert_eq!(by_a_hair, expect(&[], 1, "2026-05-01T11:00:00Z"));
    let in_time = due(HOURLY, "2026-05-01T06:00:00Z", "2026-05-01T10:00:30Z", Misfire::Skip);
    assert_eq!(in_time, expect(&["2026-05-01T10:00:00Z"], 4, "2026-05-01T11:00:00Z"));
}

#[test]
fn an_endless_grace_is_never_exceeded() {
    let cron = Cron::parse(HOURLY).unwrap();
    let (next, now) = (time("2020-01-01T00:00:00Z"), time("2020-01-01T00:59:00Z"));
    let due = due_occurrences(&cron, &TimeZone::UTC, next, now, Misfire::Skip, Duration::MAX);
    assert_eq!(due.fire, [next]);
}

#[test]
fn all_fires_the_newest_oldest_first() {
    let due_with = |cap| due(HOURLY, "2026-05-01T06:00:00Z", "2026-05-01T10:20:00Z", Misfire::All { cap });
    let newest = ["2026-05-01T09:00:00Z", "2026-05-01T10:00:00Z"];
    assert_eq!(due_with(2), expect(&newest, 3, "2026-05-01T11:00:00Z"));
    assert_eq!(due_with(0), expect(&[], 5, "2026-05-01T11:00:00Z"));
    assert_eq!(due_with(u32::MAX).fire.len(), 5);
    assert_eq!(due_with(u32::MAX).missed, 0);
}

#[test]
fn a_stored_occurrence_fires_even_if_the_expression_no_longer_names_it() {
    let due = due(HOURLY, "2026-05-01T10:17:00Z", "2026-05-01T10:18:00Z", Misfire::Once);
    assert_eq!(due, expect(&["2026-05-01T10:17:00Z"], 0, "2026-05-01T11:00:00Z"));
}

#[test]
fn a_year_of_seconds_costs_little() {
    let started = Instant::now();
    let (next, now) = ("2025-05-01T00:00:00Z", "2026-05-01T10:00:00.25Z");
    let missed = u64::from(MAX_COUNTED);
    let once = due("* * * * * *", next, now, Misfire::Once);
    assert_eq!(once, expect(&["2026-05-01T10:00:00Z"], missed, "2026-05-01T10:00:01Z"));
    assert_eq!(due("* * * * * *", next, now, Misfire::Skip), once);
    let all = due("* * * * * *", next, now, Misfire::All { cap: 500 });
    let seconds: Vec<Timestamp> =
        (0..500).map(|back| time("2026-05-01T10:00:00Z") - SignedDuration::from_secs(499 - back)).collect();
    assert_eq!(all.fire, seconds);
    assert_eq!(all.missed, missed);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn a_burst_long_ago_is_found_from_afar() {
    // Every second of one January day, and the stop ends in December.
    let (next, now) = ("2025-01-05T00:00:00Z", "2025-12-20T00:00:00Z");
    let due = due("* * * 5 1 *", next, now, Misfire::All { cap: 2 });
    let last = ["2025-01-05T23:59:58Z", "2025-01-05T23:59:59Z"];
    assert_eq!(due, expect(&last, u64::from(MAX_COUNTED), "2026-01-05T00:00:00Z"));
}

#[test]
fn the_clock_change_counts_once() {
    let berlin = jobs_schedule::parse_zone("Europe/Berlin").unwrap();
    let cron = Cron::parse("30 2 * * *").unwrap();
    let (next, now) = (time("2026-10-25T02:30:00+02:00"), time("2026-10-25T12:00:00+01:00"));
    let due = due_occurrences(&cron, &berlin, next, now, Misfire::All { cap: 9 }, GRACE);
    assert_eq!(due.fire, [next]);
}

#[test]
fn words() {
    assert_eq!("once".parse(), Ok(Misfire::Once));
    assert_eq!("skip".parse(), Ok(Misfire::Skip));
    assert_eq!("all".parse(), Ok(Misfire::All { cap: Misfire::DEFAULT_CAP }));
    assert_eq!("allow".parse(), Ok(Overlap::Allow));
    assert_eq!("skip".parse(), Ok(Overlap::Skip));
    assert_eq!((Misfire::default(), Overlap::default()), (Misfire::Once, Overlap::Allow));
    let error = "Once".parse::<Misfire>().unwrap_err();
    assert_eq!(error.to_string(), "`Once` is not a misfire policy; write `once`, `skip` or `all`");
}
