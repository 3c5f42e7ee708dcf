//! What all visitors see, read once for all of them: the totals, the servers, the statistics. And the stream that tells their
//! browsers what has changed.

mod cached;
mod pulse;
mod readings;
mod recent;
mod stream;
mod ticker;

#[cfg(test)]
mod tests;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::{BoxFuture, Shared};
use jiff::{SignedDuration, Timestamp};
use jobs_runtime::{
    Client, KindSummary, QueueSummary,
    storage::{Grain, SchemaVersion, StatPoint},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use self::{cached::Cached, readings::Readings};
pub(crate) use self::{
    pulse::{Pulse, length},
    recent::{Ends, Recent, SECONDS},
    stream::stream,
};
use crate::{page::part::Topic, web::Fault};

/// Done when the web server stops.
pub(crate) type Until = Shared<BoxFuture<'static, ()>>;

/// So old may the totals on a page be.
const PULSE_AGE: Duration = Duration::from_millis(900);
/// So old may the statistics on a page be.
const STATS_AGE: Duration = Duration::from_secs(5);
/// So old may those of more than an hour be while newer ones are read.
const STATS_MOST: Duration = Duration::from_secs(600);
/// So old may the summaries of queues and kinds on a page be.
const SUMMARY_AGE: Duration = Duration::from_secs(2);
/// So long ago may the version of the tables have been looked at.
const TABLES_AGE: Duration = Duration::from_secs(2);
/// So far back the summary of a queue counts what went through.
const QUEUE_SPAN: Duration = Duration::from_secs(3_600);
/// The same of a kind.
const KIND_SPAN: Duration = Duration::from_secs(86_400);
/// So many streams are open at once, of all visitors together.
const STREAMS: usize = 64;

/// How far back a chart goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Range {
    #[default]
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Range {
    pub(crate) const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// Its word in links.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Year => "1y",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.word() == word)
    }

    /// How finely the statistics are read, how many seconds one point has, and how many points there are.
    fn points(self) -> (Grain, i64, i64) {
        match self {
            Self::Hour => (Grain::Minute, 60, 60),
            Self::Day => (Grain::Hour, 3_600, 24),
            Self::Week => (Grain::Hour, 3_600, 168),
            Self::Month => (Grain::Day, 86_400, 30),
            Self::Year => (Grain::Day, 86_400, 365),
        }
    }

    /// How many seconds one point has.
    pub(crate) fn step_seconds(self) -> i64 {
        self.points().1
    }

    /// The beginnings of its points, the oldest first; the last is the one that is not over yet.
    pub(crate) fn times(self, now: Timestamp) -> Vec<Timestamp> {
        let (_, step, points) = self.points();
        let last = now.as_second().div_euclid(step) * step;
        // Years before the calendar begins have no points.
        (0..points).rev().filter_map(|back| Timestamp::from_second(last - back * step).ok()).collect()
    }

    /// The point that an instant belongs to, counted from the beginning; `None` where it is outside.
    pub(crate) fn index(self, times: &[Timestamp], at: Timestamp) -> Option<usize> {
        let (_, step, _) = self.points();
        let since = at.duration_since(*times.first()?);
        if since < SignedDuration::ZERO {
            return None;
        }
        usize::try_from(since.as_secs() / step).ok().filter(|index| *index < times.len())
    }
}

/// What all visitors share.
pub(crate) struct Live(Arc<Inner>);

struct Inner {
    client: Client,
    until: Until,
    pulse: Cached<Pulse>,
    tables: Cached<SchemaVersion>,
    stats: [Arc<Cached<Vec<StatPoint>>>; Range::ALL.len()],
    day: Cached<Vec<StatPoint>>,
    waits: Cached<Vec<(String, Duration)>>,
    queues: Cached<Vec<QueueSummary>>,
    kinds: Cached<Vec<KindSummary>>,
    readings: Readings,
    feed: watch::Sender<Beat>,
    ticks: AtomicBool,
    /// Somebody has acted since the last beat, which may have changed what no total tells.
    is_acted: AtomicBool,
    places: Arc<Semaphore>,
}

/// What the streams are told.
#[derive(Clone, Default)]
struct Beat {
    pulse: Option<Arc<Pulse>>,
    recent: Arc<Recent>,
    /// For each topic that is told, a number that grows with each change.
    versions: [u64; Topic::TOLD.len()],
    /// The database did not answer.
    is_lost: bool,
}

impl Live {
    pub(crate) fn new(client: Client, until: Until) -> Self {
        Self(Arc::new(Inner {
            client,
            until,
            pulse: Cached::default(),
            tables: Cached::default(),
            stats: Default::default(),
            day: Cached::default(),
            waits: Cached::default(),
            queues: Cached::default(),
            kinds: Cached::default(),
            readings: Readings::default(),
            feed: watch::Sender::default(),
            ticks: AtomicBool::new(false),
            is_acted: AtomicBool::new(false),
            places: Arc::new(Semaphore::new(STREAMS)),
        }))
    }

    /// The totals and the servers as they are now, or were a moment ago.
    pub(crate) async fn pulse(&self) -> Result<Arc<Pulse>, Fault> {
        self.0.pulse().await
    }

    /// What ended in a range until now, by queue and kind.
    pub(crate) async fn stats(&self, range: Range, now: Timestamp) -> Result<Arc<Vec<StatPoint>>, Fault> {
        let (grain, ..) = range.points();
        let since = range.times(now).first().copied().unwrap_or(now);
        let (client, cached) = (self.0.client.clone(), &self.0.stats[range as usize]);
        let read = async move { client.counts(grain, since).await };
        match range {
            Range::Hour => cached.get(STATS_AGE, read).await,
            // Of days and more only the last point changes.
            _ => cached.get_or_old(STATS_AGE, STATS_MOST, read).await,
        }
    }

    /// The statistics of the last 24 hours, added up.
    pub(crate) async fn day(&self, now: Timestamp) -> Result<Arc<Vec<StatPoint>>, Fault> {
        let (grain, ..) = Range::Day.points();
        let since = Range::Day.times(now).first().copied().unwrap_or(now);
        self.0.day.get(STATS_AGE, self.0.client.sums(grain, since)).await
    }

    /// How long what is next in each queue has been due.
    pub(crate) async fn waits(&self) -> Result<Arc<Vec<(String, Duration)>>, Fault> {
        self.0.waits.get(SUMMARY_AGE, self.0.client.waits()).await
    }

    /// All queues, with what went through in the last hour.
    pub(crate) async fn queues(&self) -> Result<Arc<Vec<QueueSummary>>, Fault> {
        self.0.queues.get(SUMMARY_AGE, self.0.client.queues(QUEUE_SPAN)).await
    }

    /// All kinds, with what went through in the last 24 hours.
    pub(crate) async fn kinds(&self) -> Result<Arc<Vec<KindSummary>>, Fault> {
        self.0.kinds.get(SUMMARY_AGE, self.0.client.kinds(KIND_SPAN)).await
    }

    /// What a page shows beside that: read for all who ask for the same, as often as it changes. `asked` tells it apart from everything
    /// else; what only some visitors may see must not be in it, or be told by it.
    pub(crate) async fn reading<T>(
        &self,
        asked: String,
        read: impl Future<Output = jobs_runtime::Result<T>>,
    ) -> Result<Arc<T>, Fault>
    where
        T: Send + Sync + 'static,
    {
        self.0.readings.get(asked, read).await
    }

    /// What is wrong with the tables, where that is the fault.
    pub(crate) async fn examined(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Tables(None) => Fault::Tables(self.0.tables().await.ok().map(|tables| *tables)),
            fault => fault,
        }
    }

    /// Somebody has acted: what is shown next is read anew.
    pub(crate) async fn forget(&self) {
        let Inner { pulse, waits, queues, kinds, readings, .. } = &*self.0;
        self.0.is_acted.store(true, Ordering::Relaxed);
        readings.forget();
        pulse.forget().await;
        waits.forget().await;
        queues.forget().await;
        kinds.forget().await;
    }

    /// For each topic that is told, a number that grows with each change: those of the last beat.
    pub(crate) fn versions(&self) -> [u64; Topic::TOLD.len()] {
        self.0.feed.borrow().versions
    }

    /// What has ended in the last minute, as far as somebody watched.
    pub(crate) fn recent(&self) -> Arc<Recent> {
        self.0.feed.borrow().recent.clone()
    }

    /// A place in the feed, while there is one.
    fn subscribe(&self) -> Option<Place> {
        let permit = self.0.places.clone().try_acquire_owned().ok()?;
        let mut feed = self.0.feed.subscribe();
        feed.mark_changed();
        if !self.0.ticks.swap(true, Ordering::SeqCst) {
            self.0.readings.keep(true);
            tokio::spawn(ticker::run(self.0.clone()));
        }
        Some(Place { feed, until: self.0.until.clone(), _permit: permit })
    }
}

impl Inner {
    async fn tables(&self) -> Result<Arc<SchemaVersion>, Fault> {
        self.tables.get(TABLES_AGE, self.client.schema()).await
    }

    async fn pulse(&self) -> Result<Arc<Pulse>, Fault> {
        let tables = self.tables().await?;
        if tables.is_older() {
            return Err(Fault::Tables(Some(*tables)));
        }
        self.pulse.get(PULSE_AGE, Pulse::read(&self.client)).await
    }

    /// Reads, and tells the streams. Whoever hears of a beat must see what it tells of, however shortly before it something was read.
    async fn beat(&self) {
        let read = self.pulse().await;
        self.readings.forget();
        if let Ok(pulse) = &read
            && self.feed.borrow().pulse.as_ref().is_some_and(|before| before.has_other_totals(pulse))
        {
            self.waits.forget().await;
            self.queues.forget().await;
            self.kinds.forget().await;
            self.day.forget().await;
            self.stats[Range::Hour as usize].forget().await;
        }
        self.feed.send_modify(|beat| match read {
            Err(_) => beat.is_lost = true,
            Ok(pulse) => {
                if let Some(before) = &beat.pulse {
                    beat.versions[0] += u64::from(before.has_other_totals(&pulse));
                    beat.versions[1] += u64::from(before.has_other_servers(&pulse));
                }
                beat.versions[0] += u64::from(self.is_acted.swap(false, Ordering::Relaxed));
                beat.is_lost = false;
                beat.recent = Arc::new(beat.recent.and(Timestamp::now(), &pulse));
                beat.pulse = Some(pulse);
            }
        });
    }

    /// Whether nobody listens any more; then the ticker ends.
    fn is_over(&self) -> bool {
        if self.feed.receiver_count() > 0 {
            return false;
        }
        self.readings.keep(false);
        self.ticks.store(false, Ordering::SeqCst);
        // Somebody may have come between the two lines, and have seen that it still ticks.
        if self.feed.receiver_count() == 0 || self.ticks.swap(true, Ordering::SeqCst) {
            return true;
        }
        self.readings.keep(true);
        false
    }
}

/// One stream's place.
struct Place {
    feed: watch::Receiver<Beat>,
    until: Until,
    _permit: OwnedSemaphorePermit,
}
