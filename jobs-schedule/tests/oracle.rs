//! Occurrences against a brute-force oracle that shares no code with the crate: it looks at every
//! day of three years for fixed times, and at every real minute (or second) of chosen windows for
//! interval-like expressions, and knows no better than to ask "does this one match?".

#![expect(clippy::unwrap_used, reason = "a failure here fails the test")]

use std::collections::BTreeSet;
use std::io::Write;

use jiff::civil::{Date, DateTime, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use jobs_schedule::{Cron, parse_zone};

const FIXED: &str = "
0 0 * * *; 30 2 * * *; 0,30 2 * * *; 15 1,2,3 * * *; 59 23 * * *; 0 0 L * *; 30 1 L * *; 0 0 L-1 * *; 0 0 L-3 * *
0 0 L-15 * *; 0 0 L-27 * *; 0 0 L-28 * *; 0 0 L-30 * *; 0 0 LW * *; 0 0 1W * *; 0 0 2W * *; 0 0 15W * *; 0 0 28W * *
0 0 29W * *; 0 0 30W * *; 0 0 31W * *; 0 9 1,15 * *; 0 9 1,L * *; 0 9 1,L-2,LW * *; 0 9 15W,L * *; 0 9 31 * *
0 9 30 * *; 0 9 29 2 *; 0 9 28-31 * *; 0 9 28-3 * *; 0 9 1-31/10 * *; 0 9 */10 * *; 0 9 5/7 * *; 0 9 30-4/2 * *
0 9 * 1 *; 0 9 * JAN,jul *; 0 9 * nov-feb *; 0 9 1 */3 *; 0 9 1 2/4 *; 0 9 1 January,DECEMBER *; 0 9 L 2 *
0 9 * * 0; 0 9 * * 7; 0 9 * * 1; 0 9 * * SUN; 0 9 * * MON-FRI; 0 9 * * fri-mon; 0 9 * * 6-7; 0 9 * * 1-7; 0 9 * * 0-7
0 9 * * 5-2; 0 9 * * */2; 0 9 * * 1/2; 0 9 * * Sunday,wednesday; 0 9 * * 0L; 0 9 * * 5L; 0 9 * * FRIL; 0 9 * * 7L
0 9 * * 1#1; 0 9 * * 1#2; 0 9 * * FRI#2; 0 9 * * 3#5; 0 9 * * 7#4; 0 9 * * 1#1,1#3; 0 9 * * MON,FRIL; 0 9 * * 2#1,4L
0 9 13 * 5; 0 9 13 * +5; 0 9 1-7 * 1; 0 9 1-7 * +1; 0 9 */2 * 1; 0 9 5-25/5 * 1; 0 9 1 * */2; 0 9 L * 5; 0 9 L * +MON-FRI
0 9 L-3 * 1; 0 9 L-3 * +1; 0 9 15W * +1; 0 9 LW * 5; 0 9 13 * ?; 0 9 ? * 5; 0 9 13 6 5; 0 9 1 1 1#1; 0 9 29 2 +THU,TUE
0 9 31 2,3 *; 0 9 13 * 5L; 0 9 13,20 * 1#1,3L; 0 9 8-14 * +2; 0 0 1 1 *; @yearly; @annually; @monthly; @weekly; @daily
@midnight; 15 30 2 * * *; 0,30 0,30 0,12 L * *; 59 59 23 31 12 *; 0 0 3 L-1 * SAT; 0 0 0,2,3 * * *; 7 7 2,3 * * SUN
";

const INTERVAL: &str = "
* * * * *; */5 * * * *; */7 * * * *; 0 * * * *; 30 * * * *; 0,30 * * * *; 5/15 * * * *; 50-10 * * * *; 55-20/5 * * * *
0 */2 * * *; 0 */5 * * *; 30 1-3 * * *; 0 22-2 * * *; */30 2 * * *; */20 2-3 * * *; 15 2/3 * * *; 0 0-23/6 * * *
*/10 0 L * *; */10 0 L-3 * *; 0 * 13 * 5; 0 * 31 * *; 20-40 23 * * *; */15 0 1 * *; * 1 * * SUN; */6 * LW * *
0 12-18/3 * * MON-FRI; 0 20-3/2 * * *; @hourly; @every_minute; 30 * * * * *; 15 */10 * * * *; 1,59 0 * * * *
";

const EVERY_SECOND: &str = "
* * * * * *; */10 * * * * *; */7 * * * * *; 50-5 * * * * *; * 30 2 * * *; */20 59 1 * * *; 3/9 0-5 */2 * * *; @every_second
";

const EACH_SECOND: [i64; 60] = {
    let mut all = [0; 60];
    let mut second = 0;
    while second < 60 {
        all[second] = second as i64;
        second += 1;
    }
    all
};

/// A field: which numbers match, and the items that are not plain numbers.
struct Field {
    numbers: Vec<u32>,
    others: Vec<String>,
}

struct Oracle {
    fields: Vec<Field>,
    either_day: bool,
    interval: bool,
}

impl Oracle {
    fn new(text: &str) -> Oracle {
        let text = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            "@every_minute" => "* * * * *",
            "@every_second" => "* * * * * *",
            other => other,
        };
        let mut words: Vec<&str> = text.split(' ').collect();
        if words.len() == 5 {
            words.insert(0, "0");
        }
        let plus = words[5].starts_with('+');
        let star = |word: &str| word.starts_with('*') || word.starts_with('?');
        Oracle {
            either_day: !plus && !star(words[3]) && !star(words[5]),
            interval: words[..3].iter().any(|word| word.contains(['*', '-', '/'])),
            fields: words.iter().enumerate().map(|(place, word)| field(place, word.trim_start_matches('+'))).collect(),
        }
    }

    fn day(&self, day: Date) -> bool {
        let number = |place: usize, number: i8| self.fields[place].numbers.contains(&(number as u32));
        let weekday = day.weekday().to_sunday_zero_offset();
        let by_day = number(3, day.day()) || self.fields[3].others.iter().any(|item| odd_day(item, day));
        let by_weekday = number(5, weekday) || self.fields[5].others.iter().any(|item| odd_weekday(item, day));
        number(4, day.month()) && if self.either_day { by_day || by_weekday } else { by_day && by_weekday }
    }

    fn time(&self, time: DateTime) -> bool {
        [time.second(), time.minute(), time.hour()]
            .iter()
            .enumerate()
            .all(|(place, number)| self.fields[place].numbers.contains(&(*number as u32)))
    }

    /// Everything in `days`, for fixed times.
    fn fixed(&self, days: std::ops::Range<Date>, zone: &TimeZone) -> BTreeSet<Timestamp> {
        let mut all = BTreeSet::new();
        let mut day = days.start;
        while day < days.end {
            if self.day(day) {
                for hour in &self.fields[2].numbers {
                    for minute in &self.fields[1].numbers {
                        for second in &self.fields[0].numbers {
                            all.insert(instant(day.at(*hour as i8, *minute as i8, *second as i8, 0), zone));
                        }
                    }
                }
            }
            day = day.tomorrow().unwrap();
        }
        all
    }
}

fn field(place: usize, word: &str) -> Field {
    let (min, max) = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)][place];
    let mut numbers = Vec::new();
    let mut others = Vec::new();
    for item in word.to_uppercase().split(',') {
        let (base, step) = item.split_once('/').map_or((item, None), |(base, step)| (base, Some(step)));
        let step = step.map(|step| step.parse::<u32>().unwrap());
        let (first, last) = match base.split_once('-') {
            _ if base == "*" || base == "?" => (min, max),
            _ if name(place, base).is_some() => (name(place, base).unwrap(), if step.is_some() { max } else { 99 }),
            Some((first, last)) if name(place, first).is_some() => {
                (name(place, first).unwrap(), name(place, last).unwrap())
            }
            _ => {
                others.push(item.to_owned());
                continue;
            }
        };
        let mut value = first;
        let mut taken = 0;
        loop {
            if taken % step.unwrap_or(1) == 0 {
                numbers.push(if place == 5 { value % 7 } else { value });
            }
            if last == 99 || value == last {
                break;
            }
            taken += 1;
            value = if value == max && last < first { min } else { value + 1 };
        }
    }
    Field { numbers, others }
}

fn name(place: usize, text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let names: &[&str] = match place {
        4 => &["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
        5 => &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
        _ => return None,
    };
    let all_letters = text.chars().all(char::is_alphabetic);
    names
        .iter()
        .position(|name| all_letters && !name.is_empty() && text.starts_with(name) && text.len() != 4)
        .map(|place| place as u32)
}

fn odd_day(item: &str, day: Date) -> bool {
    let workday = |day: Date| !matches!(day.weekday().to_sunday_zero_offset(), 0 | 6);
    let last = day.last_of_month();
    let whole_month = || (1..=last.day()).map(|number| date(day.year(), day.month(), number));
    match item {
        "L" => day == last,
        "LW" => whole_month().rfind(|day| workday(*day)) == Some(day),
        _ => {
            if let Some(back) = item.strip_prefix("L-") {
                return day.day() + back.parse::<i8>().unwrap() == last.day();
            }
            let near: i8 = item.strip_suffix('W').unwrap().parse().unwrap();
            let nearest = whole_month().filter(|day| workday(*day)).min_by_key(|day| (day.day() - near).abs());
            near <= last.day() && nearest == Some(day)
        }
    }
}

fn odd_weekday(item: &str, day: Date) -> bool {
    let is = |text: &str| name(5, text).unwrap() % 7 == day.weekday().to_sunday_zero_offset() as u32;
    match item.split_once('#') {
        Some((weekday, nth)) => is(weekday) && (day.day() + 6) / 7 == nth.parse::<i8>().unwrap(),
        None => is(item.strip_suffix('L').unwrap()) && (day + 7.days()).month() != day.month(),
    }
}

/// A civil time that clocks do not show is the first instant after the gap; of two, the first.
fn instant(time: DateTime, zone: &TimeZone) -> Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(time);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(time).unwrap(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time).unwrap(),
        AmbiguousOffset::Gap { before, .. } => {
            let mut instant = before.to_timestamp(time).unwrap();
            while zone.to_offset(instant - SignedDuration::from_nanos(1)) != before {
                instant -= SignedDuration::from_secs(1);
            }
            instant
        }
    }
}

fn expressions(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', '\n']).map(str::trim).filter(|text| !text.is_empty())
}

/// Days at whose start or end something happens: changes of the clock, and ends of months.
fn windows(years: std::ops::Range<Date>, zone: &TimeZone) -> Vec<Date> {
    let mut days = BTreeSet::new();
    let mut day = years.start + 1.day();
    while day < years.end {
        let offset = |day: Date| zone.to_offset(zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap());
        let changes = offset(day) != offset(day.tomorrow().unwrap());
        if changes || day == day.last_of_month() && day.month() % 6 == 2 {
            days.insert(day);
        }
        day = day.tomorrow().unwrap();
    }
    days.into_iter().collect()
}

#[derive(Default)]
struct Tally {
    expressions: usize,
    zones: usize,
    occurrences: usize,
}

fn compare(
    text: &str,
    cron: &Cron,
    zone: &TimeZone,
    span: std::ops::Range<Timestamp>,
    expected: &[Timestamp],
) -> usize {
    let just_before = span.start - SignedDuration::from_secs(1);
    let found: Vec<Timestamp> = cron.upcoming(just_before, zone).take_while(|time| *time < span.end).collect();
    if let Some((wrong, right)) = found.iter().zip(expected).find(|(a, b)| a != b) {
        panic!("`{text}` in {zone:?}: {wrong} instead of {right}");
    }
    assert_eq!(found.len(), expected.len(), "`{text}` in {zone:?}, {span:?}");
    found.len()
}

fn run(zones: &[&str], years: std::ops::Range<Date>) -> Tally {
    let mut tally = Tally { zones: zones.len(), ..Tally::default() };
    tally.expressions = [FIXED, INTERVAL, EVERY_SECOND].into_iter().flat_map(expressions).count();
    for name in zones {
        let zone = parse_zone(name).unwrap();
        let at = |day: Date| zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap();
        for text in expressions(FIXED) {
            let oracle = Oracle::new(text);
            assert!(!oracle.interval, "`{text}` is not fixed");
            let span = at(years.start)..at(years.end);
            let all: Vec<Timestamp> = oracle.fixed(years.clone(), &zone).into_iter().collect();
            tally.occurrences += compare(text, &text.parse().unwrap(), &zone, span, &all);
        }
        let windows = windows(years.clone(), &zone);
        for (list, seconds, hours) in [(INTERVAL, &[0, 1, 15, 30, 59][..], 16), (EVERY_SECOND, &EACH_SECOND[..], 2)] {
            for day in &windows {
                // The dense ones see the two hours around the change, or around the end of the month.
                let hours_before = if hours == 16 { 4 } else { 1 };
                let change = zone.following(at(*day) - SignedDuration::from_secs(1)).next();
                let change = change.map_or(Timestamp::MAX, |change| change.timestamp());
                let middle = change.min(at(day.tomorrow().unwrap()));
                let start = middle - SignedDuration::from_hours(hours_before);
                let span = start..start + SignedDuration::from_hours(hours);
                let moments: Vec<(Timestamp, DateTime)> = (0..hours * 60)
                    .flat_map(|minute| seconds.iter().map(move |second| minute * 60 + second))
                    .map(|second| start + SignedDuration::from_secs(second))
                    .map(|moment| (moment, zone.to_datetime(moment)))
                    .collect();
                for text in expressions(list) {
                    let oracle = Oracle::new(text);
                    assert!(oracle.interval, "`{text}` is fixed");
                    let all: Vec<Timestamp> = moments
                        .iter()
                        .filter(|(_, civil)| oracle.time(*civil) && oracle.day(civil.date()))
                        .map(|(moment, _)| *moment)
                        .collect();
                    tally.occurrences += compare(text, &text.parse().unwrap(), &zone, span.clone(), &all);
                }
            }
        }
    }
    tally
}

fn report(tally: &Tally) {
    let Tally { expressions, zones, occurrences } = tally;
    let _ =
        writeln!(std::io::stderr(), "compared {expressions} expressions x {zones} zones: {occurrences} occurrences");
}

#[test]
fn agrees_with_the_oracle_over_three_years() {
    let tally = run(&["UTC", "Europe/Istanbul", "America/New_York"], date(2026, 1, 1)..date(2029, 1, 1));
    report(&tally);
    assert!(tally.expressions >= 100, "only {} expressions", tally.expressions);
}

/// Half-hour changes, changes at and across midnight.
#[test]
fn agrees_with_the_oracle_where_clocks_change_oddly() {
    report(&run(&["Australia/Lord_Howe", "Africa/Cairo", "America/Nuuk"], date(2026, 1, 1)..date(2027, 1, 1)));
}

/// A zone that left out a whole day, and one that changed its daylight saving rules.
#[test]
fn agrees_with_the_oracle_in_history() {
    report(&run(&["Pacific/Apia", "Europe/Istanbul"], date(2011, 1, 1)..date(2012, 6, 1)));
}
