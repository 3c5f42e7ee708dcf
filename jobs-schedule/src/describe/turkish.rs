//! Turkish.

mod days;

use self::days::days;
use super::shape::{Clock, Time, covers, is_even, join, runs, stepped, values, wraps};
use crate::model::{Part, Schedule, Span};

pub(super) fn describe(schedule: &Schedule) -> String {
    let time = Time::of(schedule);
    let listed = matches!(time, Time::At(_));
    let days = days(schedule, listed);
    let time = time_phrase(schedule, &time);
    capital(&match (days.as_str(), listed) {
        ("", _) => time,
        (days, true) => format!("{days} {time}"),
        (days, false) => format!("{days}, {time}"),
    })
}

fn time_phrase(schedule: &Schedule, time: &Time) -> String {
    match time {
        Time::At(times) => {
            let seconds = times.iter().any(|time| time.second != 0);
            let shown: Vec<String> = times.iter().map(|time| time.show(seconds)).collect();
            let last = times.last().map_or("", |last| locative(*last));
            format!("saat {}'{last}", join(&shown, "ve"))
        }
        Time::Hourly { hours, minute, second } => hourly(*hours, *minute, *second),
        Time::Minutely { minutes, second, window } => {
            let mut text = match window {
                Some(window) => between(*window, *second != 0, *minutes),
                None => format!("{}{}", within(*minutes), rate(*minutes)),
            };
            if *second != 0 && window.is_none() {
                text.push_str(&format!(", {second}. saniyede"));
            }
            text
        }
        Time::Secondly { seconds, window: Some(window) } => between(*window, true, *seconds),
        Time::Secondly { seconds, window: None } => format!("{}{}", within(*seconds), rate(*seconds)),
        Time::Fields => fields(schedule),
    }
}

fn hourly(hours: Span, minute: u8, second: u8) -> String {
    let on_the_hour = minute == 0 && second == 0;
    if !hours.is_whole() {
        let clock = |hour| Clock { hour, minute, second }.show(second != 0);
        let rate = match hours.step {
            1 if on_the_hour => "her saat başı".to_owned(),
            1 => "saatte bir".to_owned(),
            step => format!("{step} saatte bir"),
        };
        return format!("{}-{} arasında {rate}", clock(hours.first), clock(hours.reached()));
    }
    let rate = format!("{}{}", uneven(hours), rate(hours));
    match (hours.step, minute, second) {
        (1, 0, 0) => "her saat başı".to_owned(),
        (1, _, 0) => format!("her saatin {minute}. dakikasında"),
        (1, _, _) => format!("her saatin {minute}. dakikasının {second}. saniyesinde"),
        (_, 0, 0) => rate,
        (_, _, 0) => format!("{rate}, {minute}. dakikada"),
        (_, _, _) => format!("{rate}, {minute}. dakikanın {second}. saniyesinde"),
    }
}

/// "her 5 dakikada bir"
fn rate(span: Span) -> String {
    match (span.part, span.step) {
        (part, 1) => format!("her {}", unit(part)),
        (Part::Second, step) => format!("her {step} saniyede bir"),
        (Part::Minute, step) => format!("her {step} dakikada bir"),
        (_, step) => format!("her {step} saatte bir"),
    }
}

fn unit(part: Part) -> &'static str {
    match part {
        Part::Second => "saniye",
        Part::Minute => "dakika",
        _ => "saat",
    }
}

/// Where a rate starts and ends within the next larger unit.
fn within(span: Span) -> String {
    let (outer, from, to) = match span.part {
        Part::Second => ("her dakikanın", "saniyesinden", "saniyesine"),
        _ => ("her saatin", "dakikasından", "dakikasına"),
    };
    match (span.is_whole(), wraps(span)) {
        (true, _) => uneven(span).to_owned(),
        (false, false) => format!("{outer} {}. {from} {}. {to} kadar ", span.first, span.reached()),
        (false, true) => format!("{outer} {}. {from} bir sonrakinin {}. {to} kadar ", span.first, span.reached()),
    }
}

fn uneven(span: Span) -> &'static str {
    match span.part {
        _ if is_even(span) || !span.is_whole() => "",
        Part::Second => "her dakika başından itibaren ",
        Part::Minute => "her saat başından itibaren ",
        _ => "her gün gece yarısından itibaren ",
    }
}

fn between((first, last): (Clock, Clock), with_second: bool, span: Span) -> String {
    format!("{}-{} arasında {}{}", first.show(with_second), last.show(with_second), uneven(span), rate(span))
}

fn fields(schedule: &Schedule) -> String {
    let mut parts = Vec::new();
    let every_hour = covers(Part::Hour, &schedule.hours);
    let every_minute = covers(Part::Minute, &schedule.minutes);
    let seconds_said = values(&schedule.seconds) != [0];
    if !every_hour {
        parts.push(match stepped(&schedule.hours) {
            Some(hours) if hours.is_whole() => {
                format!("{}her {}. saatte", uneven(hours), hours.step)
            }
            _ if values(&schedule.hours).len() == 1 => {
                format!("{} saati içinde", numbers(&schedule.hours, ""))
            }
            _ => format!("{} saatleri içinde", numbers(&schedule.hours, "")),
        });
    }
    if !every_minute || !seconds_said {
        parts.push(field(Part::Minute, &schedule.minutes, if every_hour { "her saatin " } else { "" }));
    }
    if seconds_said {
        parts.push(field(
            Part::Second,
            &schedule.seconds,
            if every_hour && every_minute { "her dakikanın " } else { "" },
        ));
    }
    parts.join(", ")
}

fn field(part: Part, spans: &[Span], of: &str) -> String {
    match spans {
        all if covers(part, all) => format!("her {}", unit(part)),
        [span] if span.step > 1 && span.is_whole() => format!("{}{}", uneven(*span), rate(*span)),
        several => format!("{of}{}", numbered(part, several, !of.is_empty())),
    }
}

/// "5. dakikada", "0. ve 30. dakikalarda"; of something: "5. dakikasında", "0. ve 30. dakikalarında"
fn numbered(part: Part, spans: &[Span], of_something: bool) -> String {
    let one = values(spans).len() == 1;
    let unit = match (part, one, of_something) {
        (Part::Second, true, false) => "saniyede",
        (Part::Second, true, true) => "saniyesinde",
        (Part::Second, false, false) => "saniyelerde",
        (Part::Second, false, true) => "saniyelerinde",
        (_, true, false) => "dakikada",
        (_, true, true) => "dakikasında",
        (_, false, false) => "dakikalarda",
        (_, false, true) => "dakikalarında",
    };
    format!("{} {unit}", numbers(spans, "."))
}

/// "0, 15 ve 20-25", each with `mark` after it.
fn numbers(spans: &[Span], mark: &str) -> String {
    let shown: Vec<String> = runs(spans)
        .iter()
        .map(|(first, last)| if first == last { format!("{first}{mark}") } else { format!("{first}-{last}{mark}") })
        .collect();
    join(&shown, "ve")
}

/// Capital first letter, by Turkish rules for the two letters i.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some('i') => format!("İ{}", letters.as_str()),
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// The locative suffix of a time, by the sound of the last number that is spoken.
fn locative(time: Clock) -> &'static str {
    let spoken = [time.second, time.minute, time.hour].into_iter().find(|number| *number != 0).unwrap_or(0);
    match (spoken % 10, spoken) {
        (3..=5, _) => "te",
        (1 | 2 | 7 | 8, _) | (_, 20 | 50) => "de",
        (_, 40) => "ta",
        _ => "da",
    }
}
