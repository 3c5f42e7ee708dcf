//! One field: its list, and each item of it.

use super::Token;
use crate::error::CronError;
use crate::model::{DayItem, Part, Span, WeekdayItem};

const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];
const WEEKDAYS: [&str; 7] = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];

/// The second, minute, hour and month fields.
pub(super) fn spans(part: Part, field: Token<'_>) -> Result<Vec<Span>, CronError> {
    list(part, field, |item| span(part, item))
}

/// The day-of-month field.
pub(super) fn days(field: Token<'_>) -> Result<Vec<DayItem>, CronError> {
    list(Part::Day, field, day)
}

/// The day-of-week field, without its `+`.
pub(super) fn weekdays(field: Token<'_>) -> Result<Vec<WeekdayItem>, CronError> {
    list(Part::Weekday, field, weekday)
}

fn list<T>(
    part: Part,
    field: Token<'_>,
    read: impl Fn(Token<'_>) -> Result<T, CronError>,
) -> Result<Vec<T>, CronError> {
    if !field.text.contains(',') {
        return Ok(vec![read(field)?]);
    }
    field
        .split(',')
        .map(|item| match item.text {
            "" => {
                // There is always a comma at one side of an empty item.
                let comma = if item.at < field.range().end { item.at } else { item.at - 1 };
                let message = format!("the {} list has an empty item; remove the comma or write a value", part.name());
                Err(CronError::new(message, comma..comma + 1))
            }
            every @ ("*" | "?") => Err(item.error(format!(
                "`{every}` already means every {}; write it alone, or leave it out of the list",
                part.name()
            ))),
            _ => read(item),
        })
        .collect()
}

fn day(item: Token<'_>) -> Result<DayItem, CronError> {
    let upper = item.upper();
    match upper.as_str() {
        "L" => return Ok(DayItem::BeforeLast(0)),
        "LW" => return Ok(DayItem::LastWorkday),
        "W" | "WL" => return Err(item.error("`W` needs a day before it; write `15W` or `LW`")),
        _ => {}
    }
    if upper.contains('#') {
        return Err(item.error("`#` counts weekdays; write it in the weekday field, such as `* * FRI#2`"));
    }
    if upper.starts_with("L-") {
        let (_, days) = item.split_once('-').unwrap_or((item, item));
        return match number(days) {
            Some(0) => Err(item.error("`L-0` is the last day itself; write `L`")),
            Some(days @ 1..=30) => Ok(DayItem::BeforeLast(days as u8)),
            _ => Err(item.error("`L-` takes a number from 1 to 30; write `L-3` for three days before the last")),
        };
    }
    if upper.ends_with('W') {
        let day = item.without_last();
        if day.text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(DayItem::NearestWorkday(value(Part::Day, day)?));
        }
        return Err(item.error("`W` goes with one day; write `15W` or `LW`"));
    }
    if upper.ends_with('L') && upper.len() > 1 && as_weekday(item.without_last()) {
        return Err(item.error(format!("`{}` is a last weekday; write it in the weekday field", item.text)));
    }
    span(Part::Day, item).map(DayItem::Span)
}

fn weekday(item: Token<'_>) -> Result<WeekdayItem, CronError> {
    let upper = item.upper();
    if upper == "L" || upper.starts_with("L-") || upper == "LW" {
        return Err(item.error(
            "`L` alone belongs in the day-of-month field; for a last weekday write which, such as `5L` or `FRIL`",
        ));
    }
    if let Some((day, nth)) = item.split_once('#') {
        let day = value(Part::Weekday, day)?;
        return match number(nth) {
            Some(nth @ 1..=5) => Ok(WeekdayItem::Nth(day, nth as u8)),
            _ => Err(item.error("`#` takes a number from 1 to 5; write `FRI#2` for the second Friday of the month")),
        };
    }
    if upper.ends_with('L') && as_weekday(item.without_last()) {
        return Ok(WeekdayItem::Last(value(Part::Weekday, item.without_last())?));
    }
    span(Part::Weekday, item).map(WeekdayItem::Span)
}

fn as_weekday(text: Token<'_>) -> bool {
    value(Part::Weekday, text).is_ok()
}

fn span(part: Part, item: Token<'_>) -> Result<Span, CronError> {
    let (base, step) = match item.split_once('/') {
        Some((base, step)) => (base, Some(step)),
        None => (item, None),
    };
    let span = match base.text {
        "*" => Span::all(part),
        "?" => question(part, base, step.is_some())?,
        _ => match base.split_once('-') {
            Some((first, last)) => range(part, base, first, last)?,
            // `7/2` starts at Sunday as `0/2` does.
            None if step.is_some() => Span { last: part.max(), ..Span::one(part, value(part, base)?) },
            None => Span::one(part, value(part, base)?),
        },
    };
    match step {
        Some(step) => stepped(span, item, step),
        // A full circle, as `1-7` of the week, is every value wherever it starts.
        None if span.length() + 1 == part.size() => Ok(Span::all(part)),
        None => Ok(span),
    }
}

fn question(part: Part, base: Token<'_>, with_step: bool) -> Result<Span, CronError> {
    if !matches!(part, Part::Day | Part::Weekday) {
        return Err(base.error(format!("`?` is for the two day fields; write `*` for every {}", part.name())));
    }
    if with_step {
        return Err(base.error("`?` takes no step; write `*`"));
    }
    Ok(Span::all(part))
}

fn range(part: Part, base: Token<'_>, first: Token<'_>, last: Token<'_>) -> Result<Span, CronError> {
    if first.text.is_empty() || last.text.is_empty() || last.text.contains('-') {
        return Err(base.error(format!("`{}` is not a range; write a first and a last {}", base.text, part.name())));
    }
    let whole_week = part == Part::Weekday && number(first) == Some(0) && number(last) == Some(7);
    let span = Span { last: value(part, last)?, ..Span::one(part, value(part, first)?) };
    Ok(if whole_week { Span::all(part) } else { span })
}

fn stepped(span: Span, item: Token<'_>, step: Token<'_>) -> Result<Span, CronError> {
    let part = span.part;
    let Some(count) = number(step) else {
        return Err(item.error(format!("`{}` is not a step; write a number after `/`, such as `*/5`", step.text)));
    };
    if count == 0 {
        return Err(step.error("a step of 0 stands still; write 1 or more"));
    }
    if count > u32::from(span.length()) {
        return Err(step.error(format!(
            "step {} reaches only the first {}; write a smaller step, or `{}` alone",
            step.text,
            part.name(),
            span.first
        )));
    }
    Ok(Span { step: count as u8, ..span })
}

/// A number or a name; weekday 7 is Sunday, 0.
fn value(part: Part, text: Token<'_>) -> Result<u8, CronError> {
    let max = if part == Part::Weekday { 7 } else { part.max() };
    let min = part.min();
    if !text.text.is_empty() && text.text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match number(text) {
            Some(7) if part == Part::Weekday => Ok(0),
            Some(number) if (u32::from(min)..=u32::from(max)).contains(&number) => Ok(number as u8),
            _ => Err(text.error(format!(
                "{} {} is out of range; write a number from {min} to {max}",
                part.name(),
                text.text
            ))),
        };
    }
    let upper = text.upper();
    let (names, base): (&[&str], u8) = match part {
        Part::Month => (&MONTHS, 1),
        Part::Weekday => (&WEEKDAYS, 0),
        _ => (&[], 0),
    };
    if let Some(place) = names.iter().position(|name| upper == **name || upper == name[..3]) {
        return Ok(base + place as u8);
    }
    let remedy = match part {
        Part::Month => "or a name such as JAN",
        Part::Weekday => "or a name such as MON",
        Part::Day => "or `L`, `L-3`, `LW`, `15W`",
        _ => "`*`, a list, a range or a step",
    };
    if text.text.is_empty() {
        // What should follow the value stands in its place.
        let message = format!("the {} is missing; write a number from {min} to {max}, {remedy}", part.name());
        return Err(CronError::new(message, text.at..text.at + 1));
    }
    let article = if part == Part::Hour { "an" } else { "a" };
    let message =
        format!("`{}` is not {article} {}; write a number from {min} to {max}, {remedy}", text.text, part.name());
    Err(text.error(message))
}

/// Plain digits only: `str::parse` alone would also take a sign.
fn number(text: Token<'_>) -> Option<u32> {
    text.text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.text.parse().ok()).flatten()
}
