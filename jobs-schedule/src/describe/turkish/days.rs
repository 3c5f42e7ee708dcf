//! The days and months of a description in Turkish.

use crate::describe::shape::{Days, covers, day_spans, join, lone_range, values, weekday_spans, weekdays_from_monday};
use crate::model::{DayItem, Part, Schedule, Span, WeekdayItem};

const MONTHS: [&str; 12] =
    ["ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz", "ağustos", "eylül", "ekim", "kasım", "aralık"];
const WEEKDAYS: [&str; 7] = ["pazar", "pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi"];
const ORDINALS: [&str; 5] = ["birinci", "ikinci", "üçüncü", "dördüncü", "beşinci"];
const WORKDAYS: [u8; 5] = [1, 2, 3, 4, 5];
const WEEKEND: [u8; 2] = [6, 0];

pub(super) fn days(schedule: &Schedule, listed: bool) -> String {
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
