//! The filter of a list of jobs, as it stands in an address.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use jobs_runtime::{
    ErrorId, State,
    storage::{JobFilter, ListPlace, Span},
};

use crate::web::{Base, Fault, Link, Params};

/// So many jobs are on a page where nothing else is said, and at most.
const LIMIT: u32 = 50;
const MOST: u32 = 100;

/// A search looks at so many jobs, and at so many for who would rather wait.
const LOOK: u32 = 2_000;
pub(crate) const LOOK_FAR: u32 = 5_000;

/// Which jobs are listed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) state: State,
    pub(crate) kinds: Vec<String>,
    pub(crate) queues: Vec<String>,
    pub(crate) text: Option<String>,
    pub(crate) error: Option<ErrorId>,
    pub(crate) created: Span,
    pub(crate) retried: bool,
    pub(crate) parked: bool,
    pub(crate) limit: u32,
}

impl Query {
    /// All jobs in a state.
    pub(crate) fn of(state: State) -> Self {
        Self {
            state,
            kinds: Vec::new(),
            queues: Vec::new(),
            text: None,
            error: None,
            created: Span::default(),
            retried: false,
            parked: false,
            limit: LIMIT,
        }
    }

    /// What an address asks for.
    ///
    /// # Errors
    /// [`Fault::Bad`] for a state, time or error that is none.
    pub(crate) fn parse(params: &Params) -> Result<Self, Fault> {
        let state = match params.text("state") {
            Some(word) => state(word)?,
            None => State::Enqueued,
        };
        let names = |name| {
            let mut names: Vec<_> =
                params.all(name).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
            names.dedup();
            names.truncate(JobFilter::NAMES);
            names
        };
        let created = Span { from: instant(params, "from")?, until: instant(params, "until")? };
        Ok(Self {
            kinds: names("kind"),
            queues: names("queue"),
            text: params.text("q").map(str::to_owned),
            error: params.text("error").map(error).transpose()?,
            created,
            retried: params.text("retried") == Some("yes"),
            parked: params.text("parked") == Some("yes") && state == State::Enqueued,
            limit: params.number("limit", 1..=MOST, LIMIT),
            ..Self::of(state)
        })
    }

    /// The same for the client.
    pub(crate) fn filter(&self) -> JobFilter {
        let mut filter = JobFilter::new(self.state).limit(self.limit);
        for kind in &self.kinds {
            filter = filter.kind(kind);
        }
        for queue in &self.queues {
            filter = filter.queue(queue);
        }
        if !self.created.is_open() {
            filter = filter.created(self.created.from, self.created.until);
        }
        if let Some(text) = &self.text {
            filter = filter.text(text);
        }
        if let Some(error) = self.error {
            filter = filter.error(error);
        }
        if self.retried {
            filter = filter.retried(true);
        }
        if self.parked {
            filter = filter.parked(true);
        }
        filter
    }

    /// The page of the list that begins at a place.
    ///
    /// # Errors
    /// [`Fault::Bad`] for what is no place.
    pub(crate) fn page(&self, params: &Params) -> Result<JobFilter, Fault> {
        let filter = self.filter().look(params.number("look", 1..=LOOK_FAR, LOOK));
        match params.text("at") {
            Some(word) => Ok(filter.at(word.parse::<ListPlace>().map_err(|error| Fault::from(error).at("at"))?)),
            None => Ok(filter),
        }
    }

    /// Whether jobs are read to find those that fit.
    pub(crate) fn is_search(&self) -> bool {
        self.text.is_some() || self.error.is_some()
    }

    /// Whether it leaves out jobs of the state.
    pub(crate) fn is_narrow(&self) -> bool {
        *self != Self { limit: self.limit, ..self.plain() }
    }

    /// What an address of the list of retries asks for.
    ///
    /// # Errors
    /// [`Fault::Bad`] for a time or an error that is none.
    pub(crate) fn retries(params: &Params) -> Result<Self, Fault> {
        Ok(Self { state: State::Scheduled, retried: true, parked: false, ..Self::parse(params)? })
    }

    /// Whether it is about jobs that wait for their next attempt, which have a list of their own.
    pub(crate) fn is_retries(&self) -> bool {
        self.state == State::Scheduled && self.retried
    }

    /// The same jobs without any filter.
    pub(crate) fn plain(&self) -> Self {
        Self { retried: self.is_retries(), ..Self::of(self.state) }
    }

    /// Where it leads.
    pub(crate) fn link(&self, base: &Base) -> Link {
        if !self.is_retries() {
            return self.extend(base.to("/jobs"));
        }
        let fields = self.fields().into_iter().filter(|(name, _)| !["state", "retried"].contains(name));
        fields.fold(base.to("/retries"), |link, (name, value)| link.query(name, value))
    }

    /// The parameters of the filter behind another path.
    pub(crate) fn extend(&self, link: Link) -> Link {
        self.fields().into_iter().fold(link, |link, (name, value)| link.query(name, value))
    }

    /// The same as fields of a form.
    pub(crate) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("state", self.state.as_str().to_owned())];
        fields.extend(self.kinds.iter().map(|kind| ("kind", kind.clone())));
        fields.extend(self.queues.iter().map(|queue| ("queue", queue.clone())));
        fields.extend(self.text.iter().map(|text| ("q", text.clone())));
        fields.extend(self.error.map(|error| ("error", error.to_string())));
        fields.extend(self.created.from.map(|at| ("from", field(at))));
        fields.extend(self.created.until.map(|at| ("until", field(at))));
        fields.extend(self.retried.then(|| ("retried", "yes".to_owned())));
        fields.extend(self.parked.then(|| ("parked", "yes".to_owned())));
        if self.limit != LIMIT {
            fields.push(("limit", self.limit.to_string()));
        }
        fields
    }
}

/// The state of a word.
///
/// # Errors
/// [`Fault::Bad`] for a word that is none.
fn state(word: &str) -> Result<State, Fault> {
    State::ALL.into_iter().find(|state| state.as_str() == word).ok_or_else(|| {
        let words = State::ALL.map(State::as_str).join(", ");
        Fault::Bad(format!("`state`: `{}` is no state of jobs; there are {words}", word.escape_debug()))
    })
}

fn error(word: &str) -> Result<ErrorId, Fault> {
    word.parse::<ErrorId>().map_err(|error| Fault::Bad(format!("`error`: {error}")))
}

/// An instant as fields of forms have it, in UTC, or as programs write it.
fn instant(params: &Params, name: &str) -> Result<Option<Timestamp>, Fault> {
    params.text(name).map(read).transpose().map_err(|fault| fault.at(name))
}

/// Reads an instant: `2026-11-23T04:30`, in UTC, or with a zone or `Z` at its end.
///
/// # Errors
/// [`Fault::Bad`] for what is none.
pub(crate) fn read(text: &str) -> Result<Timestamp, Fault> {
    let zoned = || text.parse::<Timestamp>().ok();
    let plain = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    zoned()
        .or_else(plain)
        .ok_or_else(|| Fault::Bad(format!("`{}` is no time; write it as 2026-11-23T04:30", text.escape_debug())))
}

/// An instant as a field for a date and a time takes it, in UTC.
pub(crate) fn field(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_its_query_are_one_another() {
        let address = "state=failed&kind=a&kind=b%26c&queue=mail&q=%3Cb%3E&from=2026-11-23T04%3A30&retried=yes&limit=7";
        let query = Query::parse(&Params::parse(address.as_bytes())).expect("a query");
        assert_eq!((query.kinds.len(), query.text.as_deref(), query.limit), (2, Some("<b>"), 7));
        let link = query.link(&Base::default()).to_string();
        let (_, again) = link.split_once('?').expect("a query");
        assert_eq!(Query::parse(&Params::parse(again.as_bytes())), Ok(query.clone()));
        assert!(query.is_narrow() && !Query::of(State::Failed).is_narrow());
    }

    #[test]
    fn retries_have_an_address_of_their_own() {
        let query = Query::retries(&Params::parse(b"kind=a&limit=7&state=failed&parked=yes")).expect("a query");
        assert!(query.is_retries() && query.is_narrow() && !query.parked);
        let link = query.link(&Base::default()).to_string();
        assert_eq!(link, "/retries?kind=a&limit=7");
        let of_form = query.extend(Base::default().to("/x")).to_string();
        let (_, of_form) = of_form.split_once('?').expect("a query");
        assert_eq!(
            Query::parse(&Params::parse(of_form.as_bytes())),
            Ok(query.clone()),
            "forms and operations carry all of it"
        );
        assert_eq!(query.plain().link(&Base::default()).to_string(), "/retries");
        assert!(!query.plain().is_narrow());
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (address, word) in [("state=lost", "`lost`"), ("from=yesterday", "`yesterday`"), ("error=x", "x")] {
            let fault = Query::parse(&Params::parse(address.as_bytes()));
            assert!(matches!(&fault, Err(Fault::Bad(text)) if text.contains(word)), "{address}: {fault:?}");
        }
        let query = Query::of(State::Failed);
        assert!(matches!(query.page(&Params::parse(b"at=2")), Err(Fault::Bad(_))));
    }

    #[test]
    fn only_enqueued_jobs_are_set_aside() {
        let query = Query::parse(&Params::parse(b"state=failed&parked=yes")).expect("a query");
        assert!(!query.parked);
    }
}
