//! Which jobs: the filter of lists, and of operations on all jobs that match.

use jiff::Timestamp;

use super::{
    ListPlace,
    place::{List, Spot, Way},
};
use crate::{Error, ErrorId, Result, State};

/// Which jobs: those of one page of a list, or all that an [operation](super::BulkAct) is for.
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
    /// States beside that one.
    pub(crate) others: Vec<State>,
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

/// A span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// From this instant on; `None`: it has no beginning.
    pub from: Option<Timestamp>,
    /// Until before this instant; `None`: it has no end.
    pub until: Option<Timestamp>,
}

impl Span {
    /// Whether it has neither beginning nor end.
    pub const fn is_open(&self) -> bool {
        self.from.is_none() && self.until.is_none()
    }

    /// Whether the instant, in microseconds, lies within.
    pub(crate) fn has(&self, at: i64) -> bool {
        self.from.is_none_or(|from| from.as_microsecond() <= at)
            && self.until.is_none_or(|until| at < until.as_microsecond())
    }
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

    /// The jobs in a state; of a list, the first page.
    pub fn new(state: State) -> Self {
        Self {
            state,
            others: Vec::new(),
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

    /// Also the jobs in this state. This is for operations: each list is of one state.
    pub fn or(mut self, state: State) -> Self {
        if !self.is_of(state) {
            self.others.push(state);
        }
        self
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
    /// their kind calls secret and what the client's [`Redaction`](crate::Redaction) hides.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into()).filter(|text| !text.is_empty());
        self
    }

    /// Only jobs whose last error belongs to this group. Together with the group's kind it is found soonest.
    pub fn error(mut self, error: ErrorId) -> Self {
        self.error = Some(error);
        self
    }

    /// The page at this place, which a [`JobPage`](super::JobPage) of the same list has given.
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

    /// The states, at least one.
    pub fn states(&self) -> impl Iterator<Item = State> {
        std::iter::once(self.state).chain(self.others.iter().copied())
    }

    /// The kinds; where there are none, every kind.
    pub fn kinds(&self) -> &[String] {
        &self.kinds
    }

    /// The queues; where there are none, every queue.
    pub fn queues(&self) -> &[String] {
        &self.queues
    }

    /// See [`parked`](Self::parked).
    pub const fn is_parked(&self) -> Option<bool> {
        self.parked
    }

    /// See [`retried`](Self::retried).
    pub const fn is_retried(&self) -> Option<bool> {
        self.retried
    }

    /// See [`created`](Self::created).
    pub const fn created_in(&self) -> Span {
        self.created
    }

    /// See [`finished`](Self::finished).
    pub const fn finished_in(&self) -> Span {
        self.finished
    }

    /// See [`text`](Self::text).
    pub fn searched(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// See [`error`](Self::error).
    pub const fn grouped(&self) -> Option<ErrorId> {
        self.error
    }

    /// Whether jobs in this state are meant.
    pub(crate) fn is_of(&self, state: State) -> bool {
        self.states().any(|known| known == state)
    }

    /// Whether the totals tell how many there are.
    pub(crate) const fn is_counted(&self) -> bool {
        self.created.is_open()
            && self.finished.is_open()
            && self.parked.is_none()
            && self.retried.is_none()
            && self.error.is_none()
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
    /// [`Error::Config`] for a filter that no list can have.
    pub(crate) fn check(&self) -> Result<()> {
        self.check_facts()?;
        if !self.others.is_empty() {
            return Err(Error::config("a list shows the jobs of one state; read that of each state by itself"));
        }
        match self.at.and_then(|at| at.spot) {
            Some(spot) if !self.lists().contains(&spot.list) => Err(Error::config(format!(
                "the place belongs to another list than that of {} jobs; leave it out to read the list from its beginning",
                self.state
            ))),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// [`Error::Config`] for a filter that tells no set of jobs whose number could be told or that an operation could be for.
    pub(crate) fn check_all(&self) -> Result<()> {
        self.check_facts()?;
        if self.text.is_some() {
            return Err(Error::config(
                "args are searched for a text page by page, by the program that knows their kind; leave `text` out to mean all jobs \
                 that match",
            ));
        }
        Ok(())
    }

    fn check_facts(&self) -> Result<()> {
        if self.kinds.len() > Self::NAMES || self.queues.len() > Self::NAMES {
            return Err(Error::config(format!(
                "a filter names at most {} kinds and as many queues; name fewer",
                Self::NAMES
            )));
        }
        if let (Some(_), Some(state)) = (self.parked, self.states().find(|state| *state != State::Enqueued)) {
            return Err(Error::config(format!(
                "only enqueued jobs are set aside or not, and the filter has {state} ones; leave `parked` out"
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
        Ok(())
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
            (JobFilter::new(State::Failed).or(State::Deleted), "each state by itself"),
        ];
        for (filter, remedy) in cases {
            let Err(error) = filter.check() else { panic!("{filter:?} is refused") };
            assert!(matches!(error, Error::Config(_)) && error.to_string().contains(remedy), "{error}");
        }
        let all = JobFilter::new(State::Failed).or(State::Deleted);
        all.check_all().expect("an operation may be for several states");
        assert!(all.text("ada").check_all().is_err_and(|error| error.to_string().contains("leave `text` out")));
        let good = JobFilter::new(State::Enqueued).at(place).parked(false).created(at(7), None).finished(None, at(8));
        good.check().expect("a filter that can be meant");
    }

    #[test]
    fn a_state_that_is_named_again_is_meant_once() {
        let filter = JobFilter::new(State::Failed).or(State::Deleted).or(State::Failed).or(State::Deleted);
        assert_eq!(filter.states().collect::<Vec<_>>(), [State::Failed, State::Deleted]);
    }

    #[test]
    fn a_span_has_its_first_instant_and_not_its_last() {
        let span = Span { from: Some(at(1)), until: Some(at(2)) };
        let has = [999_999, 1_000_000, 1_999_999, 2_000_000].map(|at| span.has(at));
        assert_eq!(has, [false, true, true, false]);
        assert!(Span::default().has(i64::MIN) && Span::default().has(i64::MAX));
    }
}
