//! When a schedule fires next: bit sets over civil time, laid over the zone's transitions.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::{DayItem, Join, Schedule, WeekdayItem, bits, has};
use crate::month::Month;

/// How far ahead an occurrence is looked for.
const HORIZON_YEARS: i16 = 100;

/// Every combination of leap year and first weekday occurs in these years, so a day rule that
/// finds no day in them never will.
const ALL_KINDS_OF_YEARS: std::ops::Range<i16> = 2000..2028;

type Clock = (u8, u8, u8);

/// A schedule made ready for searching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    seconds: u64,
    minutes: u64,
    hours: u64,
    months: u64,
    plain_days: u64,
    odd_days: Vec<DayItem>,
    plain_weekdays: u64,
    odd_weekdays: Vec<WeekdayItem>,
    join: Join,
    interval: bool,
}

impl Search {
    pub(crate) fn new(schedule: &Schedule) -> Search {
        let day_spans = schedule.days.iter().filter_map(|item| match item {
            DayItem::Span(span) => Some(span),
            _ => None,
        });
        let weekday_spans = schedule.weekdays.iter().filter_map(|item| match item {
            WeekdayItem::Span(span) => Some(span),
            _ => None,
        });
        Search {
            seconds: bits(&schedule.seconds),
            minutes: bits(&schedule.minutes),
            hours: bits(&schedule.hours),
            months: bits(&schedule.months),
            plain_days: bits(day_spans),
            odd_days: schedule.days.iter().copied().filter(|item| !matches!(item, DayItem::Span(_))).collect(),
            plain_weekdays: bits(weekday_spans),
            odd_weekdays: schedule
                .weekdays
                .iter()
                .copied()
                .filter(|item| !matches!(item, WeekdayItem::Span(_)))
                .collect(),
            join: schedule.join,
            interval: schedule.is_interval(),
        }
    }

    /// Is there any day at all on which the schedule fires?
    pub(crate) fn ever_fires(&self) -> bool {
        ALL_KINDS_OF_YEARS.into_iter().any(|year| (1..=12).any(|month| self.days_of(year, month) != 0))
    }

    /// The first occurrence strictly after `after`.
    ///
    /// Between two transitions of the zone the offset is constant and civil time runs with real
    /// time, so one civil search answers for a whole segment, and only its two ends need care.
    pub(crate) fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut offset = zone.to_offset(after);
        let mut from = offset.to_datetime(whole_second_after(after)?);
        if !self.interval
            && let Some(before) = first_pass_end(after, zone)
        {
            from = from.max(before);
        }
        let last_year = from.year().saturating_add(HORIZON_YEARS);
        let mut transitions = zone.following(after);
        let mut found = self.civil_from(from, last_year)?;
        loop {
            let Some(transition) = transitions.next() else {
                return offset.to_timestamp(found).ok();
            };
            let instant = transition.timestamp();
            let (old_end, new_start) = (offset.to_datetime(instant), transition.offset().to_datetime(instant));
            if found < old_end {
                return offset.to_timestamp(found).ok();
            }
            if !self.interval && found < new_start {
                return Some(instant);
            }
            // In the gap `new_start` is later, in the overlap `old_end` is: fixed times skip both.
            let start = if self.interval { new_start } else { new_start.max(old_end) };
            offset = transition.offset();
            if start < old_end || found < start {
                found = self.civil_from(start, last_year)?;
            }
        }
    }

    /// The first matching civil time at or after `from`, which is a whole second.
    fn civil_from(&self, from: DateTime, last_year: i16) -> Option<DateTime> {
        let (mut year, mut month) = (from.year(), from.month());
        let first = (from.hour() as u8, from.minute() as u8, from.second() as u8);
        let mut days = self.days_of(year, month) & !lowest(from.day() as u8);
        if days & (1 << from.day()) != 0 {
            if let Some(clock) = self.clock_from(first) {
                return civil(year, month, from.day() as u8, clock);
            }
            days &= !(1 << from.day());
        }
        loop {
            if let Some(day) = next_bit(days, 0) {
                return civil(year, month, day, self.clock_from((0, 0, 0))?);
            }
            (year, month) = if month == 12 { (year.checked_add(1)?, 1) } else { (year, month + 1) };
            if year > last_year {
                return None;
            }
            days = self.days_of(year, month);
        }
    }

    /// The first matching time of day at or after the given one.
    fn clock_from(&self, (hour, minute, second): Clock) -> Option<Clock> {
        if has(self.hours, hour) {
            if has(self.minutes, minute)
                && let Some(second) = next_bit(self.seconds, second)
            {
                return Some((hour, minute, second));
            }
            if let Some(minute) = next_bit(self.minutes, minute + 1) {
                return Some((hour, minute, next_bit(self.seconds, 0)?));
            }
        }
        let hour = next_bit(self.hours, hour + 1)?;
        Some((hour, next_bit(self.minutes, 0)?, next_bit(self.seconds, 0)?))
    }

    /// The matching days of a month, as bits 1 to 31.
    fn days_of(&self, year: i16, month: i8) -> u64 {
        if self.months & (1 << month) == 0 {
            return 0;
        }
        let Some(month) = Month::new(year, month) else {
            return 0;
        };
        let by_day = self.odd_days.iter().fold(self.plain_days, |set, item| set | month.odd_day(*item));
        let by_weekday = self
            .odd_weekdays
            .iter()
            .fold(month.weekdays(self.plain_weekdays), |set, item| set | month.odd_weekday(*item));
        let joined = match self.join {
            Join::And => by_day & by_weekday,
            Join::Or => by_day | by_weekday,
        };
        joined & month.all()
    }
}

fn next_bit(set: u64, from: u8) -> Option<u8> {
    let rest = set & !lowest(from);
    (rest != 0).then(|| rest.trailing_zeros() as u8)
}

/// The bits below `count`.
fn lowest(count: u8) -> u64 {
    (1 << count) - 1
}

fn civil(year: i16, month: i8, day: u8, (hour, minute, second): Clock) -> Option<DateTime> {
    DateTime::new(year, month, day as i8, hour as i8, minute as i8, second as i8, 0).ok()
}

fn whole_second_after(time: Timestamp) -> Option<Timestamp> {
    // Before 1970 both parts of a timestamp are negative.
    let step = i64::from(time.subsec_nanosecond() >= 0);
    Timestamp::from_second(time.as_second() + step).ok()
}

/// What clocks showed at the latest transition, had they not been changed: where the first pass
/// of an overlap ends.
fn first_pass_end(after: Timestamp, zone: &TimeZone) -> Option<DateTime> {
    let inclusive = after.checked_add(SignedDuration::from_nanos(1)).ok()?;
    let instant = zone.preceding(inclusive).next()?.timestamp();
    let before = zone.to_offset(instant.checked_sub(SignedDuration::from_nanos(1)).ok()?);
    Some(before.to_datetime(instant))
}
