//! Queues and kinds at a glance: how many jobs stand where, what is paused, what waits longest, how much goes through and how long it
//! takes. Everything comes from totals, roll-ups and a few probes; no job is counted.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use jiff::Timestamp;

use super::Client;
use crate::{
    Histogram, Result, State,
    storage::{Grain, LineTotal, Measure, Pause, PauseTarget, ServerRecord, StatPoint},
};

/// How many jobs stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateCounts {
    /// They wait for their time.
    pub scheduled: i64,
    /// They wait for a parent or are held back by their batch.
    pub awaiting: i64,
    /// They may be claimed now.
    pub enqueued: i64,
    /// They are set aside, because their kind is paused or no live server can run it. Elsewhere they count as enqueued.
    pub parked: i64,
    /// A server runs them or is about to.
    pub processing: i64,
    /// They succeeded and are still kept.
    pub succeeded: i64,
    /// They failed for good and are still kept.
    pub failed: i64,
    /// They were deleted and are still kept.
    pub deleted: i64,
}

impl StateCounts {
    fn add(&mut self, total: &LineTotal) {
        let count = match total.state {
            State::Scheduled => &mut self.scheduled,
            State::Awaiting => &mut self.awaiting,
            State::Enqueued if total.parked => &mut self.parked,
            State::Enqueued => &mut self.enqueued,
            State::Processing => &mut self.processing,
            State::Succeeded => &mut self.succeeded,
            State::Failed => &mut self.failed,
            State::Deleted => &mut self.deleted,
        };
        *count += total.jobs;
    }
}

/// What went through within a span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Throughput {
    /// The beginning of the first minute, hour or day that is counted.
    pub since: Timestamp,
    /// By what clock it was read, and until when everything is counted.
    pub until: Timestamp,
    /// Jobs that were stored.
    pub created: i64,
    /// Jobs that ended well.
    pub succeeded: i64,
    /// Jobs that failed for good.
    pub failed: i64,
    /// Jobs that were deleted.
    pub deleted: i64,
    /// Attempts that are followed by another.
    pub retried: i64,
    /// Jobs that were put back after their server died.
    pub rescued: i64,
    /// From due to start.
    pub waits: Histogram,
    /// From start to end.
    pub runs: Histogram,
}

impl Throughput {
    fn add(&mut self, point: &StatPoint) {
        let count = match point.measure {
            Measure::Created => &mut self.created,
            Measure::Succeeded => &mut self.succeeded,
            Measure::Failed => &mut self.failed,
            Measure::Deleted => &mut self.deleted,
            Measure::Retried => &mut self.retried,
            Measure::Rescued => &mut self.rescued,
            Measure::Wait => return self.waits.add(point.bucket, point.count.unsigned_abs()),
            Measure::Run => return self.runs.add(point.bucket, point.count.unsigned_abs()),
            Measure::Stale => return,
        };
        *count += point.count;
    }
}

/// One queue at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueSummary {
    /// Its name.
    pub queue: String,
    /// How many jobs stand where.
    pub counts: StateCounts,
    /// The pause in force.
    pub pause: Option<Pause>,
    /// How long what is next has been due, by the database's clock: of the first jobs of its highest and its lowest priority the one
    /// that waits longer. `None` where nothing is runnable.
    pub oldest_wait: Option<Duration>,
    /// How many live servers read it.
    pub servers: usize,
    /// What went through.
    pub throughput: Throughput,
}

/// One kind at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KindSummary {
    /// Its name.
    pub kind: String,
    /// How many jobs stand where.
    pub counts: StateCounts,
    /// The pause in force.
    pub pause: Option<Pause>,
    /// How many live servers can run it.
    pub servers: usize,
    /// What went through.
    pub throughput: Throughput,
}

/// What all summaries are made of.
struct Glance {
    now: Timestamp,
    since: Timestamp,
    totals: Vec<LineTotal>,
    points: Vec<StatPoint>,
    pauses: Vec<Pause>,
    servers: Vec<ServerRecord>,
}

impl Client {
    /// All queues that hold jobs, are paused, are read by a live server, or had jobs within `span` until now; by name. `span` is
    /// rounded to whole minutes up to one hour, to hours up to two weeks, and to days beyond.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jobs::prelude::*;
    /// # #[job] async fn greet(name: String) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> jobs::Result<()> {
    /// # let dir = tempfile::tempdir().expect("a directory");
    /// # let url = format!("sqlite://{}", dir.path().join("shop.db").display());
    /// # let client = Client::connect(&url).await?;
    /// greet::enqueue("Ada").queue("mail").on(&client).await?;
    /// let queues = client.queues(Duration::from_secs(300)).await?;
    /// assert_eq!((queues[0].queue.as_str(), queues[0].counts.enqueued), ("mail", 1));
    /// assert!(queues[0].oldest_wait.is_some() && queues[0].servers == 0);
    /// # Ok(()) }
    /// ```
    pub async fn queues(&self, span: Duration) -> Result<Vec<QueueSummary>> {
        let glance = self.glance(span).await?;
        let waits: HashMap<String, Duration> = self.waits().await?.into_iter().collect();
        Ok(queues(&glance, &waits))
    }

    /// How long what is next has been due, of each queue that holds runnable jobs: what [`QueueSummary::oldest_wait`] tells, without the rest.
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn waits(&self) -> Result<Vec<(String, Duration)>> {
        self.storage().queue_waits().await
    }

    /// All kinds that have jobs, are paused, can be run by a live server, or had jobs within `span` until now; by name. `span` is
    /// rounded as by [`queues`](Self::queues).
    ///
    /// # Errors
    /// What the engine says when it cannot read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn kinds(&self, span: Duration) -> Result<Vec<KindSummary>> {
        Ok(kinds(&self.glance(span).await?))
    }

    async fn glance(&self, span: Duration) -> Result<Glance> {
        let storage = self.storage();
        let now = storage.now().await?;
        let (grain, unit) = grain(span);
        let since = now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH).as_microsecond();
        let since = since.max(0) - since.max(0).rem_euclid(unit);
        let since = Timestamp::from_microsecond(since).unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Glance {
            now,
            since,
            totals: storage.line_totals().await?,
            points: storage.stat_sums(grain, since).await?,
            pauses: storage.pauses().await?,
            servers: storage.server_list().await?,
        })
    }
}

/// How fine the statistics of so long a span are, and that in microseconds. Minutes are kept for 75 minutes and hours for 15 days.
fn grain(span: Duration) -> (Grain, i64) {
    const MINUTE: i64 = 60_000_000;
    match span.as_secs() {
        0..=3_600 => (Grain::Minute, MINUTE),
        3_601..=1_209_600 => (Grain::Hour, 60 * MINUTE),
        _ => (Grain::Day, 24 * 60 * MINUTE),
    }
}

/// By what lines are put together.
#[derive(Clone, Copy)]
enum Axis {
    Queue,
    Kind,
}

impl Axis {
    fn of<'l>(self, queue: &'l str, kind: &'l str) -> &'l str {
        match self {
            Self::Queue => queue,
            Self::Kind => kind,
        }
    }

    /// What a server serves.
    fn served(self, server: &ServerRecord) -> &[String] {
        match self {
            Self::Queue => &server.info.queues,
            Self::Kind => &server.kinds,
        }
    }

    fn paused(self, pause: &Pause) -> Option<&str> {
        match (self, &pause.target) {
            (Self::Queue, PauseTarget::Queue(name)) | (Self::Kind, PauseTarget::Kind(name)) => Some(name),
            _ => None,
        }
    }
}

/// What is known of one name.
struct Known<'g> {
    counts: StateCounts,
    throughput: Throughput,
    pause: Option<&'g Pause>,
    servers: usize,
}

fn known(glance: &Glance, axis: Axis) -> BTreeMap<&str, Known<'_>> {
    let nothing = || Known {
        counts: StateCounts::default(),
        throughput: Throughput { since: glance.since, until: glance.now, ..Throughput::default() },
        pause: None,
        servers: 0,
    };
    let mut known = BTreeMap::new();
    for total in &glance.totals {
        known.entry(axis.of(&total.queue, &total.kind)).or_insert_with(nothing).counts.add(total);
    }
    for point in &glance.points {
        known.entry(axis.of(&point.queue, &point.kind)).or_insert_with(nothing).throughput.add(point);
    }
    for pause in &glance.pauses {
        if let Some(name) = axis.paused(pause) {
            known.entry(name).or_insert_with(nothing).pause = Some(pause);
        }
    }
    for name in glance.servers.iter().filter(|server| server.alive).flat_map(|server| axis.served(server)) {
        known.entry(name).or_insert_with(nothing).servers += 1;
    }
    known
}

fn queues(glance: &Glance, waits: &HashMap<String, Duration>) -> Vec<QueueSummary> {
    let queues = known(glance, Axis::Queue).into_iter().map(|(queue, known)| QueueSummary {
        queue: queue.to_owned(),
        counts: known.counts,
        pause: known.pause.cloned(),
        oldest_wait: waits.get(queue).copied(),
        servers: known.servers,
        throughput: known.throughput,
    });
    queues.collect()
}

fn kinds(glance: &Glance) -> Vec<KindSummary> {
    let kinds = known(glance, Axis::Kind).into_iter().map(|(kind, known)| KindSummary {
        kind: kind.to_owned(),
        counts: known.counts,
        pause: known.pause.cloned(),
        servers: known.servers,
        throughput: known.throughput,
    });
    kinds.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ServerId,
        storage::{Orders, ServerInfo},
    };

    fn server(queues: &[&str], kinds: &[&str], alive: bool) -> ServerRecord {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let info = ServerInfo {
            name: "host:1".into(),
            version: "1.2.3".into(),
            queues: names(queues),
            workers: 8,
            running: 0,
            lost: 0,
            stopping: false,
        };
        let at = Timestamp::UNIX_EPOCH;
        ServerRecord {
            id: ServerId::new(),
            info,
            kinds: names(kinds),
            started_at: at,
            beat_at: at,
            lease_until: at,
            alive,
            recurring: Vec::new(),
            pause: None,
            orders: Orders::default(),
        }
    }

    fn glance() -> Glance {
        let total = |queue: &str, kind: &str, state, parked, jobs| LineTotal {
            queue: queue.into(),
            kind: kind.into(),
            state,
            parked,
            jobs,
        };
        let point = |queue: &str, kind: &str, measure, bucket, count| StatPoint {
            at: Timestamp::UNIX_EPOCH,
            queue: queue.into(),
            kind: kind.into(),
            measure,
            bucket,
            count,
        };
        let pause = Pause {
            target: PauseTarget::Queue("idle".into()),
            reason: "moving".into(),
            since: Timestamp::UNIX_EPOCH,
            until: None,
        };
        Glance {
            now: Timestamp::UNIX_EPOCH,
            since: Timestamp::UNIX_EPOCH,
            totals: vec![
                total("a", "mail", State::Enqueued, false, 3),
                total("a", "mail", State::Enqueued, true, 2),
                total("a", "report", State::Failed, false, 1),
                total("b", "mail", State::Processing, false, 7),
            ],
            points: vec![
                point("a", "mail", Measure::Succeeded, 0, 5),
                point("b", "mail", Measure::Succeeded, 0, 6),
                point("a", "mail", Measure::Run, 4, 5),
                point("gone", "mail", Measure::Created, 0, 1),
            ],
            pauses: vec![pause],
            servers: vec![
                server(&["a", "fresh"], &["mail"], true),
                server(&["a"], &["mail"], true),
                server(&["b"], &["x"], false),
            ],
        }
    }

    #[test]
    fn queues_are_put_together_over_their_kinds() {
        let waits = HashMap::from([("a".to_owned(), Duration::from_secs(9))]);
        let queues = queues(&glance(), &waits);
        let names: Vec<_> = queues.iter().map(|queue| queue.queue.as_str()).collect();
        assert_eq!(names, ["a", "b", "fresh", "gone", "idle"]);
        let a = &queues[0];
        assert_eq!((a.counts.enqueued, a.counts.parked, a.counts.failed), (3, 2, 1));
        assert_eq!((a.servers, a.oldest_wait, a.throughput.succeeded), (2, Some(Duration::from_secs(9)), 5));
        assert_eq!((queues[1].servers, queues[1].oldest_wait, queues[1].counts.processing), (0, None, 7));
        assert_eq!((queues[2].servers, queues[3].throughput.created), (1, 1));
        assert_eq!(queues[4].pause.as_ref().map(|pause| pause.reason.as_str()), Some("moving"));
    }

    #[test]
    fn kinds_are_put_together_over_their_queues() {
        let kinds = kinds(&glance());
        let names: Vec<_> = kinds.iter().map(|kind| kind.kind.as_str()).collect();
        assert_eq!(names, ["mail", "report"], "a dead server's kinds are nobody's");
        let mail = &kinds[0];
        assert_eq!((mail.counts.enqueued, mail.counts.processing, mail.servers), (3, 7, 2));
        assert_eq!((mail.throughput.succeeded, mail.throughput.runs.count()), (11, 5));
        assert!(mail.throughput.runs.quantile(0.5).is_some_and(|run| (8..16).contains(&run.as_millis())));
    }

    #[test]
    fn a_span_is_read_as_finely_as_it_is_kept() {
        let cases = [
            (300, Grain::Minute),
            (3_600, Grain::Minute),
            (3_601, Grain::Hour),
            (1_209_600, Grain::Hour),
            (u64::MAX, Grain::Day),
        ];
        for (seconds, expected) in cases {
            assert_eq!(grain(Duration::from_secs(seconds)).0, expected, "{seconds} s");
        }
    }
}
