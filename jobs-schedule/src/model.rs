//! A parsed expression: its items as written, for describing, and the bit sets that the search
//! walks. Knows no text and no time zone.

/// One of the six fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
}

impl Part {
    pub(crate) fn min(self) -> u8 {
        match self {
            Part::Day | Part::Month => 1,
            _ => 0,
        }
    }

    pub(crate) fn max(self) -> u8 {
        match self {
            Part::Second | Part::Minute => 59,
            Part::Hour => 23,
            Part::Day => 31,
            Part::Month => 12,
            Part::Weekday => 6,
        }
    }

    /// How many values the field can take.
    pub(crate) fn size(self) -> u8 {
        self.max() - self.min() + 1
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Part::Second => "second",
            Part::Minute => "minute",
            Part::Hour => "hour",
            Part::Day => "day of month",
            Part::Month => "month",
            Part::Weekday => "weekday",
        }
    }
}

/// Values from `first` to `last`, wrapping around the end of the field, `step` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) part: Part,
    pub(crate) first: u8,
    pub(crate) last: u8,
    pub(crate) step: u8,
}

impl Span {
    pub(crate) fn all(part: Part) -> Span {
        Span { part, first: part.min(), last: part.max(), step: 1 }
    }

    pub(crate) fn one(part: Part, value: u8) -> Span {
        Span { part, first: value, last: value, step: 1 }
    }

    /// The distance from the first to the last value.
    pub(crate) fn length(self) -> u8 {
        (self.last + self.part.size() - self.first) % self.part.size()
    }

    pub(crate) fn is_one(self) -> bool {
        self.first == self.last
    }

    /// Goes from the first to the last value of the field, step or not.
    pub(crate) fn is_whole(self) -> bool {
        self.first == self.part.min() && self.last == self.part.max()
    }

    pub(crate) fn is_every(self) -> bool {
        self.is_whole() && self.step == 1
    }

    /// The values in the order written, so a wrapped range keeps its own order.
    pub(crate) fn values(self) -> impl Iterator<Item = u8> {
        let (min, size) = (self.part.min(), self.part.size());
        (0..=self.length()).step_by(usize::from(self.step)).map(move |k| (self.first - min + k) % size + min)
    }

    /// The last value that the steps really reach.
    pub(crate) fn reached(self) -> u8 {
        self.values().last().unwrap_or(self.first)
    }
}

/// An item of the day-of-month field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayItem {
    Span(Span),
    /// `L` and `L-n`: so many days before the last one.
    BeforeLast(u8),
    /// `LW`
    LastWorkday,
    /// `15W`
    NearestWorkday(u8),
}

/// An item of the day-of-week field; weekdays count from Sunday = 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WeekdayItem {
    Span(Span),
    /// `5L`
    Last(u8),
    /// `5#2`
    Nth(u8, u8),
}

/// How the two day fields combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    And,
    Or,
}

/// A whole expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) seconds: Vec<Span>,
    pub(crate) minutes: Vec<Span>,
    pub(crate) hours: Vec<Span>,
    pub(crate) days: Vec<DayItem>,
    pub(crate) months: Vec<Span>,
    pub(crate) weekdays: Vec<WeekdayItem>,
    pub(crate) join: Join,
}

impl Schedule {
    /// Follows the real clock over a change of the clock, instead of naming fixed times.
    pub(crate) fn is_interval(&self) -> bool {
        [&self.seconds, &self.minutes, &self.hours].into_iter().flatten().any(|span| !span.is_one())
    }
}

/// The values of some spans as a set of bits.
pub(crate) fn bits<'a>(spans: impl IntoIterator<Item = &'a Span>) -> u64 {
    spans.into_iter().flat_map(|span| span.values()).fold(0, |set, value| set | 1 << value)
}

pub(crate) fn has(set: u64, bit: u8) -> bool {
    set & (1 << bit) != 0
}
