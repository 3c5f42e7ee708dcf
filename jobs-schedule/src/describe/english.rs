//! English.

mod days;

use self::days::days;
use super::shape::{Clock, Time, covers, is_even, join, runs, stepped, values, wraps};
use crate::model::{Part, Schedule, Span};

pub(super) fn describe(schedule: &Schedule) -> String {
    let time = Time::of(schedule);
    let listed = matches!(time, Time::At(_));
    let days = days(schedule, listed);
    let time = capital(&time_phrase(schedule, &time));
    match (days.as_str(), listed) {
        ("", _) => time,
        (days, true) if days.starts_with("on ") || days.starts_with("every ") => {
            format!("{time} {days}")
        }
        (days, _) => format!("{time}, {days}"),
    }
}

fn time_phrase(schedule: &Schedule, time: &Time) -> String {
    match time {
        Time::At(times) => {
            let seconds = times.iter().any(|time| time.second != 0);
            format!("at {}", join(&times.iter().map(|time| time.show(seconds)).collect::<Vec<_>>(), "and"))
        }
        Time::Hourly { hours, minute, second } => hourly(*hours, *minute, *second),
        Time::Minutely { minutes, second, window } => {
            let mut text = match window {
                Some(window) => format!("{}{}", rate(*minutes), between(*window, *second != 0, *minutes)),
                None => format!("{}{}", rate(*minutes), within(*minutes)),
            };
            if *second != 0 && window.is_none() {
                text.push_str(&format!(", at second {second}"));
            }
            text
        }
        Time::Secondly { seconds, window: Some(window) } => {
            format!("{}{}", rate(*seconds), between(*window, true, *seconds))
        }
        Time::Secondly { seconds, window: None } => format!("{}{}", rate(*seconds), within(*seconds)),
        Time::Fields => fields(schedule),
    }
}

fn hourly(hours: Span, minute: u8, second: u8) -> String {
    let mut text = rate(hours);
    if !hours.is_whole() {
        let clock = |hour| Clock { hour, minute, second }.show(second != 0);
        return format!("{text} from {} through {}", clock(hours.first), clock(hours.reached()));
    }
    text.push_str(uneven(hours));
    match (minute, second) {
        (0, 0) => {}
        (_, 0) => text.push_str(&format!(", at minute {minute}")),
        _ => text.push_str(&format!(", at minute {minute} and second {second}")),
    }
    text
}

/// "every 5 minutes"
fn rate(span: Span) -> String {
    let unit = span.part.name();
    if span.step == 1 { format!("every {unit}") } else { format!("every {} {unit}s", span.step) }
}

fn uneven(span: Span) -> &'static str {
    match span.part {
        _ if is_even(span) || !span.is_whole() => "",
        Part::Second => ", starting anew each minute",
        Part::Minute => ", starting anew each hour",
        _ => ", starting anew each day",
    }
}

/// Where a rate starts and ends within the next larger unit.
fn within(span: Span) -> String {
    if span.is_whole() {
        return uneven(span).to_owned();
    }
    let (unit, outer) = (span.part.name(), if span.part == Part::Second { "minute" } else { "hour" });
    let (first, last) = (span.first, span.reached());
    if wraps(span) {
        return format!(" from {unit} {first} of each {outer} through {unit} {last} of the next");
    }
    format!(" from {unit} {first} through {unit} {last} of each {outer}")
}

fn between((first, last): (Clock, Clock), with_second: bool, span: Span) -> String {
    format!(" from {} through {}{}", first.show(with_second), last.show(with_second), uneven(span))
}

fn fields(schedule: &Schedule) -> String {
    let mut parts = Vec::new();
    let every_minute = covers(Part::Minute, &schedule.minutes);
    if values(&schedule.seconds) != [0] {
        parts.push(match schedule.seconds.as_slice() {
            all if covers(Part::Second, all) => "every second".to_owned(),
            [span] if span.step > 1 => format!("{}{}", rate(*span), within(*span)),
            several => format!("at {}", numbered("second", several)),
        });
    }
    if !every_minute || parts.is_empty() {
        parts.push(match schedule.minutes.as_slice() {
            _ if every_minute => "every minute".to_owned(),
            [span] if span.step > 1 && parts.is_empty() => {
                format!("{}{}", rate(*span), within(*span))
            }
            [span] if span.step > 1 && span.is_whole() => {
                format!("in every {} minute{}", ordinal(span.step), uneven(*span))
            }
            several => format!("at {}", numbered("minute", several)),
        });
    }
    if covers(Part::Hour, &schedule.hours) {
        let outer = if every_minute { "minute" } else { "hour" };
        if let Some(last) = parts.last_mut() {
            last.push_str(&format!(" of every {outer}"));
        }
    } else {
        parts.push(match stepped(&schedule.hours) {
            Some(hours) if hours.is_whole() => {
                format!("in every {} hour{}", ordinal(hours.step), uneven(hours))
            }
            _ => format!("during {}", numbered("hour", &schedule.hours)),
        });
    }
    parts.join(", ")
}

/// "minute 5", "minutes 0, 15 and 20-25"
fn numbered(unit: &str, spans: &[Span]) -> String {
    let runs = runs(spans);
    let s = if matches!(runs.as_slice(), [(first, last)] if first == last) { "" } else { "s" };
    let shown: Vec<String> = runs
        .iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
        .collect();
    format!("{unit}{s} {}", join(&shown, "and"))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn ordinal(number: u8) -> String {
    let suffix = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}
