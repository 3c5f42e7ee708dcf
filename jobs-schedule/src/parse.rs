//! Text to [`Schedule`]. Strict: what is not certainly meant is refused with the remedy.

mod item;

use std::ops::Range;

use crate::error::CronError;
use crate::model::{DayItem, Join, Part, Schedule, Span, WeekdayItem};
use crate::search::Search;

const WORDS: [(&str, &str); 9] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
    ("@every_minute", "* * * * *"),
    ("@every_second", "* * * * * *"),
];

/// Longer than any expression that a person means; keeps messages and stored rows short.
const MAX_LENGTH: usize = 1000;

/// A piece of the expression and where it stands in the text.
#[derive(Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Token<'a> {
    fn range(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    fn error(self, message: impl Into<String>) -> CronError {
        CronError::new(message, self.range())
    }

    /// The pieces between the separators; nothing is trimmed.
    fn split(self, separator: char) -> impl Iterator<Item = Token<'a>> {
        let mut at = self.at;
        self.text.split(separator).map(move |text| {
            let token = Token { text, at };
            at += text.len() + separator.len_utf8();
            token
        })
    }

    fn split_once(self, separator: char) -> Option<(Token<'a>, Token<'a>)> {
        let (left, right) = self.text.split_once(separator)?;
        let at = self.at + left.len() + separator.len_utf8();
        Some((Token { text: left, at: self.at }, Token { text: right, at }))
    }

    fn without_first(self) -> Token<'a> {
        Token { text: self.text.get(1..).unwrap_or_default(), at: self.at + 1 }
    }

    fn without_last(self) -> Token<'a> {
        Token { text: self.text.get(..self.text.len().saturating_sub(1)).unwrap_or_default(), at: self.at }
    }

    /// Upper case, for comparing; the parser has refused all but ASCII.
    fn upper(self) -> String {
        self.text.to_ascii_uppercase()
    }

    /// Vixie's rule: only the first character decides.
    fn is_unrestricted(self) -> bool {
        self.text.starts_with(['*', '?'])
    }
}

/// Reads an expression, a word such as `@daily` included.
pub(crate) fn parse(text: &str) -> Result<Schedule, CronError> {
    let whole = Token { text: text.trim(), at: text.len() - text.trim_start().len() };
    if whole.text.is_empty() {
        return Err(CronError::new(
            "the expression is empty; write five fields, such as `0 8 * * MON-FRI`",
            0..text.len(),
        ));
    }
    if whole.text.len() > MAX_LENGTH {
        let message = format!(
            "the expression is {} bytes long; write at most {MAX_LENGTH}, with ranges and steps for long lists",
            whole.text.len()
        );
        return Err(whole.error(message));
    }
    if whole.text.starts_with('@') {
        return parse_fields(Token { text: expand_word(whole)?, at: 0 });
    }
    refuse_strange_characters(whole)?;
    parse_fields(whole)
}

fn expand_word(word: Token<'_>) -> Result<&'static str, CronError> {
    let lower = word.text.to_lowercase();
    if let Some((_, fields)) = WORDS.iter().find(|(known, _)| *known == lower) {
        return Ok(fields);
    }
    Err(word.error(match lower.split_whitespace().next() {
        Some("@reboot") => "`@reboot` is not a time; enqueue the job where the program starts".to_owned(),
        Some("@every") => {
            "`@every` would count from the start of the process; write a step, such as `*/5 * * * *`".to_owned()
        }
        _ => {
            let words = WORDS.map(|(known, _)| known).join(", ");
            format!("`{}` is not a known word; write one of {words}", word.text)
        }
    }))
}

fn refuse_strange_characters(whole: Token<'_>) -> Result<(), CronError> {
    let known = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "*,-/?#+".contains(c);
    match whole.text.char_indices().find(|(_, c)| !known(*c)) {
        None => Ok(()),
        Some((at, strange)) => {
            let at = whole.at + at;
            let message = format!(
                "`{}` has no meaning here; write numbers, names and `* , - / ? # +` only",
                strange.escape_debug()
            );
            Err(CronError::new(message, at..at + strange.len_utf8()))
        }
    }
}

fn parse_fields(whole: Token<'_>) -> Result<Schedule, CronError> {
    let fields = split_fields(whole);
    let (second, [minute, hour, day, month, weekday]) = match *fields.as_slice() {
        [a, b, c, d, e] => (None, [a, b, c, d, e]),
        [second, a, b, c, d, e] => (Some(second), [a, b, c, d, e]),
        [_, _, _, _, _, _, seventh, ..] => {
            let end = whole.at + whole.text.len();
            return Err(CronError::new(
                format!(
                    "{} fields are too many; write 5 (minute hour day month weekday) or 6 with seconds first, there is no year",
                    fields.len()
                ),
                seventh.at..end,
            ));
        }
        _ => {
            let fields = fields.len();
            let s = if fields == 1 { " is" } else { "s are" };
            return Err(whole.error(format!("{fields} field{s} too few; write 5: minute hour day month weekday")));
        }
    };
    let seconds = match second {
        Some(field) => item::spans(Part::Second, field)?,
        None => vec![Span::one(Part::Second, 0)],
    };
    let (joined_by_plus, weekday) = strip_plus(weekday)?;
    let or = !joined_by_plus && !day.is_unrestricted() && !weekday.is_unrestricted();
    let schedule = Schedule {
        seconds,
        minutes: item::spans(Part::Minute, minute)?,
        hours: item::spans(Part::Hour, hour)?,
        days: item::days(day)?,
        months: item::spans(Part::Month, month)?,
        weekdays: item::weekdays(weekday)?,
        join: if or { Join::Or } else { Join::And },
    };
    refuse_never_firing(&schedule, day, month, weekday)?;
    Ok(schedule)
}

fn split_fields(whole: Token<'_>) -> Vec<Token<'_>> {
    let mut fields = Vec::new();
    let mut rest = whole;
    loop {
        let blanks = rest.text.len() - rest.text.trim_ascii_start().len();
        rest = Token { text: &rest.text[blanks..], at: rest.at + blanks };
        if rest.text.is_empty() {
            return fields;
        }
        let end = rest.text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.text.len());
        fields.push(Token { text: &rest.text[..end], at: rest.at });
        rest = Token { text: &rest.text[end..], at: rest.at + end };
    }
}

fn strip_plus(weekday: Token<'_>) -> Result<(bool, Token<'_>), CronError> {
    if !weekday.text.starts_with('+') {
        return Ok((false, weekday));
    }
    let rest = weekday.without_first();
    if rest.text.is_empty() || ["*", "?"].contains(&rest.text) {
        return Err(weekday.error("`+` joins the day of month with a weekday; write one after it, such as `+FRI`"));
    }
    Ok((true, rest))
}

/// An expression must have a day on which it fires.
fn refuse_never_firing(
    schedule: &Schedule,
    day: Token<'_>,
    month: Token<'_>,
    weekday: Token<'_>,
) -> Result<(), CronError> {
    if Search::new(schedule).ever_fires() {
        return Ok(());
    }
    let any_weekday = Schedule { weekdays: vec![WeekdayItem::Span(Span::all(Part::Weekday))], ..schedule.clone() };
    let any_day = Schedule { days: vec![DayItem::Span(Span::all(Part::Day))], ..schedule.clone() };
    if !Search::new(&any_weekday).ever_fires() {
        let message = format!(
            "no month of `{}` ever has the day `{}`; write another day, or `L` for the last day of the month",
            month.text, day.text
        );
        return Err(CronError::new(message, day.at..month.range().end));
    }
    let guilty = if Search::new(&any_day).ever_fires() { day.at } else { month.at };
    let message = format!(
        "the days `{}` and the weekdays `{}` never meet in the months `{}`; widen one of them",
        day.text, weekday.text, month.text
    );
    Err(CronError::new(message, guilty..weekday.range().end))
}
