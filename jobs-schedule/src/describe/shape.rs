//! The shape of a description that all languages share: which sentence fits, and the values in it.

use crate::model::{DayItem, Join, Part, Schedule, Span, WeekdayItem, bits, has};

/// More times of day than this are not listed one by one.
const LISTED_TIMES: usize = 6;

/// The time-of-day fields by the sentence that fits them.
pub(super) enum Time {
    /// Listed times of day.
    At(Vec<Clock>),
    /// Every so many hours at one minute and second.
    Hourly { hours: Span, minute: u8, second: u8 },
    /// Every so many minutes, at one second, all day or in one window of it.
    Minutely { minutes: Span, second: u8, window: Option<(Clock, Clock)> },
    /// Every so many seconds, all day or in one window of it.
    Secondly { seconds: Span, window: Option<(Clock, Clock)> },
    /// Each field for itself.
    Fields,
}

impl Time {
    pub(super) fn of(schedule: &Schedule) -> Time {
        Time::listed(schedule).or_else(|| Time::rate(schedule)).unwrap_or(Time::Fields)
    }

    fn listed(schedule: &Schedule) -> Option<Time> {
        if schedule.is_interval() {
            return None;
        }
        let (hours, minutes, seconds) = (values(&schedule.hours), values(&schedule.minutes), values(&schedule.seconds));
        if hours.len() * minutes.len() * seconds.len() > LISTED_TIMES {
            return None;
        }
        let mut times = Vec::new();
        for hour in hours {
            for minute in &minutes {
                times.extend(seconds.iter().map(|second| Clock { hour, minute: *minute, second: *second }));
            }
        }
        Some(Time::At(times))
    }

    fn rate(schedule: &Schedule) -> Option<Time> {
        let ([seconds], [minutes], [hours]) =
            (schedule.seconds.as_slice(), schedule.minutes.as_slice(), schedule.hours.as_slice())
        else {
            return None;
        };
        let (seconds, minutes, hours) = (*seconds, *minutes, *hours);
        // Hours that follow one another without a break make one window, wrapped ones too.
        let one_window = hours.step == 1 || hours.is_one();
        match (seconds.is_one(), minutes.is_one()) {
            (true, true) => Some(Time::Hourly { hours, minute: minutes.first, second: seconds.first }),
            (true, false) => {
                let broken = !minutes.is_whole() && !hours.is_one() || !one_window;
                let starts = Clock { hour: hours.first, minute: minutes.first, second: seconds.first };
                let ends = Clock { hour: hours.last, minute: minutes.reached(), second: seconds.first };
                match hours.is_every() {
                    true => Some(Time::Minutely { minutes, second: seconds.first, window: None }),
                    false if broken || wraps(minutes) => None,
                    false => Some(Time::Minutely { minutes, second: seconds.first, window: Some((starts, ends)) }),
                }
            }
            (false, _) => {
                let starts = Clock { hour: hours.first, minute: minutes.first, second: seconds.first };
                let ends = Clock { hour: hours.last, minute: minutes.last, second: seconds.reached() };
                let any_time = minutes.is_every() && hours.is_every();
                let window = seconds.is_whole()
                    && one_window
                    && minutes.step == 1
                    && (minutes.is_whole() || hours.is_one() && !wraps(minutes));
                match (any_time, window) {
                    (true, _) => Some(Time::Secondly { seconds, window: None }),
                    (false, true) => Some(Time::Secondly { seconds, window: Some((starts, ends)) }),
                    (false, false) => None,
                }
            }
        }
    }
}

/// A time of day; the second is shown only where it matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Clock {
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
}

impl Clock {
    pub(super) fn show(self, with_second: bool) -> String {
        let Clock { hour, minute, second } = self;
        if with_second { format!("{hour:02}:{minute:02}:{second:02}") } else { format!("{hour:02}:{minute:02}") }
    }
}

pub(super) fn wraps(span: Span) -> bool {
    span.last < span.first
}

/// All values of a field in rising order.
pub(super) fn values(spans: &[Span]) -> Vec<u8> {
    let set = bits(spans);
    (0..64).filter(|bit| has(set, *bit)).collect()
}

/// The values of a field as runs of neighbours, for lists that mix all forms.
pub(super) fn runs(spans: &[Span]) -> Vec<(u8, u8)> {
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for value in values(spans) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => runs.push((value, value)),
        }
    }
    // Two neighbours read better as two values than as a range.
    runs.into_iter()
        .flat_map(
            |(first, last)| {
                if first + 1 == last { vec![(first, first), (last, last)] } else { vec![(first, last)] }
            },
        )
        .collect()
}

/// The field leaves nothing out.
pub(super) fn covers(part: Part, spans: &[Span]) -> bool {
    values(spans).len() == usize::from(part.size())
}

/// Does the step meet the end of the field, so that the distance is always the same?
pub(super) fn is_even(span: Span) -> bool {
    span.is_whole() && span.part.size().is_multiple_of(span.step)
}

/// A single span with a step, which is said as a rate; anything else is said by its values.
pub(super) fn stepped(spans: &[Span]) -> Option<Span> {
    match spans {
        [span] if span.step > 1 => Some(*span),
        _ => None,
    }
}

/// What the day fields ask for, once fields that match every day are left out.
pub(super) enum Days<'a> {
    Every,
    Day(&'a [DayItem]),
    Weekday(&'a [WeekdayItem]),
    Either(&'a [DayItem], &'a [WeekdayItem]),
    Both(&'a [DayItem], &'a [WeekdayItem]),
}

impl Days<'_> {
    pub(super) fn of(schedule: &Schedule) -> Days<'_> {
        let every_day = covers(Part::Day, &day_spans(&schedule.days));
        let every_weekday = covers(Part::Weekday, &weekday_spans(&schedule.weekdays));
        let either = schedule.join == Join::Or;
        match (every_day, every_weekday) {
            (true, true) => Days::Every,
            (true, false) | (false, true) if either => Days::Every,
            (false, true) => Days::Day(&schedule.days),
            (true, false) => Days::Weekday(&schedule.weekdays),
            (false, false) if either => Days::Either(&schedule.days, &schedule.weekdays),
            (false, false) => Days::Both(&schedule.days, &schedule.weekdays),
        }
    }
}

pub(super) fn day_spans(items: &[DayItem]) -> Vec<Span> {
    items.iter().filter_map(|item| if let DayItem::Span(span) = item { Some(*span) } else { None }).collect()
}

pub(super) fn weekday_spans(items: &[WeekdayItem]) -> Vec<Span> {
    items.iter().filter_map(|item| if let WeekdayItem::Span(span) = item { Some(*span) } else { None }).collect()
}

/// A lone range of weekdays or months, said as a range; two values are said as two.
pub(super) fn lone_range(spans: &[Span]) -> Option<(u8, u8)> {
    match spans {
        [span] if span.step == 1 && span.length() > 1 => Some((span.first, span.last)),
        _ => None,
    }
}

/// Weekdays from Monday on, the order in which people list them.
pub(super) fn weekdays_from_monday(spans: &[Span]) -> Vec<u8> {
    let mut days = values(spans);
    days.sort_by_key(|day| (day + 6) % 7);
    days
}

/// "a", "a and b", "a, b and c".
pub(super) fn join(items: &[String], and: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} {and} {last}", init.join(", ")),
    }
}
