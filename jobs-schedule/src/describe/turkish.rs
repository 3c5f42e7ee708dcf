//! Turkish.

use super::{
    Clock, Days, Time, covers, day_spans, is_even, join, lone_range, runs, stepped, values, weekday_spans,
    weekdays_from_monday, wraps,
};
use crate::model::{DayItem, Part, Schedule, Span, WeekdayItem};

const MONTHS: [&str; 12] =
    ["ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz", "ağustos", "eylül", "ekim", "kasım", "aralık"];
const WEEKDAYS: [&str; 7] = ["pazar", "pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi"];
const ORDINALS: [&str; 5] = ["birinci", "ikinci", "üçüncü", "dördüncü", "beşinci"];
const WORKDAYS: [u8; 5] = [1, 2, 3, 4, 5];
const WEEKEND: [u8; 2] = [6, 0];

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

fn days(schedule: &Schedule, listed: bool) -> String {
    let every_month = covers(Part::Month, &schedule.months);
    let (of, in_months) = if every_month { ("her ayın".to_owned(), String::new()) } else { months(&schedule.months) };
    match Days::of(schedule) {
        Days::Every if listed => format!("{in_months}her gün"),
        Days::Every => in_months.trim_end().to_owned(),
        Days::Day(days) => format!("{of} {}", day_list(days)),
        Days::Weekday(weekdays) => weekday_list(weekdays, &of, &in_months),
        Days::Either(days, weekdays) => {
            format!("{of} {} ve ayrıca {}", day_list(days), weekday_list(weekdays, &of, &in_months))
        }
        Days::Both(days, weekdays) => format!("{of} {}, yalnızca {}", day_list(days), weekday_condition(weekdays)),
    }
}

/// "ocak ve temmuz aylarının" and "ocak ve temmuz aylarında "
fn months(spans: &[Span]) -> (String, String) {
    let name = |month: u8| MONTHS[usize::from(month) - 1].to_owned();
    let names = match lone_range(spans) {
        Some((first, last)) => format!("{}-{}", name(first), name(last)),
        None => join(&values(spans).into_iter().map(name).collect::<Vec<_>>(), "ve"),
    };
    match values(spans).len() {
        1 => (format!("{names} ayının"), format!("{names} ayında ")),
        _ => (format!("{names} aylarının"), format!("{names} aylarında ")),
    }
}

/// "15. günü", "1. ve 15. günleri", "son günü"
fn day_list(items: &[DayItem]) -> String {
    let spans = day_spans(items);
    let plain: Vec<Span> = spans.iter().copied().filter(|span| span.step == 1).collect();
    let numbers: Vec<String> = plain
        .iter()
        .map(|span| if span.is_one() { format!("{}.", span.first) } else { format!("{}-{}.", span.first, span.last) })
        .collect();
    let mut phrases = Vec::new();
    match plain.as_slice() {
        [] => {}
        [span] if span.is_one() => phrases.push(format!("{}. günü", span.first)),
        _ => phrases.push(format!("{} günleri", join(&numbers, "ve"))),
    }
    for span in spans.iter().filter(|span| span.step > 1) {
        phrases.push(match span.is_whole() {
            true => format!("1. gününden itibaren {} günde bir", span.step),
            false => format!("{}. gününden {}. gününe kadar {} günde bir", span.first, span.reached(), span.step),
        });
    }
    for item in items {
        match item {
            DayItem::Span(_) => {}
            DayItem::BeforeLast(0) => phrases.push("son günü".to_owned()),
            DayItem::BeforeLast(days) => phrases.push(format!("son gününden {days} gün önce")),
            DayItem::LastWorkday => phrases.push("son hafta içi günü".to_owned()),
            DayItem::NearestWorkday(day) => phrases.push(format!("{day}. gününe en yakın hafta içi günü")),
        }
    }
    join(&phrases, "ve")
}

/// "her cuma", "pazartesi ve cuma günleri", "her ayın son cuma günü"
fn weekday_list(items: &[WeekdayItem], of: &str, in_months: &str) -> String {
    let spans = weekday_spans(items);
    let days = weekdays_from_monday(&spans);
    let names: Vec<String> = days.iter().map(|day| weekday(*day).to_owned()).collect();
    let plain = match (days.as_slice(), lone_range(&spans)) {
        ([], _) => None,
        (days, _) if days == WORKDAYS => Some("hafta içi her gün".to_owned()),
        (days, _) if days == WEEKEND => Some("hafta sonu günleri".to_owned()),
        (_, Some((first, last))) => Some(format!("{}-{} günleri", weekday(first), weekday(last))),
        ([one], _) => Some(format!("her {}", weekday(*one))),
        _ => Some(format!("{} günleri", join(&names, "ve"))),
    };
    let counted = counted_weekdays(items);
    let counted_phrase = match counted.as_slice() {
        [one] => format!("{of} {one} günü"),
        several => format!("{of} {} günleri", join(several, "ve")),
    };
    match (plain, counted.is_empty()) {
        (Some(plain), true) => format!("{in_months}{plain}"),
        (Some(plain), false) => format!("{in_months}{plain} ve {counted_phrase}"),
        (None, _) => counted_phrase,
    }
}

/// "cuma günüyse", "pazartesi veya cuma günüyse", "ayın son cuma günüyse"
fn weekday_condition(items: &[WeekdayItem]) -> String {
    let plain = weekdays_from_monday(&weekday_spans(items));
    let mut names: Vec<String> = plain.into_iter().map(|day| weekday(day).to_owned()).collect();
    names.extend(counted_weekdays(items).into_iter().map(|day| format!("ayın {day}")));
    format!("{} günüyse,", join(&names, "veya"))
}

fn counted_weekdays(items: &[WeekdayItem]) -> Vec<String> {
    items
        .iter()
        .filter_map(|item| match item {
            WeekdayItem::Span(_) => None,
            WeekdayItem::Last(day) => Some(format!("son {}", weekday(*day))),
            WeekdayItem::Nth(day, nth) => Some(format!("{} {}", ORDINALS[usize::from(*nth) - 1], weekday(*day))),
        })
        .collect()
}

fn weekday(day: u8) -> &'static str {
    WEEKDAYS[usize::from(day)]
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

/// Capital first letter, by Turkish rules for the two letters i.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some('i') => format!("İ{}", letters.as_str()),
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
