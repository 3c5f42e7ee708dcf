//! The noun *list*: pages of jobs in one state, in the order of an index that the state has.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    JobRecord, ListPlace,
    place::{List, Spot, Way},
};
use crate::{Error, ErrorId, JobId, Result, State};

/// Which jobs a list shows, and which page of it.
///
/// A state's list has the order of the index that it is read by:
///
/// | state | order |
/// |---|---|
/// | enqueued | queue by queue in the order of claims, then what is set aside, kind by kind |
/// | scheduled | soonest first |
/// | awaiting | what waits for a parent, youngest first, then what a batch holds back |
/// | processing, succeeded, failed, deleted | youngest job first |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFilter {
    pub(crate) state: State,
    pub(crate) parked: Option<bool>,
    pub(crate) retried: Option<bool>,
    pub(crate) kinds: Vec<String>,
    pub(crate) queues: Vec<String>,
    pub(crate) created: Span,
    pub(crate) finished: Span,
    pub(crate) text: Option<String>,
    pub(crate) error: Option<ErrorId>,
    pub(crate) at: Option<ListPlace>,
    pub(crate) limit: u32,
    pub(crate) look: u32,
}

/// A span of time; an end that is `None` is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

impl Span {
    /// Whether the instant, in microseconds, lies within.
    pub(crate) fn has(&self, at: i64) -> bool {
        self.from.is_none_or(|from| from.as_microsecond() <= at)
            && self.until.is_none_or(|until| at < until.as_microsecond())
    }
}

/// The ids of one page, and how far the walk went for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// The jobs in the list's order, and for each the place of what follows it in the direction of the walk.
    pub ids: Vec<(JobId, ListPlace)>,
    /// Where the page before this one is; `None` at the list's beginning.
    pub previous: Option<ListPlace>,
    /// Where the page after this one is; `None` at the list's end.
    pub next: Option<ListPlace>,
    /// How many rows were looked at.
    pub looked: u32,
    /// Whether the walk ended because it had looked at as many rows as it may, and not because the page was full or the list at its end.
    pub stopped: bool,
}

/// One page of a list of jobs.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct JobPage {
    /// The jobs, in the list's order.
    pub jobs: Vec<JobRecord>,
    /// Where the page before this one is; `None` at the list's beginning. What was there may be gone by then.
    pub previous: Option<ListPlace>,
    /// Where the page after this one is; `None` at the list's end. After a search that [`stopped`](Self::stopped) it goes on from
    /// there.
    pub next: Option<ListPlace>,
    /// How many jobs were looked at to find these.
    pub looked: u32,
    /// Whether the search ended because it had looked at as many jobs as it may, so that there may be more that fit than are shown.
    pub stopped: bool,
    /// How many of the jobs that were looked at could not be searched for the text, because this program does not know their kind, their
    /// args are too long or cannot be read.
    pub unread: u32,
}

impl JobPage {
    pub(crate) fn new(walked: &Walked, jobs: Vec<JobRecord>) -> Self {
        let Walked { previous, next, looked, stopped, .. } = *walked;
        Self { jobs, previous, next, looked, stopped, unread: 0 }
    }
}

impl IntoIterator for JobPage {
    type Item = JobRecord;
    type IntoIter = std::vec::IntoIter<JobRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.jobs.into_iter()
    }
}

/// What a job's text is searched in.
#[derive(Clone, Debug, PartialEq)]
pub struct JobTexts {
    /// The job.
    pub id: JobId,
    /// Its kind's name.
    pub kind: String,
    /// The args with their header; `None` where they are longer than was asked for.
    pub payload: Option<Vec<u8>>,
    /// The caller's own facts about it.
    pub meta: BTreeMap<String, String>,
    /// The caller's own labels for it.
    pub tags: Vec<String>,
    /// Why it ended as it did, or the last attempt's error.
    pub reason: Option<String>,
}

impl JobFilter {
    /// How many jobs a page has where nothing else is said.
    pub const LIMIT: u32 = 50;
    /// How many jobs a page has at most.
    pub const MOST: u32 = 1_000;
    /// How many jobs a search looks at where nothing else is said.
    pub const LOOK: u32 = 10_000;
    /// How many jobs a search looks at at most.
    pub const LOOK_MOST: u32 = 100_000;
    /// How many kinds or queues a filter names at most.
    pub const NAMES: usize = 100;

    /// The first page of the jobs in a state.
    pub fn new(state: State) -> Self {
        Self {
            state,
            parked: None,
            retried: None,
            kinds: Vec::new(),
            queues: Vec::new(),
            created: Span::default(),
            finished: Span::default(),
            text: None,
            error: None,
            at: None,
            limit: Self::LIMIT,
            look: Self::LOOK,
        }
    }

    /// Only of this kind; when called again, of any of them.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kinds.push(kind.into());
        self
    }

    /// Only in this queue; when called again, in any of them.
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queues.push(queue.into());
        self
    }

    /// Of the enqueued jobs, only those that are set aside because their kind is paused or no live server can run it; or only the
    /// others.
    pub fn parked(mut self, parked: bool) -> Self {
        self.parked = Some(parked);
        self
    }

    /// Only jobs of which an attempt has ended and counts, such as those that wait for their next one; or only the others.
    pub fn retried(mut self, retried: bool) -> Self {
        self.retried = Some(retried);
        self
    }

    /// Only jobs that the database stored then; an end that is `None` is open. The first instant belongs to it, the last does not.
    pub fn created(mut self, from: impl Into<Option<Timestamp>>, until: impl Into<Option<Timestamp>>) -> Self {
        self.created = Span { from: from.into(), until: until.into() };
        self
    }

    /// Only jobs that ended then; an end that is `None` is open. The first instant belongs to it, the last does not.
    pub fn finished(mut self, from: impl Into<Option<Timestamp>>, until: impl Into<Option<Timestamp>>) -> Self {
        self.finished = Span { from: from.into(), until: until.into() };
        self
    }

    /// Only jobs in whose args, labels or facts this text stands, in whatever case. Args are searched as they are shown, without what
    /// their kind calls secret.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into()).filter(|text| !text.is_empty());
        self
    }

    /// Only jobs whose last error belongs to this group. Together with the group's kind it is found soonest.
    pub fn error(mut self, error: ErrorId) -> Self {
        self.error = Some(error);
        self
    }

    /// The page at this place, which a [`JobPage`] of the same list has given.
    pub fn at(mut self, place: ListPlace) -> Self {
        self.at = Some(place);
        self
    }

    /// At most so many jobs, from 1 to [`MOST`](Self::MOST).
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, Self::MOST);
        self
    }

    /// Where not every job of the list fits, look at so many at most, up to [`LOOK_MOST`](Self::LOOK_MOST).
    pub fn look(mut self, look: u32) -> Self {
        self.look = look.clamp(1, Self::LOOK_MOST);
        self
    }

    /// The rows that the list is read from, in its order.
    pub(crate) const fn lists(&self) -> &'static [List] {
        match (self.state, self.parked) {
            (State::Scheduled, _) => &[List::Scheduled],
            (State::Awaiting, _) => &[List::Edges, List::Held],
            (State::Enqueued, None) => &[List::Ready, List::Parked],
            (State::Enqueued, Some(false)) => &[List::Ready],
            (State::Enqueued, Some(true)) => &[List::Parked],
            (State::Processing, _) => &[List::Live],
            (State::Succeeded, _) => &[List::Jobs],
            (State::Failed | State::Deleted, _) => &[List::Outcomes],
        }
    }

    /// The direction in which the page is read.
    pub(crate) fn way(&self) -> Way {
        self.at.map_or(Way::Onward, |at| at.way)
    }

    /// The pages before and after one: `first` is what the walk met first, and `edge` where it ended before the list's end.
    pub(crate) fn around(&self, first: Option<Spot>, edge: Option<Spot>) -> (Option<ListPlace>, Option<ListPlace>) {
        let way = self.way();
        let came_from = self.at.is_some_and(|at| at.spot.is_some());
        let back = came_from.then(|| ListPlace { way: way.turned(), spot: first });
        let on = edge.map(|edge| ListPlace { way, spot: Some(edge) });
        match way {
            Way::Onward => (back, on),
            Way::Back => (on, back),
        }
    }

    /// # Errors
    /// [`Error::Config`] for a filter that cannot be meant.
    pub(crate) fn check(&self) -> Result<()> {
        if self.kinds.len() > Self::NAMES || self.queues.len() > Self::NAMES {
            return Err(Error::config(format!(
                "a filter names at most {} kinds and as many queues; name fewer",
                Self::NAMES
            )));
        }
        if self.parked.is_some() && self.state != State::Enqueued {
            return Err(Error::config(format!(
                "only enqueued jobs are set aside or not, and the list is of {} ones; leave `parked` out",
                self.state
            )));
        }
        for (what, span) in [("created", self.created), ("finished", self.finished)] {
            if let Span { from: Some(from), until: Some(until) } = span
                && until <= from
            {
                return Err(Error::config(format!(
                    "the time in which jobs were {what} ends at {until}, not after its beginning {from}; give a later end"
                )));
            }
        }
        match self.at.and_then(|at| at.spot) {
            Some(spot) if !self.lists().contains(&spot.list) => Err(Error::config(format!(
                "the place belongs to another list than that of {} jobs; leave it out to read the list from its beginning",
                self.state
            ))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    #[test]
    fn limits_are_clamped() {
        let filter = JobFilter::new(State::Failed);
        assert_eq!((filter.limit, filter.look), (JobFilter::LIMIT, JobFilter::LOOK));
        let least = filter.clone().limit(0).look(0);
        assert_eq!((least.limit, least.look), (1, 1));
        let most = filter.limit(u32::MAX).look(u32::MAX);
        assert_eq!((most.limit, most.look), (JobFilter::MOST, JobFilter::LOOK_MOST));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_remedy() {
        let place: ListPlace = "n.ready.1.0.0.0.1".parse().expect("a place");
        let many =
            (0..=JobFilter::NAMES).fold(JobFilter::new(State::Failed), |filter, n| filter.kind(format!("kind {n}")));
        let cases = [
            (JobFilter::new(State::Failed).parked(true), "leave `parked` out"),
            (JobFilter::new(State::Failed).created(at(7), at(7)), "give a later end"),
            (JobFilter::new(State::Failed).finished(at(8), at(7)), "give a later end"),
            (JobFilter::new(State::Scheduled).at(place), "leave it out"),
            (JobFilter::new(State::Enqueued).parked(true).at(place), "leave it out"),
            (many, "name fewer"),
        ];
        for (filter, remedy) in cases {
            let Err(error) = filter.check() else { panic!("{filter:?} is refused") };
            assert!(matches!(error, Error::Config(_)) && error.to_string().contains(remedy), "{error}");
        }
        let good = JobFilter::new(State::Enqueued).at(place).parked(false).created(at(7), None).finished(None, at(8));
        good.check().expect("a filter that can be meant");
    }

    #[test]
    fn a_span_has_its_first_instant_and_not_its_last() {
        let span = Span { from: Some(at(1)), until: Some(at(2)) };
        let has = [999_999, 1_000_000, 1_999_999, 2_000_000].map(|at| span.has(at));
        assert_eq!(has, [false, true, true, false]);
        assert!(Span::default().has(i64::MIN) && Span::default().has(i64::MAX));
    }
}
