//! The days and months of a description in English.

use super::ordinal;
use crate::describe::shape::{Days, covers, day_spans, join, lone_range, values, weekday_spans, weekdays_from_monday};
use crate::model::{DayItem, Part, Schedule, Span, WeekdayItem};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

pub(super) fn days(schedule: &Schedule, listed: bool) -> String {
    let every_month = covers(Part::Month, &schedule.months);
    let months = months(&schedule.months);
    let of = if every_month { "of the month".to_owned() } else { format!("of {months}") };
    let in_months = match lone_range(&schedule.months) {
        _ if every_month => String::new(),
        Some(_) => format!(" from {months}"),
        None => format!(" in {months}"),
    };
    match Days::of(schedule) {
        Days::Every if listed => format!("every day{in_months}"),
        Days::Every => in_months.trim_start().to_owned(),
        Days::Day(days) => format!("on {} {of}", day_list(days)),
        Days::Weekday(weekdays) => match lone_range(&weekday_spans(weekdays)) {
            Some((first, last)) if weekdays.len() == 1 => {
                format!("{} through {}{in_months}", weekday(first), weekday(last))
            }
            _ => format!("on {}", weekday_list(weekdays, "", "and", &of, &in_months)),
        },
        Days::Either(days, weekdays) => {
            let weekdays = weekday_list(weekdays, "every ", "and", &of, &in_months);
            format!("on {} {of} and also on {weekdays}", day_list(days))
        }
        Days::Both(days, weekdays) => {
            let weekdays = weekday_list(weekdays, "a ", "or", "of the month", "");
            format!("on {} {of} if it is {weekdays}", day_list(days))
        }
    }
}

fn months(spans: &[Span]) -> String {
    let name = |month: u8| MONTHS[usize::from(month) - 1].to_owned();
    match lone_range(spans) {
        Some((first, last)) => format!("{} through {}", name(first), name(last)),
        None => join(&values(spans).into_iter().map(name).collect::<Vec<_>>(), "and"),
    }
}

fn weekday(day: u8) -> &'static str {
    WEEKDAYS[usize::from(day)]
}

/// "day 15", "days 1 and 10 through 15", "the last day"
fn day_list(items: &[DayItem]) -> String {
    let spans = day_spans(items);
    let plain: Vec<Span> = spans.iter().copied().filter(|span| span.step == 1).collect();
    let numbers: Vec<String> = plain
        .iter()
        .map(
            |span| {
                if span.is_one() { span.first.to_string() } else { format!("{} through {}", span.first, span.last) }
            },
        )
        .collect();
    let mut phrases = Vec::new();
    match plain.as_slice() {
        [] => {}
        [span] if span.is_one() => phrases.push(format!("day {}", span.first)),
        _ => phrases.push(format!("days {}", join(&numbers, "and"))),
    }
    for span in spans.iter().filter(|span| span.step > 1) {
        phrases.push(match span.is_whole() {
            true => format!("every {} day", ordinal(span.step)),
            false => format!("every {} day from day {} through day {}", ordinal(span.step), span.first, span.reached()),
        });
    }
    for item in items {
        match item {
            DayItem::Span(_) => {}
            DayItem::BeforeLast(0) => phrases.push("the last day".to_owned()),
            DayItem::BeforeLast(1) => phrases.push("the day before the last day".to_owned()),
            DayItem::BeforeLast(days) => phrases.push(format!("the {} day before the last day", ordinal(*days))),
            DayItem::LastWorkday => phrases.push("the last weekday".to_owned()),
            DayItem::NearestWorkday(day) => phrases.push(format!("the weekday nearest day {day}")),
        }
    }
    join(&phrases, "and")
}

/// Plain weekdays, each led by `article` or all by one "every", then the counted ones.
fn weekday_list(items: &[WeekdayItem], article: &str, and: &str, of: &str, in_months: &str) -> String {
    let plain = weekdays_from_monday(&weekday_spans(items));
    let mut phrases: Vec<String> = plain.iter().map(|day| weekday(*day).to_owned()).collect();
    if let Some(first) = phrases.first_mut() {
        first.insert_str(0, article);
    }
    let counted: Vec<String> = items
        .iter()
        .filter_map(|item| match item {
            WeekdayItem::Span(_) => None,
            WeekdayItem::Last(day) => Some(format!("the last {}", weekday(*day))),
            WeekdayItem::Nth(day, nth) => Some(format!("the {} {}", ORDINALS[usize::from(*nth) - 1], weekday(*day))),
        })
        .collect();
    match (phrases.is_empty(), counted.is_empty()) {
        (false, true) => format!("{}{in_months}", join(&phrases, and)),
        (true, _) => format!("{} {of}", join(&counted, and)),
        (false, false) => {
            phrases.extend(counted);
            format!("{} of the month{in_months}", join(&phrases, and))
        }
    }
}
