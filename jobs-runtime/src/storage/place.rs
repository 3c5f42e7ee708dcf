//! A place in a list of jobs: what a page's links carry.

use std::{fmt, str::FromStr};

use crate::Error;

/// Where a page of a list begins and in which direction it is read. It is made by a [`JobPage`](super::JobPage) and is a word without
/// spaces or signs that a URL must escape.
///
/// A place stays good when the jobs around it come and go: it is a position in the list's order, not a row.
///
/// ```
/// # use jobs::ListPlace;
/// let word = "n.jobs.0.0.0.0.1";
/// let place: ListPlace = word.parse()?;
/// assert_eq!(place.to_string(), word);
/// assert!("page 2".parse::<ListPlace>().is_err());
/// # Ok::<(), jobs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListPlace {
    pub(crate) way: Way,
    /// `None`: from the list's beginning, or, on the way back, from its end.
    pub(crate) spot: Option<Spot>,
}

/// The direction in which a list is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    Onward,
    Back,
}

impl Way {
    /// The other direction.
    pub(crate) const fn turned(self) -> Self {
        match self {
            Self::Onward => Self::Back,
            Self::Back => Self::Onward,
        }
    }
}

/// The key of a job in the order of one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Spot {
    pub(crate) list: List,
    /// What stands before the id in the list's order: queue and priority; kind, queue and priority; or the due time in microseconds.
    pub(crate) lane: [i64; 3],
    /// The batch that holds it back.
    pub(crate) batch: u128,
    pub(crate) id: u128,
}

/// The rows that are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum List {
    /// All jobs, youngest first.
    Jobs,
    /// Ends of one exceptional sort, youngest job first.
    Outcomes,
    /// Running jobs, youngest first.
    Live,
    /// By due time, soonest first.
    Scheduled,
    /// By queue, in the order of claims.
    Ready,
    /// By kind and queue, in the order of claims.
    Parked,
    /// Jobs that wait for a parent, youngest first.
    Edges,
    /// By batch, youngest first.
    Held,
}

const WORDS: [(List, &str); 8] = [
    (List::Jobs, "jobs"),
    (List::Outcomes, "ends"),
    (List::Live, "live"),
    (List::Scheduled, "scheduled"),
    (List::Ready, "ready"),
    (List::Parked, "parked"),
    (List::Edges, "edges"),
    (List::Held, "held"),
];

impl fmt::Display for ListPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.way {
            Way::Onward => "n",
            Way::Back => "p",
        })?;
        let Some(Spot { list, lane: [a, b, c], batch, id }) = self.spot else { return Ok(()) };
        let word = WORDS.iter().find(|(known, _)| *known == list).map_or("jobs", |(_, word)| word);
        write!(f, ".{word}.{a}.{b}.{c}.{batch:x}.{id:x}")
    }
}

impl FromStr for ListPlace {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text).ok_or_else(|| {
            let shown: String = text.chars().take(80).collect();
            Error::config(format!(
                "`{shown}` is no place in a list of jobs; leave it out to read the list from its beginning"
            ))
        })
    }
}

fn parse(text: &str) -> Option<ListPlace> {
    let mut parts = text.split('.');
    let way = match parts.next()? {
        "n" => Way::Onward,
        "p" => Way::Back,
        _ => return None,
    };
    let Some(word) = parts.next() else { return Some(ListPlace { way, spot: None }) };
    let (list, _) = *WORDS.iter().find(|(_, known)| *known == word)?;
    let mut number = || parts.next()?.parse::<i64>().ok();
    let lane = [number()?, number()?, number()?];
    let mut id = || u128::from_str_radix(parts.next()?, 16).ok();
    let (batch, id) = (id()?, id()?);
    parts.next().is_none().then_some(ListPlace { way, spot: Some(Spot { list, lane, batch, id }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_comes_back_from_its_word() {
        for (list, _) in WORDS {
            for way in [Way::Onward, Way::Back] {
                let spot = Spot { list, lane: [i64::MIN, -5, i64::MAX], batch: u128::MAX, id: 1 << 100 };
                for spot in [None, Some(spot)] {
                    let place = ListPlace { way, spot };
                    let word = place.to_string();
                    assert_eq!(word.parse::<ListPlace>().ok(), Some(place), "{word}");
                    assert!(
                        word.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)),
                        "{word} needs no escapes"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_no_place_is_refused_with_a_remedy() {
        let long = "n".repeat(10_000);
        let bad = [
            "",
            "x",
            "n.",
            "n.jobs",
            "n.jobs.0.0.0.0",
            "n.jobs.0.0.0.0.0.0",
            "n.jobs.a.0.0.0.0",
            "n.jobs.0.0.0.0.g",
            "n.nothing.0.0.0.0.0",
            "n jobs",
            &long,
        ];
        for word in bad {
            let Err(error) = word.parse::<ListPlace>() else { panic!("`{word}` is no place") };
            let text = error.to_string();
            assert!(text.contains("leave it out") && text.len() < 250, "{text}");
        }
    }
}
