//! Which days of a month a day rule means, as bits 1 to 31.

use jiff::civil::Date;

use crate::model::{DayItem, WeekdayItem, bits, has};

/// One month of one year.
pub(crate) struct Month {
    length: u8,
    starts_on: u8,
}

impl Month {
    /// `None` beyond the years that can be represented.
    pub(crate) fn new(year: i16, month: i8) -> Option<Month> {
        let first = Date::new(year, month, 1).ok()?;
        Some(Month { length: first.days_in_month() as u8, starts_on: first.weekday().to_sunday_zero_offset() as u8 })
    }

    pub(crate) fn all(&self) -> u64 {
        (1 << (self.length + 1)) - 2
    }

    fn weekday(&self, day: u8) -> u8 {
        (self.starts_on + day - 1) % 7
    }

    pub(crate) fn weekdays(&self, weekdays: u64) -> u64 {
        (1..=self.length).filter(|day| has(weekdays, self.weekday(*day))).fold(0, |set, day| set | 1 << day)
    }

    pub(crate) fn odd_day(&self, item: DayItem) -> u64 {
        match item {
            DayItem::Span(span) => bits([&span]),
            DayItem::BeforeLast(days) if days < self.length => 1 << (self.length - days),
            DayItem::BeforeLast(_) => 0,
            DayItem::LastWorkday => self.nearest_workday(self.length),
            DayItem::NearestWorkday(day) if day <= self.length => self.nearest_workday(day),
            DayItem::NearestWorkday(_) => 0,
        }
    }

    fn nearest_workday(&self, day: u8) -> u64 {
        let nearest = match self.weekday(day) {
            6 if day > 1 => day - 1,
            6 => day + 2,
            0 if day < self.length => day + 1,
            0 => day - 2,
            _ => day,
        };
        1 << nearest
    }

    pub(crate) fn odd_weekday(&self, item: WeekdayItem) -> u64 {
        match item {
            WeekdayItem::Span(span) => self.weekdays(bits([&span])),
            WeekdayItem::Last(weekday) => {
                let back = (self.weekday(self.length) + 7 - weekday) % 7;
                1 << (self.length - back)
            }
            WeekdayItem::Nth(weekday, nth) => 1 << ((weekday + 7 - self.starts_on) % 7 + 1 + 7 * (nth - 1)),
        }
    }
}
