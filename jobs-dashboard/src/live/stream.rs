//! The stream of what has changed, for one browser.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::stream;
use jiff::Timestamp;
use serde::Serialize;

use super::{Beat, Ends, Place};
use crate::{
    page::{self, part::Topic},
    shared::Shared,
    web::{Fault, Visit},
};

/// After so long a stream ends, and the browser opens another: so that whoever is no longer let in is cut off.
const AGE: Duration = Duration::from_secs(600);
/// A proxy that sees nothing for longer may cut the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Where nothing changes, a browser still hears so often that all is well.
const SILENCE: Duration = Duration::from_secs(10);

/// What a browser is told.
#[derive(Serialize)]
struct Message {
    state: &'static str,
    /// Counts of the navigation, as they are written.
    counts: BTreeMap<&'static str, String>,
    /// For each topic a number that grows with each change. A page knows those of the moment before it was read.
    versions: [u64; Topic::TOLD.len()],
    now: Now,
}

/// What ended in the last seconds.
#[derive(Serialize)]
struct Now {
    /// The second that is now.
    at: i64,
    /// The seconds in which something ended since the last message, the last that it told among them.
    ended: Vec<(i64, Ends)>,
}

struct Listener {
    place: Place,
    visit: Visit,
    opened: Instant,
    told: Option<(Instant, Beat)>,
}

/// Opens a stream.
pub(crate) async fn stream(State(shared): State<Shared>, visit: Visit) -> Result<Response, Fault> {
    let place = shared.live.subscribe().ok_or(Fault::Busy)?;
    let listener = Listener { place, visit, opened: Instant::now(), told: None };
    let events = stream::unfold(listener, async |mut listener| {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let answer = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok(([("x-accel-buffering", "no")], answer).into_response())
}

impl Listener {
    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                biased;
                () = self.place.until.clone() => return None,
                changed = self.place.feed.changed() => changed.ok()?,
            }
            if self.opened.elapsed() > AGE {
                return None;
            }
            let beat = self.place.feed.borrow_and_update().clone();
            let is_known = match &self.told {
                Some((at, told)) => {
                    told.versions == beat.versions && told.is_lost == beat.is_lost && at.elapsed() < SILENCE
                }
                // Before the first reading there is nothing to tell.
                None => beat.pulse.is_none() && !beat.is_lost,
            };
            if !is_known {
                let message = self.message(&beat, Timestamp::now());
                self.told = Some((Instant::now(), beat));
                // Our own words and numbers always have a JSON form.
                return Some(Event::default().event("pulse").data(serde_json::to_string(&message).unwrap_or_default()));
            }
        }
    }

    fn message(&self, beat: &Beat, now: Timestamp) -> Message {
        let told = self.told.as_ref().and_then(|(_, told)| told.recent.newest()).unwrap_or(i64::MIN);
        let gate = &self.visit.gate;
        let counts = page::Place::ALL.iter().filter_map(|place| beat.pulse.as_ref()?.count(*place, gate));
        Message {
            state: if beat.is_lost { "lost" } else { "on" },
            counts: counts.map(|(name, count)| (name, self.visit.lang.count(count))).collect(),
            versions: beat.versions,
            now: Now { at: now.as_second(), ended: beat.recent.since(told, gate) },
        }
    }
}
