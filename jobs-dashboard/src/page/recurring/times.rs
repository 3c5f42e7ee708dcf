//! The runs to come, in the job's time zone and in the visitor's, with what a clock change does to them.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use jobs_schedule::{Cron, parse_zone};
use maud::{Markup, html};

use crate::{
    page::part::{self, Column, Icon, Table, ago, exact},
    web::Visit,
};

/// So many runs to come are shown on the page of a recurring job.
pub(super) const NEXT: usize = 10;
/// Runs that are no further apart than this are many.
const OFTEN: SignedDuration = SignedDuration::from_secs(60);

/// An expression in its zone.
pub(super) struct When {
    pub(super) cron: Cron,
    zone: TimeZone,
}

/// What a clock change has to do with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// The clocks jump over the time that the expression means, so that it runs when they have.
    Moved,
    /// The clocks change on the same day.
    SameDay,
}

impl When {
    /// Of an expression and a zone as they are stored; `None` where this program cannot read them.
    pub(super) fn of(cron: &str, zone: &str) -> Option<Self> {
        Some(Self { cron: Cron::parse(cron).ok()?, zone: parse_zone(zone).ok()? })
    }

    /// The next runs after an instant.
    pub(super) fn after(&self, at: Timestamp, most: usize) -> Vec<Timestamp> {
        self.cron.upcoming(at, &self.zone).take(most).collect()
    }

    /// Whether runs follow upon each other within a minute.
    pub(super) fn is_often(&self, runs: &[Timestamp]) -> bool {
        runs.windows(2).any(|pair| pair[1].duration_since(pair[0]) <= OFTEN)
    }

    fn change(&self, at: Timestamp) -> Option<Change> {
        let clock = self.zone.to_datetime(at);
        if !self.means(clock)? {
            return Some(Change::Moved);
        }
        let before = |at: Timestamp| at.checked_sub(SignedDuration::from_nanos(1)).ok();
        let is_of_day = |instant: Timestamp| {
            let sooner = before(instant)?;
            let is_change = self.zone.to_offset(instant) != self.zone.to_offset(sooner);
            let days = [self.zone.to_datetime(instant).date(), self.zone.to_datetime(sooner).date()];
            Some(is_change && days.contains(&clock.date()))
        };
        let last = self.zone.preceding(at.checked_add(SignedDuration::from_nanos(1)).ok()?).next();
        let next = self.zone.following(at).next();
        let near = [last, next].into_iter().flatten().map(|transition| transition.timestamp());
        near.filter_map(is_of_day).any(|is_of_day| is_of_day).then_some(Change::SameDay)
    }

    /// Whether the expression names this time of a clock that nobody ever changes.
    fn means(&self, clock: DateTime) -> Option<bool> {
        let at = clock.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let before = at.checked_sub(SignedDuration::from_secs(1)).ok()?;
        Some(self.cron.next_after(before, &TimeZone::UTC) == Some(at))
    }

    /// The time on the clocks of its zone.
    fn there(&self, at: Timestamp) -> String {
        let zoned = at.to_zoned(self.zone.clone());
        let format = if zoned.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
        format!("{} {}", zoned.strftime(format), zoned.strftime("%:z"))
    }

    /// The runs as a table.
    pub(super) fn table(&self, visit: &Visit, runs: &[Timestamp]) -> Markup {
        let text = &visit.text().schedule;
        let columns = [Column::words(text.there), Column::words(text.here), Column::words(text.away)];
        let mut table = Table::new(&columns);
        for at in runs {
            let change = self.change(*at).map(|change| match change {
                Change::Moved => text.moved,
                Change::SameDay => text.change_day,
            });
            table.row([
                html! {
                    span.there { (self.there(*at)) }
                    @if let Some(words) = change { div.small.muted { (Icon::Warn) " " (words) } }
                },
                html! { span.wraps { (exact(*at)) } },
                ago(visit, *at),
            ]);
        }
        table.html()
    }
}

/// An expression in words, then as written. What an older or newer program has stored may not be readable for this one.
pub(super) fn schedule(visit: &Visit, cron: &str, zone: &str) -> Markup {
    let words = Cron::parse(cron).ok().map(|cron| cron.describe(visit.lang.of_schedules()));
    html! {
        @if let Some(words) = words { div { (words) } }
        div.small.muted { code { (part::shown(cron)) } " · " (part::shown(zone)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(cron: &str, from: &str) -> Vec<(String, Option<Change>)> {
        let when = When::of(cron, "Europe/Berlin").expect("a schedule");
        let runs = when.after(from.parse().expect("an instant"), 3);
        runs.into_iter().map(|at| (when.there(at), when.change(at))).collect()
    }

    #[test]
    fn a_run_that_a_clock_change_moves_says_so() {
        let told = |there: &str, change| (there.to_owned(), change);
        // On 29 March 2026 clocks go from 02:00 to 03:00, on 25 October from 03:00 back to 02:00.
        assert_eq!(
            changes("30 2 * * *", "2026-03-27T12:00:00Z"),
            [
                told("2026-03-28 02:30 +01:00", None),
                told("2026-03-29 03:00 +02:00", Some(Change::Moved)),
                told("2026-03-30 02:30 +02:00", None),
            ]
        );
        assert_eq!(
            changes("0 3 * * *", "2026-03-28T12:00:00Z")[0],
            told("2026-03-29 03:00 +02:00", Some(Change::SameDay))
        );
        assert_eq!(
            changes("30 2 * * *", "2026-10-24T12:00:00Z")[..2],
            [told("2026-10-25 02:30 +02:00", Some(Change::SameDay)), told("2026-10-26 02:30 +01:00", None)]
        );
    }

    #[test]
    fn where_clocks_never_change_nothing_is_said() {
        let when = When::of("0 * * * *", "UTC").expect("a schedule");
        let runs = when.after(Timestamp::UNIX_EPOCH, 50);
        assert!(runs.iter().all(|at| when.change(*at).is_none()));
        assert!(!when.is_often(&runs) && When::of("0 8 * * *", "Mars/Olympus").is_none());
        for (cron, is_often) in
            [("* * * * *", true), ("*/5 * * * * *", true), ("0,1 8 * * *", true), ("*/2 * * * *", false)]
        {
            let when = When::of(cron, "UTC").expect("a schedule");
            assert_eq!(when.is_often(&when.after(Timestamp::UNIX_EPOCH, NEXT)), is_often, "{cron}");
        }
    }
}
