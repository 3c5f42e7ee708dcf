//! What fires when occurrences are due, after a tick or after a long stop.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::cron::Cron;
use crate::policy::Misfire;

/// As many due occurrences are counted, and as many run at most after one stop.
pub const MAX_COUNTED: u32 = 10_000;

/// The decision of [`due_occurrences`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// What runs now, oldest first.
    pub fire: Vec<Timestamp>,
    /// How many due occurrences the policy dropped; [`MAX_COUNTED`] stands for "that many or more".
    pub missed: u64,
    /// The first occurrence after now.
    pub next: Option<Timestamp>,
}

/// Given the stored next occurrence, says what fires at `now` and which occurrence is next.
///
/// The due ones are `next` and those that follow it up to `now`. One is *late* when it lies more
/// than `grace` back.
///
/// - [`Misfire::Once`] fires the last due one.
/// - [`Misfire::Skip`] fires the last due one if it is not late.
/// - [`Misfire::All`] fires each, oldest first, at most the newest `cap`.
///
/// The work is bounded however long the stop was and however dense the expression: the due ones
/// are walked up to [`MAX_COUNTED`]; beyond that those that fire are found backwards from `now`,
/// halving the span that holds them, and the rest is not visited.
///
/// # Examples
///
/// A nightly job, and a server that stood still for three nights:
///
/// ```
/// use std::time::Duration;
/// use jiff::{Timestamp, tz::TimeZone};
/// use jobs_schedule::{Cron, Misfire, due_occurrences};
///
/// let cron = Cron::parse("@daily")?;
/// let next: Timestamp = "2026-03-02T00:00:00Z".parse()?;
/// let now: Timestamp = "2026-03-04T09:00:00Z".parse()?;
///
/// let due = due_occurrences(&cron, &TimeZone::UTC, next, now, Misfire::Once, Duration::from_secs(30));
/// assert_eq!(due.fire, ["2026-03-04T00:00:00Z".parse::<Timestamp>()?]);
/// assert_eq!(due.missed, 2);
/// assert_eq!(due.next, Some("2026-03-05T00:00:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn due_occurrences(
    cron: &Cron,
    zone: &TimeZone,
    next: Timestamp,
    now: Timestamp,
    misfire: Misfire,
    grace: Duration,
) -> Due {
    if next > now {
        return Due { fire: Vec::new(), missed: 0, next: Some(next) };
    }
    let wanted = match misfire {
        Misfire::Once | Misfire::Skip => 1,
        Misfire::All { cap } => cap.min(MAX_COUNTED) as usize,
    };
    let counted = MAX_COUNTED as usize;
    let mut due: Vec<Timestamp> = std::iter::successors(Some(next), |last| cron.next_after(*last, zone))
        .take_while(|time| *time <= now)
        .take(counted + 1)
        .collect();
    let uncounted = due.len() > counted;
    let total = due.len();
    let mut fire =
        if uncounted { newest(cron, zone, next, now, wanted) } else { due.split_off(total.saturating_sub(wanted)) };
    if misfire == Misfire::Skip && fire.last().is_some_and(|last| is_late(*last, now, grace)) {
        fire.clear();
    }
    let missed = if uncounted { counted } else { total - fire.len() };
    Due { fire, missed: missed as u64, next: cron.next_after(now, zone) }
}

fn is_late(occurrence: Timestamp, now: Timestamp, grace: Duration) -> bool {
    // A grace too long to be represented is never exceeded.
    SignedDuration::try_from(grace).is_ok_and(|grace| now.duration_since(occurrence) > grace)
}

/// The newest `wanted` occurrences in `next ..= now`, oldest first.
fn newest(cron: &Cron, zone: &TimeZone, next: Timestamp, now: Timestamp, wanted: usize) -> Vec<Timestamp> {
    let mut found = Vec::with_capacity(wanted);
    let mut end = now;
    while found.len() < wanted
        && let Some(last) = last_within(cron, zone, next, end)
    {
        found.push(last);
        match last.checked_sub(SignedDuration::from_nanos(1)) {
            Ok(before) => end = before,
            Err(_) => break,
        }
    }
    found.reverse();
    found
}

/// The last occurrence in `next ..= end`.
///
/// "Is there one after t, up to the end?" is true up to the one sought and false from there on, so
/// the span is first doubled backwards until it holds one, then halved.
fn last_within(cron: &Cron, zone: &TimeZone, next: Timestamp, end: Timestamp) -> Option<Timestamp> {
    if end < next {
        return None;
    }
    let follower = |time| cron.next_after(time, zone).filter(|found| *found <= end);
    let mut clear = end;
    let mut width = SignedDuration::from_secs(1);
    let mut last = loop {
        let start = end.checked_sub(width).unwrap_or(next).max(next);
        match follower(start) {
            Some(found) => break found,
            None if start == next => return Some(next),
            None => (clear, width) = (start, width.saturating_mul(2)),
        }
    };
    // No occurrence lies after `clear`.
    while let Some(later) = follower(last) {
        let middle = later + clear.duration_since(later) / 2;
        match follower(middle) {
            Some(found) => last = found,
            None => (last, clear) = (later, middle),
        }
    }
    Some(last)
}
