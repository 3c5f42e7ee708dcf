//! Changes of the clock, zone by zone, as the documentation promises.

#![expect(clippy::unwrap_used, reason = "a failure here fails the test")]

use jiff::Timestamp;
use jobs_schedule::{Cron, parse_zone};

/// The occurrences in `zone` after a civil time, as clocks there show them.
#[track_caller]
fn check(text: &str, zone: &str, after: &str, expected: &[&str]) {
    let cron = Cron::parse(text).unwrap();
    let zone = parse_zone(zone).unwrap();
    let after: jiff::civil::DateTime = after.parse().unwrap();
    let after: Timestamp = zone.to_timestamp(after).unwrap();
    let found: Vec<String> = cron
        .upcoming(after, &zone)
        .take(expected.len())
        .map(|time| time.to_zoned(zone.clone()).strftime("%m-%d %H:%M:%S%:z").to_string())
        .collect();
    assert_eq!(found, expected, "`{text}`");
}

#[test]
fn a_fixed_time_in_the_gap_runs_once_at_its_end() {
    check("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", &["03-29 03:00:00+02:00", "03-30 02:30:00+02:00"]);
    check("30 2 * * *", "America/New_York", "2026-03-07T12:00", &["03-08 03:00:00-04:00", "03-09 02:30:00-04:00"]);
    check("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00", &["04-24 01:00:00+03:00", "04-25 00:00:00+03:00"]);
    check("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", &["10-04 02:30:00+11:00", "10-05 02:15:00+11:00"]);
}

#[test]
fn several_fixed_times_in_the_gap_run_together() {
    check("0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", &["03-29 03:00:00+02:00", "03-30 02:00:00+02:00"]);
    check("0 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00", &["03-29 03:00:00+02:00", "03-30 02:00:00+02:00"]);
    check("30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00", &["03-29 03:00:00+02:00", "03-29 03:30:00+02:00"]);
}

#[test]
fn a_gap_at_the_end_of_a_day_or_of_a_whole_day_loses_none() {
    check("30 23 28 * *", "America/Nuuk", "2026-03-20T12:00", &["03-29 00:00:00-01:00", "04-28 23:30:00-01:00"]);
    check(
        "0 12 * * *",
        "Pacific/Apia",
        "2011-12-29T00:00",
        &["12-29 12:00:00-10:00", "12-31 00:00:00+14:00", "12-31 12:00:00+14:00"],
    );
    check("0 0 30 12 *", "Pacific/Apia", "2011-12-29T00:00", &["12-31 00:00:00+14:00"]);
}

#[test]
fn an_interval_in_the_gap_follows_the_real_clock() {
    check(
        "*/30 * * * *",
        "Europe/Berlin",
        "2026-03-29T01:00",
        &["03-29 01:30:00+01:00", "03-29 03:00:00+02:00", "03-29 03:30:00+02:00"],
    );
    check("*/30 2 * * *", "Europe/Berlin", "2026-03-29T01:00", &["03-30 02:00:00+02:00"]);
    check("*/20 2 * * *", "Australia/Lord_Howe", "2026-10-04T01:59", &["10-04 02:40:00+11:00", "10-05 02:00:00+11:00"]);
    check("0 * * * *", "Africa/Cairo", "2026-04-23T22:30", &["04-23 23:00:00+02:00", "04-24 01:00:00+03:00"]);
    check("7/20 * * * *", "America/New_York", "2026-03-08T01:30", &["03-08 01:47:00-05:00", "03-08 03:07:00-04:00"]);
}

#[test]
fn a_fixed_time_in_the_overlap_runs_in_the_first_pass() {
    check("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", &["10-25 02:30:00+02:00", "10-26 02:30:00+01:00"]);
    check("30 1 * * *", "America/New_York", "2026-10-31T12:00", &["11-01 01:30:00-04:00", "11-02 01:30:00-05:00"]);
    check("30 23 * * *", "Africa/Cairo", "2026-10-29T12:00", &["10-29 23:30:00+03:00", "10-30 23:30:00+02:00"]);
    check("40 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00", &["04-05 01:40:00+11:00", "04-06 01:40:00+10:30"]);
    check(
        "0,30 2 * * *",
        "Europe/Berlin",
        "2026-10-24T12:00",
        &["10-25 02:00:00+02:00", "10-25 02:30:00+02:00", "10-26 02:00:00+01:00"],
    );
}

#[test]
fn a_fixed_time_does_not_run_again_when_asked_within_the_second_pass() {
    let berlin = parse_zone("Europe/Berlin").unwrap();
    let cron = Cron::parse("30 2 * * *").unwrap();
    let next_day: Timestamp = "2026-10-26T02:30:00+01:00".parse().unwrap();
    for after in ["2026-10-25T02:45:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:15:00.5+01:00"] {
        assert_eq!(cron.next_after(after.parse().unwrap(), &berlin), Some(next_day), "{after}");
    }
}

#[test]
fn an_interval_in_the_overlap_runs_in_both_passes_in_real_order() {
    check(
        "*/30 * * * *",
        "Europe/Berlin",
        "2026-10-25T01:59",
        &[
            "10-25 02:00:00+02:00",
            "10-25 02:30:00+02:00",
            "10-25 02:00:00+01:00",
            "10-25 02:30:00+01:00",
            "10-25 03:00:00+01:00",
        ],
    );
    check(
        "0 * * * *",
        "America/New_York",
        "2026-11-01T00:30",
        &["11-01 01:00:00-04:00", "11-01 01:00:00-05:00", "11-01 02:00:00-05:00"],
    );
    check("0 23 * * *", "Africa/Cairo", "2026-10-29T12:00", &["10-29 23:00:00+03:00", "10-30 23:00:00+02:00"]);
    check(
        "0 22-23 * * *",
        "Africa/Cairo",
        "2026-10-29T22:30",
        &["10-29 23:00:00+03:00", "10-29 23:00:00+02:00", "10-30 22:00:00+02:00"],
    );
    check(
        "*/20 1 * * *",
        "Australia/Lord_Howe",
        "2026-04-05T01:00",
        &["04-05 01:20:00+11:00", "04-05 01:40:00+11:00", "04-05 01:40:00+10:30", "04-06 01:00:00+10:30"],
    );
}

#[test]
fn rules_of_both_kinds_of_day_meet_the_changes() {
    check("30 2 L 3 *", "Europe/Berlin", "2024-03-01T00:00", &["03-31 03:00:00+02:00"]);
    check("30 2 * 3 SUNL", "Europe/Berlin", "2026-03-01T00:00", &["03-29 03:00:00+02:00"]);
    check("0 0 * APR FRI", "Africa/Cairo", "2026-04-23T12:00", &["04-24 01:00:00+03:00"]);
}
